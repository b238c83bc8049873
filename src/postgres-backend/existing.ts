import { Construct } from 'constructs';
import { IDatabase, IDatabaseClient } from '../django-app/database';
import { EnvironmentVariable } from '../kubernetes/environment';
import { InvalidInputError } from '../kubernetes/errors';
import { checkFilePath } from '../kubernetes/names';
import { checkRemotePort } from '../kubernetes/numbers';
import { checkPeers, NetworkPeer } from '../kubernetes/peers';
import { Problems } from '../kubernetes/problems';
import { budgetConnections, checkMaxConnections } from './budget';
import {
  checkConnection,
  checkReadReplicas,
  connectionOf,
  ConnectionOptions,
  connectionOptionVariables,
  connectionVariables,
  poolerVariables,
  ReadReplicas,
} from './connection';
import { refuseReplicas } from './managed';
import { checkExistingRole, checkServerHost } from './names';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';
import { DatabaseConnection, POSTGRES_PORT, SslMode } from '../platform/postgres';

/** Where a PostgreSQL server is that somebody else runs. */
export interface ExistingPostgresProps extends ConnectionOptions {
  /**
   * Port that the server listens on.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Where the server is, as network policies see it: an address range, or labels of its pods; and with
   * `directHost` or `directUrl`, where that server is.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];

  /**
   * Whether the server is a pooler in transaction mode, such as PgBouncer: server-side cursors are then not used.
   *
   * @default false
   */
  readonly transactionPooler?: boolean;

  /**
   * Port of the server behind a pooler, which `directHost` or `directUrl` names: network policies let migrations
   * connect to it.
   *
   * @default 5432
   */
  readonly directPort?: number;

  /**
   * How many connections the server takes: PostgreSQL's `max_connections`, or what the pooler takes from its clients.
   * Applications that could open more are refused at synth.
   *
   * @default - unknown, and not checked
   */
  readonly maxConnections?: number;
}

/** A PostgreSQL database by its host. */
export interface PostgresHostProps extends ExistingPostgresProps {
  /** Host of the server: a DNS name, an IPv4 or IPv6 address, or the folder of a Unix socket. */
  readonly host: string;

  /** Name of the database, as `psql` shows it. */
  readonly database: string;

  /** The role that owns the application's tables. */
  readonly user: string;

  /** Its password. */
  readonly password: SecretValue;

  /**
   * libpq's `sslmode`: `disable`, `require`, `verify-ca` or `verify-full`.
   *
   * @default SslMode.REQUIRE
   */
  readonly sslMode?: SslMode;

  /**
   * Path, in the image, of the certificates that the server's is checked against; or `system` for those of the image's
   * operating system, which libpq 16 knows, with `verify-full` alone.
   *
   * @default - libpq's: `~/.postgresql/root.crt`, which the pods do not have; needed by `verify-ca` and `verify-full`
   */
  readonly certificatePath?: string;

  /**
   * Host of the server behind a pooler: migrations go there.
   *
   * @default - migrations go to `host`
   */
  readonly directHost?: string;

  /**
   * Host of replicas of the server, at the same port, with the same role, password and certificates. `peers` name them
   * too. Web requests then read from them, as `readReplicas` of `PostgresBackendProps` says.
   *
   * @default - all is read from `host`
   */
  readonly replicaHost?: string;

  /**
   * How the replicas of `replicaHost` are read from.
   *
   * @default - as `ReadReplicas` says
   */
  readonly readReplicas?: ReadReplicas;
}

/** A PostgreSQL database by its URL. */
export interface PostgresUrlProps extends ExistingPostgresProps {
  /** The URL, `postgres://user:password@host:port/database`, with the password percent-encoded. */
  readonly url: SecretValue;

  /**
   * The URL of the server behind a pooler: migrations go there.
   *
   * @default - migrations go to `url`
   */
  readonly directUrl?: SecretValue;
}

const SSL_MODES = Object.values(SslMode);

/** The prop that names the server behind a pooler, and what it was given. */
interface DirectServer {
  readonly property: string;
  readonly value: unknown;
}

/** What is known of a database. */
type Described = Pick<IDatabase, 'connection' | 'environment'>;

/** A database that somebody else runs. It makes no resource. */
export class ExistingPostgres extends Construct implements IDatabase {
  readonly connection?: DatabaseConnection;
  readonly environment: EnvironmentVariable[];
  readonly port: number;
  readonly directPort?: number;
  readonly peers?: NetworkPeer[];
  readonly poolSize?: number;
  private readonly clients: IDatabaseClient[] = [];

