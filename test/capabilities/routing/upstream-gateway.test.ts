import { App } from 'cdk8s';
import { Distribution } from 'cdk8s-django';
import { httpRoute, HTTP_LISTENER, LISTENER, redirectRoute, routed } from '../../support/routes';
import { find, HOST } from '../../support/synth';

const issued = () => routed(Distribution.upstream({ clusterIssuer: 'letsencrypt' }));

describe('a route on upstream Kubernetes', () => {
  it('has a Gateway of Contour’s class whose certificate cert-manager makes', () => {
    const { apiVersion, metadata, spec } = find(issued(), 'Gateway', 'polls');
    const allowedRoutes = { namespaces: { from: 'Same' } };
    expect(apiVersion).toBe('gateway.networking.k8s.io/v1');
    expect(metadata.annotations).toEqual({ 'cert-manager.io/cluster-issuer': 'letsencrypt' });
    expect(spec).toEqual({
      gatewayClassName: 'contour',
      listeners: [
        { name: HTTP_LISTENER, hostname: HOST, port: 80, protocol: 'HTTP', allowedRoutes },
        {
          name: LISTENER,
          hostname: HOST,
          port: 443,
          protocol: 'HTTPS',
          allowedRoutes,
          tls: {
            mode: 'Terminate',
            certificateRefs: [{ group: '', kind: 'Secret', name: 'polls-tls' }],
          },
        },
      ],
    });
  });

  it('takes a certificate from a Secret, and then asks nobody to make one', () => {
    const distribution = Distribution.upstream({ clusterIssuer: 'letsencrypt' });
    const { metadata, spec } = find(routed(distribution, { tlsSecretName: 'wildcard' }), 'Gateway', 'polls');
    expect(metadata).not.toHaveProperty('annotations');
    expect(spec.listeners[1].tls.certificateRefs[0].name).toBe('wildcard');
  });

  it('binds the host to HTTPS with the timeout, and sends plain HTTP there', () => {
    const manifests = issued();
    expect(find(manifests, 'HTTPRoute', 'polls').spec).toEqual(
      httpRoute({}, { timeouts: { request: '60s' } }),
    );
    expect(find(manifests, 'HTTPRoute', 'polls-redirect').spec).toEqual(redirectRoute({}));
  });

  it('has a listener for each host, which the coming of another does not change', () => {
    const one = find(issued(), 'Gateway', 'polls').spec.listeners;
    const distribution = Distribution.upstream({ clusterIssuer: 'letsencrypt' });
    const two = find(routed(distribution, { hosts: ['a.example.com', HOST] }), 'Gateway', 'polls').spec
      .listeners;
    expect(two.map(({ name }: any) => name)).toEqual([
      ...['http-1laey', HTTP_LISTENER],
      ...['https-1laey', LISTENER],
    ]);
    expect([two[1], two[3]]).toEqual(one);
  });

  it('connects from the namespace of the class’s proxies', () => {
    expect(Distribution.upstream().routing.sources(new App())).toEqual([
      { namespaceLabels: { 'kubernetes.io/metadata.name': 'projectcontour' } },
    ]);
    const { routing } = Distribution.upstream({
      gatewayClassName: 'nginx',
      routerNamespaceLabels: { team: 'edge' },
    });
    expect(routing.sources(undefined as any)).toEqual([{ namespaceLabels: { team: 'edge' } }]);
  });
});
