import { Construct } from 'constructs';
import { DatabaseConnections, IDatabaseClient } from '../django-app/database';
import { checkInteger } from '../kubernetes/numbers';
import { addProblems } from '../kubernetes/problems';
import { DEFAULT_MAX_CONNECTIONS } from '../platform/postgres';
import { connectionsWithin } from './parameters';

/** PostgreSQL keeps so many for superusers. */
const RESERVED = 3;
/**
 * What leaves room for the processes that PostgreSQL counts too, of 262143 in all.
 *
 * @see https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/init/postinit.c
 */
const MOST = 262_000;

/** How many connections a server takes. */
export interface ConnectionLimit {
  /**
   * PostgreSQL's `max_connections`, or what a pooler takes from its clients. It is read at synth, once all applications
   * are known.
   */
  readonly maxConnections?: number | (() => number);

  /** Whether that is a pooler's. */
  readonly pooler?: boolean;

  /** Those of the server's own exporter. */
  readonly own?: DatabaseConnections[];
}

/** Checks the number by itself. */
export function checkMaxConnections(scope: Construct, maxConnections: number | undefined): void {
  if (maxConnections === undefined) return;
  checkInteger(scope, 'maxConnections', maxConnections, { atLeast: 10, atMost: MOST });
}

/** The connections that applications may have open at once; to a server itself, all of them. */
function openAtOnce(clients: IDatabaseClient[], own: DatabaseConnections[], pooler?: boolean) {
  const all = [...clients.flatMap(({ databaseConnections }) => databaseConnections), ...own];
  const parts = pooler ? all.filter(({ direct }) => !direct) : all;
  return { parts, sum: parts.reduce((total, { count }) => total + count, 0) };
}

/**
 * How many connections a server takes that the library sets up: 250, or as many as its applications may open, in
 * fifties, so that not every change of theirs restarts it. No more than its memory has room for.
 */
export function connectionsFor(
  clients: IDatabaseClient[],
  own: DatabaseConnections[],
  memoryLimit: string,
): number {
  const needed = Math.ceil((openAtOnce(clients, own).sum + RESERVED) / 50) * 50;
  return Math.max(DEFAULT_MAX_CONNECTIONS, Math.min(needed, connectionsWithin(memoryLimit)));
}

/** Refuses, at synth, applications that could open more connections than the server takes. */
export function budgetConnections(
  scope: Construct,
  { maxConnections, pooler, own = [] }: ConnectionLimit,
  clients: IDatabaseClient[],
): void {
  if (maxConnections === undefined) return;
  addProblems(scope, () => {
    const value = typeof maxConnections === 'number' ? maxConnections : maxConnections();
    const available = pooler ? value : value - RESERVED;
    const { parts, sum } = openAtOnce(clients, own, pooler);
    if (sum <= available) return [];
    const terms = parts.map(({ description, count }) => `${count} (${description})`).join(' + ');
    const reason = `leaves ${available} connections, fewer than the ${sum} that may be open at once: ${terms}`;
    const raise = typeof maxConnections === 'number' ? 'it' : 'it or resources.memoryLimit';
    const remedy = `Raise ${raise}, or lower replicas, processes or threads, or set poolSize or use a pooler`;
    return [{ property: 'maxConnections', value, reason, remedy }];
  });
}
