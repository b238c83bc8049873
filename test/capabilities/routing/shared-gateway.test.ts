import { Chart } from 'cdk8s';
import {
  Distribution,
  IDistribution,
  LeastPrivilegeAccess,
  PublicRoute,
  PublicRouteProps,
} from 'cdk8s-django';
import {
  AksApplicationGatewayRouting,
  EksGatewayRouting,
  OpenShiftGatewayRouting,
  SharedGateway,
} from 'cdk8s-django/routing';
import { atSynth } from '../../errors/support';
import { routed } from '../../support/routes';
import { django, errorOf, find, HOST, synth } from '../../support/synth';
import { routeError } from './routings';

type Make = (gateway: SharedGateway) => IDistribution;

const ROUTINGS: Record<string, Make> = {
  GKE: (gateway) => Distribution.gke({ gateway }),
  EKS: (gateway) => Distribution.eks({ routing: new EksGatewayRouting({ gateway }) }),
  AKS: (gateway) => Distribution.aks({ gateway }),
  'AKS Application Gateway': (gateway) =>
    Distribution.aks({ routing: new AksApplicationGatewayRouting({ gateway }) }),
  OpenShift: (gateway) => Distribution.openshift({ routing: new OpenShiftGatewayRouting({ gateway }) }),
  upstream: (gateway) => Distribution.upstream({ gateway }),
};

