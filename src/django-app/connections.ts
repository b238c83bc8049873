import { DatabaseConnections } from './database';
import { DjangoAppProps } from './django-app-props';
import { isSingleNode, MediaVolume } from './media';
import { MIN_READY_SECONDS } from './rollout';
import { Server } from './server';
import { Shutdown } from './shutdown';

/** How many requests a process answers at once; undefined for servers without a bound. */
function requestsAtOnce({ program, workerClass, threads }: Server): number | undefined {
  if (workerClass === 'sync') return 1;
  return workerClass === 'gthread' || program === 'granian' ? threads : undefined;
}

/** gunicorn's workers with threads that last, by their names or classes. */
const LASTING =
  /^(sync|gthread|gunicorn\.workers\.sync\.SyncWorker|gunicorn\.workers\.gthread\.ThreadWorker)$/;

/**
 * Whether the threads that serve requests last, so that the connection of one serves the next. Those of gevent, eventlet
 * and ASGI end with their request, or with the connection of the router, and would leave theirs open.
 */
export function threadsLast({ asgiModule, workerClass = 'gthread' }: DjangoAppProps): boolean {
  return asgiModule === undefined && LASTING.test(workerClass);
}

/** What the number of an application's connections depends on. */
export interface ConnectionsOptions {
  readonly app: string;
  readonly server: Server;
  /** The most replicas that run at once, while one release replaces another too. */
  readonly replicas: number;
  /** Most connections of a process by a pool, if there is one. */
  readonly poolSize?: number;
  readonly migrates: boolean;
  /** Number of its Jobs and CronJobs that run management commands. */
  readonly commands: number;
}

/**
 * The most pods of a Deployment that have connections at once. A rollout adds one pod. The pods that it has told to end
 * keep their connections for a while. In that time it makes the next pods: one each time that a new pod has been ready
 * for long enough.
 *
 * @param replicas - the most that are meant to run
 * @param endingSeconds - how long a pod that was told to end has its connections
 */
export function podsDuringRollout(replicas: number, endingSeconds: number): number {
  const ending = Math.ceil(endingSeconds / MIN_READY_SECONDS);
  return Math.min(2 * replicas, replicas + 1 + ending);
}

/**
 * The most replicas that have connections at once. One that was told to end may have all of them until the last of its
 * requests is done: one slow request keeps its process, with the connections that the other threads have opened. With a
 * volume that one node alone mounts, a release ends a replica before it starts the next.
 */
export function replicasAtOnce(
  most: number,
  { preStop, gracefulTimeout }: Shutdown,
  media?: MediaVolume,
): number {
  const endingSeconds = preStop.toSeconds() + gracefulTimeout.toSeconds();
  return isSingleNode(media) ? most : podsDuringRollout(most, endingSeconds);
}

/**
 * The most connections that an application has open at once.
 *
 * A replica that waits for the schema has not started its server yet, and is no more than one that has. Servers that
 * run any number of requests in a process have no bound without a pool: they are left out.
 */
export function connectionsOf(options: ConnectionsOptions): DatabaseConnections[] {
  const { app, commands, migrates } = options;
  return [
    ...replicaConnections(options),
    // One holds the lock, one migrates.
    ...(migrates ? [{ description: `${app}: migration`, count: 2, direct: true }] : []),
    ...(commands ? [{ description: `${app}: ${commands} commands`, count: commands }] : []),
  ];
}

function replicaConnections({ app, server, replicas, poolSize }: ConnectionsOptions) {
  const requests = poolSize ?? requestsAtOnce(server);
  if (requests === undefined) return [];
  // The readiness check has one of its own, in whichever process it meets.
  const perProcess = requests + 1;
  return [
    {
      description: `${app}: ${replicas} replicas at once × ${server.processes} processes × ${perProcess}`,
      count: replicas * server.processes * perProcess,
    },
  ];
}
