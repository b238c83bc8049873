import { Chart, Duration } from 'cdk8s';
import {
  AlertProps,
  AlertSeverity,
  Architecture,
  AsgiServer,
  BreakGlassAccess,
  CeleryBeatProps,
  CeleryOptions,
  CeleryWorkerProps,
  CeleryWorkerScaling,
  CommandProps,
  ConcurrencyPolicy,
  ConnectionPart,
  ContainerResources,
  DatabaseBackup,
  DatabaseBackupProps,
  Distribution,
  DjangoApp,
  DjangoAppProps,
  DnsConfigurationProps,
  ExistingSecret,
  ExistingSecretProps,
  GitSource,
  HealthMonitoring,
  HealthMonitoringProps,
  HostAliasProps,
  ImageBuild,
  ImageBuildProps,
  ImagePolicy,
  ImagePolicyProps,
  LatencyObjective,
  LeastPrivilegeAccess,
  LeastPrivilegeAccessProps,
  LogFormat,
  MediaBucket,
  MediaVolume,
  Metrics,
  NetworkPeer,
  NetworkPort,
  NetworkProtocol,
  Placement,
  PodKind,
  PodSelection,
  PostgresBackend,
  PostgresBackendProps,
  PostgresHostProps,
  PostgresUrlProps,
  Probe,
  ProcessPlacement,
  ProcessProbe,
  ProcessProps,
  ProcessScaling,
  RecordingRuleProps,
  RedisDatabase,
  Scaling,
  ScalingSchedule,
  ScheduledCommandProps,
  Scheduling,
  SecretValue,
  ServiceLevel,
  SettingsOverlay,
  SidecarHealthCheck,
  SidecarProps,
  SslMode,
  StopSignal,
  StoredSecret,
  StoredSecretProps,
  SuperuserProps,
  TaintEffect,
  TaskWorkerProps,
  TaskWorkerScaling,
  TolerationProps,
  Traffic,
  ValkeyBackend,
  ValkeyBackendProps,
  VolumeAccessMode,
  VolumeProps,
  VolumeSource,
  WsgiServer,
} from 'cdk8s-django';
import { ImageSigner } from 'cdk8s-django/images';
import { HostOptions } from 'cdk8s-django/routing';
import { Telemetry } from 'cdk8s-django/monitoring';
import { EgressTarget, PodPeer } from 'cdk8s-django/network';
import { CeleryPool, RabbitMqProps, RedisSentinelProps, SqsProps } from 'cdk8s-django/celery';
import { ApplicationConnection, DatabaseLogin } from 'cdk8s-django/platform';
import { PasswordTurns } from 'cdk8s-django/secrets';
import { ServerMetrics, SyntheticCheck } from 'cdk8s-django/monitoring';
import {
  ApplicationRole,
  MaintenanceWindow,
  ManagedPostgres,
  ManagedPostgresProps,
  PgBouncer,
  PgBouncerProps,
  PointInTimeRestore,
  PostgresArchive,
  ReadReplicas,
  Weekday,
} from 'cdk8s-django/postgres';
import { ValkeySentinel, ValkeySentinelProps } from 'cdk8s-django/valkey';
import { NamespaceLimits, NamespaceLimitsProps, OtherPods } from 'cdk8s-django/security';
import { routeParts } from './routes';

/*
 * Every construct with every option. `Required` has the compiler refuse it when a construct gets an option that is not
 * used here: add it where it is missing. An option that excludes others is left out of the one application and given to
 * the other.
 */

const SECRET: Required<SecretValue> = { secretName: 'own', key: 'value' };

const RESOURCES: Required<ContainerResources> = {
  cpuRequest: '100m',
  cpuLimit: '1',
  memoryRequest: '256Mi',
  memoryLimit: '1Gi',
  ephemeralStorage: '2.5Gi',
};

const PODS: Required<PodPeer> = {
  podLabels: { app: 'mail' },
  namespaceLabels: { team: 'platform' },
};
const PEERS: NetworkPeer[] = [PODS, { cidr: '192.0.2.0/24' }];
const SMTP: Required<NetworkPort> = { port: 587, protocol: NetworkProtocol.TCP };
const TRAFFIC: Required<Traffic>[] = [{ peers: PEERS, ports: [SMTP] }];

const BREAK_GLASS: Required<BreakGlassAccess> = { groups: ['on-call'], duration: Duration.minutes(30) };

