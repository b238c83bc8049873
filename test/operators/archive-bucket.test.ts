import { Chart, Duration } from 'cdk8s';
import { PostgresBackend, PostgresBackendProps } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { eventually } from '../cluster/support/eventually';
import { IMAGE } from '../cluster/support/image';
import { apply } from '../cluster/support/kubectl';
import { POSTGRES_IMAGE, upstream } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { print } from '../cluster/support/print';
import { askStore, bucketOf, prepare, secret } from './object-store';

/** Each run has one of its own. */
const BUCKET = `archives-${Date.now()}`;
const FOLDER = 'polls/polls-archive-bucket/polls-db/polls-db-15';
const ARCHIVE = '/var/lib/cdk8s-django/archive/polls-db-15';

const namespace = new Namespace('polls-archive-bucket');
const SERVER = 'polls-db-0';
const BESIDE = 'polls-then-0';
const store = (program: string) => askStore(BUCKET, program);

/** In parts of 5 MiB, and so slowly that a copy can be killed between two. */
const SLOW = [
  { name: 'RCLONE_CONFIG_BUCKET_UPLOAD_CUTOFF', value: '5Mi' },
  { name: 'RCLONE_BWLIMIT', value: '2Mi' },
];

function server(chart: Chart, props: Partial<PostgresBackendProps>): void {
  const database = new PostgresBackend(chart, props.name!, {
    ...{ storage: '1Gi', image: POSTGRES_IMAGE, pythonImage: IMAGE, resources: { cpuRequest: '10m' } },
    password: secret('database'),
    ...props,
    name: props.name!,
  });
  if (props.archive) {
    const resources = { requests: { cpu: '10m' } };
    const containers = [{ name: 'upload', resources, env: SLOW }];
    (database.statefulSet as any).override({ spec: { template: { spec: { containers } } } });
  }
  database.restrictNetwork();
}

/** A server whose archive is copied, and what makes no base backup by itself while the test runs. */
function manifests(props: Partial<PostgresBackendProps> = {}, beside?: Partial<PostgresBackendProps>): any[] {
  const archiveBucket = bucketOf(BUCKET);
  const archive = { schedule: '0 0 1 1 *', retention: Duration.days(2) };
  return manifestsFor(upstream({ archiveBucket }), (app) => {
    const chart = new Chart(app, 'polls', { namespace: namespace.name });
    server(chart, { name: 'polls-db', archive, ...props });
    if (beside) server(chart, { name: 'polls-then', ...beside });
  });
}

/** What the bucket has of the archive. */
async function stored(): Promise<string[]> {
  const keys = await store(
    `print(*sorted(one['Key'] for page in s3.get_paginator('list_objects_v2').paginate(Bucket=B) for one in page.get('Contents', [])))`,
  );
  const found = keys.split(' ').filter((key) => key);
  return found.map((key) => new RegExp(`^${FOLDER}/(.*)\\.bin$`).exec(key)![1]);
}

/** The base backups of the bucket that are whole. */
async function whole(): Promise<string[]> {
  return (await stored()).flatMap((one) => /^base\/(.*)\/backup_manifest$/.exec(one)?.[1] ?? []);
}

async function baseBackup(job: string): Promise<string> {
  await namespace.kubectl('create', 'job', '--from=cronjob/polls-db-base-backup', job);
  const ended = async () => expect((await namespace.get('job', job)).status).toMatchObject({ succeeded: 1 });
  await eventually(`Job ${job} has ended`, ended, { namespace: namespace.name, seconds: 120 });
  return /base backup '(\d{8}-\d{6})': written/.exec(await namespace.kubectl('logs', `job/${job}`))![1];
}

async function sql(query: string, pod = SERVER): Promise<string> {
  const psql = ['psql', '--username=postgres', '--dbname=django', '--no-align', '--tuples-only', '--quiet'];
  const container = ['--container=postgres', '--quiet', '--', ...psql, `--command=${query}`];
  return (await namespace.kubectl('exec', pod, ...container)).trim();
}

/** All rows, as one sum. */
const rows = (pod = SERVER) =>
  sql("SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY id)) FROM letters t", pod);
/** Rows that nothing can compress much. */
const write = (count: number) =>
  sql(
    `INSERT INTO letters (body) SELECT (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 32 + n % 2)) FROM generate_series(1, ${count}) n`,
  );
const inUpload = (script: string) =>
  namespace.kubectl('exec', SERVER, '--container=upload', '--quiet', '--', 'sh', '-c', script);
