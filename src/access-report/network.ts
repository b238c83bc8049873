import { groupedBy, sortedBy } from '../kubernetes/collections';
import { EmittedPods, namespaceOfObject, ofKind } from './objects';
import { policiesIn } from './policies';
import { ALL_PORTS, intersection, PortRange, portsOf, RulePort, shownPorts, shownRulePorts } from './ports';
import { matches, namespaceMatches, shownPeer } from './selectors';
import { OuterConnection, PodConnection, PodIdentity } from './structs';

/*
 * Which connections the policies of the objects allow. A connection needs that the policies of both ends allow it.
 */

type Direction = 'Ingress' | 'Egress';

interface Rule {
  /** None means anybody. */
  readonly peers?: any[];
  readonly ports?: RulePort[];
}

/** What policies say about pods in one direction. */
interface Limits {
  readonly isLimited: boolean;
  readonly rules: Rule[];
}

/** The network of objects. */
export class Network {
  /** Policies that are not read, in words. */
  readonly unknown: string[];
  private readonly policies: Map<string, any[]>;
  private readonly namespaces: Map<string, Record<string, string>>;
  /** The pods of each namespace: most rules are for one. */
  private readonly podsOf: Map<string, EmittedPods[]>;
  private readonly selected = new Map<string, string[]>();
  private readonly limits: Record<Direction, Map<EmittedPods, Limits>>;

  constructor(
    objects: any[],
    private readonly pods: EmittedPods[],
  ) {
    const { policies, unknown } = policiesIn(objects);
    this.policies = groupedBy(policies, namespaceOfObject);
    this.unknown = unknown;
    this.podsOf = groupedBy(pods, ({ namespace }) => namespace);
    this.namespaces = new Map(
      ofKind(objects, '', 'Namespace').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    );
    const limits = (direction: Direction) =>
      new Map(pods.map((one) => [one, this.findLimits(one, direction)]));
    this.limits = { Ingress: limits('Ingress'), Egress: limits('Egress') };
  }

  /** The pods, and whether they are limited. */
  identities(): PodIdentity[] {
    return this.pods.map((pods) => ({
      namespace: pods.namespace,
      pod: pods.name,
      serviceAccount: pods.serviceAccount,
      hasToken: pods.hasToken,
      labels: pods.labels,
      ingressIsLimited: this.limits.Ingress.get(pods)!.isLimited,
      egressIsLimited: this.limits.Egress.get(pods)!.isLimited,
    }));
  }

  /**
   * Connections between the pods of the objects. Those of two namespaces are among them if a rule names the other end:
   * what limits neither end is said once for all pods, as a connection with anything.
   */
  connections(): PodConnection[] {
    const others = this.othersNamed();
    return this.pods.flatMap((from) =>
      [...this.podsOf.get(from.namespace)!, ...(others.get(from) ?? [])].flatMap((to) => {
        const sent = this.allowed(from, to, 'Egress');
        if (!sent.length) return [];
        const ports = shownPorts(intersection(sent, this.allowed(to, from, 'Ingress')));
        if (!ports.length) return [];
        return [
          { fromNamespace: from.namespace, from: from.name, toNamespace: to.namespace, to: to.name, ports },
        ];
      }),
    );
  }

  /** Connections with what else the rules name. */
  outer(direction: Direction): OuterConnection[] {
    const connections = this.pods.flatMap((pods) => {
      const { isLimited, rules } = this.limits[direction].get(pods)!;
      const one = (selector: any, ports: string[]): OuterConnection => ({
        namespace: pods.namespace,
        pod: pods.name,
        peer: shownPeer(selector),
        selector,
        ports,
      });
      if (!isLimited) return [one({}, shownPorts(ALL_PORTS))];
      return rules.flatMap(({ peers, ports }) =>
        // The pods of the objects that a rule names are among the connections between them.
        (peers?.length ? peers.filter((peer) => !this.isOfObjects(pods, peer)) : [{}]).map((peer) =>
          one(peer, this.shownFor(pods, direction, ports)),
        ),
      );
    });
    const unique = new Map(connections.map((one) => [JSON.stringify(one), one]));
    return sortedBy(unique.values(), (one) => [one.namespace, one.pod, one.peer, ...one.ports].join('\n'));
  }