/** A server that somebody else runs. That of a ValkeyBackend is told of its clients, as `server`. */
const CACHE: Required<Omit<RedisDatabase, 'server'>> = {
  url: 'rediss://cache.example.com:6379/0',
  password: SECRET,
  certificatePath: '/certificates/cache.pem',
  certificateSecret: { secretName: 'cache-ca', key: 'ca.crt' },
  peers: PEERS,
};
const CELERY: Required<Omit<CeleryOptions, 'rabbitMq' | 'redisSentinel' | 'sqs'>> = {
  broker: { ...CACHE, url: 'rediss://cache.example.com:6379/1' },
  keyPrefix: 'polls:',
  application: 'mysite.tasks:app',
  visibilityTimeout: Duration.hours(2),
  acksLate: true,
};
const RABBIT_MQ: Required<Omit<RabbitMqProps, 'urlSecret' | 'port'>> = {
  url: 'amqps://queue.example.com/polls',
  username: SECRET,
  password: SECRET,
  peers: PEERS,
  certificatePath: '/certificates/queue.pem',
};
const RABBIT_MQ_BY_SECRET: Required<Pick<RabbitMqProps, 'urlSecret' | 'port'>> = {
  urlSecret: SECRET,
  port: 5671,
};
/** Those that somebody else runs. */
const SENTINEL: Required<Omit<RedisSentinelProps, 'server'>> = {
  sentinels: ['sentinel-0.queue:26379', 'sentinel-1.queue:26379'],
  primaryName: 'queue',
  database: 1,
  password: SECRET,
  sentinelPassword: SECRET,
  port: 6380,
  peers: PEERS,
};
const SQS: Required<SqsProps> = {
  queueUrls: { celery: 'https://sqs.eu-west-1.amazonaws.com/111122223333/polls' },
};
/** What every platform can place pods by, and what some cannot. */
const PLACED: Required<Omit<Placement, 'nodePool'>> = {
  architecture: Architecture.ARM64,
  zones: ['zone-a', 'zone-b'],
  priorityClassName: 'web',
};
const ON_A_NODE_POOL: Required<Placement> = { ...PLACED, nodePool: 'web' };
const ON_SPOT_NODES: Required<Scheduling> = { ...ON_A_NODE_POOL, spot: true };
/** What every platform can scale by, and what some cannot. */
const SCALING: Required<Omit<Scaling, 'targetRequestsPerSecond' | 'schedules'>> = {
  minReplicas: 2,
  maxReplicas: 10,
  targetCpuUtilization: 60,
  targetMemoryUtilization: 80,
  scaleDownStabilization: Duration.minutes(10),
};
const REQUESTS: Required<Pick<Scaling, 'targetRequestsPerSecond'>> = { targetRequestsPerSecond: 20 };
const OFFICE_HOURS: Required<ScalingSchedule> = {
  start: '0 8 * * 1-5',
  end: '0 18 * * 1-5',
  timeZone: 'Europe/Vienna',
  replicas: 5,
};
const SCHEDULES: Required<Pick<Scaling, 'schedules'>> = { schedules: [OFFICE_HOURS] };
/** What every platform can scale workers by, and what some cannot. */
const WORKER_SCALING: Required<Omit<CeleryWorkerScaling, 'targetQueueLength' | 'schedules'>> = SCALING;
const BY_QUEUES: Required<CeleryWorkerScaling> = {
  ...WORKER_SCALING,
  ...SCHEDULES,
  minReplicas: 0,
  targetQueueLength: 20,
};
const SCALED_WORKER: Required<Omit<CeleryWorkerProps, 'replicas'>> = {
  name: 'mail',
  queues: ['celery', 'mail'],
  pool: CeleryPool.PREFORK,
  concurrency: 4,
  taskTimeLimit: Duration.minutes(10),
  scaling: WORKER_SCALING,
  resources: RESOURCES,
  scheduling: PLACED,
};
const WORKER: Required<Omit<CeleryWorkerProps, 'scaling'>> & Pick<CeleryWorkerProps, 'scaling'> = {
  ...SCALED_WORKER,
  scaling: undefined,
  replicas: 3,
};
const TASK_SCALING: Required<Omit<TaskWorkerScaling, 'targetQueueLength' | 'schedules'>> = SCALING;
const BY_TASKS: Required<TaskWorkerScaling> = {
  ...TASK_SCALING,
  ...SCHEDULES,
  minReplicas: 0,
  targetQueueLength: 20,
};
const SCALED_TASK_WORKER: Required<Omit<TaskWorkerProps, 'replicas'>> = {
  name: 'mail',
  queues: ['default', 'mail'],
  concurrency: 4,
  taskTimeLimit: Duration.minutes(10),
  maxAttempts: 2,
  resultRetention: Duration.days(3),
  scaling: TASK_SCALING,
  resources: RESOURCES,
  scheduling: PLACED,
};
const TASK_WORKER: Required<Omit<TaskWorkerProps, 'scaling'>> & Pick<TaskWorkerProps, 'scaling'> = {
  ...SCALED_TASK_WORKER,
  scaling: undefined,
  replicas: 3,
};
const PROCESS_FILE: Required<Omit<ProcessProbe, 'command'>> = {
  file: '/tmp/alive',
  maxAge: Duration.seconds(30),
  startupTime: Duration.minutes(1),
};
const PROCESS_COMMAND: Pick<Required<ProcessProbe>, 'command'> = { command: ['true'] };
const PROCESS_SCALING: Required<Omit<ProcessScaling, 'schedules'>> = SCALING;
const PROCESS: Required<Omit<ProcessProps, 'scaling'>> = {
  name: 'queue',
  command: ['python', 'manage.py', 'run_huey'],
  placement: ProcessPlacement.OWN_PODS,
  stopTimeout: Duration.minutes(2),
  stopSignal: StopSignal.SIGINT,
  probe: PROCESS_FILE,
  databaseConnections: 3,
  replicas: 3,
  resources: RESOURCES,
  scheduling: PLACED,
};
const BEAT: Required<CeleryBeatProps> = { resources: RESOURCES };
const SIGN_IN: Required<HostOptions> = { signIn: true };
const OVERLAY: Required<SettingsOverlay> = {
  enabled: true,
  keep: ['EMAIL_BACKEND'],
  strictTransportSecurity: Duration.days(365),
  serveStatic: true,
  keepStatic: true,
  visitorAddress: true,
  logFormat: LogFormat.JSON,
  readinessServices: ['database', 'cache'],
  routerAddresses: ['10.8.0.0/26', '2001:db8::/64'],
  restrictedPaths: { '/admin': ['203.0.113.0/24'] },
  signInPaths: ['/admin'],
  contentSecurityPolicy: { 'default-src': ["'self'"] },
};
const MEDIA: Required<MediaVolume> = {
  mountPath: '/media',
  size: '1Gi',
  accessMode: VolumeAccessMode.READ_WRITE_MANY,
  storageClassName: 'shared',
  serve: true,
};
const BUCKET: Required<MediaBucket> = { name: 'acme-polls-media', folder: 'uploads', publicRead: true };

