import { provideImage } from './applications/images';
import { eventually } from './support/eventually';
import { Namespace } from './support/namespaces';
import { openBallot, Polls, vote } from './support/polls';
import { AsgiServer } from 'cdk8s-django';

const polls = new Polls(new Namespace('polls-asgi'));

afterAll(() => polls.namespace.remove());

/** Asks a replica without a router, which might ask another one in its place. */
function bodyFrom(pod: string, path: string): Promise<string> {
  const url = JSON.stringify(`http://127.0.0.1:8000${path}`);
  const headers = JSON.stringify({ Host: polls.host, 'X-Forwarded-Proto': 'https' });
  const request = `urlopen(Request(${url}, headers=${headers}))`;
  const program = `from urllib.request import Request, urlopen; print(${request}.read().decode())`;
  return polls.namespace.exec(pod, 'python', '-c', program);
}

describe.each([AsgiServer.UVICORN, AsgiServer.DAPHNE])('served by %s', (asgiServer) => {
  beforeAll(async () => {
    const image = await provideImage({ name: 'docker.io/example/polls-asgi:1', folder: 'asgi' });
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
      'from django.db import connection; print(open("/proc/1/cmdline").read().split("\\0")[3], ' +
      'connection.settings_dict["CONN_MAX_AGE"])';
    const printed = await polls.namespace.exec(
      pod.metadata.name,
      'python',
      '-c',
      `import django; django.setup(); ${python}`,
    );
    expect(printed.trim().split('\n').pop()).toBe(`${asgiServer} 0`);
  });

  test('a request in progress is finished by a replica that ends', async () => {
    const [{ metadata }] = await polls.webPods();
    const { name } = metadata;
    // Longer than the router goes on sending requests to the replica, after which a server is told to stop.
    const body = bodyFrom(name, '/slow/?seconds=12');
    await eventually('the request is in progress', () =>
      polls.namespace.exec(name, 'test', '-e', '/tmp/in-progress'),
    );
    await polls.namespace.kubectl('delete', 'pod', '--wait=false', name);

    expect(await body).toBe('done\n');
    await polls.converged();
  });

  test('the probes are answered: the pod is ready and was never restarted', async () => {
    const [pod] = await polls.webPods();
    expect(pod.status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 });
  });
});
