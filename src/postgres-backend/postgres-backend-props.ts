import { Placement } from '../platform/scheduling';
import { ContainerResources } from '../kubernetes/resources';
import { ServerMetrics } from '../workloads/exporter';
import { PointInTimeRestore, PostgresArchive } from './archive-props';
import { ApplicationRole } from './application-role-props';
import { ConnectionOptions, ReadReplicas } from './connection';
import { SecretValue } from '../kubernetes/secret-values';
import { PasswordTurns } from '../secrets/server-passwords';

/**
 * A PostgreSQL server with a database for one or more applications. Where the distribution runs PostgreSQL, not all of
 * it has an effect: images are for a server that the library makes, and a server of the platform has the size that it
 * was given there.
 */
export interface PostgresBackendProps extends ConnectionOptions {
  /** Name of the server: a DNS label of at most 40 characters. All its resources are named after it. */
  readonly name: string;

  /**
   * Size of its volume, in bytes with a unit. A StatefulSet refuses another one: the guide, chapter 7, says how a
   * volume is made larger.
   */
  readonly storage: string;

  /**
   * The StorageClass of its volume.
   *
   * @default - the distribution's
   */
  readonly storageClassName?: string;

  /**
   * The official image, by tag or digest. A server cannot read the data of another major version, so
   * name the version of a server that is there already: the default is that of new ones. `upgradeFrom` changes it.
   *
   * @default docker.io/library/postgres:18-trixie
   */
  readonly image?: string;

  /**
   * Names of the Secrets with which the image is pulled.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string[];

  /**
   * Name of the database.
   *
   * @default django
   */
  readonly database?: string;

  /**
   * The role that owns the database. It is not a superuser.
   *
   * @default django
   */
  readonly user?: string;

  /**
   * Its password.
   *
   * @default - made once, inside the cluster, in a Secret of the server's name, or as the distribution does it
   */
  readonly password?: SecretValue;

  /**
   * Its passwords by numbers, of which two are taken while one takes the place of the other: the guide, chapter 9, has
   * the steps. With even numbers a second role logs in, `USER_alternate`, and acts as `user`. The password with the
   * number 1 is `password`; the key of another one in the same Secret ends in its number: `password-2`. The container of
   * the server sees all keys of that Secret. The first time that they are given, the server is restarted. They throw
   * for a server that the distribution runs.
   *
   * @default - one password, which no step changes
   */
  readonly passwords?: PasswordTurns;

  /**
   * Has the pods of applications log in as a role of their own, `USER_application`: `{}` for a password that is made. It
   * may read and write rows, and create, change or remove no table. `user` then owns the database, and migrations alone
   * log in as it, and dumps. It counts for the tables that are there and for those that migrations make later. Management
   * commands log in as the application. The server is restarted when it is given, and when it is taken away. It throws
   * beside `passwords`, and for a server that the distribution runs. See the guide, chapter 9.
   *
   * @default - applications and migrations log in as `user`
   */
  readonly applicationRole?: ApplicationRole;

  /**
   * Name of a Secret with `tls.crt`, `tls.key` and `ca.crt`, as cert-manager makes it, for the name of the server
   * and, with `readReplicas`, of the replica (`NAME-ro`).
   * Applications, migrations, dumps and poolers then connect by TLS and check it (`verify-full`), and the server takes
   * no connection without TLS from other pods. A renewed certificate counts within two minutes, without a restart. It
   * throws for a server that the distribution runs.
   *
   * @default - connections are not encrypted
   */
  readonly certificateSecretName?: string;

  /**
   * Archives all that the server writes onto a volume of its own, beside base backups on a schedule: `{}` for the
   * defaults. Data can then be restored to each second of the retention (`restore`). What was written in the last minute
   * may be missing there. The first time that it is given, the server is restarted. It throws for a name of more than 32
   * characters, and for a server that the distribution runs.
   *
   * @default - nothing is archived
   */
  readonly archive?: PostgresArchive;

  /**
   * Brings a volume without data to a point in time, from the archive of this server or of another, before the server
   * first starts. Data that is there stays as it is. It throws together with `restoreFrom` or `upgradeFrom`, and for a
   * server that the distribution runs. See the guide, chapter 7.
   *
   * @default - the volume is empty, or as `restoreFrom` says
   */
  readonly restore?: PointInTimeRestore;

