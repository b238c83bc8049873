import { Chart } from 'cdk8s';
import { HealthMonitoring, PublicRoute } from 'cdk8s-django';
import { atSynth } from '../../errors/support';
import { django, errorOf, find, HOST, synth } from '../../support/synth';
import { ROUTINGS } from './routings';

/** Their health checks have no host, and then name the address of a pod. */
const WITHOUT_HOST = ['GKE Ingress', 'EKS Ingress', 'EKS Auto Mode', 'EKS Gateway'];

const isOfRouter = ({ kind }: any) => !['Deployment', 'ConfigMap'].includes(kind);
const message = (path: string, name = 'polls') =>
  `[${path}] app "${name}" answers no health check of this load balancer, which names the address of a pod: ` +
  'ALLOWED_HOSTS refuses it. Leave settingsOverlay.enabled out, or give a HealthMonitoring a readiness path that answers for any ' +
  'host.';

/** An application without the overlay, with a route, and perhaps a path that it is healthy at. */
const define = (path?: string) => (chart: Chart) => {
  const app = django(chart, { settingsOverlay: { enabled: false } });
  new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
  if (path) new HealthMonitoring(chart, 'Health', { app, readiness: { path } });
};

describe('an application without the overlay', () => {
  it.each(WITHOUT_HOST)('has to say on %s where it is healthy', (name) => {
    expect(errorOf(define(), ROUTINGS[name]())).toBe(atSynth(message('polls/Route')));
    const router = synth(define('/healthy'), ROUTINGS[name]()).filter(isOfRouter);
    expect(JSON.stringify(router)).toContain('"/healthy"');
  });

  const policy = (manifests: any[]) => find(manifests, 'HealthCheckPolicy', 'polls').spec.default;
  it.each<[string, (manifests: any[]) => string]>([
    ['GKE Gateway', (manifests) => policy(manifests).config.httpHealthCheck.host],
    ['AKS Application Gateway', (manifests) => policy(manifests).http.host],
    ['Contour', (manifests) => find(manifests, 'HTTPProxy', 'polls').spec.routes[0].healthCheckPolicy.host],
  ])('is asked on %s by a host that it allows', (name, hostOf) => {
    expect(hostOf(synth(define(), ROUTINGS[name]()))).toBe(HOST);
  });

  it.each(['AKS application routing', 'OpenShift Route', 'OpenShift Gateway', 'upstream Gateway', 'Ingress'])(
    'is asked on %s by the kubelet alone',
    (name) => {
      expect(JSON.stringify(synth(define(), ROUTINGS[name]()).filter(isOfRouter))).not.toMatch(/health/i);
    },
  );
});

describe('an application with the overlay', () => {
  it.each(WITHOUT_HOST)('is asked at its health endpoint on %s', (name) => {
    const manifests = synth((chart) => {
      new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] });
    }, ROUTINGS[name]());
    expect(JSON.stringify(manifests.filter(isOfRouter))).toContain('"/readyz"');
  });
});

describe('a canary without the overlay', () => {
  it('is an error of its own', () => {
    const error = errorOf((chart) => {
      const app = django(chart);
      const next = django(
        chart,
        { name: 'polls-next', secretKey: app.secretKey, settingsOverlay: { enabled: false } },
        'Next',
      );
      new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: next, weight: 10 } });
    }, ROUTINGS['EKS Ingress']());
    expect(error).toContain(message('polls/Route', 'polls-next'));
  });
});
