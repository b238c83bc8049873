import { Construct } from 'constructs';
import { checkSecretValue, SecretValue } from '../capabilities/secrets/secret';
import { IDatabase } from '../django-app/database';
import { EnvironmentVariable } from '../kubernetes/environment';
import { InvalidInputError } from '../kubernetes/errors';
import { checkHost } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { NetworkPeer } from '../kubernetes/peers';
import { connectionVariables } from './connection';
import { checkRole, POSTGRES_PORT } from './names';

/** Where a PostgreSQL server is that somebody else runs. */
export interface ExistingServerProps {
  /**
   * Port that the server listens on.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Where the server is, as network policies see it: an address range, or labels of its pods.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];
}

/** A PostgreSQL database by its host. */
export interface PostgresHostProps extends ExistingServerProps {
  /** Host of the server: a DNS name. */
  readonly host: string;

  /** Name of the database. */
  readonly database: string;

  /** The role that owns the application's tables. */
  readonly user: string;

  /** Its password. */
  readonly password: SecretValue;

  /**
   * libpq's `sslmode`: `disable`, `require`, `verify-ca` or `verify-full`.
   *
   * @default require
   */
  readonly sslMode?: string;
}

/** A PostgreSQL database by its URL. */
export interface PostgresUrlProps extends ExistingServerProps {
  /** The URL, `postgres://user:password@host:port/database`, with the password percent-encoded. */
  readonly url: SecretValue;
}

const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'];

/** A database that somebody else runs. It makes no resource. */
export class ExistingPostgres extends Construct implements IDatabase {
  readonly port: number;
  readonly peers?: NetworkPeer[];

  constructor(
    scope: Construct,
    id: string,
    props: ExistingServerProps,
    readonly environment: EnvironmentVariable[],
  ) {
    super(scope, id);
    this.port = props.port ?? POSTGRES_PORT;
    this.peers = props.peers;
  }

  addClient(): void {
    // Its server is not ours to prepare.
  }

  admit(): void {
    // Nor are the policies around it.
  }
}

/** The database of a host. */
export function postgresFromHost(scope: Construct, id: string, props: PostgresHostProps): ExistingPostgres {
  checkHost(scope, 'host', props.host);
  checkRole(scope, 'database', props.database);
  checkRole(scope, 'user', props.user);
  checkSecretValue(scope, 'password', props.password);
  const port = checkServer(scope, props);
  const sslMode = props.sslMode ?? 'require';
  if (!SSL_MODES.includes(sslMode)) {
    throw new InvalidInputError(scope, {
      property: 'sslMode',
      value: sslMode,
      reason: 'is not a mode that says whether the connection is encrypted',
      remedy: `Use one of ${SSL_MODES.join(', ')}`,
    });
  }
  return new ExistingPostgres(scope, id, props, connectionVariables({ ...props, port, sslMode }));
}

/** The database of a URL. */
export function postgresFromUrl(scope: Construct, id: string, props: PostgresUrlProps): ExistingPostgres {
  checkSecretValue(scope, 'url', props.url);
  checkServer(scope, props);
  return new ExistingPostgres(scope, id, props, [{ name: 'DATABASE_URL', ...props.url }]);
}

function checkServer(scope: Construct, { port = POSTGRES_PORT, peers }: ExistingServerProps): number {
  if (peers?.length === 0) {
    throw new InvalidInputError(scope, {
      property: 'peers',
      value: peers,
      reason: 'would keep the application from its database',
      remedy: 'Name the place of the server, or leave it out',
    });
  }
  return checkInteger(scope, 'port', port, { atLeast: 1, atMost: 65535 });
}