const uploads = () => namespace.kubectl('logs', SERVER, '--container=upload');

/** Until all that was written by now is in the bucket. */
async function storedByNow(): Promise<void> {
  const file = await sql('SELECT pg_walfile_name(pg_switch_wal())');
  await eventually(
    `${file} is in the bucket`,
    async () => expect(await stored()).toContain(`wal/${file}.gz`),
    { namespace: namespace.name, seconds: 150 },
  );
}

const ready = (name: string, seconds = 240) =>
  namespace.kubectl('rollout', 'status', `statefulset/${name}`, `--timeout=${seconds}s`);

/** Deletes the server with both volumes. */
async function lose(): Promise<void> {
  await namespace.kubectl('delete', 'job', '--all');
  await namespace.kubectl('delete', 'statefulset/polls-db');
  await namespace.kubectl('wait', '--for=delete', `pod/${SERVER}`, '--timeout=90s');
  const claims = ['data-polls-db-0', 'polls-db-archive'].map((name) => `persistentvolumeclaim/${name}`);
  await namespace.kubectl('delete', ...claims);
}

let first: string;
let between: string;
let before: string;
let kept: string[];

beforeAll(async () => {
  await prepare(namespace, BUCKET);
  await apply(manifests());
  await ready('polls-db');
  await sql('CREATE TABLE letters (id bigserial PRIMARY KEY, body text); CREATE TABLE notes (note text)');
  await write(15_000);
});
afterAll(() => namespace.remove());

test('a base backup and the log are in the bucket, encrypted', async () => {
  first = await baseBackup('first');
  await eventually(
    'the base backup is whole in the bucket',
    async () => expect(await whole()).toEqual([first]),
    {
      namespace: namespace.name,
      seconds: 240,
    },
  );
  const files = await stored();
  expect(files).toContain(`base/${first}/base.tar.gz`);
  expect(files.filter((one) => one.startsWith('system/'))).toHaveLength(1);
  const local = (await namespace.exec(SERVER, 'ls', `${ARCHIVE}/wal`)).trim().split('\n');
  // What is before the first base backup restores nothing, and the last file may have come just now.
  const start = local.find((one) => one.endsWith('.backup.gz'))!.slice(0, 24);
  const needed = local.slice(0, -1).filter((one) => one >= start);
  expect(files).toEqual(expect.arrayContaining(needed.map((one) => `wal/${one}`)));
  // What each file of rclone's crypt begins with.
  const begins = await store(
    `print(*sorted({s3.get_object(Bucket=B, Key=one['Key'])['Body'].read(5).decode() for one in s3.list_objects_v2(Bucket=B)['Contents']}))`,
  );
  expect(begins).toBe('RCLON');
});

test('what is written is in the bucket two minutes later, and a second between two writes is known', async () => {
  const began = Date.now();
  await sql("INSERT INTO notes VALUES ('kept')");
  const file = await sql('SELECT pg_walfile_name(pg_current_wal_lsn())');
  await sql('SELECT pg_sleep(1.1)');
  between = await sql(`SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`);
  await sql('SELECT pg_sleep(1.1)');
  await sql("INSERT INTO notes VALUES ('a mistake')");
  await eventually(
    `${file} is in the bucket`,
    async () => expect(await stored()).toContain(`wal/${file}.gz`),
    { namespace: namespace.name, seconds: 150 },
  );
  print(`in the bucket after ${((Date.now() - began) / 1000).toFixed(0)} s`);
});

