import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiObject, Chart, Duration } from 'cdk8s';
import { DjangoApp, VolumeSource } from 'cdk8s-django';
import { ValkeySentinel } from 'cdk8s-django/valkey';
import { ASSIGNED_USER } from '../cluster/support/assigned-user';
import { send } from '../cluster/support/browser';
import { eventually } from '../cluster/support/eventually';
import { upstream } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';

/*
 * Twelve times the primary of a broker with Sentinels ends badly while twenty requests a second each send a task. Then
 * it is rolled under the same load, and all three servers are lost after one of them was long away.
 */

const ROUNDS = 12;
const RATE = 20;
const SERVERS = 3;
const NAME = 'polls-queue';
const BROKER = 'app.kubernetes.io/component=broker';
const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };
/** What a killed broker had handed out is done again after that: within each round. */
const VISIBILITY = Duration.seconds(65);

/** Settings by which one page of the application sends a task of the key that it was asked with. */
const SENDING = `
from mysite.settings import *
MIDDLEWARE = [*MIDDLEWARE, "mysite.sending.send"]

def send(get_response):
    def answer(request):
        if request.path != "/send":
            return get_response(request)
        from django.http import HttpResponse
        from polls.tasks import count_vote
        count_vote.delay(1, request.GET["key"])
        return HttpResponse("sent")

    return answer
`;

const namespace = new Namespace('polls-sentinel');
const polls = new Polls(namespace);
const sums = { sent: 0, failed: 0, lost: 0, longest: 0 };

function extend(app: DjangoApp): void {
  const chart = Chart.of(app);
  const sending = new ApiObject(chart, 'Sending', {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sending' } },
    data: { '__init__.py': SENDING },
  });
  const source = VolumeSource.fromConfigMap(sending);
  app.addVolume({ name: 'sending', source, mountPath: '/app/mysite/sending' });
  app.addCeleryWorker({
    name: 'default',
    replicas: 1,
    concurrency: 2,
    taskTimeLimit: Duration.seconds(45),
    resources: SMALL,
  });
  // A server is otherwise process 1, which nothing inside can kill.
  (chart.node.findChild('Redis') as ValkeySentinel).statefulSet.override({
    spec: { template: { spec: { shareProcessNamespace: true } } },
  });
}

beforeAll(async () => {
  await polls.deploy({
    distribution: upstream({ security: ASSIGNED_USER }),
    visibilityTimeout: VISIBILITY,
    sentinel: {},
    settingsModule: 'mysite.sending',
    extend,
  });
  await polls.createSamplePolls();
  await polls.sql(`INSERT INTO polls_choice (id, question_id, text, votes)
    SELECT 1, min(id), 'of tasks', 0 FROM polls_question ON CONFLICT DO NOTHING`);
  await polls.answers();
});
afterAll(async () => {
  print(
    `${sums.sent} tasks sent, ${sums.failed} requests failed, ${sums.lost} tasks lost, ` +
      `at most ${sums.longest.toFixed(1)} s without a task`,
  );
  await namespace.remove();
});

/** Runs a line of shell in a server's container. */
const inServer = (pod: number, script: string) => namespace.exec(`pod/${NAME}-${pod}`, 'sh', '-c', script);

/** The number of the pod that most Sentinels take for the primary. */
async function primary(): Promise<number> {
  const answer = await inServer(2, '. /etc/valkey/common.sh; latest; echo "$answers $primary"');
  const [, number] = /^[23] polls-queue-(\d)\./.exec(answer) ?? [];
  expect(number).toBeDefined();
  return Number(number);
}

const deletePods = (pods: number[], ...args: string[]) =>
  namespace.kubectl('delete', 'pod', ...pods.map((pod) => `${NAME}-${pod}`), ...args);
const AT_ONCE = ['--grace-period=0', '--force'];

/** Until each server has all that the primary has, and no pod is one of those that were ended. */
async function brokerReady(): Promise<void> {
  await eventually(
    'all servers are ready',
    async () => {
      const pods = await namespace.list('pods', BROKER);
      expect(pods.filter(({ metadata }) => !metadata.deletionTimestamp)).toHaveLength(SERVERS);
      const { status } = await namespace.get('statefulset', NAME);
      expect([status.readyReplicas, status.updatedReplicas]).toEqual([SERVERS, SERVERS]);
    },
    { namespace: namespace.name, seconds: 180 },
  );
}

const FAILURES: Record<string, (pod: number) => Promise<unknown>> = {
  'pod of the primary deleted at once': (pod) => deletePods([pod], ...AT_ONCE),
  'primary killed by SIGKILL': (pod) =>
    inServer(
      pod,
      `for one in /proc/[0-9]*; do case "$(tr '\\0' ' ' <$one/cmdline)" in
        *-server' *:6379'*) kill -KILL "\${one#/proc/}" ;; esac; done`,
    ),
  'all three pods deleted at once': () => deletePods([0, 1, 2], ...AT_ONCE),
  'pod of the primary deleted as a drain does': (pod) => deletePods([pod]),
};

interface Cost {
  readonly confirmed: string[];
  readonly failures: string[];
  /** The longest answer. */
  readonly seconds: number;
}

