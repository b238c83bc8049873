import { App, Chart, Testing } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  DjangoApp,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackendProps,
} from 'cdk8s-django';
import { BackupBucket, DumpBackups, DumpBackupsProps } from 'cdk8s-django/backup';
import { explainAccess } from 'cdk8s-django/access';
import { AnnotatedIdentity } from 'cdk8s-django/identity';
import { chartOn, django, errorOf, find, postgres, synth } from '../../support/synth';

const CLIENT_ID = '00000000-0000-0000-0000-000000000000';
const ROLE = 'arn:aws:iam::111122223333:role/polls';
const AZURE = 'https://acme.blob.core.windows.net/backups/polls';
const GOOGLE = 'polls-db-dump@acme.iam.gserviceaccount.com';
const KEYS = {
  accessKeyId: { secretName: 'polls-backup', key: 'id' },
  secretAccessKey: { secretName: 'polls-backup', key: 'secret' },
};
const PASSWORD = { secretName: 'polls-backup', key: 'password' };
const dumps = (bucket: BackupBucket, props: DumpBackupsProps = {}) => ({
  backup: new DumpBackups({ ...props, bucket }),
});
const ON_S3: BackupBucket = {
  destination: 's3://backups/polls',
  endpoint: 'https://minio.example.com:9000',
  keys: KEYS,
};

interface Platform {
  readonly distribution: IDistribution;
  readonly variables: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
}

const PLATFORMS: Record<string, Platform> = {
  gke: {
    distribution: Distribution.gke({
      ...dumps({ destination: 'gs://acme-backups/polls' }),
      projectId: 'acme',
      googleServiceAccounts: { 'polls-db-dump': GOOGLE, 'polls-db': GOOGLE },
    }),
    variables: { TYPE: 'google cloud storage', BUCKET_POLICY_ONLY: 'true', NO_CHECK_BUCKET: 'true' },
    annotations: { 'iam.gke.io/gcp-service-account': GOOGLE },
  },
  eks: {
    distribution: Distribution.eks({
      ...dumps({ destination: 's3://acme-backups/polls/', region: 'eu-west-1' }),
      roleArns: { 'polls-db-dump': ROLE, 'polls-db': ROLE },
    }),
    variables: {
      ...{ TYPE: 's3', PROVIDER: 'AWS', NO_CHECK_BUCKET: 'true', UPLOAD_CONCURRENCY: '2' },
      REGION: 'eu-west-1',
    },
    annotations: { 'eks.amazonaws.com/role-arn': ROLE },
  },
  aks: {
    distribution: Distribution.aks({
      ...dumps({ destination: AZURE }),
      clientIds: { 'polls-db-dump': CLIENT_ID, 'polls-db': CLIENT_ID },
    }),
    variables: { TYPE: 'azureblob', ACCOUNT: 'acme', NO_CHECK_CONTAINER: 'true', UPLOAD_CONCURRENCY: '2' },
    annotations: { 'azure.workload.identity/client-id': CLIENT_ID },
    labels: { 'azure.workload.identity/use': 'true' },
  },
  openshift: {
    distribution: Distribution.openshift({
      ...dumps({ destination: 's3://acme-backups' }),
      identity: new AnnotatedIdentity({
        serviceAccountAnnotations: {
          'polls-db-dump': { 'eks.amazonaws.com/role-arn': ROLE },
          'polls-db': { 'eks.amazonaws.com/role-arn': ROLE },
        },
      }),
    }),
    variables: { TYPE: 's3', PROVIDER: 'AWS', NO_CHECK_BUCKET: 'true', UPLOAD_CONCURRENCY: '2' },
    annotations: { 'eks.amazonaws.com/role-arn': ROLE },
  },
  upstream: {
    distribution: Distribution.upstream(dumps(ON_S3)),
    variables: {
      ...{ TYPE: 's3', PROVIDER: 'Other', NO_CHECK_BUCKET: 'true', UPLOAD_CONCURRENCY: '2' },
      ENDPOINT: 'https://minio.example.com:9000',
    },
  },
};

function define(chart: Chart, server: Partial<PostgresBackendProps> = {}): DjangoApp {
  const database = postgres(chart, server);
  const app = django(chart, { database });
  new DatabaseBackup(chart, 'Backup', { database });
  new LeastPrivilegeAccess(chart, 'Access', { app });
  return app;
}

