export { type IDjangoApp } from './django-app/application';
export { DjangoApp } from './django-app/django-app';
export {
  type DnsConfigurationProps,
  type HostAliasProps,
  type SidecarHealthCheck,
  type SidecarProps,
  TaintEffect,
  type TolerationProps,
  type VolumeProps,
} from './django-app/addition-props';
export { PodKind, type PodSelection } from './django-app/pod-kinds';
export { VolumeSource } from './django-app/volume-source';
export {
  type CommandProps,
  ConcurrencyPolicy,
  type ScheduledCommandProps,
  type SuperuserProps,
} from './django-app/commands';
export {
  AsgiServer,
  type DjangoAppProps,
  LogFormat,
  type SettingsOverlay,
} from './django-app/django-app-props';
export {
  type DatabaseConnection,
  type DatabaseConnections,
  type IDatabase,
  type IDatabaseClient,
} from './django-app/database';
export { type MediaVolume, VolumeAccessMode } from './django-app/media';
export { type Probe, type Probes } from './django-app/probes';
export { type CeleryWorkerScaling, type ReplicaScaling, type Scaling } from './django-app/scaling';
export { type CeleryWorker } from './django-app/workers';

export { type ApplicationConnection, type ConnectionOptions } from './postgres-backend/connection';
export { PostgresBackend } from './postgres-backend/postgres-backend';
export { type PostgresBackendProps } from './postgres-backend/postgres-backend-props';
export {
  type ExistingPostgresProps,
  type PostgresHostProps,
  type PostgresUrlProps,
} from './postgres-backend/existing';

export { ValkeyBackend, type ValkeyBackendProps } from './valkey-backend/valkey-backend';

export { DatabaseBackup, type DatabaseBackupProps } from './database-backup/database-backup';

export { ImageBuild, type ImageBuildProps } from './image-build/image-build';

export { type Canary } from './public-route/canary';
export { PublicRoute, type PublicRouteProps } from './public-route/public-route';
export {
  HealthMonitoring,
  type HealthMonitoringProps,
  type Metrics,
} from './health-monitoring/health-monitoring';
export {
  LeastPrivilegeAccess,
  type LeastPrivilegeAccessProps,
} from './least-privilege-access/least-privilege-access';

export { Distribution } from './distributions/distribution';

export { Synthesis } from './distributions/synthesis';
export { type ProgramProblem, SynthesisError } from './distributions/synthesis-error';
export { synthesize } from './distributions/synthesize';
export { type IProgram } from './platform/program';
export { type GkeDistributionProps } from './distributions/gke';
export { type EksDistributionProps } from './distributions/eks';
export { type AksDistributionProps } from './distributions/aks';
export { type OpenShiftDistributionProps } from './distributions/openshift';
export { type UpstreamDistributionProps } from './distributions/upstream';

