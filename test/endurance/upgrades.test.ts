import { Chart, Duration } from 'cdk8s';
import { PostgresBackend } from 'cdk8s-django';
import { eventually } from '../cluster/support/eventually';
import { IMAGE } from '../cluster/support/image';
import { apply } from '../cluster/support/kubectl';
import { POSTGRES_IMAGE } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { DATABASE_POD, Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { whileVoting } from '../cluster/support/votes';

/*
 * The database is taken from one major version of PostgreSQL to the next ones, while ten votes are cast a second, and
 * the upgrade is killed at each of its steps. It has an archive, and a role of applications. Run by hand with UPGRADE_IMAGES, such as
 * "docker.io/library/postgres:17-trixie docker.io/library/postgres:18-trixie": CI has one version alone.
 */

const IMAGES = (process.env.UPGRADE_IMAGES ?? '').split(' ').filter(Boolean);
const [FIRST = '', SECOND = ''] = IMAGES;

const polls = new Polls(new Namespace('polls-upgrades'));
const { namespace } = polls;

/** Where an upgrade is killed: the lines of its scripts before which it is. */
const STEPS: Record<string, string> = {
  dump: `  echo "upgrade: the database '$name' is being dumped"`,
  dumped: 'echo "upgrade: all is dumped',
  server: 'echo "upgrade: a server of PostgreSQL $own is being made"',
  restore: `  echo "upgrade: the database '$name' has the same`,
  statistics: 'echo "upgrade: statistics are being made"',
  place: 'echo "upgrade: the new data takes the place of the old"',
  // Between the two renames.
  renamed: '  mv "$next" "$data"',
};

/** The script ends itself at some steps, the first time that it comes there, or each time. */
function withKills(manifest: any, steps: string[], each: boolean): any {
  // A container's process 1 cannot be killed from inside; this one is not.
  if (manifest.kind === 'StatefulSet') manifest.spec.template.spec.shareProcessNamespace = true;
  if (manifest.kind !== 'ConfigMap' || manifest.metadata.name !== 'polls-db') return manifest;
  for (const step of steps) {
    const mark = `$volume/killed-${step}`;
    const kill = `[ -e "${mark}" ] || { ${each ? 'true' : `touch "${mark}"`}; sync; kill -KILL $$; }\n`;
    for (const [file, script] of Object.entries<string>(manifest.data)) {
      manifest.data[file] = script.replace(STEPS[step], (line) => kill + line);
    }
  }
  return manifest;
}

interface Server {
  readonly image: string;
  readonly upgradeFrom?: string;
  readonly kills?: string[];
  /** Whether it is killed each time that it comes there. */
  readonly each?: boolean;
  /** What stands beside it, brought to a time. */
  readonly beside?: { readonly image: string; readonly at: string };
}

const NOW = { applicationRole: {}, resources: { cpuRequest: '50m' } };
/** Nothing makes base backups by itself, whatever the hour is. */
const archive = { schedule: '0 0 1 1 *', retention: Duration.days(2) };

const manifests = ({ image, upgradeFrom, kills = [], each = false, beside }: Server) =>
  polls
    .manifests({
      replicas: 2,
      serverImage: image,
      postgres: { ...NOW, upgradeFrom, archive, extensions: ['citext'] },
      before: (database) => {
        if (beside) {
          new PostgresBackend(Chart.of(database), 'Then', {
            ...{ ...NOW, name: 'polls-then', storage: '1Gi', image: beside.image, pythonImage: IMAGE },
            restore: { from: 'polls-db', at: beside.at },
          });
        }
        return database;
      },
    })
    .map((manifest) => withKills(manifest, kills, each));

/** Makes a base backup now, of the server of this version. */
async function baseBackup(version: number): Promise<void> {
  const job = `base-backup-${version}`;
  await namespace.kubectl('create', 'job', '--from=cronjob/polls-db-base-backup', job);
  await namespace.kubectl('wait', '--for=condition=complete', `job/${job}`, '--timeout=120s');
}

/** Writes a note, and returns a second after which nothing was written yet. */
async function noted(note: string): Promise<string> {
  await asSuperuser('django', `INSERT INTO notes VALUES ('${note}')`);
  const pause = 'SELECT FROM pg_sleep(1.1)';
  const time = `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
  await asSuperuser('django', pause);
  const at = await asSuperuser('django', time);
  await asSuperuser('django', pause, `INSERT INTO notes VALUES ('after ${note}')`);
  return at;
}

/** What a server beside the live one has after it was brought to a time. */
async function notesAt(image: string, at: string, live: string): Promise<string> {
  const [claim, set] = ['persistentvolumeclaim/data-polls-then-0', 'statefulset/polls-then'];
  await namespace.kubectl('delete', '--ignore-not-found', set, claim);
  await apply(manifests({ image: live, beside: { image, at } }));
  await namespace.kubectl('rollout', 'status', set, '--timeout=240s');
  const psql = (login: string, command: string) =>
    `PGPASSWORD="$${login}_PASSWORD" psql --host=127.0.0.1 --dbname=django --no-align --tuples-only --quiet ${command}`;
  const application = psql('APPLICATION', '--username=django_application --command=');
  const asApplication = (sql: string) =>
    namespace.exec('polls-then-0', 'sh', '-c', `${application}"${sql}" 2>&1 || true`);
  expect(await asApplication('CREATE TABLE mine (id int)')).toContain('permission denied for schema public');
  expect(await asApplication('TRUNCATE polls_question')).toContain('permission denied');
  expect(Number(await asApplication('SELECT count(*) FROM polls_question'))).toBeGreaterThan(0);
  expect(await asApplication('UPDATE polls_choice SET votes = votes')).toBe('');
  return (
    await namespace.exec(
      'polls-then-0',
      ...['psql', '--username=postgres', '--dbname=django', '--no-align', '--tuples-only'],
      "--command=SELECT string_agg(note, ', ' ORDER BY at) FROM notes",
    )
  ).trim();
}

/** What the archive has: folders of major versions. The server has archived all without an error. */
async function archives(): Promise<string[]> {
  await eventually('the archive goes on', async () =>
    expect(
      await asSuperuser(
        'postgres',
        'SELECT failed_count, archived_count > 0 FROM pg_switch_wal(), pg_stat_archiver',
      ),
    ).toBe('0|t'),
  );
  return (await namespace.exec(DATABASE_POD, 'ls', '/var/lib/cdk8s-django/archive')).trim().split('\n');
}

/** The answers of PostgreSQL to its superuser. */
async function asSuperuser(database: string, ...statements: string[]): Promise<string> {
  const psql = [
    'psql',
    '--username=postgres',
    `--dbname=${database}`,
    '--no-align',
    '--tuples-only',
    '--quiet',
  ];
  const commands = statements.map((statement) => `--command=${statement}`);
  return (await namespace.exec(DATABASE_POD, ...psql, ...commands)).trim();
}

/** What nobody changes while votes are cast: of another database and of a role, and how text is ordered. */
const kept = async () => [
  await asSuperuser('Bücher', 'SELECT string_agg(title, $$ $$ ORDER BY title) FROM books'),
  await asSuperuser('Bücher', 'SELECT last_value FROM books_id_seq'),
  await asSuperuser(
    'postgres',
    "SELECT pg_encoding_to_char(encoding), datlocprovider FROM pg_database WHERE datname = 'Bücher'",
  ),
  await asSuperuser(
    'postgres',
    "SELECT rolname, rolpassword, useconfig FROM pg_authid JOIN pg_user ON usename = rolname WHERE rolname ~ '^(reader|django)$' ORDER BY 1",
  ),
  await asSuperuser(
    'postgres',
    "SELECT has_table_privilege('reader', c.oid, 'SELECT') FROM pg_class c WHERE relname = 'nothing'",
  ),
  await asSuperuser(
    'django',
    "SELECT has_table_privilege('reader', 'polls_question', 'SELECT'), pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'django'",
  ),
  await asSuperuser('django', "SELECT 'Ä'::citext = 'ä'::citext"),
  await asSuperuser(
    'django',
    "SELECT string_agg(what || has_table_privilege('django_application', 'polls_choice', what), ' ')" +
      " FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES}'::text[]) AS what",
  ),
];

/** Times at which each version ran. */
const times: Record<number, string> = {};

/** Another version runs, and its first pod was replaced at once. */
async function running(version: number): Promise<void> {
  await polls.converged(420);
  await eventually('the server answers', async () =>
    expect(await polls.sql('SHOW server_version')).toMatch(new RegExp(`^${version}\\b`)),
  );
}

const folders = async () =>
  (await namespace.exec(DATABASE_POD, 'ls', '/var/lib/cdk8s-django/postgresql'))
    .trim()
    .split('\n')
    .filter((name) => name !== 'lost+found' && !name.startsWith('killed-'))
    .sort();

const major = (image: string) => Number(/:(\d+)/.exec(image)![1]);

async function restarts(): Promise<Record<string, number>> {
  const { status } = await namespace.get('pod', DATABASE_POD);
  return Object.fromEntries(status.initContainerStatuses.map((one: any) => [one.name, one.restartCount]));
}

/** Upgrades while votes are cast: each confirmed vote is there afterwards, once, and nothing else is. */
async function upgraded(server: Server): Promise<void> {
  const before = await polls.ballots();
  const same = await kept();
  const start = Date.now();
  const { acknowledged, failures, secondsToRecover } = await whileVoting(polls, async () => {
    await apply(manifests(server));
    await running(major(server.image));
  });
  const stored = await polls.ballots();
  const unconfirmed = failures.map(({ choice }) => choice).filter((choice) => stored.has(choice));
  print(
    `${major(server.upgradeFrom!)} to ${major(server.image)}, killed at [${server.kills?.join(' ') ?? ''}]: ` +
      `${acknowledged.length} votes confirmed, ${failures.length} failed, ${unconfirmed.length} of these stored, ` +
      `served again after ${secondsToRecover.toFixed(1)} s of ${((Date.now() - start) / 1000).toFixed(0)} s`,
  );
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter((choice) => !stored.has(choice))).toEqual([]);
  const once = [...acknowledged, ...unconfirmed].map((choice): [string, number] => [choice, 1]);
  expect(stored).toEqual(new Map([...before, ...once]));
  expect(await kept()).toEqual(same);
}

const withImages = IMAGES.length === 2 ? describe : describe.skip;
withImages('a database that is taken to other major versions', () => {
  beforeAll(async () => {
    await namespace.clear();
    await apply(manifests({ image: POSTGRES_IMAGE }));
    await polls.converged();
    await polls.answers();
    await asSuperuser(
      'postgres',
      `CREATE DATABASE "Bücher" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk' LOCALE 'C.UTF-8'`,
    );
    await asSuperuser(
      'Bücher',
      'CREATE TABLE books (id serial, title text UNIQUE)',
      "INSERT INTO books (title) VALUES ('Zebra'), ('Äpfel'), ('Afrika'), ('Straße'), ('日本語')",
    );
    await asSuperuser(
      'django',
      "CREATE ROLE reader LOGIN PASSWORD 'it''s \"secret\"'",
      "ALTER ROLE reader SET search_path = 'x, y'",
      'GRANT SELECT ON polls_question TO reader',
      'CREATE TABLE notes (note text, at timestamptz DEFAULT clock_timestamp())',
    );
    await baseBackup(major(POSTGRES_IMAGE));
  });
  afterAll(() => namespace.remove());

  test('is told by one sentence what to do, and its data is as it was', async () => {
    await apply(manifests({ image: FIRST }));
    await eventually('the status of the pod has the sentence', async () => {
      const [{ state, lastState }] = (await namespace.get('pod', DATABASE_POD)).status.containerStatuses;
      expect((state.terminated ?? lastState.terminated).message).toContain(
        `the volume of the PostgresBackend 'polls-db' has data of PostgreSQL ${major(POSTGRES_IMAGE)}, and its image is ` +
          `PostgreSQL ${major(FIRST)}, which cannot read it. Nothing was changed. `,
      );
    });
    await apply(manifests({ image: POSTGRES_IMAGE }));
    await namespace.kubectl('delete', 'pod', DATABASE_POD);
    await running(major(POSTGRES_IMAGE));
  });

  test('goes back when the upgrade does not come to its end, and what is written then is not lost', async () => {
    const upgrade = { image: FIRST, upgradeFrom: POSTGRES_IMAGE };
    await apply(manifests({ ...upgrade, kills: ['statistics'], each: true }));
    await eventually(
      'it was killed twice after the restore',
      async () => expect((await restarts())['upgrade-restore']).toBeGreaterThan(1),
      { namespace: namespace.name, seconds: 180 },
    );
    await apply(manifests({ image: POSTGRES_IMAGE }));
    await namespace.kubectl('delete', 'pod', DATABASE_POD);
    await running(major(POSTGRES_IMAGE));
    await polls.createQuestion(7);
  });

  test('the owner alone migrates by hand, as the guide says', async () => {
    const last = "SELECT name FROM django_migrations WHERE app = 'polls' ORDER BY id DESC LIMIT 1";
    const before = await polls.sql(last);
    const { password } = await polls.secret('polls-db');
    const login = ['DATABASE_USER=django', `DATABASE_PASSWORD=${Buffer.from(password, 'base64')}`];
    const migrate = (environment: string[], target: string[]) =>
      namespace.exec(
        'deployment/polls',
        ...['env', ...environment, 'python', 'manage.py', 'migrate', 'polls', ...target],
      );
    await expect(migrate([], ['zero'])).rejects.toThrow(/must be owner of|permission denied/);
    expect(await polls.sql(last)).toBe(before);
    await migrate(login, ['0001']);
    expect(await polls.sql(last)).toMatch(/^0001_/);
    await migrate(login, []);
    expect(await polls.sql(last)).toBe(before);
    await polls.answers();
  });

  test('is killed at steps of the dump and between the renames, and goes on', async () => {
    const questions = await polls.sql('SELECT count(*) FROM polls_question');
    times[major(POSTGRES_IMAGE)] = await noted('old');
    await upgraded({
      image: FIRST,
      upgradeFrom: POSTGRES_IMAGE,
      kills: ['dump', 'dumped', 'server', 'renamed'],
    });
    expect(await restarts()).toEqual({ 'upgrade-dump': 2, 'upgrade-restore': 2 });
    expect(await folders()).toEqual(['pgdata', `pgdata-${major(POSTGRES_IMAGE)}`]);
    expect(Number(await polls.sql('SELECT count(*) FROM polls_question'))).toBe(Number(questions) + 1);
    // The next start finds nothing to do.
    await namespace.kubectl('delete', 'pod', DATABASE_POD);
    await running(major(FIRST));
    expect(await namespace.kubectl('logs', DATABASE_POD, '--container=upgrade-restore')).toContain(
      `the data is of PostgreSQL ${major(FIRST)} already`,
    );
    expect(await archives()).toEqual([POSTGRES_IMAGE, FIRST].map((image) => `polls-db-${major(image)}`));
    await baseBackup(major(FIRST));
    times[major(FIRST)] = await noted('newer');
  });

  test('is killed at steps of the restore, and goes on', async () => {
    await upgraded({ image: SECOND, upgradeFrom: FIRST, kills: ['restore', 'statistics', 'place'] });
    expect(await restarts()).toEqual({ 'upgrade-dump': 0, 'upgrade-restore': 3 });
    expect(await folders()).toEqual(
      ['pgdata', `pgdata-${major(POSTGRES_IMAGE)}`, `pgdata-${major(FIRST)}`].sort(),
    );
    const analyzed =
      "SELECT count(*) > 0 FROM pg_statistic s JOIN pg_class c ON c.oid = starelid WHERE relname = 'polls_choice'";
    expect(await asSuperuser('django', analyzed)).toBe('t');
    expect(await archives()).toHaveLength(3);
  });

  test('times before the upgrades are restored by the images of then, and those after from a new base backup', async () => {
    expect(await notesAt(POSTGRES_IMAGE, times[major(POSTGRES_IMAGE)], SECOND)).toBe('old');
    expect(await notesAt(FIRST, times[major(FIRST)], SECOND)).toBe('old, after old, newer');
    await baseBackup(major(SECOND));
    const at = await noted('newest');
    await archives();
    expect(await notesAt(SECOND, at, SECOND)).toBe('old, after old, newer, after newer, newest');
    await namespace.kubectl('delete', 'statefulset/polls-then', 'persistentvolumeclaim/data-polls-then-0');
  }, 600_000);

  test('runs without the option, and with the old data deleted', async () => {
    const same = await kept();
    const ballots = await polls.ballots();
    await namespace.exec(DATABASE_POD, 'sh', '-c', 'rm -r "$PGDATA"-[0-9]*');
    await apply(manifests({ image: SECOND }));
    await running(major(SECOND));
    expect(await folders()).toEqual(['pgdata']);
    expect(await kept()).toEqual(same);
    expect(await polls.ballots()).toEqual(ballots);
  });
});
