import { Chart, Duration } from 'cdk8s';
import { Architecture, Distribution, DjangoApp, Scheduling } from 'cdk8s-django';
import { NodeLabelScheduling } from 'cdk8s-django/scheduling';
import { manifestsFor } from 'cdk8s-django/testing';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply, kubectl } from './support/kubectl';
import { Namespace } from './support/namespaces';

const ZONE = 'topology.kubernetes.io/zone';
const SPOT = 'test.cdk8s-django/spot';
const POOL = 'test.cdk8s-django/pool';
const OWN_LABELS = { [SPOT]: 'true', [POOL]: 'web' };

const namespace = new Namespace('polls-scheduling');
const distribution = Distribution.upstream({
  scheduling: new NodeLabelScheduling({
    spotLabels: { [SPOT]: 'true' },
    spotNotice: Duration.seconds(40),
    nodePoolLabel: POOL,
  }),
});

/** One node of the cluster, with the labels that it has and those that it gets for these tests. */
let node: { name: string; architecture: Architecture; zone: string };
let added: string[] = [];

beforeAll(async () => {
  const [first] = JSON.parse(await kubectl('get', 'nodes', '--output=json')).items;
  const { name, labels } = first.metadata;
  const extra = { ...OWN_LABELS, ...(labels[ZONE] === undefined && { [ZONE]: 'test-zone' }) };
  added = Object.keys(extra);
  await kubectl('label', 'node', name, ...Object.entries(extra).map((label) => label.join('=')));
  node = { name, architecture: labels['kubernetes.io/arch'], zone: labels[ZONE] ?? 'test-zone' };
});
afterAll(async () => {
  await kubectl('label', 'node', node.name, ...added.map((label) => `${label}-`));
  await namespace.remove();
});

/** Makes an application with these wishes, and returns its pods once the scheduler has decided on each. */
async function scheduled(scheduling: Scheduling): Promise<any[]> {
  await namespace.create();
  const manifests = manifestsFor(distribution, (app) => {
    const chart = new Chart(app, 'polls', { namespace: namespace.name });
    new DjangoApp(chart, 'Polls', {
      name: 'polls',
      image: IMAGE,
      settingsModule: 'mysite.settings',
      // So little that a node has it beside another file's pods.
      resources: { cpuRequest: '20m' },
      scheduling,
    });
  });
  await apply(manifests);
  return eventually(
    'the scheduler has looked at all pods',
    async () => {
      const pods = await namespace.list('pods');
      // Two replicas, and the Job that makes the key.
      expect(pods).toHaveLength(3);
      expect(pods.map(decision)).not.toContain(undefined);
      return pods;
    },
    { namespace: namespace.name },
  );
}

const decision = ({ status }: any) =>
  status.conditions?.find(({ type }: any) => type === 'PodScheduled') ?? undefined;
const isJob = ({ metadata }: any) => metadata.labels['app.kubernetes.io/component'] === 'secret-generator';

test('all pods of the image wait for a node of its architecture', async () => {
  const architecture = node.architecture === Architecture.ARM64 ? Architecture.AMD64 : Architecture.ARM64;
  const pods = await scheduled({ architecture });
  expect(pods.map((pod) => decision(pod).status)).toEqual(['False', 'False', 'False']);
});

test('replicas that no node fits wait and say so, while Jobs run', async () => {
  const pods = await scheduled({ zones: ['another-zone'] });
  for (const pod of pods.filter((one) => !isJob(one))) {
    expect(decision(pod)).toMatchObject({ status: 'False', reason: 'Unschedulable' });
    expect(decision(pod).message).toContain("didn't match Pod's node affinity/selector");
  }
  expect(pods.filter(isJob).map((pod) => decision(pod).status)).toEqual(['True']);
});

// The pods of this one run, and take their time to end: it comes last, and nothing waits for that.
test('pods run on the node that has what they ask for', async () => {
  const { architecture, zone } = node;
  const pods = await scheduled({
    architecture,
    zones: ['another-zone', zone],
    nodePool: 'web',
    spot: true,
  });
  const instances = pods.filter((pod) => !isJob(pod));
  expect(instances.map(({ spec }) => spec.nodeName)).toEqual([node.name, node.name]);
});
