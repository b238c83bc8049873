import { Distribution, LeastPrivilegeAccess, ValkeyBackend } from 'cdk8s-django';
import {
  HorizontalPodAutoscalers,
  KedaAutoscaling,
  KedaPrometheus,
  TriggerAuthenticationKind,
} from 'cdk8s-django/autoscaling';
import { AnnotatedIdentity, AnnotatedIdentityProps } from 'cdk8s-django/identity';
import { ClusterNetwork } from 'cdk8s-django/network';
import { CloudNativePostgres, CloudSqlPostgres, PostgresServer, RdsPostgres } from 'cdk8s-django/postgres';
import { S3Storage, StorageClasses } from 'cdk8s-django/storage';
import { PlatformValkey, ValkeyServer } from 'cdk8s-django/valkey';
import { django, postgres } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const RANGE =
  '"10.0.0.0" is not a range of addresses. Give an address and the length of its prefix, such as "10.20.0.0/16".';
const EVERY =
  '{} names no label, and would let every namespace in. Give at least one: { "kubernetes.io/metadata.name": "…" }.';
const NOBODY = '[] is empty, and would let everybody in. Name at least one peer, or leave it out.';
const SECRET = { secretName: 'polls-db', key: 'password' };
const bad = { peers: [{ cidr: '10.0.0.0' }] };

describe('a fact that network policies are made of, and that cannot be', () => {
  const identified: BadInput['define'] = (chart) => django(chart, { platformIdentity: true });
  const monitoringNamespaceLabels = { team: 'sre' };

  eachGivesItsMessage([
    {
      what: 'addresses of the metadata server of GKE',
      define: identified,
      distribution: Distribution.gke({ metadataServer: [bad] }),
      message: `polls/Polls: metadataServer.peers.cidr ${RANGE}`,
    },
    {
      what: 'addresses that credentials come from',
      define: identified,
      distribution: Distribution.openshift({
        identity: new AnnotatedIdentity({ serviceAccountAnnotations: {}, egress: [bad] }),
      }),
      message: `polls/Polls: identity.egress.peers.cidr ${RANGE}`,
    },
    {
      what: 'addresses of a Cloud SQL instance',
      define: (chart) => postgres(chart),
      distribution: Distribution.gke({
        postgres: new CloudSqlPostgres({
          instances: {
            'polls-db': { connectionName: 'acme:europe-west1:polls', iamUser: 'polls@acme.iam', ...bad },
          },
        }),
      }),
      message: `polls/Database: postgres.instances.polls-db.peers.cidr ${RANGE}`,
    },
    {
      what: 'labels of CloudNativePG’s operator',
      define: (chart) => postgres(chart),
      distribution: Distribution.openshift({
        postgres: new CloudNativePostgres({ operatorNamespaceLabels: {} }),
      }),
      message: `polls/Database: postgres.operatorNamespaceLabels ${EVERY}`,
    },
    {
      what: 'labels of what scrapes CloudNativePG',
      define: (chart) => postgres(chart),
      distribution: Distribution.openshift({
        postgres: new CloudNativePostgres(),
        network: new ClusterNetwork({ monitoringNamespaceLabels: {} }),
      }),
      message: `polls/Database: network.metricsSources ${EVERY}`,
    },
    {
      what: 'nobody who scrapes a server',
      define: (chart) => {
        const app = django(chart, { database: postgres(chart, { metrics: {} }) });
        new LeastPrivilegeAccess(chart, 'Access', { app });
      },
      distribution: Distribution.openshift({ metricsSources: [] }),
      message: `polls/Database: network.metricsSources ${NOBODY}`,
    },
    {
      what: 'nobody who scrapes CloudNativePG',
      define: (chart) => postgres(chart),
      distribution: Distribution.openshift({ postgres: new CloudNativePostgres(), metricsSources: [] }),
      message: `polls/Database: network.metricsSources ${NOBODY}`,
    },
    {
      what: 'addresses of a name server',
      define: (chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart) }),
      distribution: Distribution.upstream({
        network: new ClusterNetwork({ monitoringNamespaceLabels, dnsPods: { cidr: '10.0.0.0' } }),
      }),
      message: `polls/Access: network.dns.peers.cidr ${RANGE}`,
    },
  ]);
});

/** What a shell would run, were it in a command of `identity.txt`. */
const SHELL = '"; rm -rf /';
const QUOTED = JSON.stringify(SHELL);
const PLATFORM_NAME = `${QUOTED} is not a name that the platform has. Use letters, digits, "-", "_", "." and ":".`;

