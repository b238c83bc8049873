import { spawn } from 'node:child_process';
import { Duration } from 'cdk8s';
import { Distribution, ISecurity } from 'cdk8s-django';
import { eventually } from './support/eventually';
import { ROUTER } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';

const TASKS = 1000;
const WORKERS = 2;
const CONCURRENCY = 2;
const WORKER = 'app.kubernetes.io/component=worker-default';
const BEAT = 'app.kubernetes.io/component=beat';
const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };

/** Every pod as a user of a namespace's range, in group 0: as OpenShift admits them. */
const ASSIGNED_USER: ISecurity = {
  podSecurityContext: () => ({
    runAsNonRoot: true,
    runAsUser: 1000700000,
    runAsGroup: 0,
    fsGroup: 1000700000,
    seccompProfile: { type: 'RuntimeDefault' },
  }),
  containerSecurityContext: () => ({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  }),
};

const namespace = new Namespace('polls-celery');
const polls = new Polls(namespace);

beforeAll(async () => {
  await polls.deploy({
    distribution: Distribution.upstream({
      gatewayClassName: 'contour',
      clusterIssuer: 'letsencrypt',
      routerNamespaceLabels: ROUTER,
      security: ASSIGNED_USER,
    }),
    // So that what a killed worker had is done again within the test.
    visibilityTimeout: Duration.seconds(40),
    extend: (app) => {
      const { deployment } = app.addWorker({
        name: 'default',
        concurrency: CONCURRENCY,
        taskTimeLimit: Duration.seconds(15),
        resources: SMALL,
      });
      // Its main process is otherwise process 1, which nothing inside can kill.
      deployment.override({ spec: { template: { spec: { shareProcessNamespace: true } } } });
      app.addBeat();
    },
  });
  await polls.createSamplePolls();
});
afterAll(() => namespace.remove());

/** The pods of a label that are not on their way out. */
async function pods(label: string): Promise<any[]> {
  return (await namespace.list('pods', label)).filter(({ metadata }) => !metadata.deletionTimestamp);
}

async function workersReady(): Promise<number> {
  return (await namespace.get('deployment', 'polls-worker-default')).status.readyReplicas ?? 0;
}

async function untilReady(): Promise<void> {
  await eventually('both workers are ready', async () => expect(await workersReady()).toBe(WORKERS), {
    namespace: namespace.name,
  });
}

/** Sends votes, about twenty in a second, each until the broker has acknowledged it. It prints how many it did. */
const SENDER = `
import time, uuid
import django
django.setup()
from polls.models import Choice
from polls.tasks import count_vote
choice = Choice.objects.first().pk
errors = 0
for number in range(${TASKS}):
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))
    while True:
        try:
            count_vote.apply_async((choice, key), retry=False)
            break
        except Exception:
            errors += 1
            time.sleep(0.5)
    time.sleep(0.04)
print("acknowledged", ${TASKS}, "refused", errors)
`;

/** Kills the main process of a worker, the one whose parent is not of Celery's, by SIGKILL. */
const KILL = `
import os, signal
def read(pid, name):
    try:
        return open(f"/proc/{pid}/{name}").read()
    except OSError:
        return ""
others = {int(p) for p in os.listdir("/proc") if p.isdigit()} - {os.getpid()}
celery = {p for p in others if "cdk8s_django.celery_app" in read(p, "cmdline")}
main, = (p for p in celery if int(read(p, "stat").rpartition(")")[2].split()[1]) not in celery)
os.kill(main, signal.SIGKILL)
`;

/**
 * Does something while every process of the workers is in the midst of a task, which waits for a lock, and the workers
 * take no more from the queue.
 *
 * Who is killed in the milliseconds in which kombu takes a task off the queue and has not noted yet that it did loses
 * it, whatever Celery and the library do: https://github.com/celery/kombu/issues/305. So nothing is killed then.
 */
async function inTheMidst(action: () => Promise<unknown>): Promise<void> {
  const holder = 'SELECT id FROM polls_choice FOR UPDATE; SELECT pg_sleep(60)';
  const lock = polls.sql(`BEGIN; ${holder}`).catch(() => 'ended');
  const waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  const queued = ['sh', '-c', 'redis-cli LLEN celery || valkey-cli LLEN celery'];
  try {
    await eventually('tasks wait in all processes and in the queue', async () => {
      expect(Number(await polls.sql(waiting))).toBe(WORKERS * CONCURRENCY);
      expect(Number(await namespace.exec('polls-queue-0', ...queued))).toBeGreaterThan(10);
    });
    await action();
  } finally {
    await polls.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; ${holder}'`,
    );
    await lock;
  }
}

async function countedVotes(): Promise<number> {
  return Number(await polls.sql('SELECT count(*) FROM polls_ballot WHERE key IS NOT NULL'));
}

