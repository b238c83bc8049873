import { Chart, Duration, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import {
  VolumeSnapshotClass,
  VolumeSnapshotClassDeletionPolicy as DeletionPolicy,
} from '../../../imports/snapshot.storage.k8s.io';
import * as k8s from '../../kubernetes/api';
import { checkSeconds } from '../../kubernetes/durations';
import { MANAGED_BY } from '../../kubernetes/labels';
import { checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { apiServerPolicy } from '../../workloads/network-policies';
import { HashedConfigMap, IResource, Resource } from '../../kubernetes/resource';
import { serviceAccountWith } from '../../kubernetes/service-accounts';
import { pythonPodTemplate } from '../../workloads/python-pod';
import { runtimeConfigMaps } from '../../workloads/runtime-config-maps';
import { runtimeCommand } from '../../runtime/runtime';
import { BackupRequest, DEFAULT_RETENTION, IBackup, serverOf } from '../../platform/backup';
import { hasClusterResource } from '../../platform/binding';
import { backupCronJobSpec } from '../../workloads/backup-schedule';

/** How snapshots of volumes are made. Give `volumeSnapshotClassName` or `driver`, or neither. */
export interface VolumeSnapshotBackupsProps {
  /**
   * Name of a VolumeSnapshotClass that exists.
   *
   * @default - the one that is made for `driver`, or else the default class of the volume's driver
   */
  readonly volumeSnapshotClassName?: string;

  /**
   * The driver of the volumes: a VolumeSnapshotClass `database-backup` of it is made, whose snapshots are deleted with
   * their VolumeSnapshots.
   *
   * @default - no class is made
   */
  readonly driver?: string;

  /**
   * Parameters of the class that is made for `driver`, which knows them.
   *
   * @default - none
   */
  readonly parameters?: { [name: string]: string };

  /**
   * StorageClasses whose volumes a CSI driver does not make. Such volumes cannot have snapshots: asking for one throws.
   *
   * @default - none is known
   */
  readonly inTreeStorageClasses?: string[];

  /**
   * How long a snapshot may take until it can be restored from, in whole seconds.
   *
   * @default Duration.hours(1)
   */
  readonly readyTimeout?: Duration;
}

/** Name of the VolumeSnapshotClass that is made. */
const CLASS_NAME = 'database-backup';
/** What the Job needs beside the wait: it asks the API server before and after. */
const MARGIN = Duration.minutes(10);

/**
 * Snapshots of the volume of a server that the library makes. The volume's storage driver makes them, on a schedule.
 *
 * It makes:
 * - a CronJob that makes a VolumeSnapshot, waits until it is ready and deletes those that are older than the retention;
 * - a ServiceAccount that may handle the VolumeSnapshots of the namespace, with Role and RoleBinding;
 * - a network policy that lets the program reach only the API server;
 * - with `driver`, a VolumeSnapshotClass.
 *
 * The ConfigMaps with the program are shared by all of the namespace.
 *
 * Nothing tells the server about a snapshot. All its data and its WAL are on one volume. A snapshot of that volume is
 * what a power cut would leave, and PostgreSQL recovers from that. The snapshot stays in the storage system. It is
 * deleted with the namespace where its class says so.
 *
 * The cluster needs the snapshot controller, which is an add-on on EKS.
 *
 * Throws when:
 * - a name or the timeout is not valid;
 * - `volumeSnapshotClassName` and `driver` are both given;
 * - `parameters` are given without `driver`;
 * - the library does not make the server;
 * - the volume is of one of the `inTreeStorageClasses`;
 * - there is no image with Python (at synth).
 *
 * @see https://kubernetes.io/docs/concepts/storage/volume-snapshots/
 * @see https://www.postgresql.org/docs/current/backup-file.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/csi-snapshot-controller.html
 * @example
 * Distribution.upstream({ backup: new VolumeSnapshotBackups({ volumeSnapshotClassName: 'ceph-block' }) });
 */
export class VolumeSnapshotBackups implements IBackup {
  constructor(private readonly props: VolumeSnapshotBackupsProps = {}) {}

  backup(scope: Construct, request: BackupRequest): Resource[] {
    this.checkProps(scope);
    const statefulSet = this.snapshotted(scope, request);
    const name = `${request.name}-snapshot`;
    const metadata = { name, labels: request.labels };
    const job: SnapshotJob = {
      ...request,
      statefulSet,
      selector: { ...request.selector, component: 'backup' },
      jobName: name,
      readyTimeout: this.props.readyTimeout ?? Duration.hours(1),
      className: this.className(scope),
      runtime: runtimeConfigMaps(scope, ['base', 'snapshots']),
    };
    const { serviceAccount, role, roleBinding } = serviceAccountWith(scope, metadata, [RULE]);
    return [
      serviceAccount,
      role,
      roleBinding,
      new Resource(scope, 'CronJob', {
        ...k8s.typeOf('CronJob'),
        metadata,
        spec: Lazy.any({ produce: () => cronJobSpec(scope, job) }),
      }),
      apiServerPolicy(scope, name, job.selector),
    ];
  }

  private checkProps(scope: Construct): void {
    const { volumeSnapshotClassName, driver, parameters, readyTimeout } = this.props;
    if (volumeSnapshotClassName !== undefined) {
      checkResourceName(scope, 'backup.volumeSnapshotClassName', volumeSnapshotClassName);
      if (driver !== undefined) {
        Problems.report(scope, {
          property: 'backup.driver',
          value: driver,
          reason: 'is given together with volumeSnapshotClassName',
          remedy: 'Give the class if it exists, or the driver to have one made',
        });
      }
    }
    if (driver !== undefined) checkResourceName(scope, 'backup.driver', driver);
    if (parameters && driver === undefined) {
      Problems.report(scope, {
        property: 'backup.parameters',
        value: parameters,
        reason: 'has no meaning without driver, of which a class is made',
        remedy: 'Give driver, or leave it out',
      });
    }
    if (readyTimeout) checkSeconds(scope, 'backup.readyTimeout', readyTimeout);
  }

  private snapshotted(scope: Construct, request: BackupRequest): IResource {
    const statefulSet = serverOf(scope, request, 'the volume of no other is known');
    const storageClassName = claimOf(statefulSet).spec.storageClassName;
    if (this.props.inTreeStorageClasses?.includes(storageClassName)) {
      Problems.report(scope, {
        property: 'storageClassName',
        value: storageClassName,
        reason: `of "${request.name}" is a class whose volumes no CSI driver makes, and there are no snapshots of such volumes`,
        remedy:
          'Give the database a class of a CSI driver, such as by storage: new EbsStorage() (EKS), ' +
          'or the distribution backup: new VeleroBackups()',
      });
    }
    return statefulSet;
  }

  /** The class of the snapshots; made by the first backup of the cluster, shared by the others. */
  private className(scope: Construct): string | undefined {
    const { volumeSnapshotClassName, driver, parameters } = this.props;
    if (driver === undefined) return volumeSnapshotClassName;
    if (!hasClusterResource(scope, 'VolumeSnapshotClass', CLASS_NAME)) {
      new Resource(
        Chart.of(scope),
        'VolumeSnapshotClass',
        VolumeSnapshotClass.manifest({
          metadata: { name: CLASS_NAME, labels: MANAGED_BY },
          driver,
          deletionPolicy: DeletionPolicy.DELETE,
          parameters,
        }),
      );
    }
    return CLASS_NAME;
  }
}

/** RBAC cannot limit this to one database's: `create` to a name, the others to a label. */
const RULE: k8s.PolicyRule = {
  apiGroups: ['snapshot.storage.k8s.io'],
  resources: ['volumesnapshots'],
  verbs: ['create', 'delete', 'get', 'list'],
};

interface SnapshotJob extends BackupRequest {
  readonly statefulSet: IResource;
  readonly jobName: string;
  readonly readyTimeout: Duration;
  readonly className?: string;
  readonly runtime: HashedConfigMap[];
}

function cronJobSpec(scope: Construct, job: SnapshotJob): any {
  return backupCronJobSpec({
    schedule: job.schedule,
    timeZone: job.timeZone,
    deadline: Duration.seconds(job.readyTimeout.toSeconds() + MARGIN.toSeconds()),
    template: pythonPodTemplate(scope, {
      selector: job.selector,
      python: job.python,
      name: 'snapshot-volume',
      command: snapshotCommand(job),
      serviceAccountName: job.jobName,
      runtime: job.runtime,
      restartPolicy: 'Never',
    }),
  });
}

function snapshotCommand(job: SnapshotJob): string[] {
  const { name, labels, retention = DEFAULT_RETENTION, statefulSet, readyTimeout, className } = job;
  return runtimeCommand(
    'snapshot_volume',
    // As a StatefulSet names the claim of its first pod.
    `${claimOf(statefulSet).metadata.name}-${statefulSet.name}-0`,
    `--name=${name}`,
    `--keep-hours=${retention.toHours()}`,
    `--timeout=${readyTimeout.toSeconds()}`,
    ...(className ? [`--class=${className}`] : []),
    ...Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`),
  );
}

function claimOf(statefulSet: IResource): any {
  return statefulSet.toJson().spec.volumeClaimTemplates[0];
}
