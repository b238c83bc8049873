import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { checkSeconds } from '../kubernetes/durations';
import { EnvironmentVariable } from '../kubernetes/environment';
import { checkApplication } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { Problems } from '../kubernetes/problems';
import { ContainerResources } from '../kubernetes/resources';
import { BrokerQueue, brokerOf, checkBroker } from './brokers';
import { DjangoAppProps } from './django-app-props';
import { processesWithin } from './processes';
import { CeleryOptions, CeleryPool, CeleryWorkerProps } from './celery-props';

/** Celery's own, unless the application has another `task_default_queue`. */
const DEFAULT_QUEUE = 'celery';
const DEFAULT_TIME_LIMIT = Duration.minutes(5);
/** Tasks at once of a pool that is one process. */
const DEFAULT_THREADS = 10;
const POOLS = Object.values(CeleryPool);
const DEFAULT_VISIBILITY_SECONDS = 3600;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const SQS_LONGEST_VISIBILITY = 12 * 3600;
/** From the exception in a task to the end of its process. */
const HARD_LIMIT_SECONDS = 10;
/** Time for the worker itself to end after its last task, and for a task to be acknowledged. */
const MARGIN_SECONDS = 10;

/** The times of a worker, all from one sum. */
export interface TaskTimes {
  /** The exception is raised in a task after this many seconds. */
  readonly soft: number;
  /** The task's process is ended after this many. */
  readonly hard: number;
  /** The pod has this many to end, and nobody else gets its tasks before. */
  readonly workerGracePeriod: number;
  /** The sum in words, for those who read the manifest. */
  readonly sum: string;
}

export function taskTimes({ taskTimeLimit = DEFAULT_TIME_LIMIT }: CeleryWorkerProps): TaskTimes {
  const soft = taskTimeLimit.toSeconds();
  const hard = soft + HARD_LIMIT_SECONDS;
  const workerGracePeriod = hard + MARGIN_SECONDS;
  const sum = `${soft} s task + ${HARD_LIMIT_SECONDS} s to end it + ${MARGIN_SECONDS} s worker = ${workerGracePeriod} s`;
  return { soft, hard, workerGracePeriod, sum };
}

/** Checks how an application uses Celery. */
export function checkCelery(scope: Construct, celery: CeleryOptions): void {
  const { broker: redis, sqs, application, visibilityTimeout } = celery;
  checkBroker(scope, celery);
  checkKeyPrefix(scope, celery);
  if (redis?.server && !redis.server.durable) {
    Problems.report(scope, {
      property: 'celery.broker',
      value: redis.url,
      reason: 'is a server that forgets the tasks in it when its pod ends',
      remedy: 'Give its ValkeyBackend storage, or make another one for tasks',
    });
  }
  if (application !== undefined) checkApplication(scope, 'celery.application', application);
  if (!visibilityTimeout) return;
  const atMost = sqs ? SQS_LONGEST_VISIBILITY : undefined;
  checkSeconds(scope, 'celery.visibilityTimeout', visibilityTimeout, { atLeast: 1, atMost });
}

/** KEDA and kombu put it before the name of a queue as it is. */
function checkKeyPrefix(scope: Construct, { keyPrefix, ...celery }: CeleryOptions): void {
  if (keyPrefix === undefined) return;
  const isRedis = unacknowledgedOf(celery) !== undefined;
  if (isRedis && /^[-\w.:]+$/.test(keyPrefix)) return;
  Problems.report(scope, {
    property: 'celery.keyPrefix',
    value: keyPrefix,
    reason: isRedis ? 'is not what the name of a key can begin with here' : 'has no meaning for this broker',
    remedy: isRedis
      ? 'Use letters, digits, "-", "_", "." and ":", such as "shop:"'
      : 'Give each application a virtual host or queues of its own, and leave it out',
  });
}

