import { Chart, Testing } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackendProps,
} from 'cdk8s-django';
import { explainAccess } from 'cdk8s-django/access';
import { BackupBucket, CopiesPlace, DumpBackups, DumpBackupsProps, PreviewCopies } from 'cdk8s-django/backup';
import { AnnotatedIdentity } from 'cdk8s-django/identity';
import { chartOn, django, errorOf, find, postgres, synth } from '../../support/synth';

const CLIENT_ID = '00000000-0000-0000-0000-000000000000';
const ROLE = 'arn:aws:iam::111122223333:role/';
const GOOGLE = '@acme.iam.gserviceaccount.com';
const secret = (secretName: string, key: string) => ({ secretName, key });
const keysOf = (name: string) => ({
  accessKeyId: secret(name, 'id'),
  secretAccessKey: secret(name, 'secret'),
});
const minio = (bucket: string, keys: string): BackupBucket => ({
  destination: `s3://${bucket}`,
  endpoint: 'https://minio.example.com:9000',
  keys: keysOf(keys),
  encryptionPassword: secret(keys, 'password'),
});

interface Platform {
  readonly production: IDistribution;
  readonly preview: IDistribution;
  /** What the commands of production's copies have, and those of the preview. */
  readonly writes?: string;
  readonly reads?: string;
}

const TABLES = { django_session: { withoutRows: true } };
const copiesIn = (bucket: BackupBucket, dumps?: BackupBucket, props: DumpBackupsProps = {}) => ({
  backup: new DumpBackups({ ...props, bucket: dumps, copies: { bucket, tables: TABLES } }),
});
const copiesOf = (bucket: BackupBucket, props: Partial<CopiesPlace> = {}) => ({
  backup: new PreviewCopies({ namespace: 'polls', bucket, ...props }),
});
const byNames = (value: (name: string) => string) =>
  Object.fromEntries(['polls-db-dump', 'polls-db-copy'].map((name) => [name, value(name)]));

const AZURE = 'https://acme.blob.core.windows.net/';
const PLATFORMS: Record<string, Platform> = {
  gke: {
    production: Distribution.gke({
      ...copiesIn({ destination: 'gs://copies' }, { destination: 'gs://acme-dumps' }),
      googleServiceAccounts: byNames((name) => `${name}${GOOGLE}`),
      projectId: 'acme',
    }),
    preview: Distribution.gke({
      ...copiesOf({ destination: 'gs://copies' }),
      googleServiceAccounts: { 'polls-db': `preview${GOOGLE}` },
      projectId: 'acme',
    }),
    writes: '--role=roles/storage.objectAdmin',
    reads: '--role=roles/storage.objectViewer',
  },
  eks: {
    production: Distribution.eks({
      ...copiesIn({ destination: 's3://copies' }, { destination: 's3://acme-dumps' }),
      roleArns: byNames((name) => `${ROLE}${name}`),
    }),
    preview: Distribution.eks({
      ...copiesOf({ destination: 's3://copies' }),
      roleArns: { 'polls-db': `${ROLE}preview` },
    }),
    writes: '"Action":["s3:GetObject","s3:PutObject","s3:DeleteObject","s3:AbortMultipartUpload"]',
    reads: '"Action":["s3:GetObject"]',
  },
  aks: {
    production: Distribution.aks({
      ...copiesIn({ destination: `${AZURE}copies` }, { destination: `${AZURE}acme-dumps` }),
      clientIds: byNames(() => CLIENT_ID),
    }),
    preview: Distribution.aks({
      ...copiesOf({ destination: `${AZURE}copies` }),
      clientIds: { 'polls-db': CLIENT_ID },
    }),
    writes: '--role "Storage Blob Data Contributor"',
    reads: '--role "Storage Blob Data Reader"',
  },
  openshift: {
    production: Distribution.openshift({
      ...copiesIn({ destination: 's3://copies' }, { destination: 's3://acme-dumps' }),
      identity: new AnnotatedIdentity({
        serviceAccountAnnotations: {
          'polls-db-dump': { role: 'dump' },
          'polls-db-copy': { role: 'copy' },
        },
      }),
    }),
    preview: Distribution.openshift(copiesOf(minio('copies', 'reader'))),
  },
  upstream: {
    production: Distribution.upstream(copiesIn(minio('copies', 'writer'), minio('acme-dumps', 'dumper'))),
    preview: Distribution.upstream(copiesOf(minio('copies', 'reader'))),
  },
};

function production(chart: Chart): void {
  const database = postgres(chart, { applicationRole: {} });
  new LeastPrivilegeAccess(chart, 'Access', { app: django(chart, { database }) });
  new DatabaseBackup(chart, 'Backup', { database });
}

