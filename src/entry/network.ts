export { ClusterNetwork, type ClusterNetworkProps } from '../capabilities/network/network';
