/**
 * The driver of EBS volumes that clusters of EKS add, and the one that Auto Mode brings along.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
 */
export const EBS_DRIVER = 'ebs.csi.aws.com';
export const AUTO_MODE_EBS_DRIVER = 'ebs.csi.eks.amazonaws.com';

/** The driver of EBS volumes that a cluster has. */
export function ebsDriver(autoMode = false): string {
  return autoMode ? AUTO_MODE_EBS_DRIVER : EBS_DRIVER;
}