const COMMON = {
  image: 'registry.example.com/polls:1.4.2',
  release: '2026.11',
  commit: '3f1c2ab4d5e6f7890123456789abcdef01234567',
  pythonImage: 'docker.io/library/python:3.13-slim',
  settingsModule: 'mysite.settings',
  pythonPath: ['/app/src'],
  workingDirectory: '/app',
  environment: { TEAM: 'polls' },
  secretEnvironment: { STRIPE: SECRET },
  secretsAsFiles: false,
  resources: RESOURCES,
  processes: 2,
  port: 8080,
  allowedHosts: ['polls.internal.example.com'],
  trustedOrigins: ['https://shop.example.com'],
  pathPrefix: '/polls',
  imagePullSecrets: ['registry'],
  runAsUser: 10001,
  settingsOverlay: OVERLAY,
  cache: CACHE,
  celery: CELERY,
  channelLayer: { ...CACHE, url: 'rediss://cache.example.com:6379/2' },
  scheduling: PLACED,
  requestTimeout: Duration.seconds(20),
  migrate: true,
  migrationDeadline: Duration.minutes(20),
};

type ForWsgi = 'wsgiModule' | 'wsgiServer' | 'threads' | 'workerClass' | 'maxRequests';
type ForAsgi = 'asgiModule' | 'asgiServer';

/** What only some platforms have, in a part of its own. */
const RECOMMENDED: Required<Pick<DjangoAppProps, 'recommendResources'>> = { recommendResources: true };
type OfItsOwn = keyof typeof RECOMMENDED | 'database';

/** Served by WSGI, scaled, with a bucket and an identity, and a key that the library makes. */
type Wsgi = Required<
  Omit<DjangoAppProps, ForAsgi | 'scaling' | 'replicas' | 'media' | 'secretKey' | OfItsOwn>
>;
const WSGI: Wsgi & { scaling: Scaling } = {
  ...COMMON,
  name: 'polls',
  wsgiModule: 'mysite.wsgi',
  wsgiServer: WsgiServer.GUNICORN,
  threads: 2,
  workerClass: 'gthread',
  maxRequests: 1000,
  scaling: SCALING,
  mediaBucket: BUCKET,
  platformIdentity: true,
};

/** Served by ASGI, with a fixed number of replicas, a volume, and a key that is given. */
type Asgi = Required<
  Omit<DjangoAppProps, ForWsgi | 'scaling' | 'mediaBucket' | 'platformIdentity' | OfItsOwn>
>;
const ASGI: Asgi = {
  ...COMMON,
  name: 'shop',
  secretsAsFiles: true,
  asgiModule: 'mysite.asgi',
  asgiServer: AsgiServer.UVICORN,
  replicas: 3,
  media: MEDIA,
  secretKey: SECRET,
};

/** Options of a server that the library makes. */
type OfOurServer =
  | 'restoreFrom'
  | 'upgradeFrom'
  | 'extensions'
  | 'parameters'
  | 'metrics'
  | 'passwords'
  | 'applicationRole'
  | 'certificateSecretName'
  | 'archive'
  | 'restore'
  | 'readReplicas';
const SERVER_METRICS: Required<ServerMetrics> = {
  image: 'registry.example.com/exporter:1.0.0',
  resources: RESOURCES,
};
const SERVER_WITHOUT_PASSWORD: Required<Omit<PostgresBackendProps, 'password' | OfOurServer>> = {
  name: 'polls-db',
  storage: '20Gi',
  storageClassName: 'fast',
  image: 'docker.io/library/postgres:16-bookworm',
  imagePullSecrets: ['registry'],
  database: 'polls',
  user: 'polls',
  pythonImage: 'docker.io/library/python:3.13-slim',
  resources: RESOURCES,
  scheduling: PLACED,
  connectionMaxAge: Duration.seconds(30),
  engine: 'django.contrib.gis.db.backends.postgis',
  poolSize: 5,
  maxConnections: 300,
};
const SERVER: Required<Omit<PostgresBackendProps, OfOurServer>> = {
  ...SERVER_WITHOUT_PASSWORD,
  password: SECRET,
};
const READ_REPLICAS: Required<ReadReplicas> = {
  stickiness: Duration.seconds(10),
  maxLag: Duration.seconds(30),
};
const REPLICATED: Pick<PostgresBackendProps, 'name' | 'storage'> = { name: 'polls-db', storage: '20Gi' };
const RESTORED: Required<
  Omit<
    PostgresBackendProps,
    'upgradeFrom' | 'passwords' | 'applicationRole' | 'archive' | 'restore' | 'readReplicas'
  >
> = {
  ...SERVER,
  restoreFrom: 'polls-db-copy-20261124-030000',
  extensions: ['citext', 'pg_stat_statements', 'uuid-ossp'],
  parameters: { work_mem: '8MB', 'pg_stat_statements.track': 'all' },
  metrics: SERVER_METRICS,
  certificateSecretName: 'polls-db-tls',
};

const WINDOW: Required<MaintenanceWindow> = { day: Weekday.SUNDAY, hour: 3 };
const CLAIM: Required<ManagedPostgresProps> = {
  name: 'polls',
  version: 17,
  storage: '128Gi',
  database: 'polls',
  pointInTimeRecovery: Duration.days(14),
  maintenanceWindow: WINDOW,
  deletionProtection: false,
  highAvailability: false,
};

const ARCHIVE: Required<Omit<PostgresArchive, 'claimName'>> = {
  storage: '100Gi',
  storageClassName: 'nfs',
  schedule: '30 1 * * *',
  retention: Duration.days(14),
};
const POINT_IN_TIME: Required<PointInTimeRestore> = {
  at: '2026-11-20T10:00:00Z',
  from: 'polls-db',
  claimName: 'archives',
};

