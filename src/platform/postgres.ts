import { Construct } from 'constructs';
import { Selector } from '../kubernetes/labels';
import { NetworkPeer } from '../kubernetes/peers';
import { IResource } from '../kubernetes/resource';
import { ContainerResources } from '../kubernetes/resources';
import { AllowedTraffic } from '../kubernetes/traffic';
import { SecretValue } from '../kubernetes/secret-values';
import { DatabaseConnector } from './database-connector';
import { IdentityCloud } from './identity';

/** How a connection to PostgreSQL is encrypted: `sslmode` of libpq. */
export enum SslMode {
  /** It is not encrypted. */
  DISABLE = 'disable',

  /** It is encrypted, and no certificate is checked. */
  REQUIRE = 'require',

  /** It is encrypted, and the authority of the certificate is checked. */
  VERIFY_CA = 'verify-ca',

  /** It is encrypted, and the authority and the name in the certificate are checked. */
  VERIFY_FULL = 'verify-full',
}

/** Who logs in to a database. */
export interface DatabaseLogin {
  /** The role that logs in. */
  readonly user: string;

  /** Its password. */
  readonly password: SecretValue;
}

/** How the identity of a pod logs in to a server of a cloud: by tokens that count for minutes, in place of a password. */
export interface DatabaseIdentity {
  /** The cloud that the server is in: AWS or Azure. */
  readonly cloud: IdentityCloud;

  /**
   * The region that the server is in, which tokens of AWS are for.
   *
   * @default - none, for Azure
   */
  readonly region?: string;
}

/** How a PostgreSQL database is connected to. */
export interface DatabaseConnection {
  /** Host of the server, or of the pooler in front of it. */
  readonly host: string;

  /** Port of that host. */
  readonly port: number;

  /** Name of the database. */
  readonly database: string;

  /** The role that logs in. */
  readonly user: string;

  /**
   * Its password.
   *
   * @default - the connection is authenticated by other means
   */
  readonly password?: SecretValue;

  /**
   * The identity of the pods that logs in, in place of a password: the settings overlay gives each new connection a
   * token.
   *
   * @default - none
   */
  readonly identity?: DatabaseIdentity;

  /**
   * The other login that the server takes, for a pooler: some of its clients have not switched yet, or have already.
   *
   * @default - no rotation of the password is under way
   */
  readonly otherLogin?: DatabaseLogin;

  /**
   * The login that owns the tables, where `user` may not change them: migrations and dumps log in with it.
   *
   * @default - `user` owns them
   */
  readonly migrationLogin?: DatabaseLogin;

  /**
   * libpq's `sslmode`.
   *
   * @default - libpq's own, `prefer`
   */
  readonly sslMode?: SslMode;

  /**
   * Path of the certificates that the server's is checked against, in the containers that connect: `volumeMounts` of
   * the connector may put them there. Or `system`.
   *
   * @default - libpq's own
   */
  readonly certificatePath?: string;
}

/** User and group `postgres` of the official image. */
export const POSTGRES_USER_ID = 999;

/** The port that PostgreSQL listens on. */
export const POSTGRES_PORT = 5432;

/** A database that a PostgresBackend asks its distribution for. */
export interface DatabaseRequest {
  /** Name of the backend. */
  readonly name: string;

  /** What selects the pods of a server in the cluster. */
  readonly selector: Selector;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** Name of the database. */
  readonly database: string;

  /** The role that owns the database. */
  readonly user: string;

  /**
   * Its password.
   *
   * @default - the one of the distribution
   */
  readonly password?: SecretValue;

  /**
   * Extensions that the superuser is to make in the new database.
   *
   * @default - none
   */
  readonly extensions?: string[];

  /**
   * Parameters of PostgreSQL by name: those that follow from the memory limit, and those of the program.
   *
   * @default - those of the server itself
   */
  readonly parameters?: { [name: string]: string };

  /** Size of the volume of a server in the cluster, in bytes with a unit. */
  readonly storage: string;

  /**
   * The StorageClass of that volume.
   *
   * @default - the distribution's
   */
  readonly storageClassName?: string;

  /** CPU and memory of a server in the cluster. */
  readonly resources: ContainerResources;

  /**
   * How many connections the server is to take, or is known to take.
   *
   * @default - the number of the server itself
   */
  readonly maxConnections?: number;

  /**
   * The fields of a pod's spec that say which nodes a server in the cluster runs on, as Kubernetes writes them.
   *
   * @default - any node
   */
  readonly placement?: any;
}

/**
 * Connections that a server takes which the library or an operator sets up, unless a program says. They are enough
 * for ten replicas by default, and for as many that still finish requests while a release replaces them.
 */
export const DEFAULT_MAX_CONNECTIONS = 250;

/** A database that the platform or an operator runs. */
export interface ManagedDatabase {
  /** Host that applications connect to. */
  readonly host: string;

  /** Port of that host. */
  readonly port: number;

  /**
   * Host of its replicas, at the same port, with the same certificates and logins. It is an error to ask for read
   * replicas where there is none.
   *
   * @default - it has no replicas to read from
   */
  readonly replicaHost?: string;

  /** The role that applications log in as. */
  readonly user: string;

  /**
   * Its password.
   *
   * @default - none is needed
   */
  readonly password?: SecretValue;

  /**
   * The identity of the pods that logs in, in place of a password. The connector says that it is used.
   *
   * @default - none
   */
  readonly identity?: DatabaseIdentity;

  /** libpq's `sslmode`. */
  readonly sslMode: SslMode;

  /**
   * Path of the certificates that the server's is checked against.
   *
   * @default - it is not checked
   */
  readonly certificatePath?: string;

  /**
   * Where the server is, as network policies see it.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];

  /**
   * What the pods of applications need to connect to it.
   *
   * @default - nothing
   */
  readonly connector?: DatabaseConnector;

  /**
   * How many connections the server takes.
   *
   * @default - as the program says; if it does not, whether applications could open more is not checked
   */
  readonly maxConnections?: number;

  /**
   * Whether the extensions of the request are made. It is an error to ask for some if they are not.
   *
   * @default false
   */
  readonly makesExtensions?: boolean;

  /**
   * Whether the server gets the parameters of the request. It is an error to ask for some if it does not.
   *
   * @default false
   */
  readonly setsParameters?: boolean;

  /**
   * What the metrics are of that its pods show at a port named `metrics`: `cloudnativepg`, or a name for which there are
   * neither alerts nor panels. It is an error to ask for metrics where there are none.
   *
   * @default - its pods show none
   */
  readonly metricsOf?: string;

  /**
   * What the server's pods, which the request's selector selects, must be allowed in addition to their clients.
   *
   * @default - it has no pods of the namespace
   */
  readonly podTraffic?: AllowedTraffic;

  /** The resources that were made for it. */
  readonly resources: IResource[];
}

/** How a distribution runs PostgreSQL for a PostgresBackend, instead of a server in the cluster. */
export interface IPostgres {
  /** Makes or finds a database. Throws if no database of that name can run as asked. */
  database(scope: Construct, request: DatabaseRequest): ManagedDatabase;
}
