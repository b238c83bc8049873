import { NetworkPeer } from '../kubernetes/peers';
import { NetworkPort } from '../kubernetes/traffic';

/** What pods of a distribution must be able to reach or be reached from, as far as network policies are concerned. */
export interface INetwork {
  /** The ports that names are resolved on, at any address. */
  readonly dnsPorts: NetworkPort[];

  /** The pods that resolve names: they may listen on another port than their Service. */
  readonly dnsPods: NetworkPeer[];

  /** The ports that the API server is reached on, seen behind its Service. */
  readonly apiServerPorts: NetworkPort[];

  /** Who scrapes metrics. */
  readonly metricsSources: NetworkPeer[];
}
