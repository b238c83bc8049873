export { DatabaseBackup, type DatabaseBackupProps } from './database-backup/database-backup';
export { Distribution } from './distributions/distribution';
export { Synthesis } from './distributions/synthesis';
export { type ProgramProblem, SynthesisError } from './distributions/synthesis-error';
export { type SynthesisOptions, synthesize } from './distributions/synthesize';
export {
  type DnsConfigurationProps,
  type HostAliasProps,
  type SidecarHealthCheck,
  type SidecarProps,
  TaintEffect,
  type TolerationProps,
  type VolumeProps,
} from './django-app/addition-props';
export { type IDjangoApp } from './django-app/application';
export { type BackgroundProcess } from './django-app/background-processes';
export { type IRedisServer, type RedisDatabase } from './django-app/cache-props';
export { type CeleryBeatProps, type CeleryOptions, type CeleryWorkerProps } from './django-app/celery-props';
export {
  type CommandProps,
  ConcurrencyPolicy,
  type ScheduledCommandProps,
  type SuperuserProps,
} from './django-app/commands';
export { ConnectionPart } from './django-app/connection-parts';
export { type IDatabase } from './django-app/database';
export { DjangoApp } from './django-app/django-app';
export {
  AsgiServer,
  WsgiServer,
  type DjangoAppProps,
  LogFormat,
  type SettingsOverlay,
} from './django-app/django-app-props';
export { type MediaVolume, VolumeAccessMode } from './django-app/media';
export { PodKind, type PodSelection } from './django-app/pod-kinds';
export { type Probe, type Probes } from './django-app/probes';
export {
  ProcessPlacement,
  type ProcessProbe,
  type ProcessProps,
  type ProcessScaling,
  StopSignal,
} from './django-app/process-props';
export { type CeleryWorkerScaling, type ReplicaScaling, type Scaling } from './django-app/scaling';
export { type TaskWorkerProps, type TaskWorkerScaling } from './django-app/task-props';
export { type TaskWorker } from './django-app/task-workers';
export { VolumeSource } from './django-app/volume-source';
export { type CeleryWorker } from './django-app/workers';
export {
  HealthMonitoring,
  type HealthMonitoringProps,
  type Metrics,
} from './health-monitoring/health-monitoring';
export { type AlertProps, type RecordingRuleProps } from './health-monitoring/own-rules';
export { type LatencyObjective, type ServiceLevel } from './health-monitoring/service-level';
export { ImageBuild, type ImageBuildProps } from './image-build/image-build';
export { ImagePolicy, type ImagePolicyProps } from './image-policy/image-policy';
export { type EnvironmentVariable } from './kubernetes/environment';
export { InvalidInputError, type Problem } from './kubernetes/errors';
export { type Selector } from './kubernetes/labels';
export { type INamedResource } from './kubernetes/named-resource';
export { type NetworkPeer } from './kubernetes/peers';
export { Problems } from './kubernetes/problems';
export { type IResource, Resource } from './kubernetes/resource';
export { type ContainerResources } from './kubernetes/resources';
export { type SecretValue } from './kubernetes/secret-values';
export { type NetworkPort, NetworkProtocol, type Traffic } from './kubernetes/traffic';
export { type BreakGlassAccess } from './least-privilege-access/break-glass';
export {
  LeastPrivilegeAccess,
  type LeastPrivilegeAccessProps,
} from './least-privilege-access/least-privilege-access';
export { type ScalingSchedule } from './platform/autoscaling';
export { type GitSource } from './platform/builds';
export { type IDistribution } from './platform/distribution';
export { type MediaBucket } from './platform/object-storage';
export { SslMode } from './platform/postgres';
export { type IProgram } from './platform/program';
export { AlertSeverity } from './platform/rules';
export { Architecture, type Placement, type Scheduling } from './platform/scheduling';
export { type StoredValue } from './platform/secrets';
export { type ConnectionOptions } from './postgres-backend/connection';
export {
  type ExistingPostgresProps,
  type PostgresHostProps,
  type PostgresUrlProps,
} from './postgres-backend/existing';
export { PostgresBackend } from './postgres-backend/postgres-backend';
export { type PostgresBackendProps } from './postgres-backend/postgres-backend-props';
export { type Canary } from './public-route/canary';
export { PublicRoute, type PublicRouteProps } from './public-route/public-route';
export { ExistingSecret, type ExistingSecretProps } from './secrets/existing-secret';
export { GeneratedSecret, GeneratedSecretKind, type GeneratedSecretProps } from './secrets/generated-secret';
export { StoredSecret, type StoredSecretProps } from './secrets/stored-secret';
export { ValkeyBackend, type ValkeyBackendProps } from './valkey-backend/valkey-backend';
