import { Duration } from 'cdk8s';
import { Distribution, IDistribution, SslMode, StoredValue } from 'cdk8s-django';
import {
  HorizontalPodAutoscalers,
  HorizontalPodAutoscalersProps,
  KedaAutoscaling,
  KedaAutoscalingProps,
  KedaPrometheus,
  PrometheusAuthMode,
  TriggerAuthenticationKind,
} from 'cdk8s-django/autoscaling';
import {
  AnonymizedCopies,
  AnonymizedTable,
  BackupBucket,
  BackupDrill,
  CloudNativeObjectStore,
  CloudNativePostgresBackups,
  CloudNativePostgresBackupsProps,
  CopiesPlace,
  DumpBackups,
  DumpBackupsProps,
  ObjectStoreKeys,
  PreviewCopies,
  VeleroBackups,
  VeleroBackupsProps,
  VolumeSnapshotBackups,
  VolumeSnapshotBackupsProps,
} from 'cdk8s-django/backup';
import { ShipwrightBuilds, ShipwrightBuildsProps } from 'cdk8s-django/builds';
import {
  GrafanaOperatorDashboards,
  GrafanaOperatorDashboardsProps,
  SidecarDashboards,
  SidecarDashboardsProps,
} from 'cdk8s-django/dashboards';
import {
  AksDistributionProps,
  DistributionProps,
  EksDistributionProps,
  GkeDistributionProps,
  OpenShiftDistributionProps,
  UpstreamDistributionProps,
} from 'cdk8s-django/distributions';
import { AnnotatedIdentity, AnnotatedIdentityProps } from 'cdk8s-django/identity';
import {
  ArtifactRegistry,
  AzureContainerRegistry,
  ElasticContainerRegistry,
  OpenShiftRegistry,
} from 'cdk8s-django/images';
import { PrometheusOperator, PrometheusOperatorProps } from 'cdk8s-django/monitoring';
import {
  AksEgressNames,
  CiliumEgressNames,
  ClusterAddressesProps,
  ClusterNetwork,
  ClusterNetworkProps,
  EksAutoModeEgressNames,
  GkeEgressNames,
} from 'cdk8s-django/network';
import {
  AckPostgres,
  AckPostgresProps,
  AckPostgresServer,
  CloudSqlEdition,
  ConfigConnectorPostgres,
  ConfigConnectorPostgresProps,
  ConfigConnectorPostgresServer,
  AzurePostgres,
  AzurePostgresProps,
  AzureServiceOperatorPostgres,
  AzureServiceOperatorPostgresProps,
  AzureServiceOperatorPostgresServer,
  CloudNativeImageCatalog,
  CloudNativePostgres,
  CloudNativePostgresProps,
  CloudNativeRestore,
  CloudSqlInstance,
  CloudSqlPostgres,
  CloudSqlPostgresProps,
  EntraAdministrator,
  EntraPrincipalType,
  PostgresServer,
  PostgresServersProps,
  RdsPostgres,
  RdsPostgresProps,
} from 'cdk8s-django/postgres';
import {
  AksApplicationGatewayRouting,
  AksApplicationGatewayRoutingProps,
  ApplicationGatewayFrontend,
  ApplicationLoadBalancerReference,
  ContourRouting,
  ContourRoutingProps,
  EksAutoModeRouting,
  EksAutoModeRoutingProps,
  EksGatewayRouting,
  EksGatewayRoutingProps,
  GkeIngressRouting,
  GkeIngressRoutingProps,
  IngressRouting,
  IngressRoutingProps,
  LoadBalancerScheme,
  OpenShiftGatewayRouting,
  OpenShiftGatewayRoutingProps,
  RoutingProps,
  SharedGateway,
  IdentityAwareProxyClient,
  OpenIdConnectSignIn,
} from 'cdk8s-django/routing';
import {
  AksScheduling,
  EksScheduling,
  GkeScheduling,
  KarpenterScheduling,
  NodeLabelScheduling,
  NodeLabelSchedulingProps,
} from 'cdk8s-django/scheduling';
import {
  AwsSecretsManagerCsi,
  AwsSecretsManagerCsiProps,
  AzureKeyVaultCsi,
  AzureKeyVaultCsiProps,
  ExistingSecretStore,
  ExistingSecretStoreProps,
  SecretStoreKind,
} from 'cdk8s-django/secrets';
import {
  AppArmorProfile,
  NamespaceRangeSecurity,
  RestrictedSecurity,
  RestrictedSecurityProps,
} from 'cdk8s-django/security';
import {
  EbsStorage,
  EbsStorageProps,
  ReclaimPolicy,
  S3Keys,
  S3Storage,
  S3StorageProps,
  StorageClasses,
} from 'cdk8s-django/storage';
import { PlatformValkey, PlatformValkeyProps, ValkeyServer } from 'cdk8s-django/valkey';
import * as samples from '../support/distributions';

