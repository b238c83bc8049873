import { Distribution } from 'cdk8s-django';
import { errorOf, find, HOST } from '../../support/synth';
import { django } from '../../support/synth';
import {
  httpRoute,
  HTTP_LISTENER,
  LISTENER,
  redirectRoute,
  ROUTE_LABELS,
  routed,
} from '../../support/routes';
import { LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { routeError } from './routings';

const withMap = () => routed(Distribution.gke({ certificateMap: 'polls' }));
const target = { group: '', kind: 'Service', name: 'polls' };

describe('a route on GKE', () => {
  it('has a Gateway of the global external class with the certificate map and no other certificate', () => {
    const { metadata, spec } = find(withMap(), 'Gateway', 'polls');
    const allowedRoutes = { namespaces: { from: 'Same' } };
    expect(metadata).toEqual({
      name: 'polls',
      namespace: 'polls',
      labels: ROUTE_LABELS,
      annotations: { 'networking.gke.io/certmap': 'polls' },
    });
    expect(spec).toEqual({
      gatewayClassName: 'gke-l7-global-external-managed',
      listeners: [
        { name: HTTP_LISTENER, hostname: HOST, port: 80, protocol: 'HTTP', allowedRoutes },
        { name: LISTENER, hostname: HOST, port: 443, protocol: 'HTTPS', allowedRoutes },
      ],
    });
  });

  it('has a certificate from a Secret and then no certificate map, which GKE refuses together', () => {
    const manifests = routed(Distribution.gke({ certificateMap: 'polls' }), { tlsSecretName: 'polls-tls' });
    const { metadata, spec } = find(manifests, 'Gateway', 'polls');
    expect(metadata).not.toHaveProperty('annotations');
    expect(spec.listeners[1].tls).toEqual({
      mode: 'Terminate',
      certificateRefs: [{ group: '', kind: 'Secret', name: 'polls-tls' }],
    });
  });

  it('binds the host to HTTPS alone, without a timeout, and sends plain HTTP there', () => {
    const manifests = withMap();
    expect(find(manifests, 'HTTPRoute', 'polls').spec).toEqual(httpRoute({}));
    expect(find(manifests, 'HTTPRoute', 'polls-redirect').spec).toEqual(redirectRoute({}));
  });

  it('has a health check that names a host which Django allows', () => {
    const policy = find(withMap(), 'HealthCheckPolicy', 'polls');
    expect(policy.apiVersion).toBe('networking.gke.io/v1');
    expect(policy.spec).toEqual({
      targetRef: target,
      default: {
        checkIntervalSec: 5,
        timeoutSec: 5,
        config: {
          type: 'HTTP',
          httpHealthCheck: { portSpecification: 'USE_SERVING_PORT', requestPath: '/readyz', host: HOST },
        },
      },
    });
  });

  it('has the timeout, and a draining that outlasts it, at the backend', () => {
    const policy = find(withMap(), 'GCPBackendPolicy', 'polls');
    expect(policy.apiVersion).toBe('networking.gke.io/v1');
    expect(policy.spec).toEqual({
      targetRef: target,
      default: { timeoutSec: 60, connectionDraining: { drainingTimeoutSec: 75 } },
    });
  });

  it('has a reserved address when one is named', () => {
    const { spec } = find(
      routed(Distribution.gke({ certificateMap: 'polls', addressName: 'polls-ip' })),
      'Gateway',
      'polls',
    );
    expect(spec.addresses).toEqual([{ type: 'NamedAddress', value: 'polls-ip' }]);
  });

  it('has no address besides that of a Gateway that is shared', () => {
    const distribution = Distribution.gke({ gateway: { name: 'edge' }, addressName: 'polls-ip' });
    expect(routeError(distribution, {})).toBe(
      'polls/Route: addressName "polls-ip" is of no use with the Gateway "edge", which has an address. Leave it out, ' +
        'and have the address at the Gateway.',
    );
  });

  it('has a regional class and the subnet of its proxies when they are given', () => {
    const gatewayClassName = 'gke-l7-regional-external-managed';
    const distribution = Distribution.gke({ gatewayClassName, proxyOnlySubnetCidr: '10.129.0.0/23' });
    const manifests = routed(distribution, { tlsSecretName: 'polls-tls' });
    expect(find(manifests, 'Gateway', 'polls').spec.gatewayClassName).toBe(gatewayClassName);
    expect(distribution.routing.sources(undefined as any)).toEqual([
      { cidr: '35.191.0.0/16' },
      { cidr: '130.211.0.0/22' },
      { cidr: '10.129.0.0/23' },
    ]);
  });

  it('asks for the subnet of a regional class once a policy has to let its proxies in', () => {
    const distribution = Distribution.gke({ gatewayClassName: 'gke-l7-regional-external-managed' });
    const message = errorOf((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'Route', { app, hosts: [HOST], tlsSecretName: 'polls-tls' });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, distribution);
    expect(message).toContain('[polls/Access] proxyOnlySubnetCidr (not given) is needed');
  });

  it.each([
    'gke-l7-regional-external-managed',
    'gke-l7-rilb',
    'gke-l7-rilb-mc',
    'gke-l7-cross-regional-internal-managed-mc',
  ])('has no certificate map with the class %s', (gatewayClassName) => {
    for (const changes of [{}, { tlsSecretName: 'polls-tls' }]) {
      expect(routeError(Distribution.gke({ gatewayClassName, certificateMap: 'polls' }), changes)).toBe(
        `polls/Route: certificateMap "polls" cannot be used with GatewayClass "${gatewayClassName}": certificate maps ` +
          'are of global load balancers. Leave it out, and give the PublicRoute a tlsSecretName.',
      );
    }
  });

  it.each(['gke-l7-global-external-managed-mc', 'gke-l7-gxlb'])(
    'has a certificate map with the class %s',
    (gatewayClassName) => {
      const manifests = routed(Distribution.gke({ gatewayClassName, certificateMap: 'polls' }));
      expect(find(manifests, 'Gateway', 'polls').metadata.annotations).toEqual({
        'networking.gke.io/certmap': 'polls',
      });
    },
  );
});
