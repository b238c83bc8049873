import { Chart } from 'cdk8s';
import { DatabaseBackup, PostgresBackend } from 'cdk8s-django';
import { CloudNativePostgresBackups } from 'cdk8s-django/backup';
import { CloudNativePostgres, CloudNativeRestore } from 'cdk8s-django/postgres';
import { eventually } from '../cluster/support/eventually';
import { apply, kubectl } from '../cluster/support/kubectl';
import { upstream, Variant } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { openBallot, Polls, vote } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { needsOperator, page } from './operator';

/** PostgreSQL of the tests, with the user that the operator expects: ./up builds it. */
const IMAGE = 'docker.io/example/cloudnative-pg-server:15';
const LIVE = 'polls-db';
const THEN = 'polls-db-2';
/** A base backup in the store. */
const BASE = /base\/\d{8}T\d{6}\/data\.tar\.gz$/;
const METRIC = 'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp';
const RESOURCES = { cpuRequest: '50m', memoryRequest: '256Mi' };
/** Of moto, which ./up starts. Its keys are any. */
const STORE = {
  destination: 's3://backups/polls',
  endpoint: 'http://object-store.cnpg-system.svc:5000',
  keys: {
    accessKeyId: { secretName: 'object-store', key: 'id' },
    secretAccessKey: { secretName: 'object-store', key: 'key' },
  },
};
/** The twelve marks are written half a second from one another, and a quarter of a second beside whole seconds. */
const MARKS = 12;

const polls = new Polls(new Namespace('polls-barman-cloud'));
const { namespace } = polls;

/** The live database, with a second one restored beside it and the application on one of them. */
function variant(restore?: CloudNativeRestore, used = LIVE): Variant {
  const postgres = new CloudNativePostgres({
    image: IMAGE,
    instances: 2,
    restores: restore && { [THEN]: restore },
  });
  return {
    distribution: upstream({ postgres, backup: new CloudNativePostgresBackups({ objectStore: STORE }) }),
    postgres: { metrics: {}, resources: RESOURCES },
    before: (live) => {
      const chart = Chart.of(live);
      new DatabaseBackup(chart, 'Backup', { database: live });
      if (!restore) return live;
      const then = new PostgresBackend(chart, 'Then', { name: THEN, storage: '1Gi', resources: RESOURCES });
      new DatabaseBackup(chart, 'BackupThen', { database: then });
      return used === THEN ? then : live;
    },
  };
}

const clusterOf = (name: string) => namespace.get('cluster.postgresql.cnpg.io', name);
const primaryOf = async (name: string): Promise<string> => (await clusterOf(name)).status.currentPrimary;

/** As the superuser, in the pod of the primary, whichever that is just now. */
const ask = (name: string, query: string) =>
  eventually(`the primary of ${name} answers`, async () => polls.ask(await primaryOf(name), query));

const healthy = (name: string) =>
  eventually(
    `the Cluster ${name} is healthy`,
    async () => {
      const { phase, readyInstances } = (await clusterOf(name)).status ?? {};
      expect({ phase, readyInstances }).toEqual({ phase: 'Cluster in healthy state', readyInstances: 2 });
    },
    { namespace: namespace.name, seconds: 420 },
  );

/** The Backups that are completed. */
async function backupsOf(name: string): Promise<any[]> {
  const backups = await namespace.list('backups.postgresql.cnpg.io');
  return backups.filter(({ spec, status }) => spec.cluster.name === name && status?.phase === 'completed');
}

const backedUp = (name: string) =>
  eventually(
    `there is a backup of ${name}`,
    async () => expect((await backupsOf(name)).length).toBeGreaterThan(0),
    // It begins with a checkpoint, for which PostgreSQL takes its time.
    { namespace: namespace.name, seconds: 420 },
  );

/** The names of all that the store has of a database. */
async function stored(name: string): Promise<string[]> {
  const list = `
import boto3
store = boto3.client("s3", endpoint_url="http://localhost:5000")
for page in store.get_paginator("list_objects_v2").paginate(Bucket="backups", Prefix="polls/${name}/"):
    for one in page.get("Contents", []): print(one["Key"])`;
  const pod = ['--namespace', 'cnpg-system', 'exec', 'deployment/object-store', '--'];
  return (await kubectl(...pod, 'python', '-c', list)).trim().split('\n');
}

/** Until all that was written by now is in the archive. */
async function archivedByNow(name: string): Promise<void> {
  const file = await ask(name, 'SELECT pg_walfile_name(pg_switch_wal())');
  await eventually(
    `${file} is archived`,
    async () => expect(await stored(name)).toContainEqual(expect.stringMatching(new RegExp(`/${file}.gz$`))),
    { namespace: namespace.name, seconds: 120 },
  );
}

