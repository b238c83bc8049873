import {
  Distribution,
  HealthMonitoring,
  IDistribution,
  LeastPrivilegeAccess,
  PublicRoute,
} from 'cdk8s-django';
import { PrometheusOperator } from 'cdk8s-django/monitoring';
import { ClusterNetwork } from 'cdk8s-django/network';
import {
  AksApplicationGatewayRouting,
  AksApplicationGatewayRoutingProps,
  ContourRouting,
  EksAutoModeRouting,
  EksGatewayRouting,
  GkeIngressRouting,
  IngressRouting,
  IngressRoutingProps,
  OpenShiftGatewayRouting,
} from 'cdk8s-django/routing';
import { atSynth } from '../../errors/support';
import { django, errorOf, HOST, synth } from '../../support/synth';
import { LOAD_BALANCER, routeError } from './routings';

const BAD = 'Not a Name';
const NAME =
  `${JSON.stringify(BAD)} is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ".", beginning ` +
  'and ending with a letter or digit.';
const NAMESPACE =
  '"a.b" is not a name that a namespace can have. Use lower-case letters, digits and "-", beginning and ending with a ' +
  'letter or digit, at most 63.';
const ARN =
  'certificateArn "arn:aws:s3:::certificates" is not the ARN of a certificate. Give it as ACM shows it: ' +
  '"arn:aws:acm:eu-west-1:111122223333:certificate/…".';
const SCHEME = 'scheme "public" is not the scheme of a load balancer. Give "internet-facing" or "internal".';
const GROUP =
  `groupName ${JSON.stringify(BAD)} is not a name that a group of Ingresses can have. Use lower-case letters, digits, ` +
  '"-" and ".", beginning and ending with a letter or digit, at most 63.';
const certificateArn = 'arn:aws:s3:::certificates';
const KEY =
  `"two words" is not the key of a label. Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" ` +
  'if it has one.';

const ingress = (props: IngressRoutingProps) => Distribution.upstream({ routing: new IngressRouting(props) });
const applicationGateway = (props: AksApplicationGatewayRoutingProps) =>
  Distribution.aks({ routing: new AksApplicationGatewayRouting({ clusterIssuer: 'letsencrypt', ...props }) });

