import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, Testing } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  IDistribution,
  PostgresBackend,
  PostgresBackendProps,
} from 'cdk8s-django';
import { explainAccess } from 'cdk8s-django/access';
import { AnonymizedTable, BackupBucket, DumpBackups, PreviewCopies } from 'cdk8s-django/backup';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { POSTGRES_IMAGE, upstream } from '../cluster/support/manifests';
import { Namespace, NamespaceName } from '../cluster/support/namespaces';
import { print } from '../cluster/support/print';
import { needsOperator } from './operator';

/*
 * Production in one namespace, a preview in another, and between them a store that holds to policies: those that
 * identity.txt has for AWS. moto does so once it is told to. With UPGRADE_IMAGES, as the tests of `upgrades` take them,
 * the server of the preview is of the newest.
 */
const [NEWEST = POSTGRES_IMAGE] = (process.env.UPGRADE_IMAGES ?? '').split(' ').filter(Boolean).slice(-1);
const production = new Namespace('polls-copies');
const preview = new Namespace('polls-copies-preview');
const store = new Namespace('polls-copies-store');
const IMAGE = 'docker.io/example/rclone:1';

const COPIES = 'acme-copies';
const DUMPS = 'acme-dumps';
const given = (key: string) => ({ secretName: 'given', key });
/** A bucket, with keys of the Secret `given` that begin with a name. */
const bucketOf = (bucket: string, who: string): BackupBucket => ({
  destination: `s3://${bucket}`,
  endpoint: 'http://object-store.polls-copies-store.svc:5000',
  keys: { accessKeyId: given(`${who}-id`), secretAccessKey: given(`${who}-key`) },
  encryptionPassword: given(`${bucket}-password`),
  image: IMAGE,
});

const USERS: AnonymizedTable = {
  columns: { email: "'user' || id || '@example.com'", password: "'!'", first_name: "''" },
};
const SESSIONS: AnonymizedTable = { withoutRows: true };

const backups = (tables: Record<string, AnonymizedTable>) =>
  new DumpBackups({
    bucket: bucketOf(DUMPS, 'dumper'),
    copies: { bucket: bucketOf(COPIES, 'writer'), tables, schedule: '0 0 1 1 *' },
  });
const copied = new PreviewCopies({ namespace: production.name, bucket: bucketOf(COPIES, 'reader') });

function databaseIn(chart: Chart, props: Partial<PostgresBackendProps> = {}): PostgresBackend {
  const database = new PostgresBackend(chart, 'Database', {
    ...{ name: 'polls-db', storage: '1Gi', image: POSTGRES_IMAGE, resources: { cpuRequest: '10m' } },
    password: given('database'),
    applicationRole: { password: given('application') },
    ...props,
  });
  database.restrictNetwork();
  return database;
}

function chartIn(namespace: NamespaceName, distribution: IDistribution): Chart {
  const chart = new Chart(Testing.app(), 'polls', { namespace });
  Distribution.bind(chart, distribution);
  return chart;
}

function ofProduction(tables: Record<string, AnonymizedTable>): any[] {
  const chart = chartIn(production.name, upstream({ backup: backups(tables) }));
  const props = { database: databaseIn(chart), schedule: '0 0 1 1 *' };
  // They begin at once also where other tests have reserved most of the node.
  const small = (name: string) => [{ name, resources: { requests: { cpu: '10m' } } }];
  for (const one of new DatabaseBackup(chart, 'Backup', props).resources) {
    if (one.kind !== 'CronJob') continue;
    const [first, last] = one.name.endsWith('dump') ? ['dump', 'upload'] : ['copy', 'publish'];
    const spec = { initContainers: small(first), containers: small(last) };
    one.override({ spec: { jobTemplate: { spec: { template: { spec } } } } });
  }
  return Testing.synth(chart);
}

function ofPreview(): any[] {
  const chart = chartIn(preview.name, upstream({ backup: copied }));
  databaseIn(chart, { restoreFrom: 'polls-db-copy-latest', image: NEWEST });
  return Testing.synth(chart);
}

