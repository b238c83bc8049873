import { IAdmission } from '../capabilities/admission/admission';
import { IAutoscaling } from '../capabilities/autoscaling/autoscaling';
import { IBackup } from '../capabilities/backup/backup';
import { IBuilds } from '../capabilities/builds/builds';
import { IIdentity } from '../capabilities/identity/identity';
import { IImages } from '../capabilities/images/images';
import { ILogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { INetwork } from '../capabilities/network/network';
import { IPostgres } from '../capabilities/postgres/postgres';
import { IRouting } from '../capabilities/routing/routing';
import { IScheduling } from '../capabilities/scheduling/scheduling';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity } from '../capabilities/security/security';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { IStorage } from '../capabilities/storage/storage';
import { IValkey } from '../capabilities/valkey/valkey';
import { InvalidInputError } from '../kubernetes/errors';
import { minorVersion, OLDEST_MINOR } from '../kubernetes/versions';

/** What every distribution can be given: another name, another version, other capabilities. */
export interface DistributionProps {
  /**
   * Name of the distribution, and of the folder that its manifests go to. Two clusters of one kind need two names.
   *
   * @default - the distribution's own: gke, eks, aks, openshift, upstream
   */
  readonly name?: string;

  /**
   * The oldest Kubernetes version that the manifests are for, 1.30 or newer: `1.34`. What a newer one is needed for is
   * an error; nothing else in the manifests depends on it.
   *
   * @default - the oldest that the vendor supports in standard support
   */
  readonly kubernetesVersion?: string;

  /**
   * How the public reaches a Service.
   *
   * @default - the distribution's own
   */
  readonly routing?: IRouting;

  /**
   * Which security contexts pods get. Jobs cannot be changed and keep their names: before another one is applied,
   * those of the namespace must be deleted.
   *
   * @default - the distribution's own
   */
  readonly security?: ISecurity;

  /**
   * What network policies have to allow.
   *
   * @default - the distribution's own
   */
  readonly network?: INetwork;

  /**
   * Which StorageClasses there are.
   *
   * @default - the distribution's own
   */
  readonly storage?: IStorage;

  /**
   * How metrics are collected.
   *
   * @default - the distribution's own
   */
  readonly monitoring?: IMonitoring;

  /**
   * What the log collector expects.
   *
   * @default - the distribution's own
   */
  readonly logging?: ILogging;

  /**
   * How workloads are scaled: HorizontalPodAutoscalers or KedaAutoscaling.
   *
   * @default - the distribution's own: KedaAutoscaling on AKS Automatic, HorizontalPodAutoscalers elsewhere
   */
  readonly autoscaling?: IAutoscaling;

  /**
   * How pods come by an identity of the platform.
   *
   * @default - the distribution's own
   */
  readonly identity?: IIdentity;

  /**
   * The platform's secret store.
   *
   * @default - the distribution's own, with the facts that it needs
   */
  readonly secrets?: ISecrets;

  /**
   * Where uploaded files are kept that are in a bucket.
   *
   * @default - the distribution's own, with the facts that it needs
   */
  readonly objectStorage?: IObjectStorage;

  /**
   * Who runs PostgreSQL: CloudSqlPostgres, RdsPostgres, AzurePostgres or CloudNativePostgres.
   *
   * @default - PostgresBackend makes a server in the cluster
   */
  readonly postgres?: IPostgres;

  /**
   * Who runs Redis or Valkey: PlatformValkey for Memorystore, ElastiCache, MemoryDB or Azure Managed Redis.
   *
   * @default - ValkeyBackend makes a server in the cluster
   */
  readonly valkey?: IValkey;

  /**
   * What builds images in the cluster: OpenShiftBuilds or ShipwrightBuilds.
   *
   * @default - the distribution's own: OpenShiftBuilds on OpenShift, nothing elsewhere
   */
  readonly builds?: IBuilds;

  /**
   * What makes backups of databases in the cluster: VolumeSnapshotBackups, VeleroBackups or CloudNativePostgresBackups.
   *
   * @default - the distribution's own: VeleroBackups on upstream, VolumeSnapshotBackups elsewhere
   */
  readonly backup?: IBackup;

  /**
   * What the platform demands of manifests, checked at synth: another list than the distribution's own, such as
   * `new OpenShiftAdmission().without('fixed-user')`.
   *
   * @default - the distribution's own
   */
  readonly admission?: IAdmission;

  /**
   * By what nodes are known that pods ask for: GkeScheduling, EksScheduling, KarpenterScheduling, AksScheduling or
   * NodeLabelScheduling with the cluster's own labels.
   *
   * @default - the distribution's own; on OpenShift and upstream the labels of Kubernetes itself
   */
  readonly scheduling?: IScheduling;

  /**
   * What lets the cluster pull images of the platform's own registry.
   *
   * @default - the distribution's own; nothing on upstream
   */
  readonly images?: IImages;
}

/** The name that a distribution goes by. */
export function distributionName(value: string | undefined, own: string): string {
  const name = value ?? own;
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw new InvalidInputError(`Distribution.${own}`, {
      property: 'name',
      value: name,
      reason: 'is not a DNS label',
      remedy: 'Use lower-case letters, digits and "-", at most 63',
    });
  }
  return name;
}

/**
 * The Kubernetes version that a distribution targets. Throws when it is older than what every program needs.
 *
 * @param who - what the error calls the distribution
 */
export function checkVersion(version: string, who: string): string {
  const minor = minorVersion(version);
  if (minor !== undefined && minor >= OLDEST_MINOR) return version;
  throw new InvalidInputError(who, {
    property: 'kubernetesVersion',
    value: version,
    reason: `is not a version from 1.${OLDEST_MINOR} on`,
    remedy: 'Give major and minor version, such as "1.34"',
  });
}
