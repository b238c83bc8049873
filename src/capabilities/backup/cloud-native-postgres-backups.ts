import { Construct } from 'constructs';
import { ScheduledBackup, ScheduledBackupSpecMethod as Method } from '../../../imports/postgresql.cnpg.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { IResource, Resource } from '../../kubernetes/resource';
import { BackupRequest, IBackup } from '../../platform/backup';

/** How CloudNativePG makes snapshots. */
export interface CloudNativePostgresBackupsProps {
  /**
   * Name of the VolumeSnapshotClass.
   *
   * @default - the default class of the volumes' driver
   */
  readonly volumeSnapshotClassName?: string;
}

/**
 * Backups by CloudNativePG: a ScheduledBackup that has the operator take consistent snapshots of a server's volumes.
 * The Cluster of the database says how the operator takes them. The volumes' driver must be able to take snapshots.
 *
 * Snapshots are cold: the operator stops a replica for each. Where there is only one server, the operator stops that
 * server, and the application waits for it. A snapshot of a running server is consistent only with a WAL archive, which
 * the Cluster does not have. With one, override `spec.backup.volumeSnapshot.online` of the Cluster.
 *
 * Throws when:
 * - `retention` is given, because CloudNativePG does not delete snapshots by itself;
 * - `timeZone` is given, because CloudNativePG does not know time zones.
 *
 * @see https://cloudnative-pg.io/documentation/current/backup/
 * @see https://cloudnative-pg.io/documentation/current/appendixes/backup_volumesnapshot
 * @example
 * Distribution.openshift({
 *   postgres: new CloudNativePostgres(),
 *   backup: new CloudNativePostgresBackups({ volumeSnapshotClassName: 'csi-aws-vsc' }),
 * });
 */
export class CloudNativePostgresBackups implements IBackup {
  constructor(private readonly props: CloudNativePostgresBackupsProps = {}) {}

  backup(scope: Construct, request: BackupRequest): Resource[] {
    const { volumeSnapshotClassName: className } = this.props;
    if (className !== undefined) checkResourceName(scope, 'backup.volumeSnapshotClassName', className);
    const { name, labels, schedule } = request;
    const cluster = clusterOf(scope, request);
    checkKnown(scope, request);
    cluster.override({ spec: { backup: { volumeSnapshot: { className, online: false } } } });
    return [
      new Resource(
        scope,
        'ScheduledBackup',
        ScheduledBackup.manifest({
          metadata: { name, labels },
          spec: {
            // Its first field is the second.
            schedule: `0 ${schedule}`,
            method: Method.VOLUME_SNAPSHOT,
            cluster: { name },
          },
        }),
      ),
    ];
  }
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

function checkKnown(scope: Construct, { timeZone, retention }: BackupRequest): void {
  if (timeZone !== undefined) {
    Problems.report(scope, {
      property: 'timeZone',
      value: timeZone,
      reason: 'is not supported by CloudNativePG',
      remedy: 'Leave it out, and give the schedule in the time of the operator, mostly UTC',
    });
  }
  if (retention !== undefined) {
    Problems.report(scope, {
      property: 'retention',
      value: retention.toHumanString(),
      reason: 'is not supported: CloudNativePG does not delete snapshots by itself',
      remedy: 'Leave it out, and delete old Backups and their VolumeSnapshots as your storage needs it',
    });
  }
}
