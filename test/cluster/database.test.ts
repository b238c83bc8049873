import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { DjangoApp, PostgresBackend, PostgresBackendProps, VolumeSource } from 'cdk8s-django';
import { output } from './support/command';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply } from './support/kubectl';
import { POSTGRES_IMAGE, Variant } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls, vote } from './support/polls';
import { fetchFrom } from './support/probe-pod';

const polls = new Polls(new Namespace('polls-database'));

beforeAll(async () => {
  await polls.deploy({ replicas: 2 });
  await polls.createSamplePolls();
});
afterAll(() => polls.namespace.remove());

test('a vote outlives the pod of the database, and no replica is restarted for its sake', async () => {
  const visitor = await polls.visitor();
  await vote(visitor);
  const votes = await polls.storedVotes();
  const instances = await instancesAndRestarts(polls);
  const { metadata } = await polls.namespace.get('pod', DATABASE_POD);

  await polls.namespace.kubectl('delete', 'pod', DATABASE_POD);

  await polls.converged();
  expect((await polls.namespace.get('pod', DATABASE_POD)).metadata.uid).not.toBe(metadata.uid);
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  expect(await polls.storedVotes()).toBe(votes);
  await vote(visitor);
  expect(await polls.storedVotes()).toBe(votes + 1);
  expect(await instancesAndRestarts(polls)).toEqual(instances);
});

test('without a database the replicas are taken out of service but kept alive, and come back with it', async () => {
  const instances = await instancesAndRestarts(polls);
  const [{ metadata }] = await polls.webPods();
  const probe = (path: string) =>
    fetchFrom(polls.namespace, metadata.name, '127.0.0.1', 8000, path, {
      Host: polls.host,
      'X-Forwarded-Proto': 'https',
    });

  await polls.namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=0');
  await eventually(
    'no replica is ready',
    async () => expect((await polls.namespace.get('deployment', 'polls')).status.readyReplicas ?? 0).toBe(0),
    { namespace: polls.namespace.name },
  );
  expect(await probe('/readyz')).toMatchObject({ status: 503 });
  expect(await probe('/livez')).toMatchObject({ status: 200 });

  await polls.namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=1');
  await polls.converged();
  const visitor = await polls.visitor();
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  expect(await instancesAndRestarts(polls)).toEqual(instances);
});

/** The answers of PostgreSQL to its superuser, who logs in inside the pod alone. */
async function asSuperuser(...statements: string[]): Promise<string[]> {
  const psql = ['psql', '--username=postgres', '--dbname=django', '--no-align', '--tuples-only', '--quiet'];
  const commands = statements.map((statement) => `--command=${statement}`);
  return (await polls.namespace.exec(DATABASE_POD, ...psql, ...commands)).trim().split('\n');
}

test('the server has checksums, memory and connections by its limits, and no superuser for the application', async () => {
  const names = ['data_checksums', 'shared_buffers', 'effective_cache_size', 'work_mem'];
  const shown = await asSuperuser(
    ...[...names, 'maintenance_work_mem', 'max_connections'].map((name) => `SHOW ${name}`),
  );
  expect(shown).toEqual(['on', '256MB', '768MB', '4MB', '64MB', '250']);
  expect(await asSuperuser("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = 'django'")).toEqual([
    'f|f',
  ]);
});

const EXTENSIONS = ['citext', 'pg_stat_statements'];
/** The application may change no table, from the next step on. */
const restricted = (postgres: Partial<PostgresBackendProps>, props: Variant = {}): Variant => ({
  replicas: 2,
  postgres: { ...postgres, applicationRole: {} },
  ...props,
});

test('extensions are made in the database that is there, and one that the image lacks is told of at once', async () => {
  const votes = await polls.storedVotes();
  const grown = (...extensions: string[]) =>
    apply(polls.manifests(restricted({ extensions, parameters: { work_mem: '5MB' } })));
  await grown(...EXTENSIONS);
  await polls.converged();
  expect(await polls.sql("SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension")).toBe(
    'citext pg_stat_statements plpgsql',
  );
  expect(await polls.sql('SHOW work_mem')).toBe('5MB');
  const visitor = await polls.visitor();
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  const counted = "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%polls_question%'";
  expect(Number(await asSuperuser(counted))).toBeGreaterThan(0);

  await grown(...EXTENSIONS, 'no_such_extension');
  await eventually('the status of the pod says what is missing', async () => {
    const [{ lastState, state }] = (await polls.namespace.get('pod', DATABASE_POD)).status.containerStatuses;
    expect((state.terminated ?? lastState.terminated).message).toContain(
      "the PostgresBackend 'polls-db' has the extension 'no_such_extension', and its image has none of that name",
    );
  });

  // Its container reads the shorter list when it is started again: nobody deletes the pod.
  await grown(...EXTENSIONS);
  await polls.converged(300);
  expect(await polls.storedVotes()).toBe(votes);
});

