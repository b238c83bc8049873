import { namespaceLabels } from '../../kubernetes/labels';
import { NetworkPeer } from '../../kubernetes/peers';
import { NetworkPort, NetworkProtocol } from '../../kubernetes/traffic';
import { INetwork } from '../../platform/network';

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
    { port: 53, protocol: NetworkProtocol.UDP },
    { port: 53, protocol: NetworkProtocol.TCP },
  ];
  readonly dnsPods: NetworkPeer[];
  readonly apiServerPorts: NetworkPort[] = [{ port: 443 }, { port: 6443 }];
  readonly metricsSources: NetworkPeer[];

  constructor(props: ClusterNetworkProps) {
    this.dnsPods = [props.dnsPods ?? KUBE_DNS];
    this.metricsSources = [{ namespaceLabels: props.monitoringNamespaceLabels }];
  }
}
