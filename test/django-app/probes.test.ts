import { Duration } from 'cdk8s';
import { HealthMonitoring, PublicRoute } from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, djangoManifests, everything, HOST, synth, webContainer } from '../support/synth';

const KINDS = ['startupProbe', 'readinessProbe', 'livenessProbe'];

const probesOf = (manifests: any[]) => KINDS.map((kind) => webContainer(manifests)[kind]);

const headersOf = (probe: any) =>
  Object.fromEntries(probe.httpGet.httpHeaders.map(({ name, value }: any) => [name, value]));

describe.each(SAMPLES)('probes on $name', ({ make }) => {
  const probes = () => probesOf(synth((chart) => everything(chart), make()));

  it('name the first public host and the scheme that a router forwards', () => {
    for (const probe of probes()) {
      expect(headersOf(probe)).toEqual({ Host: HOST, 'X-Forwarded-Proto': 'https' });
    }
  });

  it('ask the port of the application, each at a path of its own', () => {
    const paths = probes().map(({ httpGet }) => httpGet.path);
    expect(paths).toEqual(['/startupz', '/readyz', '/livez']);
    for (const { httpGet } of probes()) expect(httpGet.port).toBe('http');
  });
});

describe('probes', () => {
  it('ask a liveness that is never the readiness, which asks the database', () => {
    const [, readiness, liveness] = probesOf(djangoManifests());
    expect(liveness.httpGet.path).not.toBe(readiness.httpGet.path);
  });

  it('name the Service while there is no route', () => {
    for (const probe of probesOf(djangoManifests())) expect(headersOf(probe).Host).toBe('polls');
  });

  it('name the first allowed host where there is no route', () => {
    const probes = probesOf(djangoManifests({ allowedHosts: ['a.internal', 'b.internal'] }));
    for (const probe of probes) expect(headersOf(probe).Host).toBe('a.internal');
  });

  it('name the first host of the first route', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { allowedHosts: ['z.internal'] });
      new PublicRoute(chart, 'One', { app, hosts: ['a.example.com', 'b.example.com'] });
      new PublicRoute(chart, 'Two', { app, name: 'two', hosts: ['c.example.com'] });
    });
    for (const probe of probesOf(manifests)) expect(headersOf(probe).Host).toBe('a.example.com');
  });

  it('give a start on a busy node five minutes, and ask for it each second', () => {
    const [startup, readiness, liveness] = probesOf(djangoManifests());
    expect(startup.periodSeconds).toBe(1);
    expect(startup.periodSeconds * startup.failureThreshold).toBe(300);
    expect(liveness.periodSeconds * liveness.failureThreshold).toBe(60);
    expect(readiness).toMatchObject({ periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 });
  });

  it('try the port alone without the overlay, which has the health endpoints', () => {
    for (const probe of probesOf(djangoManifests({ settingsOverlay: { enabled: false } }))) {
      expect(probe.tcpSocket).toEqual({ port: 'http' });
      expect(probe.httpGet).toBeUndefined();
    }
  });

  it('ask a path of the application’s own without the overlay', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { settingsOverlay: { enabled: false } });
      new HealthMonitoring(chart, 'Health', { app, readiness: { path: '/up' } });
    });
    const [startup, readiness] = probesOf(manifests);
    expect(readiness.httpGet.path).toBe('/up');
    expect(startup.tcpSocket).toBeDefined();
  });

  it('take times, thresholds and paths from HealthMonitoring, and keep the rest', () => {
    const manifests = synth((chart) => {
      new HealthMonitoring(chart, 'Health', {
        app: django(chart),
        startup: { failureThreshold: 300 },
        liveness: { path: '/alive', period: Duration.seconds(20), timeout: Duration.seconds(7) },
      });
    });
    const [startup, readiness, liveness] = probesOf(manifests);
    expect(startup).toMatchObject({ periodSeconds: 1, failureThreshold: 300 });
    expect(readiness.httpGet.path).toBe('/readyz');
    expect(liveness).toMatchObject({ periodSeconds: 20, timeoutSeconds: 7, failureThreshold: 6 });
    expect(liveness.httpGet.path).toBe('/alive');
  });

  it('keep what a second change does not say', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.changeProbes({ startup: { failureThreshold: 300, timeout: Duration.seconds(9) } });
      app.changeProbes({ startup: { failureThreshold: undefined, timeout: Duration.seconds(8) } });
      new HealthMonitoring(chart, 'Health', { app, liveness: { path: '/alive' } });
    });
    const [startup, , liveness] = probesOf(manifests);
    expect(startup).toMatchObject({ failureThreshold: 300, timeoutSeconds: 8 });
    expect(liveness.httpGet.path).toBe('/alive');
  });
});
