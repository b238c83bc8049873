import { Construct } from 'constructs';
import { isIPv6 } from 'node:net';
import { EnvironmentVariable, literal } from '../kubernetes/environment';
import { InvalidInputError } from '../kubernetes/errors';
import { redisPlace, redisUrl } from './cache';
import { RedisDatabase } from './cache-props';
import { DatabaseConnection, SslMode } from '../platform/postgres';
import { IDatabase } from './database';

/** What an application's own variable says about a database of PostgreSQL or Redis. */
export enum ConnectionPart {
  /** All of it: `postgres://user:password@host:port/database`, or `redis://:password@host:port/0`. */
  URL = 'url',

  /** The host. */
  HOST = 'host',

  /** The port. */
  PORT = 'port',

  /** The name of the database, or its number. */
  DATABASE = 'database',

  /** The role that logs in to PostgreSQL. */
  USER = 'user',

  /** The password. */
  PASSWORD = 'password',
}

/** The variable from which a URL has its password: the overlay writes the URL anew, with the password encoded. */
export const passwordOf = (name: string) => `${name}_PASSWORD`;

/** The variables that tell about a part of a database of PostgreSQL. The last one is the application's. */
export function databasePart(
  scope: Construct,
  name: string,
  database: IDatabase,
  part: ConnectionPart,
): EnvironmentVariable[] {
  const { connection, environment } = database;
  if (!connection) {
    const url = environment.find((variable) => variable.name === 'DATABASE_URL');
    if (part === ConnectionPart.URL && url) return [{ ...url, name }];
    return refuse(
      scope,
      part,
      'is not known of a database that is a URL in a Secret',
      'Use ConnectionPart.URL',
    );
  }
  const { host, port, user, password, database: ownName } = connection;
  switch (part) {
    case ConnectionPart.URL:
      return [
        ...(password ? [{ name: passwordOf(name), ...password }] : []),
        { name, value: databaseUrl(connection, environment, password && passwordOf(name)) },
      ];
    case ConnectionPart.PASSWORD:
      return password
        ? [{ name, ...password }]
        : refuse(scope, part, 'is not needed to connect to the database', 'Leave the variable out');
    default:
      return [{ name, value: literal({ host, port: `${port}`, user, database: ownName }[part]) }];
  }
}

/** The variables that tell about a part of a database of Redis. The last one is the application's. */
export function redisPart(
  scope: Construct,
  name: string,
  redis: RedisDatabase,
  part: ConnectionPart,
): EnvironmentVariable[] {
  const { password } = redis;
  const { host, port, index } = redisPlace(redis);
  switch (part) {
    case ConnectionPart.URL:
      return [
        ...(password ? [{ name: passwordOf(name), ...password }] : []),
        { name, value: redisUrl(redis, passwordOf(name)) },
      ];
    case ConnectionPart.USER:
      return refuse(
        scope,
        part,
        'is not known of Redis: the password alone logs in',
        'Leave the variable out',
      );
    case ConnectionPart.PASSWORD:
      return password
        ? [{ name, ...password }]
        : refuse(scope, part, 'is not needed to connect to the server', 'Leave the variable out');
    default:
      return [{ name, value: { host, port: `${port}`, database: `${index}` }[part] }];
  }
}

function refuse(scope: Construct, part: ConnectionPart, reason: string, remedy: string): never {
  throw new InvalidInputError(scope, { property: 'part', value: part, reason, remedy });
}

/** What a migration logs in with, where the application may not change tables. */
export function migrationVariables({ connection, environment }: IDatabase): EnvironmentVariable[] {
  const { migrationLogin: login } = connection ?? {};
  if (!login) return [];
  const url = databaseUrl(
    { ...connection!, ...past(environment), ...login },
    environment,
    'DATABASE_PASSWORD',
  );
  return [
    { name: 'DATABASE_USER', value: literal(login.user) },
    { name: 'DATABASE_PASSWORD', ...login.password },
    { name: 'DATABASE_URL', value: url },
  ];
}

/** Where a migration connects to, past a pooler. */
function past(environment: EnvironmentVariable[]): Partial<DatabaseConnection> {
  const direct = (part: string) => environment.find(({ name }) => name === `DATABASE_DIRECT_${part}`)?.value;
  const host = direct('HOST');
  if (host === undefined) return {};
  const sslMode = direct('SSL_MODE') as SslMode | undefined;
  return { host, port: Number(direct('PORT')), sslMode, certificatePath: direct('SSL_ROOT_CERT') };
}

/** With the scheme of the database's own URL. */
function databaseUrl(
  { host, port, database, user, sslMode, certificatePath }: DatabaseConnection,
  environment: EnvironmentVariable[],
  password: string | undefined,
): string {
  const own = environment.find(({ name }) => name === 'DATABASE_URL')?.value ?? '';
  const scheme = own.startsWith('postgis:') ? 'postgis' : 'postgres';
  const login = encodeURIComponent(user) + (password ? `:$(${password})` : '');
  const address = isIPv6(host) ? `[${host}]` : encodeURIComponent(host);
  const query = [
    ...(sslMode ? [`sslmode=${sslMode}`] : []),
    ...(certificatePath ? [`sslrootcert=${certificatePath}`] : []),
  ].join('&');
  const place = `${login}@${address}:${port}/${encodeURIComponent(database)}`;
  return `${scheme}://${place}${query && '?'}${query}`;
}
