import { NetworkPort, Traffic } from '../kubernetes/traffic';

/** Names that pods may connect to, and the ports. */
export interface NamedTraffic {
  /** DNS names, such as `api.example.com`. Some platforms take wildcards: `*.example.com`. */
  readonly names: string[];

  /** The ports. */
  readonly ports: NetworkPort[];
}

/** What a policy of names has to allow. */
export interface EgressNamesRequest {
  /** The pods, as a selector of labels: with `matchLabels` and perhaps `matchExpressions`. */
  readonly podSelector: any;

  /** What the pods may connect to. */
  readonly traffic: NamedTraffic[];

  /** The name servers of the cluster. The pods have a NetworkPolicy that lets them ask these. */
  readonly dns: Traffic[];
}

/** How a platform lets pods connect to names. A NetworkPolicy of Kubernetes has none: each platform has a kind of its own. */
export interface IEgressNames {
  /** Group and version of the kind. */
  readonly apiVersion: string;

  /** The kind, which has a namespace. What such a policy allows adds to what NetworkPolicies allow. */
  readonly kind: string;

  /**
   * Why a policy cannot have a name: `has "*" elsewhere than as the whole first label`. Nothing if it can.
   *
   * @param name - a DNS name of at least two labels, in which a `*` may be
   */
  refusal(name: string): string | undefined;

  /**
   * The spec of a policy. Synth asks for it.
   *
   * @param request - the pods, and what they may connect to
   */
  spec(request: EgressNamesRequest): any;
}