/** The policies of identity.txt on EKS, by who has them. */
function policies(): Record<string, string> {
  const onAmazon = (bucket: string) => ({ destination: `s3://${bucket}` });
  const roleArns = Object.fromEntries(
    ['polls-db', 'polls-db-dump', 'polls-db-copy'].map((name) => [
      name,
      `arn:aws:iam::111122223333:role/${name}`,
    ]),
  );
  const backup = new DumpBackups({
    bucket: onAmazon(DUMPS),
    copies: { bucket: onAmazon(COPIES), tables: { auth_user: USERS } },
  });
  const producing = chartIn(production.name, Distribution.eks({ roleArns, backup }));
  new DatabaseBackup(producing, 'Backup', { database: databaseIn(producing) });
  const reading = new PreviewCopies({ namespace: production.name, bucket: onAmazon(COPIES) });
  const previewing = chartIn(preview.name, Distribution.eks({ roleArns, backup: reading }));
  databaseIn(previewing, { restoreFrom: 'polls-db-copy-latest' });
  const policy = (chart: Chart, title: RegExp) => {
    const { commands } = explainAccess(chart).facts.commands.find((one) => title.test(one.title))!;
    return /--policy-document '(.*)'/.exec(commands.join('\n'))![1];
  };
  return {
    dumper: policy(producing, /^Dumps of /),
    writer: policy(producing, /^Anonymized copies of /),
    reader: policy(previewing, /^Restore of /),
  };
}

/** Who asks the store by Python, and with which keys. */
let keys: Record<string, { id: string; key: string }> = { admin: { id: 'test', key: 'test' } };

/** What a program of Python says that knows the store as `s3` and `iam`. */
async function ask(program: string, who = 'admin'): Promise<string> {
  const { id, key } = keys[who];
  const known = `import boto3, json, urllib.request
from botocore.exceptions import ClientError
given = dict(endpoint_url='http://localhost:5000', aws_access_key_id='${id}', aws_secret_access_key='${key}')
s3, iam = boto3.client('s3', **given), boto3.client('iam', **given)
`;
  return (await store.exec('deployment/object-store', 'python', '-c', known + program)).trim();
}

/** The objects of a bucket, the oldest first. */
const stored = async (bucket: string) =>
  JSON.parse(
    await ask(
      `print(json.dumps(sorted(one['Key'] for one in s3.list_objects_v2(Bucket='${bucket}').get('Contents', []))))`,
    ),
  ) as string[];

/** moto, which holds to the policies of its users. */
async function makeStore(): Promise<void> {
  const text = readFileSync(join(__dirname, 'object-store.yaml'), 'utf8')
    .replaceAll('namespace: velero', `namespace: ${store.name}`)
    .replaceAll('docker.io/example/velero:1', IMAGE);
  await store.create();
  await apply(parseAllDocuments(text).map((document) => document.toJS()));
  await store.kubectl('rollout', 'status', 'deployment/object-store', '--timeout=120s');
  const all = {
    admin: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    ...policies(),
  };
  keys = JSON.parse(
    await ask(`made = {}
for bucket in ('${DUMPS}', '${COPIES}'): s3.create_bucket(Bucket=bucket)
for name, policy in json.loads(r'''${JSON.stringify(all)}''').items():
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName='own', PolicyDocument=policy)
    made_key = iam.create_access_key(UserName=name)['AccessKey']
    made[name] = dict(id=made_key['AccessKeyId'], key=made_key['SecretAccessKey'])
headers = {'Content-Type': 'text/plain'}
urllib.request.urlopen(urllib.request.Request('http://localhost:5000/moto-api/reset-auth', data=b'0', headers=headers))
print(json.dumps(made))`),
  );
}

/** A namespace with the Secret `given`. */
async function begin(namespace: Namespace, values: Record<string, string>): Promise<void> {
  await namespace.clear();
  const metadata = { name: namespace.name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } };
  await apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata },
    {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'given', namespace: namespace.name } },
      stringData: values,
    },
  ]);
}

const keysFor = (who: string) => ({ [`${who}-id`]: keys[who].id, [`${who}-key`]: keys[who].key });
const COPIES_PASSWORD = { [`${COPIES}-password`]: 'of the copies' };

async function sql(namespace: Namespace, query: string, user = 'postgres'): Promise<string> {
  const psql = ['psql', `--username=${user}`, '--dbname=django', '--no-align', '--tuples-only'];
  return (await namespace.exec('polls-db-0', ...psql, `--command=${query}`)).trim();
}

