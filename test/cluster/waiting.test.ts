import { DjangoApp, IResource, PostgresBackend } from 'cdk8s-django';
import { NEXT_RELEASE, provideNextRelease } from './applications/images';
import { eventually } from './support/eventually';
import { apply, kubectl } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, MIGRATION, Polls } from './support/polls';

beforeAll(async () => {
  await provideNextRelease();
});

/** The pods of the migration of the next release, of any try. */
async function migrationPods(polls: Polls): Promise<any[]> {
  const pods = await polls.namespace.list('pods', MIGRATION);
  return pods.filter(({ spec }) => spec.containers[0].image === NEXT_RELEASE);
}

const isReady = ({ status }: any) => status.containerStatuses?.[0].ready === true;

describe('a release that was left', () => {
  const polls = new Polls(new Namespace('polls-left-release'));
  const columns = () =>
    polls.sql("SELECT count(*) FROM django_migrations WHERE name = '0004_question_source'");
  const next = (environment = {}) => polls.manifests({ image: NEXT_RELEASE, environment });

  beforeAll(() => polls.deploy());
  afterAll(() => polls.namespace.remove());

  test('does not migrate any more, says so, and migrates when it is released again [F51, F53]', async () => {
    const { namespace } = polls;
    // It fails by what the ConfigMap says, which going back takes away: the next try would succeed.
    await apply(next({ MIGRATION_FAILS: 'true' }));
    const failed = await eventually(
      'the first try fails',
      async () => {
        const [pod] = await migrationPods(polls);
        expect(pod.status.phase).toBe('Failed');
        return pod;
      },
      { namespace: namespace.name },
    );
    await apply(polls.manifests());
    const job = failed.metadata.labels['batch.kubernetes.io/job-name'];
    await eventually(
      'the Job gives up',
      async () => {
        const { status } = await namespace.get('job', job);
        expect(status.conditions).toContainEqual(
          expect.objectContaining({ type: 'Failed', status: 'True', reason: 'PodFailurePolicy' }),
        );
      },
      { namespace: namespace.name, seconds: 90 },
    );
    const last = (await migrationPods(polls)).find(
      ({ status }) => status.containerStatuses[0].state.terminated.exitCode === 79,
    );
    const { message } = last.status.containerStatuses[0].state.terminated;
    expect(message).toContain(`Job ${job} is of a release that is not the present one any more`);
    expect(await columns()).toBe('0');

    await namespace.delete('job', job);
    await apply(next());
    await polls.converged();
    expect(await columns()).toBe('1');
  });
});

describe('a cluster with room for one pod only', () => {
  const polls = new Polls(new Namespace('polls-waiting'));
  const { namespace } = polls;
  const asking = { extend: askForPlace };

  beforeAll(async () => {
    await makePlaces(2);
    await polls.deploy(asking);
  });
  afterAll(async () => {
    await makePlaces(0);
    await namespace.remove();
  });

  test('a replica that waits gives its place to the migration, and gets it back', async () => {
    // The worst order: the new replica is there first, and takes the only place that is left.
    const manifests = polls.manifests({ ...asking, image: NEXT_RELEASE });
    const isMigration = ({ kind, metadata }: any) => kind === 'Job' && /-migrate-/.test(metadata.name);
    await apply(manifests.filter((manifest) => !isMigration(manifest)));
    const waiting = await eventually(
      'the new replica waits on its node',
      async () => {
        const pods = await polls.webPods();
        const pod = pods.find(({ status }) => status.initContainerStatuses?.[0].state.running);
        expect(pod?.spec.containers[0].image).toBe(NEXT_RELEASE);
        return pod;
      },
      { namespace: namespace.name },
    );

    await apply(manifests.filter(isMigration));
    await eventually(
      'the next release serves',
      async () => {
        const [pod, ...others] = await polls.webPods();
        expect(others).toEqual([]);
        expect(pod.spec.containers[0].image).toBe(NEXT_RELEASE);
        expect(isReady(pod)).toBe(true);
        // It is not the one that gave its place away.
        expect(pod.metadata.uid).not.toBe(waiting.metadata.uid);
      },
      { namespace: namespace.name, seconds: 120 },
    );
    // The old replica, which has the other place, did not have to go: the newest pod does.
    const events = await namespace.list('events');
    const preempted = events.filter(({ reason }) => reason === 'Preempted');
    expect(preempted.map(({ involvedObject }) => involvedObject.name)).toEqual([waiting.metadata.name]);
  });
});

describe('a cluster with room for the database only', () => {
  const polls = new Polls(new Namespace('polls-one-place'));
  const { namespace } = polls;
  afterAll(async () => {
    await makePlaces(0);
    await namespace.remove();
  });

  test('the migration waits for a place, and does not take that of the database', async () => {
    await makePlaces(1);
    await namespace.clear();
    const manifests = polls.manifests({ extend: askForPlaceOfDatabase });
    await apply(manifests.filter(({ kind }) => kind !== 'Job' && kind !== 'Deployment'));
    const server = await eventually('the database has the place', async () => {
      const found = await namespace.get('pod', DATABASE_POD);
      expect(found.spec.nodeName).toBeDefined();
      return found;
    });
    await apply(manifests);
    await eventually(
      'the scheduler has looked at the migration',
      async () => {
        const [{ status }] = await namespace.list('pods', MIGRATION);
        const reasons = status.conditions?.map(({ reason }: any) => reason);
        expect(reasons).toContain('Unschedulable');
      },
      { namespace: namespace.name },
    );

    await makePlaces(2);
    await polls.converged();
    expect((await namespace.get('pod', DATABASE_POD)).metadata.uid).toBe(server.metadata.uid);
  });
});

/** What nodes have a number of, and no other pod of the cluster asks for. */
const PLACE = 'example.com/place';

/** Lets nodes have so many places. */
async function makePlaces(count: number): Promise<void> {
  const { items } = JSON.parse(await kubectl('get', 'nodes', '--output=json'));
  // All of them on one node, so that there is no other to go to.
  const [{ metadata }] = items;
  const places = { [PLACE]: `${count}` };
  const status = { capacity: places, allocatable: places };
  await kubectl(
    'patch',
    'node',
    metadata.name,
    '--subresource=status',
    '--patch',
    JSON.stringify({ status }),
  );
}

/** Has replicas and migrations ask for a place each. */
function askForPlace({ deployment, migration }: DjangoApp): void {
  askInContainer(deployment, 'web');
  askInContainer(migration!, 'migrate');
}

/** Has the database and migrations ask for a place each. */
function askForPlaceOfDatabase(app: DjangoApp): void {
  const { statefulSet } = app.node.scope!.node.findChild('Database') as PostgresBackend;
  askInContainer(statefulSet!, 'postgres');
  askInContainer(app.migration!, 'migrate');
}

function askInContainer(resource: IResource, name: string): void {
  const places = { [PLACE]: '1' };
  const containers = [{ name, resources: { requests: places, limits: places } }];
  resource.override({ spec: { template: { spec: { containers } } } });
}
