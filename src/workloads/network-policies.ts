import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import {
  COMPONENT_LABEL,
  instanceLabels,
  resourceLabels,
  Selector,
  selectorLabels,
} from '../kubernetes/labels';
import { networkPolicyPeer } from '../kubernetes/peers';
import { Resource } from '../kubernetes/resource';
import { AllowedTraffic, checkTraffic, NetworkPort, NetworkProtocol, Traffic } from '../kubernetes/traffic';
import { distributionOf } from '../platform/binding';

/** The pods of a policy, and what it is called. */
export interface PolicyPods {
  readonly name: string;
  readonly selector: Selector;
  /** Further components of the same replica that it applies to: asked at synth. */
  readonly otherComponents?: () => string[];
}

/** A policy by which the pods of a selector have the allowed connections and no others. */
export interface NetworkPolicyOptions extends PolicyPods {
  /** What is allowed: asked at synth, when all constructs have said what they need. */
  readonly allowed: () => AllowedTraffic;
}

/** Makes a network policy. */
export function networkPolicy(scope: Construct, id: string, options: NetworkPolicyOptions): Resource {
  const { dns, apiServer } = distributionOf(scope).network;
  checkTraffic(scope, 'network.dns', dns);
  checkTraffic(scope, 'network.apiServer', apiServer);
  return new Resource(scope, id, {
    ...k8s.typeOf('NetworkPolicy'),
    metadata: { name: options.name, labels: resourceLabels(options.selector) },
    spec: Lazy.any({ produce: () => policySpec(options) }),
  });
}

/** Makes the policy of pods that ask the API server and talk to nobody else. */
export function apiServerPolicy(scope: Construct, name: string, selector: Selector): Resource {
  return networkPolicy(scope, 'NetworkPolicy', {
    name,
    selector,
    allowed: () => ({ ingress: [], egress: [...dnsTraffic(scope), ...apiServerTraffic(scope)] }),
  });
}

function policySpec(options: NetworkPolicyOptions): any {
  const { ingress, egress } = options.allowed();
  return k8s.manifest('NetworkPolicy', {
    spec: {
      podSelector: podSelector(options),
      policyTypes: ['Ingress', 'Egress'],
      ingress: rules(ingress, (from, ports) => ({ from, ports })),
      egress: rules(egress, (to, ports) => ({ to, ports })),
    },
  }).spec;
}

/** The pods of some components of one application. */
export function podSelector({ selector, otherComponents }: PolicyPods): k8s.LabelSelector {
  const others = otherComponents?.() ?? [];
  if (others.length === 0) return { matchLabels: selectorLabels(selector) };
  return {
    matchLabels: instanceLabels(selector),
    matchExpressions: [{ key: COMPONENT_LABEL, operator: 'In', values: [selector.component, ...others] }],
  };
}

/**
 * No list instead of an empty one, which the API server drops: applying the policy again would change it each time. A
 * rule for nobody, or for no port, is left out: to Kubernetes an empty list there means everybody, or every port.
 */
function rules<Rule>(
  traffic: Traffic[],
  rule: (peers?: k8s.NetworkPolicyPeer[], ports?: k8s.NetworkPolicyPort[]) => Rule,
): Rule[] | undefined {
  const meant = traffic.filter(({ peers, ports }) => peers?.length !== 0 && ports?.length !== 0);
  if (meant.length === 0) return undefined;
  return meant.map(({ peers, ports }) => rule(peers?.map(networkPolicyPeer), policyPorts(ports)));
}

function policyPorts(ports?: NetworkPort[]): k8s.NetworkPolicyPort[] | undefined {
  return ports?.map(({ port, protocol }) => ({
    port,
    protocol: protocol ?? NetworkProtocol.TCP,
  }));
}

/** The name servers, which every pod needs that connects to something by name. */
export function dnsTraffic(scope: Construct): Traffic[] {
  return distributionOf(scope).network.dns;
}

/** The API server. Its addresses are those of the control plane, which manifests know where a program gives them. */
export function apiServerTraffic(scope: Construct): Traffic[] {
  return distributionOf(scope).network.apiServer;
}