const templateOf = (made: any[]) => find(made, 'CronJob', 'polls-db-dump').spec.jobTemplate.spec.template;
const serverOf = (made: any[]) => find(made, 'StatefulSet', 'polls-db').spec.template;
const plain = ({ env }: any) =>
  Object.fromEntries(
    env.flatMap(({ name, value }: any) =>
      name.startsWith('RCLONE_CONFIG_BUCKET_') ? [[name.slice('RCLONE_CONFIG_BUCKET_'.length), value]] : [],
    ),
  );
const ports = (made: any[], name: string) =>
  find(made, 'NetworkPolicy', name).spec.egress?.flatMap((rule: any) =>
    (rule.ports ?? []).map((one: any) => one.port),
  ) ?? [];

describe.each(Object.entries(PLATFORMS))('dumps in a bucket on %s', (name, platform) => {
  const { distribution, variables, annotations, labels } = platform;
  const made = synth((chart) => define(chart), distribution);
  const restoring = synth((chart) => define(chart, { restoreFrom: 'polls-db-latest' }), distribution);
  const [upload] = templateOf(made).spec.containers;
  const [fetch, restore] = serverOf(restoring).spec.initContainers;

  it('are copied once there is a dump, by a container that knows no password of the database', () => {
    const { initContainers, containers } = templateOf(made).spec;
    expect(initContainers.map((one: any) => one.name)).toEqual(['dump']);
    expect(containers.map((one: any) => one.name)).toEqual(['upload']);
    expect(upload.image).toBe('docker.io/rclone/rclone:1.71.2');
    expect(upload.command.slice(0, 2)).toEqual(['sh', '/etc/cdk8s-django/upload.sh']);
    expect(upload.command[2]).toMatch(/^bucket:[^/]+(\/polls)?\/polls\/polls-db$/);
    expect(upload.command.slice(3)).toEqual(['polls-db', '720']);
    expect(upload.env.map((one: any) => one.name)).not.toContain('POSTGRES_PASSWORD');
    expect(upload.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(find(made, 'ConfigMap', 'polls-db-dump').data['upload.sh']).toContain('rclone');
  });

  it('are reached as the platform wants it', () => {
    expect(plain(upload)).toEqual({ ENV_AUTH: 'true', ...variables });
    expect(plain(fetch)).toEqual(plain(upload));
    const checksums = upload.env.filter((one: any) => one.name.includes('_CHECKSUM_'));
    expect(checksums.map((one: any) => one.value)).toEqual(
      name === 'upstream' ? ['when_required', 'when_required'] : [],
    );
    const keys = upload.env.filter((one: any) => one.valueFrom).map((one: any) => one.name);
    expect(keys).toEqual(name === 'upstream' ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : []);
    for (const [manifests, account] of [
      [made, 'polls-db-dump'],
      [restoring, 'polls-db'],
    ] as const) {
      expect(find(manifests, 'ServiceAccount', account).metadata.annotations).toEqual(annotations);
    }
    expect(templateOf(made).metadata.labels).toMatchObject(labels ?? {});
    expect(serverOf(restoring).metadata.labels).toMatchObject(labels ?? {});
  });

  it('open the port of the bucket to those alone who need it', () => {
    const port = name === 'upstream' ? 9000 : 443;
    expect(ports(made, 'polls-db-dump')).toContain(port);
    expect(ports(made, 'polls-db')).toEqual([]);
    // And the name server.
    expect(ports(restoring, 'polls-db')).toEqual(
      ports(made, 'polls-db-dump').filter((one: number) => one !== 5432),
    );
  });

  it('are fetched before they are restored, by a container that may not write the data', () => {
    expect([fetch.name, restore.name]).toEqual(['fetch', 'restore']);
    expect(fetch.command.slice(3)).toEqual(['polls-db', 'polls-db-latest']);
    const mounts = Object.fromEntries(
      fetch.volumeMounts.map((one: any) => [one.name, Boolean(one.readOnly)]),
    );
    expect(mounts).toEqual({ data: true, scripts: true, dumps: false, tmp: false });
    expect(fetch.env).toContainEqual({ name: 'PGDATA', value: '/var/lib/cdk8s-django/postgresql/pgdata' });
    expect(fetch.env.map((one: any) => one.name)).not.toContain('POSTGRES_PASSWORD');
    expect(find(restoring, 'ConfigMap', 'polls-db').data['fetch.sh']).toContain('rclone');
  });

  it('leave the server as it is', () => {
    const { annotations: none } = find(made, 'ServiceAccount', 'polls-db').metadata;
    expect(none).toBeUndefined();
    expect(serverOf(made).spec.initContainers).toBeUndefined();
    expect(Object.keys(find(made, 'ConfigMap', 'polls-db').data)).not.toContain('fetch.sh');
  });
});

it('are encrypted by a password of a Secret, which is in no manifest', () => {
  const encrypted = Distribution.upstream(dumps({ ...ON_S3, encryptionPassword: PASSWORD }));
  const [upload] = templateOf(synth((chart) => define(chart), encrypted)).spec.containers;
  expect(upload.command[2]).toBe('encrypted:polls-db');
  expect(upload.env).toEqual(
    expect.arrayContaining([
      { name: 'RCLONE_CONFIG_ENCRYPTED_TYPE', value: 'crypt' },
      { name: 'RCLONE_CONFIG_ENCRYPTED_REMOTE', value: 'bucket:backups/polls/polls' },
      {
        name: 'ENCRYPTION_PASSWORD',
        valueFrom: { secretKeyRef: { name: PASSWORD.secretName, key: PASSWORD.key } },
      },
    ]),
  );
});

it('take an image, and keep to the retention', () => {
  const image = 'registry.example.com/rclone:1.70';
  const made = synth(
    (chart) => define(chart, { imagePullSecrets: ['registry'] }),
    Distribution.upstream(dumps({ ...ON_S3, image })),
  );
  expect(templateOf(made).spec.containers[0].image).toBe(image);
  expect(templateOf(made).spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
});

it('come from the folder of the database whose dump it is', () => {
  const made = synth(
    (chart) => define(chart, { restoreFrom: 'old-db-20261124-030000' }),
    PLATFORMS.upstream.distribution,
  );
  const [fetch] = serverOf(made).spec.initContainers;
  expect(fetch.command.slice(2)).toEqual([
    ...['bucket:backups/polls/polls/old-db', 'old-db', 'old-db-20261124-030000'],
  ]);
});

it.each([
  [
    PLATFORMS.gke.distribution,
    'Dumps of polls-db in gs://acme-backups/polls',
    'gcloud storage buckets add-iam-policy-binding gs://acme-backups --role=roles/storage.objectAdmin \\',
  ],
  [
    PLATFORMS.eks.distribution,
    'Dumps of polls-db in s3://acme-backups/polls/',
    expect.stringContaining('"Resource":"arn:aws:s3:::acme-backups/*"'),
  ],
  [
    PLATFORMS.aks.distribution,
    `Dumps of polls-db in ${AZURE}`,
    'az role assignment create --role "Storage Blob Data Contributor" --assignee "$PRINCIPAL" \\',
  ],
])('come with the commands that let the pods use the bucket', (distribution, title, command) => {
  const chart = chartOn(distribution);
  define(chart);
  const found = explainAccess(chart).facts.commands.find((one) => one.title === title);
  expect(found?.commands).toContainEqual(command);
});

const refused = (distribution: IDistribution) => errorOf(() => synth((chart) => define(chart), distribution));

it.each([
  [
    'no folder of a bucket',
    Distribution.upstream(dumps({ destination: 'backups' })),
    'polls/Backup: backup.bucket.destination "backups" is not a folder of an object store. Give "s3://bucket/folder", ' +
      '"gs://bucket/folder" or "https://account.blob.core.windows.net/container/folder".',
  ],
  [
    'a URL that is none',
    Distribution.upstream(dumps({ ...ON_S3, endpoint: 'minio' })),
    'polls/Backup: backup.bucket.endpoint "minio" is not the URL of a server. Give scheme, host and port, such as ' +
      '"https://s3.example.com".',
  ],
  [
    'a region of another store',
    Distribution.gke(dumps({ destination: 'gs://backups', region: 'eu-west-1' })),
    'polls/Backup: backup.bucket.region "eu-west-1" is for a store with the API of S3. Leave it out, or give a ' +
      'destination that begins with "s3://".',
  ],
  [
    'no keys where pods have no identity',
    Distribution.upstream(dumps({ destination: 's3://backups' })),
    'polls/Backup: backup.bucket.keys (not given) is needed, and upstream does not have identities. Give them, or give ' +
      'the distribution identity: new AnnotatedIdentity({ … }).',
  ],
  [
    'no identity for a store that takes no keys',
    Distribution.upstream(dumps({ destination: 'gs://backups' })),
    'polls/Backup: identity (not given) is needed, and upstream does not have identities. Give the distribution ' +
      'identity: new AnnotatedIdentity({ … }).',
  ],
  [
    'a bucket of another cloud',
    Distribution.gke(dumps({ destination: 's3://backups' })),
    'polls/Backup: backup.bucket.destination "s3://backups" is of another cloud than the identity that pods have, ' +
      'which is of "google". Give a bucket of that cloud, or one with the API of S3 and its keys.',
  ],
  [
    'an identity that is not known',
    Distribution.aks(dumps({ destination: AZURE })),
    'polls/Backup: clientIds.polls-db-dump (not given) is needed for ServiceAccount "polls-db-dump" to act as a ' +
      'managed identity. Give Distribution.aks({ clientIds: { "polls-db-dump": "…" } }).',
  ],
  [
    'a URL with a port that is none',
    Distribution.upstream(dumps({ ...ON_S3, endpoint: 'https://minio.example.com:70000' })),
    'polls/Backup: backup.bucket.endpoint "https://minio.example.com:70000" is not the URL of a server. Give scheme, ' +
      'host and port, such as "https://s3.example.com".',
  ],
  [
    'a store of somebody else without keys',
    Distribution.eks({
      ...dumps({ destination: 's3://backups', endpoint: 'https://minio.example.com:9000' }),
      roleArns: { 'polls-db-dump': ROLE },
    }),
    'polls/Backup: backup.bucket.keys (not given) is needed: https://minio.example.com:9000 does not know the ' +
      'identities of a platform. Give the keys that this store has for you.',
  ],
  [
    'a folder above another',
    Distribution.upstream(dumps({ ...ON_S3, destination: 's3://backups/../other' })),
    expect.stringContaining(
      'polls/Backup: backup.bucket.destination "s3://backups/../other" is not a folder',
    ),
  ],
  [
    'an image that is none',
    Distribution.upstream(dumps({ ...ON_S3, image: 'rclone' })),
    expect.stringContaining('polls/Backup: backup.bucket.image "rclone" '),
  ],
  [
    'a key without the name of its Secret',
    Distribution.upstream(dumps({ ...ON_S3, encryptionPassword: { secretName: '', key: 'password' } })),
    expect.stringContaining('polls/Backup: backup.bucket.encryptionPassword'),
  ],
])('refuse %s', (_, distribution, message) => {
  expect(refused(distribution)).toEqual(message);
});

test("Amazon's own endpoints take the identity of pods, and rights are for the partition of the region", () => {
  const endpoint = 'https://bucket.vpce-1a2b3c4d.s3.cn-north-1.vpce.amazonaws.com.cn';
  const bucket = { destination: 's3://acme-backups', endpoint, region: 'cn-north-1' };
  const role = ROLE.replace('aws', 'aws-cn');
  const chart = chartOn(
    Distribution.eks({ ...dumps(bucket), roleArns: { 'polls-db-dump': role, 'polls-db': role } }),
  );
  define(chart);
  const { commands } = explainAccess(chart).facts;
  const text = commands.flatMap((one) => one.commands).join('\n');
  expect(text).toContain('--policy-name backups-acme-backups ');
  expect(text).toContain('"Resource":"arn:aws-cn:s3:::acme-backups/*"');
});

test('two namespaces have folders of their own', () => {
  const app = new App();
  Distribution.bind(app, Distribution.upstream(dumps(ON_S3)));
  const remotes = ['staging', 'production'].map((namespace) => {
    const chart = new Chart(app, namespace, { namespace });
    define(chart);
    return templateOf(Testing.synth(chart)).spec.containers[0].command[2];
  });
  expect(remotes).toEqual([
    'bucket:backups/polls/staging/polls-db',
    'bucket:backups/polls/production/polls-db',
  ]);
});

test('the image of rclone is let through to the project that has it', () => {
  const image = 'image-registry.openshift-image-registry.svc:5000/tools/rclone:1.71.2';
  const made = synth(
    (chart) => define(chart, { restoreFrom: 'polls-db-latest' }),
    Distribution.openshift(dumps({ ...ON_S3, image })),
  );
  const bindings = made.filter(
    ({ kind, metadata }) => kind === 'RoleBinding' && metadata.namespace === 'tools',
  );
  expect(bindings).not.toEqual([]);
});