describe('a fact of a cluster that cannot be is refused where a route uses it', () => {
  const clusterIssuer = 'letsencrypt';
  it.each<[string, IDistribution]>([
    [`gatewayClassName ${NAME}`, Distribution.gke({ certificateMap: 'polls', gatewayClassName: BAD })],
    [`certificateMap ${NAME}`, Distribution.gke({ certificateMap: BAD })],
    [`addressName ${NAME}`, Distribution.gke({ certificateMap: 'polls', addressName: BAD })],
    [`gateway.name ${NAME}`, Distribution.gke({ gateway: { name: BAD } })],
    [`gateway.namespace ${NAMESPACE}`, Distribution.gke({ gateway: { name: 'edge', namespace: 'a.b' } })],
    [`gateway.httpsListener ${NAME}`, Distribution.upstream({ gateway: { name: 'a', httpsListener: BAD } })],
    [`gateway.httpListener ${NAME}`, Distribution.aks({ gateway: { name: 'a', httpListener: BAD } })],
    [`staticIpName ${NAME}`, Distribution.gke({ routing: new GkeIngressRouting({ staticIpName: BAD }) })],
    [`ingressClassName ${NAME}`, Distribution.eks({ ingressClassName: BAD })],
    [ARN, Distribution.eks({ certificateArn })],
    [SCHEME, Distribution.eks({ scheme: 'public' as any })],
    [SCHEME, Distribution.eks({ autoMode: true, scheme: 'public' as any })],
    [
      SCHEME,
      Distribution.eks({
        routing: new EksGatewayRouting({ gatewayClassName: 'alb', scheme: 'public' as any }),
      }),
    ],
    [GROUP, Distribution.eks({ groupName: BAD })],
    [GROUP, Distribution.eks({ autoMode: true, groupName: BAD })],
    [
      `ingressClassName ${NAME}`,
      Distribution.eks({ routing: new EksAutoModeRouting({ ingressClassName: BAD }) }),
    ],
    [ARN, Distribution.eks({ autoMode: true, certificateArn })],
    [
      `gatewayClassName ${NAME}`,
      Distribution.eks({ routing: new EksGatewayRouting({ gatewayClassName: BAD }) }),
    ],
    [ARN, Distribution.eks({ routing: new EksGatewayRouting({ gatewayClassName: 'alb', certificateArn }) })],
    [`gatewayClassName ${NAME}`, Distribution.aks({ gatewayClassName: BAD })],
    [`gatewayClassName ${NAME}`, applicationGateway({ loadBalancer: LOAD_BALANCER, gatewayClassName: BAD })],
    [`clusterIssuer ${NAME}`, applicationGateway({ loadBalancer: LOAD_BALANCER, clusterIssuer: BAD })],
    [`loadBalancer.name ${NAME}`, applicationGateway({ loadBalancer: { name: BAD, namespace: 'infra' } })],
    [
      `loadBalancer.namespace ${NAMESPACE}`,
      applicationGateway({ loadBalancer: { name: 'alb', namespace: 'a.b' } }),
    ],
    [
      'frontend.albId "alb" is not the ID of a resource of Azure. Give what "az network alb show --query id" says: ' +
        '"/subscriptions/…".',
      applicationGateway({ frontend: { albId: 'alb', frontend: 'polls' } }),
    ],
    [
      `frontend.frontend ${JSON.stringify(BAD)} is not a name that a frontend can have. Use letters, digits, "-", "_" ` +
        'and ".", at most 64.',
      applicationGateway({ frontend: { albId: '/subscriptions/1', frontend: BAD } }),
    ],
    [
      `gatewayClassName ${NAME}`,
      Distribution.openshift({ routing: new OpenShiftGatewayRouting({ gatewayClassName: BAD }) }),
    ],
    [
      `certificateSecretName ${NAME}`,
      Distribution.openshift({ routing: new OpenShiftGatewayRouting({ certificateSecretName: BAD }) }),
    ],
    [`clusterIssuer ${NAME}`, Distribution.upstream({ clusterIssuer: BAD })],
    [`gatewayClassName ${NAME}`, Distribution.upstream({ clusterIssuer, gatewayClassName: BAD })],
    [`clusterIssuer ${NAME}`, Distribution.upstream({ routing: new ContourRouting({ clusterIssuer: BAD }) })],
    [
      `ingressClassName ${NAME}`,
      Distribution.upstream({ routing: new ContourRouting({ clusterIssuer, ingressClassName: BAD }) }),
    ],
    [`ingressClassName ${NAME}`, ingress({ ingressClassName: BAD })],
    [`clusterIssuer ${NAME}`, ingress({ clusterIssuer: BAD })],
    [`timeoutAnnotations ${KEY}`, ingress({ timeoutAnnotations: ['two words'] })],
    [`annotations ${KEY}`, ingress({ annotations: { 'two words': '' } })],
    [`sessionAffinityAnnotations ${KEY}`, ingress({ sessionAffinityAnnotations: { 'two words': '' } })],
    [
      `sessionAffinityServiceAnnotations ${KEY}`,
      ingress({ sessionAffinityServiceAnnotations: { 'two words': '' } }),
    ],
  ])('%s', (message, distribution) => {
    expect(routeError(distribution, {})).toBe(`polls/Route: ${message}`);
  });

  it('unless it can: the certificates of other clouds and services', () => {
    for (const arn of [
      'arn:aws-cn:acm:cn-north-1:111122223333:certificate/0a1b',
      'arn:aws-us-gov:acm:us-gov-west-1:111122223333:certificate/0a1b',
      'arn:aws:iam::111122223333:server-certificate/polls/cert',
    ]) {
      const distribution = Distribution.eks({ certificateArn: arn });
      expect(() =>
        synth((chart) => {
          new PublicRoute(chart, 'Route', { app: django(chart), hosts: [HOST] });
        }, distribution),
      ).not.toThrow();
    }
  });
});

