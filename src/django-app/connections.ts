import { DatabaseConnections } from './database';
import { Server } from './server';

/** gunicorn's workers whose requests are as many at once as their threads; others have no bound. */
const THREADS: Record<string, (server: Server) => number> = {
  sync: () => 1,
  gthread: ({ threads }) => threads,
};

/** What the number of an application's connections depends on. */
export interface ConnectionsOptions {
  readonly app: string;
  readonly server: Server;
  /** The most instances; a release adds one. */
  readonly instances: number;
  /** Most connections of a process by a pool, if there is one. */
  readonly poolSize?: number;
  readonly migrates: boolean;
  /** Number of its Jobs and CronJobs that run management commands. */
  readonly commands: number;
}

/**
 * The most connections that an application has open at once.
 *
 * An instance that waits for the schema has not started its server yet, and is no more than one that has. Servers that
 * run any number of requests in a process have no bound without a pool: they are left out.
 */
export function connectionsOf(options: ConnectionsOptions): DatabaseConnections[] {
  const { app, commands, migrates } = options;
  return [
    ...instanceConnections(options),
    // One holds the lock, one migrates.
    ...(migrates ? [{ description: `${app}: migration`, count: 2 }] : []),
    ...(commands ? [{ description: `${app}: ${commands} commands`, count: commands }] : []),
  ];
}

function instanceConnections({ app, server, instances, poolSize }: ConnectionsOptions) {
  const requests =
    poolSize ?? (server.program === 'gunicorn' ? THREADS[server.workerClass]?.(server) : undefined);
  if (requests === undefined) return [];
  // The readiness check has one of its own, in whichever process it meets.
  const perProcess = requests + 1;
  return [
    {
      description: `${app}: ${instances + 1} instances × ${server.workers} processes × ${perProcess}`,
      count: (instances + 1) * server.workers * perProcess,
    },
  ];
}
