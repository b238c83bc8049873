import { Chart, Duration } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  HealthMonitoring,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackendProps,
} from 'cdk8s-django';
import { explainAccess } from 'cdk8s-django/access';
import { BackupBucket, DumpBackups } from 'cdk8s-django/backup';
import { AnnotatedIdentity } from 'cdk8s-django/identity';
import { chartOn, django, errorOf, find, postgres, synth } from '../support/synth';

const ROLE = 'arn:aws:iam::111122223333:role/polls';
const CLIENT_ID = '00000000-0000-0000-0000-000000000000';
const GOOGLE = 'polls-db@acme.iam.gserviceaccount.com';
const AZURE = 'https://acme.blob.core.windows.net/archives';
const ON_S3: BackupBucket = {
  destination: 's3://archives/production',
  endpoint: 'https://minio.example.com:9000',
  keys: {
    accessKeyId: { secretName: 'polls-archive', key: 'id' },
    secretAccessKey: { secretName: 'polls-archive', key: 'secret' },
  },
};

interface Platform {
  readonly distribution: IDistribution;
  readonly type: string;
  readonly path: string;
  readonly port: number;
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
}

const PLATFORMS: Record<string, Platform> = {
  gke: {
    distribution: Distribution.gke({
      archiveBucket: { destination: 'gs://acme-archives' },
      projectId: 'acme',
      googleServiceAccounts: { 'polls-db': GOOGLE },
    }),
    type: 'google cloud storage',
    path: 'bucket:acme-archives/polls/polls-db',
    port: 443,
    annotations: { 'iam.gke.io/gcp-service-account': GOOGLE },
  },
  eks: {
    distribution: Distribution.eks({
      archiveBucket: { destination: 's3://acme-archives/production', region: 'eu-west-1' },
      roleArns: { 'polls-db': ROLE },
    }),
    type: 's3',
    path: 'bucket:acme-archives/production/polls/polls-db',
    port: 443,
    annotations: { 'eks.amazonaws.com/role-arn': ROLE },
  },
  aks: {
    distribution: Distribution.aks({
      archiveBucket: { destination: AZURE },
      clientIds: { 'polls-db': CLIENT_ID },
    }),
    type: 'azureblob',
    path: 'bucket:archives/polls/polls-db',
    port: 443,
    annotations: { 'azure.workload.identity/client-id': CLIENT_ID },
    labels: { 'azure.workload.identity/use': 'true' },
  },
  openshift: {
    distribution: Distribution.openshift({
      archiveBucket: { destination: 's3://acme-archives' },
      identity: new AnnotatedIdentity({
        serviceAccountAnnotations: { 'polls-db': { 'eks.amazonaws.com/role-arn': ROLE } },
      }),
    }),
    type: 's3',
    path: 'bucket:acme-archives/polls/polls-db',
    port: 443,
    annotations: { 'eks.amazonaws.com/role-arn': ROLE },
  },
  upstream: {
    distribution: Distribution.upstream({ archiveBucket: ON_S3 }),
    type: 's3',
    path: 'bucket:archives/production/polls/polls-db',
    port: 9000,
  },
};

const ARCHIVE = { retention: Duration.days(2) };

function define(chart: Chart, server: Partial<PostgresBackendProps> = { archive: ARCHIVE }): DjangoApp {
  const app = django(chart, { database: postgres(chart, server) });
  new LeastPrivilegeAccess(chart, 'Access', { app });
  return app;
}

const made = (distribution: IDistribution, server?: Partial<PostgresBackendProps>) =>
  synth((chart) => define(chart, server), distribution);
const template = (manifests: any[], name = 'polls-db') => find(manifests, 'StatefulSet', name).spec.template;
const container = (manifests: any[], name: string) => {
  const { containers, initContainers = [] } = template(manifests).spec;
  return [...containers, ...initContainers].find((one: any) => one.name === name);
};
const names = (list: any[] = []) => list.map(({ name }) => name);
const ports = (manifests: any[]) =>
  (find(manifests, 'NetworkPolicy', 'polls-db').spec.egress ?? []).flatMap((rule: any) =>
    (rule.ports ?? []).map((one: any) => one.port),
  );

