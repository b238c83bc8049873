import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { Placement, Scheduling } from '../platform/scheduling';
import { checkSeconds } from '../kubernetes/durations';
import { Problem } from '../kubernetes/errors';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { addProblems, Problems } from '../kubernetes/problems';
import { TaskTimes } from './celery';
import { DjangoAppProps } from './django-app-props';
import { isSingleNode } from './media';
import { Shutdown } from './shutdown';
import { placementFields, schedulingOf } from '../workloads/placement';

/** The fields of the specs of an application's pods that say which nodes they run on. */
export interface Placements {
  readonly replicas: any;
  /**
   * The fields of its Jobs. Their image is the same, so their architecture is the same. A migration runs on a spot node
   * only when the replica runs on one and has a volume that no other node can mount.
   */
  readonly jobs: any;
  /** The fields of its beat, and of workers that do not say where they run. */
  readonly workers: any;
}

/**
 * Where the pods of an application run.
 *
 * @param selector - the labels of its replicas
 * @param shutdown - the times of a shutdown, asked for at synth: routes that are made later decide them too
 */
export function placementsOf(
  scope: Construct,
  { scheduling = {}, media }: DjangoAppProps,
  selector: Selector,
  shutdown: () => Shutdown,
): Placements {
  const { spot, nodePool, ...anyPool } = scheduling;
  if (spot) {
    const notice = spotNoticeOf(scope);
    addProblems(scope, () => checkSpotNotice(shutdown(), notice));
  }
  const replicas = placementFields(scope, scheduling);
  return {
    replicas,
    jobs: isSingleNode(media)
      ? besideAReplica(replicas, selector)
      : placementFields(scope, { architecture: scheduling.architecture }),
    // A pool of spot nodes has mostly no others.
    workers: placementFields(scope, spot ? anyPool : { ...anyPool, nodePool }),
  };
}

/**
 * The one node that can mount the volume: a migration on another would wait for the volume while the replica, which has
 * it, waits for the migration.
 */
function besideAReplica(replicas: any, selector: Selector): any {
  const term: k8s.PodAffinityTerm = {
    labelSelector: { matchLabels: selectorLabels(selector) },
    topologyKey: 'kubernetes.io/hostname',
  };
  const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  return { ...replicas, affinity: { ...replicas.affinity, podAffinity } };
}

/** How long pods have to end: a worker's with its tasks, or another process. */
interface StopTimes extends TaskTimesSum {
  /** What takes that long, by default tasks. */
  readonly what?: string;
  /** The prop that says so, by default that of tasks. */
  readonly by?: string;
}

type TaskTimesSum = Omit<TaskTimes, 'hard'>;

/** The nodes of workers that say which they want. The image is the same, so the architecture is. */
export function workerPlacement(
  scope: Construct,
  scheduling: Scheduling,
  { architecture }: Placement = {},
  times: StopTimes,
): any {
  if (scheduling.spot) checkTaskNotice(scope, times);
  return placementFields(scope, { ...scheduling, architecture: scheduling.architecture ?? architecture });
}

/** Seconds that a pod has when its spot node is taken away, if that is known. */
function spotNoticeOf(scope: Construct): number | undefined {
  const { spotNotice } = schedulingOf(scope);
  return spotNotice && checkSeconds(scope, 'scheduling.spotNotice', spotNotice).toSeconds();
}

/** Checks that workers on spot nodes can end the tasks that they have. */
function checkTaskNotice(scope: Construct, { workerGracePeriod, soft, sum, by, what }: StopTimes): void {
  const notice = spotNoticeOf(scope);
  if (notice === undefined || workerGracePeriod <= notice) return;
  Problems.report(scope, {
    property: 'scheduling.spot',
    value: true,
    reason: `leaves a pod ${notice} s, and its shutdown takes ${sum}`,
    remedy: tellOrShorten(what ?? 'tasks', soft - (workerGracePeriod - notice), by ?? 'taskTimeLimit'),
  });
}

/** What one can do when a pod of a spot node has more to do at its end than time for it. */
function tellOrShorten(what: string, longest: number, by: string): string {
  const shorten = longest > 0 ? `Let ${what} take at most ${longest} s, by ${by}, or tell` : 'Tell';
  return `${shorten} the distribution of a longer notice, by spotNotice of its scheduling`;
}

/** What is wrong with replicas on spot nodes: that they have more to do at their end than time for it. */
function checkSpotNotice(shutdown: Shutdown, notice: number | undefined): Problem[] {
  const gracePeriod = shutdown.gracePeriod.toSeconds();
  if (notice === undefined || gracePeriod <= notice) return [];
  const longestRequest = shutdown.gracefulTimeout.toSeconds() - (gracePeriod - notice);
  return [
    {
      property: 'scheduling.spot',
      value: true,
      reason:
        `leaves a pod ${notice} s, and its shutdown takes ${gracePeriod} s: ${shutdown.preStop.toSeconds()} s until ` +
        `the router sends it nothing more, ${shutdown.gracefulTimeout.toSeconds()} s for its requests, and the server's end`,
      remedy: tellOrShorten('requests', longestRequest, 'requestTimeout and by timeout of its routes'),
    },
  ];
}
