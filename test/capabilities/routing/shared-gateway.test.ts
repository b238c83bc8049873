import {
  AksApplicationGatewayRouting,
  Distribution,
  IDistribution,
  OpenShiftGatewayRouting,
  PublicRouteProps,
  SharedGateway,
} from 'cdk8s-django';
import { routed } from '../../support/routes';
import { find, HOST } from '../../support/synth';
import { routeError } from './routings';

type Make = (gateway: SharedGateway) => IDistribution;

const ROUTINGS: Record<string, Make> = {
  GKE: (gateway) => Distribution.gke({ gateway }),
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
});