describe('a fact that commands for a shell are made of, and that would be more', () => {
  const define: BadInput['define'] = (chart) => django(chart, { platformIdentity: true });

  eachGivesItsMessage([
    {
      what: 'a project of Google Cloud',
      define,
      distribution: Distribution.gke({ projectId: SHELL }),
      message: `polls/Polls: projectId ${PLATFORM_NAME}`,
    },
    {
      what: 'a Google service account',
      define,
      distribution: Distribution.gke({ googleServiceAccounts: { polls: SHELL } }),
      message:
        `polls/Polls: googleServiceAccounts.polls ${QUOTED} is not the e-mail address of a Google service account. ` +
        'Give it as "polls@acme.iam.gserviceaccount.com".',
    },
    {
      what: 'a cluster of EKS',
      define,
      distribution: Distribution.eks({ clusterName: SHELL }),
      message: `polls/Polls: clusterName ${PLATFORM_NAME}`,
    },
    {
      what: 'a managed identity',
      define,
      distribution: Distribution.aks({ clientIds: { polls: SHELL } }),
      message:
        `polls/Polls: clientIds.polls ${QUOTED} is not the client ID of a managed identity. ` +
        'Give what "az identity show --query clientId" says: "00000000-0000-0000-0000-000000000000".',
    },
  ]);
});