/** Sends a task by each request, at a constant rate, while something is done and for some seconds more. */
async function whileSending(action: () => Promise<unknown>): Promise<Cost> {
  const { address, host } = await polls.visitor();
  const confirmed: string[] = [];
  const failures: string[] = [];
  let longest = 0;
  const request = async () => {
    const key = randomUUID();
    const began = Date.now();
    try {
      const { status } = await send({ address, host, path: `/send?key=${key}` });
      if (status === 200) confirmed.push(key);
      else failures.push(`status ${status} after ${Date.now() - began} ms`);
    } catch (error) {
      failures.push(`${(error as Error).message} after ${Date.now() - began} ms`);
    }
    longest = Math.max(longest, Date.now() - began);
  };
  let acting = true;
  const pending: Promise<void>[] = [];
  const start = Date.now();
  const load = (async () => {
    while (acting) {
      while (pending.length < ((Date.now() - start) / 1000) * RATE) pending.push(request());
      await pause(5);
    }
  })();
  try {
    await eventually('tasks run', async () => expect(await counted(confirmed)).toBeGreaterThan(RATE));
    await action();
    const soFar = confirmed.length;
    await eventually('tasks are sent again', async () =>
      expect(confirmed.length).toBeGreaterThan(soFar + 2 * RATE),
    );
  } finally {
    acting = false;
    await load;
    await Promise.all(pending);
  }
  return { confirmed, failures, seconds: longest / 1000 };
}

async function counted(keys: string[]): Promise<number> {
  if (!keys.length) return 0;
  const list = keys.map((key) => `'${key}'`).join(', ');
  return Number(await polls.sql(`SELECT count(DISTINCT key) FROM polls_ballot WHERE key IN (${list})`));
}

/** How many of the tasks are never done. */
async function lost(keys: string[]): Promise<number> {
  await eventually('every task is done', async () => expect(await counted(keys)).toBe(keys.length), {
    seconds: VISIBILITY.toSeconds() + 60,
  }).catch(() => undefined);
  return keys.length - (await counted(keys));
}

/** The longest time in which none of the tasks was begun. */
async function longestGap(keys: string[]): Promise<number> {
  const list = keys.map((key) => `'${key}'`).join(', ');
  return Number(
    await polls.sql(`SELECT max(gap) FROM (SELECT extract(epoch FROM cast_at - lag(cast_at) OVER (ORDER BY cast_at))
      AS gap FROM polls_ballot WHERE key IN (${list})) AS gaps`),
  );
}

async function cost(title: string, action: () => Promise<unknown>): Promise<[failed: number, lost: number]> {
  const { confirmed, failures, seconds } = await whileSending(action);
  const [missing, gap] = [await lost(confirmed), await longestGap(confirmed)];
  print(
    `${title}: ${confirmed.length} tasks sent, ${failures.length} requests failed, ${missing} tasks lost, ` +
      `tasks ran again after ${gap.toFixed(1)} s, slowest request ${seconds.toFixed(1)} s`,
  );
  if (failures.length) print(`  ${[...new Set(failures.slice(0, 5))].join('; ')}`);
  sums.sent += confirmed.length;
  sums.failed += failures.length;
  sums.lost += missing;
  sums.longest = Math.max(sums.longest, gap);
  return [failures.length, missing];
}

test.each(
  Array.from({ length: ROUNDS }, (_, round) => [round + 1, Object.keys(FAILURES)[round % 4]] as const),
)('round %d: %s', async (round, failure) => {
  await brokerReady();
  const pod = await primary();
  const [failed, missing] = await cost(`round ${round}, ${failure} (${pod})`, async () => {
    await FAILURES[failure](pod);
    await brokerReady();
  });
  expect(failed).toBe(0);
  // Replication is not synchronous: of the last moments before a server is killed, tasks may be lost.
  expect(missing).toBeLessThanOrEqual(failure.endsWith('drain does') ? 0 : RATE);
});

test('a rollout of the servers fails no request and loses no task', async () => {
  await brokerReady();
  const result = await cost('rollout of the StatefulSet', async () => {
    await namespace.kubectl('rollout', 'restart', `statefulset/${NAME}`);
    await namespace.kubectl('rollout', 'status', `statefulset/${NAME}`, '--timeout=300s');
    await brokerReady();
  });
  expect(result).toEqual([0, 0]);
});

test('a server that was long away does not become the primary when all are lost', async () => {
  await brokerReady();
  const ordinals = (start: number) =>
    namespace.kubectl(
      ...['patch', 'statefulset', NAME, '--type=merge', '--patch'],
      JSON.stringify({ spec: { replicas: SERVERS - start, ordinals: { start } } }),
    );
  const ready = (count: number) =>
    eventually(
      `${count} servers are ready`,
      async () => {
        expect((await namespace.get('statefulset', NAME)).status.readyReplicas).toBe(count);
        expect(await namespace.list('pods', BROKER)).toHaveLength(count);
      },
      { namespace: namespace.name, seconds: 120 },
    );
  await ordinals(1);
  await ready(2);
  await namespace.kubectl('scale', 'deployment/polls-worker-default', '--replicas=0');
  await eventually('no worker is left', async () =>
    expect(await namespace.list('pods', 'app.kubernetes.io/component=worker-default')).toEqual([]),
  );
  const { address, host } = await polls.visitor();
  const keys = Array.from({ length: 50 }, () => randomUUID());
  const sendAll = async (some: string[]) => {
    for (const key of some) {
      expect((await send({ address, host, path: `/send?key=${key}` })).status).toBe(200);
    }
  };
  await sendAll(keys.slice(0, 25));
  await deletePods([await primary()]);
  await ready(2);
  await sendAll(keys.slice(25));
  await Promise.all([ordinals(0), deletePods([1, 2], ...AT_ONCE)]);
  await brokerReady();
  print(`all three lost after a long absence of 0: the primary is ${await primary()}`);
  await namespace.kubectl('scale', 'deployment/polls-worker-default', '--replicas=1');
  expect(await lost(keys)).toBe(0);
});
