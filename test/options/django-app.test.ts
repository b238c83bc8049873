import { Chart, Duration } from 'cdk8s';
import {
  Architecture,
  AsgiServer,
  DjangoAppProps,
  LogFormat,
  PostgresBackend,
  ValkeyBackend,
  VolumeAccessMode,
  WsgiServer,
} from 'cdk8s-django';
import {
  refused,
  row as plainRow,
  rowOnEach as plainRowOnEach,
  testOptions,
  UNCHANGED,
} from '../support/options';
import { zonesOf } from '../support/scheduling';
import { configOf, django, find, postgres, startingWith, webContainer } from '../support/synth';

const row: typeof plainRow<DjangoAppProps> = plainRow;
const rowOnEach: typeof plainRowOnEach<DjangoAppProps> = plainRowOnEach;

const SECRET = { secretName: 'own', key: 'value' };
const IDENTITIES = {
  gke: { 'iam.gke.io/gcp-service-account': 'polls@acme.iam.gserviceaccount.com' },
  eks: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/polls' },
  aks: { 'azure.workload.identity/client-id': '00000000-0000-0000-0000-000000000000' },
};
const noIdentity = (distribution: string) =>
  refused(
    `polls/Polls: platformIdentity true is needed, and ${distribution} does not have identities. Give the distribution ` +
      'identity: new AnnotatedIdentity({ … }).',
  );

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls');
const cause = (manifests: any[]) => deployment(manifests).metadata.annotations['kubernetes.io/change-cause'];
const pods = (manifests: any[]) => deployment(manifests).spec.template.spec;
const command = (manifests: any[]): string[] => webContainer(manifests).command;
const value = (name: string) => (manifests: any[]) =>
  webContainer(manifests).env?.find((one: any) => one.name === name)?.value;
const variable = (name: string) => (manifests: any[]) =>
  webContainer(manifests).env?.find((one: any) => one.name === name)?.valueFrom?.secretKeyRef;
const config = (name: string) => (manifests: any[]) => configOf(manifests)[name];
const after = (flag: string) => (manifests: any[]) =>
  command(manifests)[command(manifests).indexOf(flag) + 1];
const claim = (manifests: any[]) => find(manifests, 'PersistentVolumeClaim', 'polls-media').spec;

const autoscaler = (manifests: any[]) => find(manifests, 'HorizontalPodAutoscaler', 'polls').spec;
/** The metric of an autoscaler that is not its CPU. */
const otherMetric = (manifests: any[]) => autoscaler(manifests).metrics[1];
const requests = (name: string) => ({
  type: 'Pods',
  pods: { metric: { name }, target: { type: 'AverageValue', averageValue: '20' } },
});
const NO_REQUESTS = refused(
  'polls/Polls: scaling.targetRequestsPerSecond 20 needs a metric of requests, which the cluster is not known to have. ' +
    'Give the distribution autoscaling: new HorizontalPodAutoscalers({ requestsMetric: … }) where it has an adapter ' +
    'for custom metrics, or new KedaAutoscaling({ prometheus: … }) where it has KEDA.',
);
const OFFICE_HOURS = { start: '0 8 * * *', end: '0 18 * * *', timeZone: 'Europe/Vienna', replicas: 5 };

const TLS = { url: 'rediss://queue:6379/1', certificatePath: '/certificates/queue.pem' };

/** The fields of the pods that decide on their nodes, of those that they have. */
const nodes = (manifests: any[]) => {
  const { nodeSelector, tolerations } = pods(manifests);
  return [nodeSelector, tolerations?.map(({ key }: any) => key)];
};
const migration = (manifests: any[]) => startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec;
const unknownLabel = (property: string, asked: string, fact: string) =>
  refused(
    `polls/Polls: scheduling.${property} ${asked} asks for nodes by a label that the distribution does not know. ` +
      `Leave it out, or give the distribution scheduling: new NodeLabelScheduling({ ${fact} }).`,
  );