/*
 * Every distribution and every capability with every fact, as `Required` has the compiler see to. Facts that exclude
 * others are those of another platform of the list.
 */

const ID = '00000000-0000-0000-0000-000000000000';
const ARN = `arn:aws:acm:eu-west-1:111122223333:certificate/${ID}`;
const ROUTER = { 'kubernetes.io/metadata.name': 'router' };
const RESOURCES = {
  cpuRequest: '50m',
  cpuLimit: '1',
  memoryRequest: '64Mi',
  memoryLimit: '128Mi',
  ephemeralStorage: '128Mi',
};
const PEERS = [{ cidr: '192.0.2.0/24' }];
const SECURITY: Required<RestrictedSecurityProps> = {
  userNamespaces: true,
  appArmorProfile: AppArmorProfile.localhost('polls'),
};
const SECRET = { secretName: 'keys', key: 'key' };
/** The applications that act as somebody. */
const ACCOUNTS = (identity: string) => ({
  polls: identity,
  shop: identity,
  plain: identity,
  'polls-db': identity,
  'restored-db': identity,
  'secret-store': identity,
});

const GATEWAY: Required<SharedGateway> = {
  name: 'shared',
  namespace: 'infra',
  httpsListener: 'https-example',
  httpListener: 'http-example',
};
const OPENSHIFT_GATEWAY: Required<SharedGateway> = { ...GATEWAY, namespace: 'openshift-ingress' };

/** What every routing takes. */
const ROUTER_TIME: Required<RoutingProps> = { deregistration: Duration.seconds(20) };

/** What every network takes. */
const ADDRESSES: Required<ClusterAddressesProps> = {
  dnsAddresses: ['10.96.0.10/32'],
  apiServerAddresses: ['10.96.0.1/32', 'fd00::1/128'],
  metricsSources: [{ namespaceLabels: { team: 'platform' }, podLabels: { app: 'collector' } }],
  egressNames: new CiliumEgressNames({ lookups: ['*'] }),
};

type Facts<Props> = Required<Omit<Props, keyof DistributionProps | 'gateway'>>;

