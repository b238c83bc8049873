import { Construct } from 'constructs';
import { IDatabase } from '../django-app/database';
import { DatabaseConnection } from '../platform/postgres';
import { InvalidInputError } from '../kubernetes/errors';

/** The authorities of an image of Debian, as libpq's `system` means them, which PgBouncer does not know. */
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
/** What only a sidecar, or the pod itself, answers at. */
const OWN_POD = /^(\/.*|localhost|127\..*|::1)$/;

interface Fault {
  readonly value?: string;
  readonly reason: string;
  readonly remedy: string;
}

/**
 * How a pooler connects to a database. What no pooler can connect to is refused.
 *
 * The pooler takes the login of the owner too: pods of a release before the role of applications have no other, and
 * stay until the next release has migrated.
 */
export function pooledServer(scope: Construct, database: IDatabase): DatabaseConnection {
  const fault = faultOf(database);
  if (fault) throw new InvalidInputError(scope, { property: 'database', value: undefined, ...fault });
  const { migrationLogin, otherLogin = migrationLogin, ...connection } = database.connection!;
  const certificatePath =
    connection.certificatePath === 'system' ? SYSTEM_AUTHORITIES : connection.certificatePath;
  return { ...connection, certificatePath, otherLogin, migrationLogin };
}

function faultOf(database?: IDatabase): Fault | undefined {
  const { connection, directPort } = database ?? {};
  if (!database || !connection) {
    return {
      reason: database ? 'is known by its URL alone' : 'is needed',
      remedy: 'Give a database with host, role and password, such as PostgresBackend.fromHost',
    };
  }
  const { host: value, database: name, password, identity } = connection;
  if (directPort !== undefined) {
    return { value, reason: 'is behind a pooler already', remedy: 'Give the server itself' };
  }
  if (identity) {
    return {
      value,
      reason: 'is logged in to by tokens of an identity, and PgBouncer keeps one password',
      remedy: 'Leave the pooler out, and give the database poolSize, or give its server a password',
    };
  }
  if (database.environment.some(({ name }) => name === 'DATABASE_REPLICA_HOST')) {
    return {
      value,
      reason: 'has readReplicas, which applications would read from past the pooler',
      remedy: 'Leave readReplicas out, or the pooler',
    };
  }
  if (isBesideThePod(database)) {
    return {
      value,
      reason: 'is reached through a sidecar or a socket of the pod',
      remedy: 'Give the address of the server by PostgresBackend.fromHost, or leave the pooler out',
    };
  }
  if (!password) {
    return {
      value,
      reason: 'is reached without a password',
      remedy: 'Give a role with a password by PostgresBackend.fromHost, or leave the pooler out',
    };
  }
  if (name !== 'pgbouncer') return undefined;
  return {
    value: name,
    reason: "is the name of PgBouncer's own console",
    remedy: 'Give the database another name',
  };
}

function isBesideThePod({ connection, connector = {} }: IDatabase): boolean {
  const { sidecars = [], usesIdentity = false } = connector;
  return sidecars.length > 0 || usesIdentity || OWN_POD.test(connection!.host);
}
