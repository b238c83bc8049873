import {
  CiliumNetworkPolicy,
  CiliumNetworkPolicySpecEgress as Rule,
  CiliumNetworkPolicySpecEgressToPortsPortsProtocol as Protocol,
} from '../../../imports/cilium.io';
import { NAME_LABEL } from '../../kubernetes/labels';
import { NetworkPeer } from '../../kubernetes/peers';
import { NetworkPort, NetworkProtocol, Traffic } from '../../kubernetes/traffic';
import { EgressNamesRequest, IEgressNames } from '../../platform/egress-names';
import { refusalOfDomain } from './egress-names';

/** What the policies of Cilium need to know. */
export interface CiliumEgressNamesProps {
  /**
   * The names that pods which connect to names may look up, with `*` for any part of one label. Each name that they
   * connect to must be among them, and those of the cluster too. Other names are not found.
   *
   * @default - all
   */
  readonly lookups?: string[];
}

const EVERY_NAME = '*';

/** How Cilium writes the labels of pods and of namespaces. */
const POD_LABEL = 'k8s:';
const NAMESPACE = 'k8s:io.kubernetes.pod.namespace';
const NAMESPACE_LABEL = 'k8s:io.cilium.k8s.namespace.labels.';

/**
 * A CiliumNetworkPolicy of a cluster that Cilium connects, with its L7 proxy. Cilium learns the addresses of names from
 * the answers of the name servers, so these pods ask through its DNS proxy. `*` means any part of one label, and
 * `**.` at the beginning means one or more labels. It was not tried on a cluster.
 *
 * @see https://docs.cilium.io/en/stable/security/policy/language/#dns-based
 *
 * @example
 * Distribution.upstream({ egressNames: new CiliumEgressNames() });
 */
export class CiliumEgressNames implements IEgressNames {
  readonly apiVersion = CiliumNetworkPolicy.GVK.apiVersion;
  readonly kind = CiliumNetworkPolicy.GVK.kind;

  constructor(private readonly props: CiliumEgressNamesProps = {}) {}

  refusal(name: string): string | undefined {
    if (name.replace(/^\*\*\./, '').includes('**')) return 'has "**" elsewhere than as the whole first label';
    const { lookups } = this.props;
    if (lookups && !lookups.some((pattern) => covers(pattern, name))) {
      return `is not among the lookups ${JSON.stringify(lookups)}, so pods would not find it`;
    }
    return refusalOfDomain(name);
  }

  spec({ podSelector, traffic, dns }: EgressNamesRequest): any {
    return CiliumNetworkPolicy.manifest({
      metadata: {},
      spec: {
        endpointSelector: podSelector,
        egress: [
          ...dns.flatMap((one) => this.dnsRules(one)),
          ...traffic.map(({ names, ports }) => ({
            toFqdNs: names.map((name) => (name.includes('*') ? { matchPattern: name } : { matchName: name })),
            toPorts: [{ ports: ports.map(ciliumPort) }],
          })),
        ],
      },
    }).spec;
  }

  /** Pods and addresses are in rules of their own. The proxy needs ports: where the pods have no list of them, it is 53. */
  private dnsRules({ peers, ports = [{ port: 53 }] }: Traffic): Rule[] {
    const { lookups = [EVERY_NAME] } = this.props;
    const numbers = [...new Set(ports.map(({ port }) => port))];
    const toPorts = [
      {
        ports: numbers.map((port) => ({ port: `${port}`, protocol: Protocol.ANY })),
        rules: { dns: lookups.map((matchPattern) => ({ matchPattern })) },
      },
    ];
    if (!peers) return [{ toPorts }];
    const toEndpoints = peers
      .filter(({ cidr }) => !cidr)
      .map((peer) => ({ matchLabels: ciliumLabels(peer) }));
    const toCidr = peers.flatMap(({ cidr }) => cidr ?? []);
    return [
      ...(toEndpoints.length ? [{ toEndpoints, toPorts }] : []),
      ...(toCidr.length ? [{ toCidr, toPorts }] : []),
    ];
  }
}

function ciliumPort({ port, protocol = NetworkProtocol.TCP }: NetworkPort) {
  return { port: `${port}`, protocol: protocol as string as Protocol };
}

function ciliumLabels({ podLabels = {}, namespaceLabels = {} }: NetworkPeer): Record<string, string> {
  const ofNamespace = (label: string) => (label === NAME_LABEL ? NAMESPACE : `${NAMESPACE_LABEL}${label}`);
  return Object.fromEntries([
    ...Object.entries(namespaceLabels).map(([label, value]) => [ofNamespace(label), value]),
    ...Object.entries(podLabels).map(([label, value]) => [`${POD_LABEL}${label}`, value]),
  ]);
}

/** Whether a pattern has all names that a name or another pattern has. */
function covers(pattern: string, name: string): boolean {
  if (pattern === EVERY_NAME || pattern === name) return true;
  if (name.includes('*')) return false;
  const parts = pattern.replace(/[.]/g, '[.]').split('*');
  return new RegExp(`^${parts.join('[^.]*')}$`).test(name);
}

/** What the policies of Azure Kubernetes Service need to know. */
export interface AksEgressNamesProps {
  /**
   * The names that pods which connect to names may look up, with `*` for any part of one label:
   * `['api.stripe.com', '*.postgres.database.azure.com', '*.*.svc.cluster.local']`. Other names are not found, those of
   * the cluster too. AKS does not take `*` alone. An image of Alpine also asks for each name below each search domain
   * of the pod, and takes a refusal for the answer.
   */
  readonly lookups: string[];
}

/**
 * A CiliumNetworkPolicy of an AKS cluster with Azure CNI powered by Cilium and Advanced Container Networking Services.
 * Its vendor does not support it with a cache on the node, such as the LocalDNS of AKS Automatic. It was not tried on a
 * cluster.
 *
 * @see https://learn.microsoft.com/azure/aks/how-to-apply-fqdn-filtering-policies
 *
 * @example
 * Distribution.aks({ egressNames: new AksEgressNames({ lookups: ['api.stripe.com', '*.*.svc.cluster.local'] }) });
 */
export class AksEgressNames extends CiliumEgressNames {
  constructor(private readonly azure: AksEgressNamesProps) {
    super(azure);
  }

  override refusal(name: string): string | undefined {
    if (this.azure.lookups.includes(EVERY_NAME)) {
      return 'cannot be allowed beside the lookup "*", which AKS does not take';
    }
    return super.refusal(name);
  }
}
