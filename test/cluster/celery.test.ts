import { spawn } from 'node:child_process';
import { ApiObject, Chart, Duration } from 'cdk8s';
import { Distribution, ValkeyBackend, VolumeSource } from 'cdk8s-django';
import { ASSIGNED_USER } from './support/assigned-user';
import { eventually } from './support/eventually';
import { ROUTER } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls, WEB_PODS } from './support/polls';
import { print } from './support/print';
import { BROKER_POD, Tasks } from './support/tasks';

const TASKS = 1000;
const WORKERS = 2;
const CONCURRENCY = 2;
const PROCESSES = WORKERS * CONCURRENCY;
/** How long a pod has to end unless it says otherwise. */
const DEFAULT_GRACE_SECONDS = 30;
const WORKER = 'app.kubernetes.io/component=worker-default';
const BEAT = 'app.kubernetes.io/component=beat';
const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };

/** Settings by which one page of the application sends a task, which no page of the example does. */
const SENDING = `
import logging, uuid
from mysite.settings import *
MIDDLEWARE = [*MIDDLEWARE, "mysite.sending.send"]

def send(get_response):
    def answer(request):
        if request.path != "/send":
            return get_response(request)
        from django.http import HttpResponse
        from polls.models import Choice
        from polls.tasks import count_vote
        count_vote.delay(Choice.objects.first().pk, str(uuid.uuid4()))
        logging.getLogger("polls").info("a vote is sent")
        return HttpResponse("sent")

    return answer
`;

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
    visibilityTimeout: Duration.seconds(65),
    settingsModule: 'mysite.sending',
    extend: (app) => {
      const sending = new ApiObject(Chart.of(app), 'Sending', {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sending' } },
        data: { '__init__.py': SENDING },
      });
      const source = VolumeSource.fromConfigMap(sending);
      app.addVolume({ name: 'sending', source, mountPath: '/app/mysite/sending' });
      const { deployment } = app.addCeleryWorker({
        name: 'default',
        concurrency: CONCURRENCY,
        taskTimeLimit: Duration.seconds(45),
        resources: SMALL,
      });
      // A main process is otherwise process 1, which nothing inside can kill.
      const killable = { spec: { template: { spec: { shareProcessNamespace: true } } } };
      deployment.override(killable);
      (Chart.of(app).node.findChild('Redis') as ValkeyBackend).statefulSet!.override(killable);
      app.addCeleryBeat();
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

/** Kills the main process of the broker by SIGKILL. */
const KILL_BROKER = `
for process in /proc/[0-9]*; do
  case $(cat $process/comm) in redis-server|valkey-server) kill -KILL \${process#/proc/} ;; esac
done
`;

/** Until a worker has been told to end, and so many seconds after that, in which it goes on. */
async function untilTold(seconds = 0): Promise<void> {
  await eventually(
    `a worker has been told to end ${seconds} s ago`,
    async () => {
      const [pod] = (await namespace.list('pods', WORKER)).filter(
        ({ metadata }) => metadata.deletionTimestamp,
      );
      const { name, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
      expect(await namespace.kubectl('logs', name, '--container=worker')).toContain('Warm shutdown');
      const told = Date.parse(deletionTimestamp) / 1000 - deletionGracePeriodSeconds;
      expect(Date.now() / 1000 - told).toBeGreaterThan(seconds);
    },
    { namespace: namespace.name },
  );
}

/** Until there are so many workers, all of the newest template, and none is on its way out. */
async function untilSettled(count: number): Promise<void> {
  await namespace.kubectl('rollout', 'status', 'deployment/polls-worker-default', '--timeout=120s');
  await eventually(
    'the workers that were told to end are gone',
    async () => expect(await namespace.list('pods', WORKER)).toHaveLength(count),
    { namespace: namespace.name },
  );
}

async function brokerContainer(): Promise<any> {
  return (await namespace.get('pod', BROKER_POD)).status.containerStatuses[0];
}

test(`${TASKS} tasks are each done while workers and the broker are scaled, rolled and killed`, async () => {
  await untilReady();
  const tasks = new Tasks(polls);
  const started = Date.now();
  const since = (time: number) => ((Date.now() - time) / 1000).toFixed(1);
  const note = async (what: string) =>
    print(`${since(started)} s: ${what}, ${await tasks.done()} tasks done`);

  tasks.send(TASKS / 4);
  await eventually('work has begun', async () => expect(await tasks.done()).toBeGreaterThan(50));
  const [first, second] = await pods(WORKER);
  await tasks.inTheMidst(PROCESSES, () => namespace.exec(first.metadata.name, 'python', '-c', KILL));
  await note("a worker's main process was killed");
  await namespace.kubectl('delete', 'pod', second.metadata.name, '--wait=false');
  await note('a pod was deleted');
  await untilReady();

  tasks.send(TASKS / 4);
  let killed = 0;
  const withoutBroker = await tasks.inTheMidst(PROCESSES, async () => {
    await namespace.exec(BROKER_POD, 'sh', '-c', KILL_BROKER);
    killed = Date.now();
  });
  await tasks.finished(withoutBroker);
  const before = await tasks.done();
  await eventually(
    'more tasks are done than the workers can have had',
    async () => expect(await tasks.done()).toBeGreaterThan(before + PROCESSES),
    { namespace: namespace.name },
  );
  await note(`the broker, killed by SIGKILL, was back in service after ${since(killed)} s`);
  const { restartCount, lastState } = await brokerContainer();
  expect([restartCount, lastState.terminated.exitCode]).toEqual([1, 128 + 9]);
  await untilReady();

  // Longer than a pod has by default: the grace period of the workers is what lets the tasks be finished.
  tasks.send(TASKS / 4);
  const takenAway = await tasks.inTheMidst(PROCESSES, async () => {
    await namespace.kubectl('scale', 'deployment/polls-worker-default', '--replicas=1');
    await untilTold(DEFAULT_GRACE_SECONDS + 2);
  });
  await tasks.finished(takenAway);
  await untilSettled(1);
  expect(await tasks.queued()).toBeGreaterThan(0);
  await note(`one worker was taken away, which finished what it had begun`);

  tasks.send(TASKS / 4);
  const rolled = await tasks.inTheMidst(CONCURRENCY, async () => {
    await namespace.kubectl('rollout', 'restart', 'deployment/polls-worker-default');
    await untilTold();
  });
  await tasks.finished(rolled);
  await untilSettled(1);
  expect(await tasks.queued()).toBeGreaterThan(0);
  expect(await tasks.done()).toBeLessThan(TASKS);
  await note('the other was rolled, and finished what it had begun');

  print(`${TASKS} tasks sent, ${await tasks.sent()} refused and sent again`);
  await eventually('every task was done', async () => expect(await tasks.done()).toBe(TASKS), {
    namespace: namespace.name,
    seconds: 120,
  });
  await note('every task was done');
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
  print(`workers were ready ${((Date.now() - began) / 1000).toFixed(0)} s after the broker`);
  expect(await restarts()).toEqual(before);
});

test('a request is found by its id in the logs of the replicas and of the workers', async () => {
  await untilReady();
  const answer = await (await polls.visitor()).get('/send');
  expect([answer.status, answer.body]).toEqual([200, 'sent']);
  const id = answer.headers['x-request-id'];
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  const found = async (label: string) => {
    const log = await namespace.kubectl('logs', `--selector=${label}`, '--all-containers', '--tail=-1');
    const lines = log.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line)).filter((line) => line.request_id === id);
  };
  await eventually(
    'both logs have lines of the request',
    async () => {
      const web = (await found(WEB_PODS)).map(({ message }) => message);
      expect(web).toEqual(expect.arrayContaining(['a vote is sent', 'GET /send 200']));
      const [line] = await found(WORKER);
      expect(line.message).toMatch(/^Task polls\.tasks\.count_vote\[.*\] succeeded in /);
    },
    { namespace: namespace.name },
  );
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
    print(`no beat for ${(from - intervals[index].to) / 1000} s`);
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