const noTimeFor = (notice: number, shutdown: string, remedy: string) =>
  refused(
    'Validation failed with the following errors:\n' +
      `  [polls/Polls] scheduling.spot true leaves a pod ${notice} s, and its shutdown takes ${shutdown} s for its ` +
      `requests, and the server's end. ${remedy} the distribution of a longer notice, by spotNotice of its scheduling.`,
  );

/** The application, and what its options need beside it. */
function define(chart: Chart, changes: Partial<DjangoAppProps>): void {
  const app = django(chart, changes);
  if (changes.scaling?.targetRequestsPerSecond) app.addMetrics();
}

testOptions<DjangoAppProps>(define, {
  name: [
    row({ name: 'shop' }, (manifests) => find(manifests, 'Service', 'shop').spec.selector, {
      'app.kubernetes.io/name': 'shop',
      'app.kubernetes.io/instance': 'shop',
      'app.kubernetes.io/component': 'web',
    }),
  ],
  image: [
    row(
      { image: 'example.com/other:2' },
      (manifests) => webContainer(manifests).image,
      'example.com/other:2',
    ),
  ],
  release: [
    row({ release: '2026.11' }, config('CDK8S_DJANGO_RELEASE'), '2026.11'),
    row({ release: '2026.11' }, cause, '2026.11, registry.example.com/polls:1.4.2'),
  ],
  commit: [
    row({ commit: '3f1c2ab' }, config('CDK8S_DJANGO_COMMIT'), '3f1c2ab'),
    row({ commit: '3f1c2ab' }, config('CDK8S_DJANGO_RELEASE'), '1.4.2'),
    row({ commit: '3f1c2ab' }, cause, 'commit 3f1c2ab, registry.example.com/polls:1.4.2'),
  ],
  settingsModule: [row({ settingsModule: 'shop.conf' }, config('CDK8S_DJANGO_SETTINGS_MODULE'), 'shop.conf')],
  pythonPath: [
    row(
      { pythonPath: ['/app/src', '/app/apps'] },
      value('PYTHONPATH'),
      '/opt/cdk8s-django:/app/src:/app/apps',
    ),
  ],
  workingDirectory: [
    row({ workingDirectory: '/app' }, (manifests) => webContainer(manifests).workingDir, '/app'),
  ],
  wsgiModule: [
    row({ wsgiModule: 'shop.web' }, (manifests) => command(manifests).at(-1), 'shop.web:application'),
  ],
  asgiModule: [
    row({ asgiModule: 'mysite.asgi' }, (manifests) => command(manifests).at(-1), 'mysite.asgi:application'),
  ],
  asgiServer: [
    row(
      { asgiModule: 'mysite.asgi', asgiServer: AsgiServer.DAPHNE },
      (manifests) => command(manifests)[3],
      'daphne',
    ),
    row(
      { asgiModule: 'mysite.asgi', asgiServer: AsgiServer.GRANIAN },
      (manifests) => command(manifests)[3],
      'granian',
    ),
    row(
      { asgiModule: 'mysite.asgi', asgiServer: AsgiServer.GUNICORN },
      (manifests) => after('--worker-class')(manifests),
      'asgi',
    ),
  ],
  wsgiServer: [row({ wsgiServer: WsgiServer.GRANIAN }, (manifests) => command(manifests)[3], 'granian')],
  database: [
    row((chart) => ({ database: postgres(chart) }), value('DATABASE_HOST'), 'polls-db'),
    row(
      (chart) => ({ database: PostgresBackend.fromUrl(chart, 'Url', { url: SECRET }) }),
      variable('DATABASE_URL'),
      { name: 'own', key: 'value' },
    ),
  ],
  environment: [row({ environment: { TEAM: 'polls' } }, config('TEAM'), 'polls')],
  secretEnvironment: [
    row({ secretEnvironment: { STRIPE: SECRET } }, variable('STRIPE'), { name: 'own', key: 'value' }),
  ],
  secretsAsFiles: [
    row(
      { secretsAsFiles: true, secretEnvironment: { STRIPE: SECRET } },
      (manifests) =>
        pods(manifests)
          .volumes.find(({ name }: any) => name === 'secret-files')
          .projected.sources.find(({ secret }: any) => secret.name === 'own'),
      { secret: { name: 'own', items: [{ key: 'value', path: 'STRIPE' }] } },
    ),
    row({ secretsAsFiles: false, secretEnvironment: { STRIPE: SECRET } }, variable('STRIPE'), {
      name: 'own',
      key: 'value',
    }),
  ],
  secretKey: [row({ secretKey: SECRET }, variable('SECRET_KEY'), { name: 'own', key: 'value' })],
  pythonImage: [
    row(
      { pythonImage: 'example.com/python:3.13' },
      (manifests) => startingWith(manifests, 'Job', 'polls-secret').spec.template.spec.containers[0].image,
      'example.com/python:3.13',
    ),
  ],
  replicas: [row({ replicas: 5 }, (manifests) => deployment(manifests).spec.replicas, 5)],
  scaling: [
    row(
      { scaling: { minReplicas: 3, maxReplicas: 9, targetCpuUtilization: 60 } },
      (manifests) => {
        const { minReplicas, maxReplicas, metrics } = autoscaler(manifests);
        return [minReplicas, maxReplicas, metrics[0].containerResource.target.averageUtilization];
      },
      [3, 9, 60],
    ),
    row({ scaling: { minReplicas: 3, maxReplicas: 9, targetMemoryUtilization: 80 } }, otherMetric, {
      type: 'ContainerResource',
      containerResource: {
        name: 'memory',
        container: 'web',
        target: { type: 'Utilization', averageUtilization: 80 },
      },
    }),
    row(
      { scaling: { minReplicas: 3, maxReplicas: 9, scaleDownStabilization: Duration.minutes(10) } },
      (manifests) => autoscaler(manifests).behavior.scaleDown.stabilizationWindowSeconds,
      600,
    ),
    rowOnEach({ scaling: { minReplicas: 3, maxReplicas: 9, targetRequestsPerSecond: 20 } }, otherMetric, {
      gke: requests('prometheus.googleapis.com|django_http_responses_total|counter'),
      eks: requests('django_http_responses'),
      aks: NO_REQUESTS,
      openshift: NO_REQUESTS,
      upstream: requests('django_http_responses'),
    }),
    row(
      { scaling: { minReplicas: 3, maxReplicas: 9, schedules: [OFFICE_HOURS] } },
      autoscaler,
      refused(
        `polls/Polls: scaling.schedules ${JSON.stringify([OFFICE_HOURS])} is not supported by ` +
          'HorizontalPodAutoscaler. Give the distribution autoscaling: new KedaAutoscaling() where the cluster has KEDA, or leave it out.',
      ),
    ),
  ],
  recommendResources: [
    row(
      { recommendResources: true },
      (manifests) => find(manifests, 'VerticalPodAutoscaler', 'polls'),
      refused(
        'polls/Polls: recommendResources true needs a VerticalPodAutoscaler, which the cluster is not known to have. ' +
          'Give the distribution autoscaling: new HorizontalPodAutoscalers({ verticalPodAutoscaler: true, … }) where it ' +
          'has, or leave it out.',
      ),
    ),
  ],
  resources: [
    row(
      {
        resources: {
          cpuRequest: '100m',
          cpuLimit: '2',
          memoryRequest: '300Mi',
          memoryLimit: '1Gi',
          ephemeralStorage: '2Gi',
        },
      },
      (manifests) => webContainer(manifests).resources,
      {
        requests: { cpu: '100m', memory: '300Mi', 'ephemeral-storage': '2Gi' },
        limits: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '2Gi' },
      },
    ),
  ],
  processes: [row({ processes: 7 }, after('--processes'), '7')],
  threads: [row({ threads: 9 }, after('--threads'), '9')],
  workerClass: [row({ workerClass: 'gevent' }, after('--worker-class'), 'gevent')],
  maxRequests: [row({ maxRequests: 1000 }, after('--max-requests'), '1000')],
  port: [
    row({ port: 9000 }, (manifests) => webContainer(manifests).ports[0].containerPort, 9000),
    row({ port: 9000 }, (manifests) => find(manifests, 'Service', 'polls').spec.ports[0].port, 9000),
  ],
  pathPrefix: [row({ pathPrefix: '/polls' }, config('CDK8S_DJANGO_PATH_PREFIX'), '/polls')],
  trustedOrigins: [
    row(
      { trustedOrigins: ['https://shop.example.com'] },
      config('CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS'),
      'https://shop.example.com',
    ),
  ],
  allowedHosts: [
    row({ allowedHosts: ['only.internal'] }, config('CDK8S_DJANGO_ALLOWED_HOSTS'), 'only.internal'),
  ],
  imagePullSecrets: [
    row({ imagePullSecrets: ['registry'] }, (manifests) => pods(manifests).imagePullSecrets, [
      { name: 'registry' },
    ]),
  ],
  runAsUser: [
    rowOnEach({ runAsUser: 10001 }, (manifests) => pods(manifests).securityContext.runAsUser, {
      gke: 10001,
      eks: 10001,
      aks: 10001,
      openshift: UNCHANGED,
      upstream: 10001,
    }),
  ],
  settingsOverlay: [
    row({ settingsOverlay: { enabled: false } }, config('DJANGO_SETTINGS_MODULE'), 'mysite.settings'),
    row({ settingsOverlay: { keep: ['LOGGING', 'CACHES'] } }, config('CDK8S_DJANGO_KEEP'), 'LOGGING,CACHES'),
    row(
      { settingsOverlay: { strictTransportSecurity: Duration.days(1) } },
      config('CDK8S_DJANGO_HSTS_SECONDS'),
      '86400',
    ),
    row({ settingsOverlay: { serveStatic: false } }, config('CDK8S_DJANGO_SERVE_STATIC'), 'false'),
    row(
      {
        settingsOverlay: { keepStatic: true },
        media: {
          mountPath: '/media',
          size: '1Gi',
          accessMode: VolumeAccessMode.READ_WRITE_MANY,
          storageClassName: 'shared',
        },
      },
      config('CDK8S_DJANGO_KEEP_STATIC'),
      'true',
    ),
    row(
      { settingsOverlay: { readinessServices: ['database:default', 'cache'] } },
      config('CDK8S_DJANGO_READY_CHECKS'),
      'database:default,cache,migrations',
    ),
    row({ settingsOverlay: { readinessServices: [] } }, config('CDK8S_DJANGO_READY_CHECKS'), 'none'),
    row(
      { settingsOverlay: { routerAddresses: ['10.8.0.0/26', '2001:db8::/64'] } },
      config('CDK8S_DJANGO_ROUTER_ADDRESSES'),
      '10.8.0.0/26,2001:db8::/64',
    ),
    row(
      { settingsOverlay: { visitorAddress: true, restrictedPaths: { '/admin': ['203.0.113.0/24'] } } },
      config('CDK8S_DJANGO_RESTRICTED_PATHS'),
      '{"/admin":["203.0.113.0/24"]}',
    ),
    row(
      { settingsOverlay: { signInPaths: ['/admin'] } },
      config('CDK8S_DJANGO_SIGN_IN_PATHS'),
      refused(
        'Validation failed with the following errors:\n  [polls/Polls] settingsOverlay.signInPaths ["/admin"] would be closed to everybody: no route of the application ' +
          'has visitors sign in. Give a PublicRoute of the application signIn true.',
      ),
    ),
    row(
      { settingsOverlay: { contentSecurityPolicy: { 'default-src': ["'self'"] } } },
      config('CDK8S_DJANGO_CONTENT_SECURITY_POLICY'),
      `{"default-src":["'self'"]}`,
    ),
    row({ settingsOverlay: { logFormat: LogFormat.KEEP } }, config('CDK8S_DJANGO_LOG_FORMAT'), 'keep'),
  ],
  cache: [
    row({ cache: { url: 'redis://cache:6379/0' } }, config('CACHE_URL'), 'redis://cache:6379/0'),
    row({ cache: { url: 'redis://cache:6379/0', password: SECRET } }, variable('CACHE_PASSWORD'), {
      name: 'own',
      key: 'value',
    }),
  ],
  celery: [
    row(
      { celery: { broker: { url: 'redis://queue:6379/1' } } },
      value('CELERY_BROKER_URL'),
      'redis://queue:6379/1',
    ),
    row(
      { celery: { broker: TLS } },
      value('CELERY_BROKER_URL'),
      'rediss://queue:6379/1?ssl_cert_reqs=required&ssl_ca_certs=/certificates/queue.pem',
    ),
    row({ celery: { broker: { ...TLS, password: SECRET } } }, variable('CELERY_BROKER_PASSWORD'), {
      name: 'own',
      key: 'value',
    }),
    row(
      { celery: { broker: TLS, application: 'mysite.tasks:queue' } },
      config('CDK8S_DJANGO_CELERY_APP'),
      'mysite.tasks:queue',
    ),
    row(
      { celery: { broker: TLS, visibilityTimeout: Duration.hours(2) } },
      config('CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT'),
      '7200',
    ),
    row(
      { celery: { broker: TLS, keyPrefix: 'polls:' } },
      config('CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS'),
      '{"global_keyprefix":"polls:"}',
    ),
    row({ celery: { broker: TLS, acksLate: true } }, config('CDK8S_DJANGO_CELERY_ACKS_LATE'), 'true'),
    row(
      (chart) => ({
        celery: { broker: new ValkeyBackend(chart, 'Cache', { name: 'polls-cache' }).database(0) },
      }),
      value('CELERY_BROKER_URL'),
      refused(
        'polls/Polls: celery.broker "redis://polls-cache:6379/0" is a server that forgets the tasks in it when its ' +
          'pod ends. Give its ValkeyBackend storage, or make another one for tasks.',
      ),
    ),
  ],
  channelLayer: [
    row(
      { channelLayer: { url: 'redis://cache:6379/2' } },
      value('CHANNEL_LAYER_URL'),
      'redis://cache:6379/2',
    ),
    row(
      { channelLayer: { url: 'redis://cache:6379/2', password: SECRET } },
      variable('CHANNEL_LAYER_PASSWORD'),
      {
        name: 'own',
        key: 'value',
      },
    ),
  ],
  scheduling: [
    rowOnEach({ scheduling: { architecture: Architecture.ARM64 } }, nodes, {
      gke: [{ 'kubernetes.io/arch': 'arm64' }, ['kubernetes.io/arch']],
      eks: [{ 'kubernetes.io/arch': 'arm64' }, undefined],
      aks: [{ 'kubernetes.io/arch': 'arm64' }, undefined],
      openshift: [{ 'kubernetes.io/arch': 'arm64' }, undefined],
      upstream: [{ 'kubernetes.io/arch': 'arm64' }, undefined],
    }),
    row(
      {
        migrate: true,
        scheduling: { architecture: Architecture.ARM64, priorityClassName: 'web', zones: ['zone-a'] },
      },
      (manifests) => [migration(manifests).nodeSelector, migration(manifests).affinity],
      [{ 'kubernetes.io/arch': 'arm64' }, undefined],
    ),
    row({ scheduling: { zones: ['zone-a', 'zone-b'] } }, (manifests) => zonesOf(pods(manifests)), [
      {
        matchExpressions: [
          { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-a', 'zone-b'] },
        ],
      },
    ]),
    row(
      { scheduling: { priorityClassName: 'web' } },
      (manifests) => pods(manifests).priorityClassName,
      'web',
    ),
    rowOnEach({ scheduling: { nodePool: 'web' } }, nodes, {
      gke: [{ 'cloud.google.com/compute-class': 'web' }, ['cloud.google.com/compute-class']],
      eks: [{ 'eks.amazonaws.com/nodegroup': 'web' }, undefined],
      aks: [{ 'kubernetes.azure.com/agentpool': 'web' }, undefined],
      openshift: unknownLabel('nodePool', '"web"', 'nodePoolLabel: "…"'),
      upstream: unknownLabel('nodePool', '"web"', 'nodePoolLabel: "…"'),
    }),
    rowOnEach({ scheduling: { spot: true }, requestTimeout: Duration.seconds(20) }, nodes, {
      gke: noTimeFor(15, '40 s: 15 s until the router sends it nothing more, 20', 'Tell'),
      eks: [{ 'eks.amazonaws.com/capacityType': 'SPOT' }, undefined],
      aks: [{ 'kubernetes.azure.com/scalesetpriority': 'spot' }, ['kubernetes.azure.com/scalesetpriority']],
      openshift: unknownLabel('spot', 'true', 'spotLabels: { … }'),
      upstream: unknownLabel('spot', 'true', 'spotLabels: { … }'),
    }),
  ],
  requestTimeout: [row({ requestTimeout: Duration.seconds(12) }, after('--graceful-timeout'), '12')],
  migrate: [
    row(
      { migrate: true },
      (manifests) => startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec.containers[0].name,
      'migrate',
    ),
  ],
  migrationDeadline: [
    row(
      { migrate: true, migrationDeadline: Duration.minutes(5) },
      (manifests) => startingWith(manifests, 'Job', 'polls-migrate').spec.activeDeadlineSeconds,
      300,
    ),
  ],
  media: [
    rowOnEach(
      {
        replicas: 1,
        media: { mountPath: '/media', size: '5Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE },
      },
      (manifests) => [
        claim(manifests).storageClassName,
        webContainer(manifests).volumeMounts.at(-1).mountPath,
      ],
      {
        gke: ['standard-rwo', '/media'],
        eks: ['gp2', '/media'],
        aks: ['managed-csi', '/media'],
        openshift: [undefined, '/media'],
        upstream: [undefined, '/media'],
      },
    ),
    row(
      { media: { mountPath: '/media', size: '5Gi', storageClassName: 'nfs', serve: true } },
      config('CDK8S_DJANGO_SERVE_MEDIA'),
      'true',
    ),
    row({ media: { mountPath: '/media', size: '5Gi', storageClassName: 'nfs' } }, claim, {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '5Gi' } },
      storageClassName: 'nfs',
    }),
  ],
  mediaBucket: [
    rowOnEach({ mediaBucket: { name: 'acme-media' } }, config('CDK8S_DJANGO_MEDIA_STORAGE'), {
      gke: 'storages.backends.gcloud.GoogleCloudStorage',
      eks: 'storages.backends.s3.S3Storage',
      aks: 'storages.backends.azure_storage.AzureStorage',
      openshift: 'storages.backends.s3.S3Storage',
      upstream: 'storages.backends.s3.S3Storage',
    }),
    row(
      { mediaBucket: { name: 'acme-media', folder: 'uploads', publicRead: true } },
      (manifests) => /uploads/.test(config('CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS')(manifests)),
      true,
    ),
  ],
  platformIdentity: [
    rowOnEach(
      { platformIdentity: true },
      (manifests) => find(manifests, 'ServiceAccount', 'polls').metadata.annotations,
      { ...IDENTITIES, openshift: noIdentity('openshift'), upstream: noIdentity('upstream') },
    ),
  ],
});
