import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { App, Chart } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  IDistribution,
  LeastPrivilegeAccess,
  NetworkProtocol,
  PodKind,
  PodSelection,
} from 'cdk8s-django';
import { explainAccess } from 'cdk8s-django/access';
import { AksEgressNames, CiliumEgressNames, EgressTarget } from 'cdk8s-django/network';
import { parse } from 'yaml';
import { SAMPLES } from '../support/distributions';
import { django, find, IMAGE, synth } from '../support/synth';
import { ROOT } from '../support/typescript';

const HTTPS = [{ port: 443 }];
const STRIPE = EgressTarget.names(['api.stripe.com', '*.example.com'], HTTPS);
const LABELS = { 'app.kubernetes.io/name': 'polls', 'app.kubernetes.io/instance': 'polls' };

type Extend = (app: DjangoApp, chart: Chart) => void;

/** Manifests of an application whose network is restricted after or before something is said of it. */
function restricted(extend: Extend, distribution?: IDistribution, first = false): any[] {
  return synth((chart) => {
    const app = django(chart);
    if (first) extend(app, chart);
    new LeastPrivilegeAccess(chart, 'Access', { app });
    if (!first) extend(app, chart);
  }, distribution);
}

/** A distribution that lets pods connect to names, its kind, and the definition that its vendor publishes. */
const PLATFORMS: { name: string; make: () => IDistribution; kind: string; definition: string }[] = [
  {
    name: 'GKE',
    make: () => Distribution.gke(),
    kind: 'FQDNNetworkPolicy',
    definition: 'networking.gke.io/fqdnnetworkpolicies',
  },
  {
    name: 'EKS Auto Mode',
    make: () => Distribution.eks({ autoMode: true }),
    kind: 'ApplicationNetworkPolicy',
    definition: 'networking.k8s.aws/applicationnetworkpolicies',
  },
  {
    name: 'upstream with Cilium',
    make: () => Distribution.upstream({ egressNames: new CiliumEgressNames() }),
    kind: 'CiliumNetworkPolicy',
    definition: 'cilium.io/ciliumnetworkpolicies',
  },
  {
    name: 'AKS with Cilium',
    make: () =>
      Distribution.aks({
        egressNames: new AksEgressNames({
          lookups: ['api.stripe.com', '*.example.com', '*.*.svc.cluster.local'],
        }),
      }),
    kind: 'CiliumNetworkPolicy',
    definition: 'cilium.io/ciliumnetworkpolicies',
  },
];

/** The spec that a definition has, without fields that are not in it. */
function schemaOf(definition: string): any {
  const { spec } = parse(readFileSync(join(ROOT, `imports/definitions/${definition}.yaml`), 'utf8'));
  return closed(spec.versions[0].schema.openAPIV3Schema.properties.spec);
}

function closed(schema: any): any {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries<any>(schema)
      .filter(([key]) => key !== 'format' && !key.startsWith('x-kubernetes'))
      .map(([key, value]) => [key, closed(value)]),
  );
  return schema.type === 'object' && schema.properties ? { ...inner, additionalProperties: false } : inner;
}

