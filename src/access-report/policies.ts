import { NAME_LABEL } from '../kubernetes/labels';
import { groupOf } from './objects';
import { PROTOCOLS, RulePort } from './ports';

/*
 * The policies of the objects, of each kind that the library makes, in the form of a NetworkPolicy. A peer may have
 * `names` in it, which a NetworkPolicy cannot have. What is not read is taken for anything, and said.
 */

interface Policies {
  /** As NetworkPolicies. */
  readonly policies: any[];

  /** What is not read, in words. */
  readonly unknown: string[];
}

/** The policies of objects. */
export function policiesIn(objects: any[]): Policies {
  const named = objects.filter(({ kind = '' }) => /NetworkPolicy$/.test(kind));
  const found = named.map((policy) => ({ policy, specs: READERS[definitionOf(policy)]?.(policy) }));
  return {
    policies: found.flatMap(({ policy: { metadata }, specs = [] }) =>
      specs.map((spec) => ({ metadata, spec })),
    ),
    unknown: found
      .filter(({ specs }) => !specs || specs.some(({ isPartial }) => isPartial))
      .map(({ policy: { kind, metadata }, specs }) =>
        specs
          ? `${kind} ${metadata.name} has parts that are not read here: what they allow is taken for anything, and what they deny for allowed.`
          : `${kind} ${metadata.name} is not read here.`,
      ),
  };
}

const definitionOf = ({ apiVersion, kind }: any) => `${groupOf(apiVersion)} ${kind}`;

const READERS: Record<string, (policy: any) => any[]> = {
  'networking.k8s.io NetworkPolicy': ({ spec }) => [spec],
  'networking.gke.io FQDNNetworkPolicy': ({ spec }) => [fromGke(spec)],
  'networking.k8s.aws ApplicationNetworkPolicy': ({ spec }) => [fromAws(spec)],
  'cilium.io CiliumNetworkPolicy': ({ spec, specs = [] }) =>
    [...(spec ? [spec] : []), ...specs].map(fromCilium),
};

function fromGke({ podSelector, egress }: any): any {
  return {
    podSelector,
    policyTypes: ['Egress'],
    egress: egress.map(({ matches, ports }: any) => ({
      to: [{ names: matches.map(({ name, pattern }: any) => name ?? pattern) }],
      ports: ports?.flatMap(({ protocol = 'ALL', port }: any) => ofProtocol(protocol, { port })),
    })),
  };
}

function fromAws(spec: any): any {
  const egress = spec.egress?.map(({ to, ports }: any) => ({
    to: to?.map(({ domainNames, ...peer }: any) => (domainNames ? { names: domainNames } : peer)),
    ports,
  }));
  return { ...spec, egress };
}

/** Parts of a policy of Cilium that are read; of the others there may be one that allows or denies. */
const READ = ['endpointSelector', 'egress', 'description', 'labels'];
const READ_OF_RULE = ['toEndpoints', 'toFQDNs', 'toCIDR', 'toPorts'];

function fromCilium({ endpointSelector, egress, ...spec }: any): any {
  const isRead = (rule: any) => Object.keys(rule).every((key) => READ_OF_RULE.includes(key));
  return {
    podSelector: split(endpointSelector).podSelector,
    policyTypes: egress ? ['Egress'] : [],
    egress: egress?.map((rule: any) => ({
      to: isRead(rule) ? ciliumPeers(rule) : undefined,
      ports: ciliumPorts(rule.toPorts),
    })),
    isPartial: !Object.keys(spec).every((key) => READ.includes(key)) || !(egress ?? []).every(isRead),
  };
}

function ciliumPeers({ toEndpoints, toFQDNs, toCIDR }: any): any[] | undefined {
  if (!toEndpoints && !toFQDNs && !toCIDR) return undefined;
  return [
    ...(toEndpoints ?? []).map(split),
    ...(toCIDR ?? []).map((cidr: string) => ({ ipBlock: { cidr } })),
    ...(toFQDNs
      ? [{ names: toFQDNs.map(({ matchName, matchPattern }: any) => matchName ?? matchPattern) }]
      : []),
  ];
}

function ciliumPorts(toPorts?: any[]): RulePort[] | undefined {
  return toPorts?.flatMap(({ ports = [{}] }) =>
    ports.flatMap(({ port, endPort, protocol = 'ANY' }: any) => {
      const number = Number(port ?? 0);
      return ofProtocol(protocol, { port: Number.isNaN(number) ? port : number || undefined, endPort });
    }),
  );
}

function ofProtocol(protocol: string, port: RulePort): RulePort[] {
  const protocols = ['ALL', 'ANY'].includes(protocol) ? PROTOCOLS : [protocol];
  return protocols.map((one) => ({ ...port, protocol: one }));
}

const SOURCE = /^(k8s|any):/;
const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.';

/** The label of a namespace that Cilium has among those of pods. */
function namespaceLabel(key: string): string | undefined {
  if (key === NAMESPACE) return NAME_LABEL;
  return key.startsWith(NAMESPACE_LABEL) ? key.slice(NAMESPACE_LABEL.length) : undefined;
}

/** A selector of Cilium, in which labels of namespaces are among those of pods. */
function split({ matchLabels = {}, matchExpressions = [] }: any = {}): any {
  const all = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions,
  ].map((one) => ({ ...one, key: one.key.replace(SOURCE, '') }));
  const ofPods = all.filter(({ key }) => namespaceLabel(key) === undefined);
  const ofNamespaces = all
    .map((one) => ({ ...one, key: namespaceLabel(one.key) }))
    .filter(({ key }) => key !== undefined);
  return {
    podSelector: selectorOf(ofPods),
    ...(ofNamespaces.length && { namespaceSelector: selectorOf(ofNamespaces) }),
  };
}

/** As a NetworkPolicy would have it: one value is a label. */
function selectorOf(expressions: any[]): any {
  const isLabel = ({ operator, values }: any) => operator === 'In' && values.length === 1;
  const labels = expressions.filter(isLabel).map(({ key, values }) => [key, values[0]]);
  const others = expressions.filter((one) => !isLabel(one));
  return {
    ...(labels.length && { matchLabels: Object.fromEntries(labels) }),
    ...(others.length && { matchExpressions: others }),
  };
}
