import { Chart } from 'cdk8s';
import { Construct, IDependable } from 'constructs';
import { COMPONENT_LABEL } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { distributionOf } from '../platform/binding';

const ID = 'FirstPriority';
/** By the component it is among what can be applied first: what fills Secrets. */
const LABELS = { [COMPONENT_LABEL]: 'secret-generator', 'app.kubernetes.io/managed-by': 'cdk8s-django' };
/** Above what applications give their own classes, and far below those of the system, which begin at 2000000000. */
const VALUE = 1_000_000;

/** The priority of a pod. */
export interface FirstPriority {
  /** Name of its PriorityClass. Without one it has the cluster's default. */
  readonly priorityClassName?: string;
  /** What has to be there before the pod. */
  readonly dependencies: IDependable[];
}

/**
 * The priority of pods for which others wait: those that fill Secrets, servers of data, and migrations. The PriorityClass is the
 * distribution's, or one of the namespace's own, which the chart of the construct gets once.
 *
 * A pod that waits in an init container holds all that its containers request, and nothing makes it give that back. On
 * a full cluster, the pod that it waits for would never get a place. Only priority decides between pods: the scheduler
 * takes the place of a pod that waits, which is the newest of the lowest priority, and gives it back afterwards.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
export function firstPriority(scope: Construct): FirstPriority {
  const { firstPriorityClassName } = distributionOf(scope);
  if (firstPriorityClassName === undefined) {
    const ownClass = priorityClassOf(Chart.of(scope));
    return { priorityClassName: ownClass.name, dependencies: [ownClass] };
  }
  return { priorityClassName: firstPriorityClassName || undefined, dependencies: [] };
}

/**
 * The fields of a server's pod that say which nodes it runs on, with that priority unless it has one of its own.
 * Migrations wait for the server, and would take its place on a full cluster: then neither ever ends.
 */
export function firstServer(scope: Construct, placement: any): any {
  if (placement.priorityClassName !== undefined) return placement;
  const { priorityClassName, dependencies } = firstPriority(scope);
  scope.node.addDependency(...dependencies);
  return { ...placement, ...(priorityClassName !== undefined && { priorityClassName }) };
}

function priorityClassOf(chart: Chart): Resource {
  const name = chart.namespace === undefined ? 'cdk8s-django-first' : `${chart.namespace}-first`;
  const existing = chart.node.tryFindChild(ID) as Resource | undefined;
  return (
    existing ??
    new Resource(chart, ID, {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name, labels: LABELS },
      value: VALUE,
      description:
        'For pods for which others wait: those that fill Secrets, servers of data, and migrations.',
    })
  );
}