/** The variables that tell the runtime of Celery. */
export function celeryVariables(
  { celery, settingsModule }: DjangoAppProps,
  workerGracePeriod: number,
): Record<string, string> {
  if (!celery) return {};
  return {
    CDK8S_DJANGO_CELERY_APP: celery.application ?? `${settingsModule.split('.')[0]}.celery:app`,
    ...(Object.keys(brokerOf(celery).options).length && {
      CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS: JSON.stringify(brokerOf(celery).options),
    }),
    ...(celery.acksLate && { CDK8S_DJANGO_CELERY_ACKS_LATE: 'true' }),
    CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT: `${visibilityTimeoutOf(celery, workerGracePeriod).toSeconds()}`,
  };
}

/** How long after a worker got a task another one gets it. */
export function visibilityTimeoutOf(
  { visibilityTimeout }: CeleryOptions,
  workerGracePeriod: number,
): Duration {
  return visibilityTimeout ?? Duration.seconds(Math.max(DEFAULT_VISIBILITY_SECONDS, workerGracePeriod));
}

/** Checks what is a worker's own, and what it has to agree with. */
export function checkWorker(scope: Construct, props: CeleryWorkerProps, celery: CeleryOptions): void {
  const { concurrency, taskTimeLimit, pool } = props;
  if (pool !== undefined && !POOLS.includes(pool)) {
    Problems.report(scope, {
      property: 'pool',
      value: pool,
      reason: 'is not a pool whose main loop gives signs of life while a task runs',
      remedy: `Use one of ${POOLS.join(', ')}; concurrency 1 runs one task at a time`,
    });
  }
  if (concurrency !== undefined) {
    checkInteger(scope, 'concurrency', concurrency, { atLeast: 1, atMost: 64 });
  }
  checkQueues(scope, props);
  if (taskTimeLimit) checkSeconds(scope, 'taskTimeLimit', taskTimeLimit);
  checkSqsQueues(scope, props, celery);
  checkVisibility(scope, props, celery);
}

function checkQueues(scope: Construct, { queues }: CeleryWorkerProps): void {
  const wrong = queues?.find((queue) => !/^[-\w.:]+$/.test(queue));
  if (wrong === undefined && queues?.length !== 0) return;
  Problems.report(scope, {
    property: 'queues',
    value: wrong ?? queues,
    reason: wrong === undefined ? 'is empty' : 'is not the name of a queue',
    remedy: 'Use letters, digits, "-", "_", "." and ":", or leave queues out to mean the default one',
  });
}

/** Checks that no broker gives a task to another worker before this one has ended it. */
function checkVisibility(scope: Construct, props: CeleryWorkerProps, celery: CeleryOptions): void {
  const { workerGracePeriod, soft } = taskTimes(props);
  const { sqs } = celery;
  // That of a queue of SQS is its own, which a worker does not change.
  const fixed = sqs ? DEFAULT_VISIBILITY_SECONDS : Infinity;
  const visibility = celery.visibilityTimeout?.toSeconds() ?? fixed;
  if (visibility < workerGracePeriod) {
    Problems.report(scope, {
      property: 'taskTimeLimit',
      value: soft,
      reason: `and ${workerGracePeriod - soft} seconds are above celery.visibilityTimeout ${visibility}: tasks would run twice`,
      remedy: `Lower it, or raise celery.visibilityTimeout to at least ${workerGracePeriod}`,
    });
  }
}

/** Checks that the queues of a worker are among those that SQS is said to have. */
function checkSqsQueues(
  scope: Construct,
  { queues = [DEFAULT_QUEUE] }: CeleryWorkerProps,
  { sqs }: CeleryOptions,
): void {
  const unknown = sqs && queues.find((queue) => !Object.hasOwn(sqs.queueUrls, queue));
  if (unknown === undefined) return;
  Problems.report(scope, {
    property: 'queues',
    value: unknown,
    reason: 'has no URL in celery.sqs.queueUrls, and SQS makes no queues for workers',
    remedy: 'Give it one there, or name other queues',
  });
}