const preview =
  (props: Partial<PostgresBackendProps> = {}, backsUp = false) =>
  (chart: Chart): void => {
    const database = postgres(chart, {
      applicationRole: {},
      restoreFrom: 'polls-db-copy-latest',
      ...props,
    });
    new LeastPrivilegeAccess(chart, 'Access', { app: django(chart, { database }) });
    if (backsUp) new DatabaseBackup(chart, 'Backup', { database });
  };

/** A preview, in a namespace of its own. */
function chartOfPreview(distribution: IDistribution, define = preview()): Chart {
  const chart = new Chart(Testing.app(), 'polls', { namespace: 'polls-preview-fix' });
  Distribution.bind(chart, distribution);
  define(chart);
  return chart;
}

const commandsOf = (chart: Chart, title: RegExp) =>
  explainAccess(chart)
    .facts.commands.filter((one) => title.test(one.title))
    .map(({ commands }) => commands.join('\n'))
    .join('\n');
const templateOf = (made: any[], name: string) => find(made, 'CronJob', name).spec.jobTemplate.spec.template;
const mountsOf = ({ volumeMounts }: any) =>
  Object.fromEntries(volumeMounts.map(({ mountPath, ...mount }: any) => [mountPath, mount]));
const secretsOf = (container: any) =>
  container.env.flatMap(({ valueFrom }: any) => valueFrom?.secretKeyRef?.name ?? []);
const ports = (made: any[], name: string) =>
  (find(made, 'NetworkPolicy', name).spec.egress ?? []).flatMap((rule: any) =>
    (rule.ports ?? []).map((one: any) => one.port),
  );
const DUMPS = '/var/lib/cdk8s-django/dumps';
const DRILL = '/var/lib/cdk8s-django/drill';
const COPIES = '/var/lib/cdk8s-django/copies';

describe.each(Object.entries(PLATFORMS))('a copy in a bucket on %s', (name, platform) => {
  const made = synth(production, platform.production);
  const { spec, metadata } = templateOf(made, 'polls-db-copy');
  const [copy] = spec.initContainers;
  const [publish] = spec.containers;

  it('is taken there when it is whole, by a container that sees nothing else', () => {
    expect([spec.initContainers.length, spec.containers.length]).toEqual([1, 1]);
    expect(copy.command.slice(0, 3)).toEqual(['sh', '/etc/cdk8s-django/copy.sh', 'polls-db']);
    expect(publish.command.slice(0, 2)).toEqual(['sh', '/etc/cdk8s-django/publish.sh']);
    expect(publish.command[2]).toMatch(/^(encrypted:|bucket:copies\/polls\/)polls-db-copy$/);
    expect(publish.command.slice(3)).toEqual(['polls-db-copy']);
    const folder = { name: 'drill', subPath: 'copies' };
    expect(mountsOf(copy)[COPIES]).toEqual(folder);
    expect(mountsOf(copy)[DRILL]).toEqual({ name: 'drill' });
    expect(mountsOf(publish)).toEqual({
      [DUMPS]: { ...folder, readOnly: true },
      '/etc/cdk8s-django': { name: 'scripts', readOnly: true },
      '/tmp': { name: 'tmp' },
    });
    const { data } = find(made, 'ConfigMap', 'polls-db-dump');
    expect(data['publish.sh']).toContain('copyto --ignore-times');
  });

  it('is made without a password of the server or the dumps, and reaches the bucket alone', () => {
    expect(secretsOf(copy)).toEqual([]);
    expect(new Set(secretsOf(publish))).toEqual(new Set(name === 'upstream' ? ['writer'] : []));
    expect(spec.serviceAccountName).toBe('polls-db-copy');
    expect(spec.automountServiceAccountToken).toBe(false);
    // Beside the name server and what gives the identity.
    const others = ports(made, 'polls-db-dump').filter((one: number) => one !== 5432);
    expect(ports(made, 'polls-db-copy')).toEqual(others);
    expect(others).toContain(name === 'upstream' ? 9000 : 443);
    if (name === 'aks') expect(metadata.labels['azure.workload.identity/use']).toBe('true');
    const { annotations } = find(made, 'ServiceAccount', 'polls-db-copy').metadata;
    const own = {
      gke: `polls-db-copy${GOOGLE}`,
      eks: `${ROLE}polls-db-copy`,
      aks: CLIENT_ID,
      openshift: 'copy',
    };
    expect(Object.values(annotations ?? {})).toEqual(name in own ? [own[name as keyof typeof own]] : []);
  });

  it('is what a database in another namespace begins with, which has nothing else of production', () => {
    const manifests = Testing.synth(chartOfPreview(platform.preview));
    const { initContainers, volumes, containers } = find(manifests, 'StatefulSet', 'polls-db').spec.template
      .spec;
    const [fetch, restore] = initContainers;
    expect(fetch.command[2]).toMatch(/^(encrypted:|bucket:copies\/polls\/)polls-db-copy$/);
    expect(fetch.command.slice(3, 5)).toEqual(['polls-db-copy', 'polls-db-copy-latest']);
    expect(mountsOf(fetch)[DUMPS]).toEqual({ name: 'data', subPath: 'fetched' });
    expect(mountsOf(fetch)['/var/lib/cdk8s-django/postgresql']).toEqual({ name: 'data', readOnly: true });
    expect(mountsOf(restore)[DUMPS]).toEqual({ name: 'data', subPath: 'fetched', readOnly: true });
    expect(volumes.filter((one: any) => one.persistentVolumeClaim)).toEqual([]);
    const keys = ['openshift', 'upstream'].includes(name) ? ['reader'] : [];
    expect(new Set(secretsOf(fetch))).toEqual(new Set(keys));
    for (const one of [restore, ...containers]) expect(secretsOf(one)).not.toContain('reader');
    const all = JSON.stringify(manifests);
    const others = ['writer', 'dumper', 'polls-db-dump', 'acme-dumps', 'objectAdmin'];
    expect(others.filter((other) => all.includes(other))).toEqual([]);
    expect(ports(manifests, 'polls-db')).toContain(keys.length > 0 ? 9000 : 443);
  });

  it('needs rights to write in production, and rights to read in a preview', () => {
    if (platform.writes === undefined) return;
    const producing = chartOn(platform.production);
    production(producing);
    const writing = commandsOf(producing, /^Anonymized copies of polls-db in /);
    expect(writing).toContain(platform.writes);
    expect(writing).not.toContain('dumps');
    const reading = commandsOf(chartOfPreview(platform.preview), /^Restore of polls-db-copy-latest from /);
    expect(reading).toContain(platform.reads);
    expect(reading).toContain('copies');
    expect(reading).not.toMatch(/dumps|PutObject|DeleteObject|objectAdmin|Contributor/);
  });
});