describe.each(Object.entries(PLATFORMS))('an archive in a bucket on %s', (_, platform) => {
  const { distribution, type, path, port, annotations, labels } = platform;
  const manifests = made(distribution);
  const upload = container(manifests, 'upload');

  it('is copied by a container beside the server, which knows no password and changes no volume', () => {
    expect(names(template(manifests).spec.containers)).toEqual(['postgres', 'upload']);
    expect(upload.image).toBe('docker.io/rclone/rclone:1.71.2');
    expect(upload.command).toEqual(['sh', '/etc/cdk8s-django/upload-archive.sh', path, 'polls-db', '48']);
    expect(upload.volumeMounts).toEqual([
      { name: 'archive', mountPath: '/var/lib/cdk8s-django/archive', readOnly: true },
      { name: 'scripts', mountPath: '/etc/cdk8s-django', readOnly: true },
      { name: 'copied', mountPath: '/tmp' },
    ]);
    expect(JSON.stringify(upload.env)).not.toMatch(/POSTGRES|PGPASSWORD/);
    expect(upload.env).toContainEqual({ name: 'RCLONE_CONFIG_BUCKET_TYPE', value: type });
    expect(find(manifests, 'ConfigMap', 'polls-db').data['upload-archive.sh']).toContain('rclone');
  });

  it('is reached as the platform wants it, by the ServiceAccount of the server', () => {
    const { metadata } = find(manifests, 'ServiceAccount', 'polls-db');
    if (annotations) expect(metadata.annotations).toMatchObject(annotations);
    else expect(metadata.annotations).toBeUndefined();
    expect(template(manifests).metadata.labels).toMatchObject(labels ?? {});
    expect(ports(manifests)).toEqual(expect.arrayContaining([port, 53]));
  });

  it('is fetched before data is made from it, into its own volume', () => {
    const restored = made(distribution, { archive: ARCHIVE, restore: { at: '2026-11-20T10:00:00.5Z' } });
    expect(names(template(restored).spec.initContainers)).toEqual(['version', 'fetch-archive', 'restore']);
    expect(names(template(restored).spec.containers)).toContain('upload');
    const { command, env, volumeMounts } = container(restored, 'fetch-archive');
    expect(command.slice(1)).toEqual([
      '/etc/cdk8s-django/fetch-archive.sh',
      path,
      'polls-db',
      '20261120100000',
      '/var/lib/cdk8s-django/restored',
    ]);
    expect(env.slice(1)).toEqual(upload.env);
    expect(volumeMounts.slice(0, 2)).toEqual([
      { name: 'data', mountPath: '/var/lib/cdk8s-django/postgresql', readOnly: true },
      { name: 'archive', mountPath: '/var/lib/cdk8s-django/restored' },
    ]);
    expect(container(restored, 'version').command.at(-1)).toBe('printf %s "$PG_MAJOR" >/tmp/major');
  });

  it('is fetched into the volume of the data where it is that of another server', () => {
    const restored = made(distribution, { restore: { from: 'live-db' } });
    expect(names(template(restored).spec.containers)).toEqual(['postgres']);
    const { command, volumeMounts } = container(restored, 'fetch-archive');
    expect(command.slice(2)).toEqual([
      path.replace(/polls-db$/, 'live-db'),
      'live-db',
      '',
      '/var/lib/cdk8s-django/postgresql/fetched',
    ]);
    expect(volumeMounts.slice(0, 2)).toEqual([
      { name: 'data', mountPath: '/var/lib/cdk8s-django/postgresql' },
      { name: 'restored', mountPath: '/var/lib/cdk8s-django/restored', readOnly: true },
    ]);
    expect(ports(restored)).toContain(port);
  });

  it('changes nothing of a server without an archive', () => {
    const plain = made(distribution, {});
    expect(names(template(plain).spec.containers)).toEqual(['postgres']);
    expect(find(plain, 'ServiceAccount', 'polls-db').metadata.annotations).toBeUndefined();
    expect(ports(plain)).toEqual([]);
  });
});

test('the bucket may be encrypted, and its image another one', () => {
  const encryptionPassword = { secretName: 'polls-archive', key: 'password' };
  const archiveBucket = { ...ON_S3, encryptionPassword, image: 'registry.example.com/rclone:1.71.2' };
  const upload = container(made(Distribution.upstream({ archiveBucket })), 'upload');
  expect(upload.command[2]).toBe('encrypted:polls-db');
  expect(upload.image).toBe('registry.example.com/rclone:1.71.2');
  expect(upload.env.at(-1)).toEqual({
    name: 'ENCRYPTION_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'polls-archive', key: 'password' } },
  });
});

test('without a bucket a server is as it was, and its archive is never late', () => {
  const manifests = made(Distribution.upstream(), { archive: {}, restore: {} });
  expect(names(template(manifests).spec.containers)).toEqual(['postgres']);
  expect(names(template(manifests).spec.initContainers)).toEqual(['restore']);
  const { data } = find(manifests, 'ConfigMap', 'polls-db');
  expect(data['archive.sh']).not.toContain('bucket');
});

test('the server sees what was copied, and the container neither its socket nor its /tmp', () => {
  const manifests = made(PLATFORMS.upstream.distribution);
  const { data } = find(manifests, 'ConfigMap', 'polls-db');
  expect(data['archive.sh']).toContain('find /var/lib/cdk8s-django/copied/archive-in-bucket -mmin +15');
  expect(data['upload-archive.sh']).toContain('copied=/tmp/archive-in-bucket');
  expect(container(manifests, 'postgres').volumeMounts).toContainEqual({
    name: 'copied',
    mountPath: '/var/lib/cdk8s-django/copied',
    readOnly: true,
  });
  expect(names(container(manifests, 'upload').volumeMounts)).toEqual(['archive', 'scripts', 'copied']);
});

