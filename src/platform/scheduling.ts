import { Duration } from 'cdk8s';
import { Construct } from 'constructs';

/** The architectures of nodes that pods can ask for. */
export enum Architecture {
  /** x86-64. */
  AMD64 = 'amd64',

  /** 64-bit ARM. */
  ARM64 = 'arm64',
}

/** The nodes that pods may run on. */
export interface Placement {
  /**
   * The architecture of the nodes: `amd64` or `arm64`.
   *
   * @default - any: the image must be there for each that the cluster has
   */
  readonly architecture?: Architecture;

  /**
   * The zones of the nodes, as their label `topology.kubernetes.io/zone` has them.
   *
   * @default - any
   */
  readonly zones?: string[];

  /**
   * The group of nodes. It is a compute class on GKE, a managed node group on EKS, a NodePool of Karpenter in EKS Auto
   * Mode and AKS Automatic, and an agent pool on AKS. Elsewhere it is what the distribution's `scheduling` has a label
   * for.
   *
   * @default - any
   */
  readonly nodePool?: string;

  /**
   * Name of a PriorityClass that the cluster has.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;
}

/** The nodes that the replicas or the workers of an application run on. */
export interface Scheduling extends Placement {
  /**
   * Whether they run on spot (preemptible) nodes. The platform takes these away at short notice, regardless of any
   * PodDisruptionBudget. A shutdown that takes longer than the notice is an error.
   *
   * @default false
   */
  readonly spot?: boolean;
}

/** How a platform identifies the nodes that pods ask for. */
export interface IScheduling {
  /**
   * How long a pod has to end when its spot node is taken away, in whole seconds.
   *
   * @default - not known: it is not compared with the time that a shutdown takes
   */
  readonly spotNotice?: Duration;

  /**
   * Annotations of a pod by which what takes nodes away to save costs leaves the pod's node alone until the pod has
   * ended. Migrations have them.
   *
   * @default - none
   */
  readonly doNotDisruptAnnotations?: { [name: string]: string };

  /**
   * The fields `nodeSelector`, `affinity` and `tolerations` of a pod's spec, as Kubernetes writes them. Throws if the
   * platform has no such nodes.
   *
   * @param scope - the construct that the pods belong to
   * @param scheduling - the nodes that they ask for
   */
  place(scope: Construct, scheduling: Scheduling): any;
}
