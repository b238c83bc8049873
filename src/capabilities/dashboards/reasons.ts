import { FieldReason } from '../../kubernetes/field-reason';

const GRAFANA = 'https://grafana.github.io/grafana-operator/docs/dashboards/';

/** Reasons for dashboards. */
export const DASHBOARD_REASONS: FieldReason[] = [
  {
    fields: ['GrafanaDashboard.spec.{instanceSelector.matchLabels.*,folder}'],
    why: 'You gave the labels of the Grafana that shows the dashboard, and its folder.',
    source: GRAFANA,
  },
  {
    fields: ['GrafanaDashboard.spec.allowCrossNamespaceImport'],
    why: 'Grafana usually runs in another namespace than the application.',
    source: GRAFANA,
    values: [true],
  },
  {
    fields: ['GrafanaDashboard.spec.json'],
    why: 'It is the dashboard of the application, in the form of Grafana. Its panels are the same on every platform.',
    source: 'docs/metrics.md',
  },
  {
    fields: ['ConfigMap.metadata.labels.*'],
    why: 'The recommended labels. By others, the console of OpenShift or the sidecar of Grafana finds ConfigMaps that are dashboards.',
    source: 'https://github.com/openshift/monitoring-plugin',
  },
];