export { AdmissionRules } from './capabilities/admission/admission-rules';
export { type IAdmission, type IAdmissionRule } from './platform/admission';
export {
  AksAutomaticAdmission,
  EksAutoModeAdmission,
  GkeAutopilotAdmission,
  OpenShiftAdmission,
} from './capabilities/admission/platforms';
export {
  type CanaryRequest,
  type IRouting,
  type Maintenance,
  type MissingFeature,
  type RedirectTarget,
  RouteFeature,
  type RouteOptions,
  type RouteRequest,
  type RoutingProps,
  UrlScheme,
} from './platform/routing';
export {
  AksApplicationGatewayRouting,
  type AksApplicationGatewayRoutingProps,
  type ApplicationGatewayFrontend,
  type ApplicationLoadBalancerReference,
} from './capabilities/routing/aks-application-gateway';
export { AksGatewayRouting, type AksGatewayRoutingProps } from './capabilities/routing/aks-gateway';
export { AlbIngressRouting, type AlbIngressRoutingProps } from './capabilities/routing/alb-ingress';
export { ContourRouting, type ContourRoutingProps } from './capabilities/routing/contour';
export { EksAutoModeRouting, type EksAutoModeRoutingProps } from './capabilities/routing/eks-auto-mode';
export { EksGatewayRouting, type EksGatewayRoutingProps } from './capabilities/routing/eks-gateway';
export { GkeGatewayRouting, type GkeGatewayRoutingProps } from './capabilities/routing/gke-gateway';
export { GkeIngressRouting, type GkeIngressRoutingProps } from './capabilities/routing/gke-ingress';
export { IngressRouting, type IngressRoutingProps } from './capabilities/routing/ingress';
export {
  OpenShiftGatewayRouting,
  type OpenShiftGatewayRoutingProps,
} from './capabilities/routing/openshift-gateway';
export { OpenShiftRouteRouting } from './capabilities/routing/openshift-route';
export { type SharedGateway } from './capabilities/routing/shared-gateway';
export {
  UpstreamGatewayRouting,
  type UpstreamGatewayRoutingProps,
} from './capabilities/routing/upstream-gateway';
export { NamespaceRangeSecurity, RestrictedSecurity } from './capabilities/security/security';
export { type ISecurity, type PodUser } from './platform/security';
export { ClusterNetwork, type ClusterNetworkProps } from './capabilities/network/network';
export { StorageClasses } from './capabilities/storage/storage';
export { EbsStorage, type EbsStorageProps, ReclaimPolicy } from './capabilities/storage/ebs-storage';
export { CloudLogging, type CloudLoggingProps, JsonLogging } from './capabilities/logging/logging';
export { type ILogging } from './platform/logging';
export { type IImages, type PullAccess } from './platform/images';
export {
  ArtifactRegistry,
  AzureContainerRegistry,
  ElasticContainerRegistry,
} from './capabilities/images/cloud-registries';
export { OpenShiftRegistry } from './capabilities/images/openshift-registry';
export { Architecture, type IScheduling, type Placement, type Scheduling } from './platform/scheduling';
export { NodeLabelScheduling, type NodeLabelSchedulingProps } from './platform/node-labels';
export {
  AksScheduling,
  EksScheduling,
  GkeScheduling,
  KarpenterScheduling,
} from './capabilities/scheduling/platforms';
export { type IMonitoring, type ScrapeRequest } from './platform/monitoring';
export { GoogleManagedPrometheus } from './capabilities/monitoring/pod-monitoring';
export {
  AzureManagedPrometheus,
  PrometheusOperator,
  type PrometheusOperatorProps,
} from './capabilities/monitoring/service-monitor';
export { GeneratedSecret, GeneratedSecretKind, type GeneratedSecretProps } from './secrets/generated-secret';
export { ExistingSecret, type ExistingSecretProps } from './secrets/existing-secret';

export { StoredSecret, type StoredSecretProps } from './secrets/stored-secret';
export { type ISecrets, type SecretRequest, type StoredValue } from './platform/secrets';
export { AwsSecretsManager, type AwsSecretsManagerProps } from './capabilities/secrets/aws-secrets-manager';
export {
  AwsSecretsManagerCsi,
  type AwsSecretsManagerCsiProps,
} from './capabilities/secrets/aws-secrets-manager-csi';
export { AzureKeyVault, type AzureKeyVaultProps } from './capabilities/secrets/azure-key-vault';
export { AzureKeyVaultCsi, type AzureKeyVaultCsiProps } from './capabilities/secrets/azure-key-vault-csi';
export {
  ExistingSecretStore,
  type ExistingSecretStoreProps,
} from './capabilities/secrets/existing-secret-store';
export {
  GoogleSecretManager,
  type GoogleSecretManagerProps,
} from './capabilities/secrets/google-secret-manager';
export { type IIdentity, type WorkloadIdentity } from './platform/identity';
export { AnnotatedIdentity, type AnnotatedIdentityProps } from './capabilities/identity/annotated-identity';
export { AwsIdentity, type AwsIdentityProps } from './capabilities/identity/aws-identity';
export { AzureIdentity, type AzureIdentityProps } from './capabilities/identity/azure-identity';
export { GoogleIdentity, type GoogleIdentityProps } from './capabilities/identity/google-identity';

