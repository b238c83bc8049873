import { setTimeout as pause } from 'node:timers/promises';
import { Duration } from 'cdk8s';
import { eventually } from './support/eventually';
import { kubectl } from './support/kubectl';
import { duringLoad, figures } from './support/load';
import { Namespace } from './support/namespaces';
import { Polls, WEB_PODS } from './support/polls';
import { print } from './support/print';

const WORKERS = 'app.kubernetes.io/component=worker-default';
const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };

const polls = new Polls(new Namespace('polls-drain'));
const { namespace } = polls;

beforeAll(async () => {
  await polls.deploy({
    replicas: 2,
    visibilityTimeout: Duration.minutes(1),
    extend: (app) => {
      app.addCeleryWorker({
        name: 'default',
        concurrency: 1,
        taskTimeLimit: Duration.seconds(15),
        resources: SMALL,
      });
      app.addCeleryBeat();
    },
  });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => namespace.remove());

/** The pods that run, but for those on their way out; of Jobs, whose pods have ended, none. */
async function running(labels = ''): Promise<any[]> {
  const pods = await namespace.list('pods', labels);
  return pods.filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === 'Running');
}

const names = (pods: any[]): string[] => pods.map(({ metadata }) => metadata.name);

/**
 * Drains the node of pods, as for an upgrade of it, and waits until others have taken their place. Returns the seconds
 * until the drain ended.
 *
 * The cluster has one node, which others use too. So only these pods are drained, by a label that those who follow them
 * have not; and the node takes pods again at once, in place of the other nodes that a cluster would have. The drain
 * goes on with the pods that it has found.
 */
async function drain(pods: any[]): Promise<number> {
  const label = `drained-from=${namespace.name}`;
  await namespace.kubectl('label', 'pods', ...names(pods), label);
  const [node, ...others] = new Set(pods.map(({ spec }) => spec.nodeName));
  expect(others).toEqual([]);
  const start = Date.now();
  const options = ['--delete-emptydir-data', '--timeout=150s'];
  const drained = kubectl('drain', node, `--pod-selector=${label}`, ...options);
  try {
    await eventually('the drain has begun', async () => {
      const { spec } = JSON.parse(await kubectl('get', 'node', node, '--output=json'));
      expect(spec.unschedulable).toBe(true);
    });
  } finally {
    await kubectl('uncordon', node);
  }
  const said = await drained;
  const seconds = Math.round((Date.now() - start) / 1000);
  for (const name of names(pods)) expect(said).toContain(`pod/${name} evicted`);
  await polls.converged();
  return seconds;
}

/** The smallest number of ready pods that a Deployment had while something happened. */
async function fewestReady(deployment: string, action: () => Promise<unknown>): Promise<number> {
  let acting = true;
  let fewest = Infinity;
  const watch = (async () => {
    while (acting) {
      const { status } = await namespace.get('deployment', deployment);
      fewest = Math.min(fewest, status.readyReplicas ?? 0);
      await pause(200);
    }
  })();
  try {
    await action();
  } finally {
    acting = false;
    await watch;
  }
  return fewest;
}

test('the drain of a node ends, takes one replica after the other, and no visitor notices', async () => {
  const before = await running(WEB_PODS);
  expect(before).toHaveLength(2);
  let seconds = 0;

  const load = await duringLoad(await polls.visitor(), { rate: 20 }, async () => {
    seconds = await drain(before);
  });

  print(figures(`drain of the replicas, ended after ${seconds} s`, load));
  expect(load.failures).toEqual([]);
  const after = names(await polls.webPods());
  expect(after).toHaveLength(2);
  expect(after.filter((name) => names(before).includes(name))).toEqual([]);
});

test('workers go one after the other, so that one is ready all the time', async () => {
  const before = await running(WORKERS);
  expect(before).toHaveLength(2);
  let seconds = 0;

  const fewest = await fewestReady('polls-worker-default', async () => {
    seconds = await drain(before);
  });

  print(`drain of the workers, ended after ${seconds} s, at least ${fewest} ready`);
  expect(fewest).toBe(1);
});

test('what has a single pod does not block the drain of everything, nor has it a budget', async () => {
  const budgets = names(await namespace.list('poddisruptionbudgets'));
  expect(budgets.sort()).toEqual(['polls', 'polls-worker-default']);
  const before = await running();
  const ofBudgets = [...(await running(WEB_PODS)), ...(await running(WORKERS))];
  const single = names(before).filter((name) => !names(ofBudgets).includes(name));
  expect(single.map((name) => name.replace(/-[0-9a-f]+-[0-9a-z]{5}$/, '')).sort()).toEqual([
    'polls-beat',
    'polls-db-0',
    'polls-queue-0',
  ]);
  const uids = before.map(({ metadata }) => metadata.uid);

  const seconds = await drain(before);

  print(`drain of all ${before.length} pods, database, broker and beat with them, ended after ${seconds} s`);
  const after = await running();
  expect(after).toHaveLength(before.length);
  expect(after.filter(({ metadata }) => uids.includes(metadata.uid))).toEqual([]);
  await polls.answers();
});

test('nor does a single replica, which has one', async () => {
  await namespace.kubectl('scale', 'deployment/polls', '--replicas=1');
  await polls.converged();
  const before = await running(WEB_PODS);
  expect(before).toHaveLength(1);

  await drain(before);

  expect(names(await polls.webPods())).not.toContain(names(before)[0]);
});
