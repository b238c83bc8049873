import { Chart, Duration } from 'cdk8s';
import { PostgresBackend } from 'cdk8s-django';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply } from './support/kubectl';
import { POSTGRES_IMAGE, Variant } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls } from './support/polls';

const polls = new Polls(new Namespace('polls-point-in-time'));
const { namespace } = polls;
const ARCHIVE = '/var/lib/cdk8s-django/archive/polls-db-15';

/** Nothing makes base backups by itself, whatever the hour is. */
const archive = { schedule: '0 0 1 1 *', retention: Duration.days(2) };
const archived = (restore?: { at?: string }): Variant => ({ postgres: { archive, restore } });
/** A server beside the live one. */
const beside = (at: string): Variant => ({
  ...archived(),
  before: (database) => {
    new PostgresBackend(Chart.of(database), 'Then', {
      name: 'polls-then',
      storage: '1Gi',
      image: POSTGRES_IMAGE,
      pythonImage: IMAGE,
      resources: { cpuRequest: '50m' },
      restore: { from: 'polls-db', at },
    });
    return database;
  },
});

/** Makes a base backup now. */
async function baseBackup(job: string): Promise<string> {
  await namespace.kubectl('create', 'job', '--from=cronjob/polls-db-base-backup', job);
  const ended = async () => expect((await namespace.get('job', job)).status).toMatchObject({ succeeded: 1 });
  await eventually(`Job ${job} has ended`, ended, { namespace: namespace.name, seconds: 120 });
  return /base backup '(\d{8}-\d{6})': written/.exec(await namespace.kubectl('logs', `job/${job}`))![1];
}

const ask = (pod: string, query: string) => polls.ask(pod, query);

/** A sum of all rows of each table, regardless of their order. */
async function rows(pod: string): Promise<string> {
  const tables = await ask(pod, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
  const sums = tables
    .split('\n')
    .map(
      (table) =>
        `SELECT '${table}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM ${table} t`,
    );
  return ask(pod, sums.join(' UNION ALL '));
}

/** Until all that was written by now is in the archive. */
async function archivedByNow(): Promise<void> {
  const file = await ask(DATABASE_POD, 'SELECT pg_walfile_name(pg_switch_wal())');
  await eventually(`${file} is archived`, async () =>
    expect(await namespace.exec(DATABASE_POD, 'ls', `${ARCHIVE}/wal`)).toContain(`${file}.gz`),
  );
}

beforeAll(async () => {
  await polls.deploy(archived());
  await polls.createSamplePolls();
  await ask(DATABASE_POD, 'CREATE TABLE notes (note text, at timestamptz DEFAULT now())');
});
afterAll(() => namespace.remove());

test('a second between two known writes comes back beside the live server', async () => {
  await ask(DATABASE_POD, "INSERT INTO notes VALUES ('before the backup')");
  const backup = await baseBackup('first');
  expect(await namespace.exec(DATABASE_POD, 'ls', `${ARCHIVE}/base/${backup}`)).toBe(
    'backup_manifest\nbase.tar.gz\n',
  );
  await ask(DATABASE_POD, "INSERT INTO notes VALUES ('kept')");
  await ask(DATABASE_POD, 'SELECT pg_sleep(1.1)');
  const at = await ask(
    DATABASE_POD,
    `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  );
  await ask(DATABASE_POD, 'SELECT pg_sleep(1.1)');
  await ask(DATABASE_POD, "INSERT INTO notes VALUES ('a mistake')");
  await archivedByNow();

  await apply(polls.manifests(beside(at)));
  await polls.converged();
  expect(await ask('polls-then-0', 'SELECT note FROM notes ORDER BY at')).toBe('before the backup\nkept');
  expect(await ask(DATABASE_POD, 'SELECT count(*) FROM notes')).toBe('3');
  // It writes, and its role has its own password.
  const login = 'PGPASSWORD="$POSTGRES_PASSWORD" psql --host=127.0.0.1 --username=django --dbname=django';
  const created = `${login} --command="CREATE TABLE written (id int)"`;
  expect(await namespace.exec('polls-then-0', 'sh', '-c', created)).toContain('CREATE TABLE');
  await apply(polls.manifests(archived()));
  await namespace.kubectl('delete', 'statefulset/polls-then', 'persistentvolumeclaim/data-polls-then-0');
});

test('what is lost with the volume is restored to the end of the archive, equal row by row', async () => {
  await polls.createQuestion(50);
  await archivedByNow();
  const before = await rows(DATABASE_POD);
  await namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=0');
  await namespace.kubectl('wait', '--for=delete', `pod/${DATABASE_POD}`, '--timeout=60s');
  await namespace.kubectl('delete', 'statefulset/polls-db', 'persistentvolumeclaim/data-polls-db-0');

  await apply(polls.manifests(archived({ at: '2020-01-01T00:00:00Z' })));
  await eventually(
    'the status of the pod says which base backups there are',
    async () => {
      const [{ state, lastState }] = (await namespace.get('pod', DATABASE_POD)).status.initContainerStatuses;
      expect((state.terminated ?? lastState.terminated).message).toMatch(
        /error: no base backup of 'polls-db' ended before '2020-01-01T00:00:00Z'\. There are: \d{8}-\d{6}/,
      );
    },
    { namespace: namespace.name },
  );
  await apply(polls.manifests(archived({})));
  await namespace.kubectl('delete', 'pod', DATABASE_POD);
  await polls.converged();
  expect(await rows(DATABASE_POD)).toBe(before);

  // The archive goes on with the restored server, and keeps what the retention needs.
  const backup = await baseBackup('second');
  await archivedByNow();
  expect(await ask(DATABASE_POD, 'SELECT failed_count FROM pg_stat_archiver')).toBe('0');
  expect(await namespace.exec(DATABASE_POD, 'ls', `${ARCHIVE}/base`)).toContain(backup);
});
