import { NEXT_RELEASE, provideNextRelease } from './applications/images';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply, kubectl } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { MIGRATION, Polls } from './support/polls';

/** What each pod of the application asks for, in millicores. */
const REQUEST = 300;
const RESOURCES = { cpuRequest: `${REQUEST}m` };

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

  beforeAll(() => polls.deploy({ resources: RESOURCES }));
  afterAll(() => namespace.remove());

  test('a replica that waits gives its place to the migration, and gets it back', async () => {
    const before = (await polls.webPods()).map(({ metadata }) => metadata.uid);
    await apply([filler((await freeMillicores()) - REQUEST - 50)]);
    await namespace.kubectl('wait', '--for=condition=Ready', 'pod/filler', '--timeout=60s');

    // The worst order: the replica is there first, and takes the last place.
    const manifests = polls.manifests({ resources: RESOURCES, image: NEXT_RELEASE });
    const isMigration = ({ kind, metadata }: any) => kind === 'Job' && /-migrate-/.test(metadata.name);
    await apply(manifests.filter((manifest) => !isMigration(manifest)));
    const waiting = await eventually(
      'the new replica waits on its node',
      async () => {
        const pods = await polls.webPods();
        const pod = pods.find(({ status }) => status.initContainerStatuses?.[0].state.running);
        expect(pod).toBeDefined();
        expect(before).not.toContain(pod.metadata.uid);
        return pod;
      },
      { namespace: namespace.name },
    );
    expect(await freeMillicores()).toBeLessThan(REQUEST);

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
    // Nobody else had to go: the newest pod of the lowest priority does.
    const events = await namespace.list('events');
    const preempted = events.filter(({ reason }) => reason === 'Preempted');
    expect(preempted.map(({ involvedObject }) => involvedObject.name)).toEqual([waiting.metadata.name]);
    expect((await namespace.get('pod', 'filler')).status.phase).toBe('Running');
  });
});

/** A pod of somebody else, which only takes room. */
function filler(millicores: number): any {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'filler', namespace: 'polls-waiting' },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'filler',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', 'infinity'],
          resources: { requests: { cpu: `${millicores}m` } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

/** What is left of the node's CPU for requests: the suite's cluster has one node. */
async function freeMillicores(): Promise<number> {
  const { items: nodes } = JSON.parse(await kubectl('get', 'nodes', '--output=json'));
  const { items } = JSON.parse(await kubectl('get', 'pods', '--all-namespaces', '--output=json'));
  const running = items.filter(
    ({ spec, status }: any) => spec.nodeName && !['Succeeded', 'Failed'].includes(status.phase),
  );
  const all = nodes.map(({ status }: any) => millicoresOf(status.allocatable.cpu));
  return sum(all) - sum(running.map(({ spec }: any) => requestOf(spec)));
}

function requestOf({ containers, initContainers = [] }: any): number {
  const own = (container: any) => millicoresOf(container.resources?.requests?.cpu ?? '0');
  return Math.max(sum(containers.map(own)), ...initContainers.map(own));
}

const millicoresOf = (cpu: string) => (cpu.endsWith('m') ? parseInt(cpu, 10) : Number(cpu) * 1000);
const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
