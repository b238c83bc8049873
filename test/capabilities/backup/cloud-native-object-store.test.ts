import { Duration } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  HealthMonitoring,
  IDistribution,
  LeastPrivilegeAccess,
} from 'cdk8s-django';
import {
  CloudNativeObjectStore,
  CloudNativePostgresBackups,
  CloudNativePostgresBackupsProps,
} from 'cdk8s-django/backup';
import { explainAccess } from 'cdk8s-django/access';
import { AnnotatedIdentity } from 'cdk8s-django/identity';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { chartOn, django, errorOf, find, postgres, synth } from '../../support/synth';

const CLIENT_ID = '00000000-0000-0000-0000-000000000000';
const ROLE = 'arn:aws:iam::111122223333:role/polls';
const AZURE = 'https://acme.blob.core.windows.net/backups/polls';
const KEYS = {
  accessKeyId: { secretName: 'polls-backup', key: 'id' },
  secretAccessKey: { secretName: 'polls-backup', key: 'secret' },
};
const both = (
  objectStore: CloudNativeObjectStore,
  changes: Partial<CloudNativePostgresBackupsProps> = {},
) => ({
  postgres: new CloudNativePostgres(),
  backup: new CloudNativePostgresBackups({ objectStore, ...changes }),
});
const PLATFORMS: Record<string, IDistribution> = {
  gke: Distribution.gke({
    ...both({ destination: 'gs://acme-backups/polls' }),
    projectId: 'acme',
    googleServiceAccounts: { 'polls-db': 'polls-db@acme.iam.gserviceaccount.com' },
  }),
  eks: Distribution.eks({ ...both({ destination: 's3://acme-backups/polls' }), clusterName: 'acme' }),
  aks: Distribution.aks({ ...both({ destination: AZURE }), clientIds: { 'polls-db': CLIENT_ID } }),
  openshift: Distribution.openshift({
    ...both({ destination: 's3://acme-backups/polls' }),
    identity: new AnnotatedIdentity({
      serviceAccountAnnotations: { 'polls-db': { 'eks.amazonaws.com/role-arn': ROLE } },
    }),
  }),
  upstream: Distribution.upstream(
    both({ destination: 's3://backups/polls', endpoint: 'https://minio.example.com:9000', keys: KEYS }),
  ),
};

const define = (chart: any, backup: { retention?: Duration; timeZone?: string } = {}) => {
  const database = postgres(chart);
  const app = django(chart, { database });
  new DatabaseBackup(chart, 'Backup', { database, ...backup });
  new LeastPrivilegeAccess(chart, 'Access', { app });
  return app;
};