const OAUTH_CLIENT: Required<IdentityAwareProxyClient> = samples.OAUTH_CLIENT;
const PROVIDER: Required<OpenIdConnectSignIn> = samples.PROVIDER;
const GKE: Facts<GkeDistributionProps> = {
  ...ADDRESSES,
  egressNames: new GkeEgressNames(),
  ...ROUTER_TIME,
  projectId: 'acme',
  autopilot: false,
  gatewayClassName: 'gke-l7-global-external-managed',
  certificateMap: 'polls',
  addressName: 'polls-ip',
  proxyOnlySubnetCidr: '10.129.0.0/23',
  signIn: OAUTH_CLIENT,
  googleServiceAccounts: ACCOUNTS('polls@acme.iam.gserviceaccount.com'),
  metadataServer: [{ peers: [{ cidr: '169.254.169.252/32' }], ports: [{ port: 988 }] }],
};
const EKS: Facts<EksDistributionProps> = {
  ...ADDRESSES,
  egressNames: new EksAutoModeEgressNames(),
  ...ROUTER_TIME,
  region: 'eu-west-1',
  autoMode: false,
  ingressClassName: 'alb',
  certificateArn: ARN,
  loadBalancerCidrs: ['10.0.0.0/20'],
  scheme: LoadBalancerScheme.INTERNAL,
  groupName: 'shared',
  signIn: PROVIDER,
  clusterName: 'production',
  roleArns: ACCOUNTS('arn:aws:iam::111122223333:role/polls'),
};
const AKS: Facts<AksDistributionProps> = {
  ...ADDRESSES,
  egressNames: new AksEgressNames({ lookups: ['api.example.com'] }),
  ...ROUTER_TIME,
  keyVaultUrl: 'https://acme.vault.azure.net',
  tenantId: ID,
  storageAccount: 'acme',
  automatic: false,
  gatewayClassName: 'approuting-istio',
  keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
  certificateClientId: ID,
  clientIds: ACCOUNTS(ID),
};
const OPENSHIFT: Facts<OpenShiftDistributionProps> = { ...ADDRESSES, ...ROUTER_TIME };
const UPSTREAM: Facts<UpstreamDistributionProps> = {
  ...ADDRESSES,
  ...ROUTER_TIME,
  gatewayClassName: 'contour',
  routerNamespaceLabels: ROUTER,
  clusterIssuer: 'letsencrypt',
};

const STORED: Required<StoredValue> = { secret: 'polls-db', property: 'password', version: '3' };
const INSTANCE: Required<Omit<CloudSqlInstance, 'iamUser'>> = {
  connectionName: 'acme:europe-west1:polls',
  password: { secret: STORED.secret, version: STORED.version },
  publicIp: true,
  peers: PEERS,
};
const CLOUD_SQL: Required<CloudSqlPostgresProps> = {
  instances: { 'polls-db': INSTANCE },
  image: 'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.18.2',
  resources: RESOURCES,
};
const MANAGED: Required<Omit<PostgresServer, 'identityUser'>> = {
  host: 'db.example.com',
  replicaHost: 'replica.db.example.com',
  port: 6432,
  password: { secret: STORED.secret },
  peers: PEERS,
};
const BY_IDENTITY = (host: string): Required<Omit<PostgresServer, 'password' | 'replicaHost'>> => ({
  host,
  port: 5432,
  identityUser: 'polls',
  peers: PEERS,
});
const SERVERS: Required<Omit<PostgresServersProps, 'certificates' | 'certificatePath'>> = {
  servers: { 'polls-db': MANAGED },
  sslMode: SslMode.VERIFY_FULL,
};
const RDS: Required<Omit<RdsPostgresProps, 'certificatePath'>> = {
  ...SERVERS,
  certificates: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};
const AZURE: Required<Omit<AzurePostgresProps, 'certificates'>> = {
  ...SERVERS,
  certificatePath: '/certificates/azure.pem',
};
const CATALOG: Required<CloudNativeImageCatalog> = { name: 'postgresql', major: 17, clusterWide: false };
const RESTORE: Required<CloudNativeRestore> = { from: 'live-db', at: '2026-11-20T10:00:00Z' };
const CLOUD_NATIVE: Required<Omit<CloudNativePostgresProps, 'imageCatalog' | 'restores'>> = {
  instances: 3,
  synchronousReplicas: 2,
  image: 'ghcr.io/cloudnative-pg/postgresql:16.9',
  operatorNamespaceLabels: { 'kubernetes.io/metadata.name': 'operators' },
};
const CLOUD_NATIVE_RESTORED: Required<Pick<CloudNativePostgresProps, 'imageCatalog' | 'restores'>> = {
  imageCatalog: CATALOG,
  restores: { 'restored-db': RESTORE },
};

