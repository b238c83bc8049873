import { setTimeout as pause } from 'node:timers/promises';
import { Chart, Duration } from 'cdk8s';
import { PgBouncer } from 'cdk8s-django/postgres';
import { provideImage } from './applications/images';
import { Authority } from './support/certificates';
import { eventually } from './support/eventually';
import { apply } from './support/kubectl';
import { duringLoad, figures } from './support/load';
import { Namespace } from './support/namespaces';
import { Polls, vote } from './support/polls';
import { print } from './support/print';

const POOLERS = 'app.kubernetes.io/component=pooler';
/** As OpenShift gives a namespace: nobody has it in /etc/passwd. */
const ANY_USER = 1000700000;
const POOL_SIZE = 2;

const polls = new Polls(new Namespace('polls-pooler'));
const { namespace } = polls;

beforeAll(async () => {
  const image = await provideImage({ name: 'docker.io/example/pgbouncer:1.24', folder: 'pgbouncer' });
  await namespace.clear();
  const authority = new Authority();
  const certificates = ['polls-db', 'polls-pooler'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-tls`, namespace: namespace.name },
    type: 'kubernetes.io/tls',
    stringData: authority.issue(name),
  }));
  const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace.name } };
  await apply([made, ...certificates]);
  const manifests = polls.manifests({
    replicas: 2,
    postgres: { certificateSecretName: 'polls-db-tls' },
    before: (database) => {
      const pooler = new PgBouncer(Chart.of(database), 'Pooler', {
        name: 'polls-pooler',
        database,
        image,
        poolSize: POOL_SIZE,
        certificateSecretName: 'polls-pooler-tls',
        connectionMaxAge: Duration.seconds(5),
        requestTimeout: Duration.seconds(5),
      });
      const securityContext = { runAsUser: ANY_USER, runAsGroup: 0 };
      pooler.deployment.override({ spec: { template: { spec: { securityContext } } } });
      return pooler;
    },
  });
  await apply(manifests);
  await polls.converged();
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => namespace.remove());

const running = async () =>
  (await namespace.list('pods', POOLERS)).filter(({ metadata }) => !metadata.deletionTimestamp);

/** From where the server has how many connections of the application's role, its own pod aside. */
async function connections(): Promise<Map<string, number>> {
  const rows = await polls.sql(
    "SELECT host(client_addr), count(*) FROM pg_stat_activity WHERE usename = 'django' AND client_addr IS NOT NULL " +
      'GROUP BY 1',
  );
  const lines = rows.split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split('|')).map(([address, count]) => [address, Number(count)]));
}

test('votes pass through it, and no replica has a connection past it', async () => {
  const visitor = await polls.visitor();
  const before = await polls.storedVotes();
  for (let votes = 0; votes < 5; votes++) await vote(visitor);
  expect(await polls.storedVotes()).toBe(before + 5);
  const addresses = (await running()).map(({ status }) => status.podIP);
  expect(addresses).toHaveLength(2);
  for (const [address, count] of await connections()) {
    expect(addresses).toContain(address);
    expect(count).toBeLessThanOrEqual(POOL_SIZE);
  }
});

test('both sides of it, and what goes past it, have TLS', async () => {
  const ssl = await polls.sql(
    'SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL',
  );
  expect(ssl).toBe('t');
  const program =
    'from django.db import connection as c; c.cursor().execute("SELECT 1"); print(c.connection.pgconn.ssl_in_use)';
  const shell = ['python', 'manage.py', 'shell', '--command', program];
  expect(await namespace.exec('deployment/polls', ...shell)).toContain('True');
});

test('it runs as any user, with its password in memory alone', async () => {
  const script = 'id -u; df --output=fstype /run/pgbouncer/users.txt | tail -1';
  const said = await namespace.exec('deployment/polls-pooler', 'sh', '-c', script);
  expect(said.split('\n').slice(0, 2)).toEqual([String(ANY_USER), 'tmpfs']);
});

test('a rollout under load costs no request', async () => {
  const before = (await running()).map(({ metadata }) => metadata.name);
  const load = await duringLoad(await polls.visitor(), { rate: 20 }, async () => {
    await namespace.kubectl('rollout', 'restart', 'deployment/polls-pooler');
    await polls.converged();
    // Until those that were told to end have gone too.
    await eventually('the former pods are gone', async () => {
      const names = (await namespace.list('pods', POOLERS)).map(({ metadata }) => metadata.name);
      expect(names.filter((name) => before.includes(name))).toEqual([]);
    });
  });
  print(figures('rollout of PgBouncer', load));
  expect(load.failures).toEqual([]);
});

test('a pod that cannot log in stops the rollout, and the others go on', async () => {
  const before = (await running()).map(({ metadata }) => metadata.name);
  await namespace.kubectl('set', 'env', 'deployment/polls-pooler', 'PGPASSWORD=wrong');
  await eventually('the new pod runs', async () => {
    const added = (await running()).filter(({ metadata }) => !before.includes(metadata.name));
    expect(added.map(({ status }) => status.containerStatuses?.[0].state.running !== undefined)).toEqual([
      true,
    ]);
  });
  // Longer than it takes to become ready with the right one.
  await pause(12_000);
  const { status } = await namespace.get('deployment', 'polls-pooler');
  expect([status.updatedReplicas, status.availableReplicas]).toEqual([1, 2]);
  const visitor = await polls.visitor();
  expect((await visitor.get('/')).status).toBe(200);
  await namespace.kubectl('rollout', 'undo', 'deployment/polls-pooler');
});
