import { duringLoad } from './support/load';
import { NEXT_IMAGE } from './support/image';
import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { MIGRATION, Polls } from './support/polls';

const VARIANT = { replicas: 2 };

const polls = new Polls(new Namespace('polls-release'));

beforeAll(async () => {
  await polls.deploy(VARIANT);
  await polls.createSamplePolls();
});
afterAll(() => polls.namespace.remove());

const podNames = async () => (await polls.webPods()).map(({ metadata }) => metadata.name);
const migrations = async () =>
  (await polls.namespace.list('jobs', MIGRATION)).map(({ metadata }) => metadata.name).sort();

/** Applies a variant while visitors come, and returns the visits that failed. */
async function failuresWhileReleasing(change: object): Promise<string[]> {
  const visitor = await polls.visitor();
  const { visits, failures } = await duringLoad(visitor, async () => {
    await apply(polls.manifests({ ...VARIANT, ...change }));
    await polls.converged();
  });
  expect(visits).toBeGreaterThan(20);
  return failures;
}

test('another configuration comes with other pods, and no visitor notices', async () => {
  const before = await podNames();

  const failures = await failuresWhileReleasing({ environment: { GREETING: 'hello' } });

  const after = await podNames();
  expect(after).toHaveLength(2);
  expect(after.filter((name) => before.includes(name))).toEqual([]);
  expect((await polls.namespace.exec('deployment/polls', 'printenv', 'GREETING')).trim()).toBe('hello');
  expect(failures).toEqual([]);
});

test('another image comes with a migration of its own, and no visitor notices', async () => {
  const before = await migrations();

  const failures = await failuresWhileReleasing({ environment: { GREETING: 'hello' }, image: NEXT_IMAGE });

  const [job, ...others] = (await migrations()).filter((name) => !before.includes(name));
  expect(others).toEqual([]);
  expect(await polls.namespace.kubectl('logs', `job/${job}`)).toContain('nothing to do');
  const images = (await polls.webPods()).map(({ spec }) => spec.containers[0].image);
  expect(images).toEqual([NEXT_IMAGE, NEXT_IMAGE]);
  expect(failures).toEqual([]);
});
