import { provideImage } from './applications/images';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { Namespace } from './support/namespaces';
import { openBallot, Polls, vote } from './support/polls';

const polls = new Polls(new Namespace('polls-asgi'));

afterAll(() => polls.namespace.remove());

const LOCKED_SECONDS = 12;

/** How many transactions have, or wait for, a lock of the questions. */
async function locks(condition: string): Promise<number> {
  const questions = "relation = 'polls_question'::regclass AND pid <> pg_backend_pid()";
  return Number(await polls.sql(`SELECT count(*) FROM pg_locks WHERE ${questions} AND ${condition}`));
}

const provideDaphne = () => provideImage({ name: 'docker.io/example/polls-daphne:1', folder: 'daphne' });

describe.each([
  { asgiServer: 'uvicorn', provide: async () => IMAGE },
  { asgiServer: 'daphne', provide: provideDaphne },
])('served by $asgiServer', ({ asgiServer, provide }) => {
  beforeAll(async () => {
    const image = await provide();
    await polls.deploy({ image, asgiModule: 'mysite.asgi', asgiServer });
    await polls.createSamplePolls();
  });

  test('a vote over HTTPS is stored', async () => {
    const before = await polls.storedVotes();
    expect((await vote(await polls.visitor())).status).toBe(200);
    expect(await polls.storedVotes()).toBe(before + 1);
  });

  test('a WebSocket sends the results, and answers', async () => {
    const visitor = await polls.visitor();
    const { path } = await openBallot(visitor);
    const live = await visitor.webSocket(path.replace('vote/', 'results/live/'));
    const results = await live.next();
    expect(results).toMatchObject({ question: expect.any(String), total_votes: expect.any(Number) });
    live.say('again');
    expect(await live.next()).toEqual(results);
    await live.close();
  });

  test('the server is the one that was asked for, and its connections do not persist', async () => {
    const [pod] = await polls.webPods();
    const python =
      'from django.db import connection; print(open("/proc/1/cmdline").read().split("\\0")[2], ' +
      'connection.settings_dict["CONN_MAX_AGE"])';
    const printed = await polls.namespace.exec(
      pod.metadata.name,
      'python',
      '-c',
      `import django; django.setup(); ${python}`,
    );
    expect(printed.trim().split('\n').pop()).toBe(`${asgiServer} 0`);
  });

  test('a request in progress is finished by an instance that ends', async () => {
    const visitor = await polls.visitor();
    // Longer than the router goes on sending requests to the instance, after which its server is told to stop.
    const lock = polls.sql(`BEGIN; LOCK TABLE polls_question; SELECT pg_sleep(${LOCKED_SECONDS})`);
    await eventually('the questions are locked', async () => expect(await locks('granted')).toBe(1));
    const request = visitor.get('/');
    await eventually('a request waits for them', async () => expect(await locks('NOT granted')).toBe(1));
    const names = (await polls.webPods()).map(({ metadata }) => metadata.name);
    await polls.namespace.kubectl('delete', 'pod', '--wait=false', ...names);

    expect((await request).status).toBe(200);
    await lock;
    await polls.converged();
  });

  test('the probes are answered: the pod is ready and was never restarted', async () => {
    const [pod] = await polls.webPods();
    expect(pod.status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 });
  });
});
