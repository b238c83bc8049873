import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { checkInteger } from '../kubernetes/numbers';
import { checkSeconds } from '../kubernetes/durations';
import { Problems } from '../kubernetes/problems';
import { ScalingQuery } from '../platform/autoscaling';
import { SslMode } from '../platform/postgres';
import { runtimeCommand } from '../runtime/runtime';
import { TaskTimes } from './celery';
import { ScheduledCommandProps } from './commands';
import { IDatabase } from './database';
import { checkUtilization, commonTargets, DEFAULT_CPU_UTILIZATION, ScalingTargets } from './scaling';
import { TaskWorkerProps } from './task-props';

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_RETENTION = Duration.days(14);
const DAY_SECONDS = Duration.days(1).toSeconds();
/** The name of a queue is a column of this length, and the command of the worker separates them by commas. */
const QUEUE = /^[^\s,*'"\\]{1,32}$/;
const TABLE = 'django_tasks_database_dbtaskresult';
/** So many that one worker is there for all. */
const ANY_NUMBER = 1_000_000;

/** Checks what is a task worker's own. */
export function checkTaskWorker(scope: Construct, props: TaskWorkerProps): void {
  const { queues, concurrency, taskTimeLimit, maxAttempts, resultRetention } = props;
  if (concurrency !== undefined) {
    checkInteger(scope, 'concurrency', concurrency, { atLeast: 1, atMost: 64 });
  }
  const wrong = queues?.find((queue) => !QUEUE.test(queue));
  if (wrong !== undefined || queues?.length === 0) {
    Problems.report(scope, {
      property: 'queues',
      value: wrong ?? queues,
      reason: wrong === undefined ? 'is empty' : 'is not the name of a queue that a worker can be given',
      remedy: 'Use up to 32 characters, no blanks, quotes, commas and "*", or leave queues out to mean all',
    });
  }
  if (taskTimeLimit) checkSeconds(scope, 'taskTimeLimit', taskTimeLimit);
  if (maxAttempts !== undefined) checkInteger(scope, 'maxAttempts', maxAttempts, { atLeast: 1, atMost: 100 });
  if (!resultRetention) return;
  const days = resultRetention.toSeconds({ integral: false }) / DAY_SECONDS;
  checkInteger(scope, 'resultRetention', days, { atLeast: 0, atMost: 3650, unit: 'days' });
}

/** Checks that there is a database that workers can take tasks from. */
export function checkTaskDatabase(scope: Construct, database: IDatabase | undefined): void {
  if (database) return;
  Problems.report(scope, {
    property: 'database',
    value: database,
    reason: 'is needed for addTaskWorker, because tasks wait in it',
    remedy: 'Give the application a PostgresBackend',
  });
}

/** The command of a worker. */
export function taskWorkerCommand(
  props: TaskWorkerProps,
  concurrency: number,
  { soft }: TaskTimes,
): string[] {
  const { queues = ['*'], maxAttempts = DEFAULT_ATTEMPTS } = props;
  return runtimeCommand(
    'task_worker',
    ...['--queues', queues.join(',')],
    ...['--processes', String(concurrency)],
    ...['--time-limit', String(soft)],
    ...['--attempts', String(maxAttempts)],
  );
}

/** What deletes old results: the backend's own command. */
export function taskPruning({
  name,
  queues = ['*'],
  resultRetention,
}: TaskWorkerProps): ScheduledCommandProps {
  const days = (resultRetention ?? DEFAULT_RETENTION).toSeconds() / DAY_SECONDS;
  return {
    name: `prune-${name}`,
    command: ['prune_db_task_results', '--queue-name', queues.join(','), '--min-age-days', String(days)],
    schedule: '45 3 * * *',
  };
}

/** What the autoscaler of task workers is asked for. */
export function taskWorkerTargets(
  scope: Construct,
  { scaling, queues }: TaskWorkerProps,
  database: IDatabase | undefined,
): ScalingTargets {
  const { targetQueueLength: targetValue, minReplicas } = scaling!;
  const countsTasks = targetValue !== undefined;
  if (countsTasks) checkInteger(scope, 'scaling.targetQueueLength', targetValue, { atLeast: 1 });
  const targetCpuUtilization =
    scaling!.targetCpuUtilization ?? (countsTasks ? undefined : DEFAULT_CPU_UTILIZATION);
  if (targetCpuUtilization !== undefined) {
    checkUtilization(scope, 'scaling.targetCpuUtilization', targetCpuUtilization);
  }
  const server = countsTasks && database ? serverOf(scope, database, targetValue) : undefined;
  return {
    // Only the tasks that wait can tell that a first worker is needed.
    ...commonTargets(scope, scaling!, countsTasks ? 0 : 1),
    targetCpuUtilization,
    queries: server && [
      { ...server, query: waiting(queues), targetValue: targetValue! },
      // What runs, or is left over from a worker that was killed: only another worker finds it.
      ...(minReplicas === 0
        ? [{ ...server, query: count("status = 'RUNNING'", queues), targetValue: ANY_NUMBER }]
        : []),
    ],
  };
}

/** Tasks that may begin now: the backend writes the last date for those that are not put off. */
function waiting(queues: string[] | undefined): string {
  return count("status = 'READY' AND (run_after <= now() OR run_after >= '9999-01-01')", queues);
}

function count(condition: string, queues: string[] | undefined): string {
  const ofQueues = queues ? ` AND queue_name IN (${queues.map((queue) => `'${queue}'`).join(', ')})` : '';
  // KEDA takes a number of that type.
  return `SELECT count(*)::float8 FROM ${TABLE} WHERE backend_name = 'default' AND ${condition}${ofQueues}`;
}

/** Where the autoscaler asks, and as whom: as the application does, but from elsewhere. */
function serverOf(
  scope: Construct,
  database: IDatabase,
  targetValue: number,
): Omit<ScalingQuery, 'query' | 'targetValue'> | undefined {
  const { connection, environment } = database;
  const url = environment.find(({ name }) => name === 'DATABASE_URL');
  if (!connection && url?.secretName !== undefined && url.key !== undefined) {
    return { url: { secretName: url.secretName, key: url.key } };
  }
  const reason = unreachable(database);
  if (connection && reason === undefined) {
    const { host, port, database: name, user, password, sslMode } = connection;
    return { host, port, database: name, user, password, sslMode };
  }
  Problems.report(scope, {
    property: 'scaling.targetQueueLength',
    value: targetValue,
    reason: `has the autoscaler ask the database, ${reason}`,
    remedy: 'Leave it out, and scale by targetCpuUtilization or schedules',
  });
  return undefined;
}

/** Why an autoscaler cannot log in to a database as the application does, if it cannot. */
function unreachable({ connection, connector }: IDatabase): string | undefined {
  if (!connection) return 'and it is not known where that is';
  if (connector?.sidecars?.length || !connection.password)
    return 'to which only the pods of the application can log in';
  const { sslMode, certificatePath } = connection;
  const verifies = sslMode === SslMode.VERIFY_CA || sslMode === SslMode.VERIFY_FULL;
  if (verifies && certificatePath !== 'system') {
    return 'and KEDA cannot be given the authority of its certificate';
  }
  return undefined;
}
