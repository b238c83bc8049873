import { namespaceLabels } from '../../kubernetes/labels';
import { NetworkPeer } from '../../kubernetes/peers';
import { Traffic } from '../../kubernetes/traffic';
import { EksAutoModeEgressNames, GkeEgressNames } from './egress-names';
import { ClusterAddressesProps, ClusterNetwork, dnsPorts, NODE_LOCAL_DNS } from './network';

/** Where the collectors of Managed Service for Prometheus run. Both namespaces are Google's own. */
const GMP_STANDARD = 'gmp-system';
const GMP_AUTOPILOT = 'gke-gmp-system';
const GMP_NAMESPACES: NetworkPeer[] = [
  { namespaceLabels: namespaceLabels(GMP_STANDARD) },
  { namespaceLabels: namespaceLabels(GMP_AUTOPILOT) },
];

/** The range of Services that GKE manages itself: a cluster that names another one needs `dnsAddresses`. */
const MANAGED_SERVICES = '34.118.224.0/20';

/** NodeLocal DNSCache answers at 169.254.20.10, and Cloud DNS at 169.254.169.254. */
const LINK_LOCAL = '169.254.0.0/16';

/**
 * The network of GKE. Names are resolved by kube-dns, by NodeLocal DNSCache or by Cloud DNS. Metrics are scraped from
 * one namespace on Standard clusters and another on Autopilot. Each is among the peers, as a cluster has but one.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/nodelocal-dns-cache
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/cloud-dns
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#cluster_sizing
 * @see https://cloud.google.com/stackdriver/docs/managed-prometheus/setup-managed
 * @see https://github.com/GoogleCloudPlatform/prometheus-engine/issues/300
 */
export class GkeNetwork extends ClusterNetwork {
  constructor({ dnsAddresses, egressNames, metricsSources, ...props }: ClusterAddressesProps = {}) {
    super({
      ...props,
      metricsSources: metricsSources ?? GMP_NAMESPACES,
      monitoringNamespaceLabels: namespaceLabels(GMP_STANDARD),
      // Those of kube-dns, and those of the cache, to which Dataplane V2 leads a request.
      dnsPods: { namespaceLabels: namespaceLabels('kube-system') },
      dnsPodPorts: [53],
      dnsAddresses: dnsAddresses ?? [MANAGED_SERVICES, LINK_LOCAL],
      egressNames: egressNames ?? new GkeEgressNames(),
    });
  }
}

/** Where Amazon EKS puts the Service of its name servers, in either of the ranges that it chooses from. */
const EKS_DNS_SERVICES = ['172.20.0.10/32', '10.100.0.10/32'];

/** What a VPC has by its documentation's advice, and Services have: RFC 1918, RFC 6598 and RFC 4193. */
const EKS_PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** The facts of a network of EKS. */
export interface EksNetworkProps extends ClusterAddressesProps {
  /** Whether the cluster runs in Auto Mode. */
  readonly autoMode?: boolean;
}

/**
 * The network of Amazon EKS. Its policies see the address of a Service. In Auto Mode the name servers are a service of
 * each node, and no pods. The API server has addresses in the subnets of the VPC, also where its endpoint is public.
 * It was not tried on a cluster.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 * @see https://github.com/awslabs/amazon-eks-ami/issues/92
 * @see https://github.com/aws/containers-roadmap/issues/2552
 */
export class EksNetwork extends ClusterNetwork {
  constructor({ dnsAddresses, apiServerAddresses, egressNames, autoMode, ...props }: EksNetworkProps = {}) {
    super({
      ...props,
      monitoringNamespaceLabels: namespaceLabels('monitoring'),
      dnsPodPorts: [53],
      dnsAddresses: dnsAddresses ?? [...EKS_DNS_SERVICES, NODE_LOCAL_DNS],
      apiServerAddresses: apiServerAddresses ?? EKS_PRIVATE,
      egressNames: egressNames ?? (autoMode ? new EksAutoModeEgressNames() : undefined),
    });
  }
}

/** The addresses of LocalDNS. */
const AKS_DNS = ['169.254.10.0/24'];

/**
 * The network of Azure Kubernetes Service. It was not tried on a cluster.
 *
 * @see https://learn.microsoft.com/azure/aks/localdns-custom
 */
export class AksNetwork extends ClusterNetwork {
  constructor({ dnsAddresses, ...props }: ClusterAddressesProps = {}) {
    super({
      ...props,
      monitoringNamespaceLabels: namespaceLabels('kube-system'),
      dnsPodPorts: [53],
      dnsAddresses: dnsAddresses ?? AKS_DNS,
    });
  }
}

/**
 * That of AKS Automatic, which has Cilium with LocalDNS on each node. No address and no label of a NetworkPolicy matches
 * LocalDNS for Cilium, as it is the node: pods may ask port 53 of any address. It was not tried on a cluster.
 *
 * @see https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium
 */
export class AksAutomaticNetwork extends AksNetwork {
  override readonly dns: Traffic[] = [{ ports: dnsPorts([53]) }];
}

/**
 * The network of OpenShift, whose name servers listen on 5353 behind their Service, and whose policies see that port.
 *
 * @see https://docs.redhat.com/documentation/openshift_container_platform/4.19/html/networking_operators/dns-operator
 */
export class OpenShiftNetwork extends ClusterNetwork {
  constructor({ dnsAddresses, ...props }: ClusterAddressesProps = {}) {
    super({
      ...props,
      monitoringNamespaceLabels: { 'network.openshift.io/policy-group': 'monitoring' },
      dnsPods: { namespaceLabels: namespaceLabels('openshift-dns') },
      dnsPodPorts: [53, 5353],
      dnsAddresses: dnsAddresses ?? [],
    });
  }
}