export { type IObjectStorage, type MediaBackend, type MediaBucket } from './platform/object-storage';
export { AzureBlobStorage, type AzureBlobStorageProps } from './capabilities/storage/azure-blob-storage';
export { GoogleCloudStorage } from './capabilities/storage/google-cloud-storage';
export { type S3Keys, S3Storage, type S3StorageProps } from './capabilities/storage/s3-storage';

export { type DatabaseRequest, type IPostgres, type ManagedDatabase, SslMode } from './platform/postgres';
export { AzurePostgres, type AzurePostgresProps } from './capabilities/postgres/azure-postgres';
export {
  CloudNativePostgres,
  type CloudNativePostgresProps,
} from './capabilities/postgres/cloud-native-postgres';
export {
  type CloudSqlInstance,
  CloudSqlPostgres,
  type CloudSqlPostgresProps,
} from './capabilities/postgres/cloud-sql-postgres';
export { RdsPostgres, type RdsPostgresProps } from './capabilities/postgres/rds-postgres';
export { type PostgresServer, type PostgresServersProps } from './capabilities/postgres/verified-server';

export { type IValkey, type ManagedValkeyServer, type ValkeyRequest } from './platform/valkey';

export { type BuildRequest, type BuiltImage, type GitSource, type IBuilds } from './platform/builds';
export { OpenShiftBuilds } from './capabilities/builds/openshift-builds';
export { ShipwrightBuilds, type ShipwrightBuildsProps } from './capabilities/builds/shipwright-builds';

export {
  type AutoscaleRequest,
  type IAutoscaling,
  type RecommendationRequest,
  type ScalingQueue,
  type ScalingSchedule,
} from './platform/autoscaling';
export {
  HorizontalPodAutoscalers,
  type HorizontalPodAutoscalersProps,
} from './capabilities/autoscaling/horizontal-pod-autoscalers';
export { KedaAutoscaling, type KedaAutoscalingProps } from './capabilities/autoscaling/keda-autoscaling';
export {
  type KedaPrometheus,
  PrometheusAuthMode,
  TriggerAuthenticationKind,
} from './capabilities/autoscaling/keda-prometheus';

export { type BackupRequest, type IBackedUpDatabase, type IBackup } from './platform/backup';
export {
  CloudNativePostgresBackups,
  type CloudNativePostgresBackupsProps,
} from './capabilities/backup/cloud-native-postgres-backups';
export { VeleroBackups, type VeleroBackupsProps } from './capabilities/backup/velero-backups';
export {
  VolumeSnapshotBackups,
  type VolumeSnapshotBackupsProps,
} from './capabilities/backup/volume-snapshot-backups';

export { ArgoCdAnnotations } from './gitops/argo-cd';
export { FluxAnnotations } from './gitops/flux';

export { type EnvironmentVariable } from './kubernetes/environment';
export { type Demand, InvalidInputError, type Problem } from './kubernetes/errors';
export { type Selector } from './kubernetes/labels';
export { type INamedResource } from './kubernetes/named-resource';
export { type NetworkPeer } from './kubernetes/peers';
export { type IResource, Resource } from './kubernetes/resource';
export { type FoundProblem, Problems } from './kubernetes/problems';
export { type ContainerResources } from './kubernetes/resources';
export { type AllowedTraffic, type NetworkPort, NetworkProtocol, type Traffic } from './kubernetes/traffic';
export { type INetwork } from './platform/network';
export { type SecretValue } from './kubernetes/secret-values';
export { type IPythonImage } from './platform/python-image';
export { type IStorage } from './platform/storage';
export {
  PlatformValkey,
  type PlatformValkeyProps,
  type ValkeyServer,
} from './capabilities/valkey/platform-valkey';
export { type DistributionProps, type IDistribution } from './platform/distribution';
export { type IRedisServer, type RedisDatabase } from './django-app/cache-props';
export { type CeleryBeatProps, type CeleryOptions, type CeleryWorkerProps } from './django-app/celery-props';
export { type DatabaseConnector } from './platform/database-connector';
export { LoadBalancerScheme } from './capabilities/routing/alb';
export { SecretStoreKind } from './capabilities/secrets/external-secrets';
