import { Chart, Testing } from 'cdk8s';
import { Distribution, LeastPrivilegeAccess, PostgresBackend } from 'cdk8s-django';
import { CiliumEgressNames, ClusterNetwork, ClusterNetworkProps } from 'cdk8s-django/network';
import { networkPolicy } from '../../../src/workloads/network-policies';
import { SAMPLES } from '../../support/distributions';
import { django, everything, find, findAll, synth } from '../../support/synth';

const all: Required<ClusterNetworkProps> = {
  monitoringNamespaceLabels: { team: 'monitoring' },
  dnsPods: { podLabels: { app: 'coredns' } },
  dnsPodPorts: [1053],
  dnsAddresses: ['10.96.0.10/32'],
  apiServerAddresses: ['10.96.0.1/32', '10.0.0.8/29'],
  egressNames: new CiliumEgressNames(),
  metricsSources: [{ podLabels: { app: 'collector' } }],
};
const { monitoringNamespaceLabels } = all;

const bothProtocols = (port: number) => [
  { port, protocol: 'UDP' },
  { port, protocol: 'TCP' },
];

describe('the network of a cluster', () => {
  it('has the name servers that a program gives, on their ports', () => {
    expect(new ClusterNetwork(all).dns).toEqual([
      { peers: [{ podLabels: { app: 'coredns' } }], ports: bothProtocols(1053) },
      { peers: [{ cidr: '10.96.0.10/32' }], ports: bothProtocols(53) },
    ]);
  });

  it('has kube-dns and a cache on the node resolve names when nothing else is said', () => {
    expect(new ClusterNetwork({ monitoringNamespaceLabels }).dns).toEqual([
      {
        peers: [
          {
            namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
            podLabels: { 'k8s-app': 'kube-dns' },
          },
        ],
        ports: undefined,
      },
      { peers: [{ cidr: '169.254.20.10/32' }], ports: bothProtocols(53) },
    ]);
  });

  it('has pods alone resolve names when there is no other address', () => {
    expect(new ClusterNetwork({ ...all, dnsAddresses: [] }).dns).toHaveLength(1);
  });

  it('has the API server at the addresses that a program gives', () => {
    const ports = [{ port: 443 }, { port: 6443 }];
    expect(new ClusterNetwork(all).apiServer).toEqual([
      { peers: [{ cidr: '10.96.0.1/32' }, { cidr: '10.0.0.8/29' }], ports },
    ]);
    expect(new ClusterNetwork({ monitoringNamespaceLabels }).apiServer).toEqual([{ ports }]);
  });

  it('is scraped from the namespace of the monitoring', () => {
    const network = new ClusterNetwork({ ...all, metricsSources: undefined });
    expect(network.metricsSources).toEqual([{ namespaceLabels: { team: 'monitoring' } }]);
  });

  it('is scraped by the pods that a program names, and by no others', () => {
    expect(new ClusterNetwork(all).metricsSources).toEqual([{ podLabels: { app: 'collector' } }]);
  });
});

const COLLECTOR = { namespaceLabels: { team: 'platform' }, podLabels: { app: 'collector' } };
const SCRAPED_BY = { metricsSources: [COLLECTOR] };

