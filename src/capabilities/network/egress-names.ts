import {
  FqdnNetworkPolicy,
  FqdnNetworkPolicySpecEgressPortsProtocol as GkeProtocol,
} from '../../../imports/networking.gke.io';
import {
  ApplicationNetworkPolicy,
  ApplicationNetworkPolicySpecEgressPortsPort as AwsPort,
} from '../../../imports/networking.k8s.aws';
import { NetworkProtocol } from '../../kubernetes/traffic';
import { EgressNamesRequest, IEgressNames } from '../../platform/egress-names';

const EGRESS = 'Egress';

/** The end of a name, which says whose it is: two labels without a wildcard. */
const OWN_DOMAIN = /(^|\.)[^.*]+\.[^.*]+$/;

/** What all platforms would take, and nobody means. */
export function refusalOfDomain(name: string): string | undefined {
  return OWN_DOMAIN.test(name) ? undefined : 'would mean the hosts of everybody';
}

/**
 * A FQDNNetworkPolicy of GKE with Dataplane V2, where `enable-fqdn-network-policy` is on. `*` means any part of
 * one label: `*.example.com` is not `a.b.example.com`. It was not tried on a cluster.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies
 * @see https://github.com/GoogleCloudPlatform/gke-networking-api
 */
export class GkeEgressNames implements IEgressNames {
  readonly apiVersion = FqdnNetworkPolicy.GVK.apiVersion;
  readonly kind = FqdnNetworkPolicy.GVK.kind;

  refusal(name: string): string | undefined {
    if (name.includes('**')) return 'has "**", which GKE does not know';
    return refusalOfDomain(name);
  }

  spec({ podSelector, traffic }: EgressNamesRequest): any {
    return FqdnNetworkPolicy.manifest({
      spec: {
        podSelector,
        egress: traffic.map(({ names, ports }) => ({
          matches: names.map((name) => (name.includes('*') ? { pattern: name } : { name })),
          // Without one, GKE means any protocol.
          ports: ports.map(({ port, protocol = NetworkProtocol.TCP }) => ({
            protocol: protocol as string as GkeProtocol,
            port,
          })),
        })),
      },
    }).spec;
  }
}

/**
 * An ApplicationNetworkPolicy of EKS Auto Mode, where network policies are enabled. `*` is the whole first label
 * alone, and means one or more: `*.example.com` is `a.b.example.com` too. It was not tried on a cluster.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 * @see https://github.com/aws/amazon-network-policy-controller-k8s
 */
export class EksAutoModeEgressNames implements IEgressNames {
  readonly apiVersion = ApplicationNetworkPolicy.GVK.apiVersion;
  readonly kind = ApplicationNetworkPolicy.GVK.kind;

  refusal(name: string): string | undefined {
    if (name.replace(/^\*\./, '').includes('*')) return 'has "*" elsewhere than as the whole first label';
    return refusalOfDomain(name);
  }

  spec({ podSelector, traffic }: EgressNamesRequest): any {
    return ApplicationNetworkPolicy.manifest({
      spec: {
        podSelector,
        policyTypes: [EGRESS],
        egress: traffic.map(({ names, ports }) => ({
          to: [{ domainNames: names }],
          ports: ports.map(({ port, protocol = NetworkProtocol.TCP }) => ({
            protocol,
            port: AwsPort.fromNumber(port),
          })),
        })),
      },
    }).spec;
  }
}
