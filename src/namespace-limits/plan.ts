import { ApiObject } from 'cdk8s';
import { sum } from '../kubernetes/collections';
import { containersIn, POD_KINDS, podOf } from '../kubernetes/pod-manifests';
import { Amount, AMOUNTS, amountOf, podAmount } from '../kubernetes/pod-resources';
import { LocatedProblem } from '../kubernetes/problems';
import { quantity } from '../kubernetes/quantities';
import { NEEDED, OtherPods, otherAmount, otherStorage } from './other-pods';
import { mostPods, mostReplicas, replicasOf, SCALERS } from './pod-counts';

/** What the pods and claims of a namespace take at the most, in cores, bytes and numbers. */
export interface Plan {
  /** What a quota names, with the most that the namespace takes of it. */
  readonly most: Map<string, number>;
  /** The smallest that a container of the namespace has. */
  readonly least: Map<Amount, number>;
  readonly problems: LocatedProblem[];
}

/** Custom resources for which an operator makes pods in their namespace. */
const OPERATED: Record<string, string[]> = {
  'argoproj.io': ['Rollout', 'Workflow', 'CronWorkflow'],
  'build.openshift.io': ['BuildConfig'],
  'keda.sh': ['ScaledJob'],
  'postgresql.cnpg.io': ['Cluster', 'Pooler'],
  'shipwright.io': ['Build'],
};

const isOperated = ({ apiGroup, kind }: ApiObject) => OPERATED[apiGroup]?.includes(kind) ?? false;

/** Whether the plan of its namespace depends on a resource. */
export function counts(resource: ApiObject): boolean {
  const kinds = [...POD_KINDS, ...SCALERS, 'VerticalPodAutoscaler', 'PersistentVolumeClaim'];
  return kinds.includes(resource.kind) || isOperated(resource);
}

/** Pods of one kind. */
interface Pods {
  readonly count: number;
  readonly amount: (amount: Amount) => number | undefined;
}

/** Adds up what the resources of a namespace lead to. */
export function planOf(resources: ApiObject[], otherPods: OtherPods[]): Plan {
  const found = resources.map((resource) => ({ resource, manifest: resource.toJson() }));
  const named = new Set(otherPods.map(({ madeBy }) => madeBy));
  const isNamed = ({ kind, name }: ApiObject) => named.has(`${kind}/${name}`);
  const scaled = mostReplicas(found.map(({ manifest }) => manifest));
  const resized = resizedWorkloads(found.map(({ manifest }) => manifest));
  const problems: LocatedProblem[] = [];
  const pods: Pods[] = otherPods.map(({ pods: count, resources: given }) => ({
    count,
    amount: (amount) => otherAmount(given, amount),
  }));
  const claims: number[] = otherPods.flatMap((one) =>
    one.storage === undefined ? [] : Array<number>(one.pods).fill(otherStorage(one)),
  );
  const containers: any[] = [];

  for (const { resource, manifest } of found) {
    const { kind, name } = resource;
    if (kind === 'PersistentVolumeClaim') claims.push(storageOf(manifest.spec));
    if (isOperated(resource) && !isNamed(resource)) problems.push(unknownNumber(resource));
    if (!POD_KINDS.includes(kind)) continue;
    containers.push(...containersIn(manifest).map(({ value }) => value));
    if (isNamed(resource)) continue;
    const replicas = replicasOf(manifest, scaled);
    const count = mostPods(manifest, replicas);
    if (count === undefined) problems.push(unknownNumber(resource));
    problems.push(...missingRequests(resource, manifest), ...unknownOverhead(resource, manifest));
    if (resized.has(`${kind}/${name}`)) problems.push(changedRequests(resource));
    pods.push({ count: count ?? 0, amount: (amount) => podAmount(podOf(manifest).value.spec, amount) });
    claims.push(...claimsOf(manifest, { replicas, pods: count ?? 0 }));
  }
  return { most: mostOf(pods, claims), least: leastOf(containers, otherPods), problems };
}

/** What not every pod says is in no quota: the API server would refuse those that do not say it. */
function mostOf(pods: Pods[], claims: number[]): Map<string, number> {
  const most = new Map<string, number>([
    ['pods', sum(pods.map(({ count }) => count))],
    ['persistentvolumeclaims', claims.length],
    ['requests.storage', sum(claims)],
  ]);
  for (const amount of AMOUNTS) {
    const known = pods.every((one) => one.amount(amount) !== undefined);
    if (known || NEEDED.includes(amount)) {
      most.set(amount, sum(pods.map((one) => one.count * (one.amount(amount) ?? 0))));
    }
  }
  return most;
}

