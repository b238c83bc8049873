import { NetworkPort, Traffic } from '../kubernetes/traffic';
import { NamedTraffic } from '../platform/egress-names';
import { IApplicationPods } from './application-pods';

/** Pods that the program does not make, or not as an application. Fields given together must all hold. */
export interface PodPeer {
  /**
   * Labels of the pods.
   *
   * @default - every pod of the namespaces
   */
  readonly podLabels?: { [label: string]: string };

  /**
   * Labels of the namespaces.
   *
   * @default - the namespace of the application
   */
  readonly namespaceLabels?: { [label: string]: string };
}

/**
 * What pods may connect to, on which ports.
 *
 * @example
 * app.allowEgressTo(EgressTarget.addresses(['203.0.113.25/32'], [{ port: 587 }]));
 * app.allowEgressTo(EgressTarget.names(['api.stripe.com'], [{ port: 443 }]));
 */
export class EgressTarget {
  /**
   * The replicas of another application of the program, in this namespace or another one. What restricts that
   * application lets these pods in.
   *
   * @param app - the other application
   */
  static application(app: IApplicationPods): EgressTarget {
    return new EgressTarget(app);
  }

  /**
   * Pods by their labels: those that no application of the program is.
   *
   * @param peer - the pods
   * @param ports - ports of the pods: a policy does not see those of a Service
   */
  static pods(peer: PodPeer, ports: NetworkPort[]): EgressTarget {
    return new EgressTarget(undefined, { peers: [peer], ports });
  }

  /**
   * Ranges of addresses.
   *
   * @param ranges - such as `10.20.0.0/16`
   * @param ports - their ports
   */
  static addresses(ranges: string[], ports: NetworkPort[]): EgressTarget {
    return new EgressTarget(undefined, { peers: ranges.map((cidr) => ({ cidr })), ports });
  }

  /**
   * DNS names outside the cluster, regardless of their addresses. A `*` is what the platform takes: `*.example.com` is
   * one label below the domain on GKE and with Cilium, and one or more in Auto Mode of EKS.
   *
   * @param names - such as `api.example.com`
   * @param ports - their ports
   */
  static names(names: string[], ports: NetworkPort[]): EgressTarget {
    return new EgressTarget(undefined, undefined, { names, ports });
  }

  private constructor(
    /**
     * The application.
     *
     * @default - it is none
     */
    readonly app?: IApplicationPods,

    /**
     * Pods or addresses.
     *
     * @default - it is something else
     */
    readonly traffic?: Traffic,

    /**
     * Names.
     *
     * @default - it is something else
     */
    readonly named?: NamedTraffic,
  ) {}
}