describe.each(Object.entries(PLATFORMS))(
  'backups of CloudNativePG in an object store on %s',
  (name, distribution) => {
    const manifests = synth((chart) => define(chart), distribution);

    it('are made by the plugin, from a running server, on the schedule', () => {
      expect(find(manifests, 'ScheduledBackup', 'polls-db').spec).toEqual({
        schedule: '0 0 3 * * *',
        method: 'plugin',
        cluster: { name: 'polls-db' },
        pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' },
        immediate: true,
      });
      const { spec } = find(manifests, 'Cluster', 'polls-db');
      expect(spec.plugins).toEqual([
        {
          name: 'barman-cloud.cloudnative-pg.io',
          isWALArchiver: true,
          parameters: { barmanObjectName: 'polls-db' },
        },
      ]);
      expect(spec.backup).toEqual({ target: 'primary' });
    });

    it('are kept for 30 days, compressed, and with the identity of the platform', () => {
      const { spec } = find(manifests, 'ObjectStore', 'polls-db');
      expect(spec.retentionPolicy).toBe('30d');
      const { destinationPath, data, wal, endpointURL, ...credentials } = spec.configuration;
      expect([data, wal]).toEqual([{ compression: 'gzip' }, { compression: 'gzip' }]);
      expect({ destinationPath, endpointURL, ...credentials }).toEqual(
        {
          gke: { destinationPath: 'gs://acme-backups/polls', googleCredentials: { gkeEnvironment: true } },
          eks: { destinationPath: 's3://acme-backups/polls', s3Credentials: { inheritFromIAMRole: true } },
          aks: { destinationPath: AZURE, azureCredentials: { inheritFromAzureAD: true } },
          openshift: {
            destinationPath: 's3://acme-backups/polls',
            s3Credentials: { inheritFromIAMRole: true },
          },
          upstream: {
            destinationPath: 's3://backups/polls',
            endpointURL: 'https://minio.example.com:9000',
            s3Credentials: {
              accessKeyId: { name: 'polls-backup', key: 'id' },
              secretAccessKey: { name: 'polls-backup', key: 'secret' },
            },
          },
        }[name],
      );
    });

    it('are made by a container with resources, which a quota takes, and without checksums that a store may refuse', () => {
      const { instanceSidecarConfiguration } = find(manifests, 'ObjectStore', 'polls-db').spec;
      const when = { value: 'when_required' };
      expect(instanceSidecarConfiguration).toEqual({
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        env:
          name === 'upstream'
            ? [
                { name: 'AWS_REQUEST_CHECKSUM_CALCULATION', ...when },
                { name: 'AWS_RESPONSE_CHECKSUM_VALIDATION', ...when },
              ]
            : undefined,
      });
    });

    it('are reached by the servers, whose policy lets them out to the store', () => {
      const { egress } = find(manifests, 'NetworkPolicy', 'polls-db').spec;
      const port = name === 'upstream' ? 9000 : 443;
      expect(egress).toContainEqual({ ports: [{ port, protocol: 'TCP' }] });
    });

    it('act as the account of the platform, by the ServiceAccount of the servers', () => {
      const { serviceAccountTemplate, inheritedMetadata } = find(manifests, 'Cluster', 'polls-db').spec;
      const annotations = {
        gke: { 'iam.gke.io/gcp-service-account': 'polls-db@acme.iam.gserviceaccount.com' },
        aks: { 'azure.workload.identity/client-id': CLIENT_ID },
        openshift: { 'eks.amazonaws.com/role-arn': ROLE },
      }[name];
      expect(serviceAccountTemplate).toEqual(annotations && { metadata: { annotations } });
      expect(inheritedMetadata.labels['azure.workload.identity/use']).toBe(
        name === 'aks' ? 'true' : undefined,
      );
      expect(inheritedMetadata.labels['app.kubernetes.io/instance']).toBe('polls-db');
    });

    it('have the commands that let them use the bucket', () => {
      const chart = chartOn(distribution);
      define(chart);
      const text = Distribution.identityCommands(chart) ?? '';
      const granted = {
        gke: 'gcloud storage buckets add-iam-policy-binding gs://acme-backups --role=roles/storage.objectAdmin',
        eks: '"arn:aws:s3:::acme-backups/*"',
        aks: '/blobServices/default/containers/backups',
      }[name];
      if (granted) expect(text).toContain(granted);
      else expect(text).not.toContain('Backups of polls-db');
    });
  },
);

it('backups in an object store are kept for as many days as asked', () => {
  const manifests = synth((chart) => define(chart, { retention: Duration.days(90) }), PLATFORMS.gke);
  expect(find(manifests, 'ObjectStore', 'polls-db').spec.retentionPolicy).toBe('90d');
});

it('backups in an object store have an alert by the metric of the plugin', () => {
  const manifests = synth((chart) => {
    const app = define(chart);
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {} });
  }, PLATFORMS.upstream);
  const rules = JSON.stringify(manifests.filter(({ kind }) => kind === 'PrometheusRule'));
  expect(rules).toContain('barman_cloud_cloudnative_pg_io_last_available_backup_timestamp');
  expect(rules).not.toContain('cnpg_collector_last_available_backup_timestamp');
});

