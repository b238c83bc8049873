import { Construct } from 'constructs';
import { IDatabaseClient } from '../django-app/database';
import { checkInteger } from '../kubernetes/numbers';
import { addProblems } from '../kubernetes/problems';

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
  /** PostgreSQL's `max_connections`, or what a pooler takes from its clients. */
  readonly maxConnections?: number;

  /** Whether that is a pooler's. */
  readonly pooler?: boolean;
}

/** Checks the number by itself. */
export function checkMaxConnections(scope: Construct, maxConnections: number | undefined): void {
  if (maxConnections === undefined) return;
  checkInteger(scope, 'maxConnections', maxConnections, { atLeast: 10, atMost: MOST });
}

/** Refuses, at synth, applications that could open more connections than the server takes. */
export function budgetConnections(
  scope: Construct,
  { maxConnections, pooler }: ConnectionLimit,
  clients: IDatabaseClient[],
): void {
  if (maxConnections === undefined) return;
  const available = pooler ? maxConnections : maxConnections - RESERVED;
  addProblems(scope, () => {
    const all = clients.flatMap(({ databaseConnections }) => databaseConnections);
    const parts = pooler ? all.filter(({ direct }) => !direct) : all;
    const sum = parts.reduce((total, { count }) => total + count, 0);
    if (sum <= available) return [];
    const terms = parts.map(({ description, count }) => `${count} (${description})`).join(' + ');
    const reason = `leaves ${available} connections, fewer than the ${sum} that may be open at once: ${terms}`;
    const remedy = 'Raise it, or lower replicas, processes or threads, or set poolSize or use a pooler';
    return [{ property: 'maxConnections', value: maxConnections, reason, remedy }];
  });
}
