import { Duration } from 'cdk8s';
import { ContainerResources } from '../kubernetes/resources';
import { Scheduling } from '../platform/scheduling';
import { ReplicaScaling } from './scaling';

/** Where a process of an application runs. */
export enum ProcessPlacement {
  /** In pods of its own, which are rolled and scaled by themselves. */
  OWN_PODS = 'ownPods',

  /** In the pod of each replica, as one more container. */
  WEB_PODS = 'webPods',
}

/** The signals that a process can be told to stop by. */
export enum StopSignal {
  /** That of most programs. */
  SIGTERM = 'SIGTERM',

  /** That of a keyboard's Ctrl-C. */
  SIGINT = 'SIGINT',

  /** Some servers end gracefully by it. */
  SIGQUIT = 'SIGQUIT',

  /** For programs that say so. */
  SIGUSR1 = 'SIGUSR1',

  /** For programs that say so. */
  SIGUSR2 = 'SIGUSR2',
}

/** How a process says that it works: by a file that it touches, or to a command. Give one of the two. */
export interface ProcessProbe {
  /**
   * Absolute path of a file that the process touches again and again while it works. `/tmp` is a folder that it can
   * write to.
   *
   * @default - no file is looked at
   */
  readonly file?: string;

  /**
   * The age at which the file says that the process hangs, in whole seconds.
   *
   * @default Duration.minutes(1)
   */
  readonly maxAge?: Duration;

  /**
   * A program and its arguments that end with 0 while the process works. It runs in the container of the process.
   *
   * @default - no command is run
   */
  readonly command?: string[];

  /**
   * How long the process may take to start before it is started again, in whole seconds.
   *
   * @default Duration.minutes(2)
   */
  readonly startupTime?: Duration;
}

/** How many pods of a process run, when their number follows the load. */
export interface ProcessScaling extends ReplicaScaling {
  /**
   * CPU use of the pods that the autoscaler keeps to, in percent of their request.
   *
   * @default 75
   */
  readonly targetCpuUtilization?: number;
}

/** A process of an application that is not a server: any command of its image. */
export interface ProcessProps {
  /** Name of the process, after that of the application: a DNS label. */
  readonly name: string;

  /** The program and its arguments, such as `['python', 'manage.py', 'rqworker', 'default']`. */
  readonly command: string[];

  /**
   * Where it runs: in pods of its own, or in the pod of each replica.
   *
   * @default ProcessPlacement.OWN_PODS
   */
  readonly placement?: ProcessPlacement;

  /**
   * How long it has to finish what it does when it is told to stop, in whole seconds.
   *
   * @default Duration.seconds(30)
   */
  readonly stopTimeout?: Duration;

  /**
   * The signal by which it is told to stop, when it is not the image's. A hook sends it to the first process of the
   * container, and waits.
   *
   * @default - the image's `STOPSIGNAL`, mostly SIGTERM
   */
  readonly stopSignal?: StopSignal;

  /**
   * How it says that it works. It is restarted when it does not say so.
   *
   * @default - it works as long as it runs
   */
  readonly probe?: ProcessProbe;

  /**
   * Number of connections to the database that one such process may have open at once.
   *
   * @default - 1 with a database
   */
  readonly databaseConnections?: number;

  /**
   * Number of its own pods. Not together with `scaling`, nor in the pods of replicas.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * Number of its own pods that follows their load. Not together with `replicas`, nor in the pods of replicas.
   *
   * @default - a fixed number
   */
  readonly scaling?: ProcessScaling;

  /**
   * CPU and memory of it.
   *
   * @default - those of a replica
   */
  readonly resources?: ContainerResources;

  /**
   * The nodes that its own pods run on. On spot nodes its time to stop is checked against the platform's notice.
   *
   * @default - those of the replicas; when they are spot nodes, others, of any node pool
   */
  readonly scheduling?: Scheduling;
}