describe.each(Object.entries(ROUTINGS))('a Gateway that is shared on %s', (name, make) => {
  const namespace = name === 'OpenShift' ? 'openshift-ingress' : 'infra';
  const manifests = routed(make({ name: 'edge', namespace }));
  const parent = (sectionName: string) => [
    { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge', namespace, sectionName },
  ];

  it('gets the routes of the application, and none is made', () => {
    const kinds = manifests.map(({ kind }) => kind);
    for (const kind of ['Gateway', 'Namespace', 'ReferenceGrant']) expect(kinds).not.toContain(kind);
    expect(manifests.some(({ metadata }) => metadata.name === 'polls-certificate')).toBe(false);
    const { spec } = find(manifests, 'HTTPRoute', 'polls');
    expect(spec.parentRefs).toEqual(parent('https'));
    expect(spec.hostnames).toEqual([HOST]);
    expect(find(manifests, 'HTTPRoute', 'polls-redirect').spec.parentRefs).toEqual(parent('http'));
  });

  it('may have listeners of other names', () => {
    const gateway = { name: 'edge', namespace, httpsListener: 'tls', httpListener: 'web' };
    const others = routed(make(gateway));
    expect(find(others, 'HTTPRoute', 'polls').spec.parentRefs).toEqual(parent('tls'));
    expect(find(others, 'HTTPRoute', 'polls-redirect').spec.parentRefs).toEqual(parent('web'));
  });

  it('brings its certificate: a Secret of the route is refused', () => {
    expect(routeError(make({ name: 'edge', namespace }), { tlsSecretName: 'polls-tls' })).toBe(
      'polls/Route: tlsSecretName "polls-tls" is of no use with the Gateway "edge", which brings its own certificates. ' +
        'Leave it out, and have the certificate at the Gateway.',
    );
  });
});

describe('a Gateway that is shared', () => {
  const gateway = { name: 'edge', namespace: 'infra' };

  it.each<[string, IDistribution]>([
    ['certificateMap "polls"', Distribution.gke({ gateway, certificateMap: 'polls' })],
    [
      'certificateArn "arn"',
      Distribution.eks({ routing: new EksGatewayRouting({ gateway, certificateArn: 'arn' }) }),
    ],
    ['keyVaultCertificateUri "uri"', Distribution.aks({ gateway, keyVaultCertificateUri: 'uri' })],
    ['certificateClientId "id"', Distribution.aks({ gateway, certificateClientId: 'id' })],
    ['clusterIssuer "letsencrypt"', Distribution.upstream({ gateway, clusterIssuer: 'letsencrypt' })],
  ])('goes with no %s', (property, distribution) => {
    const none: Partial<PublicRouteProps> = {};
    expect(routeError(distribution, none)).toBe(
      `polls/Route: ${property} is of no use with the Gateway "edge", which brings its own certificates. Leave it ` +
        'out, and have the certificate at the Gateway.',
    );
  });

  it('keeps the policies of the Service on GKE', () => {
    const manifests = routed(Distribution.gke({ gateway }));
    expect(find(manifests, 'HealthCheckPolicy', 'polls').spec.targetRef.name).toBe('polls');
    expect(find(manifests, 'GCPBackendPolicy', 'polls').spec.default.timeoutSec).toBe(60);
  });

  it('is in the application’s namespace unless another is named', () => {
    const manifests = routed(Distribution.upstream({ gateway: { name: 'edge' } }));
    expect(find(manifests, 'HTTPRoute', 'polls').spec.parentRefs[0]).not.toHaveProperty('namespace');
  });

  it('is where the proxies of AKS run', () => {
    expect(Distribution.aks({ gateway }).routing.sources(undefined as any)).toEqual([
      { namespaceLabels: { 'kubernetes.io/metadata.name': 'infra' } },
    ]);
  });

  it('is in openshift-ingress on OpenShift, and nowhere else', () => {
    expect(routeError(ROUTINGS.OpenShift(gateway), {})).toBe(
      'polls/Route: gateway.namespace "infra" has no Gateway: those of OpenShift are in "openshift-ingress". Leave it out.',
    );
  });

  const NAMESPACE = 'kubernetes.io/metadata.name';
  const access = (chart: Chart) => {
    const app = django(chart);
    new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  };
  const sourcesOf = (distribution: IDistribution) =>
    find(synth(access, distribution), 'NetworkPolicy', 'polls').spec.ingress[0].from;

  it('is of Contour upstream if its class is given, and else its proxies have to be', () => {
    const unknown = Distribution.upstream({ gateway });
    expect(errorOf(access, unknown)).toBe(
      atSynth(
        '[polls/Access] routerNamespaceLabels (not given) is needed to let the proxies of the Gateway "edge" in. Give ' +
          'the labels of their namespace: Distribution.upstream({ routerNamespaceLabels: { "kubernetes.io/metadata.name": ' +
          '"…" } }).',
      ),
    );
    const namespaces = (name: string) => [{ namespaceSelector: { matchLabels: { [NAMESPACE]: name } } }];
    const known = Distribution.upstream({ gateway, gatewayClassName: 'contour' });
    expect(sourcesOf(known)).toEqual(namespaces('projectcontour'));
    const given = Distribution.upstream({ gateway, routerNamespaceLabels: { [NAMESPACE]: 'infra' } });
    expect(sourcesOf(given)).toEqual(namespaces('infra'));
    const istio = Distribution.upstream({ gateway, gatewayClassName: 'istio' });
    expect(errorOf(access, istio)).toContain('routerNamespaceLabels (not given)');
  });

  it('has to be told by its class from where it connects on GKE', () => {
    const unknown = Distribution.gke({ gateway });
    expect(errorOf(access, unknown)).toBe(
      atSynth(
        '[polls/Access] gatewayClassName (not given) is needed to know from where the load balancer of the Gateway ' +
          '"edge" connects. Give that of the Gateway: Distribution.gke({ gatewayClassName: "gke-l7-…", gateway: { … } }).',
      ),
    );
    const front = ['35.191.0.0/16', '130.211.0.0/22'].map((cidr) => ({ ipBlock: { cidr } }));
    const global = Distribution.gke({ gateway, gatewayClassName: 'gke-l7-global-external-managed' });
    expect(sourcesOf(global)).toEqual(front);
    const subnet = { ipBlock: { cidr: '10.129.0.0/23' } };
    expect(sourcesOf(Distribution.gke({ gateway, proxyOnlySubnetCidr: '10.129.0.0/23' }))).toEqual([
      ...front,
      subnet,
    ]);
  });

  it.each(['gke-l7-regional-external-managed', 'gke-l7-rilb', 'gke-l7-rilb-mc'])(
    'connects from the proxy-only subnet when it is of the class %s',
    (gatewayClassName) => {
      const distribution = Distribution.gke({ gateway, gatewayClassName });
      expect(errorOf(access, distribution)).toBe(
        atSynth(
          `[polls/Access] proxyOnlySubnetCidr (not given) is needed to let the proxies of GatewayClass "${gatewayClassName}" ` +
            'in. Give the range of the subnet: Distribution.gke({ proxyOnlySubnetCidr: "10.129.0.0/23" }).',
        ),
      );
    },
  );
});
