import { isIP } from 'node:net';
import { IConstruct } from 'constructs';
import * as k8s from './api';
import { checkLabels } from './names';
import { Problems } from './problems';

/** Who is at the other end of a connection that a network policy allows. Fields given together must all hold. */
export interface NetworkPeer {
  /**
   * Labels of the pods.
   *
   * @default - every pod of the namespaces
   */
  readonly podLabels?: { [label: string]: string };

  /**
   * Labels of the namespaces.
   *
   * @default - the namespace of the policy
   */
  readonly namespaceLabels?: { [label: string]: string };

  /**
   * A range of addresses outside the cluster, such as `10.20.0.0/16`. It goes with no labels.
   *
   * @default - pods, by their labels
   */
  readonly cidr?: string;
}

/** The peer as a network policy writes it. */
export function networkPolicyPeer(peer: NetworkPeer): k8s.NetworkPolicyPeer {
  if (peer.cidr) return { ipBlock: { cidr: peer.cidr } };
  return {
    podSelector: peer.podLabels ? { matchLabels: peer.podLabels } : undefined,
    namespaceSelector: peer.namespaceLabels ? { matchLabels: peer.namespaceLabels } : undefined,
  };
}

/** Checks peers that were written by hand. An empty list would mean everybody to Kubernetes. */
export function checkPeers(scope: IConstruct, property: string, peers: NetworkPeer[] | undefined): void {
  if (peers?.length === 0) {
    Problems.report(scope, {
      property,
      value: peers,
      reason: 'is empty',
      remedy: 'Name them, or leave it out to mean anybody',
    });
  }
  peers?.forEach((peer) => checkPeer(scope, property, peer));
}

/** Checks one of them. */
export function checkPeer(scope: IConstruct, property: string, peer: NetworkPeer): void {
  const { cidr, podLabels, namespaceLabels } = peer;
  if (cidr === undefined && !podLabels && !namespaceLabels) {
    Problems.report(scope, {
      property,
      value: peer,
      reason: 'says nothing of the peer',
      remedy: 'Give podLabels, namespaceLabels or cidr; leave peers out to mean anybody',
    });
  }
  checkLabels(scope, `${property}.podLabels`, podLabels ?? {});
  checkLabels(scope, `${property}.namespaceLabels`, namespaceLabels ?? {});
  if (cidr === undefined) return;
  if (podLabels || namespaceLabels) {
    Problems.report(scope, {
      property,
      value: peer,
      reason: 'has both labels and an address range',
      remedy: 'Make it two peers',
    });
  }
  checkRange(scope, `${property}.cidr`, cidr);
}

/** Checks those who connect to pods, as a capability of a distribution says. An empty list would let everybody in. */
export function checkSources(scope: IConstruct, property: string, peers: NetworkPeer[]): void {
  if (peers.length === 0) {
    Problems.report(scope, {
      property,
      value: peers,
      reason: 'is empty, and would let everybody in',
      remedy: 'Name at least one peer, or leave it out',
    });
  }
  peers.forEach((peer) => checkSource(scope, property, peer));
}

/** Checks one of them. */
export function checkSource(scope: IConstruct, property: string, peer: NetworkPeer): void {
  checkPeer(scope, property, peer);
  const { namespaceLabels, podLabels } = peer;
  if (namespaceLabels && !podLabels) checkNamespaceLabels(scope, property, namespaceLabels);
}

/** Checks a range of addresses. */
export function checkRange(scope: IConstruct, property: string, value: string): string {
  const [, address = '', length] = /^([\d.]+|[\da-f:]+)\/(0|[1-9]\d{0,2})$/i.exec(value) ?? [];
  const bits = bitsOf(address);
  if (!bits || Number(length) > bits.length) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is not a range of addresses',
      remedy: 'Give an address and the length of its prefix, such as "10.20.0.0/16"',
    });
  }
  if (bits.slice(Number(length)).includes('1')) {
    Problems.report(scope, {
      property,
      value,
      reason: 'begins with another address than its range',
      remedy: 'Give the first address of the range, such as "10.20.0.0/16"',
    });
  }
  return value;
}

/** Checks labels of namespaces that connections come from: without one it would be every namespace. */
export function checkNamespaceLabels(
  scope: IConstruct,
  property: string,
  labels: { [label: string]: string },
): void {
  if (!Object.keys(labels).length) {
    Problems.report(scope, {
      property,
      value: labels,
      reason: 'names no label, and would let every namespace in',
      remedy: 'Give at least one: { "kubernetes.io/metadata.name": "…" }',
    });
  }
  checkLabels(scope, property, labels);
}

/** The bits of an address, if it is one. */
function bitsOf(address: string): string {
  const family = isIP(address);
  if (family === 4) return binary(address.split('.'), { base: 10, digits: 8 });
  if (family !== 6) return '';
  const [head, tail] = address.split('::').map((part) => (part ? part.split(':') : []));
  const zeros = tail ? Array<string>(8 - head.length - tail.length).fill('0') : [];
  return binary([...head, ...zeros, ...(tail ?? [])], { base: 16, digits: 16 });
}

function binary(parts: string[], { base, digits }: { base: number; digits: number }): string {
  return parts.map((part) => parseInt(part, base).toString(2).padStart(digits, '0')).join('');
}
