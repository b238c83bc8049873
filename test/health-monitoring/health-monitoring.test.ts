import { Chart, Duration } from 'cdk8s';
import {
  DjangoAppProps,
  HealthMonitoring,
  HealthMonitoringProps,
  Metrics,
  VolumeAccessMode,
} from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, find, synth, webContainer } from '../support/synth';

const LABELS = {
  'app.kubernetes.io/name': 'polls',
  'app.kubernetes.io/instance': 'polls',
  'app.kubernetes.io/component': 'web',
};

const monitored = (changes: Partial<DjangoAppProps>, props: Partial<HealthMonitoringProps> = {}) =>
  synth((chart) => new HealthMonitoring(chart, 'Health', { app: django(chart, changes), ...props }));

const budgets = (manifests: any[]) => manifests.filter(({ kind }) => kind === 'PodDisruptionBudget');

describe('the disruption budget', () => {
  const WITH: [Partial<DjangoAppProps>][] = [
    [{}],
    [{ replicas: 2 }],
    [{ scaling: { minReplicas: 2, maxReplicas: 3 } }],
    // However many there are now, a drain takes one after the other. It takes a single one too.
    [{ scaling: { minReplicas: 1, maxReplicas: 9 } }],
  ];
  it.each(WITH)('is made with %j, and lets one replica go at a time', (changes) => {
    const [budget, ...others] = budgets(monitored(changes));
    expect(others).toEqual([]);
    expect(budget.metadata.name).toBe('polls');
    expect(budget.spec).toEqual({
      selector: { matchLabels: LABELS },
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  const WITHOUT: [Partial<DjangoAppProps>][] = [
    [{ replicas: 1 }],
    [{ media: { mountPath: '/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE } }],
  ];
  it.each(WITHOUT)('is not made with %j: it would say nothing', (changes) => {
    const manifests = monitored(changes);
    expect(find(manifests, 'Deployment', 'polls')).toBeDefined();
    expect(budgets(manifests)).toEqual([]);
  });
});

describe('HealthMonitoring with all props', () => {
  /** Every prop at once, so that a new one has to be added here. */
  const metrics: Required<Metrics> = { path: '/internal/metrics', interval: Duration.seconds(15) };
  const allProps = (
    chart: Chart,
  ): Required<Omit<HealthMonitoringProps, 'slo' | 'dashboard' | 'syntheticCheck'>> => ({
    app: django(chart),
    startup: { path: '/a', period: Duration.seconds(1), timeout: Duration.seconds(2), failureThreshold: 3 },
    readiness: { path: '/b', period: Duration.seconds(4), timeout: Duration.seconds(5), failureThreshold: 6 },
    liveness: { path: '/c', period: Duration.seconds(7), timeout: Duration.seconds(8), failureThreshold: 9 },
    metrics,
    telemetry: { endpoint: 'https://192.0.2.7', headers: { secretName: 'otlp', key: 'headers' }, ratio: 0.5 },
  });

  it('says each of them where Kubernetes reads it', () => {
    const manifests = synth((chart) => new HealthMonitoring(chart, 'Health', allProps(chart)));
    const web = webContainer(manifests);
    const probes = [web.startupProbe, web.readinessProbe, web.livenessProbe];
    expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(['/a', '/b', '/c']);
    expect(probes.map(({ periodSeconds }) => periodSeconds)).toEqual([1, 4, 7]);
    expect(probes.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([2, 5, 8]);
    expect(probes.map(({ failureThreshold }) => failureThreshold)).toEqual([3, 6, 9]);
    expect(web.env).toContainEqual({ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'https://192.0.2.7' });
    expect(find(manifests, 'ServiceMonitor', 'polls').spec.endpoints).toEqual([
      { port: 'http', path: '/internal/metrics', interval: '15s' },
    ]);
  });
});

/** Of metrics of the application's own, and of the library's. */
const SCRAPES: Record<string, [string, string]> = {
  gke: ['monitoring.googleapis.com/v1 PodMonitoring', 'monitoring.googleapis.com/v1 PodMonitoring'],
  eks: ['monitoring.coreos.com/v1 ServiceMonitor', 'monitoring.coreos.com/v1 PodMonitor'],
  aks: ['azmonitoring.coreos.com/v1 ServiceMonitor', 'azmonitoring.coreos.com/v1 PodMonitor'],
  openshift: ['monitoring.coreos.com/v1 ServiceMonitor', 'monitoring.coreos.com/v1 PodMonitor'],
  upstream: ['monitoring.coreos.com/v1 ServiceMonitor', 'monitoring.coreos.com/v1 PodMonitor'],
};

describe.each(SAMPLES)('scraping on $name', ({ name, make }) => {
  const scrapeOf = (props: Partial<HealthMonitoringProps>) => {
    let kind: string | undefined;
    const manifests = synth((chart) => {
      const { scrape } = new HealthMonitoring(chart, 'Health', { app: django(chart), ...props });
      kind = scrape?.kind;
    }, make());
    return kind && find(manifests, kind, 'polls');
  };

  it('is asked of the platform’s Prometheus for what all of them count', () => {
    const scrape = scrapeOf({ metrics: {} });
    expect(`${scrape.apiVersion} ${scrape.kind}`).toBe(SCRAPES[name][1]);
    const ofAll = { 'app.kubernetes.io/name': 'polls', 'app.kubernetes.io/instance': 'polls' };
    expect(scrape.spec.selector).toEqual({ matchLabels: ofAll });
    expect(scrape.spec.endpoints ?? scrape.spec.podMetricsEndpoints).toEqual([
      { port: 'metrics', path: '/metrics', interval: '30s' },
    ]);
    expect(scrape.metadata.labels).toMatchObject(LABELS);
  });

  it('is asked of the platform’s Prometheus for the application’s pods', () => {
    const scrape = scrapeOf({ metrics: { path: '/metrics' } });
    expect(`${scrape.apiVersion} ${scrape.kind}`).toBe(SCRAPES[name][0]);
    expect(scrape.spec.selector).toEqual({ matchLabels: LABELS });
    expect(scrape.spec.endpoints).toEqual([{ port: 'http', path: '/metrics', interval: '30s' }]);
    expect(scrape.metadata.labels).toMatchObject(LABELS);
    expect(scrape).toMatchSnapshot();
  });

  it('is not asked for without metrics', () => {
    expect(scrapeOf({})).toBeUndefined();
  });
});
