import { COMPONENT_LABEL, MANAGED_BY } from '../kubernetes/labels';
import { podOf } from '../kubernetes/pod-manifests';

/** KEDA's own, where a ScaledObject does not say it. */
const SCALED_OBJECT_REPLICAS = 100;
/** That of Kubernetes, for surge and for unavailable pods. */
const QUARTER = '25%';
const GRACE_SECONDS = 30;

/** The most replicas that the autoscalers of a namespace give to workloads, by kind and name. */
export function mostReplicas(manifests: any[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const { kind, spec } of manifests) {
    if (!SCALERS.includes(kind)) continue;
    const { scaleTargetRef: target, maxReplicas, maxReplicaCount = SCALED_OBJECT_REPLICAS } = spec;
    const key = `${target.kind ?? 'Deployment'}/${target.name}`;
    most.set(key, Math.max(most.get(key) ?? 0, maxReplicas ?? maxReplicaCount));
  }
  return most;
}

export const SCALERS = ['HorizontalPodAutoscaler', 'ScaledObject'];

/**
 * The most pods of a workload that a quota counts at once; none when the manifest does not bound it. A pod counts from
 * the time when it is made until it has ended, also while it waits for a node, and while it ends.
 *
 * @param replicas - the most that are meant to run
 */
export function mostPods(manifest: any, replicas: number): number | undefined {
  const { kind, spec } = manifest;
  switch (kind) {
    case 'Deployment':
      return duringRollout(manifest, replicas) + oneOffCommands(manifest);
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'ReplicationController':
      return replicas;
    case 'Pod':
      return 1;
    // The Job of a release and that of the one before it.
    case 'Job':
      return 2 * ofJob(spec);
    case 'CronJob':
      return ofCronJob(spec);
    default:
      return undefined;
  }
}

/** The replicas that are meant to run, by the manifest and by what scales it. */
export function replicasOf({ kind, metadata, spec }: any, most: Map<string, number>): number {
  const scaled = most.get(`${kind}/${metadata.name}`);
  return scaled === undefined ? (spec.replicas ?? 1) : Math.max(scaled, spec.replicas ?? 0);
}

/**
 * A rollout adds pods, and those that it has told to end are there until they have ended. It tells some to end each time
 * that new ones have been ready for long enough.
 */
function duringRollout(manifest: any, replicas: number): number {
  const { strategy = {}, minReadySeconds = 0 } = manifest.spec;
  if (strategy.type === 'Recreate') return replicas;
  const { maxSurge = QUARTER, maxUnavailable = QUARTER } = strategy.rollingUpdate ?? {};
  const surge = Math.ceil(part(maxSurge, replicas));
  const step = Math.max(1, surge + Math.floor(part(maxUnavailable, replicas)));
  const grace = podOf(manifest).value.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS;
  const steps = minReadySeconds ? Math.ceil(grace / minReadySeconds) : Infinity;
  return replicas ? replicas + surge + Math.min(replicas, step * steps) : 0;
}

/** A number of pods, or a percentage of them. */
function part(value: number | string, whole: number): number {
  return typeof value === 'string' ? (whole * parseFloat(value)) / 100 : value;
}

/** `cdk8s-django run` makes a Job of the pod of an application's replicas. */
function oneOffCommands({ metadata }: any): number {
  const { labels = {} } = metadata;
  const isOwn = Object.entries(MANAGED_BY).every(([label, value]) => labels[label] === value);
  return isOwn && labels[COMPONENT_LABEL] === 'web' ? 1 : 0;
}

function ofJob({ parallelism = 1, completions = Infinity }: any): number {
  return Math.min(parallelism, completions);
}

/** One that is suspended runs when somebody makes a Job of it. */
function ofCronJob({ concurrencyPolicy, suspend, jobTemplate }: any): number | undefined {
  const pods = ofJob(jobTemplate.spec);
  if (suspend || concurrencyPolicy === 'Forbid') return pods;
  // The pods of the Job that is replaced still end.
  return concurrencyPolicy === 'Replace' ? 2 * pods : undefined;
}
