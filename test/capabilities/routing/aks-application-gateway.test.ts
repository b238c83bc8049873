import { Distribution, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { AksApplicationGatewayRouting, AksApplicationGatewayRoutingProps } from 'cdk8s-django/routing';
import {
  httpRoute,
  HTTP_LISTENER,
  LISTENER,
  redirectRoute,
  ROUTE_LABELS,
  routed,
} from '../../support/routes';
import { django, errorOf, find, HOST } from '../../support/synth';
import { LOAD_BALANCER, routeError } from './routings';

const on = (props: AksApplicationGatewayRoutingProps) =>
  Distribution.aks({ routing: new AksApplicationGatewayRouting(props) });
const secret = { tlsSecretName: 'polls-tls' };
const managed = () => routed(on({ loadBalancer: LOAD_BALANCER }), secret);
const prefix = 'alb.networking.azure.io';

describe('AksApplicationGatewayRouting', () => {
  it('has a Gateway beside the application, of the load balancer that the controller manages', () => {
    const { metadata, spec } = find(managed(), 'Gateway', 'polls');
    const allowedRoutes = { namespaces: { from: 'Same' } };
    expect(metadata).toEqual({
      name: 'polls',
      namespace: 'polls',
      labels: ROUTE_LABELS,
      annotations: { [`${prefix}/alb-name`]: 'alb', [`${prefix}/alb-namespace`]: 'infra' },
    });
    expect(spec).toEqual({
      gatewayClassName: 'azure-alb-external',
      listeners: [
        { name: HTTP_LISTENER, hostname: HOST, port: 80, protocol: 'HTTP', allowedRoutes },
        {
          name: LISTENER,
          hostname: HOST,
          port: 443,
          protocol: 'HTTPS',
          allowedRoutes,
          tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'polls-tls' }] },
        },
      ],
    });
  });

  it('has the frontend of a load balancer that was made elsewhere', () => {
    const albId =
      '/subscriptions/0/resourceGroups/acme/providers/Microsoft.ServiceNetworking/trafficControllers/alb';
    const manifests = routed(on({ frontend: { albId, frontend: 'polls' } }), secret);
    const { metadata, spec } = find(manifests, 'Gateway', 'polls');
    expect(metadata.annotations).toEqual({ [`${prefix}/alb-id`]: albId });
    expect(spec.addresses).toEqual([{ type: `${prefix}/alb-frontend`, value: 'polls' }]);
  });

  it('has cert-manager make the certificate', () => {
    const { metadata, spec } = find(
      routed(on({ loadBalancer: LOAD_BALANCER, clusterIssuer: 'letsencrypt' })),
      'Gateway',
      'polls',
    );
    expect(metadata.annotations['cert-manager.io/cluster-issuer']).toBe('letsencrypt');
    expect(spec.listeners[1].tls.certificateRefs[0].name).toBe('polls-tls');
  });

  it('binds the host to HTTPS without a timeout, and sends plain HTTP there', () => {
    expect(find(managed(), 'HTTPRoute', 'polls').spec).toEqual(httpRoute({}));
    expect(find(managed(), 'HTTPRoute', 'polls-redirect').spec).toEqual(redirectRoute({}));
  });

  it('has a health check of a host that Django allows, and the timeout as a policy of the route', () => {
    const health = find(managed(), 'HealthCheckPolicy', 'polls');
    expect(health.apiVersion).toBe('alb.networking.azure.io/v1');
    expect(health.spec).toEqual({
      targetRef: { group: '', kind: 'Service', name: 'polls' },
      default: {
        interval: '5s',
        timeout: '5s',
        healthyThreshold: 1,
        unhealthyThreshold: 3,
        port: 8000,
        http: { host: HOST, path: '/readyz', match: { statusCodes: [{ start: 200, end: 200 }] } },
      },
    });
    const policy = find(managed(), 'RoutePolicy', 'polls');
    expect(policy.apiVersion).toBe('alb.networking.azure.io/v1');
    expect(policy.spec).toEqual({
      targetRef: { group: '', kind: 'HTTPRoute', name: 'polls' },
      default: { timeouts: { routeTimeout: '60s' } },
    });
  });

  it('has another class when it is named', () => {
    const distribution = on({ loadBalancer: LOAD_BALANCER, gatewayClassName: 'azure-alb-internal' });
    expect(find(routed(distribution, secret), 'Gateway', 'polls').spec.gatewayClassName).toBe(
      'azure-alb-internal',
    );
  });

  it('connects from the subnet of the load balancer, and asks for it once a policy has to let it in', () => {
    const { routing } = on({ subnetCidr: '10.225.0.0/24' });
    expect(routing.sources(undefined as any)).toEqual([{ cidr: '10.225.0.0/24' }]);
    const message = errorOf(
      (chart) => {
        const app = django(chart);
        new PublicRoute(chart, 'Route', { app, hosts: [HOST], ...secret });
        new LeastPrivilegeAccess(chart, 'Access', { app });
      },
      on({ loadBalancer: LOAD_BALANCER }),
    );
    expect(message).toContain(
      '[polls/Access] subnetCidr (not given) is needed to let the load balancer in. Give the range of its subnet: ' +
        'new AksApplicationGatewayRouting({ subnetCidr: "10.225.0.0/24", … }).',
    );
  });

  it.each<[string, AksApplicationGatewayRoutingProps, string]>([
    [
      'no load balancer',
      {},
      'loadBalancer (not given) is needed where neither frontend nor gateway is given. Give one of them: ' +
        'new AksApplicationGatewayRouting({ loadBalancer: { name: "…", namespace: "…" } }).',
    ],
    [
      'two of them',
      { loadBalancer: LOAD_BALANCER, gateway: { name: 'shared' } },
      'loadBalancer {"name":"alb","namespace":"infra"} is not the only one of loadBalancer, frontend and gateway. ' +
        'Give one of them: new AksApplicationGatewayRouting({ loadBalancer: { name: "…", namespace: "…" } }).',
    ],
    [
      'no certificate',
      { loadBalancer: LOAD_BALANCER },
      'tlsSecretName (not given) is needed where no issuer makes certificates. Give it, or name the ClusterIssuer: ' +
        'new AksApplicationGatewayRouting({ clusterIssuer: "letsencrypt", … }).',
    ],
  ])('throws for %s', (_, props, message) => {
    expect(routeError(on(props), {})).toBe(`polls/Route: ${message}`);
  });
});
