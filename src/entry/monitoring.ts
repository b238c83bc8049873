export { GoogleManagedPrometheus } from '../capabilities/monitoring/pod-monitoring';
export {
  AzureManagedPrometheus,
  PrometheusOperator,
  type PrometheusOperatorProps,
} from '../capabilities/monitoring/service-monitor';
export { type ServerMetrics } from '../workloads/exporter';
export { type SyntheticCheck } from '../health-monitoring/synthetic-check';
export { type Telemetry } from '../django-app/telemetry-props';
