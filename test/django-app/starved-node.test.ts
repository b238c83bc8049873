import { Chart, Duration } from 'cdk8s';
import { DjangoApp, HealthMonitoring, PostgresBackend, PublicRoute, ValkeyBackend } from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, djangoManifests, HOST, synth, webContainer } from '../support/synth';

/** The containers of all pods that an application with its servers, a worker and a beat has. */
function containers(): any[] {
  const manifests = synth((chart) => {
    const valkey = new ValkeyBackend(chart, 'Queue', { name: 'queue', storage: '1Gi' });
    const database = new PostgresBackend(chart, 'Database', { name: 'db', storage: '1Gi' });
    const app = django(chart, { database, celery: { broker: valkey.database(0) } });
    app.addCeleryWorker({ name: 'default' });
    app.addCeleryBeat();
  });
  return manifests.flatMap(({ spec }) => spec?.template?.spec?.containers ?? []);
}

describe('a node whose processors are saturated', () => {
  it('restarts nothing for a program that a liveness probe could not start in time', () => {
    const probed = containers().filter(({ livenessProbe }) => livenessProbe);
    expect(probed.map(({ name }) => name).sort()).toEqual(['beat', 'postgres', 'valkey', 'web', 'worker']);
    for (const { livenessProbe } of probed) {
      expect(livenessProbe.exec).toBeUndefined();
      expect(livenessProbe.timeoutSeconds).toBe(10);
      expect(livenessProbe.failureThreshold * livenessProbe.periodSeconds).toBe(60);
    }
  });

  it('starts no interpreter for any probe', () => {
    for (const container of containers()) {
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        expect(JSON.stringify(container[probe]?.exec ?? '')).not.toContain('python');
      }
    }
  });

  it('gives what starts on it five minutes, and an hour to servers, which recover their data first', () => {
    for (const { name, startupProbe } of containers().filter((container) => container.startupProbe)) {
      const seconds = startupProbe.periodSeconds * startupProbe.failureThreshold;
      expect([name, seconds]).toEqual([name, ['postgres', 'valkey'].includes(name) ? 3600 : 300]);
    }
  });
});

describe('metrics of several processes [F15] [F37]', () => {
  const NAME = 'PROMETHEUS_MULTIPROC_DIR';

  const monitored = (changes: Parameters<typeof django>[1] = {}) =>
    synth((chart) => {
      const app = django(chart, {
        database: new PostgresBackend(chart, 'Database', { name: 'db', storage: '1Gi' }),
        ...changes,
      });
      app.addCommand({ name: 'load', command: ['loaddata', 'countries'] });
      new HealthMonitoring(chart, 'Health', { app, metrics: { path: '/metrics' } });
    });

  const valuesIn = (container: any) =>
    (container.env ?? []).filter(({ name }: any) => name === NAME).map(({ value }: any) => value);

  it('are counted together by the server, and neither by Jobs nor by init containers', () => {
    const manifests = monitored();
    expect(valuesIn(webContainer(manifests))).toEqual(['/tmp/cdk8s-django-metrics']);
    const others = manifests.flatMap(({ kind, spec }) => [
      ...(spec?.template?.spec?.initContainers ?? []),
      ...(kind === 'Job' ? spec.template.spec.containers : []),
    ]);
    expect(others.length).toBeGreaterThan(2);
    expect(others.flatMap(valuesIn)).toEqual([]);
  });

  it('are as before with one process, or without metrics', () => {
    expect(valuesIn(webContainer(monitored({ processes: 1 })))).toEqual([]);
    expect(valuesIn(webContainer(djangoManifests()))).toEqual([]);
  });

  it('are kept by a process alone that is replaced', () => {
    expect(valuesIn(webContainer(monitored({ processes: 1, maxRequests: 100 })))).toHaveLength(1);
  });

  it('are where the program says', () => {
    expect(valuesIn(webContainer(monitored({ environment: { [NAME]: '/tmp/own' } })))).toEqual([]);
  });
});

describe.each(SAMPLES)('WebSockets on $name', ({ make }) => {
  const routed = (changes: Partial<ConstructorParameters<typeof DjangoApp>[2]>, timeout?: Duration) =>
    JSON.stringify(
      synth((chart: Chart) => {
        const app = django(chart, changes);
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], websocketTimeout: timeout });
      }, make()).filter(({ kind }) => !['ConfigMap', 'Deployment', 'Job'].includes(kind)),
    );

  it('last an hour with asgiModule or a channel layer, unless the route says otherwise', () => {
    const hour = routed({}, Duration.hours(1));
    expect(routed({ asgiModule: 'mysite.asgi' })).toBe(hour);
    expect(routed({ channelLayer: { url: 'redis://channels.example.com/0' } })).toBe(hour);
    expect(routed({ asgiModule: 'mysite.asgi' }, Duration.minutes(10))).toBe(
      routed({}, Duration.minutes(10)),
    );
    expect(routed({})).not.toBe(hour);
  });
});