test('it goes with a replica, an exporter, passwords that change, a role of applications and an upgrade', () => {
  const manifests = synth((chart) => {
    const app = define(chart, {
      archive: {},
      readReplicas: {},
      metrics: {},
      applicationRole: {},
      image: 'docker.io/library/postgres:18-trixie',
      upgradeFrom: 'docker.io/library/postgres:17-trixie',
    });
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {} });
  }, PLATFORMS.eks.distribution);
  expect(names(template(manifests).spec.containers)).toEqual(['postgres', 'exporter', 'upload']);
  const replica = template(manifests, 'polls-db-ro');
  expect(names(replica.spec.containers)).toEqual(['postgres', 'exporter']);
  expect(JSON.stringify(replica)).not.toContain('archive');
  expect(find(manifests, 'ServiceAccount', 'polls-db-ro').metadata.annotations).toBeUndefined();
  const changing = made(PLATFORMS.eks.distribution, {
    archive: {},
    passwords: { accepted: [1, 2], used: 1 },
  });
  expect(names(template(changing).spec.containers)).toContain('upload');
});

test('dumps may be in the same folder, and are fetched by the same account', () => {
  const backup = new DumpBackups({ bucket: ON_S3 });
  const distribution = Distribution.upstream({ backup, archiveBucket: ON_S3 });
  const manifests = made(distribution, { archive: {}, restoreFrom: 'polls-db-latest' });
  expect(names(template(manifests).spec.initContainers)).toEqual(['fetch', 'restore']);
  expect(container(manifests, 'fetch').command[2]).toBe(container(manifests, 'upload').command[2]);
});

it.each([
  [
    'gke',
    'gcloud storage buckets add-iam-policy-binding gs://acme-archives --role=roles/storage.objectAdmin \\',
  ],
  ['eks', expect.stringContaining('"Resource":"arn:aws:s3:::acme-archives/*"')],
  ['aks', 'az role assignment create --role "Storage Blob Data Contributor" --assignee "$PRINCIPAL" \\'],
])('comes with the commands that let the pod use the bucket of %s', (name, command) => {
  const { distribution } = PLATFORMS[name];
  const chart = chartOn(distribution);
  define(chart);
  const title = `Archive of polls-db in ${distribution.archiveBucket!.destination}`;
  const found = explainAccess(chart).facts.commands.find((one) => one.title === title);
  expect(found?.commands).toContainEqual(command);
});

it.each([
  ['gke', '--role=roles/storage.objectViewer'],
  ['eks', '--policy-name read-backups-acme-archives'],
  ['aks', '"Storage Blob Data Reader"'],
])('a server without an archive of its own only reads the bucket of %s', (name, right) => {
  const { distribution } = PLATFORMS[name];
  const chart = chartOn(distribution);
  define(chart, { restore: {} });
  const title = `Archive of polls-db in ${distribution.archiveBucket!.destination}`;
  const found = explainAccess(chart).facts.commands.find((one) => one.title === title);
  const text = found!.commands.join('\n');
  expect(text).toContain(right);
  expect(text).not.toMatch(/PutObject|objectAdmin|Contributor/);
});

it.each([
  [
    'no folder of a bucket',
    Distribution.upstream({ archiveBucket: { destination: 'archives' } }),
    'polls/Database: archiveBucket.destination "archives" is not a folder of an object store. Give "s3://bucket/folder", ' +
      '"gs://bucket/folder" or "https://account.blob.core.windows.net/container/folder".',
  ],
  [
    'no keys where pods have no identity',
    Distribution.upstream({ archiveBucket: { destination: 's3://archives' } }),
    'polls/Database: archiveBucket.keys (not given) is needed, and upstream does not have identities. Give them, or give ' +
      'the distribution identity: new AnnotatedIdentity({ … }).',
  ],
  [
    'an identity that is not known',
    Distribution.aks({ archiveBucket: { destination: AZURE } }),
    'polls/Database: clientIds.polls-db (not given) is needed for ServiceAccount "polls-db" to act as a managed ' +
      'identity. Give Distribution.aks({ clientIds: { "polls-db": "…" } }).',
  ],
  [
    'a bucket of another cloud',
    Distribution.gke({ archiveBucket: { destination: 's3://archives' } }),
    'polls/Database: archiveBucket.destination "s3://archives" is of another cloud than the identity that pods have, ' +
      'which is of "google". Give a bucket of that cloud, or one with the API of S3 and its keys.',
  ],
  [
    'an image that is none',
    Distribution.upstream({ archiveBucket: { ...ON_S3, image: 'rclone' } }),
    expect.stringContaining('polls/Database: archiveBucket.image "rclone" '),
  ],
])('refuses %s', (_, distribution, message) => {
  expect(errorOf((chart) => define(chart), distribution)).toEqual(message);
  expect(errorOf((chart) => define(chart, { restore: {} }), distribution)).toEqual(message);
});
