import { Distribution, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { EksAutoModeRouting, EksAutoModeRoutingProps, LoadBalancerScheme } from 'cdk8s-django/routing';
import { CERTIFICATE_ARN } from '../../support/distributions';
import { routed, ROUTE_LABELS } from '../../support/routes';
import { django, find, HOST, synth } from '../../support/synth';
import { routeError } from './routings';

const on = (props: EksAutoModeRoutingProps = {}) =>
  Distribution.eks({ routing: new EksAutoModeRouting(props) });
const prefix = 'alb.ingress.kubernetes.io';

describe('EksAutoModeRouting', () => {
  it('makes a class of the whole cluster for the route, with the certificate', () => {
    const manifests = routed(on({ certificateArn: CERTIFICATE_ARN }));
    const metadata = { name: 'polls.polls', labels: ROUTE_LABELS };
    expect(find(manifests, 'IngressClassParams', 'polls.polls')).toEqual({
      apiVersion: 'eks.amazonaws.com/v1',
      kind: 'IngressClassParams',
      metadata,
      spec: { scheme: 'internet-facing', certificateARNs: [CERTIFICATE_ARN] },
    });
    expect(find(manifests, 'IngressClass', 'polls.polls')).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata,
      spec: {
        controller: 'eks.amazonaws.com/alb',
        parameters: { apiGroup: 'eks.amazonaws.com', kind: 'IngressClassParams', name: 'polls.polls' },
      },
    });
  });

  it('leaves the certificate to be looked for when none is named', () => {
    expect(find(routed(on()), 'IngressClassParams', 'polls.polls').spec).toEqual({
      scheme: 'internet-facing',
    });
  });

  it('is internal, and shares its load balancer with a group, when that is asked for', () => {
    const distribution = Distribution.eks({
      autoMode: true,
      scheme: LoadBalancerScheme.INTERNAL,
      groupName: 'shared',
    });
    const manifests = routed(distribution);
    expect(find(manifests, 'IngressClassParams', 'polls.polls').spec).toEqual({
      scheme: 'internal',
      group: { name: 'shared' },
    });
    expect(Object.keys(find(manifests, 'Ingress', 'polls').metadata.annotations)).not.toContain(
      `${prefix}/group.name`,
    );
  });

  it.each<[string, EksAutoModeRoutingProps]>([
    ['scheme "internal"', { scheme: LoadBalancerScheme.INTERNAL }],
    ['groupName "shared"', { groupName: 'shared' }],
  ])('has no %s besides that of a class that exists', (property, props) => {
    expect(routeError(on({ ingressClassName: 'edge', ...props }), {})).toBe(
      `polls/Route: ${property} is of no use with the IngressClass "edge", whose IngressClassParams name it. ` +
        'Leave one of them out.',
    );
  });

  it('has an Ingress of that class, with the annotations of a load balancer but none that Auto Mode lacks', () => {
    const { metadata, spec } = find(routed(on({ certificateArn: CERTIFICATE_ARN })), 'Ingress', 'polls');
    expect(metadata).toEqual({
      name: 'polls',
      namespace: 'polls',
      labels: ROUTE_LABELS,
      annotations: {
        [`${prefix}/target-type`]: 'ip',
        [`${prefix}/listen-ports`]: '[{"HTTP": 80}, {"HTTPS": 443}]',
        [`${prefix}/ssl-redirect`]: '443',
        [`${prefix}/healthcheck-path`]: '/readyz',
        [`${prefix}/success-codes`]: '200',
        [`${prefix}/load-balancer-attributes`]: 'idle_timeout.timeout_seconds=60',
        [`${prefix}/target-group-attributes`]: 'deregistration_delay.timeout_seconds=75',
      },
    });
    const backend = { service: { name: 'polls', port: { number: 8000 } } };
    expect(spec).toEqual({
      ingressClassName: 'polls.polls',
      rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    });
  });

  it('has the class that exists when it is named, and makes none', () => {
    const manifests = routed(on({ ingressClassName: 'shared' }));
    expect(find(manifests, 'Ingress', 'polls').spec.ingressClassName).toBe('shared');
    expect(manifests.some(({ kind }) => kind.startsWith('IngressClass'))).toBe(false);
  });

  it('gates the readiness of pods by its own label of the namespace', () => {
    const manifests = synth(
      (chart) => {
        const app = django(chart);
        new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
        new LeastPrivilegeAccess(chart, 'Access', { app });
      },
      on({ loadBalancerCidrs: ['10.0.0.0/20'] }),
    );
    expect(find(manifests, 'Namespace', 'polls').metadata.labels).toMatchObject({
      'eks.amazonaws.com/pod-readiness-gate-inject': 'enabled',
    });
    const [{ from }] = find(manifests, 'NetworkPolicy', 'polls').spec.ingress;
    expect(from).toEqual([{ ipBlock: { cidr: '10.0.0.0/20' } }]);
  });

  it('takes no Secret, and no certificate besides that of a class that exists', () => {
    expect(routeError(on(), { tlsSecretName: 'polls-tls' })).toBe(
      'polls/Route: tlsSecretName "polls-tls" cannot be used: an Application Load Balancer takes its certificate from ' +
        'ACM. Leave it out, and have the certificate in ACM or name it: new EksAutoModeRouting({ certificateArn: "arn:…" }).',
    );
    expect(routeError(on({ ingressClassName: 'shared', certificateArn: CERTIFICATE_ARN }), {})).toBe(
      `polls/Route: certificateArn "${CERTIFICATE_ARN}" is of no use with the IngressClass "shared", whose ` +
        'IngressClassParams name it. Leave one of them out.',
    );
  });
});
