import { kubectl, apply, tryKubectl } from './support/kubectl';
import { distFolder, distManifests, movedTo } from './support/manifests';
import { eventually } from './support/eventually';
import { Namespace } from './support/namespaces';
import { Polls, vote } from './support/polls';
import { TutorialFolder, tutorialSteps } from './support/tutorial';

const FOLDER = distFolder('upstream');

describe('the committed manifests for upstream Kubernetes, applied as they are', () => {
  const polls = new Polls(new Namespace('polls'), 'polls.example.com');

  beforeAll(() => polls.namespace.clear());
  afterAll(() => polls.namespace.remove());

  test('come to rest by themselves after one apply', async () => {
    await kubectl('apply', '-f', FOLDER);
    await polls.converged();
    expect(await polls.webPods()).toHaveLength(3);
  });

  test('serve the site at the public host', async () => {
    await polls.createSamplePolls();
    const results = await vote(await polls.visitor());
    expect(results.body).toContain('1 vote in all');
  });

  test('change nothing when they are applied again', async () => {
    const before = await objects();
    await kubectl('apply', '-f', FOLDER);
    expect(await objects()).toEqual(before);
  });

  test('differ in nothing from what is in the cluster', async () => {
    const difference = await tryKubectl('diff', '-f', FOLDER);
    expect(difference).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('have an autoscaler that finds its Deployment and its metrics', async () => {
    await eventually(
      'the autoscaler is able to scale',
      async () => {
        const { status } = await polls.namespace.get('horizontalpodautoscaler', 'polls');
        const fulfilled = status.conditions.filter((condition: any) => condition.status === 'True');
        const types = fulfilled.map(({ type }: any) => type);
        expect(types).toEqual(expect.arrayContaining(['AbleToScale', 'ScalingActive']));
      },
      { namespace: 'polls', seconds: 120 },
    );
  });

  describe('under the commands of the tutorial', () => {
    /** What the reader is told to see, by the title of the step. */
    const SEEN: Record<string, RegExp> = {
      '2. Start pods': /(polls-\S+ +1\/1 +Running[^]*){3}/,
      '3. Reach pods through a service': /service\/polls [^]*\n10\.\d+\.\d+\.\d+\n/,
      '4. Scale up': /condition met/,
      '5. Recover from failure': /partitioned roll out complete|rolling update complete/,
      '6. Open it to the public': /<h1[^]*href="\/\d+\/"/,
      '8. See its health': /^200\n\{/,
      '9. Control access': /^yes\nno\n[^]*polls/,
    };
    const folder = new TutorialFolder();
    afterAll(() => folder.remove());

    test.each(tutorialSteps())('$title', async ({ title, blocks }) => {
      let printed = '';
      for (const block of blocks) printed += await folder.run(block);
      expect(printed).toMatch(SEEN[title]);
      const restarted = (await polls.webPods()).filter(
        ({ status }) => status.containerStatuses[0].restartCount,
      );
      expect(restarted).toEqual([]);
    });
  });
});

describe('the same manifests in the opposite order, in another namespace', () => {
  const polls = new Polls(new Namespace('polls-reversed'));

  beforeAll(() => polls.namespace.clear());
  afterAll(() => polls.namespace.remove());

  test('come to rest by themselves too', async () => {
    const [namespace, ...others] = movedTo('polls-reversed', distManifests('upstream'));
    expect(namespace.kind).toBe('Namespace');
    await apply([namespace, ...others.reverse()]);
    await polls.converged();
    expect(await polls.webPods()).toHaveLength(3);
  });

  test('serve the site at their own host', async () => {
    await polls.createSamplePolls();
    const results = await vote(await polls.visitor());
    expect(results.body).toContain('1 vote in all');
  });
});

/** The objects as the cluster has them, without what controllers write all the time. */
async function objects(): Promise<any[]> {
  const { items } = JSON.parse(await kubectl('get', '-f', FOLDER, '--output=json'));
  return items.map(({ status, ...object }: any) => {
    // The version of an object without a status changes only when somebody writes it.
    if (status) delete object.metadata.resourceVersion;
    return object;
  });
}