test('the keys of a store are a Secret of the access report', () => {
  const chart = chartOn(PLATFORMS.upstream);
  define(chart);
  const { secrets } = explainAccess(chart).facts;
  expect(secrets.find(({ name }) => name === 'polls-backup')).toMatchObject({
    namespace: 'polls',
    controllers: ['ObjectStore polls-db'],
  });
});

describe('an object store that cannot be', () => {
  const upstream = (
    objectStore: CloudNativeObjectStore,
    changes: Partial<CloudNativePostgresBackupsProps> = {},
  ) => Distribution.upstream(both(objectStore, changes));
  const S3 = { destination: 's3://backups/polls', keys: KEYS };

  it.each<[string, IDistribution, { retention?: Duration; timeZone?: string }, string]>([
    [
      'no place',
      upstream({ destination: '/backups', keys: KEYS }),
      {},
      'backup.objectStore.destination "/backups" is not a folder of an object store. Give "s3://bucket/folder", ' +
        '"gs://bucket/folder" or "https://account.blob.core.windows.net/container/folder".',
    ],
    [
      'an endpoint with a path',
      upstream({ ...S3, endpoint: 'https://minio.example.com/s3' }),
      {},
      'backup.objectStore.endpoint "https://minio.example.com/s3" is not the URL of a server. Give scheme, host and ' +
        'port, such as "https://s3.example.com".',
    ],
    [
      'an endpoint of another kind of store',
      upstream({ destination: 'gs://backups/polls', endpoint: 'https://minio.example.com' }),
      {},
      'backup.objectStore.endpoint "https://minio.example.com" is for a store with the API of S3. Leave it out, or ' +
        'give a destination that begins with "s3://".',
    ],
    [
      'keys of another kind of store',
      upstream({ destination: 'gs://backups/polls', keys: KEYS }),
      {},
      'backup.objectStore.keys {"secretName":"polls-backup","key":"id"} is for a store with the API of S3. Leave it ' +
        'out, or give a destination that begins with "s3://".',
    ],
    [
      'neither keys nor an identity',
      upstream({ destination: 's3://backups/polls' }),
      {},
      'backup.objectStore.keys (not given) is needed, and upstream does not have identities. Give them, or give ' +
        'the distribution identity: new AnnotatedIdentity({ … }).',
    ],
    [
      'the store of another cloud',
      Distribution.gke({
        ...both({ destination: 's3://backups/polls' }),
        projectId: 'acme',
        googleServiceAccounts: { 'polls-db': 'polls-db@acme.iam.gserviceaccount.com' },
      }),
      {},
      'backup.objectStore.destination "s3://backups/polls" is of another cloud than the identity that pods have, which ' +
        'is of "google". Give a bucket of that cloud, or one with the API of S3 and its keys.',
    ],
    [
      'a store of somebody else without keys',
      upstream({ destination: 's3://backups/polls', endpoint: 'https://minio.example.com' }),
      {},
      'backup.objectStore.keys (not given) is needed: https://minio.example.com does not know the identities of a ' +
        'platform. Give the keys that this store has for you.',
    ],
    [
      'a part of a day',
      upstream(S3),
      { retention: Duration.hours(36) },
      'retention "1 day 12 hours" is not a whole number of days, and the Barman Cloud plugin counts in days. Give ' +
        'Duration.days(…).',
    ],
    [
      'a time zone',
      upstream(S3),
      { timeZone: 'Europe/Vienna' },
      'timeZone "Europe/Vienna" is not supported by CloudNativePG. Leave it out, and give the schedule in the time of ' +
        'the operator, mostly UTC.',
    ],
    [
      'snapshots too',
      upstream(S3, { volumeSnapshotClassName: 'fast' }),
      {},
      'backup.volumeSnapshotClassName "fast" is given together with objectStore, which makes no snapshots. Give one ' +
        'of them.',
    ],
  ])('%s', (_what, distribution, backup, message) => {
    expect(errorOf((chart) => define(chart, backup), distribution)).toBe(`polls/Backup: ${message}`);
  });
});