/** What the server says to the role of the application. */
async function asApplication(statement: string): Promise<string> {
  const psql = ['psql', '--username=django_application', '--dbname=django', '--no-align', '--tuples-only'];
  const run = polls.namespace.exec(DATABASE_POD, ...psql, '--quiet', `--command=${statement}`);
  return run.catch((error: Error) => error.message);
}

test('the role of the application reads and writes the rows that were there, and changes no table', async () => {
  const votes = await polls.storedVotes();
  const results = await vote(await polls.visitor());
  expect(results.body).toContain(`${votes + 1} votes`);
  const sessions = "SELECT DISTINCT usename FROM pg_stat_activity WHERE client_addr <> '127.0.0.1'";
  expect(await asSuperuser(sessions)).toEqual(['django_application']);

  for (const statement of [
    'CREATE TABLE more (id int)',
    'CREATE SCHEMA more',
    'CREATE INDEX ON polls_choice (votes)',
    'ALTER TABLE polls_choice ADD more int',
    'DROP TABLE polls_choice',
    'TRUNCATE polls_ballot',
    'SET ROLE django',
    'ALTER ROLE django PASSWORD NULL',
  ]) {
    expect(await asApplication(statement)).toMatch(/permission denied|must be (owner|superuser)/);
  }
  expect(await asApplication("SELECT setval('polls_choice_id_seq', max(id)) FROM polls_choice")).toMatch(
    /^\d+\n$/,
  );
});

/** An application whose one migration makes a table. Its settings are those of the polls, with a page that writes. */
const NOTES = {
  '__init__.py': `
from mysite.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, "mysite.notes"]
MIGRATION_MODULES = {"notes": "mysite.notes"}
MIDDLEWARE = [*MIDDLEWARE, "mysite.notes.write"]

def write(get_response):
    def answer(request):
        if request.path != "/notes":
            return get_response(request)
        from django.db import connection
        from django.http import HttpResponse
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO notes_note (text) VALUES ('one') RETURNING id")
            return HttpResponse(f"note {cursor.fetchone()[0]}")

    return answer
`,
  '0001_initial.py': `
from django.db import migrations, models

class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Note", [("id", models.AutoField(primary_key=True)), ("text", models.TextField())])
    ]
`,
};

test('a migration makes a table as the owner, and the application uses it at once', async () => {
  const extend = (app: DjangoApp) => {
    const metadata = { name: 'notes' };
    const notes = new ApiObject(Chart.of(app), 'Notes', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: NOTES,
    });
    const source = VolumeSource.fromConfigMap(notes);
    app.addVolume({ name: 'notes', source, mountPath: '/app/mysite/notes' });
  };
  const postgres = { extensions: EXTENSIONS, parameters: { work_mem: '5MB' } };
  await apply(polls.manifests(restricted(postgres, { settingsModule: 'mysite.notes', extend })));
  await polls.converged();
  const visitor = await polls.visitor();
  await eventually('the page writes', async () =>
    expect((await visitor.get('/notes')).body).toMatch(/^note \d+$/),
  );
  expect(await polls.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'notes_note'")).toBe('django');
});

