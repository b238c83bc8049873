import { ASSIGNED_USER } from './support/assigned-user';
import { Authority } from './support/certificates';
import { eventually } from './support/eventually';
import { provideExporter } from './support/exporters';
import { apply } from './support/kubectl';
import { duringLoad } from './support/load';
import { upstream, Variant } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls, vote } from './support/polls';
import { print } from './support/print';

const polls = new Polls(new Namespace('polls-replica'));
const { namespace } = polls;
const REPLICA_POD = 'polls-db-ro-0';

/** Each character that can be printed: of what the application and the replica log in with. */
const PASSWORD = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));
const variant = (exporter: string): Variant => ({
  distribution: upstream({ security: ASSIGNED_USER }),
  postgres: {
    password: { secretName: 'database-password', key: 'password' },
    certificateSecretName: 'polls-db-tls',
    metrics: { image: exporter },
    readReplicas: {},
  },
});

const ask = (pod: string, query: string) => polls.ask(pod, query);

/** What applications have asked the replica. */
const reads = () =>
  ask(
    REPLICA_POD,
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'django' AND query LIKE '%polls_question%'",
  );

/** All questions and choices, as text. */
const ROWS =
  "SELECT md5(string_agg(row, ' ' ORDER BY row)) FROM (SELECT q::text AS row FROM polls_question q" +
  ' UNION ALL SELECT c::text FROM polls_choice c) AS rows';

beforeAll(async () => {
  const exporter = await provideExporter('postgres', '0.17.1');
  await namespace.create();
  const secret = (name: string, stringData: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: namespace.name },
    stringData,
  });
  await apply([
    secret('database-password', { password: PASSWORD }),
    secret('polls-db-ro', { password: PASSWORD }),
    secret('polls-db-tls', new Authority().issue('polls-db', 'polls-db-ro')),
  ]);
  await apply(polls.manifests(variant(exporter)));
  await polls.converged();
  await polls.createSamplePolls();
});
afterAll(() => namespace.remove());

test('a page reads from the replica, and who has written reads it at once', async () => {
  expect((await namespace.exec(REPLICA_POD, 'id', '-u')).trim()).toBe('1000700000');
  expect(await ask(REPLICA_POD, 'SELECT pg_is_in_recovery()')).toBe('t');
  const encrypted = 'SELECT application_name, ssl FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)';
  expect(await ask(DATABASE_POD, encrypted)).toBe('polls-db-ro|t');
  const visitor = await polls.visitor();
  await eventually('a page reads from the replica', async () => {
    expect((await visitor.get('/')).status).toBe(200);
    expect(await reads()).not.toBe('0');
  });
  const votes = await polls.storedVotes();
  expect((await vote(visitor)).body).toMatch(/1 vote/);
  expect(await polls.storedVotes()).toBe(votes + 1);
});

test.each([
  [DATABASE_POD, 0],
  [REPLICA_POD, 1],
])('the exporter of %s logs in, and says what it is', async (pod, isReplica) => {
  const { podIP } = (await namespace.get('pod', pod)).status;
  await eventually('its page has both', async () => {
    const page = await fetch(`http://${podIP}:9187/metrics`).then((answer) => answer.text());
    expect(page.split('\n')).toEqual(
      expect.arrayContaining(['pg_up 1', `pg_replication_is_replica ${isReplica}`]),
    );
  });
});

test('the metrics of the alert of a late replica are there', async () => {
  const page = async (pod: string) => {
    const { podIP } = (await namespace.get('pod', pod)).status;
    return fetch(`http://${podIP}:9187/metrics`).then((answer) => answer.text());
  };
  const labels = '\\{application_name="polls-db-ro",[^}]*state="streaming"\\}';
  expect(await page(DATABASE_POD)).toMatch(new RegExp(`^pg_stat_replication_pg_wal_lsn_diff${labels} `, 'm'));
  expect(await page(REPLICA_POD)).toMatch(/^pg_replication_lag_seconds \d/m);
});

test('the replica and its volume go under load: no read fails, and it comes back with equal rows', async () => {
  const { metadata } = await namespace.get('pod', REPLICA_POD);
  const { requests, failures } = await duringLoad(await polls.visitor(), { rate: 20 }, async () => {
    await namespace.kubectl('delete', 'persistentvolumeclaim/data-polls-db-ro-0', '--wait=false');
    await namespace.kubectl('delete', 'pod', REPLICA_POD, '--grace-period=0', '--force');
    await polls.converged();
  });
  print(`${failures.length} of ${requests} requests failed while the replica was away`);
  expect(failures).toEqual([]);
  expect((await namespace.get('pod', REPLICA_POD)).metadata.uid).not.toBe(metadata.uid);
  expect(await namespace.kubectl('logs', REPLICA_POD)).toContain(
    "copying the data of 'polls-db': there is none yet",
  );
  expect(await namespace.kubectl('logs', REPLICA_POD)).not.toContain('pg_hba.conf rejects');
  const written = await ask(DATABASE_POD, ROWS);
  await eventually('the replica has what was written', async () =>
    expect(await ask(REPLICA_POD, ROWS)).toBe(written),
  );
  const visitor = await polls.visitor();
  await eventually('it is read from again', async () => {
    expect((await visitor.get('/')).status).toBe(200);
    expect(await reads()).not.toBe('0');
  });
});
