import { namespaceLabels } from '../../kubernetes/labels';
import { NetworkPeer } from '../../kubernetes/peers';
import { NetworkPort, NetworkProtocol, Traffic } from '../../kubernetes/traffic';
import { IEgressNames } from '../../platform/egress-names';
import { INetwork } from '../../platform/network';

/** Facts of a cluster that its network policies need. Addresses are ranges such as `10.96.0.10/32`. */
export interface ClusterAddressesProps {
  /**
   * Ranges of the addresses of the name servers: those that are in `/etc/resolv.conf` of a pod. A cache on each node has an
   * address that no policy can tell by labels: with another one than the platform's usual ones, names are not found.
   *
   * @default - those that the platform's documentation names
   */
  readonly dnsAddresses?: string[];

  /**
   * Ranges of the addresses of the API server: that of the Service `kubernetes` in the namespace `default`, and those
   * of its endpoints. `kubectl get service,endpointslice -n default` shows both. What asks the API server then
   * connects there and nowhere else.
   *
   * @default - ports 443 and 6443 of any address: no label selects the API server. On EKS those of private addresses
   */
  readonly apiServerAddresses?: string[];

  /**
   * How pods are let connect to names: CiliumEgressNames where Cilium connects the cluster.
   *
   * @default - a FQDNNetworkPolicy on GKE, an ApplicationNetworkPolicy in Auto Mode of EKS. Elsewhere
   * `EgressTarget.names` throws
   */
  readonly egressNames?: IEgressNames;

  /**
   * Who scrapes metrics: the pods of another collector than the platform's, such as OpenTelemetry's. Network policies
   * let these pods in and no others. Synth refuses an empty list, where policies are made.
   *
   * @default - the namespace of the platform's own collector; on EKS and upstream the namespace `monitoring`
   */
  readonly metricsSources?: NetworkPeer[];
}

/** Options of a distribution's network. */
export interface ClusterNetworkProps extends ClusterAddressesProps {
  /** Labels of the namespace that scrapes metrics, unless `metricsSources` says who does. */
  readonly monitoringNamespaceLabels: { [label: string]: string };

  /**
   * The pods that resolve names.
   *
   * @default - those labelled `k8s-app: kube-dns` in the namespace `kube-system`
   */
  readonly dnsPods?: NetworkPeer;

  /**
   * The ports that these pods listen on, which a policy may see in place of the port 53 of their Service.
   *
   * @default - all: CoreDNS without privileges listens above 1024
   */
  readonly dnsPodPorts?: number[];
}

/** The pods of CoreDNS and of kube-dns. */
const KUBE_DNS: NetworkPeer = {
  namespaceLabels: namespaceLabels('kube-system'),
  podLabels: { 'k8s-app': 'kube-dns' },
};

/**
 * The address of NodeLocal DNSCache, unless it was installed with another one.
 *
 * @see https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
 */
export const NODE_LOCAL_DNS = '169.254.20.10/32';

const API_SERVER_PORTS: NetworkPort[] = [{ port: 443 }, { port: 6443 }];

/**
 * The network of an ordinary cluster.
 *
 * @example
 * Distribution.upstream({ dnsAddresses: ['10.96.0.10/32'], apiServerAddresses: ['10.96.0.1/32', '10.0.0.10/32'] });
 */
export class ClusterNetwork implements INetwork {
  readonly dns: Traffic[];
  readonly apiServer: Traffic[];
  readonly metricsSources: NetworkPeer[];
  readonly egressNames?: IEgressNames;

  constructor(props: ClusterNetworkProps) {
    const { dnsPods = KUBE_DNS, dnsPodPorts, dnsAddresses = [NODE_LOCAL_DNS], apiServerAddresses } = props;
    this.dns = nameServers(dnsPods, dnsPodPorts, peersAt(dnsAddresses));
    this.apiServer = [{ peers: apiServerAddresses && peersAt(apiServerAddresses), ports: API_SERVER_PORTS }];
    this.metricsSources = props.metricsSources ?? [{ namespaceLabels: props.monitoringNamespaceLabels }];
    this.egressNames = props.egressNames;
  }
}

/** The pods of name servers, and their addresses: one rule where both have the same ports. */
function nameServers(pods: NetworkPeer, podPorts: number[] | undefined, addresses: NetworkPeer[]): Traffic[] {
  const ports = dnsPorts([53]);
  if (podPorts?.join() === '53') return [{ peers: [pods, ...addresses], ports }];
  return [
    { peers: [pods], ports: podPorts && dnsPorts(podPorts) },
    ...(addresses.length ? [{ peers: addresses, ports }] : []),
  ];
}

/** Names are asked for by UDP, and long answers by TCP. */
export function dnsPorts(numbers: number[]): NetworkPort[] {
  const { UDP, TCP } = NetworkProtocol;
  return numbers.flatMap((port) => [UDP, TCP].map((protocol) => ({ port, protocol })));
}

function peersAt(addresses: string[]): NetworkPeer[] {
  return addresses.map((cidr) => ({ cidr }));
}