test(`${TASKS} tasks are each done while workers and the broker are scaled, rolled and killed`, async () => {
  await untilReady();
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
  const happened: string[] = [];
  const note = async (what: string) =>
    happened.push(`${seconds()} s: ${what}, ${await countedVotes().catch(() => '?')} votes counted`);
  const sender = namespace.exec('deployment/polls', 'python', '-c', SENDER);

  await eventually('work has begun', async () => expect(await countedVotes()).toBeGreaterThan(50));
  const [first, second] = await pods(WORKER);
  await inTheMidst(() => namespace.exec(first.metadata.name, 'python', '-c', KILL));
  await note("a worker's main process was killed");
  await namespace.kubectl('delete', 'pod', second.metadata.name, '--wait=false');
  await note('a pod was deleted');
  await untilReady();

  await inTheMidst(() => namespace.kubectl('delete', 'pod', 'polls-queue-0', '--grace-period=0', '--force'));
  const killed = Date.now();
  await note('the broker was killed');
  const before = await countedVotes();
  await eventually(
    'votes are counted again',
    async () => expect(await countedVotes()).toBeGreaterThan(before),
    {
      namespace: namespace.name,
    },
  );
  await note(`the broker was back in service after ${((Date.now() - killed) / 1000).toFixed(1)} s`);

  await namespace.kubectl('scale', 'deployment/polls-worker-default', '--replicas=1');
  await note('one worker was taken away');
  await namespace.kubectl('rollout', 'restart', 'deployment/polls-worker-default');
  await note('a rollout began');

  happened.push(`${(await sender).trim()} at ${seconds()} s`);
  await eventually('every task was done', async () => expect(await countedVotes()).toBe(TASKS), {
    namespace: namespace.name,
    seconds: 90,
  });
  await note('every task was done');
  process.stdout.write(`${happened.join('\n')}\n`);
  // As often as it was delivered, each counted once.
  expect(await polls.storedVotes()).toBe(TASKS);
});

test('without the broker workers are not ready, but not restarted; they come back with it', async () => {
  await namespace.kubectl('scale', 'deployment/polls-worker-default', '--replicas=2');
  await untilReady();
  const restarts = async () =>
    (await pods(WORKER)).map(({ metadata, status }) => [
      metadata.name,
      status.containerStatuses[0].restartCount,
    ]);
  const before = await restarts();

  await namespace.kubectl('scale', 'statefulset/polls-queue', '--replicas=0');
  await eventually('no worker is ready', async () => expect(await workersReady()).toBe(0), {
    namespace: namespace.name,
  });
  await namespace.kubectl('scale', 'statefulset/polls-queue', '--replicas=1');
  const began = Date.now();
  await untilReady();
  process.stdout.write(`workers were ready ${((Date.now() - began) / 1000).toFixed(0)} s after the broker\n`);
  expect(await restarts()).toEqual(before);
});

test('no two beats run at once, however often it is rolled', async () => {
  const lives = watchLives();
  for (let roll = 0; roll < 2; roll++) {
    await namespace.kubectl('rollout', 'restart', 'deployment/polls-beat');
    await namespace.kubectl('rollout', 'status', 'deployment/polls-beat', '--timeout=60s');
  }
  const intervals = (await lives.stop()).sort((one, other) => one.from - other.from);
  expect(intervals).toHaveLength(3);
  intervals.slice(1).forEach(({ from }, index) => {
    process.stdout.write(`no beat for ${(from - intervals[index].to) / 1000} s\n`);
    expect(from).toBeGreaterThanOrEqual(intervals[index].to);
  });
});

interface Life {
  readonly from: number;
  readonly to: number;
}

/** From when to when each container of beat ran, as the kubelet reports it: in whole seconds. */
function watchLives(): { stop(): Promise<Life[]> } {
  const watch = spawn('kubectl', [
    ...['--namespace', namespace.name, 'get', 'pods', `--selector=${BEAT}`, '--watch'],
    ...['--output-watch-events', '--output=json'],
  ]);
  let text = '';
  watch.stdout.setEncoding('utf8').on('data', (more) => (text += more));
  const stop = async () => {
    watch.kill();
    const lives = new Map<string, Life>();
    for (const event of text.split(/^(?=\{)/m).filter(Boolean)) {
      const { metadata, status } = JSON.parse(event).object;
      const { running, terminated } = status.containerStatuses?.[0]?.state ?? {};
      if (running) lives.set(metadata.uid, { from: Date.parse(running.startedAt), to: Infinity });
      if (terminated) {
        const { startedAt, finishedAt } = terminated;
        lives.set(metadata.uid, { from: Date.parse(startedAt), to: Date.parse(finishedAt) });
      }
    }
    return [...lives.values()];
  };
  return { stop };
}
