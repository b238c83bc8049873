import { Chart } from 'cdk8s';
import { Distribution, DjangoApp, LeastPrivilegeAccess, PostgresBackend, ValkeyBackend } from 'cdk8s-django';
import { CloudNativePostgres, PgBouncer } from 'cdk8s-django/postgres';
import { manifestsFor } from 'cdk8s-django/testing';
import { accessFacts } from '../../src/access-report/facts';
import { Topology, topologiesOf } from '../../src/cli/report/topology';

/*
 * What the report draws of servers that an operator runs, of poolers, and of work outside of requests.
 */

interface Parts {
  readonly cloudNative?: boolean;
  readonly pooler?: boolean;
  readonly celery?: boolean;
  readonly access?: boolean;
}

const queueOf = (chart: Chart) => new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', storage: '1Gi' });

/** The drawings of an application with some parts. */
function drawn({ cloudNative, pooler, celery, access }: Parts): Topology[] {
  const distribution = Distribution.upstream({
    gatewayClassName: 'contour',
    clusterIssuer: 'letsencrypt',
    ...(cloudNative ? { postgres: new CloudNativePostgres() } : {}),
  });
  const manifests = manifestsFor(distribution, (root) => {
    const chart = new Chart(root, 'polls', { namespace: 'polls' });
    const server = new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '1Gi' });
    const database = pooler
      ? new PgBouncer(chart, 'Pooler', {
          name: 'polls-pooler',
          database: server,
          image: 'registry.example.com/pgbouncer:1.24.1',
        })
      : server;

    const app = new DjangoApp(chart, 'Polls', {
      name: 'polls',
      image: 'registry.example.com/polls:1.4.2',
      settingsModule: 'mysite.settings',
      database,
      ...(celery ? { celery: { broker: queueOf(chart).database(0) } } : {}),
    });
    if (celery) {
      app.addCeleryWorker({ name: 'mail' });
      app.addCeleryBeat();
    }
    if (access) new LeastPrivilegeAccess(chart, 'Access', { app });
  });
  return topologiesOf(manifests, accessFacts(manifests, []));
}

const plain = (id: string) => id.replace(/^polls\//, '').replace(/-[0-9a-f]{10}$/, '');
/** Who connects to whom, without Secrets and Jobs that fill them. */
const arrowsOf = (drawings: Topology[]) =>
  drawings
    .flatMap(({ arrows }) => arrows)
    .map(({ from, to }) => `${plain(from)} → ${plain(to)}`)
    .filter((arrow) => !arrow.includes('Secret '))
    .sort();

const boxOf = (drawings: Topology[], name: string) =>
  drawings.flatMap(({ boxes }) => boxes).find((box) => `${box.kind} ${box.name}` === name)!;

const CALLERS = [
  'Deployment polls',
  'Deployment polls-beat',
  'Deployment polls-worker-mail',
  'Job polls-migrate',
];
const eachTo = (target: string) => CALLERS.map((caller) => `${caller} → ${target}`);

describe.each([true, false])('the drawing with policies: %s', (access) => {
  test('has what Celery does: replicas, workers and beat reach the broker and the database, and not each other', () => {
    const drawings = drawn({ celery: true, access });
    expect(arrowsOf(drawings)).toEqual(
      [...eachTo('StatefulSet polls-db'), ...eachTo('StatefulSet polls-queue')].sort(),
    );
    expect(CALLERS.map((name) => boxOf(drawings, name)?.role ?? 'pods')).toEqual(Array(4).fill('pods'));
    expect(boxOf(drawings, 'StatefulSet polls-queue')).toMatchObject({ role: 'server', depth: 1 });
  });

  test('has the cluster of CloudNativePG, whose pods its operator makes', () => {
    const drawings = drawn({ cloudNative: true, access });
    expect(arrowsOf(drawings)).toEqual([
      'Deployment polls → Cluster polls-db',
      'Job polls-migrate → Cluster polls-db',
    ]);
    expect(boxOf(drawings, 'Cluster polls-db')).toMatchObject({ role: 'server' });
  });

  test('has the pooler between the replicas and the cluster of CloudNativePG', () => {
    const drawings = drawn({ cloudNative: true, pooler: true, access });
    expect(arrowsOf(drawings)).toEqual(
      expect.arrayContaining([
        'Deployment polls → Deployment polls-pooler',
        'Deployment polls-pooler → Cluster polls-db',
        'Job polls-migrate → Cluster polls-db',
      ]),
    );
    const depths = ['Deployment polls', 'Deployment polls-pooler', 'Cluster polls-db'].map(
      (name) => boxOf(drawings, name).depth,
    );
    expect(depths).toEqual([...depths].sort());
    expect(new Set(depths).size).toBe(3);
  });

  test('is one part, and has each pod once', () => {
    const drawings = drawn({ cloudNative: true, pooler: true, celery: true, access });
    const ids = drawings.flatMap(({ boxes }) => boxes.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(drawings).toHaveLength(1);
  });
});

test('only those go past a pooler whom policies let in', () => {
  expect(arrowsOf(drawn({ pooler: true, access: true }))).toEqual([
    'Deployment polls → Deployment polls-pooler',
    'Deployment polls-pooler → StatefulSet polls-db',
    'Job polls-migrate → Deployment polls-pooler',
    'Job polls-migrate → StatefulSet polls-db',
  ]);
});
