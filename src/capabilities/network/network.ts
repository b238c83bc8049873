import { namespaceLabels } from '../../kubernetes/labels';
import { NetworkPeer } from '../../kubernetes/peers';

/** A port of TCP, UDP or SCTP. */
export interface NetworkPort {
  /** The number. */
  readonly port: number;

  /**
   * `TCP`, `UDP` or `SCTP`.
   *
   * @default TCP
   */
  readonly protocol?: string;
}

/** What pods of a distribution must be able to reach or be reached from, as far as network policies are concerned. */
export interface INetwork {
  /** The ports that names are resolved on, at whatever address. */
  readonly dnsPorts: NetworkPort[];

  /** The pods that resolve names: they may listen on another port than their Service. */
  readonly dnsPods: NetworkPeer[];

  /** The ports that the API server is reached on, seen behind its Service. */
  readonly apiServerPorts: NetworkPort[];

  /** Who scrapes metrics. */
  readonly metricsSources: NetworkPeer[];
}

const KUBE_DNS: NetworkPeer = {
  namespaceLabels: namespaceLabels('kube-system'),
  podLabels: { 'k8s-app': 'kube-dns' },
};

/** Options of a distribution's network. */
export interface ClusterNetworkProps {
  /** Labels of the namespace that scrapes metrics. */
  readonly monitoringNamespaceLabels: { [label: string]: string };

  /**
   * The pods that resolve names.
   *
   * @default - those labelled `k8s-app: kube-dns` in the namespace `kube-system`
   */
  readonly dnsPods?: NetworkPeer;
}

/** The network of an ordinary cluster. */
export class ClusterNetwork implements INetwork {
  // Without a peer: a node-local cache has the node's address, which no selector and, under Cilium, no address
  // range matches.
  readonly dnsPorts: NetworkPort[] = [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ];
  readonly dnsPods: NetworkPeer[];
  readonly apiServerPorts: NetworkPort[] = [{ port: 443 }, { port: 6443 }];
  readonly metricsSources: NetworkPeer[];

  constructor(props: ClusterNetworkProps) {
    this.dnsPods = [props.dnsPods ?? KUBE_DNS];
    this.metricsSources = [{ namespaceLabels: props.monitoringNamespaceLabels }];
  }
}
