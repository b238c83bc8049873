import { Chart, Duration } from 'cdk8s';
import { DjangoAppProps, PostgresBackend } from 'cdk8s-django';
import {
  refused,
  row as plainRow,
  rowOnEach as plainRowOnEach,
  testOptions,
  UNCHANGED,
} from '../support/options';
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
    `polls/Polls: platformIdentity true is needed, and ${distribution} knows no identities. Give the distribution ` +
      'identity: new AnnotatedIdentity({ … }).',
  );

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls');
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

/** The application, and what its options need beside it. */
function define(chart: Chart, changes: Partial<DjangoAppProps>): void {
  const app = django(chart, changes);
  if (changes.scaling?.targetRequestsPerSecond) app.addMetricsPath('/metrics');
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
  settingsModule: [row({ settingsModule: 'shop.conf' }, config('CDK8S_DJANGO_SETTINGS_MODULE'), 'shop.conf')],
  wsgiModule: [
    row({ wsgiModule: 'shop.web' }, (manifests) => command(manifests).at(-1), 'shop.web:application'),
  ],
  asgiModule: [
    row({ asgiModule: 'mysite.asgi' }, (manifests) => command(manifests).slice(0, 4), [
      ...['python', '-m', 'uvicorn', 'mysite.asgi:application'],
    ]),
  ],
  asgiServer: [
    row({ asgiModule: 'mysite.asgi', asgiServer: 'daphne' }, command, [
      ...['python', '-m', 'daphne', '--bind', '0.0.0.0', '--port', '8000', 'mysite.asgi:application'],
    ]),
  ],
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
  secretKey: [row({ secretKey: SECRET }, variable('SECRET_KEY'), { name: 'own', key: 'value' })],
  replicas: [row({ replicas: 5 }, (manifests) => deployment(manifests).spec.replicas, 5)],
  scaling: [
    row(
      { scaling: { minReplicas: 3, maxReplicas: 9, targetCpuUtilization: 60 } },
      (manifests) => {
        const { minReplicas, maxReplicas, metrics } = autoscaler(manifests);
        return [minReplicas, maxReplicas, metrics[0].resource.target.averageUtilization];
      },
      [3, 9, 60],
    ),
    row({ scaling: { minReplicas: 3, maxReplicas: 9, targetMemoryUtilization: 80 } }, otherMetric, {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 80 } },
    }),
    row(
      { scaling: { minReplicas: 3, maxReplicas: 9, scaleDownStabilization: Duration.minutes(10) } },
      (manifests) => autoscaler(manifests).behavior.scaleDown.stabilizationWindowSeconds,
      600,
    ),
    rowOnEach({ scaling: { minReplicas: 3, maxReplicas: 9, targetRequestsPerSecond: 20 } }, otherMetric, {
      gke: requests('prometheus.googleapis.com|django_http_requests_before_middlewares_total|counter'),
      eks: requests('django_http_requests_before_middlewares'),
      aks: NO_REQUESTS,
      openshift: NO_REQUESTS,
      upstream: requests('django_http_requests_before_middlewares'),
    }),
    row(
      { scaling: { minReplicas: 3, maxReplicas: 9, schedules: [OFFICE_HOURS] } },
      autoscaler,
      refused(
        `polls/Polls: scaling.schedules ${JSON.stringify([OFFICE_HOURS])} is nothing that a HorizontalPodAutoscaler ` +
          'knows. Give the distribution autoscaling: new KedaAutoscaling() where the cluster has KEDA, or leave it out.',
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
      { resources: { cpuRequest: '100m', cpuLimit: '2', memoryRequest: '300Mi', memoryLimit: '1Gi' } },
      (manifests) => webContainer(manifests).resources,
      { requests: { cpu: '100m', memory: '300Mi' }, limits: { cpu: '2', memory: '1Gi' } },
    ),
  ],
  workers: [row({ workers: 7 }, after('--workers'), '7')],
  threads: [row({ threads: 9 }, after('--threads'), '9')],
  workerClass: [row({ workerClass: 'gevent' }, after('--worker-class'), 'gevent')],
  maxRequests: [row({ maxRequests: 1000 }, after('--max-requests'), '1000')],
  port: [
    row({ port: 9000 }, (manifests) => webContainer(manifests).ports[0].containerPort, 9000),
    row({ port: 9000 }, (manifests) => find(manifests, 'Service', 'polls').spec.ports[0].port, 9000),
  ],
  allowedHosts: [row({ allowedHosts: ['only.internal'] }, config('ALLOWED_HOSTS'), 'only.internal')],
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
  settingsOverlay: [row({ settingsOverlay: false }, config('DJANGO_SETTINGS_MODULE'), 'mysite.settings')],
  overlay: [
    row({ overlay: { keep: ['LOGGING', 'CACHES'] } }, config('CDK8S_DJANGO_KEEP'), 'LOGGING,CACHES'),
    row(
      { overlay: { strictTransportSecurity: Duration.days(1) } },
      config('CDK8S_DJANGO_HSTS_SECONDS'),
      '86400',
    ),
    row({ overlay: { serveStatic: false } }, config('CDK8S_DJANGO_SERVE_STATIC'), 'false'),
    row({ overlay: { logFormat: 'keep' } }, config('CDK8S_DJANGO_LOG_FORMAT'), 'keep'),
  ],
  cache: [
    row({ cache: { url: 'redis://cache:6379/0' } }, config('CACHE_URL'), 'redis://cache:6379/0'),
    row({ cache: { url: 'redis://cache:6379/0', password: SECRET } }, variable('CACHE_PASSWORD'), {
      name: 'own',
      key: 'value',
    }),
  ],
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
      { replicas: 1, media: { mountPath: '/media', size: '5Gi', accessMode: 'ReadWriteOnce' } },
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
