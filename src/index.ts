export * from './django-app/django-app';
export { type Cache } from './django-app/cache';
export { type CommandProps, type ScheduledCommandProps, type SuperuserProps } from './django-app/commands';
export { type DjangoAppProps, type Scaling, type SettingsOverlay } from './django-app/django-app-props';
export { type IDatabase, type IDatabaseClient } from './django-app/database';
export { type MediaVolume } from './django-app/media';
export { type Probe, type Probes } from './django-app/probes';

export { type ConnectionOptions } from './postgres-backend/connection';
export { PostgresBackend, type PostgresBackendProps } from './postgres-backend/postgres-backend';
export {
  type ExistingServerProps,
  type PostgresHostProps,
  type PostgresUrlProps,
} from './postgres-backend/existing';

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

export { Distribution, type IDistribution } from './distributions/distribution';
export { type DistributionProps } from './distributions/props';
export { synthesize } from './distributions/synthesize';
export { GkeDistribution, type GkeProps } from './distributions/gke';
export { EksDistribution, type EksProps } from './distributions/eks';
export { AksDistribution, type AksProps } from './distributions/aks';
export { OpenShiftDistribution, type OpenShiftProps } from './distributions/openshift';
export { UpstreamDistribution, type UpstreamProps } from './distributions/upstream';

export { type IRouting, type RouteRequest } from './capabilities/routing/routing';
export { type AksGatewayProps, AksGatewayRouting } from './capabilities/routing/aks-gateway';
export { type AlbIngressProps, AlbIngressRouting } from './capabilities/routing/alb-ingress';
export { type GkeGatewayProps, GkeGatewayRouting } from './capabilities/routing/gke-gateway';
export { OpenShiftRouteRouting } from './capabilities/routing/openshift-route';
export { type UpstreamGatewayProps, UpstreamGatewayRouting } from './capabilities/routing/upstream-gateway';
export {
  type ISecurity,
  NamespaceRangeSecurity,
  type PodUser,
  RestrictedSecurity,
} from './capabilities/security/security';
export {
  ClusterNetwork,
  type ClusterNetworkProps,
  type INetwork,
  type NetworkPort,
} from './capabilities/network/network';
export { type IStorage, StorageClasses } from './capabilities/storage/storage';
export {
  CloudLogging,
  type CloudLoggingProps,
  type ILogging,
  JsonLogging,
} from './capabilities/logging/logging';
export { type IMonitoring, type ScrapeRequest } from './capabilities/monitoring/monitoring';
export { PodMonitoringMonitoring } from './capabilities/monitoring/pod-monitoring';
export {
  AzureServiceMonitorMonitoring,
  ServiceMonitorMonitoring,
  type ServiceMonitorProps,
} from './capabilities/monitoring/service-monitor';
export {
  GeneratedSecret,
  type GeneratedSecretProps,
  type IPythonImage,
} from './capabilities/secrets/generated-secret';
export { ExistingSecret, type ExistingSecretProps, type SecretValue } from './capabilities/secrets/secret';

export { type EnvironmentVariable } from './kubernetes/environment';
export { InvalidInputError, type Problem } from './kubernetes/errors';
export { type Selector } from './kubernetes/labels';
export { type Traffic } from './kubernetes/network-policies';
export { type NetworkPeer } from './kubernetes/peers';
export { Resource } from './kubernetes/resource';
export { type ContainerResources } from './kubernetes/resources';
