import { Duration } from 'cdk8s';
import { DjangoApp, HealthMonitoring, HealthMonitoringProps } from 'cdk8s-django';
import { row as plainRow, rowOnEach as plainRowOnEach, testOptions } from '../support/options';
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

const monitor = (manifests: any[]) => {
  const found = manifests.find(({ kind }) => ['PodMonitoring', 'ServiceMonitor'].includes(kind));
  const [{ path, interval }] = found.spec.endpoints;
  return [`${found.apiVersion} ${found.kind}`, { path, interval }];
};

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
    ],
  },
);
