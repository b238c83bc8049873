import { ApiObject, Chart, Duration } from 'cdk8s';
import { IDatabase, PostgresBackend, VolumeSource } from 'cdk8s-django';
import { PgBouncer } from 'cdk8s-django/postgres';
import { PasswordTurns } from 'cdk8s-django/secrets';
import { provideImage } from './applications/images';
import { eventually } from './support/eventually';
import { Expected, provideExporter, watchingExporters } from './support/exporters';
import { apply } from './support/kubectl';
import { duringLoad, figures } from './support/load';
import { Variant } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, logIn, Polls } from './support/polls';
import { print } from './support/print';

/** Sessions in the cache, and a page that logs in to the database and to the cache anew. */
const SETTINGS = `
from mysite.settings import *
MIDDLEWARE = [*MIDDLEWARE, "mysite.both.both"]
SESSION_ENGINE = "django.contrib.sessions.backends.cache"

def both(get_response):
    def answer(request):
        if request.path != "/both":
            return get_response(request)
        from django.core.cache import cache
        from django.db import connection
        from django.http import HttpResponse
        from polls.models import Question
        connection.close()
        questions = Question.objects.count()
        pool = cache._cache.get_client(write=True).connection_pool
        pool.disconnect(inuse_connections=False)
        cache.set("questions", questions)
        return HttpResponse(f"{questions} questions")

    return answer
`;
const FIRST: PasswordTurns = { accepted: [1], used: 1 };
/** The steps of a rotation. */
const STEPS: [string, PasswordTurns][] = [
  ['add', { accepted: [1, 2], used: 1 }],
  ['switch', { accepted: [1, 2], used: 2 }],
  ['remove', { accepted: [2], used: 2 }],
];
const CACHE_POD = 'polls-cache-0';
const ADMINISTRATOR = { username: 'admin', password: 'only-for-this-test' };

/** That the exporters log in to their servers. */
const UP: Expected[] = [
  [DATABASE_POD, 9187, 'pg_up 1'],
  [CACHE_POD, 9121, 'redis_up 1'],
];

let poolerImage: string;
const exporters = { postgres: '', redis: '' };
const pooled = (database: PostgresBackend): IDatabase =>
  new PgBouncer(Chart.of(database), 'Pooler', {
    name: 'polls-pooler',
    database,
    image: poolerImage,
    poolSize: 4,
    connectionMaxAge: Duration.seconds(5),
    requestTimeout: Duration.seconds(5),
  });

beforeAll(async () => {
  poolerImage = await provideImage({ name: 'docker.io/example/pgbouncer:1.24', folder: 'pgbouncer' });
  exporters.postgres = await provideExporter('postgres', '0.17.1');
  exporters.redis = await provideExporter('redis', '1.69.0');
});

