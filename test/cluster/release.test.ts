import { NEXT_RELEASE, provideNextRelease } from './applications/images';
import { duringLoad, figures } from './support/load';
import { IMAGE } from './support/image';
import { limitNamespace, refusedByQuota } from './support/quota';
import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { MIGRATION, Polls } from './support/polls';
import { print } from './support/print';

/** More than a release lasts: half a minute. */
const FEWEST = { rate: 100, requests: 3_000 };
/** A little faster: a busy client sends some milliseconds late. */
const LOAD = { ...FEWEST, rate: 102 };
/** What the next release adds to the schema. */
const MIGRATION_NAME = '0004_question_source';
const REPLICAS = 2;

const polls = new Polls(new Namespace('polls-release'));
/** The quota has no margin: what is derived has to be enough for each release. */
const BASE = { replicas: REPLICAS, extend: limitNamespace };

beforeAll(async () => {
  await provideNextRelease();
  await polls.deploy(BASE);
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

const podNames = async () => (await polls.webPods()).map(({ metadata }) => metadata.name);
const images = async () => (await polls.webPods()).map(({ spec }) => spec.containers[0].image);
const migrations = async () =>
  (await polls.namespace.list('jobs', MIGRATION)).map(({ metadata }) => metadata.name).sort();

/** Whether the migration of the next release is applied. */
async function hasSource(): Promise<boolean> {
  const recorded = await polls.sql(`SELECT count(*) FROM django_migrations WHERE name = '${MIGRATION_NAME}'`);
  const columns = await polls.sql(
    "SELECT count(*) FROM information_schema.columns WHERE (table_name, column_name) = ('polls_question', 'source')",
  );
  expect(columns).toBe(recorded);
  return columns === '1';
}

/** The path of the stylesheet that the list of questions asks for, which is served. */
async function stylesheet(): Promise<string> {
  const visitor = await polls.visitor();
  const [, path] = /href="([^"]+\.[0-9a-f]{12}\.css)"/.exec((await visitor.get('/')).body) ?? [];
  expect((await visitor.get(path)).status).toBe(200);
  return path;
}

/** Applies a variant under load, and returns the requests that failed. */
async function failuresWhileReleasing(title: string, variant: object): Promise<string[]> {
  const load = await duringLoad(await polls.visitor(), LOAD, async () => {
    await apply(polls.manifests({ ...BASE, ...variant }));
    await polls.converged();
  });
  print(figures(title, load));
  expect(load.requests).toBeGreaterThanOrEqual(FEWEST.requests);
  expect(load.rate).toBeGreaterThanOrEqual(FEWEST.rate);
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

  test('another image, with a migration and a stylesheet of its own, and the one before it again', async () => {
    await apply(polls.manifests(BASE));
    await polls.converged();
    const before = await migrations();
    const oldStylesheet = await stylesheet();
    expect(await hasSource()).toBe(false);

    const failures = await failuresWhileReleasing('another image', { image: NEXT_RELEASE });

    const [job, ...others] = (await migrations()).filter((name) => !before.includes(name));
    expect(others).toEqual([]);
    expect(await polls.namespace.kubectl('logs', `job/${job}`)).toContain(`polls.${MIGRATION_NAME}`);
    expect(await hasSource()).toBe(true);
    expect(await images()).toEqual([NEXT_RELEASE, NEXT_RELEASE]);
    expect(await stylesheet()).not.toBe(oldStylesheet);
    expect(failures).toEqual([]);

    const known = await migrations();
    const failuresOfRollback = await failuresWhileReleasing('the image before it', {});

    expect(await images()).toEqual([IMAGE, IMAGE]);
    expect(await stylesheet()).toBe(oldStylesheet);
    // It runs on the schema of the newer release: nothing was taken back.
    expect(await migrations()).toEqual(known);
    expect(await hasSource()).toBe(true);
    expect(failuresOfRollback).toEqual([]);
  });

  test('a smaller number of replicas', async () => {
    await apply(polls.manifests({ ...BASE, replicas: 4 }));
    await polls.converged();

    const failures = await failuresWhileReleasing('from 4 replicas to 2', { replicas: 2 });

    expect(await podNames()).toHaveLength(2);
    expect(failures).toEqual([]);
  });

  test('and nothing that the quota of the namespace refused', async () => {
    expect(await refusedByQuota(polls.namespace)).toEqual([]);
  });
});