const ACK_SERVER: Required<Omit<AckPostgresServer, 'subnetGroupName'>> = {
  instanceClass: 'db.m7g.large',
  securityGroupIds: ['sg-0123456789abcdef0'],
  subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-18f6e5d4c3b2a1900'],
};
const ACK_IN_A_GROUP: Required<Omit<AckPostgresServer, 'subnetIds'>> = {
  instanceClass: 'db.t4g.micro',
  securityGroupIds: ['sg-0123456789abcdef0'],
  subnetGroupName: 'databases',
};
const ACK: Required<AckPostgresProps> = { servers: { polls: ACK_SERVER, shop: ACK_IN_A_GROUP } };

const CONNECTOR_SERVER: Required<ConfigConnectorPostgresServer> = {
  projectId: 'acme',
  region: 'europe-west1',
  tier: 'db-perf-optimized-N-2',
  edition: CloudSqlEdition.ENTERPRISE_PLUS,
  network: 'projects/acme/global/networks/production',
  iamUser: 'polls@acme.iam',
};
const CONNECTOR: Required<ConfigConnectorPostgresProps> = {
  servers: {
    polls: CONNECTOR_SERVER,
    shop: { ...CONNECTOR_SERVER, tier: 'db-custom-2-7680', edition: undefined },
  },
};

const AZURE_GROUP = `/subscriptions/${ID}/resourceGroups/acme`;
const ADMINISTRATOR: Required<EntraAdministrator> = {
  objectId: ID,
  name: 'administrators',
  type: EntraPrincipalType.GROUP,
};
const OPERATED_SERVER: Required<AzureServiceOperatorPostgresServer> = {
  resourceGroupId: AZURE_GROUP,
  location: 'westeurope',
  sku: 'Standard_D2ds_v5',
  subnetId: `${AZURE_GROUP}/providers/Microsoft.Network/virtualNetworks/production/subnets/postgres`,
  privateDnsZoneId: `${AZURE_GROUP}/providers/Microsoft.Network/privateDnsZones/acme.postgres.database.azure.com`,
  tenantId: ID,
  administrator: ADMINISTRATOR,
};
const OPERATED: Required<AzureServiceOperatorPostgresProps> = {
  servers: { polls: OPERATED_SERVER, shop: OPERATED_SERVER },
};

const QUEUE: Required<ValkeyServer> = {
  host: 'queue.example.com',
  port: 10000,
  tls: true,
  password: { secret: 'polls-queue' },
  certificatePath: '/certificates/queue.pem',
  certificateSecret: { secretName: 'queue-ca', key: 'ca.crt' },
  peers: PEERS,
};
const VALKEY: Required<PlatformValkeyProps> = {
  servers: { 'polls-queue': QUEUE, 'polls-cache': { host: 'cache.example.com', tls: false } },
};
const NODES: Required<NodeLabelSchedulingProps> = {
  spotLabels: { 'example.com/lifecycle': 'spot' },
  spotNotice: Duration.seconds(60),
  nodePoolLabel: 'example.com/pool',
  taintedLabels: ['example.com/lifecycle', 'example.com/pool'],
  doNotDisruptAnnotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
};

