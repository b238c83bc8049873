import { ApiObject, App, Chart } from 'cdk8s';
import { Distribution, LeastPrivilegeAccess, PodKind, Resource } from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { explainAccess } from 'cdk8s-django/access';
import { django } from '../support/synth';
import * as fc from 'fast-check';
import { deployment, metadata, reportOf } from './support';

/*
 * Connections, against an evaluator that is written otherwise: it asks of one port at a time.
 */

const LABELS = [{ app: 'one' }, { app: 'two' }, { app: 'two', tier: 'db' }];
const NAMESPACES = ['a', 'b'];
/** Ports that stand for the others, too. */
const PORTS = [1, 80, 81, 90, 5432, 65_535];

const PODS = NAMESPACES.flatMap((namespace) =>
  LABELS.map((labels, index) => ({
    namespace,
    labels: labels as Record<string, string>,
    name: `pod-${index}`,
  })),
);
type Pod = (typeof PODS)[number];

const selector = fc.oneof(
  fc.constant({}),
  fc.record(
    { matchLabels: fc.constantFrom({ app: 'one' }, { app: 'two' }, { tier: 'db' }) },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      matchExpressions: fc.tuple(
        fc.oneof(
          fc.record(
            {
              key: fc.constantFrom('app', 'tier'),
              operator: fc.constantFrom('In', 'NotIn'),
              values: fc.uniqueArray(fc.constantFrom('one', 'two', 'db'), { minLength: 1 }),
            },
            { noNullPrototype: true },
          ),
          fc.record(
            { key: fc.constantFrom('app', 'tier'), operator: fc.constantFrom('Exists', 'DoesNotExist') },
            { noNullPrototype: true },
          ),
        ),
      ),
    },
    { noNullPrototype: true },
  ),
);
const namespaceSelector = fc.constantFrom<any>(
  {},
  { matchLabels: { 'kubernetes.io/metadata.name': 'b' } },
  { matchLabels: { team: 'x' } },
);
const peer = fc.oneof(
  fc.record({ podSelector: selector }, { noNullPrototype: true }),
  fc.record({ podSelector: selector, namespaceSelector }, { noNullPrototype: true }),
  fc.record({ namespaceSelector }, { noNullPrototype: true }),
  fc.constant({ ipBlock: { cidr: '192.0.2.0/24' } }),
);
const port = fc.constantFrom<any>(
  { port: 80 },
  { port: 'http' },
  { port: 80, endPort: 90, protocol: 'TCP' },
  { protocol: 'TCP' },
  { protocol: 'UDP', port: 80 },
);
const rules = (key: string) =>
  fc.array(
    fc.record(
      {
        [key]: fc.array(peer, { minLength: 1, maxLength: 2 }),
        ports: fc.array(port, { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    { maxLength: 2 },
  );
const policy = fc.record(
  {
    namespace: fc.constantFrom(...NAMESPACES),
    podSelector: selector,
    policyTypes: fc.subarray(['Ingress', 'Egress']),
    ingress: rules('from'),
    egress: rules('to'),
  },
  { requiredKeys: ['namespace', 'podSelector'], noNullPrototype: true },
);

/** Whether policies allow one connection. */
function isOpen(policies: any[], from: Pod, to: Pod, protocol: string, number: number): boolean {
  return (
    side(policies, 'Egress', from, to, to, protocol, number) &&
    side(policies, 'Ingress', to, from, to, protocol, number)
  );
}

function side(
  policies: any[],
  type: string,
  own: Pod,
  other: Pod,
  receiver: Pod,
  protocol: string,
  number: number,
): boolean {
  let isIsolated = false;
  for (const { namespace, podSelector, policyTypes, ingress, egress } of policies) {
    if (namespace !== own.namespace || !isSelected(podSelector, own.labels)) continue;
    if (!typesOf(policyTypes, egress).includes(type)) continue;
    isIsolated = true;
    for (const rule of rulesOf(type, ingress, egress)) {
      const peers = type === 'Ingress' ? rule.from : rule.to;
      const isPeer = !peers || peers.some((one: any) => fits(one, own, other));
      const isPort = !rule.ports || rule.ports.some((one: any) => isPortOf(one, receiver, protocol, number));
      if (isPeer && isPort) return true;
    }
  }
  return !isIsolated;
}

function rulesOf(type: string, ingress: any[] = [], egress: any[] = []): any[] {
  return type === 'Ingress' ? ingress : egress;
}

function typesOf(policyTypes: string[] | undefined, egress: unknown): string[] {
  return policyTypes ?? (egress ? ['Ingress', 'Egress'] : ['Ingress']);
}

function isPortOf(one: any, receiver: Pod, protocol: string, number: number): boolean {
  if ((one.protocol ?? 'TCP') !== protocol) return false;
  if (one.port === undefined) return true;
  if (one.port === 'http') return receiver.labels.app === 'one' && number === 81;
  return number >= one.port && number <= (one.endPort ?? one.port);
}

function fits(one: any, own: Pod, other: Pod): boolean {
  if (one.ipBlock) return false;
  if (!one.namespaceSelector && own.namespace !== other.namespace) return false;
  const labels = {
    'kubernetes.io/metadata.name': other.namespace,
    ...(other.namespace === 'b' && { team: 'x' }),
  };
  if (one.namespaceSelector && !isSelected(one.namespaceSelector, labels)) return false;
  return !one.podSelector || isSelected(one.podSelector, other.labels);
}

function isSelected(chosen: any, labels: Record<string, string>): boolean {
  for (const [key, value] of Object.entries(chosen.matchLabels ?? {}))
    if (labels[key] !== value) return false;
  for (const { key, operator, values } of chosen.matchExpressions ?? []) {
    const wanted: Record<string, boolean> = {
      Exists: key in labels,
      DoesNotExist: !(key in labels),
      In: (values ?? []).includes(labels[key]),
      NotIn: !(values ?? []).includes(labels[key]),
    };
    if (!wanted[operator]) return false;
  }
  return true;
}

/** Whether a list of ports as the report writes it has one of the receiver's. */
function has(ports: string[], receiver: Pod, protocol: string, number: number): boolean {
  return ports.some((text) => {
    if (text === 'all') return true;
    const named = /^(\w+) "http"$/.exec(text);
    if (named) return named[1] === protocol && receiver.labels.app === 'one' && number === 81;
    const [, name, first, last] = /^(\w+) (\d+)(?:-(\d+))?$/.exec(text)!;
    return name === protocol && number >= Number(first) && number <= Number(last ?? first);
  });
}

const isOf = (namespace: string, maker: string, pod: Pod) =>
  namespace === pod.namespace && maker === `Deployment ${pod.name}`;

const pods = PODS.map(({ name, namespace, labels }) =>
  deployment(
    name,
    {
      containers: [{ name: 'web', ports: labels.app === 'one' ? [{ name: 'http', containerPort: 81 }] : [] }],
    },
    { namespace, labels },
  ),
);
const networkPolicy = ({ namespace, ...spec }: any, index = 0) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(`policy-${index}`, namespace),
  spec,
});
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'b', labels: { team: 'x' } } };

