import { IAdmission } from './admission';
import { IAutoscaling } from './autoscaling';
import { IBackup } from './backup';
import { BackupBucket } from './backup-bucket';
import { IBuilds } from './builds';
import { IDashboards } from './dashboards';
import { IIdentity } from './identity';
import { IImages } from './images';
import { ILogging } from './logging';
import { IManagedPostgres } from './managed-postgres';
import { IMonitoring } from './monitoring';
import { IPostgres } from './postgres';
import { IRouting } from './routing';
import { IScheduling } from './scheduling';
import { ISecrets } from './secrets';
import { ISecurity } from './security';
import { IObjectStorage } from './object-storage';
import { IValkey } from './valkey';
import { INetwork } from './network';
import { IStorage } from './storage';

/** What a distribution may have, and what a program may give it. Not exported: jsii gives its members to both. */
interface OptionalCapabilities {
  /**
   * How pods come by an identity of the platform.
   *
   * @default - the distribution's own; pods of one without it have none
   */
  readonly identity?: IIdentity;

  /**
   * The platform's secret store.
   *
   * @default - the distribution's own, with the facts that it needs; without it a StoredSecret throws
   */
  readonly secrets?: ISecrets;

  /**
   * Where uploaded files are kept that are in a bucket.
   *
   * @default - the distribution's own, with the facts that it needs; without it `mediaBucket` throws
   */
  readonly objectStorage?: IObjectStorage;

  /**
   * Who runs PostgreSQL: CloudSqlPostgres, RdsPostgres, AzurePostgres or CloudNativePostgres.
   *
   * @default - PostgresBackend makes a server in the cluster
   */
  readonly postgres?: IPostgres;

  /**
   * The operator in the cluster that makes PostgreSQL servers of the cloud for ManagedPostgres: AckPostgres,
   * ConfigConnectorPostgres or AzureServiceOperatorPostgres.
   *
   * @default - none: a ManagedPostgres throws
   */
  readonly managedPostgres?: IManagedPostgres;

  /**
   * Who runs Redis or Valkey: PlatformValkey for Memorystore, ElastiCache, MemoryDB or Azure Managed Redis.
   *
   * @default - ValkeyBackend makes a server in the cluster
   */
  readonly valkey?: IValkey;

  /**
   * What builds images in the cluster: OpenShiftBuilds or ShipwrightBuilds.
   *
   * @default - the distribution's own: OpenShiftBuilds on OpenShift, nothing elsewhere, where an ImageBuild throws
   */
  readonly builds?: IBuilds;

  /**
   * Where dashboards are shown: SidecarDashboards, GrafanaOperatorDashboards, OpenShiftConsoleDashboards or
   * GoogleCloudDashboards.
   *
   * @default - the distribution's own: GoogleCloudDashboards on GKE, OpenShiftConsoleDashboards on OpenShift,
   * SidecarDashboards elsewhere. Without it `dashboard` of HealthMonitoring throws
   */
  readonly dashboards?: IDashboards;

  /**
   * What makes backups of databases in the cluster: VolumeSnapshotBackups, VeleroBackups or CloudNativePostgresBackups.
   *
   * @default - the distribution's own: VeleroBackups on upstream, VolumeSnapshotBackups elsewhere. Without it a
   * DatabaseBackup throws
   */
  readonly backup?: IBackup;

  /**
   * A bucket that the archive of each PostgresBackend in the cluster is copied to, within a minute or two (`archive`). It
   * is for the day on which the volume of the archive is lost, too. Pods reach it with the keys that you give, or as the
   * identity of the ServiceAccount with the name of the server. `restore` fetches from there what the volume does not
   * have.
   *
   * @default - archives are on their volumes alone
   */
  readonly archiveBucket?: BackupBucket;

  /**
   * What the platform demands of manifests, checked at synth: another list than the distribution's own, such as
   * `new OpenShiftAdmission().without('fixed-user')`.
   *
   * @default - the distribution's own; of one without it nothing is checked
   */
  readonly admission?: IAdmission;

  /**
   * How the nodes are known that pods ask for: GkeScheduling, EksScheduling, KarpenterScheduling, AksScheduling or
   * NodeLabelScheduling with the cluster's own labels.
   *
   * @default - the distribution's own; on OpenShift and upstream the labels of Kubernetes itself, for architecture and
   * zones: `spot` and `nodePool` throw
   */
  readonly scheduling?: IScheduling;

  /**
   * What lets the cluster pull images of the platform's own registry.
   *
   * @default - the distribution's own; nothing on upstream, where images are public or pulled with `imagePullSecrets`
   */
  readonly images?: IImages;

  /**
   * Name of a PriorityClass that the cluster has, for the pods for which others wait: migrations and Jobs that fill
   * Secrets. No PriorityClass is made then. An empty name, as in a pod, is the cluster's default; on a full cluster,
   * these pods may then never get a place.
   *
   * @default - each namespace gets one of its own, which needs the right to create PriorityClasses in the cluster
   */
  readonly firstPriorityClassName?: string;
}

/** What a Kubernetes distribution can do, as a table of capabilities. All that differs between platforms is in it. */
export interface IDistribution extends OptionalCapabilities {
  /** Name of the distribution: a DNS label, and the folder that its manifests go to. */
  readonly name: string;

  /**
   * The oldest Kubernetes version that the manifests are for, 1.30 or newer: `1.34`. What a newer one is needed for is
   * an error; nothing else in the manifests depends on it.
   */
  readonly kubernetesVersion: string;

  /** How the public reaches a Service. */
  readonly routing: IRouting;

  /** Which security contexts pods get. */
  readonly security: ISecurity;

  /** What network policies have to allow. */
  readonly network: INetwork;

  /** Which StorageClasses there are. */
  readonly storage: IStorage;

  /** How metrics are collected. */
  readonly monitoring: IMonitoring;

  /** What the log collector expects. */
  readonly logging: ILogging;

  /** How workloads are scaled. */
  readonly autoscaling: IAutoscaling;
}

/** What every distribution can be given: another name, another version, other capabilities. */
export interface DistributionProps extends OptionalCapabilities {
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
}
