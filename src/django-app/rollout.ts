import { Duration } from 'cdk8s';
import * as k8s from '../kubernetes/api';

/** A pod that ends within this time of being ready never counted: a rollout of such ones stops at the first. */
export const MIN_READY_SECONDS = 5;

/** A rollout that gets no further for this long is reported as failed: time to pull an image and to start. */
const PROGRESS_DEADLINE = Duration.minutes(10);
/** The time to pull an image and to find a node, of a program that takes longer to start than most. */
const PULL = Duration.minutes(5);

/** One goes back by applying the manifests of a release; its ReplicaSets are for looking at. */
const REVISION_HISTORY_LIMIT = 3;

/** What new pods of an application wait for before they are ready. */
export interface RolloutOptions {
  readonly waitsForSchema: boolean;
  /** How long the migration that they wait for may take, if the program says. */
  readonly migrationDeadline?: Duration;
  /** How long their container may take to start before it is started again. */
  readonly startupSeconds: number;
}

/** The fields of a Deployment that say when a new pod counts, and when its rollout has failed. */
export function rolloutFields(options: RolloutOptions): Partial<k8s.DeploymentSpec> {
  return {
    minReadySeconds: MIN_READY_SECONDS,
    progressDeadlineSeconds: progressDeadline(options),
    revisionHistoryLimit: REVISION_HISTORY_LIMIT,
  };
}

/** The first new pod gets no further before the migration has ended, and may take long to start by itself. */
function progressDeadline({ migrationDeadline, waitsForSchema, startupSeconds }: RolloutOptions): number {
  const migration = waitsForSchema ? (migrationDeadline?.toSeconds() ?? 0) : 0;
  return migration + Math.max(PROGRESS_DEADLINE.toSeconds(), PULL.toSeconds() + startupSeconds);
}
