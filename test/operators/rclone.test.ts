import { Chart, Duration, Testing } from 'cdk8s';
import { DatabaseBackup, Distribution, PostgresBackend } from 'cdk8s-django';
import { DumpBackups } from 'cdk8s-django/backup';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { POSTGRES_IMAGE, upstream } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { print } from '../cluster/support/print';
import { askStore, bucketOf, prepare, secret } from './object-store';

/** Each run has one of its own. */
const BUCKET = `backups-${Date.now()}`;
const LAST_CENTURY = 'polls-db-19991231-235959';

const namespace = new Namespace('polls-bucket');

/** A server with dumps in a bucket, which nothing makes by itself while the test runs. */
function manifests(restoreFrom?: string): any[] {
  const chart = new Chart(Testing.app(), 'polls', { namespace: namespace.name });
  const bucket = bucketOf(BUCKET);
  Distribution.bind(chart, upstream({ backup: new DumpBackups({ bucket }) }));
  const database = new PostgresBackend(chart, 'Database', {
    ...{ name: 'polls-db', storage: '1Gi', image: POSTGRES_IMAGE, resources: { cpuRequest: '10m' } },
    password: secret('database'),
    restoreFrom,
  });
  const props = { database, schedule: '0 0 1 1 *', retention: Duration.days(7) };
  const { resources } = new DatabaseBackup(database, 'Backup', props);
  // They begin at once also where other tests have reserved most of the node.
  const [cronJob] = resources.filter(({ kind }) => kind === 'CronJob');
  const small = (name: string) => [{ name, resources: { requests: { cpu: '10m' } } }];
  const spec = { initContainers: small('dump'), containers: small('upload') };
  cronJob.override({ spec: { jobTemplate: { spec: { template: { spec } } } } });
  database.restrictNetwork();
  return Testing.synth(chart);
}

const store = (program: string) => askStore(BUCKET, program);

/** The dumps that the bucket has, the oldest first. */
async function stored(): Promise<string[]> {
  const keys = await store(
    "print(*sorted(one['Key'] for one in s3.list_objects_v2(Bucket=B).get('Contents', [])))",
  );
  return keys.split(' ').map((key) => /^polls\/polls-bucket\/polls-db\/(.*)\.dump\.bin$/.exec(key)![1]);
}

async function ended(job: string, how: 'succeeded' | 'failed'): Promise<void> {
  await eventually(
    `Job ${job} has ${how}`,
    async () => expect((await namespace.get('job', job)).status).toMatchObject({ [how]: 1 }),
    { namespace: namespace.name, seconds: 180 },
  );
}

const logOf = (job: string, container: string) =>
  namespace.kubectl('logs', `job/${job}`, `--container=${container}`);
const newest = (log: string) => /dump '(polls-db-\d{8}-\d{6})': written/.exec(log)![1];

async function sql(query: string): Promise<string> {
  const psql = ['psql', '--username=django', '--dbname=django', '--no-align', '--tuples-only'];
  return (await namespace.exec('polls-db-0', ...psql, `--command=${query}`)).trim();
}

/** All rows, as one sum. */
const rows = () => sql("SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY id)) FROM letters t");
/** Rows that a dump cannot compress much. */
const write = (count: number) =>
  sql(
    `INSERT INTO letters (body) SELECT (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 32 + n % 2)) FROM generate_series(1, ${count}) n`,
  );

let first: string;
let dumped: string;

beforeAll(async () => {
  await prepare(namespace, BUCKET);
  await apply(manifests());
  await namespace.kubectl('rollout', 'status', 'statefulset/polls-db', '--timeout=180s');
  await sql('CREATE TABLE letters (id bigserial PRIMARY KEY, body text)');
  await write(20_000);
});
afterAll(() => namespace.remove());

