import { NetworkPeer } from '../kubernetes/peers';
import { Traffic } from '../kubernetes/traffic';
import { IEgressNames } from './egress-names';

/** What pods of a distribution must be able to reach or be reached from, as far as network policies are concerned. */
export interface INetwork {
  /**
   * The name servers of the cluster. A policy may see the pods behind their Service, the address of the Service, or
   * that of a cache on the node: each that there may be is among them.
   */
  readonly dns: Traffic[];

  /** The API server, seen as its Service or behind it. */
  readonly apiServer: Traffic[];

  /** Who scrapes metrics. */
  readonly metricsSources: NetworkPeer[];

  /**
   * How pods are let connect to names.
   *
   * @default - they are not: `EgressTarget.names` throws
   */
  readonly egressNames?: IEgressNames;
}
