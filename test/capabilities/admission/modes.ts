import { Chart, Duration } from 'cdk8s';
import {
  Distribution,
  HealthMonitoring,
  IDistribution,
  LeastPrivilegeAccess,
  PublicRoute,
  StoredSecret,
  ValkeyBackend,
  VolumeAccessMode,
} from 'cdk8s-django';
import { IPostgres } from 'cdk8s-django/platform';
import {
  AzurePostgres,
  CloudNativePostgres,
  CloudSqlPostgres,
  PostgresServersProps,
  RdsPostgres,
} from 'cdk8s-django/postgres';
import { ExistingSecretStore } from 'cdk8s-django/secrets';
import { S3Storage } from 'cdk8s-django/storage';
import { CERTIFICATE_ARN, OAUTH_CLIENT, PROVIDER } from '../../support/distributions';
import { django, HOST, postgres } from '../../support/synth';

const ID = '00000000-0000-0000-0000-000000000000';
const STORED = { secret: 'polls-db-password' };
const SERVERS: PostgresServersProps = {
  servers: { 'polls-db': { host: 'db.example.com', password: STORED } },
  certificates: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};
const KEY = { secretName: 'polls-media', key: 'key' };
const s3 = () =>
  new S3Storage({ endpoint: 'https://s3.example.com', keys: { accessKeyId: KEY, secretAccessKey: KEY } });

/** A platform with all its facts: in the mode that demands most or in its other, with whoever runs PostgreSQL. */
type Make = (postgres?: IPostgres, strict?: boolean) => IDistribution;

/** A platform, who runs PostgreSQL on it, and an image of its own registry. */
export interface Mode {
  readonly make: Make;
  readonly managed: IPostgres;
  readonly image: string;
}

export const MODES: Record<string, Mode> = {
  'GKE Autopilot': {
    make: (managed, strict = true) =>
      Distribution.gke({
        autopilot: strict,
        certificateMap: 'polls',
        signIn: OAUTH_CLIENT,
        projectId: 'acme',
        googleServiceAccounts: { polls: 'polls@acme.iam.gserviceaccount.com' },
        postgres: managed,
      }),
    managed: new CloudSqlPostgres({
      instances: { 'polls-db': { connectionName: 'acme:europe-west1:polls', password: STORED } },
    }),
    image: 'europe-docker.pkg.dev/acme/web/polls:1.4.2',
  },
  'EKS Auto Mode': {
    make: (managed, strict = true) =>
      Distribution.eks({
        autoMode: strict,
        region: 'eu-west-1',
        clusterName: 'production',
        roleArns: { polls: 'arn:aws:iam::111122223333:role/polls' },
        certificateArn: CERTIFICATE_ARN,
        loadBalancerCidrs: ['10.0.0.0/20'],
        signIn: PROVIDER,
        postgres: managed,
      }),
    managed: new RdsPostgres(SERVERS),
    image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/polls:1.4.2',
  },
  'AKS Automatic': {
    make: (managed, strict = true) =>
      Distribution.aks({
        automatic: strict,
        keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
        certificateClientId: ID,
        keyVaultUrl: 'https://acme.vault.azure.net',
        tenantId: ID,
        storageAccount: 'acme',
        clientIds: { polls: ID, 'secret-store': ID },
        postgres: managed,
      }),
    managed: new AzurePostgres(SERVERS),
    image: 'acme.azurecr.io/polls:1.4.2',
  },
  OpenShift: {
    make: (managed) =>
      Distribution.openshift({
        secrets: new ExistingSecretStore({ name: 'vault' }),
        objectStorage: s3(),
        postgres: managed,
      }),
    managed: new CloudNativePostgres(),
    image: 'image-registry.openshift-image-registry.svc:5000/builds/polls:1.4.2',
  },
  upstream: {
    make: (managed) =>
      Distribution.upstream({
        clusterIssuer: 'letsencrypt',
        secrets: new ExistingSecretStore({ name: 'vault' }),
        objectStorage: s3(),
        postgres: managed,
      }),
    managed: new CloudNativePostgres(),
    image: 'registry.example.com/polls:1.4.2',
  },
};

/** A chart with every construct and every option that has pods, Services or volumes. */
export function allOptions(chart: Chart, { identity = true, maintenance = true } = {}): void {
  const database = postgres(chart, { pythonImage: 'docker.io/library/python:3.13-slim' });
  const queue = new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', storage: '1Gi' });
  const cache = new ValkeyBackend(chart, 'Cache', { name: 'polls-cache' });
  const stripe = new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { key: { secret: 'stripe' } } });
  const app = django(chart, {
    database,
    replicas: 3,
    asgiModule: 'mysite.asgi',
    secretEnvironment: { STRIPE: stripe.value('key') },
    resources: { cpuRequest: '100m', cpuLimit: '1', memoryRequest: '256Mi', memoryLimit: '1Gi' },
    platformIdentity: identity || undefined,
    mediaBucket: { name: 'acme-polls-media' },
    cache: cache.database(0),
    channelLayer: cache.database(1),
    celery: { broker: queue.database(0) },
  });
  const shared = django(
    chart,
    {
      name: 'shop',
      media: {
        mountPath: '/media',
        size: '1Gi',
        accessMode: VolumeAccessMode.READ_WRITE_MANY,
        storageClassName: 'shared',
      },
      replicas: 2,
    },
    'Shop',
  );
  app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  app.addSessionClearing();
  app.addCeleryWorker({ name: 'default', scaling: { minReplicas: 2, maxReplicas: 4 } });
  app.addCeleryBeat();
  app.addSecretKeyRotation();
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  new PublicRoute(chart, 'Route', {
    app,
    hosts: [HOST],
    timeout: Duration.seconds(60),
    websocketTimeout: Duration.hours(1),
  });
  new PublicRoute(chart, 'ShopRoute', { app: shared, hosts: ['shop.example.com'], maintenance });
  new HealthMonitoring(chart, 'Health', { app, metrics: {} });
  new LeastPrivilegeAccess(chart, 'Access', { app, viewers: ['developers'], operators: ['operators'] });
}