test('a copy that is killed leaves no base backup that is taken for whole, and is finished later', async () => {
  // Two base backups and a file of the log that are expired, of which the later backup stays.
  await inUpload(
    [
      'export RCLONE_CONFIG_ENCRYPTED_PASSWORD=$(printf "%s\\n" "$ENCRYPTION_PASSWORD" | rclone obscure -)',
      'cd /tmp && echo manifest >backup_manifest && echo "LABEL: 19991231-235959" | gzip >label.gz',
      'to=encrypted:polls-db/polls-db-15',
      'for one in 19991230-235959 19991231-235959; do rclone copyto backup_manifest $to/base/$one/backup_manifest; done',
      'rclone copyto label.gz $to/wal/000000010000000000000001.00000028.backup.gz',
      'rclone copyto label.gz $to/wal/000000010000000000000000.gz',
    ].join(' && '),
  );
  await write(5000);
  const second = await baseBackup('second');
  const isUploading = async () =>
    expect(await store("print(len(s3.list_multipart_uploads(Bucket=B).get('Uploads', [])))")).toBe('1');
  await eventually('the copy has begun', isUploading, { namespace: namespace.name, seconds: 120 });
  await inUpload(
    'for one in /proc/[0-9]*; do case $(cat $one/comm) in rclone) kill -9 $(basename $one) ;; esac; done',
  );
  await eventually(
    'the container says so',
    async () =>
      expect(await uploads()).toContain(
        `error: base backup '${second}' was not copied to the bucket: rclone`,
      ),
    { namespace: namespace.name },
  );
  expect(await whole()).not.toContain(second);
  await eventually('the copy is finished', async () => expect(await whole()).toContain(second), {
    namespace: namespace.name,
    seconds: 180,
  });
  const [{ restartCount }] = (await namespace.get('pod', SERVER)).status.containerStatuses.filter(
    ({ name }: any) => name === 'upload',
  );
  expect(restartCount).toBe(0);

  // What is expired goes then.
  await eventually(
    'what is expired is deleted',
    async () => expect(await stored()).not.toContain('wal/000000010000000000000000.gz'),
    { namespace: namespace.name, seconds: 60 },
  );
  expect(await whole()).toEqual(['19991231-235959', first, second]);
  print((await uploads()).trim());
});

test('what is late fails once at the server, which keeps nothing for it', async () => {
  const counted = 'SELECT failed_count, archived_count FROM pg_stat_archiver';
  const [failed, archived] = (await sql(counted)).split('|').map(Number);
  // As after twenty minutes without a copy. The container says that it has copied all at most once a minute.
  const late = async () => {
    await inUpload('touch -d "@$(($(date +%s) - 1200))" /tmp/archive-in-bucket');
    await sql("INSERT INTO notes VALUES ('late'); SELECT pg_switch_wal()");
    await sql('SELECT pg_sleep(3)');
    const [failedNow, archivedNow] = (await sql(counted)).split('|').map(Number);
    expect(failedNow).toBeGreaterThan(failed);
    expect(archivedNow).toBeGreaterThan(archived);
  };
  await eventually('a late copy is counted', late, { namespace: namespace.name });
  expect(await namespace.kubectl('logs', SERVER, '--container=postgres')).toContain(
    "error: for 15 minutes not all of the archive of 'polls-db' has been copied to its bucket",
  );
});

test('an empty server in the place of the lost one changes nothing in the bucket', async () => {
  await write(1000);
  await storedByNow();
  await sql('CREATE TABLE sums AS SELECT 1');
  await storedByNow();
  before = await rows();
  await lose();
  kept = await stored();
  await apply(manifests());
  await ready('polls-db');
  await eventually(
    'the container says so',
    async () =>
      expect(await uploads()).toMatch(
        /polls-db-15 of the bucket is the archive of another server, \d+, and nothing/,
      ),
    { namespace: namespace.name, seconds: 120 },
  );
  expect(await stored()).toEqual(kept);
  await lose();
});

test('what is lost with both volumes is restored from the bucket, equal row by row', async () => {
  const began = Date.now();
  await apply(manifests({ restore: {} }));
  await ready('polls-db', 300);
  print(`restored from the bucket after ${((Date.now() - began) / 1000).toFixed(0)} s`);
  print((await namespace.kubectl('logs', SERVER, '--container=fetch-archive')).trim());
  expect(await rows()).toBe(before);
  // It goes on in the bucket, in a history of its own.
  await write(10);
  await storedByNow();
  expect(await stored()).toContain('wal/00000002.history.gz');
  expect(await stored()).toEqual(expect.arrayContaining(kept));
});

test('a second between two known writes comes back beside it, from the bucket alone', async () => {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'empty', namespace: namespace.name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  await apply([claim]);
  await apply(manifests({ restore: {} }, { restore: { from: 'polls-db', at: between, claimName: 'empty' } }));
  await ready('polls-then', 300);
  expect(await namespace.kubectl('logs', BESIDE, '--container=fetch-archive')).toContain(
    `base backup '${first}': fetched from the bucket`,
  );
  expect(await sql('SELECT note FROM notes', BESIDE)).toBe('kept');
  expect(await namespace.exec(BESIDE, 'ls', '/var/lib/cdk8s-django/postgresql')).not.toContain('fetched');
  expect(await rows()).not.toBe(await rows(BESIDE));
});
