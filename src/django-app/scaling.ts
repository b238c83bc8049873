import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AutoscaleRequest,
  RecommendationRequest,
  ScalingQueue,
  ScalingSchedule,
} from '../platform/autoscaling';
import { noteClockChange } from '../kubernetes/clock-changes';
import { checkCron } from '../kubernetes/cron';
import { checkSeconds } from '../kubernetes/durations';
import { Problem } from '../kubernetes/errors';
import { checkInteger } from '../kubernetes/numbers';
import { addProblems, Problems } from '../kubernetes/problems';
import { renderedManifest } from '../kubernetes/rendered-manifest';
import { Resource } from '../kubernetes/resource';
import { checkTimeZone } from '../kubernetes/time-zones';
import { distributionOf } from '../platform/binding';

/** Name of the container of a replica. */
export const WEB_CONTAINER = 'web';
export const DEFAULT_CPU_UTILIZATION = 75;
/** Kubernetes has the same default. It takes no more than an hour. */
const DEFAULT_STABILIZATION = Duration.minutes(5);
const LONGEST_STABILIZATION = 3600;

/** The numbers between which a workload is scaled, and by what. It is for any workload. */
export interface ReplicaScaling {
  /** The fewest replicas. */
  readonly minReplicas: number;

  /** The most replicas. */
  readonly maxReplicas: number;

  /**
   * Memory use of the replicas that the autoscaler keeps to, in percent of their request. It is a poor measure for
   * Django. Python gives little memory back when the load is gone, so replicas are added and rarely taken away again.
   * A leak looks like load.
   *
   * @default - memory is not looked at
   */
  readonly targetMemoryUtilization?: number;

  /**
   * Times with a number of replicas of their own, at least: before a campaign begins, in the hours of an office. It
   * needs KEDA: `autoscaling: new KedaAutoscaling()` of the distribution.
   *
   * @default - none
   */
  readonly schedules?: ScalingSchedule[];

  /**
   * How long the load must have been low before replicas are taken away, in whole seconds, at most an hour.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleDownStabilization?: Duration;
}

/** How many replicas of an application run, when their number follows the load. */
export interface Scaling extends ReplicaScaling {
  /**
   * CPU use of the replicas that the autoscaler keeps to, in percent of their request.
   *
   * @default 75
   */
  readonly targetCpuUtilization?: number;

  /**
   * Requests a second that a replica is to answer, by the metrics of the application, which HealthMonitoring has
   * scraped. The distribution's `autoscaling` says where they are found.
   *
   * @default - requests are not looked at
   */
  readonly targetRequestsPerSecond?: number;
}

/** How many workers run, when their number follows what there is to do. */
export interface CeleryWorkerScaling extends ReplicaScaling {
  /**
   * Tasks that a worker may have waiting in its queue. It needs KEDA: `autoscaling: new KedaAutoscaling()` of the
   * distribution. With it `minReplicas` may be 0. The first task then starts a worker, and KEDA takes up to half a
   * minute to notice the task. The last worker stays while a task of any queue of the broker is not acknowledged.
   *
   * In Redis, tasks that are sent with a `priority` wait in lists of their own, and so do all tasks with a
   * `global_keyprefix` of the settings; `keyPrefix` of the broker is known. It does not look at those lists.
   *
   * @see https://docs.celeryq.dev/en/stable/userguide/routing.html#redis-message-priorities
   * @default - the queue is not looked at
   */
  readonly targetQueueLength?: number;

