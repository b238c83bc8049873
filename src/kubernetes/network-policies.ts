import { Lazy } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { NetworkPort } from '../capabilities/network/network';
import { Distribution } from '../distributions/distribution';
import { COMPONENT_LABEL, resourceLabels, Selector, selectorLabels } from './labels';
import { checkRemotePort } from './numbers';
import { checkPeer, checkPeers, NetworkPeer, networkPolicyPeer } from './peers';
import { Problems } from './problems';
import { Resource } from './resource';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** Connections that a policy allows: with whom, on which ports. */
export interface Traffic {
  /**
   * Who is at the other end.
   *
   * @default - anybody
   */
  readonly peers?: NetworkPeer[];

  /**
   * The ports, of pods: a policy does not see those of a Service.
   *
   * @default - all
   */
  readonly ports?: NetworkPort[];
}

/** All connections that pods may have. */
export interface AllowedTraffic {
  /** Who connects to the pods. */
  readonly ingress: Traffic[];

  /** What the pods connect to. */
  readonly egress: Traffic[];
}

/** A policy by which the pods of a selector have the allowed connections and no others. */
export interface NetworkPolicyOptions {
  readonly name: string;
  readonly selector: Selector;
  /** Further components of the same instance that it applies to: asked at synth. */
  readonly otherComponents?: () => string[];
  /** What is allowed: asked at synth, when all constructs have said what they need. */
  readonly allowed: () => AllowedTraffic;
}

/** Makes a network policy. */
export function networkPolicy(scope: Construct, id: string, options: NetworkPolicyOptions): Resource {
  const { dnsPods } = Distribution.of(scope).network;
  dnsPods.forEach((peer) => checkPeer(scope, 'network.dnsPods', peer));
  return new Resource(scope, id, {
    ...k8s.KubeNetworkPolicy.GVK,
    metadata: { name: options.name, labels: resourceLabels(options.selector) },
    spec: Lazy.any({ produce: () => policySpec(options) }),
  });
}

/** Makes the policy of pods that ask the API server and talk to nobody else. */
export function apiServerPolicy(scope: Construct, name: string, selector: Selector): Resource {
  return networkPolicy(scope, 'NetworkPolicy', {
    name,
    selector,
    allowed: () => ({ ingress: [], egress: [...dnsTraffic(scope), apiServerTraffic(scope)] }),
  });
}

function policySpec(options: NetworkPolicyOptions): any {
  const { ingress, egress } = options.allowed();
  return k8s.KubeNetworkPolicy.manifest({
    spec: {
      podSelector: podSelector(options),
      policyTypes: ['Ingress', 'Egress'],
      ingress: rules(ingress, (from, ports) => ({ from, ports })),
      egress: rules(egress, (to, ports) => ({ to, ports })),
    },
  }).spec;
}

function podSelector({ selector, otherComponents }: NetworkPolicyOptions): k8s.LabelSelector {
  const others = otherComponents?.() ?? [];
  if (others.length === 0) return { matchLabels: selectorLabels(selector) };
  const { [COMPONENT_LABEL]: component, ...matchLabels } = selectorLabels(selector);
  return {
    matchLabels,
    matchExpressions: [{ key: COMPONENT_LABEL, operator: 'In', values: [component, ...others] }],
  };
}

/** No list instead of an empty one, which the API server drops: applying the policy again would change it each time. */
function rules<Rule>(
  traffic: Traffic[],
  rule: (peers?: k8s.NetworkPolicyPeer[], ports?: k8s.NetworkPolicyPort[]) => Rule,
): Rule[] | undefined {
  if (traffic.length === 0) return undefined;
  return traffic.map(({ peers, ports }) => rule(peers?.map(networkPolicyPeer), policyPorts(ports)));
}

function policyPorts(ports?: NetworkPort[]): k8s.NetworkPolicyPort[] | undefined {
  return ports?.map(({ port, protocol }) => ({
    port: k8s.IntOrString.fromNumber(port),
    protocol: protocol ?? 'TCP',
  }));
}

/** The name server, which every pod needs that connects to something by name. */
export function dnsTraffic(scope: Construct): Traffic[] {
  const { dnsPorts, dnsPods } = Distribution.of(scope).network;
  return [{ ports: dnsPorts }, { peers: dnsPods }];
}

/** The API server. Its addresses are those of the control plane, which manifests cannot know. */
export function apiServerTraffic(scope: Construct): Traffic {
  return { ports: Distribution.of(scope).network.apiServerPorts };
}

/** The pods of a selector, in the same namespace. */
export function podsOf(selector: Selector): NetworkPeer {
  return { podLabels: selectorLabels(selector) };
}

/** Checks connections that were written by hand. An empty list would mean everybody or everything to Kubernetes. */
export function checkTraffic(scope: Construct, property: string, traffic: Traffic[]): void {
  for (const { peers, ports } of traffic) {
    checkPeers(scope, `${property}.peers`, peers);
    if (ports?.length === 0) {
      Problems.report(scope, {
        property: `${property}.ports`,
        value: ports,
        reason: 'is empty',
        remedy: 'Name them, or leave it out to mean all',
      });
    }
    ports?.forEach(({ port, protocol = 'TCP' }) => {
      checkRemotePort(scope, `${property}.ports`, port);
      if (!PROTOCOLS.includes(protocol)) {
        Problems.report(scope, {
          property: `${property}.ports`,
          value: protocol,
          reason: 'is not a protocol that network policies know',
          remedy: `Use one of ${PROTOCOLS.join(', ')}`,
        });
      }
    });
  }
}