describe.each(PLATFORMS)('names on $name', ({ make, kind, definition }) => {
  const policies = (extend: Extend, first?: boolean) =>
    restricted(extend, make(), first).filter((one) => one.kind === kind);
  const toStripe =
    (selection?: PodSelection): Extend =>
    (app) =>
      app.allowEgressTo(STRIPE, selection);

  it('have one policy for all pods, of the fields and values that its definition has', () => {
    const [policy, ...others] = policies(toStripe());
    expect(others).toEqual([]);
    expect(policy.metadata.name).toBe('polls-names');
    const isValid = new Ajv({ strict: false, allErrors: true }).compile(schemaOf(definition));
    isValid(policy.spec);
    expect(isValid.errors ?? []).toEqual([]);
    expect(isValid({ ...policy.spec, egressNames: [] })).toBe(false);
    expect(policy.spec.podSelector ?? policy.spec.endpointSelector).toEqual({
      matchLabels: LABELS,
      matchExpressions: [
        {
          key: 'app.kubernetes.io/component',
          operator: 'In',
          values: ['web', 'beat', 'migration', 'command'],
        },
      ],
    });
  });

  it('are for some pods alone', () => {
    const [policy] = policies(toStripe({ pods: [PodKind.WEB] }));
    expect(policy.metadata.name).toBe('polls-web-names');
    expect(policy.spec.podSelector ?? policy.spec.endpointSelector).toEqual({
      matchLabels: { ...LABELS, 'app.kubernetes.io/component': 'web' },
    });
    const jobs = policies(toStripe({ pods: [PodKind.JOBS, PodKind.WORKERS] }));
    expect(jobs.map(({ metadata }) => metadata.name)).toEqual(['polls-workers-jobs-names']);
  });

  it('have the same policies whenever they are given, and none where the network is not restricted', () => {
    expect(policies(toStripe(), true)).toEqual(policies(toStripe()));
    const open = synth((chart) => toStripe()(django(chart), chart), make());
    expect(open.filter((one) => one.kind === kind)).toEqual([]);
  });

  it('are among the rights of a deployer', () => {
    const manifests = synth((chart) => {
      const app = django(chart);
      app.allowEgressTo(STRIPE);
      new LeastPrivilegeAccess(chart, 'Access', { app, deployers: ['pipeline'] });
    }, make());
    const { rules } = find(manifests, 'Role', 'polls-deployer');
    const resource = definition.split('/')[1];
    expect(rules.flatMap(({ resources }: any) => resources)).toContain(resource);
  });

  it('are in the access report, with their ports, and nothing else is wider', () => {
    const report = (extend: Extend) => {
      const chart = new Chart(new App(), 'polls', { namespace: 'polls' });
      Distribution.bind(chart.node.root, make());
      const app = django(chart);
      new LeastPrivilegeAccess(chart, 'Access', { app });
      extend(app, chart);
      return explainAccess(chart);
    };
    const { facts, markdown } = report(toStripe({ pods: [PodKind.WEB] }));
    const named = facts.outgoing.filter(({ selector }) => selector.names);
    expect(named).toEqual([
      {
        namespace: 'polls',
        pod: 'Deployment polls',
        peer: 'the names api.stripe.com, *.example.com',
        selector: { names: ['api.stripe.com', '*.example.com'] },
        ports: ['TCP 443'],
      },
    ]);
    expect(markdown).toContain('the names api.stripe.com');
    expect(facts.unknown.join('\n')).not.toContain('not read');
    expect(facts.unknown.join('\n')).toContain('Which addresses a name has');
    const peers = ({ outgoing }: typeof facts) => new Set(outgoing.map(({ pod, peer }) => `${pod} ${peer}`));
    const before = peers(report(() => undefined).facts);
    const added = [...peers(facts)].filter((one) => !before.has(one));
    expect(added).toEqual(['Deployment polls the names api.stripe.com, *.example.com']);
  });
});

describe('the policy of names', () => {
  const spec = (index: number, target = STRIPE) => {
    const { make, kind } = PLATFORMS[index];
    return restricted((app) => app.allowEgressTo(target), make()).find((one) => one.kind === kind).spec;
  };

  it('of GKE has names and patterns, and a protocol: without one it would be any', () => {
    expect(spec(0).egress).toEqual([
      {
        matches: [{ name: 'api.stripe.com' }, { pattern: '*.example.com' }],
        ports: [{ port: 443, protocol: 'TCP' }],
      },
    ]);
  });

  it('of EKS Auto Mode has domain names, for what goes out alone', () => {
    expect(spec(1)).toMatchObject({
      policyTypes: ['Egress'],
      egress: [
        {
          to: [{ domainNames: ['api.stripe.com', '*.example.com'] }],
          ports: [{ port: 443, protocol: 'TCP' }],
        },
      ],
    });
  });

  it('of Cilium has the names, and has the DNS proxy see what the name servers answer', () => {
    const toPorts = [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }];
    expect(spec(2).egress).toEqual([
      {
        toEndpoints: [
          {
            matchLabels: {
              'k8s:io.kubernetes.pod.namespace': 'kube-system',
              'k8s:k8s-app': 'kube-dns',
            },
          },
        ],
        toPorts,
      },
      { toCIDR: ['169.254.20.10/32'], toPorts },
      {
        toFQDNs: [{ matchName: 'api.stripe.com' }, { matchPattern: '*.example.com' }],
        toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
      },
    ]);
  });

  it('of AKS has the lookups that the program names, and never all', () => {
    const [{ toPorts }] = spec(3).egress;
    expect(toPorts[0].rules.dns).toEqual(
      ['api.stripe.com', '*.example.com', '*.*.svc.cluster.local'].map((matchPattern) => ({ matchPattern })),
    );
    expect(JSON.stringify(spec(3))).not.toContain('"matchPattern":"*"');
  });

  it('has protocols', () => {
    const target = EgressTarget.names(['ntp.example.com'], [{ port: 123, protocol: NetworkProtocol.UDP }]);
    for (const index of [0, 1, 2]) {
      expect(JSON.stringify(spec(index, target))).toContain('"UDP"');
    }
  });
});

