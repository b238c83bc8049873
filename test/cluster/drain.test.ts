import { eventually } from './support/eventually';
import { kubectl } from './support/kubectl';
import { duringLoad, figures } from './support/load';
import { Namespace } from './support/namespaces';
import { Polls, WEB_PODS } from './support/polls';
import { print } from './support/print';

const polls = new Polls(new Namespace('polls-drain'));

beforeAll(async () => {
  await polls.deploy({ replicas: 2 });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

/**
 * Drains a node of the application's instances, as for an upgrade of it. It takes pods again at once, in place of the
 * other nodes that a cluster would have: the drain goes on with the pods that it has found.
 */
async function drain(node: string): Promise<string> {
  const selector = `app.kubernetes.io/instance=polls,${WEB_PODS}`;
  const drained = kubectl(
    'drain',
    node,
    `--pod-selector=${selector}`,
    '--delete-emptydir-data',
    '--timeout=150s',
  );
  try {
    await eventually('the drain has begun', async () => {
      const { spec } = JSON.parse(await kubectl('get', 'node', node, '--output=json'));
      expect(spec.unschedulable).toBe(true);
    });
  } finally {
    await kubectl('uncordon', node);
  }
  return drained;
}

test('the drain of a node ends, takes one instance after the other, and no visitor notices', async () => {
  const before = await polls.webPods();
  const nodes = [...new Set(before.map(({ spec }) => spec.nodeName))];
  let seconds = 0;

  const load = await duringLoad(await polls.visitor(), { rate: 20 }, async () => {
    const start = Date.now();
    for (const node of nodes) expect(await drain(node)).toContain('evicted');
    seconds = (Date.now() - start) / 1000;
    await polls.converged();
  });

  print(figures(`drain, ended after ${seconds.toFixed(0)} s`, load));
  expect(load.failures).toEqual([]);
  const names = before.map(({ metadata }) => metadata.name);
  const after = (await polls.webPods()).map(({ metadata }) => metadata.name);
  expect(after.filter((name) => names.includes(name))).toEqual([]);
  expect(after).toHaveLength(2);
});

test('a single instance does not block it', async () => {
  await polls.namespace.kubectl('scale', 'deployment/polls', '--replicas=1');
  await polls.converged();
  const [{ metadata, spec }] = await polls.webPods();

  expect(await drain(spec.nodeName)).toContain(`pod/${metadata.name} evicted`);

  await polls.converged();
  expect((await polls.webPods()).map((pod) => pod.metadata.name)).not.toContain(metadata.name);
});
