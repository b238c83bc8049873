export { type DatabaseConnections, type IDatabaseClient } from '../django-app/database';
export { type Demand } from '../kubernetes/errors';
export { type FoundProblem } from '../kubernetes/problems';
export { type AllowedTraffic } from '../kubernetes/traffic';
export { type IAdmission, type IAdmissionRule } from '../platform/admission';
export {
  type AutoscaleRequest,
  type IAutoscaling,
  type RecommendationRequest,
  type ScalingQuery,
  type ScalingQueue,
} from '../platform/autoscaling';
export {
  type BackupRequest,
  type DumpVolume,
  type IBackedUpDatabase,
  type IBackup,
} from '../platform/backup';
export { type BuildRequest, type BuiltImage, type IBuilds } from '../platform/builds';
export {
  type Dashboard,
  type DashboardPanel,
  type DashboardRequest,
  type DashboardSection,
  type IDashboards,
  type IDashboardSource,
  PanelForm,
  type PanelQuery,
  PanelUnit,
} from '../platform/dashboards';
export { type DatabaseConnector } from '../platform/database-connector';
export { type EgressNamesRequest, type IEgressNames, type NamedTraffic } from '../platform/egress-names';
export { IdentityCloud, type IIdentity, type WorkloadIdentity } from '../platform/identity';
export { type IImages, type PullAccess } from '../platform/images';
export { type ILogging } from '../platform/logging';
export {
  type IPublicPage,
  type ISyntheticChecks,
  type SyntheticCheckRequest,
} from '../platform/synthetic-checks';
export { type IMonitoring, type ScrapeRequest } from '../platform/monitoring';
export {
  type AlertingRule,
  type IRuleSource,
  type RecordingRule,
  type RuleGroup,
  type RulesRequest,
} from '../platform/rules';
export { type IManagedPostgres, type ManagedPostgresRequest } from '../platform/managed-postgres';
export { type IMeasuredServer } from '../platform/measured-server';
export { type INetwork } from '../platform/network';
export { type IObjectStorage, type MediaBackend } from '../platform/object-storage';
export {
  type DatabaseConnection,
  type DatabaseIdentity,
  type DatabaseLogin,
  type DatabaseRequest,
  type IPostgres,
  type ManagedDatabase,
} from '../platform/postgres';
export { type IPythonImage } from '../platform/python-image';
export {
  type CanaryRequest,
  type IRouting,
  type Maintenance,
  type MissingFeature,
  type RedirectTarget,
  RouteFeature,
  type RouteOptions,
  type RouteRequest,
  UrlScheme,
} from '../platform/routing';
export { type IScheduling } from '../platform/scheduling';
export { type ISecrets, type SecretRequest } from '../platform/secrets';
export { type ISecurity, type PodUser } from '../platform/security';
export { type IStorage } from '../platform/storage';
export { type IValkey, type ManagedValkeyServer, type ValkeyRequest } from '../platform/valkey';
export { type ApplicationConnection } from '../postgres-backend/connection';