const QUEUE_WITHOUT_PASSWORD: Required<Omit<ValkeyBackendProps, 'password' | 'passwords' | 'metrics'>> = {
  name: 'polls-queue',
  storage: '2Gi',
  storageClassName: 'fast',
  image: 'docker.io/library/redis:7-bookworm',
  imagePullSecrets: ['registry'],
  pythonImage: 'docker.io/library/python:3.13-slim',
  resources: RESOURCES,
  scheduling: PLACED,
};
const QUEUE: Required<Omit<ValkeyBackendProps, 'passwords' | 'metrics'>> = {
  ...QUEUE_WITHOUT_PASSWORD,
  password: SECRET,
};

const THREE_SERVERS: Required<ValkeySentinelProps> = {
  ...QUEUE_WITHOUT_PASSWORD,
  password: SECRET,
};

const PASSWORDS: Required<PasswordTurns> = { accepted: [1, 2], used: 1 };
const OTHER_LOGIN: Required<DatabaseLogin> = { user: 'polls_alternate', password: SECRET };
const MIGRATION_LOGIN: Required<DatabaseLogin> = { user: 'polls_owner', password: SECRET };
const APPLICATION_ROLE: Required<ApplicationRole> = {
  password: { secretName: 'own', key: 'application' },
};
const CONNECTION: Required<Omit<ApplicationConnection, 'identity'>> = {
  host: 'db.example.com',
  port: 6432,
  database: 'polls',
  user: 'polls',
  password: SECRET,
  otherLogin: OTHER_LOGIN,
  migrationLogin: MIGRATION_LOGIN,
  sslMode: SslMode.VERIFY_FULL,
  certificatePath: '/certificates/root.crt',
  replicaHost: 'replica.db.example.com',
  readReplicas: READ_REPLICAS,
  directHost: 'direct.db.example.com',
  directPort: 5433,
  directSslMode: SslMode.VERIFY_CA,
  directCertificatePath: '/certificates/direct.crt',
  transactionPooler: true,
  connectionMaxAge: Duration.seconds(30),
  engine: 'django.contrib.gis.db.backends.postgis',
  poolSize: 5,
};
const POOLER: Required<Omit<PgBouncerProps, 'database'>> = {
  name: 'polls-pooler',
  image: 'registry.example.com/pgbouncer:1.24.1',
  imagePullSecrets: ['registry'],
  replicas: 3,
  poolSize: 5,
  maxConnections: 500,
  connectionMaxAge: Duration.seconds(30),
  requestTimeout: Duration.seconds(90),
  certificateSecretName: 'polls-pooler-tls',
  metrics: SERVER_METRICS,
  resources: RESOURCES,
  scheduling: PLACED,
};

const WEB: Required<PodSelection> = { pods: [PodKind.WEB] };
const VOLUME: Required<VolumeProps> = {
  name: 'data',
  source: VolumeSource.fromPersistentVolumeClaim({ name: 'data' }),
  mountPath: '/data',
  pods: [PodKind.WEB, PodKind.WORKERS],
};
const HEALTH_CHECK: Required<SidecarHealthCheck> = { port: 3000, path: '/health' };
const SIDECAR: Required<SidecarProps> = {
  name: 'relay',
  image: 'registry.example.com/relay:1.0.0',
  command: ['relay'],
  args: ['--quiet'],
  environment: { LEVEL: 'info' },
  secretEnvironment: { TOKEN: SECRET },
  ports: [3000],
  volumeMounts: { data: '/data', cache: '/var/cache' },
  resources: RESOURCES,
  healthCheck: HEALTH_CHECK,
  pods: [PodKind.WEB, PodKind.WORKERS],
};
const TOLERATION: Required<TolerationProps> = {
  key: 'dedicated',
  value: 'django',
  effect: TaintEffect.NO_SCHEDULE,
  pods: [PodKind.JOBS],
};
const HOST_ALIAS: Required<HostAliasProps> = {
  ip: '192.0.2.5',
  hostnames: ['legacy.example.com'],
  pods: [PodKind.WORKERS],
};
const DNS: Required<DnsConfigurationProps> = {
  nameservers: ['192.0.2.53'],
  searches: ['corp.example.com'],
  options: { ndots: '2', edns0: '' },
  pods: [PodKind.WORKERS, PodKind.JOBS],
};

const HOST: Required<PostgresHostProps> = {
  host: 'db.example.com',
  port: 6432,
  database: 'polls',
  user: 'polls',
  password: SECRET,
  sslMode: SslMode.VERIFY_FULL,
  certificatePath: '/certificates/root.crt',
  directHost: 'direct.db.example.com',
  replicaHost: 'replica.db.example.com',
  readReplicas: READ_REPLICAS,
  directPort: 5433,
  peers: PEERS,
  transactionPooler: true,
  connectionMaxAge: Duration.seconds(30),
  engine: 'django.contrib.gis.db.backends.postgis',
  poolSize: 5,
  maxConnections: 100,
};
const URL: Required<PostgresUrlProps> = {
  url: SECRET,
  directUrl: SECRET,
  directPort: 5433,
  port: 6432,
  peers: PEERS,
  transactionPooler: true,
  connectionMaxAge: Duration.seconds(30),
  engine: 'django.contrib.gis.db.backends.postgis',
  poolSize: 5,
  maxConnections: 100,
};

const COMMAND: Required<CommandProps> = {
  name: 'countries',
  command: ['loaddata', 'countries'],
  deadline: Duration.minutes(5),
  resources: RESOURCES,
};
const SCHEDULED: Required<ScheduledCommandProps> = {
  ...COMMAND,
  name: 'digest',
  schedule: '0 6 * * 1-5',
  timeZone: 'Europe/Vienna',
  concurrencyPolicy: ConcurrencyPolicy.REPLACE,
  startingDeadline: Duration.minutes(3),
};
const SUPERUSER: Required<SuperuserProps> = {
  username: 'admin',
  password: SECRET,
  email: 'admin@example.com',
};