test('a restore of dumps reads them alone, too', () => {
  const distribution = Distribution.eks({
    backup: new DumpBackups({ bucket: { destination: 's3://dumps' } }),
    roleArns: { 'polls-db': `${ROLE}polls` },
  });
  const chart = chartOfPreview(distribution, preview({ restoreFrom: 'polls-db-latest' }));
  const reading = commandsOf(chart, /^Restore of polls-db-latest from /);
  expect(reading).toContain('--policy-name read-backups-dumps ');
  expect(reading).not.toContain('PutObject');
});

test('the folder of a copy is that of the namespace that it is of', () => {
  const bucket = { ...minio('copies', 'reader'), encryptionPassword: undefined };
  const made = Testing.synth(
    chartOfPreview(Distribution.upstream(copiesOf(bucket, { namespace: 'staging' }))),
  );
  const [fetch] = find(made, 'StatefulSet', 'polls-db').spec.template.spec.initContainers;
  expect(fetch.command[2]).toBe('bucket:copies/staging/polls-db-copy');
  expect(fetch.command.at(-1)).toBe(
    ': s3://copies has no copy of the namespace staging. Make one: kubectl -n staging create job first-copy ' +
      '--from=cronjob/polls-db-copy. This pod goes on when there is one',
  );
});

const { destination, ...store } = minio('copies', 'writer');

it.each<[string, BackupBucket, BackupBucket, string | undefined]>([
  [
    'another folder of the bucket of the dumps',
    { ...store, destination: 's3://backups/copies' },
    minio('backups', 'dumper'),
    'polls/Backup: backup.copies.bucket.destination "s3://backups/copies" is in the bucket of the dumps, and rights to ' +
      'read copies are for the whole bucket. Give another bucket, which has no personal data.',
  ],
  [
    'the password of the dumps',
    { ...store, destination },
    { ...minio('dumps', 'dumper'), encryptionPassword: store.encryptionPassword },
    'polls/Backup: backup.copies.bucket.encryptionPassword {"secretName":"writer","key":"password"} is the password of ' +
      'the dumps, and previews need that of the copies. Give another one.',
  ],
  [
    'no folder of a bucket',
    { ...store, destination: 'copies' },
    minio('dumps', 'dumper'),
    'polls/Backup: backup.copies.bucket.destination "copies" is not a folder of an object store. Give ' +
      '"s3://bucket/folder", "gs://bucket/folder" or "https://account.blob.core.windows.net/container/folder".',
  ],
])('refuse %s', (_, copies, dumps, message) => {
  expect(errorOf(production, Distribution.upstream(copiesIn(copies, dumps)))).toBe(message);
});

