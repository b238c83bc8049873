import { Chart } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  DjangoAppProps,
  HealthMonitoring,
  LeastPrivilegeAccess,
  Metrics,
  PublicRoute,
  ValkeyBackend,
} from 'cdk8s-django';
import { HorizontalPodAutoscalers, KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { IAutoscaling } from 'cdk8s-django/platform';
import { sample, SAMPLES } from '../support/distributions';
import { django, errorOf, find, findAll, HOST, postgres, synth, webContainer } from '../support/synth';

const PORT = { name: 'metrics', containerPort: 8098 };

/** An application with every kind of pods. */
function withEverything(chart: Chart, define: (app: DjangoApp) => void = () => undefined): DjangoApp {
  const valkey = new ValkeyBackend(chart, 'Valkey', { name: 'polls-valkey', storage: '1Gi' });
  const app = django(chart, {
    database: postgres(chart),
    celery: { broker: valkey.database(1) },
  });
  define(app);
  app.addCeleryWorker({ name: 'mail' });
  app.addCeleryBeat();
  app.addTaskWorker({ name: 'default' });
  app.addProcess({ name: 'bot', command: ['python', 'manage.py', 'bot'] });
  app.addCommand({ name: 'load', command: ['loaddata'] });
  app.addScheduledCommand({ name: 'nightly', command: ['digest'], schedule: '0 3 * * *' });
  return app;
}

const measured = (app: DjangoApp) => new HealthMonitoring(app, 'Health', { app, metrics: {} });

/** The containers of all pods, by their own and the pods' names. */
function containers(manifests: any[]): Record<string, any> {
  const found: Record<string, any> = {};
  for (const manifest of manifests) {
    const template = manifest.spec?.jobTemplate?.spec.template ?? manifest.spec?.template;
    for (const one of [...(template?.spec.containers ?? []), ...(template?.spec.initContainers ?? [])]) {
      found[`${manifest.metadata.name} ${one.name}`] = one;
    }
  }
  return found;
}

const hasPort = ({ ports = [] }: any) => ports.some(({ name }: any) => name === 'metrics');
const variable = ({ env = [] }: any, name: string) => env.find((one: any) => one.name === name)?.value;
const counting = (manifests: any[]) =>
  Object.entries(containers(manifests))
    .filter(([, container]) => hasPort(container))
    .map(([name]) => name);

const COUNTING = ['polls web', 'polls-beat beat', 'polls-tasks-default worker', 'polls-worker-mail worker'];

describe.each(SAMPLES)('the metrics of the library on $name', ({ make }) => {
  it('are counted by replicas, workers and beat, and by nothing else', () => {
    const manifests = synth((chart) => measured(withEverything(chart)), make());
    expect(counting(manifests).sort()).toEqual(COUNTING);
    for (const [name, container] of Object.entries(containers(manifests))) {
      const counts = COUNTING.includes(name);
      expect([name, variable(container, 'CDK8S_DJANGO_METRICS_PORT')]).toEqual([
        name,
        counts ? '8098' : undefined,
      ]);
      expect([name, variable(container, 'CDK8S_DJANGO_RELEASE')]).toEqual([
        name,
        counts ? '1.4.2' : undefined,
      ]);
    }
    // Jobs read the ConfigMap too.
    expect(Object.keys(find(manifests, 'ConfigMap', 'polls').data)).not.toContain(
      'CDK8S_DJANGO_METRICS_PORT',
    );
  });

  it('are at a port that no Service and no route has', () => {
    const manifests = synth((chart) => {
      const app = withEverything(chart);
      new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
      measured(app);
    }, make());
    expect(webContainer(manifests).ports).toEqual([{ name: 'http', containerPort: 8000 }, PORT]);
    for (const { spec } of findAll(manifests, 'Service')) {
      expect(JSON.stringify(spec.ports)).not.toMatch(/metrics|8098/);
    }
    expect(find(manifests, 'Service', 'polls').spec.ports).toEqual([
      { name: 'http', port: 8000, targetPort: 'http' },
    ]);
  });

  it('are reached by the scraper alone, and it reaches nothing else', () => {
    const policies = synth((chart) => {
      const app = withEverything(chart);
      measured(app);
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, make()).filter(({ kind }) => kind === 'NetworkPolicy');
    const [{ metricsSources }] = [make().network];
    for (const name of ['polls', 'polls-jobs']) {
      const { ingress } = find(policies, 'NetworkPolicy', name).spec;
      expect(ingress).toEqual([
        {
          from: metricsSources.map(({ namespaceLabels }) => ({
            namespaceSelector: { matchLabels: namespaceLabels },
          })),
          ports: [{ port: 8098, protocol: 'TCP' }],
        },
      ]);
    }
    // Nobody else is let in to that port, by no policy.
    const others = policies.filter(({ metadata }) => !['polls', 'polls-jobs'].includes(metadata.name));
    expect(JSON.stringify(others)).not.toContain('8098');
  });
});

describe('the metrics of the library', () => {
  it('are the same however the program is ordered', () => {
    const last = synth((chart) => measured(withEverything(chart)));
    const first = synth((chart) => withEverything(chart, measured));
    const byName = (manifests: any[]) =>
      Object.fromEntries(manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one]));
    expect(byName(first)).toEqual(byName(last));
  });

  it('come from modules that no other pods mount', () => {
    const manifests = synth((chart) => measured(withEverything(chart)));
    const mounting = manifests.filter((one) => {
      const template = one.spec?.jobTemplate?.spec.template ?? one.spec?.template;
      const runtime = template?.spec.volumes.find(({ name }: any) => name === 'runtime');
      return /cdk8s-django-metrics-/.test(JSON.stringify(runtime ?? ''));
    });
    expect(mounting.map(({ metadata }) => metadata.name).sort()).toEqual([
      'polls',
      'polls-beat',
      'polls-tasks-default',
      'polls-worker-mail',
    ]);
    const without = synth((chart) => withEverything(chart));
    expect(without.filter(({ metadata }) => metadata.name.startsWith('cdk8s-django-metrics'))).toEqual([]);
  });

  it('do not run Jobs again', () => {
    const jobs = (manifests: any[]) => findAll(manifests, 'Job').map(({ metadata }) => metadata.name);
    const without = synth((chart) => withEverything(chart));
    expect(jobs(synth((chart) => measured(withEverything(chart))))).toEqual(jobs(without));
  });

  it('are no more for being asked for twice', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.addMetrics();
      app.addMetrics();
      expect(app.metricsPorts).toEqual([8098]);
    });
    expect(webContainer(manifests).ports).toHaveLength(2);
  });

  it('may be beside those of the application', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.addMetricsPath('/metrics');
      measured(app);
      new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    const [{ ports }] = find(manifests, 'NetworkPolicy', 'polls').spec.ingress;
    expect(ports.map(({ port }: any) => port)).toEqual([8000, 8098]);
  });

  const RELEASES: [string, string][] = [
    ['registry.example.com:5000/polls:1.4.2', '1.4.2'],
    [`registry.example.com/polls@sha256:${'0123456789abcdef'.repeat(4)}`, '0123456789ab'],
    [`registry.example.com/polls:v7@sha256:${'0123456789abcdef'.repeat(4)}`, 'v7'],
  ];
  it.each(RELEASES)('name the release of %s', (image, release) => {
    const manifests = synth((chart) => measured(django(chart, { image })));
    expect(variable(webContainer(manifests), 'CDK8S_DJANGO_RELEASE')).toBe(release);
  });

  it('name the release that the program names', () => {
    const manifests = synth((chart) => measured(django(chart, { release: '2026.11' })));
    expect(variable(webContainer(manifests), 'CDK8S_DJANGO_RELEASE')).toBe('2026.11');
  });

  const SCALING = { scaling: { minReplicas: 2, maxReplicas: 5, targetRequestsPerSecond: 20 } };
  const scaledBy = (autoscaling: IAutoscaling, metrics: Metrics) => () =>
    synth(
      (chart) => {
        new HealthMonitoring(chart, 'Health', { app: django(chart, SCALING), metrics });
      },
      Distribution.upstream({ ...sample('upstream'), autoscaling }),
    );
  const DJANGO_PROMETHEUS = 'django_http_requests_before_middlewares';

  it('have another counter than django-prometheus, by which an autoscaler would never scale', () => {
    const byDjangoPrometheus = new HorizontalPodAutoscalers({ requestsMetric: DJANGO_PROMETHEUS });
    expect(scaledBy(byDjangoPrometheus, {})).toThrow(
      `scaling.targetRequestsPerSecond 20 is measured by ${DJANGO_PROMETHEUS}, which the metrics of the ` +
        'library do not have. Give the autoscaling of the distribution the requestsMetric that the adapter ' +
        'makes of django_http_responses_total',
    );
    expect(scaledBy(byDjangoPrometheus, { path: '/metrics' })).not.toThrow();
    const byLibrary = new HorizontalPodAutoscalers({ requestsMetric: 'django_http_responses' });
    expect(scaledBy(byLibrary, {})).not.toThrow();
    expect(scaledBy(byLibrary, { path: '/metrics' })).toThrow(
      'scaling.targetRequestsPerSecond 20 is measured by django_http_responses, which the library counts, and only ' +
        'metrics of the application are scraped. Leave out the path of the metrics, or give the autoscaling of the ' +
        "distribution the requestsMetric that the adapter makes of the application's own counter",
    );
    const keda = new KedaAutoscaling({ prometheus: { serverAddress: 'http://prometheus:9090' } });
    expect(scaledBy(keda, {})).not.toThrow();
  });

  it('need the settings overlay', () => {
    const off: Partial<DjangoAppProps> = { settingsOverlay: { enabled: false } };
    expect(errorOf((chart) => measured(django(chart, off)))).toContain(
      'settingsOverlay.enabled false turns off what counts requests, which the metrics of the ' +
        'library are made of. Leave it out, or give HealthMonitoring the path of metrics of the application',
    );
  });

  it('need their port for themselves', () => {
    const message =
      'is the port at which pods show their metrics. Choose another one, or have HealthMonitoring';
    expect(errorOf((chart) => measured(django(chart, { port: 8098 })))).toContain(`port 8098 ${message}`);
    const sidecar = { name: 'agent', image: 'docker.io/agent/agent:1', ports: [8098] };
    const withSidecar = (before: boolean) => (chart: Chart) => {
      const app = django(chart);
      if (before) app.addSidecar(sidecar);
      measured(app);
      if (!before) app.addSidecar(sidecar);
    };
    expect(errorOf(withSidecar(true))).toContain(`ports 8098 ${message}`);
    expect(errorOf(withSidecar(false))).toContain(`ports 8098 ${message}`);
    expect(() => synth((chart) => django(chart).addSidecar(sidecar))).not.toThrow();
  });
});