describe.each([
  Distribution.gke(SCRAPED_BY),
  Distribution.gke({ ...SCRAPED_BY, autopilot: true }),
  Distribution.eks(SCRAPED_BY),
  Distribution.eks({ ...SCRAPED_BY, autoMode: true }),
  Distribution.aks(SCRAPED_BY),
  Distribution.openshift(SCRAPED_BY),
  Distribution.upstream(SCRAPED_BY),
])('metrics with a collector of its own on $name', (distribution) => {
  it('are shown to its pods alone, in replicas, workers and servers', () => {
    const manifests = synth((chart) => {
      const database = new PostgresBackend(chart, 'Database', { name: 'db', storage: '1Gi', metrics: {} });
      const app = django(chart, { database });
      app.addMetrics();
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, distribution);
    const from = [
      {
        namespaceSelector: { matchLabels: COLLECTOR.namespaceLabels },
        podSelector: { matchLabels: COLLECTOR.podLabels },
      },
    ];
    const rules = findAll(manifests, 'NetworkPolicy').flatMap(({ spec: { ingress = [] } }) =>
      ingress.filter(({ ports = [] }: any) => ports.some(({ port }: any) => [8098, 9187].includes(port))),
    );
    expect(rules.map((rule: any) => rule.from)).toEqual([from, from, from]);
  });
});

it('metrics without anybody who scrapes them are refused: an empty list would let everybody in', () => {
  const define = (chart: Chart) => {
    const app = django(chart);
    app.addMetrics();
    new LeastPrivilegeAccess(chart, 'Access', { app });
  };
  expect(() => synth(define, Distribution.upstream({ metricsSources: [] }))).toThrow(
    '[polls/Access] network.metricsSources [] is empty, and would let everybody in. Name at least one peer, or leave it out.',
  );
});

it('a rule for nobody is no rule, and one for no port is none', () => {
  const chart = new Chart(Testing.app(), 'polls', { namespace: 'polls' });
  Distribution.bind(chart, Distribution.upstream());
  const selector = { name: 'django', instance: 'polls', component: 'web' };
  const some = [{ podLabels: { app: 'other' } }];
  networkPolicy(chart, 'Policy', {
    name: 'polls',
    selector,
    allowed: () => ({
      ingress: [{ peers: [], ports: [{ port: 8000 }] }],
      egress: [{ peers: some, ports: [] }, { peers: some }],
    }),
  });
  const [{ spec }] = Testing.synth(chart);
  expect(spec.ingress).toBeUndefined();
  expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  expect(spec.egress).toEqual([{ to: [{ podSelector: { matchLabels: { app: 'other' } } }] }]);
});

const ADDRESSES = { dnsAddresses: ['10.1.0.10/32'], apiServerAddresses: ['10.1.0.1/32', '10.2.0.0/28'] };
/** Each distribution by its facts. */
const WITH_ADDRESSES = [
  Distribution.gke(ADDRESSES),
  Distribution.eks(ADDRESSES),
  Distribution.aks(ADDRESSES),
  Distribution.openshift(ADDRESSES),
  Distribution.upstream(ADDRESSES),
];

describe.each(WITH_ADDRESSES.map((distribution) => ({ name: distribution.name, distribution })))(
  'a cluster of $name whose addresses are given',
  ({ distribution }) => {
    const manifests = synth(
      (chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart) }),
      distribution,
    );
    const egress = find(manifests, 'NetworkPolicy', 'polls-secret').spec.egress as any[];
    const addresses = egress.map(({ to, ports }) => ({
      ranges: to.flatMap(({ ipBlock }: any) => ipBlock?.cidr ?? []),
      ports: (ports ?? []).map(({ port }: any) => port),
    }));

    it('lets Jobs that make Secrets connect to the API server alone, and not to 443 of any address', () => {
      expect(addresses.at(-1)).toEqual({ ranges: ADDRESSES.apiServerAddresses, ports: [443, 6443] });
    });

    it('has its name servers in place of the platform’s usual ones', () => {
      expect(addresses.flatMap(({ ranges }) => ranges)).toEqual([
        '10.1.0.10/32',
        ...ADDRESSES.apiServerAddresses,
      ]);
    });
  },
);

test('AKS Automatic asks any address for names: no peer of a NetworkPolicy is LocalDNS to Cilium', () => {
  expect(Distribution.aks({ automatic: true }).network.dns).toEqual([{ ports: bothProtocols(53) }]);
  const [{ peers }] = Distribution.aks().network.dns;
  expect(peers).toContainEqual({ cidr: '169.254.10.0/24' });
});

/** Where a cloud tells pods who they are, and what for: addresses and ports. */
const METADATA = ['169.254.169.254', '169.254.169.252', '169.254.170.23', '169.254.170.2', 'fd00:ec2'];

describe.each(SAMPLES)('the metadata endpoints on $name', ({ make }) => {
  it('are out of reach of every pod without an identity', () => {
    const policies = synth((chart) => everything(chart), make()).filter(
      ({ kind }) => kind === 'NetworkPolicy',
    );
    expect(policies.length).toBeGreaterThan(4);
    for (const { spec } of policies) {
      for (const { to = [], ports = [] } of spec.egress ?? []) {
        const numbers = ports.map(({ port }: any) => port);
        const ranges = to.flatMap(({ ipBlock }: any) => ipBlock?.cidr ?? []);
        const isMetadata = ranges.some((range: string) => METADATA.some((one) => range.startsWith(one)));
        // Cloud DNS has the address of the metadata server, on another port.
        if (isMetadata) expect(numbers).toEqual([53, 53]);
        // What names nobody is anybody: the endpoints answer on 80, 988 and 8080, never on these.
        if (!to.length) expect(numbers).toEqual([443, 6443]);
      }
    }
  });

  it('are never among the addresses of any port', () => {
    const policies = synth((chart) => everything(chart), make()).filter(
      ({ kind }) => kind === 'NetworkPolicy',
    );
    const open = policies.flatMap(({ spec }) => spec.egress ?? []).filter((rule: any) => !rule.ports);
    for (const { to } of open) for (const peer of to) expect(peer.ipBlock).toBeUndefined();
  });
});
