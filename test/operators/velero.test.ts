import { Chart, Duration } from 'cdk8s';
import { DatabaseBackup, Distribution, PostgresBackend } from 'cdk8s-django';
import { VeleroBackups } from 'cdk8s-django/backup';
import { eventually } from '../cluster/support/eventually';
import { apply, kubectl } from '../cluster/support/kubectl';
import { ROUTER } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { DATABASE_POD, Polls, vote } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { needsOperator } from './operator';

const VELERO = 'velero';
/** Each run has one of its own: Velero makes none again that it has had. */
const SAVED = `polls-velero-${Date.now()}`;
const polls = new Polls(new Namespace('polls-velero'));
const { namespace } = polls;

beforeAll(async () => {
  await needsOperator('Velero', VELERO, 'velero');
  await polls.deploy({
    distribution: Distribution.upstream({
      gatewayClassName: 'contour',
      clusterIssuer: 'letsencrypt',
      routerNamespaceLabels: ROUTER,
      backup: new VeleroBackups(),
    }),
    extend: (app) =>
      new DatabaseBackup(Chart.of(app), 'Backup', {
        database: app.database as PostgresBackend,
        // Never by itself while the test runs.
        schedule: '0 0 1 1 *',
        retention: Duration.days(1),
      }),
  });
  await polls.createSamplePolls();
});
afterAll(async () => {
  // The object store has it too, and would have it made again.
  await apply([
    {
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: { name: SAVED, namespace: VELERO },
      spec: { backupName: SAVED },
    },
  ]);
  await kubectl('--namespace', VELERO, 'delete', 'schedule.velero.io', 'polls-velero.polls-db');
  await namespace.remove();
});

/** Has Velero do something, and waits until it has done it without a complaint. */
async function done(kind: 'Backup' | 'Restore', name: string, spec: object): Promise<any> {
  const began = Date.now();
  await apply([{ apiVersion: 'velero.io/v1', kind, metadata: { name, namespace: VELERO }, spec }]);
  const { status } = await eventually(
    `${kind} ${name} has ended`,
    async () => {
      const found = JSON.parse(
        await kubectl(
          '--namespace',
          VELERO,
          'get',
          `${kind.toLowerCase()}s.velero.io`,
          name,
          '--output=json',
        ),
      );
      expect(found.status?.completionTimestamp).toBeDefined();
      return found;
    },
    { namespace: VELERO, seconds: 240 },
  );
  print(`the ${kind} took ${((Date.now() - began) / 1000).toFixed(0)} s`);
  expect(status).toMatchObject({ phase: 'Completed' });
  return status;
}

const inVolume = async () =>
  (await namespace.exec(DATABASE_POD, 'ls', '/var/lib/cdk8s-django/postgresql')).trim().split('\n');

test('Velero saves the database with a dump, and brings both back', async () => {
  const visitor = await polls.visitor();
  await polls.answers();
  await vote(visitor);
  const schedule = JSON.parse(
    await kubectl(
      '--namespace',
      VELERO,
      'get',
      'schedules.velero.io',
      'polls-velero.polls-db',
      '--output=json',
    ),
  );

  // What `velero backup create --from-schedule` makes.
  const { hookStatus } = await done('Backup', SAVED, schedule.spec.template);
  expect(hookStatus).toEqual({ hooksAttempted: 2 });
  expect(await inVolume()).toEqual(['pgdata']);
  await vote(visitor);
  expect(await polls.storedVotes()).toBe(2);

  await namespace.kubectl('delete', 'statefulset/polls-db', 'persistentvolumeclaim/data-polls-db-0');
  await done('Restore', SAVED, { backupName: SAVED });
  await polls.converged();
  expect(await inVolume()).toEqual(['backup.dump', 'pgdata']);
  expect(await polls.storedVotes()).toBe(1);
});