const KEYS: Required<S3Keys> = { accessKeyId: SECRET, secretAccessKey: SECRET };
const S3: Required<Omit<S3StorageProps, 'region'>> = {
  endpoint: 'https://s3.example.com',
  keys: KEYS,
};
const EBS: Required<EbsStorageProps> = {
  autoMode: true,
  storageClassName: 'encrypted',
  sharedStorageClassName: 'efs',
  reclaimPolicy: ReclaimPolicy.RETAIN,
};
const STORE: Required<ExistingSecretStoreProps> = {
  name: 'vault',
  kind: SecretStoreKind.CLUSTER_SECRET_STORE,
};
const IDENTITY: Required<AnnotatedIdentityProps> = {
  serviceAccountAnnotations: { polls: { 'acme.example.com/role': 'polls' } },
  podLabels: { 'acme.example.com/identity': 'true' },
  egress: [{ ports: [{ port: 443 }] }],
};
const SHIPWRIGHT: Required<ShipwrightBuildsProps> = {
  repository: 'registry.example.com/acme',
  pushSecretName: 'registry',
  strategy: 'rootless',
};
const VELERO: Required<VeleroBackupsProps> = {
  namespace: 'backups',
  storageLocation: 'offsite',
  moveSnapshotData: true,
  dumpTimeout: Duration.minutes(90),
};
const SNAPSHOTS: Required<Omit<CloudNativePostgresBackupsProps, 'objectStore'>> = {
  volumeSnapshotClassName: 'fast',
};
const OBJECT_STORE_KEYS: Required<ObjectStoreKeys> = { accessKeyId: SECRET, secretAccessKey: SECRET };
const OBJECT_STORE: Required<CloudNativeObjectStore> = {
  destination: 's3://backups/polls',
  endpoint: 'https://s3.example.com',
  keys: OBJECT_STORE_KEYS,
};
const inObjectStore = (destination: string) => ({
  postgres: new CloudNativePostgres(),
  backup: new CloudNativePostgresBackups({ objectStore: { destination } }),
});
const VOLUME_SNAPSHOTS: Required<Omit<VolumeSnapshotBackupsProps, 'volumeSnapshotClassName'>> = {
  driver: 'rbd.csi.ceph.com',
  parameters: { clusterID: 'rook-ceph' },
  inTreeStorageClasses: ['local'],
  readyTimeout: Duration.minutes(90),
};
const DRILL: Required<BackupDrill> = {
  schedule: '0 6 * * 1',
  maxAge: Duration.days(3),
  tolerance: 0.1,
};
const COPIED_USERS: Required<Omit<AnonymizedTable, 'withoutRows'>> = { columns: { email: "'user' || id" } };
const COPIED_SESSIONS: Required<Omit<AnonymizedTable, 'columns'>> = { withoutRows: true };
const COPIES: Required<Omit<AnonymizedCopies, 'claimName'>> = {
  bucket: {
    destination: 's3://copies',
    endpoint: OBJECT_STORE.endpoint,
    keys: OBJECT_STORE_KEYS,
  },
  tables: { auth_user: COPIED_USERS, django_session: COPIED_SESSIONS },
  schedule: '0 5 * * *',
};
const COPIES_BESIDE: Required<Omit<AnonymizedCopies, 'bucket'>> = {
  claimName: 'copies',
  tables: COPIES.tables,
  schedule: '0 5 * * *',
};
const PREVIEW_COPIES: Required<CopiesPlace> = { namespace: 'polls', bucket: COPIES.bucket };
const BUCKET: Required<BackupBucket> = {
  ...OBJECT_STORE,
  region: 'eu-west-1',
  encryptionPassword: SECRET,
  image: 'registry.example.com/rclone:1.71.2',
};
const DUMPS: Required<Omit<DumpBackupsProps, 'claimName'>> = {
  storage: '50Gi',
  storageClassName: 'nfs',
  timeout: Duration.hours(2),
  drill: DRILL,
  copies: COPIES,
  bucket: BUCKET,
};
const SIDECAR_DASHBOARDS: Required<SidecarDashboardsProps> = { labels: { dashboards: 'shown' } };
const OPERATOR_DASHBOARDS: Required<GrafanaOperatorDashboardsProps> = {
  grafanaLabels: { dashboards: 'shown' },
  folder: 'Django',
};
const AUTOSCALERS: Required<HorizontalPodAutoscalersProps> = {
  requestsMetric: 'http_requests',
  verticalPodAutoscaler: true,
};
const PROMETHEUS: Required<KedaPrometheus> = {
  serverAddress: 'https://prometheus.monitoring.svc:9090',
  requestsMetric: 'http_requests_total',
  namespaced: true,
  authModes: [PrometheusAuthMode.BEARER],
  triggerAuthentication: 'prometheus',
  triggerAuthenticationKind: TriggerAuthenticationKind.CLUSTER_TRIGGER_AUTHENTICATION,
};
const KEDA: Required<KedaAutoscalingProps> = {
  namespace: 'openshift-keda',
  prometheus: PROMETHEUS,
  limitsRequired: true,
  verticalPodAutoscaler: true,
};
const KEY_VAULT_CSI: Required<AzureKeyVaultCsiProps> = { keyVaultName: 'acme', tenantId: ID };
const SECRETS_MANAGER_CSI: Required<AwsSecretsManagerCsiProps> = {
  region: 'eu-west-1',
  clusterName: 'production',
};
const NETWORK: Required<ClusterNetworkProps> = {
  monitoringNamespaceLabels: { team: 'sre' },
  dnsPods: { podLabels: { app: 'dns' }, namespaceLabels: { team: 'network' } },
  dnsPodPorts: [53, 1053],
  ...ADDRESSES,
};
const SERVICE_MONITOR: Required<PrometheusOperatorProps> = { labels: { release: 'prometheus' } };