describe('connections between pods', () => {
  it('are those that an evaluator of single ports finds open, for any policies', () => {
    fc.assert(
      fc.property(fc.array(policy, { maxLength: 4 }), (policies) => {
        const { facts } = reportOf([namespace, ...pods, ...policies.map(networkPolicy)]);
        /** What pods of two namespaces may that no rule names: what each of them may with anything. */
        const withAnything = (direction: 'incoming' | 'outgoing', pod: Pod) =>
          facts[direction]
            .filter((one) => one.peer === 'anything' && isOf(one.namespace, one.pod, pod))
            .flatMap(({ ports }) => ports);
        const wrong = PODS.flatMap((from) =>
          PODS.flatMap((to) => {
            const found = facts.connections.filter(
              (one) => isOf(one.fromNamespace, one.from, from) && isOf(one.toNamespace, one.to, to),
            );
            const ports = found.flatMap((one) => one.ports);
            const isSaid = (protocol: string, number: number) =>
              has(ports, to, protocol, number) ||
              (from.namespace !== to.namespace &&
                has(withAnything('outgoing', from), to, protocol, number) &&
                has(withAnything('incoming', to), to, protocol, number));
            return ['TCP', 'UDP'].flatMap((protocol) =>
              PORTS.filter(
                (number) => isSaid(protocol, number) !== isOpen(policies, from, to, protocol, number),
              ).map((number) => ({ from, to, protocol, number })),
            );
          }),
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('connections with what the program does not make', () => {
  const one = (spec: any, podSpec = {}) =>
    reportOf([
      deployment('web', podSpec, { labels: { app: 'web' } }),
      networkPolicy({ namespace: 'a', podSelector: {}, ...spec }),
    ]).facts;

  it.each<[string, any, string, string[]]>([
    ['anything', {}, 'anything', ['all']],
    ['a port of anything', { ports: [{ port: 53, protocol: 'UDP' }] }, 'anything', ['UDP 53']],
    [
      'a range',
      { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] },
      '10.0.0.0/8, not 10.1.0.0/16',
      ['all'],
    ],
    [
      'pods that nobody has',
      { to: [{ podSelector: { matchLabels: { app: 'x' } } }] },
      'pods with app=x',
      ['all'],
    ],
    [
      'pods of other namespaces',
      {
        to: [{ namespaceSelector: { matchExpressions: [{ key: 'k', operator: 'In', values: ['v', 'w'] }] } }],
      },
      'all pods of namespaces with k In (v, w)',
      ['all'],
    ],
    ['a port by its name', { ports: [{ port: 'http' }, { port: 80 }] }, 'anything', ['TCP 80', 'TCP "http"']],
  ])('are with %s', (_, rule, peer, ports) => {
    const { outgoing, incoming } = one({ policyTypes: ['Ingress', 'Egress'], egress: [rule] });
    expect(outgoing).toEqual([
      { namespace: 'a', pod: 'Deployment web', peer, selector: rule.to?.[0] ?? {}, ports },
    ]);
    expect(incoming).toEqual([]);
  });

  it('are all where no policy is', () => {
    const {
      pods: [web],
      incoming,
      outgoing,
    } = reportOf([deployment('web', {})]).facts;
    expect(web).toMatchObject({ ingressIsLimited: false, egressIsLimited: false });
    for (const [connection] of [incoming, outgoing])
      expect(connection).toMatchObject({ peer: 'anything', ports: ['all'] });
  });

  it('are all in the network of the node, whatever policies say', () => {
    const {
      pods: [web],
    } = one({ policyTypes: ['Ingress', 'Egress'] }, { hostNetwork: true });
    expect(web).toMatchObject({ ingressIsLimited: false, egressIsLimited: false });
  });
});

describe('policies of other kinds than NetworkPolicy', () => {
  const WEB = deployment('web', {}, { labels: { app: 'web' } });
  const DATABASE = deployment('db', {}, { labels: { app: 'db' } });
  const podSelector = { matchLabels: { app: 'web' } };
  const policy = (apiVersion: string, kind: string, spec: any) => ({
    apiVersion,
    kind,
    metadata: metadata('own'),
    spec,
  });
  const gke = (egress: any[]) =>
    policy('networking.gke.io/v1alpha1', 'FQDNNetworkPolicy', { podSelector, egress });
  const aws = (spec: any) =>
    policy('networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', { podSelector, ...spec });
  const cilium = (spec: any) =>
    policy('cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector: podSelector, ...spec });
  const one = (...policies: any[]) => {
    const { pods, outgoing, connections, unknown } = reportOf([WEB, DATABASE, ...policies]).facts;
    return {
      isLimited: pods.find(({ pod }) => pod === 'Deployment web')!.egressIsLimited,
      to: outgoing
        .filter(({ pod }) => pod === 'Deployment web')
        .map(({ peer, ports }) => `${peer}: ${ports.join(', ')}`),
      pods: connections
        .filter(({ from }) => from === 'Deployment web')
        .map(({ to, ports }) => `${to} ${ports.join()}`),
      unknown: unknown.filter((line) => /Policy own /.test(line)),
    };
  };
  const NONE: string[] = [];

  it.each<[string, any, object]>([
    [
      'names of GKE, whose ports have any protocol unless they say one',
      gke([{ matches: [{ name: 'a.b' }, { pattern: '*.b' }], ports: [{ port: 443 }] }]),
      { isLimited: true, to: ['the names a.b, *.b: TCP 443, UDP 443, SCTP 443'], pods: NONE, unknown: NONE },
    ],
    [
      'names of GKE on all ports',
      gke([{ matches: [{ name: 'a.b' }] }]),
      { isLimited: true, to: ['the names a.b: all'], pods: NONE, unknown: NONE },
    ],
    [
      'names and pods of EKS',
      aws({
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ domainNames: ['a.b'] }, { podSelector: { matchLabels: { app: 'db' } } }],
            ports: [{ port: 5432 }],
          },
        ],
      }),
      { isLimited: true, to: ['the names a.b: TCP 5432'], pods: ['Deployment db TCP 5432'], unknown: NONE },
    ],
    [
      'names, pods and addresses of Cilium',
      cilium({
        egress: [
          { toFQDNs: [{ matchName: 'a.b' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
          {
            toEndpoints: [{ matchLabels: { 'k8s:app': 'db', 'k8s:io.kubernetes.pod.namespace': 'a' } }],
            toPorts: [{ ports: [{ port: '5432', protocol: 'TCP' }] }],
          },
          { toCIDR: ['10.0.0.0/8'] },
        ],
      }),
      {
        isLimited: true,
        to: ['10.0.0.0/8: all', expect.stringContaining('app=db'), 'the names a.b: TCP 443'],
        pods: ['Deployment db TCP 5432'],
        unknown: NONE,
      },
    ],
    [
      'a rule of Cilium that is not read: it is taken for anything',
      cilium({ egress: [{ toEntities: ['world'] }] }),
      {
        isLimited: true,
        to: ['anything: all'],
        pods: ['Deployment db all'],
        unknown: [
          'CiliumNetworkPolicy own has parts that are not read here: what they allow is taken for anything, and what they deny for allowed.',
        ],
      },
    ],
    [
      'a policy that nobody here knows',
      policy('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', {}),
      {
        isLimited: false,
        to: ['anything: all'],
        pods: ['Deployment db all'],
        unknown: ['GlobalNetworkPolicy own is not read here.'],
      },
    ],
  ])('are %s', (_, object, expected) => {
    const { pods, ...found } = one(object);
    expect({ ...found, pods: pods.filter((one) => one.includes('Deployment db')) }).toEqual(expected);
  });

  it('add to NetworkPolicies', () => {
    const both = one(
      networkPolicy({
        namespace: 'a',
        podSelector,
        policyTypes: ['Egress'],
        egress: [{ ports: [{ port: 53 }] }],
      }),
      gke([{ matches: [{ name: 'a.b' }], ports: [{ protocol: 'TCP', port: 443 }] }]),
    );
    expect(both.to).toEqual(['anything: TCP 53', 'the names a.b: TCP 443']);
  });

  it('count as they are patched', () => {
    const chart = new Chart(new App(), 'polls', { namespace: 'polls' });
    Distribution.bind(chart.node.root, Distribution.gke());
    const app = django(chart);
    app.allowEgressTo(EgressTarget.names(['api.example.com'], [{ port: 443 }]), { pods: [PodKind.WEB] });
    new LeastPrivilegeAccess(chart, 'Access', { app });
    const names = chart.node
      .findAll()
      .find((one) => ApiObject.isApiObject(one) && one.kind === 'FQDNNetworkPolicy');
    (names as Resource).override({ spec: { egress: [{ matches: [{ pattern: '*' }] }] } });
    const { outgoing } = explainAccess(chart).facts;
    expect(outgoing.filter(({ selector }) => selector.names)).toMatchObject([
      { peer: 'the names *', ports: ['all'] },
    ]);
  });
});