  constructor(
    scope: Construct,
    id: string,
    props: ExistingPostgresProps,
    direct: DirectServer,
    described: (database: ExistingPostgres) => Described,
  ) {
    super(scope, id);
    this.port = checkServer(this, props);
    this.directPort = checkDirectPort(this, props.directPort, direct);
    ({ connection: this.connection, environment: this.environment } = described(this));
    this.peers = props.peers;
    this.poolSize = props.poolSize;
    const { maxConnections, transactionPooler: pooler } = props;
    budgetConnections(this, { maxConnections, pooler }, this.clients);
  }

  addClient(client: IDatabaseClient): void {
    this.clients.push(client);
  }

  restrictNetwork(): void {
    // The policies around its server are not ours.
  }
}

/** The database of a host. */
export function postgresFromHost(scope: Construct, id: string, props: PostgresHostProps): ExistingPostgres {
  const direct = { property: 'directHost', value: props.directHost };
  return new ExistingPostgres(scope, id, props, direct, (database) => {
    checkServerHost(database, 'host', props.host);
    checkExistingRole(database, 'database', props.database);
    checkExistingRole(database, 'user', props.user);
    checkSecretValue(database, 'password', props.password);
    const { directHost } = props;
    if (directHost !== undefined) checkServerHost(database, 'directHost', directHost);
    checkReplicas(database, props);
    const { port, directPort } = database;
    const connection = connectionOf({ ...props, port, sslMode: sslMode(database, props) });
    return { connection, environment: connectionVariables({ ...props, ...connection, directPort }) };
  });
}

function checkReplicas(scope: Construct, { replicaHost, readReplicas }: PostgresHostProps): void {
  if (replicaHost !== undefined) checkServerHost(scope, 'replicaHost', replicaHost);
  checkReadReplicas(scope, readReplicas);
  if (replicaHost === undefined) refuseReplicas(scope, readReplicas);
}

function sslMode(scope: Construct, props: PostgresHostProps): SslMode {
  const mode = props.sslMode ?? SslMode.REQUIRE;
  if (!SSL_MODES.includes(mode)) {
    Problems.report(scope, {
      property: 'sslMode',
      value: mode,
      reason: 'is not a mode that says whether the connection is encrypted',
      remedy: `Use one of ${SSL_MODES.join(', ')}`,
    });
  }
  if (mode.startsWith('verify-') && !props.certificatePath) {
    Problems.report(scope, {
      property: 'certificatePath',
      value: props.certificatePath,
      reason: `is needed for sslMode "${mode}"`,
      remedy: 'Give the path of the certificates in the image, or "system" with libpq 16 and "verify-full"',
    });
  }
  const { certificatePath: path } = props;
  if (path === 'system' && mode !== SslMode.VERIFY_FULL) {
    Problems.report(scope, {
      property: 'certificatePath',
      value: path,
      reason: `is refused by libpq with sslMode "${mode}"`,
      remedy: 'Use "verify-full", or give the path of the certificates in the image',
    });
  }
  if (path !== undefined && path !== 'system') checkFilePath(scope, 'certificatePath', path);
  return mode;
}

/** The database of a URL. */
export function postgresFromUrl(scope: Construct, id: string, props: PostgresUrlProps): ExistingPostgres {
  const direct = { property: 'directUrl', value: props.directUrl };
  return new ExistingPostgres(scope, id, props, direct, (database) => {
    checkSecretValue(database, 'url', props.url);
    if (props.directUrl) checkSecretValue(database, 'directUrl', props.directUrl);
    return {
      environment: [
        { name: 'DATABASE_URL', ...props.url },
        ...(props.directUrl ? [{ name: 'DATABASE_DIRECT_URL', ...props.directUrl }] : []),
        ...connectionOptionVariables(props),
        ...poolerVariables(props),
      ],
    };
  });
}

/** The port of the server behind a pooler; none when there is no such server. */
function checkDirectPort(
  scope: Construct,
  port: number | undefined,
  { property, value }: DirectServer,
): number | undefined {
  if (port !== undefined) checkRemotePort(scope, 'directPort', port);
  if (value !== undefined) return port ?? POSTGRES_PORT;
  if (port === undefined) return undefined;
  throw new InvalidInputError(scope, {
    property: 'directPort',
    value: port,
    reason: `is given without ${property}`,
    remedy: `Give ${property}, or port for the port of the server itself`,
  });
}

function checkServer(scope: Construct, props: ExistingPostgresProps): number {
  const { port = POSTGRES_PORT, peers } = props;
  checkConnection(scope, props);
  checkMaxConnections(scope, props.maxConnections);
  checkPeers(scope, 'peers', peers);
  return checkRemotePort(scope, 'port', port);
}