const GKE_INGRESS: Required<GkeIngressRoutingProps> = { ...ROUTER_TIME, staticIpName: 'polls' };
const AUTO_MODE: Required<Omit<EksAutoModeRoutingProps, 'ingressClassName'>> = {
  ...ROUTER_TIME,
  certificateArn: ARN,
  loadBalancerCidrs: ['10.0.0.0/20'],
  scheme: LoadBalancerScheme.INTERNAL,
  groupName: 'shared',
  signIn: PROVIDER,
};
const EKS_GATEWAY: Required<Omit<EksGatewayRoutingProps, 'gateway'>> = {
  ...ROUTER_TIME,
  certificateArn: ARN,
  loadBalancerCidrs: ['10.0.0.0/20'],
  scheme: LoadBalancerScheme.INTERNAL,
  gatewayClassName: 'aws-alb',
  signIn: PROVIDER,
};
type ApplicationGateway = Required<
  Omit<AksApplicationGatewayRoutingProps, 'frontend' | 'loadBalancer' | 'gateway'>
>;
const APPLICATION_GATEWAY: ApplicationGateway = {
  ...ROUTER_TIME,
  gatewayClassName: 'azure-alb-external',
  clusterIssuer: 'letsencrypt',
  subnetCidr: '10.225.0.0/24',
};
const LOAD_BALANCER: Required<ApplicationLoadBalancerReference> = { name: 'alb', namespace: 'infra' };
const FRONTEND: Required<ApplicationGatewayFrontend> = {
  albId: `/subscriptions/${ID}/resourceGroups/acme/providers/Microsoft.ServiceNetworking/trafficControllers/alb`,
  frontend: 'polls',
};
const OPENSHIFT_OWN: Required<Omit<OpenShiftGatewayRoutingProps, 'gateway'>> = {
  ...ROUTER_TIME,
  gatewayClassName: 'openshift-default',
  certificateSecretName: 'wildcard-tls',
};
const CONTOUR: Required<ContourRoutingProps> = {
  ...ROUTER_TIME,
  ingressClassName: 'contour',
  clusterIssuer: 'letsencrypt',
  routerNamespaceLabels: ROUTER,
};
const INGRESS: Required<IngressRoutingProps> = {
  ...ROUTER_TIME,
  ingressClassName: 'nginx',
  annotations: { 'nginx.ingress.kubernetes.io/ssl-redirect': 'true' },
  timeoutAnnotations: ['nginx.ingress.kubernetes.io/proxy-read-timeout'],
  requestBodySizeAnnotations: ['nginx.ingress.kubernetes.io/proxy-body-size'],
  sessionAffinityAnnotations: { 'nginx.ingress.kubernetes.io/affinity': 'cookie' },
  signInAnnotations: { 'nginx.ingress.kubernetes.io/auth-url': 'https://login.example.com/oauth2/auth' },
  sessionAffinityServiceAnnotations: { 'traefik.ingress.kubernetes.io/service.sticky.cookie': 'true' },
  clusterIssuer: 'letsencrypt',
  idleTimeout: Duration.minutes(2),
  routerNamespaceLabels: ROUTER,
};

/** What OpenShift and upstream have of nobody but the cluster's owner. */
const own = () => ({
  secrets: new ExistingSecretStore(STORE),
  identity: new AnnotatedIdentity(IDENTITY),
  objectStorage: new S3Storage(S3),
});