/** A sum of all rows of each table, regardless of their order. */
async function rows(name: string): Promise<string> {
  const tables = await ask(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
  const sums = tables
    .split('\n')
    .map((one) => `SELECT '${one}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM ${one} t`);
  return ask(name, sums.join(' UNION ALL '));
}

let at: string;
let before: string;

beforeAll(async () => {
  await needsOperator('CloudNativePG', 'cnpg-system', 'cnpg-controller-manager');
  await needsOperator('Its Barman Cloud plugin', 'cnpg-system', 'barman-cloud');
  await namespace.create();
  const secret = { apiVersion: 'v1', kind: 'Secret', stringData: { id: 'test', key: 'test' } };
  await apply([{ ...secret, metadata: { name: 'object-store', namespace: namespace.name } }]);
  await apply(polls.manifests(variant()));
  await healthy(LIVE);
  await polls.converged(300);
  await polls.createSamplePolls();
}, 900_000);
afterAll(() => namespace.remove());

test('the first backup is made at once, and all that it needs is archived when it is complete', async () => {
  await backedUp(LIVE);
  const [{ status }] = await backupsOf(LIVE);
  const names = await stored(LIVE);
  expect(names).toContainEqual(expect.stringMatching(new RegExp(`/${status.endWal}.gz$`)));
  expect(names).toContainEqual(expect.stringMatching(BASE));
  expect(await ask(LIVE, 'SELECT failed_count FROM pg_stat_archiver')).toBe('0');
});

test('the metric that the alert asks for has its time', async () => {
  const { status } = await namespace.get('pod', await primaryOf(LIVE));
  await eventually('the metric has the time of the backup', async () => {
    const shown = await page(`http://${status.podIP}:9187/metrics`);
    const [, seconds] = new RegExp(`^${METRIC}(?:{.*})? (\\S+)$`, 'm').exec(shown)!;
    expect(Math.abs(Date.now() / 1000 - Number(seconds))).toBeLessThan(900);
  });
});

test('exactly what was written up to a second comes back beside the live database', async () => {
  await ask(LIVE, 'CREATE TABLE marks (number int, at timestamptz)');
  before = await rows(LIVE);
  await ask(
    LIVE,
    `DO $$ BEGIN
       FOR number IN 1..${MARKS} LOOP
         PERFORM pg_sleep(0.5 - mod(extract(epoch FROM clock_timestamp()) + 0.25, 0.5)::float);
         INSERT INTO marks VALUES (number, clock_timestamp());
         COMMIT;
       END LOOP;
     END $$`,
  );
  at = await ask(
    LIVE,
    `SELECT to_char(date_trunc('second', at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
     FROM marks WHERE number = ${MARKS / 2}`,
  );
  await ask(LIVE, 'CREATE TABLE later (number int)');
  await archivedByNow(LIVE);
  const until = await ask(
    LIVE,
    `SELECT string_agg(number::text, ' ' ORDER BY number) FROM marks WHERE at <= '${at}'`,
  );

  await apply(polls.manifests(variant({ from: LIVE, at })));
  const start = Date.now();
  await healthy(THEN);
  print(`restored to ${at} beside the live database within ${Math.round((Date.now() - start) / 1000)} s`);
  expect(await ask(THEN, "SELECT string_agg(number::text, ' ' ORDER BY number) FROM marks")).toBe(until);
  expect(until.split(' ').length).toBeLessThanOrEqual(MARKS / 2);
  const others = (text: string) => text.replace(/^marks\|.*$/m, '');
  expect(others(await rows(THEN))).toBe(others(before));
  expect(await ask(LIVE, 'SELECT count(*) FROM marks')).toBe(`${MARKS}`);
}, 900_000);

test('the restored database has backups and an archive of its own', async () => {
  await backedUp(THEN);
  await archivedByNow(THEN);
  expect(await stored(THEN)).toContainEqual(expect.stringMatching(BASE));
}, 600_000);

test('the application is switched to it', async () => {
  await apply(polls.manifests(variant({ from: LIVE, at }, THEN)));
  await polls.converged(300);
  await polls.answers();
  const visitor = await polls.visitor();
  await openBallot(visitor);
  expect((await vote(visitor)).status).toBe(200);
  expect(await ask(THEN, 'SELECT sum(votes) FROM polls_choice')).toBe('1');
  expect(await ask(LIVE, 'SELECT sum(votes) FROM polls_choice')).toBe('0');
}, 600_000);

test('the first database can go: the restored one fails over without it', async () => {
  const objects = ['cluster.postgresql.cnpg.io', 'scheduledbackup.postgresql.cnpg.io', 'objectstore'];
  await namespace.kubectl('delete', ...objects.map((kind) => `${kind}/${LIVE}`));
  const primary = await primaryOf(THEN);
  await namespace.delete('pod', primary, '--grace-period=0', '--force');
  await eventually(
    'another server is the primary',
    async () => expect(await primaryOf(THEN)).not.toBe(primary),
    { namespace: namespace.name, seconds: 120 },
  );
  await healthy(THEN);
  await archivedByNow(THEN);
}, 600_000);
