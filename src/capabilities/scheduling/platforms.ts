import { Duration } from 'cdk8s';
import { NodeLabelScheduling, NodeLabelSchedulingProps } from '../../platform/node-labels';

/**
 * How long before its end Azure announces that of a spot node.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/spot-vms
 */
export const AZURE_SPOT_NOTICE = Duration.seconds(30);

/**
 * What the cluster autoscaler reads, which GKE Standard, node groups of EKS and node pools of AKS have. It waits for at
 * most 10 minutes for a pod to end, and leaves the node of such a pod alone.
 *
 * @see https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
 */
const CLUSTER_AUTOSCALER = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' };

/**
 * What Karpenter reads before it consolidates a node or replaces one that has drifted.
 *
 * @see https://karpenter.sh/docs/concepts/disruption/
 */
const KARPENTER = { 'karpenter.sh/do-not-disrupt': 'true' };

/**
 * The nodes of GKE: Spot VMs, and compute classes as node pools. GKE taints nodes of Arm, of a compute class and, in
 * Autopilot, of Spot Pods; in Standard it is the administrator who taints spot pools. Pods tolerate all of it.
 *
 * A pod has 15 of the 30 seconds that a node has to go. Node pools and compute classes can be given up to 120 seconds
 * from GKE 1.35 on. Not tried on a cluster.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/about-compute-classes
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/prepare-arm-workloads-for-deployment
 * @example
 * Distribution.gke({
 *   scheduling: new GkeScheduling({ spotNotice: Duration.seconds(60), nodePoolLabel: 'cloud.google.com/gke-nodepool' }),
 * });
 */
export class GkeScheduling extends NodeLabelScheduling {
  constructor(props: NodeLabelSchedulingProps = {}) {
    super({
      spotLabels: { 'cloud.google.com/gke-spot': 'true' },
      spotNotice: Duration.seconds(15),
      nodePoolLabel: 'cloud.google.com/compute-class',
      taintedLabels: ['cloud.google.com/gke-spot', 'cloud.google.com/compute-class', 'kubernetes.io/arch'],
      doNotDisruptAnnotations: CLUSTER_AUTOSCALER,
      ...props,
    });
  }
}

/**
 * The nodes of EKS by its managed node groups, which drain a spot node when its notice of two minutes comes. Not tried
 * on a cluster.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 * @example
 * Distribution.eks({ scheduling: new EksScheduling({ nodePoolLabel: 'alpha.eksctl.io/nodegroup-name' }) });
 */
export class EksScheduling extends NodeLabelScheduling {
  constructor(props: NodeLabelSchedulingProps = {}) {
    super({
      spotLabels: { 'eks.amazonaws.com/capacityType': 'SPOT' },
      spotNotice: Duration.minutes(2),
      nodePoolLabel: 'eks.amazonaws.com/nodegroup',
      doNotDisruptAnnotations: CLUSTER_AUTOSCALER,
      ...props,
    });
  }
}

/**
 * The nodes of Karpenter, by which EKS Auto Mode and the node auto-provisioning of AKS choose them too, and their
 * NodePools. The notice of a spot node is that of EC2; that of Azure is 30 seconds. Not tried on a cluster.
 *
 * @see https://karpenter.sh/docs/concepts/scheduling/
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html
 * @see https://learn.microsoft.com/azure/aks/node-auto-provisioning-node-pools
 * @example
 * Distribution.aks({ scheduling: new KarpenterScheduling({ spotNotice: Duration.seconds(30) }) });
 */
export class KarpenterScheduling extends NodeLabelScheduling {
  constructor(props: NodeLabelSchedulingProps = {}) {
    super({
      spotLabels: { 'karpenter.sh/capacity-type': 'spot' },
      spotNotice: Duration.minutes(2),
      nodePoolLabel: 'karpenter.sh/nodepool',
      doNotDisruptAnnotations: KARPENTER,
      ...props,
    });
  }
}

/**
 * The nodes of AKS by its agent pools. Those of spot pools are tainted by AKS. Azure gives 30 seconds of notice. Not
 * tried on a cluster.
 *
 * @see https://learn.microsoft.com/azure/aks/spot-node-pool
 * @see https://learn.microsoft.com/azure/virtual-machines/spot-vms
 * @see https://learn.microsoft.com/azure/aks/use-labels
 * @example
 * Distribution.aks({ scheduling: new AksScheduling({ nodePoolLabel: 'example.com/pool' }) });
 */
export class AksScheduling extends NodeLabelScheduling {
  constructor(props: NodeLabelSchedulingProps = {}) {
    super({
      spotLabels: { 'kubernetes.azure.com/scalesetpriority': 'spot' },
      spotNotice: AZURE_SPOT_NOTICE,
      nodePoolLabel: 'kubernetes.azure.com/agentpool',
      taintedLabels: ['kubernetes.azure.com/scalesetpriority'],
      doNotDisruptAnnotations: CLUSTER_AUTOSCALER,
      ...props,
    });
  }
}
