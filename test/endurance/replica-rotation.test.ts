import { PasswordTurns } from 'cdk8s-django/secrets';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { duringLoad, figures } from '../cluster/support/load';
import { Namespace } from '../cluster/support/namespaces';
import { DATABASE_POD, Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';

/*
 * The password of a database with a replica is rotated while twenty pages a second are read: each step is applied when
 * the one before has ended. The replica gets each login with all other data.
 */

const REPLICA_POD = 'polls-db-ro-0';
const STEPS: [string, PasswordTurns][] = [
  ['add', { accepted: [1, 2], used: 1 }],
  ['switch', { accepted: [1, 2], used: 2 }],
  ['remove', { accepted: [2], used: 2 }],
];

const polls = new Polls(new Namespace('polls-replica'));
const { namespace } = polls;
const manifests = (passwords: PasswordTurns) =>
  polls.manifests({ replicas: 2, postgres: { passwords, readReplicas: {} } });

/** The logins by which the application has sessions on the replica, and has asked for questions there. */
const readers = () =>
  polls.ask(
    REPLICA_POD,
    "SELECT string_agg(DISTINCT usename, ' ') FROM pg_stat_activity WHERE query LIKE '%polls_question%' AND pid <> pg_backend_pid()",
  );

const passwordOf = async (key: string) =>
  Buffer.from((await polls.secret('polls-db'))[key], 'base64').toString();

/** What the replica says to one who logs in with a password. */
async function says(user: string, password: string): Promise<string> {
  const psql = ['psql', '--host=127.0.0.1', `--username=${user}`, '--dbname=django', '--tuples-only'];
  return namespace
    .exec(
      REPLICA_POD,
      'env',
      `PGPASSWORD=${password}`,
      ...psql,
      "--command=SELECT 'logged in as ' || session_user",
    )
    .catch((error: Error) => error.message);
}

const servers = () =>
  Promise.all(
    [DATABASE_POD, REPLICA_POD].map(async (pod) => {
      const { metadata, status } = await namespace.get('pod', pod);
      return [metadata.uid, status.containerStatuses[0].restartCount];
    }),
  );

beforeAll(async () => {
  await namespace.clear();
  await apply(manifests({ accepted: [1], used: 1 }));
  await polls.converged();
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => namespace.remove());

test('a rotation of the password fails no page, restarts neither server, and reads go on from the replica', async () => {
  const visitor = await polls.visitor();
  await eventually('pages read from the replica', async () => {
    await visitor.get('/');
    expect(await readers()).toBe('django');
  });
  const before = await servers();
  const old = await passwordOf('password');
  expect(await says('django', old)).toContain('logged in as django');
  for (const [step, passwords] of STEPS) {
    const load = await duringLoad(visitor, { rate: 20, requests: 200 }, async () => {
      await apply(manifests(passwords));
      // The kubelet renews the files of a pod that changes at once, and those of others each minute or two.
      await namespace.kubectl(
        'annotate',
        '--overwrite',
        'pod',
        DATABASE_POD,
        `test.cdk8s-django/step=${step}`,
      );
      await eventually(
        `the primary takes ${passwords.accepted}`,
        async () => {
          const log = await namespace.kubectl('logs', DATABASE_POD, '--container=postgres');
          const taken = [...log.matchAll(/takes the passwords ([\d ]+)/g)].at(-1)?.[1].trim();
          expect(taken).toBe(passwords.accepted.join(' '));
        },
        { namespace: namespace.name, seconds: 240 },
      );
      await polls.converged(300);
    });
    print(figures(`rotation with a replica: ${step}`, load));
    expect(load.failures).toEqual([]);
    expect(await servers()).toEqual(before);
    await eventually('pages read from the replica, with the login of the step', async () => {
      await visitor.get('/');
      expect(await readers()).toBe(passwords.used === 1 ? 'django' : 'django_alternate');
    });
  }
  expect(await says('django', old)).toMatch(/authentication failed|not permitted to log in/);
  expect(await says('django_alternate', await passwordOf('password-2'))).toContain(
    'logged in as django_alternate',
  );
}, 900_000);