describe.each(SAMPLES)('another application on $name', ({ make }) => {
  const SEARCH = { image: IMAGE, settingsModule: 'search.settings', name: 'search' };
  const named = (manifests: any[], name: string) => find(manifests, 'NetworkPolicy', name).spec;
  const searchPods = {
    ...LABELS,
    'app.kubernetes.io/name': 'search',
    'app.kubernetes.io/instance': 'search',
  };
  const PORTS = [{ port: 9000, protocol: 'TCP' }];

  function connected(selection?: PodSelection, namespace = 'polls'): any[] {
    return synth((chart) => {
      const app = django(chart);
      const other = new Chart(chart.node.root as App, 'search', { namespace });
      const search = new DjangoApp(namespace === 'polls' ? chart : other, 'Search', {
        ...SEARCH,
        port: 9000,
      });
      new LeastPrivilegeAccess(chart, 'Access', { app });
      new LeastPrivilegeAccess(namespace === 'polls' ? chart : other, 'Others', { app: search });
      app.allowEgressTo(EgressTarget.application(search), selection);
    }, make());
  }

  it('is reached at its port, and lets exactly these pods in', () => {
    const manifests = connected({ pods: [PodKind.WEB] });
    const peer = { podSelector: { matchLabels: { ...searchPods, 'app.kubernetes.io/component': 'web' } } };
    expect(named(manifests, 'polls').egress.at(-1)).toEqual({ to: [peer], ports: PORTS });
    expect(named(manifests, 'search').ingress).toEqual([
      {
        from: [{ podSelector: { matchLabels: { ...LABELS, 'app.kubernetes.io/component': 'web' } } }],
        ports: PORTS,
      },
    ]);
    expect(JSON.stringify(named(manifests, 'polls-jobs').egress)).not.toContain('9000');
  });

  it('is reached by all pods unless some are named', () => {
    const [{ from }] = named(connected(), 'search').ingress;
    const components = from.map(
      ({ podSelector }: any) => podSelector.matchLabels['app.kubernetes.io/component'],
    );
    expect(components).toEqual(['web', 'migration', 'command']);
  });
});

test('an application of another namespace is named with its namespace, at both ends', () => {
  const app = new App();
  const polls = new Chart(app, 'polls', { namespace: 'polls' });
  const search = new Chart(app, 'search', { namespace: 'search' });
  Distribution.bind(app, Distribution.upstream());
  const caller = django(polls);
  const called = new DjangoApp(search, 'Search', {
    name: 'search',
    image: IMAGE,
    settingsModule: 'search.settings',
  });
  new LeastPrivilegeAccess(polls, 'Access', { app: caller });
  new LeastPrivilegeAccess(search, 'Access', { app: called });
  caller.allowEgressTo(EgressTarget.application(called), { pods: [PodKind.WEB] });
  const { connections } = explainAccess(app).facts;
  expect(connections).toContainEqual({
    fromNamespace: 'polls',
    from: 'Deployment polls',
    toNamespace: 'search',
    to: 'Deployment search',
    ports: ['TCP 8000'],
  });
  expect(connections.filter(({ fromNamespace, toNamespace }) => fromNamespace !== toNamespace)).toHaveLength(
    1,
  );
});
