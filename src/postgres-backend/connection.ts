import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { EnvironmentVariable } from '../kubernetes/environment';
import { checkSeconds } from '../kubernetes/durations';
import { checkInteger } from '../kubernetes/numbers';
import { DatabaseConnection } from '../django-app/database';
import { POSTGRES_PORT } from '../platform/postgres';

/** How applications keep their connections. The settings overlay reads it. */
export interface ConnectionOptions {
  /**
   * How long a replica keeps an unused connection, in whole seconds; none means that each request makes its own.
   *
   * @default Duration.seconds(60), and none under ASGI
   */
  readonly connectionMaxAge?: Duration;

  /**
   * Most connections of a process, by Django's own connection pool. It needs Django 5.1 and psycopg with its pool.
   *
   * @default - no pool
   */
  readonly poolSize?: number;
}

/** Checks those options. */
export function checkConnection(scope: Construct, { connectionMaxAge, poolSize }: ConnectionOptions): void {
  if (connectionMaxAge) checkSeconds(scope, 'connectionMaxAge', connectionMaxAge, { atLeast: 0 });
  if (poolSize !== undefined) checkInteger(scope, 'poolSize', poolSize, { atLeast: 1 });
}

/** The variables of those options. */
export function connectionOptionVariables(options: ConnectionOptions): EnvironmentVariable[] {
  const { connectionMaxAge, poolSize } = options;
  return [
    ...(connectionMaxAge
      ? [{ name: 'DATABASE_CONN_MAX_AGE', value: String(connectionMaxAge.toSeconds()) }]
      : []),
    ...(poolSize ? [{ name: 'DATABASE_POOL_MAX_SIZE', value: String(poolSize) }] : []),
  ];
}

/** How applications connect to a database, and how they keep their connections. */
export interface ApplicationConnection extends DatabaseConnection, ConnectionOptions {
  /**
   * Host of the server behind a pooler: migrations go there.
   *
   * @default - migrations go to `host`
   */
  readonly directHost?: string;

  /**
   * Port of that server.
   *
   * @default 5432
   */
  readonly directPort?: number;

  /**
   * Whether `host` is a pooler in transaction mode, such as PgBouncer: server-side cursors are then not used.
   *
   * @default false
   */
  readonly transactionPooler?: boolean;
}

/** A connection without what else describes its server. */
export function connectionOf(server: DatabaseConnection): DatabaseConnection {
  const { host, port, database, user, password, sslMode, certificatePath } = server;
  return { host, port, database, user, password, sslMode, certificatePath };
}

/**
 * The variables of a connection, in parts and as a URL.
 *
 * Kubernetes puts the password into the URL as it is: the settings overlay, which reads the parts, writes the URL
 * anew with the password encoded.
 */
export function connectionVariables(connection: ApplicationConnection): EnvironmentVariable[] {
  const query = connection.sslMode ? `?sslmode=${connection.sslMode}` : '';
  return [
    { name: 'DATABASE_HOST', value: connection.host },
    { name: 'DATABASE_PORT', value: String(connection.port) },
    { name: 'DATABASE_NAME', value: connection.database },
    { name: 'DATABASE_USER', value: connection.user },
    ...(connection.password ? [{ name: 'DATABASE_PASSWORD', ...connection.password }] : []),
    ...(connection.sslMode ? [{ name: 'DATABASE_SSL_MODE', value: connection.sslMode }] : []),
    ...(connection.certificatePath
      ? [{ name: 'DATABASE_SSL_ROOT_CERT', value: connection.certificatePath }]
      : []),
    {
      name: 'DATABASE_URL',
      value: `postgres://${loginOf(connection)}@$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)` + query,
    },
    ...connectionOptionVariables(connection),
    ...directVariables(connection),
    ...poolerVariables(connection),
  ];
}

function directVariables({ directHost, directPort }: ApplicationConnection): EnvironmentVariable[] {
  if (directHost === undefined) return [];
  return [
    { name: 'DATABASE_DIRECT_HOST', value: directHost },
    { name: 'DATABASE_DIRECT_PORT', value: String(directPort ?? POSTGRES_PORT) },
  ];
}

/** The variable about a pooler in transaction mode. */
export function poolerVariables({
  transactionPooler,
}: Pick<ApplicationConnection, 'transactionPooler'>): EnvironmentVariable[] {
  return transactionPooler ? [{ name: 'DATABASE_TRANSACTION_POOLER', value: 'true' }] : [];
}

/** An IAM user has an "@" in its name, which a URL has encoded. */
function loginOf({ user, password }: DatabaseConnection): string {
  return password ? '$(DATABASE_USER):$(DATABASE_PASSWORD)' : encodeURIComponent(user);
}
