import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { ScheduledBackup, ScheduledBackupSpecMethod as Method } from '../../../imports/postgresql.cnpg.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { IResource, Resource } from '../../kubernetes/resource';
import { BackupRequest, DEFAULT_RETENTION, IBackup } from '../../platform/backup';
import { BARMAN_PLUGIN } from '../postgres/cloud-native-cluster';
import { CloudNativeObjectStore, objectStore } from './cloud-native-object-store';

/** How CloudNativePG makes backups: as snapshots, or in an object store. */
export interface CloudNativePostgresBackupsProps {
  /**
   * Name of the VolumeSnapshotClass.
   *
   * @default - the default class of the volumes' driver
   */
  readonly volumeSnapshotClassName?: string;

  /**
   * An object store for base backups and for the archive of all that is written between them. `restores` of
   * CloudNativePostgres then restores each moment of the time that it is kept for. The cluster needs the Barman Cloud
   * plugin of CloudNativePG.
   *
   * @default - snapshots
   */
  readonly objectStore?: CloudNativeObjectStore;
}

/**
 * Backups by CloudNativePG: a ScheduledBackup that has the operator take consistent snapshots of a server's volumes.
 * The Cluster of the database says how the operator takes them. The volumes' driver must be able to take snapshots.
 *
 * Snapshots are cold: the operator stops a replica for each. Where there is only one server, the operator stops that
 * server, and the application waits for it.
 *
 * With `objectStore` it makes an ObjectStore of the Barman Cloud plugin too, and the ScheduledBackup has the plugin
 * copy a running server, the first time at once. The Cluster archives its WAL there. The plugin's container beside each
 * server requests a CPU of 50m and 128Mi of memory, and is limited to 512Mi. The commands of `identity.txt` let the
 * servers use the bucket, unless keys are given.
 *
 * Throws when:
 * - `retention` is given for snapshots, because CloudNativePG does not delete them by itself;
 * - `retention` is not a whole number of days;
 * - `timeZone` is given, because CloudNativePG does not know time zones;
 * - an object store and a VolumeSnapshotClass are given;
 * - the place of the object store is not valid, or the distribution has no identity for it.
 *
 * @see https://cloudnative-pg.io/documentation/current/backup/
 * @see https://cloudnative-pg.io/documentation/current/appendixes/backup_volumesnapshot
 * @see https://cloudnative-pg.io/plugin-barman-cloud/docs/intro/
 * @example
 * Distribution.openshift({
 *   postgres: new CloudNativePostgres(),
 *   backup: new CloudNativePostgresBackups({ volumeSnapshotClassName: 'csi-aws-vsc' }),
 * });
 * @example
 * Distribution.gke({
 *   projectId: 'acme',
 *   postgres: new CloudNativePostgres(),
 *   backup: new CloudNativePostgresBackups({ objectStore: { destination: 'gs://acme-backups/polls' } }),
 * });
 */
export class CloudNativePostgresBackups implements IBackup {
  constructor(private readonly props: CloudNativePostgresBackupsProps = {}) {}

  backup(scope: Construct, request: BackupRequest): Resource[] {
    const { volumeSnapshotClassName: className, objectStore: store } = this.props;
    if (className !== undefined) checkResourceName(scope, 'backup.volumeSnapshotClassName', className);
    const cluster = clusterOf(scope, request);
    checkTimeZone(scope, request);
    if (store) {
      if (className !== undefined) refuseBoth(scope, className);
      const { retention = DEFAULT_RETENTION } = request;
      const made = objectStore(scope, { request, store, cluster, retention: wholeDays(scope, retention) });
      return [made, scheduledBackup(scope, request, Method.PLUGIN)];
    }
    refuseRetention(scope, request);
    cluster.override({ spec: { backup: { volumeSnapshot: { className, online: false } } } });
    return [scheduledBackup(scope, request, Method.VOLUME_SNAPSHOT)];
  }
}

function scheduledBackup(scope: Construct, request: BackupRequest, method: Method): Resource {
  const { name, labels, schedule } = request;
  return new Resource(
    scope,
    'ScheduledBackup',
    ScheduledBackup.manifest({
      metadata: { name, labels },
      spec: {
        // Its first field is the second.
        schedule: `0 ${schedule}`,
        method,
        cluster: { name },
        ...(method === Method.PLUGIN && {
          pluginConfiguration: { name: BARMAN_PLUGIN },
          // An archive restores nothing before there is a base backup.
          immediate: true,
        }),
      },
    }),
  );
}

function refuseBoth(scope: Construct, className: string): void {
  Problems.report(scope, {
    property: 'backup.volumeSnapshotClassName',
    value: className,
    reason: 'is given together with objectStore, which makes no snapshots',
    remedy: 'Give one of them',
  });
}

/** The plugin counts in days, weeks or months. */
function wholeDays(scope: Construct, retention: Duration): number {
  const days = retention.toDays({ integral: false });
  if (!Number.isInteger(days)) {
    Problems.report(scope, {
      property: 'retention',
      value: retention.toHumanString(),
      reason: 'is not a whole number of days, and the Barman Cloud plugin counts in days',
      remedy: 'Give Duration.days(…)',
    });
  }
  return days;
}

function clusterOf(scope: Construct, { name, managedResources }: BackupRequest): IResource {
  const cluster = managedResources.find(
    ({ apiGroup, kind }) => apiGroup === 'postgresql.cnpg.io' && kind === 'Cluster',
  );
  if (!cluster) {
    throw new InvalidInputError(scope, {
      property: 'database',
      value: name,
      reason: 'is not a Cluster of CloudNativePG',
      remedy:
        'Give the distribution postgres: new CloudNativePostgres() too, or backup: new VeleroBackups() for a server ' +
        'that the library makes',
    });
  }
  return cluster;
}

function checkTimeZone(scope: Construct, { timeZone }: BackupRequest): void {
  if (timeZone === undefined) return;
  Problems.report(scope, {
    property: 'timeZone',
    value: timeZone,
    reason: 'is not supported by CloudNativePG',
    remedy: 'Leave it out, and give the schedule in the time of the operator, mostly UTC',
  });
}

function refuseRetention(scope: Construct, { retention }: BackupRequest): void {
  if (retention === undefined) return;
  Problems.report(scope, {
    property: 'retention',
    value: retention.toHumanString(),
    reason: 'is not supported: CloudNativePG does not delete snapshots by itself',
    remedy: 'Leave it out, and delete old Backups and their VolumeSnapshots as your storage needs it',
  });
}
