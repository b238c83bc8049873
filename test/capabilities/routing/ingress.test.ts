import { Size } from 'cdk8s';
import { Distribution, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { IngressRouting, IngressRoutingProps } from 'cdk8s-django/routing';
import { routed, ROUTE_LABELS } from '../../support/routes';
import { django, errorOf, find, HOST } from '../../support/synth';
import { routeError } from './routings';

const on = (props: IngressRoutingProps = {}) => Distribution.upstream({ routing: new IngressRouting(props) });
const ingress = (props: IngressRoutingProps = {}, changes = {}) =>
  find(routed(on(props), changes), 'Ingress', 'polls');

describe('IngressRouting', () => {
  it('makes an Ingress of the default class, with the controller’s own certificate', () => {
    const { apiVersion, metadata, spec } = ingress();
    expect(apiVersion).toBe('networking.k8s.io/v1');
    expect(metadata).toEqual({ name: 'polls', namespace: 'polls', labels: ROUTE_LABELS });
    const backend = { service: { name: 'polls', port: { number: 8000 } } };
    expect(spec).toEqual({
      tls: [{ hosts: [HOST] }],
      rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    });
  });

  it('has the class and annotations that are given: k3s', () => {
    const annotations = { 'traefik.ingress.kubernetes.io/router.middlewares': 'infra-https@kubernetescrd' };
    const { metadata, spec } = ingress({ ingressClassName: 'traefik', annotations });
    expect(spec.ingressClassName).toBe('traefik');
    expect(metadata.annotations).toEqual(annotations);
  });

  it('has the timeout where the controller reads it: minikube', () => {
    const timeoutAnnotations = ['proxy-read-timeout', 'proxy-send-timeout'].map(
      (name) => `nginx.ingress.kubernetes.io/${name}`,
    );
    expect(ingress({ timeoutAnnotations }).metadata.annotations).toEqual({
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '60',
      'nginx.ingress.kubernetes.io/proxy-send-timeout': '60',
    });
  });

  it('has cert-manager make the certificate, or takes a Secret', () => {
    const issued = ingress({ clusterIssuer: 'letsencrypt' });
    expect(issued.metadata.annotations).toEqual({ 'cert-manager.io/cluster-issuer': 'letsencrypt' });
    expect(issued.spec.tls).toEqual([{ hosts: [HOST], secretName: 'polls-tls' }]);
    const given = ingress({ clusterIssuer: 'letsencrypt' }, { tlsSecretName: 'wildcard' });
    expect(given.metadata).not.toHaveProperty('annotations');
    expect(given.spec.tls).toEqual([{ hosts: [HOST], secretName: 'wildcard' }]);
  });

  it('makes sessions sticky at the Service where the controller reads it there', () => {
    const sticky = { 'traefik.ingress.kubernetes.io/service.sticky.cookie': 'true' };
    const distribution = on({ sessionAffinityServiceAnnotations: sticky });
    const service = (changes: object) => find(routed(distribution, changes), 'Service', 'polls');
    expect(service({ sessionAffinity: true }).metadata.annotations).toEqual(sticky);
    expect(service({}).metadata).not.toHaveProperty('annotations');
  });

  it('limits the bodies of requests by the annotation that the controller reads', () => {
    const annotation = 'nginx.ingress.kubernetes.io/proxy-body-size';
    const distribution = on({ requestBodySizeAnnotations: [annotation] });
    const limited = routed(distribution, { maxRequestBodySize: Size.mebibytes(20) });
    expect(find(limited, 'Ingress', 'polls').metadata.annotations).toEqual({ [annotation]: '20480k' });
    expect(find(routed(distribution), 'Ingress', 'polls').metadata).not.toHaveProperty('annotations');
    expect(routeError(distribution, { maxRequestBodySize: Size.kibibytes(0) })).toBe(
      'polls/Route: maxRequestBodySize "0Ki" lets no request through. Give at least Size.kibibytes(1).',
    );
  });

  it.each([
    {},
    { sessionAffinityAnnotations: {} },
    { sessionAffinityServiceAnnotations: {} },
    { sessionAffinityAnnotations: {}, sessionAffinityServiceAnnotations: {} },
  ])('refuses sticky sessions when it knows of no annotations for them: %j', (given) => {
    expect(routeError(on(given), { sessionAffinity: true })).toBe(
      'polls/Route: sessionAffinity true is not in Ingress, and no annotations for it are known. Leave it out, or give ' +
        'those of your controller: new IngressRouting({ sessionAffinityAnnotations: { "…": "…" } }).',
    );
  });

  it('has sticky sessions by annotations of the Service, where those of the Ingress are empty', () => {
    const given = { sessionAffinityAnnotations: {}, sessionAffinityServiceAnnotations: { sticky: 'true' } };
    const { metadata } = find(routed(on(given), { sessionAffinity: true }), 'Service', 'polls');
    expect(metadata.annotations).toEqual({ sticky: 'true' });
  });

  it('connects from the namespace that is named, and asks for it once a policy has to let it in', () => {
    const { routing } = on({ routerNamespaceLabels: { team: 'edge' } });
    expect(routing.sources(undefined as any)).toEqual([{ namespaceLabels: { team: 'edge' } }]);
    const message = errorOf((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, on());
    expect(message).toContain(
      "[polls/Access] routerNamespaceLabels (not given) is needed to let the controller's proxies in. Give the labels " +
        'of their namespace: new IngressRouting({ routerNamespaceLabels: { "kubernetes.io/metadata.name": "…" } }).',
    );
  });
});