test('text whose order is of another version is warned of with steps, which end it', async () => {
  const icu = "LOCALE_PROVIDER icu ICU_LOCALE 'de' LOCALE 'C.UTF-8'";
  await asSuperuser(`CREATE DATABASE books TEMPLATE template0 ${icu}`);
  await asSuperuser(
    'CREATE COLLATION german (provider = icu, locale = $$de$$)',
    'CREATE TABLE books (title text COLLATE german UNIQUE)',
    "UPDATE pg_collation SET collversion = '1.1' WHERE collname = 'german'",
    "UPDATE pg_database SET datcollversion = '1.2' WHERE datname = 'books'",
  );
  const warnings = async () => {
    await polls.namespace.kubectl('delete', 'pod', DATABASE_POD);
    await polls.converged();
    const log = await polls.namespace.kubectl('logs', DATABASE_POD);
    const lines = log.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line)).sort((a, b) => (a.recorded < b.recorded ? -1 : 1));
  };

  const found = await warnings();
  const actual = expect.stringMatching(/^[\d.]+$/);
  expect(found).toMatchObject([
    { level: 'WARNING', database: 'django', collation: 'public.german', recorded: '1.1', actual },
    { level: 'WARNING', database: 'books', collation: null, recorded: '1.2', actual },
  ]);
  expect(found[0].message).toContain(
    'PostgresBackend "polls-db": the collation public.german of the database django',
  );

  for (const { database, steps } of found) {
    for (const step of steps) {
      const psql = ['psql', '--username=postgres', `--dbname=${database}`, '--set=ON_ERROR_STOP=1'];
      await polls.namespace.exec(DATABASE_POD, ...psql, `--command=${step}`);
    }
  }
  expect(await warnings()).toEqual([]);
  await asSuperuser('DROP DATABASE books');
});

test('the volume outlives the StatefulSet, whose successor has all data', async () => {
  const votes = await polls.storedVotes();
  const { metadata } = await polls.namespace.get('persistentvolumeclaim', `data-${DATABASE_POD}`);
  await polls.namespace.kubectl('delete', 'statefulset/polls-db');
  await polls.namespace.kubectl('wait', '--for=delete', `pod/${DATABASE_POD}`, '--timeout=120s');
  await apply(polls.manifests(restricted({ extensions: EXTENSIONS })));
  await polls.converged();
  const after = await polls.namespace.get('persistentvolumeclaim', `data-${DATABASE_POD}`);
  expect(after.metadata.uid).toBe(metadata.uid);
  expect(await polls.storedVotes()).toBe(votes);
});

// By default to another server of the same version.
const NEXT_IMAGE = process.env.NEXT_POSTGRES_IMAGE ?? POSTGRES_IMAGE;
test('another server takes all data over by the commands of the guide, and is then the database', async () => {
  const NEXT = 'polls-db-17';
  const votes = await polls.storedVotes();
  await apply(
    polls.manifests(
      restricted(
        { extensions: EXTENSIONS },
        {
          extend: (app) =>
            new PostgresBackend(Chart.of(app), 'Next', {
              name: NEXT,
              storage: '1Gi',
              image: NEXT_IMAGE,
              extensions: EXTENSIONS,
              applicationRole: {},
              pythonImage: IMAGE,
            }),
        },
      ),
    ),
  );
  await polls.converged();

  const guide = readFileSync(resolve(__dirname, '../../docs/guide/7-lifecycle.md'), 'utf8');
  const [, commands] = /```sh\n(set -o pipefail\n[\s\S]*?)```/.exec(guide)!;
  const copied = await output('bash', [
    '-c',
    commands.replaceAll(' -n polls ', ` -n ${polls.namespace.name} `),
  ]);
  expect(copied).toContain(`COPY ${await polls.sql('SELECT count(*) FROM polls_choice')}`);
  expect(await polls.webPods()).toEqual([]);
  const rights = "SELECT has_table_privilege('django_application', 'polls_choice', 'SELECT, INSERT')";
  const psql = ['psql', '--username=postgres', '--dbname=django', '--no-align', '--tuples-only'];
  expect((await polls.namespace.exec(`${NEXT}-0`, ...psql, `--command=${rights}`)).trim()).toBe('t');

  // Without applicationRole: the owner serves requests again.
  const postgres = { extensions: EXTENSIONS };
  await apply(polls.manifests({ replicas: 2, server: NEXT, serverImage: NEXT_IMAGE, postgres }));
  await polls.converged();
  await polls.namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=0');
  const visitor = await polls.visitor();
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  expect((await vote(visitor)).body).toContain(`${votes + 1} votes`);
});

/** The names of the replicas, and how often their containers were restarted. */
async function instancesAndRestarts(app: Polls): Promise<Record<string, number>> {
  const pods = await app.webPods();
  return Object.fromEntries(
    pods.map(({ metadata, status }) => [metadata.name, status.containerStatuses[0].restartCount]),
  );
}