/** The five distributions, and what they can be given instead. */
export const PLATFORMS: Record<string, IDistribution> = {
  gke: Distribution.gke({ ...GKE, backup: new VeleroBackups(VELERO) }),
  'gke, Cloud SQL': Distribution.gke({
    ...GKE,
    postgres: new CloudSqlPostgres(CLOUD_SQL),
    managedPostgres: new ConfigConnectorPostgres(CONNECTOR),
    valkey: new PlatformValkey(VALKEY),
  }),
  'gke, CloudNativePG': Distribution.gke({ ...GKE, ...inObjectStore('gs://backups/polls') }),
  'gke, Cloud SQL by an IAM user': Distribution.gke({
    ...GKE,
    postgres: new CloudSqlPostgres({
      instances: { 'polls-db': { connectionName: 'acme:europe-west1:polls', iamUser: 'polls@acme.iam' } },
    }),
  }),
  'gke, a shared Gateway': Distribution.gke({
    ...GKE,
    gatewayClassName: 'gke-l7-regional-external-managed',
    certificateMap: undefined,
    addressName: undefined,
    gateway: GATEWAY,
  }),
  'gke, Ingress': Distribution.gke({
    ...GKE,
    routing: new GkeIngressRouting(GKE_INGRESS),
    scheduling: new GkeScheduling(NODES),
  }),
  eks: Distribution.eks({ ...EKS, builds: new ShipwrightBuilds(SHIPWRIGHT) }),
  'eks, RDS by IAM': Distribution.eks({
    ...EKS,
    postgres: new RdsPostgres({
      servers: { 'polls-db': BY_IDENTITY('polls.abcdefghijkl.eu-west-1.rds.amazonaws.com') },
      certificatePath: '/certificates/rds.pem',
    }),
  }),
  'eks, RDS': Distribution.eks({
    ...EKS,
    postgres: new RdsPostgres(RDS),
    managedPostgres: new AckPostgres(ACK),
    valkey: new PlatformValkey(VALKEY),
  }),
  'eks, CloudNativePG': Distribution.eks({ ...EKS, ...inObjectStore('s3://backups/polls') }),
  'eks, Auto Mode': Distribution.eks({
    ...EKS,
    autoMode: true,
    routing: new EksAutoModeRouting(AUTO_MODE),
    storage: new EbsStorage(EBS),
  }),
  'eks, Gateway': Distribution.eks({
    ...EKS,
    routing: new EksGatewayRouting(EKS_GATEWAY),
    scheduling: new EksScheduling(NODES),
  }),
  'eks, a shared Gateway': Distribution.eks({
    ...EKS,
    routing: new EksGatewayRouting({
      loadBalancerCidrs: ['10.0.0.0/20'],
      gateway: GATEWAY,
      signIn: PROVIDER,
    }),
  }),
  'eks, Secrets Store CSI driver, EBS volumes, custom metrics and the VerticalPodAutoscaler':
    Distribution.eks({
      ...EKS,
      secrets: new AwsSecretsManagerCsi(SECRETS_MANAGER_CSI),
      storage: new EbsStorage(),
      autoscaling: new HorizontalPodAutoscalers(AUTOSCALERS),
    }),
  aks: Distribution.aks(AKS),
  'aks, Secrets Store CSI driver': Distribution.aks({ ...AKS, secrets: new AzureKeyVaultCsi(KEY_VAULT_CSI) }),
  'aks, Azure Database': Distribution.aks({
    ...AKS,
    postgres: new AzurePostgres(AZURE),
    managedPostgres: new AzureServiceOperatorPostgres(OPERATED),
    valkey: new PlatformValkey(VALKEY),
  }),
  'aks, CloudNativePG': Distribution.aks({
    ...AKS,
    ...inObjectStore('https://acme.blob.core.windows.net/backups/polls'),
  }),
  'aks, a shared Gateway': Distribution.aks({
    ...AKS,
    keyVaultCertificateUri: undefined,
    certificateClientId: undefined,
    gateway: GATEWAY,
  }),
  'aks, Application Gateway': Distribution.aks({
    ...AKS,
    routing: new AksApplicationGatewayRouting({
      ...APPLICATION_GATEWAY,
      loadBalancer: LOAD_BALANCER,
    }),
    scheduling: new KarpenterScheduling(NODES),
  }),
  'aks, Application Gateway of somebody else': Distribution.aks({
    ...AKS,
    routing: new AksApplicationGatewayRouting({
      ...APPLICATION_GATEWAY,
      frontend: FRONTEND,
    }),
    scheduling: new AksScheduling(NODES),
  }),
  openshift: Distribution.openshift({ ...OPENSHIFT, ...own() }),
  'openshift, CloudNativePG': Distribution.openshift({
    ...own(),
    postgres: new CloudNativePostgres(CLOUD_NATIVE),
    scheduling: new NodeLabelScheduling(NODES),
    valkey: new PlatformValkey(VALKEY),
    backup: new CloudNativePostgresBackups(SNAPSHOTS),
  }),
  'openshift, CloudNativePG from an object store': Distribution.openshift({
    ...own(),
    postgres: new CloudNativePostgres(CLOUD_NATIVE_RESTORED),
    scheduling: new NodeLabelScheduling(NODES),
    valkey: new PlatformValkey(VALKEY),
    backup: new CloudNativePostgresBackups({ objectStore: OBJECT_STORE }),
  }),
  'openshift, KEDA': Distribution.openshift({
    ...own(),
    kubernetesVersion: '1.33',
    security: new NamespaceRangeSecurity({ userNamespaces: true }),
    autoscaling: new KedaAutoscaling(KEDA),
    scheduling: new NodeLabelScheduling(NODES),
  }),
  'openshift, Gateway': Distribution.openshift({
    ...own(),
    routing: new OpenShiftGatewayRouting(OPENSHIFT_OWN),
  }),
  'openshift, a shared Gateway': Distribution.openshift({
    ...own(),
    routing: new OpenShiftGatewayRouting({ gateway: OPENSHIFT_GATEWAY }),
  }),
  upstream: Distribution.upstream({ ...UPSTREAM, ...own() }),
  'upstream, a shared Gateway, its own classes and monitoring': Distribution.upstream({
    ...UPSTREAM,
    ...own(),
    clusterIssuer: undefined,
    gateway: GATEWAY,
    network: new ClusterNetwork(NETWORK),
    monitoring: new PrometheusOperator(SERVICE_MONITOR),
    dashboards: new SidecarDashboards(SIDECAR_DASHBOARDS),
    storage: new StorageClasses({ storageClassName: 'fast', sharedStorageClassName: 'nfs' }),
    backup: new DumpBackups(DUMPS),
    archiveBucket: BUCKET,
    images: new ElasticContainerRegistry(),
    security: new RestrictedSecurity(SECURITY),
    firstPriorityClassName: 'urgent',
  }),
  'upstream, KEDA and snapshots of volumes': Distribution.upstream({
    ...UPSTREAM,
    ...own(),
    autoscaling: new KedaAutoscaling({ prometheus: { serverAddress: PROMETHEUS.serverAddress } }),
    dashboards: new GrafanaOperatorDashboards(OPERATOR_DASHBOARDS),
    backup: new VolumeSnapshotBackups(VOLUME_SNAPSHOTS),
    images: new OpenShiftRegistry(),
  }),
  'upstream, Contour': Distribution.upstream({
    ...own(),
    routing: new ContourRouting(CONTOUR),
    backup: new DumpBackups({ claimName: 'dumps', copies: COPIES_BESIDE }),
    images: new ArtifactRegistry(),
  }),
  'upstream, Ingress': Distribution.upstream({
    ...own(),
    routing: new IngressRouting(INGRESS),
    backup: new PreviewCopies(PREVIEW_COPIES),
    images: new AzureContainerRegistry(),
  }),
};
