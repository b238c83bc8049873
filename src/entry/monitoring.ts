export { GoogleManagedPrometheus } from '../capabilities/monitoring/pod-monitoring';
export {
  AzureManagedPrometheus,
  PrometheusOperator,
  type PrometheusOperatorProps,
} from '../capabilities/monitoring/service-monitor';
export { type Telemetry } from '../django-app/telemetry-props';
