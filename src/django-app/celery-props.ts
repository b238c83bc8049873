import { Duration } from 'cdk8s';
import { Scheduling } from '../platform/scheduling';
import { ContainerResources } from '../kubernetes/resources';
import { CeleryWorkerScaling } from './scaling';
import { RedisDatabase } from './cache-props';
import { RabbitMqProps, RedisSentinelProps, SqsProps } from './celery-broker';

/** How an application uses Celery. */
export interface CeleryOptions {
  /**
   * Where tasks are queued: a database of Redis or Valkey of its own, such as `valkey.database(1)`. One of `broker`,
   * `rabbitMq`, `redisSentinel` and `sqs` is needed.
   *
   * @default - another kind of broker is given
   */
  readonly broker?: RedisDatabase;

  /**
   * RabbitMQ, in place of `broker`.
   *
   * @default - another kind of broker is given
   */
  readonly rabbitMq?: RabbitMqProps;

  /**
   * Redis or Valkey behind Sentinels, in place of `broker`.
   *
   * @default - another kind of broker is given
   */
  readonly redisSentinel?: RedisSentinelProps;

  /**
   * Queues of Amazon SQS, in place of `broker`.
   *
   * @default - another kind of broker is given
   */
  readonly sqs?: SqsProps;

  /**
   * What the names of all keys in the broker begin with, such as `shop:` (`global_keyprefix`), where its database has
   * tasks of other applications too. All pods of the application have it, and so does `targetQueueLength`. It is for
   * Redis and Valkey; in RabbitMQ give each application a virtual host.
   *
   * @default - none: two applications with one database would take each other's tasks
   */
  readonly keyPrefix?: string;

  /**
   * The Celery application.
   *
   * @default - `app` of the module `celery` in the package of the settings module: `mysite.celery:app`
   */
  readonly application?: string;

  /**
   * How long after a worker got a task another one gets it, unless it was done by then, in whole seconds: when a node
   * is lost, its tasks wait that long. It must be longer than any task takes, and than any `countdown` or `eta`, or
   * tasks run twice.
   *
   * @default - Celery's own hour, and longer with a worker whose tasks may take longer
   */
  readonly visibilityTimeout?: Duration;

  /**
   * Whether a task is acknowledged after it was done (`acks_late`), so that none is lost with the process that had it.
   * A task may then run twice: say so only when the tasks are written for that. A mail or a charge may not be.
   *
   * Where the application says nothing about them, a worker has `task_acks_late` and `task_reject_on_worker_lost`. It
   * takes no more tasks than it has processes. With Celery 5.7 it has `task_retry_on_worker_lost` too: a task whose
   * process was killed runs again as often as its `max_retries` says, and fails then.
   *
   * @default - false: as the application says; by itself Celery acknowledges a task when it begins
   */
  readonly acksLate?: boolean;
}

/** What runs the tasks of a worker, several at once. `solo`, which runs them in the main loop, is not among them. */
export enum CeleryPool {
  /** A process for each task. */
  PREFORK = 'prefork',

  /** A thread for each task, in one process. Celery has no time limit for them. */
  THREADS = 'threads',

  /** A greenlet of gevent for each task, in one process, for tasks that wait. The image needs `gevent`. */
  GEVENT = 'gevent',
}

/** Workers of an application: pods that take its tasks from queues. */
export interface CeleryWorkerProps {
  /** Name of the workers, after that of the application: a DNS label. */
  readonly name: string;

  /**
   * The queues that they take tasks from.
   *
   * @default - Celery's default queue
   */
  readonly queues?: string[];

  /**
   * What runs the tasks.
   *
   * @default CeleryPool.PREFORK, or the `worker_pool` of the application's settings
   */
  readonly pool?: CeleryPool;

  /**
   * Number of tasks that a worker runs at once, each in a process, a thread or a greenlet of its own.
   *
   * @default - 10 threads or greenlets. Processes: 2 × CPU, as many as have 160Mi of the memory limit each beside the
   * main process, and fewer when the application, once it is loaded, turns out to be larger
   */
  readonly concurrency?: number;

  /**
   * How long a task may take, in whole seconds. Then `SoftTimeLimitExceeded` is raised in it, and ten seconds later its
   * process is ended. A worker that is told to stop has that long to finish its tasks. It counts instead of
   * `task_time_limit` of the application's settings, and limits what tasks and calls say themselves.
   *
   * The pool `gevent` ends a task at once, without the exception. The pool `threads` cannot end one:
   * there it is only the time that a worker has to stop.
   *
   * @default - limits of the application stay; a worker that is told to stop has five minutes
   */
  readonly taskTimeLimit?: Duration;

  /**
   * Number of workers. Not together with `scaling`.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Number of workers that follows their load or their queues. Not together with `replicas`.
   *
   * @default - a fixed number
   */
  readonly scaling?: CeleryWorkerScaling;

  /**
   * CPU and memory of a worker.
   *
   * @default - those of a replica
   */
  readonly resources?: ContainerResources;

  /**
   * The nodes that the workers run on. On spot nodes a task that takes longer than the platform's notice would be cut
   * off, so its limit is checked. The architecture is the application's, unless it is said here.
   *
   * @default - those of the replicas; when they are spot nodes, others, of any node pool
   */
  readonly scheduling?: Scheduling;
}

/**
 * The beat of an application: the process that sends tasks on a schedule. It runs where workers do that say nothing of
 * their nodes.
 */
export interface CeleryBeatProps {
  /**
   * CPU and memory of it.
   *
   * @default - 100m CPU, 128Mi memory set aside and 256Mi as the limit
   */
  readonly resources?: ContainerResources;
}