/** What not every container says has no default: it would be given to those as well, and may be less than they ask for. */
function leastOf(containers: any[], otherPods: OtherPods[]): Map<Amount, number> {
  const least = new Map<Amount, number>();
  for (const amount of AMOUNTS) {
    const known = containers.map(({ resources }) => amountOf(resources, amount));
    const others = otherPods.map(({ resources }) => otherAmount(resources, amount));
    if (known.length && [...known, ...others].every((one) => one !== undefined)) {
      least.set(amount, Math.min(...known.map(Number)));
    }
  }
  return least;
}

/** The sizes of the claims that a workload makes. */
function claimsOf(manifest: any, { replicas, pods }: { replicas: number; pods: number }): number[] {
  const { volumeClaimTemplates = [] } = manifest.spec;
  const { volumes = [] } = podOf(manifest).value.spec;
  const ephemeral = volumes.flatMap(({ ephemeral: claim }: any) =>
    claim ? [storageOf(claim.volumeClaimTemplate.spec)] : [],
  );
  return [
    ...Array.from({ length: replicas }, () => volumeClaimTemplates.map(({ spec }: any) => storageOf(spec))),
    ...Array.from({ length: pods + keptPods(manifest) }, () => ephemeral),
  ].flat();
}

/** An ephemeral claim is there as long as its pod is, and that is as long as its Job stays. */
function keptPods({ kind, spec }: any): number {
  if (kind !== 'CronJob') return 0;
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = spec;
  return successfulJobsHistoryLimit + failedJobsHistoryLimit;
}

function storageOf(spec: any): number {
  return quantity(spec.resources?.requests?.storage) ?? 0;
}

/** Workloads whose requests a VerticalPodAutoscaler changes. */
function resizedWorkloads(manifests: any[]): Set<string> {
  const changing = manifests.filter(
    ({ kind, spec }) => kind === 'VerticalPodAutoscaler' && spec.updatePolicy?.updateMode !== 'Off',
  );
  return new Set(changing.map(({ spec: { targetRef } }) => `${targetRef.kind}/${targetRef.name}`));
}

function nameIt({ kind, name }: ApiObject): string {
  return `name it in otherPods of NamespaceLimits, with madeBy "${kind}/${name}" and the most pods that it has`;
}

function unknownNumber(resource: ApiObject): LocatedProblem {
  const instead = resource.kind === 'CronJob' ? 'Give it the concurrencyPolicy Forbid, or ' : '';
  return {
    path: resource.node.path,
    property: 'kind',
    value: resource.kind,
    reason: 'has pods whose number its manifest does not bound, so NamespaceLimits cannot count them',
    remedy: sentence(`${instead}${nameIt(resource)}`),
  };
}

function changedRequests(resource: ApiObject): LocatedProblem {
  return {
    path: resource.node.path,
    property: 'kind',
    value: resource.kind,
    reason: 'has pods whose requests a VerticalPodAutoscaler changes, so NamespaceLimits cannot count them',
    remedy: `Set its updateMode to "Off", or ${nameIt(resource)}`,
  };
}

function missingRequests(resource: ApiObject, manifest: any): LocatedProblem[] {
  if (NEEDED.every((amount) => podAmount(podOf(manifest).value.spec, amount) !== undefined)) return [];
  return containersIn(manifest).flatMap(({ path, value }) =>
    NEEDED.filter((amount) => amountOf(value.resources, amount) === undefined).map((amount) => ({
      path: resource.node.path,
      property: `${path}.resources.${amount}`,
      value: value.resources?.requests?.[amount.split('.')[1]],
      reason: 'is not a quantity that NamespaceLimits can count',
      remedy: 'Give each container a request, such as "100m" of cpu and "128Mi" of memory',
    })),
  );
}

function unknownOverhead(resource: ApiObject, manifest: any): LocatedProblem[] {
  const { path, value } = podOf(manifest);
  const { runtimeClassName, overhead } = value.spec;
  if (runtimeClassName === undefined || overhead !== undefined) return [];
  return [
    {
      path: resource.node.path,
      property: `${path}spec.runtimeClassName`,
      value: runtimeClassName,
      reason: 'may add an overhead to each pod, which NamespaceLimits does not know',
      remedy: `Give ${path}spec.overhead as the RuntimeClass has it, {} if it has none`,
    },
  ];
}

function sentence(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
