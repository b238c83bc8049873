import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'cdk8s';
import { PostgresBackendProps } from 'cdk8s-django';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { POSTGRES_IMAGE } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { DATABASE_POD, Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';

/*
 * The replica of a server and its primary go different ways, in each way that there is. Each time the replica has to find
 * out by itself, and to have the rows of its primary in the end. Run by hand: each takes a minute or two. The upgrade needs
 * UPGRADE_IMAGES, as that of `upgrades` does.
 */

const [NEWER] = (process.env.UPGRADE_IMAGES ?? '').split(' ').filter(Boolean).slice(-1);

const polls = new Polls(new Namespace('polls-replica'));
const { namespace } = polls;
const REPLICA_POD = 'polls-db-ro-0';
const archive = { schedule: '0 0 1 1 *', retention: Duration.days(2) };

const manifests = (changes: Partial<PostgresBackendProps> = {}) =>
  polls.manifests({
    postgres: {
      readReplicas: {},
      archive,
      // So little that some seconds of writing are more.
      parameters: { wal_keep_size: '32MB', max_wal_size: '64MB', min_wal_size: '32MB' },
      resources: { cpuRequest: '50m' },
      ...changes,
    },
  });

const ask = (pod: string, query: string) => polls.ask(pod, query);

/** Until the replica follows, and has all rows. */
async function follows(what: string): Promise<void> {
  const rows = "SELECT count(*), md5(string_agg(n::text, ' ' ORDER BY n::text)) FROM notes n";
  const start = Date.now();
  await eventually(
    `the replica has the rows of its primary: ${what}`,
    async () => {
      const following = 'SELECT count(*) FROM pg_stat_replication WHERE application_name = $$polls-db-ro$$';
      expect(await ask(DATABASE_POD, following)).toBe('1');
      expect(await ask(REPLICA_POD, rows)).toBe(await ask(DATABASE_POD, rows));
    },
    { namespace: namespace.name, seconds: 240 },
  );
  await polls.converged();
  print(`${what}: the replica followed after ${Math.round((Date.now() - start) / 1000)} s`);
}

/** Why the replica has copied the data of its primary, when it last did. */
const copied = async (...options: string[]) =>
  /copying the data of 'polls-db': (.*)/.exec(await namespace.kubectl('logs', REPLICA_POD, ...options))?.[1];

/** The commands of the guide that save what a waiting replica has: what its pod does, then what kubectl does. */
function replicaCommands(): string[] {
  const guide = readFileSync(join(__dirname, '../../docs/guide/3-scaling.md'), 'utf8');
  const block = /To save what a waiting replica has[^`]*```sh\n([^`]*)```/.exec(guide)![1];
  const [save, ...others] = block.trim().split('\n');
  return [
    / sh -c '(.*)' >/.exec(save)![1],
    ...others.map((line) => line.replace('kubectl -n polls ', '').replace(/ &&$/, '').trim()),
  ];
}

const scale = async (statefulSet: string, replicas: number) => {
  await namespace.kubectl('scale', `statefulset/${statefulSet}`, `--replicas=${replicas}`);
  if (replicas > 0) return;
  await namespace.kubectl('wait', '--for=delete', `pod/${statefulSet}-0`, '--timeout=90s');
};

beforeAll(async () => {
  await namespace.clear();
  await apply(manifests());
  await polls.converged();
  await ask(DATABASE_POD, 'CREATE TABLE notes (note text, at timestamptz DEFAULT now())');
  await ask(DATABASE_POD, "INSERT INTO notes VALUES ('first')");
  await follows('at first');
});
afterAll(() => namespace.remove());

test('a replica that was away for longer than the log is kept copies anew, and the log stays small', async () => {
  await scale('polls-db-ro', 0);
  for (let round = 0; round < 4; round++) {
    await ask(DATABASE_POD, "INSERT INTO notes SELECT repeat('x', 1000) FROM generate_series(1, 60000)");
    await ask(DATABASE_POD, 'CHECKPOINT');
  }
  await ask(DATABASE_POD, 'DELETE FROM notes WHERE length(note) > 500');
  await eventually('the log is archived and small', async () => {
    await ask(DATABASE_POD, 'CHECKPOINT');
    const size = Number(await ask(DATABASE_POD, 'SELECT sum(size) / 1024 / 1024 FROM pg_ls_waldir()'));
    expect(size).toBeLessThan(130);
  });
  await scale('polls-db-ro', 1);
  await follows('after more than the log that is kept');
  expect(await copied()).toBe('this one cannot follow it any more');
});

test('fewer connections than before keep no replica from starting', async () => {
  await apply(manifests({ maxConnections: 400 }));
  await polls.converged();
  await apply(manifests({ maxConnections: 300 }));
  await polls.converged();
  await follows('with fewer connections');
  expect(await copied()).toBeUndefined();
  expect(await ask(DATABASE_POD, 'SHOW max_connections')).toBe('300');
});

test('a primary that was brought to an earlier time has a replica with its rows', async () => {
  await namespace.kubectl('create', 'job', '--from=cronjob/polls-db-base-backup', 'base-backup');
  await namespace.kubectl('wait', '--for=condition=complete', 'job/base-backup', '--timeout=120s');
  const at = await ask(
    DATABASE_POD,
    `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM pg_sleep(1.1)`,
  );
  await ask(DATABASE_POD, "INSERT INTO notes SELECT 'a mistake' FROM pg_sleep(1.1)");
  await follows('before the restore');
  const file = await ask(DATABASE_POD, 'SELECT pg_walfile_name(pg_switch_wal())');
  await eventually(`${file} is archived`, async () =>
    expect(
      await namespace.exec(DATABASE_POD, 'ls', '/var/lib/cdk8s-django/archive/polls-db-15/wal'),
    ).toContain(`${file}.gz`),
  );
  await scale('polls-db', 0);
  await namespace.delete('statefulset', 'polls-db');
  await namespace.delete('persistentvolumeclaim', 'data-polls-db-0');
  await apply(manifests({ restore: { at } }));
  await eventually(
    'the primary is restored',
    async () => expect(await ask(DATABASE_POD, 'SELECT pg_is_in_recovery()')).toBe('f'),
    { namespace: namespace.name, seconds: 180 },
  );
  expect(await ask(DATABASE_POD, "SELECT count(*) FROM notes WHERE note = 'a mistake'")).toBe('0');
  await follows('after a restore to an earlier time');
});

test('a primary that lost its data has a replica that keeps its own, until it is saved', async () => {
  await ask(DATABASE_POD, "INSERT INTO notes VALUES ('the last copy')");
  await follows('before the loss');
  await scale('polls-db', 0);
  await namespace.delete('statefulset', 'polls-db');
  await namespace.delete('persistentvolumeclaim', 'data-polls-db-0');
  await apply(manifests({ archive: undefined }));
  await eventually(
    'there is a new server',
    async () => expect(await ask(DATABASE_POD, 'CREATE TABLE notes (note text)')).toBe(''),
    { namespace: namespace.name, seconds: 180 },
  );
  await eventually(
    'the replica says that its data is of another server',
    async () =>
      expect(await namespace.kubectl('logs', REPLICA_POD)).toContain(
        'which may be the last copy of what was lost',
      ),
    { namespace: namespace.name, seconds: 180 },
  );
  // Those of the guide.
  const [save, ...commands] = replicaCommands();
  const dump = await namespace.exec(REPLICA_POD, 'sh', '-c', `(${save}) | pg_restore --file=- --data-only`);
  expect(dump).toContain('the last copy');
  for (const command of commands) await namespace.kubectl(...command.split(' '));
  await follows('after the loss of all data of the primary');
});

(NEWER ? test : test.skip)('a primary of a newer major version has a replica of the same', async () => {
  await apply(manifests({ archive: undefined, image: NEWER, upgradeFrom: POSTGRES_IMAGE }));
  const version = (pod: string) => ask(pod, 'SHOW server_version_num');
  await eventually(
    'the primary is upgraded',
    async () => expect(Number(await version(DATABASE_POD))).toBeGreaterThan(160_000),
    { namespace: namespace.name, seconds: 240 },
  );
  await follows('after an upgrade');
  expect(await version(REPLICA_POD)).toBe(await version(DATABASE_POD));
});
