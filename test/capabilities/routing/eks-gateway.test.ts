import { Distribution, PublicRoute } from 'cdk8s-django';
import { EksGatewayRouting, EksGatewayRoutingProps, LoadBalancerScheme } from 'cdk8s-django/routing';
import { CERTIFICATE_ARN } from '../../support/distributions';
import {
  httpRoute,
  HTTP_LISTENER,
  LISTENER,
  redirectRoute,
  ROUTE_LABELS,
  routed,
} from '../../support/routes';
import { django, errorOf, find, HOST } from '../../support/synth';
import { routeError } from './routings';

const on = (props: Partial<EksGatewayRoutingProps> = {}) =>
  Distribution.eks({ routing: new EksGatewayRouting({ gatewayClassName: 'aws-alb', ...props }) });
const manifests = routed(on({ certificateArn: CERTIFICATE_ARN }));
const metadata = { name: 'polls', namespace: 'polls', labels: ROUTE_LABELS };

describe('EksGatewayRouting', () => {
  it('has a Gateway whose listeners have no tls, which the controller does not take', () => {
    const gateway = find(manifests, 'Gateway', 'polls');
    const allowedRoutes = { namespaces: { from: 'Same' } };
    expect(gateway.metadata).toEqual(metadata);
    expect(gateway.spec).toEqual({
      gatewayClassName: 'aws-alb',
      infrastructure: {
        parametersRef: { group: 'gateway.k8s.aws', kind: 'LoadBalancerConfiguration', name: 'polls' },
      },
      listeners: [
        { name: HTTP_LISTENER, hostname: HOST, port: 80, protocol: 'HTTP', allowedRoutes },
        { name: LISTENER, hostname: HOST, port: 443, protocol: 'HTTPS', allowedRoutes },
      ],
    });
  });

  it('binds the host to HTTPS without a timeout, and sends plain HTTP there', () => {
    expect(find(manifests, 'HTTPRoute', 'polls').spec).toEqual(httpRoute({}));
    expect(find(manifests, 'HTTPRoute', 'polls-redirect').spec).toEqual(redirectRoute({}));
  });

  it('configures the load balancer: certificate and idle timeout', () => {
    expect(find(manifests, 'LoadBalancerConfiguration', 'polls')).toEqual({
      apiVersion: 'gateway.k8s.aws/v1beta1',
      kind: 'LoadBalancerConfiguration',
      metadata,
      spec: {
        scheme: 'internet-facing',
        listenerConfigurations: [
          { protocolPort: 'HTTPS:443', defaultCertificate: CERTIFICATE_ARN, alpnPolicy: 'None' },
        ],
        loadBalancerAttributes: [{ key: 'idle_timeout.timeout_seconds', value: '60' }],
      },
    });
  });

  it('leaves the certificate to be looked for when none is named', () => {
    const { spec } = find(routed(on()), 'LoadBalancerConfiguration', 'polls');
    expect(spec).not.toHaveProperty('listenerConfigurations');
  });

  it('configures the target group: pods themselves, health check and draining', () => {
    expect(find(manifests, 'TargetGroupConfiguration', 'polls')).toEqual({
      apiVersion: 'gateway.k8s.aws/v1beta1',
      kind: 'TargetGroupConfiguration',
      metadata,
      spec: {
        targetReference: { group: '', kind: 'Service', name: 'polls' },
        defaultConfiguration: {
          targetType: 'ip',
          healthCheckConfig: { healthCheckPath: '/readyz', matcher: { httpCode: '200' } },
          targetGroupAttributes: [{ key: 'deregistration_delay.timeout_seconds', value: '75' }],
        },
      },
    });
  });

  it('gates the readiness of pods, and connects from the subnets of the load balancer', () => {
    const { routing } = on({ loadBalancerCidrs: ['10.0.0.0/20'] });
    expect(routing.namespaceLabels).toEqual({ 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' });
    expect(routing.sources(undefined as any)).toEqual([{ cidr: '10.0.0.0/20' }]);
  });

  it('is internal when that is asked for', () => {
    const { spec } = find(
      routed(on({ scheme: LoadBalancerScheme.INTERNAL })),
      'LoadBalancerConfiguration',
      'polls',
    );
    expect(spec.scheme).toBe('internal');
  });

  it('keeps the target group’s configuration with a Gateway that is shared, and makes none of the load balancer', () => {
    const routing = new EksGatewayRouting({ gateway: { name: 'edge', namespace: 'infra' } });
    const shared = routed(Distribution.eks({ routing }), { maintenance: true });
    expect(shared.map(({ kind }) => kind)).not.toContain('LoadBalancerConfiguration');
    expect(find(shared, 'TargetGroupConfiguration', 'polls').spec.targetReference.name).toBe('polls');
    const [{ filters }] = find(shared, 'HTTPRoute', 'polls').spec.rules;
    expect(filters[0].extensionRef.name).toBe('polls-maintenance');
    expect(find(shared, 'ListenerRuleConfiguration', 'polls-maintenance')).toBeDefined();
  });

  it('needs a class or a Gateway, and takes no scheme besides that of the Gateway', () => {
    const error = (props: EksGatewayRoutingProps) =>
      routeError(Distribution.eks({ routing: new EksGatewayRouting(props) }), {});
    expect(error({})).toBe(
      'polls/Route: gatewayClassName (not given) is needed where no Gateway is given. Give it: ' +
        'new EksGatewayRouting({ gatewayClassName: "…" }).',
    );
    expect(error({ gateway: { name: 'edge' }, scheme: LoadBalancerScheme.INTERNAL })).toBe(
      'polls/Route: scheme "internal" is of no use with the Gateway "edge", whose load balancer has one. Leave it out.',
    );
  });

  it('takes no Secret', () => {
    expect(routeError(on(), { tlsSecretName: 'polls-tls' })).toBe(
      'polls/Route: tlsSecretName "polls-tls" cannot be used: an Application Load Balancer takes its certificate from ' +
        'ACM. Leave it out, and have the certificate in ACM or name it: new EksGatewayRouting({ certificateArn: "arn:…", … }).',
    );
  });

  it('refuses a second route of the Service', () => {
    const message = errorOf((chart) => {
      const app = django(chart);
      new PublicRoute(chart, 'One', { app, hosts: ['a.example.com'] });
      new PublicRoute(chart, 'Two', { app, hosts: ['b.example.com'], name: 'two' });
    }, on());
    expect(message).toContain('polls/Two: app "polls" has a route already');
  });
});