  /**
   * CPU use of the workers that the autoscaler keeps to, in percent of their request.
   *
   * @default - 75 without `targetQueueLength`, otherwise the CPU is not looked at
   */
  readonly targetCpuUtilization?: number;
}

/** What an autoscaler is asked for, except the workload itself. */
export type ScalingTargets = Omit<AutoscaleRequest, 'name' | 'labels' | 'target' | 'container'>;

/** What the autoscaler of an application is asked for. */
function appTargets(scope: Construct, scaling: Scaling): ScalingTargets {
  const { targetCpuUtilization = DEFAULT_CPU_UTILIZATION, targetRequestsPerSecond } = scaling;
  checkUtilization(scope, 'scaling.targetCpuUtilization', targetCpuUtilization);
  if (targetRequestsPerSecond !== undefined) {
    checkInteger(scope, 'scaling.targetRequestsPerSecond', targetRequestsPerSecond, { atLeast: 1 });
  }
  return { ...commonTargets(scope, scaling, 1), targetCpuUtilization, targetRequestsPerSecond };
}

/**
 * What the autoscaler of workers is asked for.
 *
 * @param queues - the queues that they empty: their lists and the server
 * @param unacknowledged - what workers have taken and not acknowledged, if the broker keeps it apart: tasks that run,
 *   and tasks of workers that were killed, which only another worker brings back. One worker and no more is there for
 *   these tasks, regardless of how many there are.
 * @see https://github.com/celery/kombu/blob/v5.7.0/kombu/transport/redis.py
 */
export function workerTargets(
  scope: Construct,
  scaling: CeleryWorkerScaling,
  queues: Omit<ScalingQueue, 'targetLength'>[],
  unacknowledged?: Omit<ScalingQueue, 'targetLength'>,
): ScalingTargets {
  const { targetQueueLength: targetLength } = scaling;
  const followsQueue = targetLength !== undefined;
  if (followsQueue) checkInteger(scope, 'scaling.targetQueueLength', targetLength, { atLeast: 1 });
  const targetCpuUtilization =
    scaling.targetCpuUtilization ?? (followsQueue ? undefined : DEFAULT_CPU_UTILIZATION);
  if (targetCpuUtilization !== undefined) {
    checkUtilization(scope, 'scaling.targetCpuUtilization', targetCpuUtilization);
  }
  return {
    // Only a queue can tell that a first worker is needed.
    ...commonTargets(scope, scaling, followsQueue ? 0 : 1),
    targetCpuUtilization,
    queues: followsQueue
      ? [
          ...queues.map((queue) => ({ ...queue, targetLength })),
          ...(scaling.minReplicas === 0 && unacknowledged
            ? [{ ...unacknowledged, targetLength: 1_000_000 }]
            : []),
        ]
      : undefined,
  };
}

/** What the autoscaler of any workload is asked for, checked. */
export function commonTargets(scope: Construct, scaling: ReplicaScaling, fewest: number): ScalingTargets {
  const { minReplicas, maxReplicas, targetMemoryUtilization, schedules } = scaling;
  const { scaleDownStabilization = DEFAULT_STABILIZATION } = scaling;
  checkInteger(scope, 'scaling.minReplicas', minReplicas, { atLeast: fewest });
  checkInteger(scope, 'scaling.maxReplicas', maxReplicas, { atLeast: 1 });
  if (minReplicas > maxReplicas) {
    Problems.report(scope, {
      property: 'scaling.minReplicas',
      value: minReplicas,
      reason: `is above scaling.maxReplicas ${maxReplicas}`,
      remedy: 'Lower it, or raise scaling.maxReplicas',
    });
  }
  if (targetMemoryUtilization !== undefined) {
    checkUtilization(scope, 'scaling.targetMemoryUtilization', targetMemoryUtilization);
  }
  checkSeconds(scope, 'scaling.scaleDownStabilization', scaleDownStabilization, {
    atLeast: 0,
    atMost: LONGEST_STABILIZATION,
  });
  schedules?.forEach((schedule) => checkScalingSchedule(scope, schedule, scaling));
  return { minReplicas, maxReplicas, targetMemoryUtilization, schedules, scaleDownStabilization };
}

export function checkUtilization(scope: Construct, property: string, value: number): void {
  checkInteger(scope, property, value, { atLeast: 1, atMost: 1000 });
}

function checkScalingSchedule(
  scope: Construct,
  { start, end, timeZone, replicas }: ScalingSchedule,
  { minReplicas, maxReplicas }: ReplicaScaling,
): void {
  checkCron(scope, 'scaling.schedules.start', start);
  checkCron(scope, 'scaling.schedules.end', end);
  checkTimeZone(scope, 'scaling.schedules.timeZone', timeZone);
  noteClockChange(scope, 'scaling.schedules.start', start, timeZone);
  noteClockChange(scope, 'scaling.schedules.end', end, timeZone);
  checkInteger(scope, 'scaling.schedules.replicas', replicas, {
    atLeast: Math.max(minReplicas, 1),
    atMost: maxReplicas,
  });
  if (start === end) {
    Problems.report(scope, {
      property: 'scaling.schedules.end',
      value: end,
      reason: 'is also when it begins',
      remedy: 'Give another time',
    });
  }
}

/** The counters of requests of django-prometheus and of the library, as adapters call them at least in part. */
const DJANGO_PROMETHEUS = 'django_http_requests_before_middlewares';
const REQUESTS_COUNTER = 'django_http_responses';

/** What an application has to scale it, if anything. */
export interface Scalers {
  readonly autoscaler?: Resource;
  readonly recommender?: Resource;
}

/** Makes what scales the replicas of an application, and what recommends their resources, if it is asked for. */
export function scaleReplicas(
  app: Construct & { readonly metricsPorts: number[]; readonly port: number },
  replicas: RecommendationRequest,
  { scaling, recommendResources }: { scaling?: Scaling; recommendResources?: boolean },
): Scalers {
  const { autoscaling } = distributionOf(app);
  const targets = scaling && appTargets(app, scaling);
  const [autoscaler] = targets
    ? autoscaling.autoscale(app, { ...replicas, container: WEB_CONTAINER, ...targets })
    : [];
  if (targets?.targetRequestsPerSecond !== undefined) {
    addProblems(app, () => [
      ...(app.metricsPorts.length ? [] : missingMetrics(targets)),
      ...othersCounter(app, autoscaler, targets),
    ]);
  }
  const recommender = recommendResources ? autoscaling.recommendResources(app, replicas) : undefined;
  return { autoscaler, recommender };
}

/** What is wrong when an application is scaled by a counter that the metrics scraped of it do not have. */
function othersCounter(
  { metricsPorts, port }: { metricsPorts: number[]; port: number },
  autoscaler: Resource | undefined,
  targets: ScalingTargets,
): Problem[] {
  const text = JSON.stringify((autoscaler && renderedManifest(autoscaler)) ?? {});
  const isByLibrary = text.includes(REQUESTS_COUNTER);
  const isByDjangoPrometheus = text.includes(DJANGO_PROMETHEUS);
  const own = metricsPorts.includes(port);
  const ofLibrary = metricsPorts.some((other) => other !== port);
  if (ofLibrary && !own && isByDjangoPrometheus && !isByLibrary) {
    return requestsProblem(targets, {
      reason: `is measured by ${DJANGO_PROMETHEUS}, which the metrics of the library do not have`,
      remedy: `Give the autoscaling of the distribution the requestsMetric that the adapter makes of ${REQUESTS_COUNTER}_total`,
    });
  }
  if (own && !ofLibrary && isByLibrary && !isByDjangoPrometheus) {
    return requestsProblem(targets, {
      reason: `is measured by ${REQUESTS_COUNTER}, which the library counts, and only metrics of the application are scraped`,
      remedy:
        'Leave out the path of the metrics, or give the autoscaling of the distribution the requestsMetric that ' +
        "the adapter makes of the application's own counter",
    });
  }
  return [];
}

/** What is wrong when replicas are scaled by requests that nobody counts. */
function missingMetrics(targets: ScalingTargets): Problem[] {
  return requestsProblem(targets, {
    reason: 'needs the metrics of the application, which are not scraped',
    remedy:
      'Make a HealthMonitoring of it with metrics, or call addMetrics or addMetricsPath where they are scraped otherwise',
  });
}

function requestsProblem(
  { targetRequestsPerSecond: value }: ScalingTargets,
  problem: { reason: string; remedy: string },
): Problem[] {
  return [{ property: 'scaling.targetRequestsPerSecond', value, ...problem }];
}
