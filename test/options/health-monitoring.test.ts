import { Duration } from 'cdk8s';
import { DjangoApp, HealthMonitoring, HealthMonitoringProps } from 'cdk8s-django';
import { refused, row as plainRow, rowOnEach as plainRowOnEach, testOptions } from '../support/options';
import { django, find, webContainer } from '../support/synth';

type Props = HealthMonitoringProps;
const row: typeof plainRow<Props> = plainRow;
const rowOnEach: typeof plainRowOnEach<Props> = plainRowOnEach;

const PROBE = {
  path: '/own',
  period: Duration.seconds(7),
  timeout: Duration.seconds(3),
  failureThreshold: 9,
};
const probe = (name: string) => (manifests: any[]) => {
  const { httpGet, periodSeconds, timeoutSeconds, failureThreshold } = webContainer(manifests)[name];
  return [httpGet.path, periodSeconds, timeoutSeconds, failureThreshold];
};
const ENDPOINT = { path: '/numbers', interval: '9s' };
const OF_LIBRARY = { path: '/metrics', interval: '9s' };

const monitor = (manifests: any[]) => {
  const found = manifests.find(({ kind }) =>
    ['PodMonitoring', 'PodMonitor', 'ServiceMonitor'].includes(kind),
  );
  const [{ path, interval }] = found.spec.endpoints ?? found.spec.podMetricsEndpoints;
  return [`${found.apiVersion} ${found.kind}`, { path, interval }];
};

const RULES: Props['slo'] = { availability: 0.995 };
const rules = (manifests: any[]) => {
  const found = manifests.find(({ kind }) => ['Rules', 'PrometheusRule'].includes(kind));
  // Of azure-rules.txt: test/health-monitoring/rules.test.ts.
  if (!found) return manifests.some(({ kind }) => kind === 'PodMonitor') ? 'outside the cluster' : undefined;
  const [{ rules }] = found.spec.groups;
  return [
    found.kind,
    rules.find(({ alert }: any) => alert === 'DjangoErrorBudgetBurnsFast').expr.includes('0.995'),
  ];
};

const dashboard = (manifests: any[]) => {
  const found = manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.includes('dashboard'),
  );
  // Of Google Cloud Monitoring: test/health-monitoring/dashboard.test.ts.
  if (!found)
    return manifests.some(({ kind }) => kind === 'PodMonitoring') ? 'outside the cluster' : undefined;
  const [label] = Object.keys(found.metadata.labels).filter((name) => name.includes('dashboard'));
  return [`${found.metadata.namespace}/${found.metadata.name}`, label];
};

const CHECK = {
  jobName: 'polls-public',
  module: 'http_2xx',
  interval: '60s',
  prober: { url: 'blackbox-exporter.monitoring:9115' },
  targets: { staticConfig: { static: ['https://polls.example.com/about'], labels: { namespace: 'polls' } } },
};
const noProbes = (name: string) =>
  refused(
    'polls/Health: syntheticCheck {"prober":"blackbox-exporter.monitoring:9115"} has nobody who makes it: no ' +
      `Prometheus operator looks at Probes on ${name}. Leave it out, and make a check of the platform's own: an ` +
      'uptime check of Google Cloud, or an availability test of Application Insights. With an operator of your own ' +
      'give the distribution monitoring: new PrometheusOperator().',
  );

testOptions<Props>(
  (chart, { app = django(chart), ...changes }) => new HealthMonitoring(chart, 'Health', { app, ...changes }),
  {
    app: [
      row(
        (chart) => {
          const app: DjangoApp = django(chart, { name: 'shop' });
          return { app, liveness: PROBE };
        },
        (manifests) =>
          find(manifests, 'Deployment', 'shop').spec.template.spec.containers[0].livenessProbe.httpGet.path,
        '/own',
      ),
    ],
    startup: [row({ startup: PROBE }, probe('startupProbe'), ['/own', 7, 3, 9])],
    readiness: [row({ readiness: PROBE }, probe('readinessProbe'), ['/own', 7, 3, 9])],
    liveness: [row({ liveness: PROBE }, probe('livenessProbe'), ['/own', 7, 3, 9])],
    metrics: [
      rowOnEach({ metrics: { path: '/numbers', interval: Duration.seconds(9) } }, monitor, {
        gke: ['monitoring.googleapis.com/v1 PodMonitoring', ENDPOINT],
        eks: ['monitoring.coreos.com/v1 ServiceMonitor', ENDPOINT],
        aks: ['azmonitoring.coreos.com/v1 ServiceMonitor', ENDPOINT],
        openshift: ['monitoring.coreos.com/v1 ServiceMonitor', ENDPOINT],
        upstream: ['monitoring.coreos.com/v1 ServiceMonitor', ENDPOINT],
      }),
      rowOnEach({ metrics: { interval: Duration.seconds(9) } }, monitor, {
        gke: ['monitoring.googleapis.com/v1 PodMonitoring', OF_LIBRARY],
        eks: ['monitoring.coreos.com/v1 PodMonitor', OF_LIBRARY],
        aks: ['azmonitoring.coreos.com/v1 PodMonitor', OF_LIBRARY],
        openshift: ['monitoring.coreos.com/v1 PodMonitor', OF_LIBRARY],
        upstream: ['monitoring.coreos.com/v1 PodMonitor', OF_LIBRARY],
      }),
    ],
    telemetry: [
      row(
        { telemetry: { endpoint: 'https://192.0.2.7', ratio: 0.1 } },
        (manifests) => {
          const value = (wanted: string) =>
            webContainer(manifests).env.find(({ name }: any) => name === wanted).value;
          return [value('OTEL_EXPORTER_OTLP_ENDPOINT'), value('OTEL_TRACES_SAMPLER_ARG')];
        },
        ['https://192.0.2.7', '0.1'],
      ),
    ],
    slo: [
      rowOnEach({ metrics: {}, slo: RULES }, rules, {
        gke: ['Rules', true],
        eks: ['PrometheusRule', true],
        aks: 'outside the cluster',
        openshift: ['PrometheusRule', true],
        upstream: ['PrometheusRule', true],
      }),
    ],
    syntheticCheck: [
      rowOnEach(
        (chart) => {
          const app: DjangoApp = django(chart);
          app.addHost('polls.example.com');
          return { app, syntheticCheck: { prober: 'blackbox-exporter.monitoring:9115', path: '/about' } };
        },
        (manifests) => find(manifests, 'Probe', 'polls-public').spec,
        {
          gke: noProbes('gke'),
          eks: CHECK,
          aks: noProbes('aks'),
          openshift: CHECK,
          upstream: CHECK,
        },
      ),
    ],
    dashboard: [
      rowOnEach({ metrics: {}, dashboard: true }, dashboard, {
        gke: 'outside the cluster',
        eks: ['polls/polls-dashboard', 'grafana_dashboard'],
        aks: ['polls/polls-dashboard', 'grafana_dashboard'],
        openshift: ['openshift-config-managed/dashboard-polls.polls', 'console.openshift.io/dashboard'],
        upstream: ['polls/polls-dashboard', 'grafana_dashboard'],
      }),
    ],
  },
);