/** The queues in which tasks wait for a worker, as an autoscaler asks for their length. */
export function queuesOf(
  { queues = [DEFAULT_QUEUE] }: CeleryWorkerProps,
  celery: CeleryOptions,
): BrokerQueue[] {
  return queues.map((queue) => brokerOf(celery).queue(queue));
}

/**
 * What workers have taken and not acknowledged, where the broker keeps it apart: RabbitMQ gives it back at once, and
 * SQS counts it.
 */
export function unacknowledgedOf(celery: CeleryOptions): BrokerQueue | undefined {
  return celery.broker || celery.redisSentinel ? brokerOf(celery).queue('unacked') : undefined;
}

/** Checks that an autoscaler, which does not have the image, can check the broker's certificate too. */
export function checkBrokerAuthority(
  scope: Construct,
  { scaling }: CeleryWorkerProps,
  { broker, rabbitMq }: CeleryOptions,
): void {
  const { certificatePath, certificateSecret } = broker ?? {};
  if (scaling?.targetQueueLength === undefined) return;
  if (rabbitMq?.certificatePath) {
    Problems.report(scope, {
      property: 'celery.rabbitMq.certificatePath',
      value: rabbitMq.certificatePath,
      reason: 'is an authority that KEDA does not know, and targetQueueLength makes it ask the broker',
      remedy: 'Give the broker a certificate of a public authority, or leave targetQueueLength out',
    });
  }
  if (!certificatePath || certificateSecret) return;
  Problems.report(scope, {
    property: 'celery.broker.certificateSecret',
    value: certificateSecret,
    reason: `is needed for targetQueueLength: "${certificatePath}" is in the image, which the autoscaler does not have`,
    remedy: 'Put the certificates into a Secret too, or leave targetQueueLength out',
  });
}

/** How many tasks a worker runs at once: processes beside the main one, or threads and greenlets within it. */
export function concurrencyFor(
  scope: Construct,
  resources: ContainerResources,
  pool = CeleryPool.PREFORK,
): number {
  if (pool !== CeleryPool.PREFORK) return DEFAULT_THREADS;
  return processesWithin(scope, resources, { beyondProcessors: 0, inMemory: 1 });
}

/** The options of `celery worker`. */
export function workerOptions(props: CeleryWorkerProps, concurrency: number): string[] {
  const { soft, hard } = taskTimes(props);
  const { pool = CeleryPool.PREFORK, queues } = props;
  return [
    ...(props.pool ? ['--pool', props.pool] : []),
    ...['--concurrency', String(concurrency)],
    ...(queues ? ['--queues', queues.join(',')] : []),
    ...LIMITS[pool](soft, hard),
    '--without-gossip',
  ];
}

/** What a pool knows of a time limit. */
const LIMITS: Record<CeleryPool, (soft: number, hard: number) => string[]> = {
  [CeleryPool.PREFORK]: (soft, hard) => ['--soft-time-limit', `${soft}`, '--time-limit', `${hard}`],
  [CeleryPool.GEVENT]: (soft) => ['--time-limit', `${soft}`],
  [CeleryPool.THREADS]: () => [],
};

/** The variables of a worker's own, which tell the runtime what the program says and what is a default. */
export function workerVariables({
  taskTimeLimit,
  concurrency,
  scaling,
}: CeleryWorkerProps): EnvironmentVariable[] {
  const variables = {
    CDK8S_DJANGO_CELERY_TASK_TIME_LIMIT: taskTimeLimit && `${taskTimeLimit.toSeconds()}`,
    CDK8S_DJANGO_CELERY_FIT_MEMORY: concurrency === undefined ? 'true' : undefined,
    // An autoscaler counts what waits in the queue, not what a worker has taken in advance.
    CDK8S_DJANGO_CELERY_SEES_QUEUE: scaling?.targetQueueLength === undefined ? undefined : 'true',
  };
  return Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
