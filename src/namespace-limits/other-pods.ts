import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { checkInteger } from '../kubernetes/numbers';
import { quantity, size } from '../kubernetes/quantities';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { Amount, amountOf } from '../kubernetes/pod-resources';

/** What each pod needs. Otherwise nobody could say how much the pods of a namespace set aside. */
export const NEEDED: Amount[] = ['requests.cpu', 'requests.memory'];

/** Pods of a namespace whose number or size is not in the manifests. */
export interface OtherPods {
  /**
   * What makes them. What the program emits has its kind and name, such as `Cluster/polls-db` or `DaemonSet/agent`. For
   * anything else any text will do.
   */
  readonly madeBy: string;

  /** The most of them that are there at once, those that start and end too. */
  readonly pods: number;

  /**
   * What each of them has, all containers together: `cpuRequest` and `memoryRequest` at least. Without `memoryLimit` the
   * quota has no limit of memory.
   */
  readonly resources: ContainerResources;

  /**
   * The volume claims of each of them, in bytes with a unit.
   *
   * @default - none
   */
  readonly storage?: string;
}

/** Throws when pods are not described in full. */
export function checkOtherPods(scope: Construct, { madeBy, pods, resources, storage }: OtherPods): void {
  if (typeof madeBy !== 'string' || !madeBy.trim()) {
    Problems.report(scope, {
      property: 'otherPods.madeBy',
      value: madeBy,
      reason: 'is empty',
      remedy: 'Give the kind and name of what makes the pods, such as "Cluster/polls-db"',
    });
  }
  checkInteger(scope, 'otherPods.pods', pods, { atLeast: 1 });
  for (const amount of NEEDED) {
    if (otherAmount(resources, amount) !== undefined) continue;
    Problems.report(scope, {
      property: 'otherPods.resources',
      value: resources,
      reason: `do not say ${amount}, which the quota counts`,
      remedy: 'Give cpuRequest such as "500m" and memoryRequest such as "1Gi"',
    });
  }
  if (storage !== undefined) size(scope, 'otherPods.storage', storage);
}

/** What one of the pods counts. */
export function otherAmount(resources: ContainerResources, amount: Amount): number | undefined {
  return amountOf(resourceRequirements(resources ?? {}), amount);
}

/** The bytes of the claims of one of the pods. */
export function otherStorage({ storage }: OtherPods): number {
  return quantity(storage) ?? 0;
}
