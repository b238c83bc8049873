import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { groupedBy, sortedBy } from '../kubernetes/collections';
import { MANAGED_BY } from '../kubernetes/labels';
import { namespaceOf } from '../kubernetes/namespaces';
import { checkInteger } from '../kubernetes/numbers';
import { addProblems, LocatedProblem } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { oncePerPass } from '../kubernetes/synthesis-pass';
import { constructsOfCluster, oncePerCluster } from '../platform/binding';
import { checkOtherPods, OtherPods } from './other-pods';
import { counts, Plan, planOf } from './plan';

/** How much a namespace may take beyond what the program emits. */
export interface NamespaceLimitsProps {
  /**
   * What the quota has more of everything than the program needs at the most, in percent. Pods that others make use it
   * up: a command that somebody runs by hand, the solver of a certificate.
   *
   * @default 20
   */
  readonly marginPercent?: number;

  /**
   * Pods of the namespace whose number or size is not in the manifests: those of operators, of a DaemonSet, of another
   * program.
   *
   * @default - none
   */
  readonly otherPods?: OtherPods[];
}

const DEFAULT_MARGIN = 20;

/** What is searched for once a synthesis. */
const COUNTED = {};

/** The units of bytes, each 1024 times the one before it. */
const PREFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
const MEBI = PREFIXES.indexOf('Mi');

/**
 * Bounds what the pods and volumes of a namespace take of the cluster, so that nobody else's pods go short: a mistake, an
 * intruder, a loop that makes Jobs.
 *
 * It makes a ResourceQuota and a LimitRange on each distribution. The quota is derived from all that the program emits
 * into the namespace, in each of its charts. It has the most pods that each workload can have, times what they request
 * and are limited to, and the claims of volumes. A rollout, the maximum of an autoscaler, the Jobs of a release with
 * those of the one before it, and one `cdk8s-django run` for each application fit into it. The range gives the smallest
 * requests and limits of the program to containers that have none, which the quota would refuse otherwise.
 *
 * A release that makes requests much smaller has pods of both sizes for a while. Give it a larger `marginPercent`, such
 * as 100 when they are halved, and take that back with the next release.
 *
 * Throws when:
 * - the chart does not have a namespace, or the program emits no pods into it;
 * - pods are not bounded by the manifests (a DaemonSet, a CronJob that allows concurrency, the resource of an operator),
 *   and not named in `otherPods`;
 * - a container has no requests of CPU and memory;
 * - a RuntimeClass is named without its overhead.
 *
 * @see https://kubernetes.io/docs/concepts/policy/resource-quotas/
 * @example
 * new NamespaceLimits(this, 'Limits', {
 *   otherPods: [
 *     { madeBy: 'cert-manager', pods: 1, resources: { cpuRequest: '10m', memoryRequest: '64Mi', memoryLimit: '64Mi' } },
 *   ],
 * });
 */
export class NamespaceLimits extends Construct {
  /** What all pods of the namespace may take together. */
  readonly resourceQuota: Resource;

  /** What a container has that does not say it. */
  readonly limitRange: Resource;

  private readonly otherPods: OtherPods[];

  constructor(scope: Construct, id: string, props: NamespaceLimitsProps = {}) {
    super(scope, id);
    const { marginPercent = DEFAULT_MARGIN, otherPods = [] } = props;
    const namespace = namespaceOf(this, 'is needed for NamespaceLimits, which are for one namespace');
    checkInteger(this, 'marginPercent', marginPercent, { atLeast: 0, atMost: 1000 });
    otherPods.forEach((one) => checkOtherPods(this, one));
    this.otherPods = otherPods;
    const metadata = { name: `${namespace}-limits`, labels: MANAGED_BY };
    this.resourceQuota = new Resource(this, 'ResourceQuota', {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata,
      ...{ spec: { hard: Lazy.any({ produce: () => this.hard(namespace, 1 + marginPercent / 100) }) } },
    });
    this.limitRange = new Resource(this, 'LimitRange', {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata,
      ...{ spec: { limits: Lazy.any({ produce: () => [this.defaults(namespace)] }) } },
    });
    addProblems(this, () => this.problems(namespace));
  }

  private plan(namespace: string): Plan {
    return oncePerPass(this, this, () => planOf(countedIn(this, namespace), this.otherPods));
  }

  private hard(namespace: string, factor: number): Record<string, string> {
    const entries = [...this.plan(namespace).most].map(([name, most]): [string, string] => [
      name,
      textOf(name, most * factor),
    ]);
    return Object.fromEntries(sortedBy(entries, ([name]) => name));
  }

  private defaults(namespace: string): Record<string, unknown> {
    const ofKind = (kind: string) =>
      Object.fromEntries(
        [...this.plan(namespace).least]
          .filter(([amount]) => amount.startsWith(`${kind}.`))
          .map(([amount, least]) => [amount.slice(kind.length + 1), textOf(amount, least)]),
      );
    const limits = ofKind('limits');
    return {
      type: 'Container',
      ...(Object.keys(limits).length > 0 && { default: limits }),
      defaultRequest: ofKind('requests'),
    };
  }

  private problems(namespace: string): LocatedProblem[] {
    const { most, problems } = this.plan(namespace);
    if (problems.length || most.get('pods')) return problems;
    return [
      {
        property: 'namespace',
        value: namespace,
        reason: 'has no pods of this program, of which NamespaceLimits are derived',
        remedy: 'Put it into a chart of the namespace that has the pods',
      },
    ];
  }
}

function countedIn(scope: Construct, namespace: string): ApiObject[] {
  const byNamespace = oncePerCluster(scope, COUNTED, () => {
    const resources = constructsOfCluster(scope).filter((one): one is ApiObject =>
      ApiObject.isApiObject(one),
    );
    return groupedBy(resources.filter(counts), ({ metadata }) => metadata.namespace ?? '');
  });
  return byNamespace.get(namespace) ?? [];
}

/** A number rounded up, in the form that the API server stores. */
function textOf(name: string, value: number): string {
  if (name.endsWith('.cpu')) {
    const milli = Math.ceil(exact(value * 1000));
    return milli % 1000 ? `${milli}m` : `${milli / 1000}`;
  }
  if (!name.includes('.')) return `${Math.ceil(exact(value))}`;
  let number = Math.ceil(exact(value / 2 ** 20));
  let prefix = MEBI;
  for (; number && number % 1024 === 0 && prefix < PREFIXES.length - 1; prefix++) number /= 1024;
  return number ? `${number}${PREFIXES[prefix]}` : '0';
}

/** Without what adding numbers with a point leaves behind. */
function exact(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
