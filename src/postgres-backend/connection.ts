import { Duration } from 'cdk8s';
import { isIPv6 } from 'node:net';
import { Construct } from 'constructs';
import { EnvironmentVariable, literal } from '../kubernetes/environment';
import { checkSeconds } from '../kubernetes/durations';
import { checkModule } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { DatabaseConnection, POSTGRES_PORT, SslMode } from '../platform/postgres';

/** How applications keep their connections. The settings overlay reads it. */
export interface ConnectionOptions {
  /**
   * How long a replica keeps an unused connection, in whole seconds; none means that each request makes its own.
   *
   * @default - as the settings say, or else Duration.seconds(60); none under ASGI, in workers of gunicorn whose threads
   * do not last, and with a pool
   */
  readonly connectionMaxAge?: Duration;

  /**
   * Most connections of a process, by Django's own connection pool. It needs Django 5.1 and psycopg with its pool.
   *
   * @default - no pool
   */
  readonly poolSize?: number;

  /**
   * Django's engine for the database, a Python module that the image has: GeoDjango's
   * `django.contrib.gis.db.backends.postgis`, or one for tenants or metrics. The scheme of `DATABASE_URL` follows it.
   *
   * @default - the engine of the settings, if it is one of PostgreSQL, or Django's own
   */
  readonly engine?: string;
}

/** Checks those options. */
export function checkConnection(scope: Construct, options: ConnectionOptions): void {
  const { connectionMaxAge, poolSize, engine } = options;
  if (engine !== undefined) checkModule(scope, 'engine', engine);
  if (connectionMaxAge) checkSeconds(scope, 'connectionMaxAge', connectionMaxAge, { atLeast: 0 });
  if (poolSize !== undefined) checkInteger(scope, 'poolSize', poolSize, { atLeast: 1 });
}

/** The variables of those options. */
export function connectionOptionVariables(options: ConnectionOptions): EnvironmentVariable[] {
  const { connectionMaxAge, poolSize, engine } = options;
  return [
    ...(engine ? [{ name: 'CDK8S_DJANGO_DATABASE_ENGINE', value: engine }] : []),
    ...(connectionMaxAge
      ? [{ name: 'DATABASE_CONN_MAX_AGE', value: String(connectionMaxAge.toSeconds()) }]
      : []),
    ...(poolSize ? [{ name: 'DATABASE_POOL_MAX_SIZE', value: String(poolSize) }] : []),
  ];
}

/** Replicas of a database that web requests read from. */
export interface ReadReplicas {
  /**
   * How long a visitor who has written reads from the primary, in whole seconds. A cookie says so; a client without
   * cookies reads its own writes within a request alone. With none, each request reads from a replica again.
   *
   * @default Duration.seconds(5)
   */
  readonly stickiness?: Duration;

  /**
   * How far behind a replica may be, in whole seconds. Requests read from the primary while it is later, or while
   * nobody can say.
   *
   * @default Duration.seconds(10)
   */
  readonly maxLag?: Duration;
}

/** How applications connect to a database, and how they keep their connections. */
export interface ApplicationConnection extends DatabaseConnection, ConnectionOptions {
  /**
   * Host of replicas of the database, at the same port.
   *
   * @default - all is read from `host`
   */
  readonly replicaHost?: string;

  /**
   * How they are read from.
   *
   * @default - as `ReadReplicas` says
   */
  readonly readReplicas?: ReadReplicas;

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
   * libpq's `sslmode` for that server.
   *
   * @default - `sslMode`
   */
  readonly directSslMode?: SslMode;

  /**
   * Path of the certificates that the one of that server is checked against.
   *
   * @default - `certificatePath`
   */
  readonly directCertificatePath?: string;

  /**
   * Whether `host` is a pooler in transaction mode, such as PgBouncer: server-side cursors are then not used.
   *
   * @default false
   */
  readonly transactionPooler?: boolean;
}