  /** Whether pods of the same namespace, and some of the objects, are all that a peer means. */
  private isOfObjects(pods: EmittedPods, peer: any): boolean {
    const isInside = peer.podSelector && !peer.namespaceSelector && !peer.ipBlock;
    return isInside && this.podsOf.get(pods.namespace)!.some((other) => this.isPeer(pods, peer, other));
  }

  /** By pods that connect, those of other namespaces that a rule of either end names. */
  private othersNamed(): Map<EmittedPods, Set<EmittedPods>> {
    const found = new Map<EmittedPods, Set<EmittedPods>>();
    const add = (from: EmittedPods, to: EmittedPods) =>
      found.set(from, (found.get(from) ?? new Set()).add(to));
    for (const pods of this.pods) {
      for (const other of this.othersOf(pods, 'Egress')) add(pods, other);
      for (const other of this.othersOf(pods, 'Ingress')) add(other, pods);
    }
    return found;
  }

  /** Pods of other namespaces that the rules of pods name. */
  private othersOf(pods: EmittedPods, direction: Direction): EmittedPods[] {
    const peers = this.limits[direction].get(pods)!.rules.flatMap((rule) => rule.peers ?? []);
    const across = peers.filter(({ namespaceSelector }) => namespaceSelector);
    return across.flatMap((peer) =>
      this.namespacesOf(peer.namespaceSelector)
        .filter((namespace) => namespace !== pods.namespace)
        .flatMap((namespace) => this.podsOf.get(namespace)!)
        .filter((other) => this.isPeer(pods, peer, other)),
    );
  }

  /** The namespaces with pods that a selector selects. Many rules have the same one. */
  private namespacesOf(selector: any): string[] {
    const key = JSON.stringify(selector);
    const known = this.selected.get(key);
    if (known) return known;
    const found = [...this.podsOf.keys()].filter((namespace) =>
      namespaceMatches(selector, namespace, this.namespaces.get(namespace)),
    );
    this.selected.set(key, found);
    return found;
  }

  /** Names of ports are known where the pods that have them are. */
  private shownFor(pods: EmittedPods, direction: Direction, ports: RulePort[] | undefined): string[] {
    return direction === 'Ingress' ? shownPorts(portsOf(ports, containerPorts(pods))) : shownRulePorts(ports);
  }

  /** The ports that the policies of pods allow with others. The receiving end has the ports. */
  private allowed(pods: EmittedPods, other: EmittedPods, direction: Direction): PortRange[] {
    const { isLimited, rules } = this.limits[direction].get(pods)!;
    if (!isLimited) return ALL_PORTS;
    const receiver = direction === 'Ingress' ? pods : other;
    return rules
      .filter(({ peers }) => !peers?.length || peers.some((peer) => this.isPeer(pods, peer, other)))
      .flatMap(({ ports }) => portsOf(ports, containerPorts(receiver)));
  }

  private isPeer(pods: EmittedPods, peer: any, other: EmittedPods): boolean {
    // A policy does not see the labels of a pod in the network of its node, and its own addresses are not known.
    if (peer.ipBlock || peer.names || other.hostNetwork) return false;
    const inNamespace = peer.namespaceSelector
      ? namespaceMatches(peer.namespaceSelector, other.namespace, this.namespaces.get(other.namespace))
      : other.namespace === pods.namespace;
    return inNamespace && matches(peer.podSelector ?? {}, other.labels);
  }

  private findLimits(pods: EmittedPods, direction: Direction): Limits {
    if (pods.hostNetwork) return { isLimited: false, rules: [] };
    const policies = (this.policies.get(pods.namespace) ?? []).filter(
      (policy) =>
        directionsOf(policy).includes(direction) && matches(policy.spec.podSelector ?? {}, pods.labels),
    );
    const rules = policies.flatMap(({ spec }): Rule[] =>
      direction === 'Ingress'
        ? (spec.ingress ?? []).map(({ from, ports }: any) => ({ peers: from, ports }))
        : (spec.egress ?? []).map(({ to, ports }: any) => ({ peers: to, ports })),
    );
    return { isLimited: policies.length > 0, rules };
  }
}

/** Without types, a policy is for incoming connections, and for outgoing ones if it has rules for them. */
function directionsOf({ spec }: any): string[] {
  return spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])];
}

function containerPorts({ containers }: EmittedPods): any[] {
  return containers.flatMap(({ ports }) => ports ?? []);
}
