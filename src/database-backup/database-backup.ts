import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { noteClockChange } from '../kubernetes/clock-changes';
import { checkCron } from '../kubernetes/cron';
import { InvalidInputError } from '../kubernetes/errors';
import { resourceLabels } from '../kubernetes/labels';
import { checkInteger } from '../kubernetes/numbers';
import { Resource } from '../kubernetes/resource';
import { checkTimeZone } from '../kubernetes/time-zones';
import { checkSameNamespace } from '../kubernetes/namespaces';
import { Problems } from '../kubernetes/problems';
import { IBackedUpDatabase } from '../platform/backup';
import { distributionOf } from '../platform/binding';

/** A slip: nobody keeps backups for longer. */
const LONGEST_RETENTION = Duration.days(36_500);

/** Which database is backed up, when, and for how long. */
export interface DatabaseBackupProps {
  /** The database. */
  readonly database: IBackedUpDatabase;

  /**
   * When backups are made: the five fields of cron.
   *
   * @default 0 3 * * *
   */
  readonly schedule?: string;

  /**
   * The time zone of the schedule, such as `Europe/Vienna`. CloudNativePG does not know time zones.
   *
   * @default - UTC; that of Velero or of CloudNativePG, which is mostly UTC, where one of them makes the backups
   */
  readonly timeZone?: string;

  /**
   * How long a backup is kept, in whole hours, at most a hundred years. CloudNativePG keeps snapshots until somebody
   * deletes them.
   *
   * @default - Duration.days(30), and for ever with snapshots of CloudNativePG
   */
  readonly retention?: Duration;
}

/**
 * Backups of a database, on a schedule. A database has one.
 *
 * It makes, on
 *
 * - GKE, EKS, AKS and OpenShift, and any distribution with `backup: new VolumeSnapshotBackups()`: a CronJob that takes
 *   snapshots of the volume of the server that the library makes. The CronJob has a ServiceAccount, Role, RoleBinding,
 *   ConfigMap and NetworkPolicy of its own. GKE, EKS and AKS also get a VolumeSnapshotClass.
 * - upstream, and any distribution with `backup: new VeleroBackups()`: a Schedule of Velero that saves the server that
 *   the library makes, with a dump.
 * - any distribution with `backup: new DumpBackups()`: a CronJob that dumps the server that the library makes onto a
 *   volume, and another one that proves the latest dump, if it is given a `drill`. It makes the claim of that volume, a
 *   ConfigMap, a ServiceAccount and a NetworkPolicy too.
 * - any distribution with `postgres: new CloudNativePostgres()` and `backup: new CloudNativePostgresBackups()`: a
 *   ScheduledBackup, and an ObjectStore if it is given an `objectStore`.
 *
 * Cloud SQL, RDS and Azure Database for PostgreSQL have backups of their own, which are settings of the service and no
 * Kubernetes objects: for those it throws.
 *
 * Throws when:
 * - the distribution makes no backups, or none of that server;
 * - the schedule, time zone or retention is not valid, or the distribution cannot keep to it;
 * - the database is in another namespace;
 * - the chart has no namespace (Velero);
 * - the volume is of the class `gp2` (EKS): there are no snapshots of such volumes.
 *
 * @example
 * const backend = new PostgresBackend(this, 'Database', { name: 'polls-db', storage: '20Gi' });
 * new DatabaseBackup(this, 'Backup', {
 *   database: backend,
 *   schedule: '30 2 * * *',
 *   timeZone: 'Europe/Vienna',
 *   retention: Duration.days(14),
 * });
 */
export class DatabaseBackup extends Construct {
  /** The resources that the distribution makes of it. */
  readonly resources: Resource[];

  constructor(scope: Construct, id: string, props: DatabaseBackupProps) {
    super(scope, id);
    const { database, schedule = '0 3 * * *', timeZone, retention } = props;
    const distribution = distributionOf(this);
    this.checkDatabase(database);
    checkCron(this, 'schedule', schedule);
    if (timeZone !== undefined) checkTimeZone(this, 'timeZone', timeZone);
    noteClockChange(this, 'schedule', schedule, timeZone);
    if (retention) {
      const bounds = { atLeast: 1, atMost: LONGEST_RETENTION.toHours(), unit: 'hours' };
      checkInteger(this, 'retention', retention.toHours({ integral: false }), bounds);
    }
    const { selector, statefulSet, managedResources } = database;
    if (!distribution.backup) {
      throw new InvalidInputError(this, {
        property: 'backup',
        value: undefined,
        reason: `is needed: nothing is known on ${distribution.name} that backs "${selector.instance}" up`,
        remedy: statefulSet
          ? 'Give the distribution backup: new VolumeSnapshotBackups({ … }), or new VeleroBackups({ … }) where the ' +
            'cluster has Velero'
          : 'Use the backups of the service that runs it, or give the distribution ' +
            'backup: new CloudNativePostgresBackups({ … }) if that is CloudNativePG',
      });
    }
    this.resources = distribution.backup.backup(this, {
      name: selector.instance,
      labels: resourceLabels({ ...selector, component: 'backup' }),
      selector,
      statefulSet,
      managedResources,
      database,
      schedule,
      timeZone,
      retention,
      get python() {
        return database.backupPython();
      },
    });
  }

  private checkDatabase(database: IBackedUpDatabase): void {
    if (!database?.managedResources) {
      Problems.report(this, {
        property: 'database',
        value: (database as Construct | undefined)?.node.path,
        reason: 'is not a PostgresBackend of this program',
        remedy: 'Give one, and leave the backups of fromHost and fromUrl to those who run the server',
      });
    }
    checkSameNamespace(this, 'database', database);
  }
}
