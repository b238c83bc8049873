import { NEXT_RELEASE, provideNextRelease } from './applications/images';
import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';
import { VolumeAccessMode } from 'cdk8s-django';

const VARIANT = {
  media: {
    mountPath: '/media',
    size: '1Gi',
    accessMode: VolumeAccessMode.READ_WRITE_MANY,
    storageClassName: 'standard',
  },
  settingsOverlay: { keepStatic: true },
};

const polls = new Polls(new Namespace('polls-static-files'));

beforeAll(async () => {
  await provideNextRelease();
  await polls.deploy(VARIANT);
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

/** The path of the stylesheet that the list of questions asks for. */
async function stylesheet(): Promise<string> {
  const { body } = await (await polls.visitor()).get('/');
  const [, path] = /href="([^"]+\.[0-9a-f]{12}\.css)"/.exec(body) ?? [];
  return path;
}

test('a replica of the next release serves the stylesheet of the one before, which its image has not', async () => {
  const visitor = await polls.visitor();
  const path = await stylesheet();
  const before = await visitor.get(path);
  expect(before.status).toBe(200);

  await apply(polls.manifests({ ...VARIANT, image: NEXT_RELEASE }));
  await polls.converged();

  expect(await stylesheet()).not.toBe(path);
  const name = path.split('/').at(-1)!;
  const found = await polls.namespace.exec('deployment/polls', 'find', '/app', '-name', name);
  expect(found).toBe('');
  const after = await visitor.get(path);
  expect(after.status).toBe(200);
  expect(after.body).toBe(before.body);
  expect(after.headers['cache-control']).toContain('immutable');
  // Only names with a hash, and only what releases have put there.
  expect((await visitor.get(path.replace(/\.[0-9a-f]{12}\./, '.000000000000.'))).status).toBe(404);
});
