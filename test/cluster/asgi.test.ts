import { provideImage } from './applications/images';
import { Namespace } from './support/namespaces';
import { Polls, vote } from './support/polls';

const polls = new Polls(new Namespace('polls-asgi'));

afterAll(() => polls.namespace.remove());

describe.each(['uvicorn', 'daphne'])('served by %s', (asgiServer) => {
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

  test('the probes are answered: the pod is ready and was never restarted', async () => {
    const [pod] = await polls.webPods();
    expect(pod.status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 });
  });
});