const probe = (path: string): Required<Probe> => ({
  path,
  period: Duration.seconds(7),
  timeout: Duration.seconds(3),
  failureThreshold: 4,
});
const METRICS: Required<Metrics> = { path: '/internal/metrics', interval: Duration.seconds(15) };
const TELEMETRY: Required<Telemetry> = {
  endpoint: 'http://otel-collector.observability:4318',
  target: EgressTarget.pods(
    {
      podLabels: { 'app.kubernetes.io/name': 'opentelemetry-collector' },
      namespaceLabels: { 'kubernetes.io/metadata.name': 'observability' },
    },
    [{ port: 4318 }],
  ),
  headers: { secretName: 'polls-otlp', key: 'headers' },
  ratio: 0.1,
};
const HEALTH: Required<Omit<HealthMonitoringProps, 'app' | 'slo' | 'dashboard' | 'syntheticCheck'>> = {
  startup: probe('/startup'),
  readiness: probe('/ready'),
  liveness: probe('/alive'),
  metrics: METRICS,
  telemetry: TELEMETRY,
};
const SYNTHETIC_CHECK: Required<SyntheticCheck> = {
  prober: 'blackbox-exporter.monitoring:9115',
  path: '/about',
};
const LATENCY: Required<LatencyObjective> = { threshold: Duration.millis(300), ratio: 0.99 };
const SERVICE_LEVEL: Required<ServiceLevel> = { availability: 0.999, latency: LATENCY };
const RECORDING_RULE: Required<RecordingRuleProps> = {
  expression: 'sum by (job) (rate(shop_orders_total[5m]))',
  labels: { team: 'shop' },
};
const ALERT: Required<AlertProps> = {
  expression: 'job:shop_orders:rate5m == 0',
  summary: 'Nobody orders',
  pending: Duration.minutes(15),
  severity: AlertSeverity.INFO,
  labels: { team: 'shop' },
  runbookUrl: 'https://example.com/runbooks/orders',
};
const ACCESS: Required<Omit<LeastPrivilegeAccessProps, 'app'>> = {
  viewers: ['developers'],
  operators: ['operators'],
  breakGlass: BREAK_GLASS,
  deployers: ['pipeline'],
  ingress: TRAFFIC,
  egress: [EgressTarget.pods(PODS, [SMTP]), EgressTarget.addresses(['192.0.2.0/24'], [SMTP])],
};

const STORED: Required<StoredSecretProps> = {
  name: 'stripe',
  keys: { key: { secret: 'stripe', property: 'key', version: '3' } },
  refreshInterval: Duration.minutes(10),
};
const EXISTING: Required<ExistingSecretProps> = { name: 'own', keys: ['value'] };

const SOURCE: Required<GitSource> = {
  url: 'https://git.example.com/acme/polls.git',
  revision: '0123456789abcdef0123456789abcdef01234567',
  directory: 'services/polls',
  secretName: 'git',
};
const DOCKER: Required<Omit<ImageBuildProps, 'builderImage'>> = {
  name: 'polls',
  version: '1.4.2',
  source: SOURCE,
  dockerfile: 'build/Containerfile',
  buildArguments: { PYTHON_VERSION: '3.13' },
  pullNamespaces: ['polls', 'polls-staging'],
};
const SOURCE_TO_IMAGE: Required<Omit<ImageBuildProps, 'dockerfile' | 'buildArguments'>> = {
  name: 'polls',
  version: '1.4.2',
  source: SOURCE,
  builderImage: 'registry.access.redhat.com/ubi9/python-312:9.6',
  pullNamespaces: ['polls'],
};
const SIGNER: Required<ImageSigner> = {
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'https://github.com/acme/polls/.github/workflows/build.yaml@refs/heads/main',
  registries: ['registry.example.com/polls'],
};
const IMAGES: Required<ImagePolicyProps> = {
  requireDigests: true,
  registries: ['registry.example.com/polls'],
  signer: SIGNER,
};
const OTHER_PODS: Required<OtherPods> = {
  madeBy: 'cert-manager',
  pods: 2,
  resources: { cpuRequest: '10m', memoryRequest: '64Mi', memoryLimit: '64Mi' },
  storage: '1Gi',
};
const LIMITS: Required<NamespaceLimitsProps> = {
  marginPercent: 50,
  otherPods: [OTHER_PODS],
};
const BACKUP: Required<Omit<DatabaseBackupProps, 'database'>> = {
  schedule: '30 2 * * 1-5',
  timeZone: 'Europe/Vienna',
  retention: Duration.days(14),
};

const database = (chart: Chart) =>
  new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '20Gi' });

const plain = (chart: Chart, changes: Partial<DjangoAppProps>, name = 'plain') =>
  new DjangoApp(chart, name, {
    name,
    image: COMMON.image,
    settingsModule: 'mysite.settings',
    ...changes,
  });

/** An application whose tasks wait on a server of the program. */
function withTasks(chart: Chart): DjangoApp {
  const queue = new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', storage: '2Gi' });
  return plain(chart, { celery: { broker: queue.database(0) }, database: database(chart) });
}

/** The registries that the platforms have, with an image of a namespace of somebody else's. */
const OWN_REGISTRIES: Record<string, string> = {
  google: 'europe-docker.pkg.dev/acme/web/polls:1.4.2',
  amazon: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/polls:1.4.2',
  azure: 'acme.azurecr.io/polls:1.4.2',
  openshift: 'image-registry.openshift-image-registry.svc:5000/builds/polls:1.4.2',
};

