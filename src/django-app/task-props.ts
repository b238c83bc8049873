import { Duration } from 'cdk8s';
import { ContainerResources } from '../kubernetes/resources';
import { Scheduling } from '../platform/scheduling';
import { ReplicaScaling } from './scaling';

/** How many workers of Django's Tasks run, when their number follows what there is to do. */
export interface TaskWorkerScaling extends ReplicaScaling {
  /**
   * Tasks that a worker may have waiting. It needs KEDA: `autoscaling: new KedaAutoscaling()` of the distribution. KEDA
   * asks the database itself, as the user and with the password of the application. With it `minReplicas` may be 0. The
   * first task then starts a worker, and KEDA takes up to half a minute to notice the task. The last worker stays while
   * a task runs, or is left over from a worker that was killed.
   *
   * @default - the tasks are not counted
   */
  readonly targetQueueLength?: number;

  /**
   * CPU use of the workers that the autoscaler keeps to, in percent of their request.
   *
   * @default - 75 without `targetQueueLength`, otherwise the CPU is not looked at
   */
  readonly targetCpuUtilization?: number;
}

/** Workers of Django's own Tasks: pods that take tasks from the database. */
export interface TaskWorkerProps {
  /** Name of the workers, after that of the application: a DNS label. */
  readonly name: string;

  /**
   * The queues that they take tasks from.
   *
   * @default - all queues
   */
  readonly queues?: string[];

  /**
   * Number of tasks that a worker runs at once, each in a process of its own.
   *
   * @default - 2 × CPU, as many as have 160Mi of the memory limit each beside the main process
   */
  readonly concurrency?: number;

  /**
   * How long a task may take, in whole seconds. Then its process is ended, and the task is marked as failed. A worker
   * that is told to stop has that long to finish its tasks.
   *
   * @default Duration.minutes(5)
   */
  readonly taskTimeLimit?: Duration;

  /**
   * How often a task is begun at most when its worker is killed: by a lack of memory, or together with its node. A task
   * is put back until then, and then marked as failed; with 1 it is marked as failed the first time. A task that raises
   * an exception is not begun again.
   *
   * @default 3
   */
  readonly maxAttempts?: number;

  /**
   * How long the results of these queues are kept, in whole days. A CronJob deletes older ones each night.
   *
   * @default Duration.days(14)
   */
  readonly resultRetention?: Duration;

  /**
   * Number of workers. Not together with `scaling`.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Number of workers that follows their load or the tasks that wait. Not together with `replicas`.
   *
   * @default - a fixed number
   */
  readonly scaling?: TaskWorkerScaling;

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