/** Runs a CronJob of production to its end, and returns what its containers said. */
async function run(cronJob: string, job: string, how: 'succeeded' | 'failed'): Promise<string> {
  await production.kubectl('create', 'job', `--from=cronjob/${cronJob}`, job);
  await eventually(
    `Job ${job} has ${how}`,
    async () => expect((await production.get('job', job)).status).toMatchObject({ [how]: 1 }),
    { namespace: production.name, seconds: 180 },
  );
  // The last container of a Job that failed has not started.
  return production.kubectl('logs', `job/${job}`, how === 'failed' ? '--container=copy' : '--all-containers');
}

const LETTERS = "SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY id)) FROM letters t";
const PERSONAL =
  "SELECT count(*) FROM auth_user WHERE email LIKE '%@corp.example' OR password <> '!' OR first_name <> ''";
const fetchLog = () => preview.kubectl('logs', 'polls-db-0', '--container=fetch');
const nameIn = (log: string) => /dump '(polls-db-copy-\d{8}-\d{6})': copied to the bucket/.exec(log)![1];
const keyOf = (copy: string) => `${production.name}/polls-db-copy/${copy}.dump.bin`;

beforeAll(async () => {
  await needsOperator('The image of rclone', 'rclone', 'object-store');
  await makeStore();
  await begin(production, {
    ...{ database: 'database of production', application: 'application of production' },
    ...{
      ...keysFor('dumper'),
      ...keysFor('writer'),
      ...COPIES_PASSWORD,
      [`${DUMPS}-password`]: 'of the dumps',
    },
  });
  await begin(preview, {
    ...{ database: 'database of the preview', application: 'application of the preview' },
    ...{ ...keysFor('reader'), ...COPIES_PASSWORD },
  });
  await apply(ofProduction({ auth_user: USERS }));
  await production.kubectl('rollout', 'status', 'statefulset/polls-db', '--timeout=180s');
  await sql(
    production,
    `SET ROLE django;
     CREATE TABLE auth_user (id bigserial PRIMARY KEY, email text, password text, first_name text);
     CREATE TABLE django_session (session_key text PRIMARY KEY, session_data text);
     CREATE TABLE letters (id bigserial PRIMARY KEY, body text);
     INSERT INTO auth_user (email, password, first_name)
       SELECT 'ann' || n || '@corp.example', md5(n::text), 'Ann' FROM generate_series(1, 5000) n;
     INSERT INTO django_session SELECT n::text, md5(n::text) FROM generate_series(1, 100) n;
     INSERT INTO letters (body) SELECT md5(n::text) FROM generate_series(1, 20000) n`,
  );
});
afterAll(() => Promise.all([production, preview, store].map((namespace) => namespace.remove())));

test('a preview before the first copy says what it waits for', async () => {
  await apply(ofPreview());
  await eventually(
    'the preview says it',
    async () =>
      expect(await fetchLog()).toContain(
        `s3://${COPIES} has no copy of the namespace polls-copies. Make one: kubectl -n polls-copies create job ` +
          'first-copy --from=cronjob/polls-db-copy. This pod goes on when there is one',
      ),
    { namespace: preview.name, seconds: 120 },
  );
});

test('a copy whose rules do not name all is not taken to the bucket', async () => {
  const dump = await run('polls-db-dump', 'dump', 'succeeded');
  expect(dump).toMatch(/dump 'polls-db-\d{8}-\d{6}': copied to the bucket/);
  const failed = await run('polls-db-copy', 'without-rule', 'failed');
  expect(failed).toContain('error: the column session_data of django_session may have personal data');
  expect(await stored(COPIES)).toEqual([]);
});