describe.each([
  ['directly', 'polls-rotation', undefined],
  ['through PgBouncer', 'polls-rotation-pooler', pooled],
] as const)('with an application that connects %s', (how, name, before) => {
  const namespace = new Namespace(name);
  const polls = new Polls(namespace);
  afterAll(() => namespace.remove());

  const variant = (passwords: PasswordTurns): Variant => ({
    replicas: 2,
    settingsModule: 'mysite.both',
    postgres: { passwords, metrics: { image: exporters.postgres } },
    redis: { passwords, metrics: { image: exporters.redis } },
    caches: true,
    before,
    extend: (app) => {
      const settings = new ApiObject(Chart.of(app), 'Settings', {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'both' } },
        data: { '__init__.py': SETTINGS },
      });
      const source = VolumeSource.fromConfigMap(settings);
      app.addVolume({ name: 'both', source, mountPath: '/app/mysite/both' });
    },
  });

  const passwordOf = async (secret: string, key: string) =>
    Buffer.from((await polls.secret(secret))[key], 'base64').toString();

  /** What the servers say to one who logs in with a password, as they do over the network. */
  async function databaseSays(user: string, password: string): Promise<string> {
    const psql = ['psql', '--host=127.0.0.1', `--username=${user}`, '--dbname=django', '--tuples-only'];
    const query = "--command=SELECT 'logged in as ' || current_user";
    return namespace
      .exec(DATABASE_POD, 'env', `PGPASSWORD=${password}`, ...psql, query)
      .catch((error: Error) => error.message);
  }
  async function cacheSays(password: string): Promise<string> {
    const ping = 'redis-cli ping 2>&1 || valkey-cli ping 2>&1';
    const variables = [`REDISCLI_AUTH=${password}`, `VALKEYCLI_AUTH=${password}`];
    return namespace.exec(CACHE_POD, 'env', ...variables, 'sh', '-c', ping);
  }

  /** Which passwords the logs of the servers say that they take. */
  async function taken(pod: string): Promise<string | undefined> {
    const log = await namespace.kubectl(
      'logs',
      pod,
      '--container',
      pod === CACHE_POD ? 'valkey' : 'postgres',
    );
    return [...log.matchAll(/takes the passwords ([\d ]+)/g)].at(-1)?.[1].trim();
  }

  test('a rotation of both passwords costs no request, no session and no metric, and the old ones end', async () => {
    await polls.deploy(variant(FIRST));
    await polls.createSamplePolls();
    await polls.createSuperuser(ADMINISTRATOR);
    await polls.answers();
    const visitor = await polls.visitor();
    await logIn(visitor, ADMINISTRATOR);
    const servers = async () =>
      Promise.all(
        [DATABASE_POD, CACHE_POD].map(async (pod) => {
          const { metadata, status } = await namespace.get('pod', pod);
          return [metadata.uid, ...status.containerStatuses.map(({ restartCount }: any) => restartCount)];
        }),
      );
    await eventually('the exporters log in', async () =>
      expect((await watchingExporters(namespace, UP, () => Promise.resolve())).missing).toEqual([]),
    );
    const before = await servers();
    const old = {
      database: await passwordOf('polls-db', 'password'),
      cache: await passwordOf('polls-cache', 'password'),
    };
    expect(await databaseSays('django', old.database)).toContain('logged in as django');
    expect(await cacheSays(old.cache)).toContain('PONG');

    for (const [step, passwords] of STEPS) {
      const manifests = polls.manifests(variant(passwords));
      const applied = async () => {
        // In the wrong order, and broken off in the middle: what comes first waits for what comes last.
        await apply([...manifests].reverse().slice(0, manifests.length / 2));
        await apply(manifests);
        for (const pod of [DATABASE_POD, CACHE_POD]) {
          // The kubelet renews the files of a pod that changes at once, and those of others each minute or two.
          await namespace.kubectl('annotate', '--overwrite', 'pod', pod, `test.cdk8s-django/step=${step}`);
          await eventually(
            `${pod} takes ${passwords.accepted}`,
            async () => expect(await taken(pod)).toBe(passwords.accepted.join(' ')),
            { namespace: namespace.name, seconds: 240 },
          );
        }
        await polls.converged(300);
      };
      let watched = { asked: 0, missing: ['nothing was asked'] };
      const load = await duringLoad(visitor, { rate: 20, path: '/both', requests: 200 }, async () => {
        watched = await watchingExporters(namespace, UP, applied);
      });
      print(`${figures(`rotation ${how}: ${step}`, load)}, exporters asked ${watched.asked} times`);
      expect(load.failures).toEqual([]);
      expect(watched.missing).toEqual([]);
      expect((await visitor.get('/admin/')).status).toBe(200);
      expect(await servers()).toEqual(before);
    }

    expect(await databaseSays('django', old.database)).toContain('authentication failed');
    expect(await databaseSays('django_alternate', old.database)).toContain('authentication failed');
    expect(await cacheSays(old.cache)).toMatch(/WRONGPASS|NOAUTH/);
    const next = await passwordOf('polls-db', 'password-2');
    expect(next).not.toBe(old.database);
    expect(await databaseSays('django_alternate', next)).toContain('logged in as django');
    expect(await cacheSays(await passwordOf('polls-cache', 'password-2'))).toContain('PONG');
  });

  test('what a migration makes with one login belongs to the owner, and the next rotation goes on with it', async () => {
    await namespace.exec(
      'deployment/polls',
      ...['python', 'manage.py', 'shell', '--command'],
      "from django.db import connection as c; c.cursor().execute('CREATE TABLE made_by_alternate (id int)')",
    );
    const query = "--command=SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_alternate'";
    const psql = ['psql', '--username=postgres', '--dbname=django', '--no-align', '--tuples-only', query];
    const owner = async () => (await namespace.exec(DATABASE_POD, ...psql)).trim();
    expect(await owner()).toBe('django');
    for (const passwords of [
      { accepted: [2, 3], used: 2 },
      { accepted: [2, 3], used: 3 },
    ]) {
      await apply(polls.manifests(variant(passwords)));
      await polls.converged(300);
    }
    await namespace.exec(
      'deployment/polls',
      ...['python', 'manage.py', 'shell', '--command'],
      "from django.db import connection as c; c.cursor().execute('DROP TABLE made_by_alternate')",
    );
    expect(await owner()).toBe('');
  });
});
