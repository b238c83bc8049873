import { randomUUID } from 'node:crypto';
import { Chart } from 'cdk8s';
import { DjangoApp } from 'cdk8s-django';
import { ValkeySentinel } from 'cdk8s-django/valkey';
import { ASSIGNED_USER } from '../cluster/support/assigned-user';
import { send } from '../cluster/support/browser';
import { eventually } from '../cluster/support/eventually';
import { upstream } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { cost, lost, prepare, RATE, SENDING_SETTINGS, sendsTasks, total, VISIBILITY } from './sending';

/*
 * Twelve times the primary of a broker with Sentinels ends badly while twenty requests a second each send a task. Then
 * it is rolled under the same load, and all three servers are lost after one of them was long away.
 */

const ROUNDS = 12;
const SERVERS = 3;
const NAME = 'polls-queue';
const BROKER = 'app.kubernetes.io/component=broker';
const namespace = new Namespace('polls-sentinel');
const polls = new Polls(namespace);
const sums = { sent: 0, failed: 0, lost: 0, longest: 0 };

function extend(app: DjangoApp): void {
  sendsTasks(app);
  // A server is otherwise process 1, which nothing inside can kill.
  (Chart.of(app).node.findChild('Redis') as ValkeySentinel).statefulSet.override({
    spec: { template: { spec: { shareProcessNamespace: true } } },
  });
}

beforeAll(async () => {
  await polls.deploy({
    distribution: upstream({ security: ASSIGNED_USER }),
    visibilityTimeout: VISIBILITY,
    sentinel: {},
    settingsModule: SENDING_SETTINGS,
    extend,
  });
  await prepare(polls);
});
afterAll(async () => {
  print(total(sums));
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

test.each(
  Array.from({ length: ROUNDS }, (_, round) => [round + 1, Object.keys(FAILURES)[round % 4]] as const),
)('round %d: %s', async (round, failure) => {
  await brokerReady();
  const pod = await primary();
  const [failed, missing] = await cost(polls, `round ${round}, ${failure} (${pod})`, sums, async () => {
    await FAILURES[failure](pod);
    await brokerReady();
  });
  expect(failed).toBe(0);
  // Replication is not synchronous: of the last moments before a server is killed, tasks may be lost.
  expect(missing).toBeLessThanOrEqual(failure.endsWith('drain does') ? 0 : RATE);
});

test('a rollout of the servers fails no request and loses no task', async () => {
  await brokerReady();
  const result = await cost(polls, 'rollout of the StatefulSet', sums, async () => {
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
  expect(await lost(polls, keys)).toBe(0);
});