test('a preview goes on by itself when there is a copy, and has no personal data', async () => {
  await apply(ofProduction({ auth_user: USERS, django_session: SESSIONS }));
  const log = await run('polls-db-copy', 'first-copy', 'succeeded');
  print(log.trim());
  const copy = nameIn(log);
  expect(await stored(COPIES)).toEqual([keyOf(copy)]);
  const object = `s3.get_object(Bucket='${COPIES}', Key='${keyOf(copy)}')['Body'].read(5).decode()`;
  expect(await ask(`print(${object})`)).toBe('RCLON');

  const began = Date.now();
  await preview.kubectl('rollout', 'status', 'statefulset/polls-db', '--timeout=400s');
  print(`the preview was there ${((Date.now() - began) / 1000).toFixed(0)} s after the copy`);
  expect(await fetchLog()).toContain(`dump '${copy}': fetched from the bucket`);
  print(
    `from PostgreSQL ${await sql(production, 'SHOW server_version')} to ${await sql(preview, 'SHOW server_version')}`,
  );
  expect(await sql(production, PERSONAL)).toBe('5000');
  expect(await sql(preview, PERSONAL)).toBe('0');
  expect(await sql(preview, 'SELECT count(*) FROM auth_user')).toBe('5000');
  expect(await sql(preview, 'SELECT count(*) FROM django_session')).toBe('0');
  expect(await sql(preview, LETTERS)).toBe(await sql(production, LETTERS));
  const application = "SET ROLE django_application; UPDATE letters SET body = 'new' WHERE id = 1";
  await eventually(
    'the role of the application writes rows',
    async () => expect(await sql(preview, application)).toContain('UPDATE 1'),
    { namespace: preview.name, seconds: 120 },
  );
});

test('the preview has no Secret, key or claim of production', async () => {
  const valuesOf = async (namespace: Namespace) =>
    (await namespace.list('secrets')).flatMap(({ data = {} }) => Object.values<string>(data));
  const copies = Buffer.from(COPIES_PASSWORD[`${COPIES}-password`]).toString('base64');
  const productions = await valuesOf(production);
  const ofBoth = (await valuesOf(preview)).filter((value) => productions.includes(value));
  expect(ofBoth).toEqual([copies]);
  const claims = (await preview.list('persistentvolumeclaims')).map(({ metadata }) => metadata.name);
  expect(claims).toEqual(['data-polls-db-0']);
  const text = JSON.stringify(ofPreview());
  for (const name of ['dumper', 'writer', DUMPS, 'polls-db-dump']) expect(text).not.toContain(name);
});

test("the preview's keys read copies, write and delete nothing, and see no dump", async () => {
  const [key] = await stored(COPIES);
  const [dump] = await stored(DUMPS);
  const tried = await ask(
    `def said(what, **given):
    try:
        getattr(s3, what)(**given)
        return 'done'
    except ClientError as error:
        return error.response['Error']['Code']
print(said('head_object', Bucket='${COPIES}', Key='${key}'), said('list_objects_v2', Bucket='${COPIES}'),
  said('put_object', Bucket='${COPIES}', Key='${key}', Body=b''), said('delete_object', Bucket='${COPIES}', Key='${key}'),
  said('list_objects_v2', Bucket='${DUMPS}'), said('get_object', Bucket='${DUMPS}', Key='${dump}'),
  said('put_object', Bucket='${DUMPS}', Key='${dump}', Body=b''))`,
    'reader',
  );
  expect(tried.split(' ')).toEqual(['done', 'done', ...Array(5).fill('AccessDenied')]);
  expect(await stored(COPIES)).toEqual([key]);
});

test('a server that has data fetches nothing, and has no copy on its volume any more', async () => {
  await preview.kubectl('delete', 'pod', 'polls-db-0');
  await preview.kubectl('rollout', 'status', 'statefulset/polls-db', '--timeout=120s');
  expect(await fetchLog()).toContain('nothing is fetched');
  expect(await preview.exec('polls-db-0', 'ls', '-A', '/var/lib/cdk8s-django/postgresql/fetched')).toBe('');
  expect(await sql(preview, 'SELECT body FROM letters WHERE id = 1')).toBe('new');
});

test('the two latest copies stay, and one by other rules takes the place of its former', async () => {
  const [key] = await stored(COPIES);
  const old = ['polls-db-copy-20000101-000000', 'polls-db-copy-20000102-000000'];
  for (const name of old) {
    await ask(
      `s3.copy_object(Bucket='${COPIES}', CopySource=dict(Bucket='${COPIES}', Key='${key}'), Key='${keyOf(name)}')`,
    );
  }
  const tag = () => ask(`print(s3.head_object(Bucket='${COPIES}', Key='${key}')['ETag'])`);
  const before = await tag();
  await apply(ofProduction({ auth_user: { withoutRows: true }, django_session: SESSIONS }));
  const log = await run('polls-db-copy', 'other-rules', 'succeeded');
  expect(keyOf(nameIn(log))).toBe(key);
  expect(await tag()).not.toBe(before);
  expect(await stored(COPIES)).toEqual([keyOf(old[1]), key]);
});
