import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { Distribution } from '../../distributions/distribution';
import { checkLabelValue, checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { NodeLabelScheduling } from './node-labels';

/** The nodes that pods may run on. */
export interface Placement {
  /**
   * The architecture of the nodes: `amd64` or `arm64`.
   *
   * @default - any: the image must be there for each that the cluster has
   */
  readonly architecture?: string;

  /**
   * The zones of the nodes, as their label `topology.kubernetes.io/zone` has them.
   *
   * @default - any
   */
  readonly zones?: string[];

  /**
   * The group of nodes: a compute class on GKE, a managed node group on EKS, a NodePool of Karpenter in EKS Auto Mode
   * and AKS Automatic, an agent pool on AKS, elsewhere what the distribution's `scheduling` has a label for.
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

/** The nodes that the instances or the workers of an application run on. */
export interface Scheduling extends Placement {
  /**
   * Whether they run on spot (preemptible) nodes, which the platform takes away at short notice, whatever a
   * PodDisruptionBudget says. A shutdown that takes longer than the notice is an error.
   *
   * @default false
   */
  readonly spot?: boolean;
}

/** By what a platform knows the nodes that pods ask for. */
export interface IScheduling {
  /**
   * How long a pod has to end when its spot node is taken away, in whole seconds.
   *
   * @default - not known: it is not compared with the time that a shutdown takes
   */
  readonly spotNotice?: Duration;

  /**
   * The fields `nodeSelector`, `affinity` and `tolerations` of a pod's spec, as Kubernetes writes them. Throws if the
   * platform has no such nodes.
   *
   * @param scope - the construct that the pods belong to
   * @param scheduling - the nodes that they ask for
   */
  place(scope: Construct, scheduling: Scheduling): any;
}

const ARCHITECTURES = ['amd64', 'arm64'];

/** What a distribution without the capability knows: the labels of Kubernetes itself. */
const WELL_KNOWN_LABELS = new NodeLabelScheduling();

/** How the distribution of a construct finds nodes. */
export function schedulingOf(scope: Construct): IScheduling {
  return Distribution.of(scope).scheduling ?? WELL_KNOWN_LABELS;
}

/** The fields of a pod's spec that say which nodes it runs on, and with what priority. */
export function placementFields(scope: Construct, scheduling: Scheduling = {}): any {
  checkScheduling(scope, scheduling);
  const { priorityClassName } = scheduling;
  return {
    ...schedulingOf(scope).place(scope, scheduling),
    ...(priorityClassName !== undefined && { priorityClassName }),
  };
}

function checkScheduling(scope: Construct, scheduling: Scheduling): void {
  const { architecture, zones, nodePool, priorityClassName } = scheduling;
  if (architecture !== undefined && !ARCHITECTURES.includes(architecture)) {
    Problems.report(scope, {
      property: 'scheduling.architecture',
      value: architecture,
      reason: 'is not an architecture that can be asked for',
      remedy: 'Use "amd64" or "arm64"',
    });
  }
  if (zones?.length === 0) {
    Problems.report(scope, {
      property: 'scheduling.zones',
      value: zones,
      reason: 'is empty',
      remedy: 'Name zones, or leave it out to mean all',
    });
  }
  zones?.forEach((zone) => checkLabelValue(scope, 'scheduling.zones', zone));
  if (nodePool !== undefined) checkLabelValue(scope, 'scheduling.nodePool', nodePool);
  if (priorityClassName !== undefined) {
    checkResourceName(scope, 'scheduling.priorityClassName', priorityClassName);
  }
}
