import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { MIGRATION, Polls, WEB_PODS } from './support/polls';
import { VolumeAccessMode } from 'cdk8s-django';

const REPLICAS = 3;

describe('three replicas that start together on an empty database', () => {
  const polls = new Polls(new Namespace('polls-migration'));

  beforeAll(() => polls.deploy({ replicas: REPLICAS }));
  afterAll(() => polls.namespace.remove());

  test('have one Job to migrate for them, which succeeds at its first attempt', async () => {
    const jobs = await polls.namespace.list('jobs', MIGRATION);
    expect(jobs).toHaveLength(1);
    expect(jobs[0].status).toMatchObject({ succeeded: 1 });
    expect(jobs[0].status.failed).toBeUndefined();
    expect(await polls.namespace.list('pods', MIGRATION)).toHaveLength(1);
  });

  test('the Job alone has applied migrations', async () => {
    const log = await polls.namespace.kubectl('logs', `--selector=${MIGRATION}`, '--tail=-1');
    const applied = log.match(/Applying \S+\.\.\. OK/g) ?? [];
    const announced = Number(/(\d+) migrations to apply/.exec(log)?.[1]);
    expect(announced).toBeGreaterThan(0);
    expect(applied).toHaveLength(announced);
    for (const { metadata } of await polls.webPods()) {
      const waited = await polls.namespace.kubectl('logs', metadata.name, '--container=wait-for-schema');
      expect(waited).not.toContain('Applying');
    }
  });

  test('every migration is recorded once', async () => {
    const rows = await polls.sql('SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations');
    const [all, distinct] = rows.split('|').map(Number);
    expect(all).toBeGreaterThan(0);
    expect(distinct).toBe(all);
  });

  test('no replica started before the last migration was applied', async () => {
    const migrated = Number(
      await polls.sql('SELECT extract(epoch FROM max(applied)) FROM django_migrations'),
    );
    const pods = await polls.namespace.list('pods', WEB_PODS);
    expect(pods).toHaveLength(REPLICAS);
    for (const { status } of pods) {
      const [{ name, state, restartCount }] = status.initContainerStatuses;
      expect({ name, restartCount }).toEqual({ name: 'wait-for-schema', restartCount: 0 });
      // The kubelet reports whole seconds.
      expect(Date.parse(state.terminated.finishedAt) / 1000).toBeGreaterThanOrEqual(Math.floor(migrated));
    }
  });
});

describe('a replica with a volume that one node mounts', () => {
  const polls = new Polls(new Namespace('polls-single-node'));
  const media = { mountPath: '/app/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE };

  beforeAll(() => polls.deploy({ media }));
  afterAll(() => polls.namespace.remove());

  test('is migrated by a Job on its node, at first and in a release', async () => {
    await apply(polls.manifests({ media, environment: { RELEASE: 'next' } }));
    await polls.converged();
    const pods = await polls.namespace.list('pods', MIGRATION);
    expect(pods).toHaveLength(2);
    const [{ spec }] = await polls.webPods();
    expect(pods.map(({ spec: { nodeName } }) => nodeName)).toEqual([spec.nodeName, spec.nodeName]);
    for (const { spec: migration } of pods) {
      expect(migration.volumes).toContainEqual({
        name: 'media',
        persistentVolumeClaim: { claimName: 'polls-media' },
      });
    }
  });
});
