import { App } from 'cdk8s';
import { Distribution } from 'cdk8s-django';
import { ContourRouting, ContourRoutingProps } from 'cdk8s-django/routing';
import { routed, ROUTE_LABELS } from '../../support/routes';
import { find, findAll, HOST } from '../../support/synth';
import { routeError } from './routings';

const on = (props: ContourRoutingProps) => Distribution.upstream({ routing: new ContourRouting(props) });
const issued = () => routed(on({ clusterIssuer: 'letsencrypt' }));

describe('ContourRouting', () => {
  it('makes an HTTPProxy with TLS, WebSockets, timeouts and the application’s own health check', () => {
    const { apiVersion, metadata, spec } = find(issued(), 'HTTPProxy', 'polls');
    expect(apiVersion).toBe('projectcontour.io/v1');
    expect(metadata).toEqual({ name: 'polls', namespace: 'polls', labels: ROUTE_LABELS });
    expect(spec).toEqual({
      virtualhost: { fqdn: HOST, tls: { secretName: 'polls-tls' } },
      routes: [
        {
          conditions: [{ prefix: '/' }],
          services: [{ name: 'polls', port: 8000 }],
          enableWebsockets: true,
          timeoutPolicy: { response: '60s', idle: '60s' },
          healthCheckPolicy: { path: '/readyz', host: HOST, intervalSeconds: 5, timeoutSeconds: 5 },
        },
      ],
    });
  });

  it('makes one for each host, whose names no other’s coming or going changes', () => {
    const named = (hosts: string[]) =>
      findAll(routed(on({ clusterIssuer: 'letsencrypt' }), { hosts }), 'HTTPProxy').map(
        ({ metadata, spec }) => [metadata.name, spec.virtualhost.fqdn],
      );
    const [a, b, c] = ['a.example.com', 'b.example.com', 'c.example.com'];
    const [first, second, third] = [
      ['polls', a],
      ['polls-3azeu', b],
      ['polls-5po8e', c],
    ];
    expect(named([a, b, c])).toEqual([first, second, third]);
    expect(named([a, c, b])).toEqual([first, third, second]);
    expect(named([a, c])).toEqual([first, third]);
  });

  it('has cert-manager make the certificate', () => {
    const { apiVersion, metadata, spec } = find(issued(), 'Certificate', 'polls');
    expect(apiVersion).toBe('cert-manager.io/v1');
    expect(metadata.labels).toEqual(ROUTE_LABELS);
    expect(spec).toEqual({
      secretName: 'polls-tls',
      dnsNames: [HOST],
      issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
    });
  });

  it('takes a certificate from a Secret, and then has nobody make one', () => {
    const manifests = routed(on({ clusterIssuer: 'letsencrypt' }), { tlsSecretName: 'wildcard' });
    expect(find(manifests, 'HTTPProxy', 'polls').spec.virtualhost.tls).toEqual({ secretName: 'wildcard' });
    expect(manifests.some(({ kind }) => kind === 'Certificate')).toBe(false);
  });

  it('has a class when there are several Contours', () => {
    const distribution = on({ clusterIssuer: 'letsencrypt', ingressClassName: 'internal' });
    expect(find(routed(distribution), 'HTTPProxy', 'polls').spec.ingressClassName).toBe('internal');
  });

  it('connects from the namespace of Envoy', () => {
    expect(on({}).routing.sources(new App())).toEqual([
      { namespaceLabels: { 'kubernetes.io/metadata.name': 'projectcontour' } },
    ]);
    expect(on({ routerNamespaceLabels: { team: 'edge' } }).routing.sources(undefined as any)).toEqual([
      { namespaceLabels: { team: 'edge' } },
    ]);
  });

  it('needs a certificate', () => {
    expect(routeError(on({}), {})).toBe(
      'polls/Route: tlsSecretName (not given) is needed where no issuer makes certificates. Give it, or name the ' +
        'ClusterIssuer: new ContourRouting({ clusterIssuer: "letsencrypt" }).',
    );
  });
});
