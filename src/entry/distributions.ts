export { type AksDistributionProps } from '../distributions/aks';
export { type EksDistributionProps } from '../distributions/eks';
export { type GkeDistributionProps } from '../distributions/gke';
export { type OpenShiftDistributionProps } from '../distributions/openshift';
export { type UpstreamDistributionProps } from '../distributions/upstream';
export { type DistributionProps } from '../platform/distribution';
