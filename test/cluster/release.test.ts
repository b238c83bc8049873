import { duringLoad, figures } from './support/load';
import { IMAGE, NEXT_IMAGE } from './support/image';
import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { MIGRATION, Polls } from './support/polls';
import { print } from './support/print';

const LOAD = { rate: 100, requests: 10_000 };
const REPLICAS = 2;

const polls = new Polls(new Namespace('polls-release'));

beforeAll(async () => {
  await polls.deploy({ replicas: REPLICAS });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

const podNames = async () => (await polls.webPods()).map(({ metadata }) => metadata.name);
const images = async () => (await polls.webPods()).map(({ spec }) => spec.containers[0].image);
const migrations = async () =>
  (await polls.namespace.list('jobs', MIGRATION)).map(({ metadata }) => metadata.name).sort();

/** Applies a variant under load, and returns the requests that failed. */
async function failuresWhileReleasing(title: string, variant: object): Promise<string[]> {
  const load = await duringLoad(await polls.visitor(), LOAD, async () => {
    await apply(polls.manifests({ replicas: REPLICAS, ...variant }));
    await polls.converged();
  });
  print(figures(title, load));
  expect(load.requests).toBeGreaterThanOrEqual(LOAD.requests);
  expect(load.rate).toBeGreaterThanOrEqual(LOAD.rate * 0.99);
  return load.failures;
}

// Each begins with whatever release runs, and brings another one.
describe('under a constant load, without a failed request, comes', () => {
  test('another configuration, with other pods', async () => {
    const before = await podNames();

    const failures = await failuresWhileReleasing('another configuration', {
      environment: { GREETING: 'hello' },
    });

    const after = await podNames();
    expect(after).toHaveLength(REPLICAS);
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    expect((await polls.namespace.exec('deployment/polls', 'printenv', 'GREETING')).trim()).toBe('hello');
    expect(failures).toEqual([]);
  });

  test('another image, with a migration of its own, and the one before it again', async () => {
    await apply(polls.manifests({ replicas: REPLICAS }));
    await polls.converged();
    const before = await migrations();

    const failures = await failuresWhileReleasing('another image', { image: NEXT_IMAGE });

    const [job, ...others] = (await migrations()).filter((name) => !before.includes(name));
    expect(others).toEqual([]);
    expect(await polls.namespace.kubectl('logs', `job/${job}`)).toContain('nothing to do');
    expect(await images()).toEqual([NEXT_IMAGE, NEXT_IMAGE]);
    expect(failures).toEqual([]);

    const known = await migrations();
    const failuresOfRollback = await failuresWhileReleasing('the image before it', {});

    expect(await images()).toEqual([IMAGE, IMAGE]);
    expect(await migrations()).toEqual(known);
    expect(failuresOfRollback).toEqual([]);
  });

  test('a smaller number of instances', async () => {
    await apply(polls.manifests({ replicas: 4 }));
    await polls.converged();

    const failures = await failuresWhileReleasing('from 4 instances to 2', { replicas: 2 });

    expect(await podNames()).toHaveLength(2);
    expect(failures).toEqual([]);
  });
});