/** The error of a policy that lets the router and the scraper in. */
function policyError(distribution: IDistribution): string {
  return errorOf((chart) => {
    const app = django(chart);
    new PublicRoute(chart, 'Route', { app, hosts: [HOST], tlsSecretName: 'polls-tls' });
    new HealthMonitoring(chart, 'Health', { app, metrics: {} });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  }, distribution);
}

describe('a fact of a cluster that cannot be is refused where a policy uses it', () => {
  const range = (value: string) =>
    `${JSON.stringify(value)} is not a range of addresses. Give an address and the length of its prefix, such as ` +
    '"10.20.0.0/16".';
  const every =
    '{} names no label, and would let every namespace in. Give at least one: { "kubernetes.io/metadata.name": "…" }.';
  const contour = (labels: { [label: string]: string }) =>
    Distribution.upstream({ routing: new ContourRouting({ routerNamespaceLabels: labels }) });

  it.each<[string, IDistribution]>([
    [`proxyOnlySubnetCidr ${range('nonsense')}`, Distribution.gke({ proxyOnlySubnetCidr: 'nonsense' })],
    [
      `subnetCidr ${range('10.225.0.0/33')}`,
      applicationGateway({ loadBalancer: LOAD_BALANCER, subnetCidr: '10.225.0.0/33' }),
    ],
    [`routerNamespaceLabels ${every}`, Distribution.upstream({ routerNamespaceLabels: {} })],
    [`routerNamespaceLabels ${every}`, contour({})],
    [`routerNamespaceLabels ${every}`, ingress({ routerNamespaceLabels: {} })],
    [`routerNamespaceLabels ${KEY}`, contour({ 'two words': '' })],
    [
      'routerNamespaceLabels.team "a b" is not a value that a label can have. Use letters, digits, "-", "_" and ".", ' +
        'beginning and ending with a letter or digit.',
      contour({ team: 'a b' }),
    ],
    [
      `network.metricsSources ${every}`,
      Distribution.gke({ network: new ClusterNetwork({ monitoringNamespaceLabels: {} }) }),
    ],
  ])('%s', (message, distribution) => {
    expect(policyError(distribution)).toBe(atSynth(`[polls/Access] ${message}`));
  });

  it('also by the load balancers of AWS', () => {
    for (const distribution of [
      Distribution.eks({ loadBalancerCidrs: ['10.0.0.0'] }),
      Distribution.eks({ autoMode: true, loadBalancerCidrs: ['10.0.0.0'] }),
    ]) {
      const message = errorOf((chart) => {
        const app = django(chart);
        new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
        new LeastPrivilegeAccess(chart, 'Access', { app });
      }, distribution);
      expect(message).toBe(atSynth(`[polls/Access] loadBalancerCidrs ${range('10.0.0.0')}`));
    }
  });

  it('also by labels of ServiceMonitors', () => {
    const monitoring = new PrometheusOperator({ labels: { 'two words': '' } });
    const message = errorOf((chart) => {
      new HealthMonitoring(chart, 'Health', { app: django(chart), metrics: {} });
    }, Distribution.upstream({ monitoring }));
    expect(message).toBe(`polls/Health: monitoring.labels ${KEY}`);
  });

  it('also of a routing that is written outside the library', () => {
    const routing = Object.assign(new IngressRouting({}), { sources: () => [{ namespaceLabels: {} }] });
    expect(policyError(Distribution.upstream({ routing }))).toBe(
      atSynth(`[polls/Access] routing.sources ${every}`),
    );
  });
});