test('a dump is in the bucket, encrypted', async () => {
  dumped = await rows();
  await namespace.kubectl('create', 'job', '--from=cronjob/polls-db-dump', 'first');
  await ended('first', 'succeeded');
  first = newest(await logOf('first', 'dump'));
  const log = await logOf('first', 'upload');
  expect(log).toContain(`dump '${first}': copied to the bucket, `);
  print(log.trim());
  expect(await stored()).toEqual([first]);
  // What each dump of this format begins with, and each file of rclone's crypt.
  const begins = await store(
    `print(s3.get_object(Bucket=B, Key='polls/polls-bucket/polls-db/${first}.dump.bin')['Body'].read(5).decode())`,
  );
  expect(begins).toBe('RCLON');
  expect(
    await store(
      `print(s3.get_object(Bucket=B, Key='polls/polls-bucket/polls-db/${first}.dump.bin')['Body'].read().count(b'PGDMP'))`,
    ),
  ).toBe('0');
});

test('an upload that is killed leaves no dump in the bucket', async () => {
  await write(1000);
  const job = JSON.parse(
    await namespace.kubectl(
      'create',
      'job',
      '--from=cronjob/polls-db-dump',
      'killed',
      '--dry-run=client',
      '--output=json',
    ),
  );
  // In parts of 5 MiB, and so slowly that it can be killed between two.
  job.spec.template.spec.containers[0].env.push(
    { name: 'RCLONE_CONFIG_BUCKET_UPLOAD_CUTOFF', value: '5Mi' },
    { name: 'RCLONE_BWLIMIT', value: '128Ki' },
  );
  await apply([job]);
  const isUploading = async () =>
    expect(await store("print(len(s3.list_multipart_uploads(Bucket=B).get('Uploads', [])))")).toBe('1');
  await eventually('the upload has begun', isUploading, { namespace: namespace.name, seconds: 180 });
  const [pod] = await namespace.list('pods', 'job-name=killed');
  const kill =
    'for one in /proc/[0-9]*; do case $(cat $one/comm) in rclone) kill -9 $(basename $one) ;; esac; done';
  await namespace.kubectl(
    ...['exec', pod.metadata.name, '--container=upload', '--quiet', '--', 'sh', '-c', kill],
  );
  await ended('killed', 'failed');
  expect(await logOf('killed', 'upload')).toMatch(/was not copied to the bucket: rclone ended with 137/);
  // It was not whole.
  await isUploading();
  expect(await stored()).toEqual([first]);
});

test('the next run copies what is missing, and deletes what is older than the retention', async () => {
  const killed = newest(await logOf('killed', 'dump'));
  await store(
    `s3.copy_object(Bucket=B, CopySource={'Bucket': B, 'Key': 'polls/polls-bucket/polls-db/${first}.dump.bin'}, Key='polls/polls-bucket/polls-db/${LAST_CENTURY}.dump.bin')`,
  );
  dumped = await rows();
  await namespace.kubectl('create', 'job', '--from=cronjob/polls-db-dump', 'next');
  await ended('next', 'succeeded');
  const last = newest(await logOf('next', 'dump'));
  expect(await stored()).toEqual([first, killed, last]);
  expect(await logOf('next', 'upload')).toContain(`dump '${LAST_CENTURY}': deleted from the bucket`);
});

test('what is lost with both volumes is restored from the bucket, equal row by row', async () => {
  await namespace.kubectl('delete', 'job', '--all');
  await namespace.kubectl('delete', 'statefulset/polls-db');
  await namespace.kubectl('wait', '--for=delete', 'pod/polls-db-0', '--timeout=60s');
  await namespace.kubectl(
    'delete',
    'persistentvolumeclaim/data-polls-db-0',
    'persistentvolumeclaim/polls-db-dump',
  );
  const began = Date.now();
  await apply(manifests('polls-db-latest'));
  await namespace.kubectl('rollout', 'status', 'statefulset/polls-db', '--timeout=240s');
  print(`restored from the bucket after ${((Date.now() - began) / 1000).toFixed(0)} s`);
  expect(await namespace.kubectl('logs', 'polls-db-0', '--container=fetch')).toMatch(
    /dump 'polls-db-\d{8}-\d{6}': fetched from the bucket, \d+ bytes/,
  );
  expect(await rows()).toBe(dumped);

  // A server that has data asks the bucket nothing.
  await namespace.kubectl('delete', 'pod', 'polls-db-0');
  await namespace.kubectl('rollout', 'status', 'statefulset/polls-db', '--timeout=120s');
  expect(await namespace.kubectl('logs', 'polls-db-0', '--container=fetch')).toContain('nothing is fetched');
});
