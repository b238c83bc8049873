import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Schedule,
  ScheduleSpecTemplateHooksResources as Hooks,
  ScheduleSpecTemplateHooksResourcesPostExecOnError as PostOnError,
  ScheduleSpecTemplateHooksResourcesPreExecOnError as PreOnError,
} from '../../../imports/velero.io';
import { checkSeconds } from '../../kubernetes/durations';
import { instanceLabels, selectorLabels } from '../../kubernetes/labels';
import { checkNamespace, checkResourceName } from '../../kubernetes/names';
import { namespaceOf } from '../../kubernetes/namespaces';
import { Resource } from '../../kubernetes/resource';
import { BackupRequest, DEFAULT_RETENTION, IBackup, serverOf } from '../../platform/backup';

/** What is known of a cluster's Velero. */
export interface VeleroBackupsProps {
  /**
   * The namespace that Velero runs in.
   *
   * @default velero
   */
  readonly namespace?: string;

  /**
   * Name of the BackupStorageLocation.
   *
   * @default - Velero's default location
   */
  readonly storageLocation?: string;

  /**
   * Whether snapshots are copied to that location, so that they outlive the storage system they were made in.
   *
   * @default - as Velero does by itself: they stay where the volumes are
   */
  readonly moveSnapshotData?: boolean;

  /**
   * How long a dump of the database may take, in whole seconds.
   *
   * @default Duration.hours(1)
   */
  readonly dumpTimeout?: Duration;
}

/** A file of the volume, beside the folder that the server has its data in. */
const DUMP = '/var/lib/cdk8s-django/postgresql/backup.dump';

/**
 * Backups by Velero, which the cluster must have: a Schedule in Velero's namespace that saves what the namespace has of
 * one database: its volume, and its password where that was generated. Velero takes snapshots with the
 * VolumeSnapshotClass that is labelled `velero.io/csi-volumesnapshot-class: "true"`, or copies files, as it was
 * installed.
 *
 * A hook dumps the database into the volume before the backup, and another hook removes the dump after it. So the
 * volume needs room for the dump. A backup is good regardless of how the volume is copied. A snapshot holds the data as
 * after a power cut, which PostgreSQL recovers from. Files that were copied one after the other hold the dump, for
 * `pg_restore`.
 *
 * Throws when:
 * - the namespace, the location or the timeout is not valid;
 * - the chart has no namespace;
 * - the library does not make the server.
 *
 * @see https://velero.io/docs/latest/backup-hooks/
 * @see https://velero.io/docs/latest/csi/
 * @example
 * Distribution.gke({ backup: new VeleroBackups({ moveSnapshotData: true }) });
 */
export class VeleroBackups implements IBackup {
  constructor(private readonly props: VeleroBackupsProps = {}) {}

  backup(scope: Construct, request: BackupRequest): Resource[] {
    const { storageLocation, moveSnapshotData, dumpTimeout = Duration.hours(1) } = this.props;
    const veleroNamespace = checkNamespace(scope, 'backup.namespace', this.props.namespace ?? 'velero');
    if (storageLocation !== undefined) checkResourceName(scope, 'backup.storageLocation', storageLocation);
    checkSeconds(scope, 'backup.dumpTimeout', dumpTimeout);
    const { name, labels, timeZone, retention = DEFAULT_RETENTION } = request;
    serverOf(scope, request, 'Velero’s hooks dump no other');
    const namespace = namespaceOf(scope, 'is not known, and Velero has to be told which one it saves');
    const matchLabels = databaseLabels(request);
    return [
      new Resource(
        scope,
        'Schedule',
        Schedule.manifest({
          // Databases of all namespaces have their Schedules in one. Neither part of the name has a dot.
          metadata: { name: `${namespace}.${name}`, namespace: veleroNamespace, labels },
          spec: {
            // https://velero.io/docs/latest/backup-reference/#schedule-a-backup: the time zone is a prefix.
            schedule: timeZone ? `CRON_TZ=${timeZone} ${request.schedule}` : request.schedule,
            template: {
              includedNamespaces: [namespace],
              labelSelector: { matchLabels },
              storageLocation,
              snapshotMoveData: moveSnapshotData,
              // As Go writes a duration, so that reading it back gives the same.
              ttl: `${retention.toHours()}h0m0s`,
              hooks: { resources: [hooks(request, namespace, dumpTimeout)] },
            },
          },
        }),
      ),
    ];
  }
}

/** The labels of all that belongs to a database: its password is another component than its server. */
function databaseLabels({ selector }: BackupRequest): Record<string, string> {
  return instanceLabels(selector);
}

/**
 * A dump, and neither CHECKPOINT nor pg_backup_start. The first shortens a recovery and makes nothing consistent, the
 * second ends with the session that began it, and each hook is a session of its own. Freezing the file system would
 * need privileges that Pod Security `restricted` does not give.
 *
 * The hooks are the Schedule's, not annotations of the pod: a pod has the same manifest with and without a backup, and
 * other backups of the namespace do not dump.
 *
 * @see https://www.postgresql.org/docs/current/backup-file.html
 * @see https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
function hooks({ selector }: BackupRequest, namespace: string, dumpTimeout: Duration): Hooks {
  const dump = `pg_dump --username=postgres --format=custom --file=${DUMP} "$POSTGRES_DB"`;
  return {
    name: 'dump',
    includedNamespaces: [namespace],
    includedResources: ['pods'],
    labelSelector: { matchLabels: selectorLabels(selector) },
    pre: [
      {
        exec: {
          container: 'postgres',
          command: ['/bin/sh', '-c', `umask 077; ${dump} || { rm -f ${DUMP}; exit 1; }`],
          onError: PreOnError.FAIL,
          // Velero's own limit is 30 seconds.
          timeout: `${dumpTimeout.toSeconds()}s`,
        },
      },
    ],
    post: [
      {
        exec: {
          container: 'postgres',
          command: ['/bin/rm', '-f', DUMP],
          // The next dump writes over what is left.
          onError: PostOnError.CONTINUE,
          timeout: '60s',
        },
      },
    ],
  };
}