/** A connection without what else describes its server. With an identity, a password is for other distributions. */
export function connectionOf(server: DatabaseConnection): DatabaseConnection {
  const { host, port, database, user, identity, sslMode, certificatePath } = server;
  const { otherLogin, migrationLogin } = server;
  const password = identity ? undefined : server.password;
  const logins = { user, password, identity, otherLogin, migrationLogin };
  return { host, port, database, ...logins, sslMode, certificatePath };
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
    { name: 'DATABASE_NAME', value: literal(connection.database) },
    { name: 'DATABASE_USER', value: literal(connection.user) },
    ...(connection.password ? [{ name: 'DATABASE_PASSWORD', ...connection.password }] : []),
    ...identityVariables(connection),
    ...(connection.sslMode ? [{ name: 'DATABASE_SSL_MODE', value: connection.sslMode }] : []),
    ...(connection.certificatePath
      ? [{ name: 'DATABASE_SSL_ROOT_CERT', value: connection.certificatePath }]
      : []),
    { name: 'DATABASE_URL', value: `${schemeOf(connection)}://${placeOf(connection)}${query}` },
    ...connectionOptionVariables(connection),
    ...directVariables(connection),
    ...poolerVariables(connection),
    ...replicaVariables(connection),
  ];
}

/** Checks how replicas are read from. */
export function checkReadReplicas(scope: Construct, { stickiness, maxLag }: ReadReplicas = {}): void {
  if (stickiness) checkSeconds(scope, 'readReplicas.stickiness', stickiness, { atLeast: 0 });
  if (maxLag) checkSeconds(scope, 'readReplicas.maxLag', maxLag);
}

function replicaVariables({ replicaHost, readReplicas = {} }: ApplicationConnection): EnvironmentVariable[] {
  if (replicaHost === undefined) return [];
  const { stickiness, maxLag } = readReplicas;
  return [
    { name: 'DATABASE_REPLICA_HOST', value: replicaHost },
    ...(stickiness
      ? [{ name: 'CDK8S_DJANGO_REPLICA_STICKINESS', value: String(stickiness.toSeconds()) }]
      : []),
    ...(maxLag ? [{ name: 'CDK8S_DJANGO_REPLICA_MAX_LAG', value: String(maxLag.toSeconds()) }] : []),
  ];
}

/** What the runtime needs to make tokens. */
function identityVariables({ identity }: DatabaseConnection): EnvironmentVariable[] {
  if (!identity) return [];
  return [
    { name: 'CDK8S_DJANGO_DATABASE_IDENTITY', value: identity.cloud },
    ...(identity.region ? [{ name: 'CDK8S_DJANGO_DATABASE_REGION', value: identity.region }] : []),
  ];
}

function directVariables(connection: ApplicationConnection): EnvironmentVariable[] {
  const { directHost, directPort, directSslMode, directCertificatePath } = connection;
  if (directHost === undefined) return [];
  return [
    { name: 'DATABASE_DIRECT_HOST', value: directHost },
    { name: 'DATABASE_DIRECT_PORT', value: String(directPort ?? POSTGRES_PORT) },
    ...(directSslMode ? [{ name: 'DATABASE_DIRECT_SSL_MODE', value: directSslMode }] : []),
    ...(directCertificatePath
      ? [{ name: 'DATABASE_DIRECT_SSL_ROOT_CERT', value: directCertificatePath }]
      : []),
  ];
}

/** The variable about a pooler in transaction mode. */
export function poolerVariables({
  transactionPooler,
}: Pick<ApplicationConnection, 'transactionPooler'>): EnvironmentVariable[] {
  return transactionPooler ? [{ name: 'DATABASE_TRANSACTION_POOLER', value: 'true' }] : [];
}

/** As the libraries that read such URLs call GeoDjango's engine. */
function schemeOf({ engine = '' }: ConnectionOptions): string {
  return engine.endsWith('.postgis') ? 'postgis' : 'postgres';
}

function placeOf({ host, database, user, password }: DatabaseConnection): string {
  const login = password ? `${inUrl('USER', user)}:$(DATABASE_PASSWORD)` : encodeURIComponent(user);
  const address = isIPv6(host) ? '[$(DATABASE_HOST)]' : inUrl('HOST', host);
  return `${login}@${address}:$(DATABASE_PORT)/${inUrl('NAME', database)}`;
}

/** A part of a URL: the variable of that name, unless its value has to be encoded. */
function inUrl(name: string, value: string): string {
  const encoded = encodeURIComponent(value);
  return encoded === value ? `$(DATABASE_${name})` : encoded;
}