  /**
   * Name of a VolumeSnapshot, in the namespace of the chart, that the volume is made from when the server is first
   * applied. Where the distribution makes dumps (`backup: new DumpBackups()`), the name of a dump, such as
   * `polls-db-20261124-030000`, or `polls-db-latest` for the latest one, which is restored before the server first
   * starts. It is fetched from the `bucket` of the dumps if the volume does not have it. Where the distribution has
   * PreviewCopies, the name of an anonymized copy: `polls-db-copy-latest`. A server that has data already keeps it, and one that the distribution runs cannot be given one. See the guide for how a database is restored.
   *
   * @default - the volume is empty
   */
  readonly restoreFrom?: string;

  /**
   * The image that the data of the volume was made with, of an older major version of PostgreSQL than `image`. Before
   * the server starts, its pod then dumps all databases and roles by the old image, restores them by the new one, counts
   * the rows of each table and makes statistics. Only then does the new data take the place of the old, which stays in
   * the volume until somebody deletes it. The volume needs room for the data once more and for its dump. Data that is
   * of the new version already stays as it is. Applications wait meanwhile. It throws for a server that the
   * distribution runs, together with the `restoreFrom` of a dump, and for images whose tags say that the version is not
   * newer. See the guide, chapter 7.
   *
   * @default - data of another major version keeps the server from starting
   */
  readonly upgradeFrom?: string;

  /**
   * An image that has `python`, which makes the password and, where the distribution has it, snapshots.
   *
   * @default - the image of the first application that uses the database
   */
  readonly pythonImage?: string;

  /**
   * Extensions of the database, such as `postgis`, `vector` or `pg_stat_statements`. The superuser makes what the
   * database does not have each time that the server starts, before applications are let in; a longer list restarts
   * it. CloudNativePG makes them in the order of the list in a database that is there: name `cube` before `earthdistance`,
   * which needs it. The image must have them: the server otherwise does not start,
   * and says so in its log and the status of its pod. What is taken out of the list stays in the database. It throws
   * for a server that the distribution runs and cannot make them on.
   *
   * @default - none: migrations may make those that PostgreSQL trusts owners of a database with
   */
  readonly extensions?: string[];

  /**
   * Parameters of PostgreSQL by name, such as `work_mem`, with values as its configuration file has them. Those of
   * memory follow from `resources.memoryLimit` unless they are here. PostgreSQL checks the values when it starts. It
   * throws for a parameter that the library sets, and for a server that the distribution runs and cannot set them on.
   *
   * @default - none
   */
  readonly parameters?: { [name: string]: string };

  /**
   * CPU and memory of the server. PostgreSQL gets a quarter of the memory limit as `shared_buffers`, three quarters as
   * `effective_cache_size`, a sixteenth as `maintenance_work_mem`, and `work_mem` from what is left.
   *
   * @default - 250m CPU, 512Mi memory set aside and 1Gi as the limit
   */
  readonly resources?: ContainerResources;

  /**
   * Has postgres_exporter beside the server show what the server counts: `{}`. `HealthMonitoring` with `metrics` has it
   * scraped. It logs in as a role that may look at statistics and at no table, with the server's password. The pod is
   * ready only while the exporter runs, too. The servers of CloudNativePG show their metrics by themselves, and `{}` has
   * them scraped. It throws for a server of a platform: that shows its metrics where the platform has them.
   *
   * @default - the server shows no metrics
   */
  readonly metrics?: ServerMetrics;

  /**
   * Has web requests read from the replicas of the server: `{}`. Transactions, requests that may write (POST and the
   * like), what follows a write, the admin, sessions, workers, commands and migrations stay with the primary; so do
   * reads while no replica answers in time. A router of the application comes first.
   *
   * A server of the library gets one replica, `NAME-ro`, with a volume and resources as its own. The replica never takes
   * the place of the server: for failover use CloudNativePG. The first time that it is given, the server is restarted.
   *
   * It throws for a name of more than 37 characters, and for a server of the distribution that has no replicas to read
   * from. CloudNativePG has them with two servers or more, and RDS and Azure with their `replicaHost`.
   *
   * @default - all is read from the primary
   */
  readonly readReplicas?: ReadReplicas;

  /**
   * How many connections the server takes (`max_connections`): also what a platform's server is known to take, which
   * is not set up by it. Applications that could open more are refused at synth.
   *
   * @default 250, or as many as applications may open, in fifties, if the memory limit has 3Mi for each. It is 250 for a
   * server of an operator, and unknown for one of the platform outside the cluster: it is then not checked
   */
  readonly maxConnections?: number;

  /**
   * The nodes that the server runs on: never spot ones. A volume stays in the zone that it was made in.
   *
   * @default - any
   */
  readonly scheduling?: Placement;
}
