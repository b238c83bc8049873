import { FieldReason } from '../../kubernetes/field-reason';

const CILIUM = 'https://docs.cilium.io/en/stable/security/policy/language/#dns-based';
const EKS = 'https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html';
const GKE = 'https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies';

/** Reasons for the policies that let pods connect to names. */
export const NETWORK_REASONS: FieldReason[] = [
  {
    fields: [
      'CiliumNetworkPolicy.spec.egress.toFQDNs.matchName',
      'CiliumNetworkPolicy.spec.egress.toPorts.ports.{port,protocol}',
      'FQDNNetworkPolicy.spec.egress.{matches.name,ports.port,ports.protocol}',
      'ApplicationNetworkPolicy.spec.egress.{to.domainNames,ports.port,ports.protocol}',
    ],
    why: 'You allowed these names and ports. A NetworkPolicy of Kubernetes knows addresses only.',
    source: GKE,
  },
  {
    fields: [
      'CiliumNetworkPolicy.spec.egress.toPorts.rules.dns.matchPattern',
      'CiliumNetworkPolicy.spec.egress.{toCIDR,toEndpoints.matchLabels.*}',
    ],
    why: 'Cilium reads the answers of these name servers, and lets pods connect to the addresses in them. Names that no pattern has are not found.',
    source: CILIUM,
  },
  {
    fields: ['ApplicationNetworkPolicy.spec.policyTypes'],
    why: 'It is about what the pods connect to. Who connects to them is in their NetworkPolicy.',
    source: EKS,
    values: ['Egress'],
  },
];
