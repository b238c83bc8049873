import { FieldReason } from '../../kubernetes/field-reason';

const OPERATOR = 'https://prometheus-operator.dev/docs/api-reference/api/';
const AZURE = 'https://learn.microsoft.com/azure/azure-monitor/containers/prometheus-metrics-scrape-crd';

/** Reasons for what has metrics scraped, and for alerts. */
export const MONITORING_REASONS: FieldReason[] = [
  {
    fields: [
      '{ServiceMonitor,PodMonitoring}.spec.endpoints.{port,path,interval}',
      'PodMonitor.spec.podMetricsEndpoints.{port,path,interval}',
    ],
    why: 'Metrics of the library have a port of their own, which no Service has and no route reaches. The path and the interval of your own metrics are those that you gave.',
    source: 'docs/metrics.md',
  },
  {
    fields: [
      'Probe.spec.{jobName,module,interval}',
      'Probe.spec.prober.url',
      'Probe.spec.targets.staticConfig.{static,labels.namespace}',
    ],
    why: 'The blackbox exporter that you named asks for the page of the first public host each minute. The answers have the namespace and a job of their own, by which the alert finds them.',
    source: 'docs/guide/8-health.md',
  },
  {
    fields: ['PodMonitor.spec.jobLabel'],
    why: 'The job is called after the application, as with a Service. So queries are the same on every platform.',
    source: OPERATOR,
    values: ['app.kubernetes.io/instance'],
  },
  {
    fields: ['{PodMonitor,ServiceMonitor}.spec.labelLimit'],
    why: 'Azure Monitor drops a series with more labels. The number is the one of its example.',
    source: AZURE,
    values: [63],
  },
  {
    fields: ['{PodMonitor,ServiceMonitor}.spec.{labelNameLengthLimit,labelValueLengthLimit}'],
    why: 'Azure Monitor drops a series whose labels are longer. The numbers are those of its example.',
    source: AZURE,
  },
  {
    fields: ['{PodMonitor,ServiceMonitor,PrometheusRule,Probe}.metadata.labels.*'],
    why: 'The recommended labels, and those that you gave `PrometheusOperator`, by which the operator selects.',
    source: OPERATOR,
  },
];
