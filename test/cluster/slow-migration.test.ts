import { NEXT_RELEASE, provideNextRelease } from './applications/images';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply } from './support/kubectl';
import { duringLoad, figures } from './support/load';
import { Namespace } from './support/namespaces';
import { MIGRATION, Polls } from './support/polls';
import { print } from './support/print';

const SECONDS = 60;
const REPLICAS = 2;

const polls = new Polls(new Namespace('polls-slow-migration'));

beforeAll(async () => {
  await provideNextRelease();
});
beforeEach(async () => {
  await polls.deploy({ replicas: REPLICAS });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

/** The next release, whose migration does what the environment says. */
const release = (environment: Record<string, string>) =>
  apply(polls.manifests({ replicas: REPLICAS, image: NEXT_RELEASE, environment }));

const images = async () => (await polls.webPods()).map(({ spec }) => spec.containers[0].image).sort();

/** The pods of the newest migration. */
async function migrationPods(): Promise<any[]> {
  const pods = await polls.namespace.list('pods', MIGRATION);
  return pods.filter(({ spec }) => spec.containers[0].image === NEXT_RELEASE);
}

test('a migration that takes a minute runs once and undisturbed, while the release before serves on', async () => {
  const before = (await polls.webPods()).map(({ metadata }) => metadata.name);
  const waiting: any[] = [];

  const load = await duringLoad(await polls.visitor(), { rate: 20 }, async () => {
    await release({ MIGRATION_SECONDS: String(SECONDS) });
    await eventually(
      'the new replica waits for the migration',
      async () => {
        const pods = await polls.webPods();
        waiting.push(...pods.filter(({ status }) => status.initContainerStatuses?.[0].state.running));
        expect(waiting.length).toBeGreaterThan(0);
        // Both of the old release are there and ready.
        const ready = pods.filter(({ status }) => status.containerStatuses?.[0].ready);
        expect(ready.map(({ metadata }) => metadata.name).sort()).toEqual(before.sort());
      },
      { namespace: polls.namespace.name },
    );
    await polls.converged();
  });

  print(figures(`migration of ${SECONDS} s`, load));
  expect(load.failures).toEqual([]);
  expect(await images()).toEqual([NEXT_RELEASE, NEXT_RELEASE]);
  const [migration, ...others] = await migrationPods();
  expect(others).toEqual([]);
  const { restartCount, state } = migration.status.containerStatuses[0];
  expect(restartCount).toBe(0);
  const { startedAt, finishedAt } = state.terminated;
  expect(Date.parse(finishedAt) - Date.parse(startedAt)).toBeGreaterThanOrEqual(SECONDS * 1000);
  expect(await polls.sql("SELECT count(*) FROM django_migrations WHERE name = '0004_question_source'")).toBe(
    '1',
  );
  // The replica that waited is the one that serves now: nothing has killed it for its patience.
  const waited = await polls.namespace.get('pod', waiting[0].metadata.name);
  expect(waited.status.initContainerStatuses[0]).toMatchObject({ restartCount: 0, ready: true });
  expect(waited.status.containerStatuses[0]).toMatchObject({ restartCount: 0, ready: true });
});

test('a migration that fails leaves the release before in place, and says why in its status', async () => {
  const load = await duringLoad(await polls.visitor(), { rate: 20 }, async () => {
    await release({ MIGRATION_FAILS: 'true' });
    await eventually(
      'the reason is in the status of the migration',
      async () => {
        const [pod] = await migrationPods();
        const { message } = pod.status.containerStatuses[0].state.terminated;
        expect(message).toContain('the sources of two questions contradict each other');
      },
      { namespace: polls.namespace.name },
    );
  });

  expect(load.failures).toEqual([]);
  const serving = async () =>
    (await polls.webPods()).filter(
      ({ spec, status }) => spec.containers[0].image === IMAGE && status.containerStatuses?.[0].ready,
    );
  const ready = await serving();
  expect(ready).toHaveLength(REPLICAS);
  const { status } = await polls.namespace.get('deployment', 'polls');
  expect(status).toMatchObject({ availableReplicas: REPLICAS });
  // One that is lost meanwhile, as with its node, is made again and serves.
  await polls.namespace.delete('pod', ready[0].metadata.name);
  await eventually(
    'another pod of the release before serves',
    async () => {
      const found = (await serving()).map(({ metadata }) => metadata.uid);
      expect(found).toHaveLength(REPLICAS);
      expect(found).not.toContain(ready[0].metadata.uid);
    },
    { namespace: polls.namespace.name },
  );
  expect(await polls.sql("SELECT count(*) FROM django_migrations WHERE name = '0004_question_source'")).toBe(
    '0',
  );
});