describe('a fact of a cluster that cannot be', () => {
  const annotated = (props: Partial<AnnotatedIdentityProps>) =>
    Distribution.upstream({ identity: new AnnotatedIdentity({ serviceAccountAnnotations: {}, ...props }) });
  const LABEL_REMEDY =
    'Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" if it has one.';
  const identified: BadInput['define'] = (chart) => django(chart, { platformIdentity: true });

  const prometheus = (what: string, changes: Partial<KedaPrometheus>, message: string): BadInput => ({
    what,
    define: (chart) =>
      django(chart, { scaling: { minReplicas: 1, maxReplicas: 3, targetRequestsPerSecond: 50 } }),
    distribution: Distribution.upstream({
      autoscaling: new KedaAutoscaling({
        prometheus: { serverAddress: 'http://prometheus:9090', ...changes },
      }),
    }),
    message: `polls/Polls: autoscaling.prometheus.${message}`,
  });

  eachGivesItsMessage([
    {
      what: 'a region of S3',
      define: (chart) => django(chart, { mediaBucket: { name: 'polls-media' } }),
      distribution: Distribution.eks({ objectStorage: new S3Storage({ region: 'eu west' }) }),
      message:
        'polls/Polls: objectStorage.region "eu west" is not a name that the platform has. ' +
        'Use letters, digits, "-", "_", "." and ":".',
    },
    {
      what: 'a class of shared volumes',
      define: (chart) => django(chart, { media: { mountPath: '/media', size: '1Gi' } }),
      distribution: Distribution.upstream({
        storage: new StorageClasses({ sharedStorageClassName: 'Shared Files' }),
      }),
      message:
        'polls/Polls: storage.sharedStorageClassName "Shared Files" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    },
    {
      what: 'an annotation of a ServiceAccount',
      define: identified,
      distribution: annotated({ serviceAccountAnnotations: { polls: { 'role arn': 'polls' } } }),
      message: `polls/Polls: identity.serviceAccountAnnotations.polls "role arn" is not the key of a label. ${LABEL_REMEDY}`,
    },
    {
      what: 'a label of pods with an identity',
      define: identified,
      distribution: annotated({ podLabels: { 'uses identity': 'yes' } }),
      message: `polls/Polls: identity.podLabels "uses identity" is not the key of a label. ${LABEL_REMEDY}`,
    },
    {
      what: 'a namespace of KEDA',
      define: (chart) => django(chart, { scaling: { minReplicas: 1, maxReplicas: 3 } }),
      distribution: Distribution.upstream({ autoscaling: new KedaAutoscaling({ namespace: 'Keda' }) }),
      message:
        'polls/Polls: autoscaling.namespace "Keda" is not a name that a namespace can have. ' +
        'Use lower-case letters, digits and "-", beginning and ending with a letter or digit, at most 63.',
    },
    {
      what: 'a namespace of KEDA that nothing else is asked of',
      define: (chart) => {
        const broker = new ValkeyBackend(chart, 'Queue', { name: 'queue', storage: '1Gi' });
        new LeastPrivilegeAccess(chart, 'Access', { app: django(chart, { cache: broker.database(0) }) });
      },
      distribution: Distribution.upstream({ autoscaling: new KedaAutoscaling({ namespace: 'keda!' }) }),
      message:
        'polls/Queue: autoscaling.queueClients.namespaceLabels.kubernetes.io/metadata.name "keda!" is not a value that ' +
        'a label can have. Use letters, digits, "-", "_" and ".", beginning and ending with a letter or digit.',
    },
    prometheus(
      'an address of Prometheus without scheme',
      { serverAddress: 'prometheus:9090' },
      'serverAddress "prometheus:9090" is not the URL of a server. ' +
        'Give scheme, host and port, such as "http://prometheus.monitoring.svc:9090".',
    ),
    prometheus(
      'a metric that ends the query',
      { requestsMetric: 'up) or vector(1' },
      'requestsMetric "up) or vector(1" is not a name that Prometheus gives a metric. ' +
        'Use letters, digits, "_" and ":", and no digit first.',
    ),
    prometheus(
      'a way to identify that Prometheus does not know',
      { authModes: ['digest' as any] },
      'authModes "digest" is not a way in which KEDA identifies itself to Prometheus. ' +
        'Use bearer, basic, tls, custom, or leave it out.',
    ),
    prometheus(
      'no way to identify',
      { authModes: [] },
      'authModes [] is not a way in which KEDA identifies itself to Prometheus. ' +
        'Use bearer, basic, tls, custom, or leave it out.',
    ),
    prometheus(
      'an authentication of another kind',
      { triggerAuthentication: 'thanos', triggerAuthenticationKind: 'Secret' as any },
      'triggerAuthenticationKind "Secret" is not a kind of authentication. ' +
        'Use "TriggerAuthentication" or "ClusterTriggerAuthentication".',
    ),
    prometheus(
      'the kind of no authentication',
      { triggerAuthenticationKind: TriggerAuthenticationKind.TRIGGER_AUTHENTICATION },
      'triggerAuthenticationKind "TriggerAuthentication" has no meaning without triggerAuthentication. ' +
        'Give that, or leave it out.',
    ),
    {
      what: 'a metric that is no part of a path',
      define: (chart) =>
        django(chart, { scaling: { minReplicas: 1, maxReplicas: 3, targetRequestsPerSecond: 50 } }),
      distribution: Distribution.upstream({
        autoscaling: new HorizontalPodAutoscalers({ requestsMetric: 'django/requests' }),
      }),
      message:
        'polls/Polls: autoscaling.requestsMetric "django/requests" is not a name that a metric can have. ' +
        'Give the name under which the custom metrics API has it, without blanks, "/" and "%".',
    },
  ]);
});

describe('a server that the platform runs, by the name that its user wrote', () => {
  const PORT = '0 is not a whole number from 1 to 65535. Give a whole number from 1 to 65535.';
  const HOST =
    '"https://db" is not a host name. Give a DNS name in lower case, such as "polls.example.com", without scheme, ' +
    'port or path.';
  const rds = (what: string, server: Partial<PostgresServer>, message: string): BadInput => ({
    what,
    define: (chart) => postgres(chart, { password: SECRET }),
    distribution: Distribution.eks({
      postgres: new RdsPostgres({
        servers: { 'polls-db': { host: 'db.internal', ...server } },
        certificatePath: '/ca.pem',
      }),
    }),
    message: `polls/Database: postgres.servers.polls-db.${message}`,
  });
  const valkey = (what: string, server: Partial<ValkeyServer>, message: string): BadInput => ({
    what,
    define: (chart) => new ValkeyBackend(chart, 'Queue', { name: 'queue' }),
    distribution: Distribution.upstream({
      valkey: new PlatformValkey({ servers: { queue: { host: 'queue.internal', ...server } } }),
    }),
    message: `polls/Queue: valkey.servers.queue.${message}`,
  });

  eachGivesItsMessage([
    rds('a URL of PostgreSQL', { host: 'https://db' }, `host ${HOST}`),
    rds('a port of PostgreSQL', { port: 0 }, `port ${PORT}`),
    rds('addresses of PostgreSQL', bad, `peers.cidr ${RANGE}`),
    valkey('a URL of Valkey', { host: 'https://db' }, `host ${HOST}`),
    valkey('a port of Valkey', { port: 0 }, `port ${PORT}`),
    valkey('addresses of Valkey', bad, `peers.cidr ${RANGE}`),
    valkey(
      'certificates without a path',
      { certificatePath: 'ca.pem' },
      'certificatePath "ca.pem" is not the path of a file. ' +
        'Give the absolute path of a file in the image, such as "/etc/ssl/certs/ca.pem".',
    ),
    {
      what: 'a key of S3 without its Secret',
      define: (chart) => django(chart, { mediaBucket: { name: 'polls-media' } }),
      distribution: Distribution.openshift({
        objectStorage: new S3Storage({
          keys: { accessKeyId: SECRET, secretAccessKey: { secretName: 'Bucket', key: 'secret' } },
        }),
      }),
      message:
        'polls/Polls: objectStorage.keys.secretAccessKey.secretName "Bucket" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    },
  ]);
});