it.each<[string, BackupBucket, string]>([
  [
    'another folder of the bucket of the archives',
    { ...minio('copies', 'archiver'), destination: 's3://copies/archives' },
    'polls/Backup: backup.copies.bucket.destination "s3://copies" is in the bucket of the archives, and rights to read ' +
      'copies are for the whole bucket. Give another bucket, which has no personal data.',
  ],
  [
    'the password of the archives',
    { ...minio('archives', 'archiver'), encryptionPassword: store.encryptionPassword },
    'polls/Backup: backup.copies.bucket.encryptionPassword {"secretName":"writer","key":"password"} is the password of ' +
      'the archives, and previews need that of the copies. Give another one.',
  ],
])('refuse %s', (_, archiveBucket, message) => {
  const props = copiesIn({ ...store, destination }, minio('dumps', 'dumper'));
  expect(errorOf(production, Distribution.upstream({ ...props, archiveBucket }))).toBe(message);
});

it.each<[string, BackupBucket, BackupBucket]>([
  [
    'the endpoint of a region of Amazon',
    {
      destination: 's3://acme/copies',
      endpoint: 'https://s3.eu-west-1.amazonaws.com',
      keys: keysOf('writer'),
    },
    { destination: 's3://acme', keys: keysOf('dumper') },
  ],
  [
    'the port of its scheme',
    { ...store, destination: 's3://acme/copies', endpoint: 'https://s3.example.com:443' },
    { ...minio('acme', 'dumper'), endpoint: 'https://s3.example.com' },
  ],
])('refuse the bucket of the dumps by %s', (_, copies, dumps) => {
  expect(errorOf(production, Distribution.upstream(copiesIn(copies, dumps)))).toContain(
    'backup.copies.bucket.destination "s3://acme/copies" is in the bucket of the dumps',
  );
});

it.each<[string, BackupBucket]>([
  [
    'a bucket of that name in another store',
    { ...minio('dumps', 'dumper'), endpoint: 'https://other.example.com' },
  ],
  ['dumps without a password', { ...minio('dumps', 'dumper'), encryptionPassword: undefined }],
])('take %s', (_, dumps) => {
  const copies = { ...store, destination: 's3://dumps', encryptionPassword: undefined };
  const other = dumps.endpoint === store.endpoint ? { ...copies, destination } : copies;
  expect(() => synth(production, Distribution.upstream(copiesIn(other, dumps)))).not.toThrow();
});

it.each([
  [
    'a backup of a preview',
    preview({}, true),
    {},
    'polls/Backup: database "polls-db" has a distribution with PreviewCopies, which make no backups. Leave the ' +
      'DatabaseBackup out of previews.',
  ],
  [
    'what is no copy',
    preview({ restoreFrom: 'polls-db-latest' }),
    {},
    'polls/Database: restoreFrom "polls-db-latest" is not the name of an anonymized copy. Give "polls-db-copy-latest", ' +
      'or one copy such as "polls-db-copy-20261124-030000".',
  ],
  [
    'a namespace that is none',
    preview(),
    { namespace: 'Polls' },
    expect.stringContaining(
      'polls/Database: backup.namespace "Polls" is not a name that a namespace can have.',
    ),
  ],
  [
    'no keys where pods have no identity',
    preview(),
    { bucket: { destination: 's3://copies' } },
    'polls/Database: backup.bucket.keys (not given) is needed, and upstream does not have identities. Give them, or ' +
      'give the distribution identity: new AnnotatedIdentity({ … }).',
  ],
])('refuse %s', (_, define, props, message) => {
  const distribution = Distribution.upstream(copiesOf(minio('copies', 'reader'), props));
  expect(errorOf(define, distribution)).toEqual(message);
});

test('one copy can be named, and a server without restoreFrom begins empty', () => {
  const of = (restoreFrom?: string) =>
    find(
      Testing.synth(chartOfPreview(PLATFORMS.upstream.preview, preview({ restoreFrom }))),
      'StatefulSet',
      'polls-db',
    ).spec.template.spec;
  const [fetch] = of('polls-db-copy-20261124-030000').initContainers;
  expect(fetch.command.slice(3, 5)).toEqual(['polls-db-copy', 'polls-db-copy-20261124-030000']);
  expect(of().initContainers).toBeUndefined();
});
