import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { InvalidInputError } from '../kubernetes/errors';
import { checkLabels } from '../kubernetes/names';
import type { IScheduling, Scheduling } from './scheduling';

const ARCHITECTURE = 'kubernetes.io/arch';
const ZONE = 'topology.kubernetes.io/zone';

/** The labels by which the nodes of a cluster are known. */
export interface NodeLabelSchedulingProps {
  /**
   * The labels of spot nodes.
   *
   * @default - none are known: `scheduling.spot` throws
   */
  readonly spotLabels?: { [label: string]: string };

  /**
   * How long a pod has to end when its spot node is taken away, in whole seconds.
   *
   * @default - not known: it is not compared with the time that a shutdown takes
   */
  readonly spotNotice?: Duration;

  /**
   * The label whose value is the name of the group that a node belongs to.
   *
   * @default - none is known: `scheduling.nodePool` throws
   */
  readonly nodePoolLabel?: string;

  /**
   * Labels that nodes may have as a taint too, with the same value and the effect NoSchedule. Pods that ask for the
   * label tolerate the taint.
   *
   * @default - none
   */
  readonly taintedLabels?: string[];

  /**
   * Annotations of a migration's pods by which what takes nodes away to save costs leaves their node alone until they
   * have ended: `{ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' }`.
   *
   * @default - those of the platform: none, unless its class says so
   */
  readonly doNotDisruptAnnotations?: { [name: string]: string };
}

/**
 * Nodes by their labels: those that Kubernetes defines for architecture and zone, and those of the cluster for spot
 * nodes and for groups of nodes.
 *
 * OpenShift labels the spot nodes of its machine sets as the example shows. OpenShift's own tests say so; it was not
 * tried on a cluster. How long their notice is depends on the cloud.
 *
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/
 * @example
 * Distribution.openshift({
 *   scheduling: new NodeLabelScheduling({
 *     spotLabels: { 'machine.openshift.io/interruptible-instance': '' },
 *     spotNotice: Duration.minutes(2),
 *     nodePoolLabel: 'example.com/machine-set',
 *   }),
 * });
 */
export class NodeLabelScheduling implements IScheduling {
  readonly spotNotice?: Duration;
  readonly doNotDisruptAnnotations?: { [name: string]: string };

  constructor(private readonly props: NodeLabelSchedulingProps = {}) {
    this.spotNotice = props.spotNotice;
    this.doNotDisruptAnnotations = props.doNotDisruptAnnotations;
  }

  place(scope: Construct, scheduling: Scheduling): any {
    const nodeSelector = this.labels(scope, scheduling);
    const tolerations = (this.props.taintedLabels ?? [])
      .filter((key) => key in nodeSelector)
      .map((key) => ({ key, operator: 'Equal', value: nodeSelector[key], effect: 'NoSchedule' }));
    return {
      ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
      ...(scheduling.zones && { affinity: inZones(scheduling.zones) }),
      ...(tolerations.length > 0 && { tolerations }),
    };
  }

  private labels(scope: Construct, scheduling: Scheduling): Record<string, string> {
    const { spot, architecture, nodePool } = scheduling;
    const { spotLabels, nodePoolLabel } = this.props;
    if (spot && !Object.keys(spotLabels ?? {}).length) {
      throw unknown(scope, 'spot', spot, 'spotLabels: { … }');
    }
    if (nodePool !== undefined && !nodePoolLabel) {
      throw unknown(scope, 'nodePool', nodePool, 'nodePoolLabel: "…"');
    }
    if (spot) checkLabels(scope, 'scheduling.spotLabels', spotLabels!);
    if (nodePool !== undefined) {
      checkLabels(scope, 'scheduling.nodePoolLabel', { [nodePoolLabel!]: nodePool });
    }
    return {
      ...(architecture !== undefined && { [ARCHITECTURE]: architecture }),
      ...(nodePool !== undefined && { [nodePoolLabel!]: nodePool }),
      ...(spot && spotLabels),
    };
  }
}

/** A selector has one value for a label; an affinity has several. */
function inZones(zones: string[]): k8s.Affinity {
  const matchExpressions = [{ key: ZONE, operator: 'In', values: zones }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  };
}

function unknown(scope: Construct, property: string, value: unknown, fact: string): InvalidInputError {
  return new InvalidInputError(scope, {
    property: `scheduling.${property}`,
    value,
    reason: 'asks for nodes by a label that the distribution does not know',
    remedy: `Leave it out, or give the distribution scheduling: new NodeLabelScheduling({ ${fact} })`,
  });
}
