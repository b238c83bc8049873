export { Callers, type IApplicationPods } from '../django-app/application-pods';
export { EgressTarget, type PodPeer } from '../django-app/egress-target';
export {
  ClusterNetwork,
  type ClusterAddressesProps,
  type ClusterNetworkProps,
} from '../capabilities/network/network';
export {
  AksEgressNames,
  type AksEgressNamesProps,
  CiliumEgressNames,
  type CiliumEgressNamesProps,
} from '../capabilities/network/cilium';
export { EksAutoModeEgressNames, GkeEgressNames } from '../capabilities/network/egress-names';