function usedDatabase(chart: Chart): PostgresBackend {
  const server = database(chart);
  plain(chart, { database: server });
  return server;
}

/** Parts of a program, each for a chart of its own: a platform either makes it or refuses it as a whole. */
export const PARTS: Record<string, (chart: Chart) => void> = {
  'application served by WSGI': (chart) => {
    const app = new DjangoApp(chart, 'Polls', { ...WSGI, database: database(chart) });
    app.addHost('polls.example.com');
    app.addHost('admin.polls.example.com', SIGN_IN);
    app.addInternalPath('/internal/');
    app.addMetricsPath('/more-metrics');
    app.addCommand(COMMAND);
    app.addScheduledCommand(SCHEDULED);
    app.addSessionClearing();
    app.addSecretKeyRotation();
    app.addSuperuser(SUPERUSER);
    new HealthMonitoring(chart, 'Health', { app, ...HEALTH });
    new LeastPrivilegeAccess(chart, 'Access', { app, ...ACCESS });
  },
  'application served by ASGI': (chart) => {
    const server = PostgresBackend.fromHost(chart, 'Database', HOST);
    const app = new DjangoApp(chart, 'Shop', { ...ASGI, database: server });
    app.addScheduledCommand(SCHEDULED);
    app.addHost('admin.shop.example.com', SIGN_IN);
    new HealthMonitoring(chart, 'Health', { app, ...HEALTH });
    new LeastPrivilegeAccess(chart, 'Access', { app, ...ACCESS });
  },
  'application scaled by requests': (chart) => {
    const scaling = { minReplicas: 2, maxReplicas: 10, ...REQUESTS };
    const app = plain(chart, { scaling, resources: RESOURCES });
    new HealthMonitoring(chart, 'Health', { app, ...HEALTH, metrics: {} });
  },
  'application with a service level': (chart) => {
    type Rest = Omit<HealthMonitoringProps, 'app' | 'startup' | 'readiness' | 'liveness' | 'syntheticCheck'>;
    const rest: Required<Rest> = {
      metrics: {},
      telemetry: { endpoint: 'https://192.0.2.7' },
      slo: SERVICE_LEVEL,
      dashboard: true,
    };
    const health = new HealthMonitoring(chart, 'Health', { app: plain(chart, {}), ...rest });
    health.addRecordingRule('job:shop_orders:rate5m', RECORDING_RULE);
    health.addAlert('ShopOrdersStopped', ALERT);
  },
  'public page that is asked for': (chart) => {
    const app = plain(chart, {});
    app.addHost('polls.example.com');
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {}, syntheticCheck: SYNTHETIC_CHECK });
  },
  'application scaled by schedules': (chart) => {
    const scaling = { minReplicas: 2, maxReplicas: 10, ...SCHEDULES };
    plain(chart, { scaling, resources: RESOURCES });
  },
  'application scaled by all that there is': (chart) => {
    const scaling: Required<Scaling> = { ...SCALING, ...REQUESTS, ...SCHEDULES };
    const app = plain(chart, { scaling, resources: RESOURCES });
    new HealthMonitoring(chart, 'Health', { app, ...HEALTH });
  },
  'application whose resources are recommended': (chart) => {
    plain(chart, RECOMMENDED);
  },
  'workers and a beat': (chart) => {
    const app = withTasks(chart);
    app.addCeleryWorker({ name: 'default' });
    app.addCeleryWorker(WORKER);
    app.addCeleryBeat(BEAT);
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'workers scaled by their load': (chart) => {
    withTasks(chart).addCeleryWorker(SCALED_WORKER);
  },
  'workers scaled by queues': (chart) => {
    const app = withTasks(chart);
    app.addCeleryWorker({ ...SCALED_WORKER, scaling: BY_QUEUES });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  "workers of Django's Tasks": (chart) => {
    const app = plain(chart, { database: database(chart) });
    app.addTaskWorker({ name: 'default' });
    app.addTaskWorker(TASK_WORKER);
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  "workers of Django's Tasks, scaled by their load": (chart) => {
    plain(chart, { database: database(chart) }).addTaskWorker(SCALED_TASK_WORKER);
  },
  "workers of Django's Tasks, scaled by what waits": (chart) => {
    const server = PostgresBackend.fromHost(chart, 'Database', {
      ...HOST,
      sslMode: SslMode.REQUIRE,
      certificatePath: undefined,
      maxConnections: 300,
    });
    const app = plain(chart, { database: server });
    app.addTaskWorker({ ...SCALED_TASK_WORKER, scaling: BY_TASKS });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'a pooler in front of a database': (chart) => {
    const pooler: Required<PgBouncerProps> = { ...POOLER, database: database(chart) };
    const app = plain(chart, { database: new PgBouncer(chart, 'Pooler', pooler) });
    app.addTaskWorker({ name: 'default' });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'processes in pods of their own and beside replicas': (chart) => {
    const app = plain(chart, { database: database(chart) });
    app.addProcess(PROCESS);
    app.addProcess({ name: 'scaled', command: ['scaled'], scaling: PROCESS_SCALING, resources: RESOURCES });
    app.addProcess({
      name: 'beside',
      command: ['beside'],
      placement: ProcessPlacement.WEB_PODS,
      probe: PROCESS_COMMAND,
    });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'processes scaled by schedules': (chart) => {
    const scaling: Required<ProcessScaling> = { ...PROCESS_SCALING, ...SCHEDULES };
    plain(chart, {}).addProcess({ name: 'scaled', command: ['scaled'], scaling, resources: RESOURCES });
  },
  'cache, broker and channel layer': (chart) => {
    const queue = new ValkeyBackend(chart, 'Queue', QUEUE);
    const cache = new ValkeyBackend(chart, 'Cache', { name: 'polls-cache' });
    const app = plain(chart, {
      cache: cache.database(0),
      channelLayer: cache.database(1),
      celery: { ...CELERY, broker: queue.database(0) },
    });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'broker, RabbitMQ': (chart) => {
    plain(chart, { celery: { rabbitMq: RABBIT_MQ } }).addCeleryWorker({ name: 'default' });
  },
  'broker, RabbitMQ by a Secret': (chart) => {
    plain(chart, { celery: { rabbitMq: RABBIT_MQ_BY_SECRET } }).addCeleryWorker({ name: 'default' });
  },
  'broker, Sentinels': (chart) => {
    plain(chart, { celery: { redisSentinel: SENTINEL } }).addCeleryWorker({ name: 'default' });
  },
  'broker of three servers': (chart) => {
    const queue = new ValkeySentinel(chart, 'Queue', THREE_SERVERS);
    const app = plain(chart, { celery: { redisSentinel: queue.broker(1) } });
    app.addCeleryWorker({ name: 'default' });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'broker, queues of SQS': (chart) => {
    plain(chart, { celery: { sqs: SQS } }).addCeleryWorker({ name: 'default' });
  },
  'cache with a password that is made': (chart) => {
    new ValkeyBackend(chart, 'Queue', QUEUE_WITHOUT_PASSWORD);
  },
  'application on a node pool': (chart) => {
    plain(chart, { scheduling: ON_A_NODE_POOL, database: database(chart) });
  },
  'application on spot nodes': (chart) => {
    plain(chart, { scheduling: ON_SPOT_NODES, requestTimeout: Duration.seconds(5) });
  },
  'workers on a node pool': (chart) => {
    withTasks(chart).addCeleryWorker({ name: 'mail', scheduling: ON_A_NODE_POOL });
  },
  'workers on spot nodes': (chart) => {
    const taskTimeLimit = Duration.seconds(10);
    withTasks(chart).addCeleryWorker({ name: 'mail', scheduling: ON_SPOT_NODES, taskTimeLimit });
  },
  'server on a node pool': (chart) => {
    new PostgresBackend(chart, 'Database', { ...SERVER_WITHOUT_PASSWORD, scheduling: ON_A_NODE_POOL });
    new ValkeyBackend(chart, 'Queue', { ...QUEUE_WITHOUT_PASSWORD, scheduling: ON_A_NODE_POOL });
  },
  'images of the registries of the platforms': (chart) => {
    for (const [name, image] of Object.entries(OWN_REGISTRIES)) plain(chart, { image }, name);
  },
  'application on a database by URL, without the overlay': (chart) => {
    const server = PostgresBackend.fromUrl(chart, 'Database', URL);
    plain(chart, { database: server, settingsOverlay: { enabled: false } });
  },
  'application on a database of its own': (chart) => {
    plain(chart, {
      database: {
        connection: CONNECTION,
        environment: PostgresBackend.variablesOf(CONNECTION),
        port: CONNECTION.port,
        addClient() {},
        restrictNetwork() {},
      },
    });
  },
  'additions to pods': (chart) => {
    const app = withTasks(chart);
    app.addCeleryWorker({ name: 'default' });
    app.addCommand(COMMAND);
    app.addEnvironment('GREETING', 'hi', WEB);
    app.addSecretEnvironment('TOKEN', SECRET, WEB);
    app.addRedisEnvironment(
      'LOCKS_URL',
      { url: 'redis://locks:6379/3', password: SECRET },
      ConnectionPart.URL,
      WEB,
    );
    const other = PostgresBackend.fromHost(chart, 'Other', HOST);
    app.addDatabaseEnvironment('OTHER_HOST', other, ConnectionPart.HOST, WEB);
    app.addDatabaseEnvironment('OTHER_URL', other, ConnectionPart.URL);
    app.addVolume(VOLUME);
    app.addVolume({ name: 'cache', source: VolumeSource.emptyDirectory('0.5Gi') });
    app.addVolume({
      name: 'flags',
      source: VolumeSource.fromConfigMap({ name: 'flags' }),
      mountPath: '/flags',
    });
    app.addVolume({ name: 'keys', source: VolumeSource.fromSecret({ name: 'keys' }), mountPath: '/keys' });
    app.addSidecar(SIDECAR);
    app.addPodLabel('team', 'polls', WEB);
    app.addPodAnnotation('example.com/owner', 'polls', WEB);
    app.addNodeSelector('disktype', 'ssd', WEB);
    app.addToleration(TOLERATION);
    app.addHostAlias(HOST_ALIAS);
    app.addDnsConfiguration(DNS);
    const mail = EgressTarget.addresses(['192.0.2.25/32'], [SMTP]);
    for (const pods of Object.values(PodKind)) app.allowEgressTo(mail, { pods: [pods] });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'two applications of which one calls the other': (chart) => {
    const app = plain(chart, {});
    const search = plain(chart, { name: 'search' }, 'Search');
    app.allowEgressTo(EgressTarget.application(search));
    if (Distribution.of(chart).network.egressNames) {
      app.allowEgressTo(EgressTarget.names(['api.example.com'], [SMTP]));
    }
    new LeastPrivilegeAccess(chart, 'Access', { app });
    new LeastPrivilegeAccess(chart, 'SearchAccess', { app: search });
  },
  'server of the library': (chart) => {
    new PostgresBackend(chart, 'Database', SERVER);
  },
  'server that an operator makes in a cloud': (chart) => {
    new ManagedPostgres(chart, 'Plain', { name: 'shop', version: 17, storage: '128Gi' });
    new ManagedPostgres(chart, 'Server', CLAIM);
  },
  'server with extensions': (chart) => {
    const extensions: Required<PostgresBackendProps>['extensions'] = ['citext', 'pg_trgm'];
    const server = new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '20Gi', extensions });
    plain(chart, { database: server });
  },
  'server with replicas': (chart) => {
    const server = new PostgresBackend(chart, 'Database', { ...REPLICATED, readReplicas: READ_REPLICAS });
    plain(chart, { database: server });
  },
  'server with a replica, and all that it shares with it': (chart) => {
    const database = new PostgresBackend(chart, 'Database', {
      ...{ ...SERVER, readReplicas: READ_REPLICAS, archive: ARCHIVE },
      ...{ metrics: SERVER_METRICS, certificateSecretName: 'polls-db-tls' },
    });
    const app = plain(chart, { database });
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {}, dashboard: true });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'server from a snapshot': (chart) => {
    new PostgresBackend(chart, 'Database', RESTORED);
  },
  'server with data of an older version': (chart) => {
    const upgradeFrom: Required<PostgresBackendProps>['upgradeFrom'] =
      'docker.io/library/postgres:15-bookworm';
    new PostgresBackend(chart, 'Database', { ...SERVER, upgradeFrom });
  },
  'server whose certificate is checked': (chart) => {
    const certificateSecretName: Required<PostgresBackendProps>['certificateSecretName'] = 'polls-db-tls';
    const server = new PostgresBackend(chart, 'Database', { ...SERVER, certificateSecretName });
    const database = new PgBouncer(chart, 'Pooler', { ...POOLER, database: server });
    new LeastPrivilegeAccess(chart, 'Access', { app: plain(chart, { database }) });
  },
  'server with an archive, and one that is brought to a time': (chart) => {
    const archive: Required<PostgresBackendProps>['archive'] = ARCHIVE;
    const database = new PostgresBackend(chart, 'Database', { ...SERVER, archive });
    new LeastPrivilegeAccess(chart, 'Access', { app: plain(chart, { database }) });
    const restore: Required<PostgresBackendProps>['restore'] = POINT_IN_TIME;
    const claimName: Required<PostgresArchive>['claimName'] = 'archives';
    const other = { ...SERVER, name: 'polls-then', archive: { claimName }, restore };
    new PostgresBackend(chart, 'Then', other);
  },
  'servers that show their metrics': (chart) => {
    const cache: Required<Omit<ValkeyBackendProps, 'passwords'>> = { ...QUEUE, metrics: SERVER_METRICS };
    const database = new PostgresBackend(chart, 'Database', { ...SERVER, metrics: SERVER_METRICS });
    const valkey = new ValkeyBackend(chart, 'Cache', cache);
    const app = plain(chart, { database, cache: valkey.database(0) });
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {}, dashboard: true });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'servers whose passwords change': (chart) => {
    const changing = { passwords: PASSWORDS, metrics: SERVER_METRICS };
    const cache: Required<ValkeyBackendProps> = { ...QUEUE, ...changing };
    const database = new PostgresBackend(chart, 'Database', { ...SERVER, ...changing });
    const valkey = new ValkeyBackend(chart, 'Cache', cache);
    const app = plain(chart, { database, cache: valkey.database(0) });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'server whose tables migrations alone may change': (chart) => {
    const database = new PostgresBackend(chart, 'Database', { ...SERVER, applicationRole: APPLICATION_ROLE });
    const app = plain(chart, { database });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  },
  'server with a password that is made': (chart) => {
    new PostgresBackend(chart, 'Database', SERVER_WITHOUT_PASSWORD);
  },
  'stored secret': (chart) => {
    new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { key: { secret: 'stripe' } } });
  },
  'stored secret, a version and a property of it': (chart) => {
    new StoredSecret(chart, 'Stripe', { ...STORED, refreshInterval: undefined });
  },
  'stored secret, refreshed': (chart) => {
    new StoredSecret(chart, 'Stripe', STORED);
  },
  'stored secret that an application reads': (chart) => {
    const keys = { key: { secret: 'stripe', version: '3' } };
    const stripe = new StoredSecret(chart, 'Stripe', { name: 'stripe', keys });
    plain(chart, { secretEnvironment: { STRIPE: stripe.value('key') } });
  },
  'secret that exists': (chart) => {
    const secret = new ExistingSecret(chart, 'Own', EXISTING);
    plain(chart, { secretKey: secret.value('value') });
  },
  'image of a Dockerfile': (chart) => {
    new ImageBuild(chart, 'Image', DOCKER);
  },
  'image by source-to-image': (chart) => {
    new ImageBuild(chart, 'Image', SOURCE_TO_IMAGE);
  },
  'application of an image that is built': (chart) => {
    const image = new ImageBuild(chart, 'Image', {
      name: 'polls',
      version: '1.4.2',
      source: { url: SOURCE.url },
    });
    image.trigger(plain(chart, { image: image.image }));
  },
  'policy of images': (chart) => {
    new ImagePolicy(chart, 'Images', IMAGES);
    plain(chart, { image: `registry.example.com/polls/web:1.4.2@sha256:${'0123456789abcdef'.repeat(4)}` });
  },
  'limits of a namespace': (chart) => {
    new NamespaceLimits(chart, 'Limits');
    plain(chart, {});
  },
  'limits of a namespace, with a margin and with pods of others': (chart) => {
    new NamespaceLimits(chart, 'Limits', LIMITS);
    plain(chart, {});
  },
  backup: (chart) => {
    // A platform may restore it.
    const restored = new PostgresBackend(chart, 'Database', { name: 'restored-db', storage: '20Gi' });
    plain(chart, { database: restored });
    new DatabaseBackup(chart, 'Backup', { database: restored });
  },
  'backup, when and for how long': (chart) => {
    new DatabaseBackup(chart, 'Backup', { database: usedDatabase(chart), ...BACKUP });
  },
  ...routeParts(),
};
