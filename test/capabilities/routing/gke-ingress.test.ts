import { Distribution, HealthMonitoring, PublicRoute } from 'cdk8s-django';
import { GkeIngressRouting, GkeIngressRoutingProps } from 'cdk8s-django/routing';
import { routed, ROUTE_LABELS } from '../../support/routes';
import { django, errorOf, find, HOST, synth } from '../../support/synth';

const on = (props: GkeIngressRoutingProps = {}) =>
  Distribution.gke({ routing: new GkeIngressRouting(props) });

describe('GkeIngressRouting', () => {
  it('makes an Ingress of the class that GKE reads from an annotation', () => {
    const { apiVersion, metadata, spec } = find(routed(on()), 'Ingress', 'polls');
    expect(apiVersion).toBe('networking.k8s.io/v1');
    expect(metadata).toEqual({
      name: 'polls',
      namespace: 'polls',
      labels: ROUTE_LABELS,
      annotations: {
        'kubernetes.io/ingress.class': 'gce',
        'networking.gke.io/v1beta1.FrontendConfig': 'polls',
        'networking.gke.io/managed-certificates': 'polls',
      },
    });
    const backend = { service: { name: 'polls', port: { number: 8000 } } };
    expect(spec).toEqual({
      rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    });
  });

  it('sends plain HTTP to HTTPS, has health check, timeout and draining, and a managed certificate', () => {
    const manifests = routed(on());
    const of = (kind: string) => {
      const { apiVersion, metadata, spec } = find(manifests, kind, 'polls');
      expect(metadata).toEqual({ name: 'polls', namespace: 'polls', labels: ROUTE_LABELS });
      return { apiVersion, spec };
    };
    expect(of('FrontendConfig')).toEqual({
      apiVersion: 'networking.gke.io/v1beta1',
      spec: { redirectToHttps: { enabled: true, responseCodeName: 'MOVED_PERMANENTLY_DEFAULT' } },
    });
    expect(of('BackendConfig')).toEqual({
      apiVersion: 'cloud.google.com/v1',
      spec: {
        timeoutSec: 60,
        connectionDraining: { drainingTimeoutSec: 75 },
        healthCheck: { type: 'HTTP', requestPath: '/readyz', checkIntervalSec: 5, timeoutSec: 5 },
      },
    });
    expect(of('ManagedCertificate')).toEqual({
      apiVersion: 'networking.gke.io/v1',
      spec: { domains: [HOST] },
    });
  });

  it('annotates the Service of the application', () => {
    expect(find(routed(on()), 'Service', 'polls').metadata.annotations).toEqual({
      'cloud.google.com/neg': '{"ingress": true}',
      'cloud.google.com/backend-config': '{"default": "polls"}',
    });
    const named = find(routed(on(), { name: 'front' }), 'Service', 'polls').metadata.annotations;
    expect(JSON.parse(named['cloud.google.com/backend-config'])).toEqual({ default: 'front' });
  });

  it('takes a certificate from a Secret, and then asks for none', () => {
    const manifests = routed(on(), { tlsSecretName: 'polls-tls' });
    const { metadata, spec } = find(manifests, 'Ingress', 'polls');
    expect(spec.tls).toEqual([{ secretName: 'polls-tls' }]);
    expect(metadata.annotations).not.toHaveProperty('networking.gke.io/managed-certificates');
    expect(manifests.some(({ kind }) => kind === 'ManagedCertificate')).toBe(false);
  });

  it('has a static address when it is named', () => {
    const { annotations } = find(routed(on({ staticIpName: 'polls-ip' })), 'Ingress', 'polls').metadata;
    expect(annotations['kubernetes.io/ingress.global-static-ip-name']).toBe('polls-ip');
  });

  it('asks for the path that HealthMonitoring decides, whichever is made first', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
      new HealthMonitoring(chart, 'Health', { app, readiness: { path: '/health' } });
    }, on());
    expect(find(manifests, 'BackendConfig', 'polls').spec.healthCheck.requestPath).toBe('/health');
  });

  it('connects from Google’s front ends', () => {
    expect(on().routing.sources(undefined as any)).toEqual([
      { cidr: '35.191.0.0/16' },
      { cidr: '130.211.0.0/22' },
    ]);
  });

  it('refuses a second route of the Service, whose policy would contradict the first', () => {
    const message = errorOf((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'One', { app, hosts: ['a.example.com'] });
      new PublicRoute(chart, 'Two', { app, hosts: ['b.example.com'], name: 'two' });
    }, on());
    expect(message).toBe(
      'polls/Two: app "polls" has a route already, and its Service can have one BackendConfig: that at ' +
        'polls/One/BackendConfig. Give that route all the hosts.',
    );
  });

  it('lets each of two applications of a chart have a route', () => {
    const manifests = synth((chart) => {
      new PublicRoute(chart, 'One', { app: django(chart), hosts: ['a.example.com'] });
      const app = django(chart, { name: 'blog' }, 'Blog');
      new PublicRoute(chart, 'Two', { app, hosts: ['b.example.com'] });
    }, on());
    expect(find(manifests, 'BackendConfig', 'blog').spec.timeoutSec).toBe(30);
  });
});
