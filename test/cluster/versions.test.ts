import { Duration } from 'cdk8s';
import { eventually } from './support/eventually';
import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls, vote } from './support/polls';
import { print } from './support/print';
import { connection, PROBE_PORT, startProbePod } from './support/probe-pod';
import {
  RABBITMQ_IMAGE,
  RABBITMQ_LABELS,
  RABBITMQ_POD,
  RABBITMQ_SECRET,
  rabbitMqCtl,
  startRabbitMq,
  VIRTUAL_HOST,
} from './support/rabbitmq';
import { BROKER_POD, Tasks } from './support/tasks';

/*
 * One application with all that it may need, in few steps: run by hand with images of other versions, which the
 * environment names. docs/distributions.md has the versions that it ran with.
 */

const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };
const WORKER = 'deployment/polls-worker-default';

const VERSIONS = `
import importlib.metadata, platform
names = "Django", "celery", "kombu", "gunicorn", "psycopg"
print("Python", platform.python_version(), *(f"{name} {importlib.metadata.version(name)}" for name in names))
`;

/** The versions of what an application runs on, as each says it of itself. */
async function versions(polls: Polls): Promise<string> {
  const application = await polls.namespace.exec('deployment/polls', 'python', '-c', VERSIONS);
  return `${application.trim()}, PostgreSQL ${await polls.sql('SHOW server_version')}`;
}

describe('an application with workers, on the versions of the images that the environment names', () => {
  const polls = new Polls(new Namespace('polls-versions'));
  const tasks = new Tasks(polls);

  beforeAll(async () => {
    await polls.deploy({
      resources: SMALL,
      visibilityTimeout: Duration.minutes(10),
      extend: (app) => {
        app.addCeleryWorker({ name: 'default', concurrency: 1, resources: SMALL });
        app.addCeleryBeat();
      },
    });
    await polls.createSamplePolls();
    const broker = ['sh', '-c', 'redis-server --version || valkey-server --version'];
    const [server] = (await polls.namespace.exec(BROKER_POD, ...broker)).split('sha=');
    print(`${await versions(polls)}, ${server.trim()}`);
  });
  afterAll(() => polls.namespace.remove());

  test('takes a vote, and does the tasks that it sends', async () => {
    expect((await vote(await polls.visitor())).status).toBe(200);
    expect(await polls.storedVotes()).toBe(1);
    tasks.send(20);
    await tasks.sent();
    await eventually('all tasks are done', async () => expect(await tasks.done()).toBe(20));
  });

  test('keeps votes and waiting tasks while database and broker are restarted', async () => {
    const votes = await polls.storedVotes();
    await polls.namespace.kubectl('scale', WORKER, '--replicas=0');
    await eventually('no worker is left', async () =>
      expect(await polls.namespace.list('pods', 'app.kubernetes.io/component=worker-default')).toEqual([]),
    );
    tasks.send(5);
    await tasks.sent();

    await polls.namespace.kubectl('delete', 'pod', DATABASE_POD, BROKER_POD);
    await polls.converged();
    expect(await polls.storedVotes()).toBe(votes);
    expect(await tasks.queued()).toBe(5);

    await polls.namespace.kubectl('scale', WORKER, '--replicas=1');
    await eventually('the waiting tasks are done', async () => expect(await tasks.done()).toBe(25), {
      namespace: polls.namespace.name,
      seconds: 120,
    });
  });

  test('restarts no container of its own accord', async () => {
    const pods = await polls.namespace.list('pods');
    const restarts = pods.flatMap(({ metadata, status }) =>
      (status.containerStatuses ?? [])
        .filter((container: any) => container.restartCount > 0)
        .map(({ name }: any) => `${metadata.name} ${name}`),
    );
    expect(restarts).toEqual([]);
  });
});

const withRabbitMq = RABBITMQ_IMAGE ? describe : describe.skip;
withRabbitMq.each([
  [
    'by its parts',
    {
      url: `amqp://${RABBITMQ_POD}:5672/${VIRTUAL_HOST}`,
      username: { secretName: RABBITMQ_SECRET, key: 'username' },
      password: { secretName: RABBITMQ_SECRET, key: 'password' },
    },
  ],
  ['by a URL of a Secret', { urlSecret: { secretName: RABBITMQ_SECRET, key: 'connection_string' } }],
])('[F28] an application with RabbitMQ, %s', (_, address) => {
  const polls = new Polls(new Namespace('polls-rabbitmq'));
  const tasks = new Tasks(polls);

  beforeAll(async () => {
    await startRabbitMq(polls.namespace);
    await startProbePod(polls.namespace, 'stranger');
  });
  afterAll(() => polls.namespace.clear());

  test('does the tasks that it sends, through its network policy', async () => {
    const worker = { name: 'default', concurrency: 1, resources: SMALL };
    await apply(
      polls.manifests({
        resources: SMALL,
        celery: { rabbitMq: { ...address, peers: [{ podLabels: RABBITMQ_LABELS }] } },
        extend: (app) => app.addCeleryWorker(worker),
      }),
    );
    await polls.converged();
    await polls.createSamplePolls();
    print(`${await versions(polls)}, RabbitMQ ${await rabbitMqCtl(polls.namespace, 'version')}`);

    tasks.send(20);
    await tasks.sent();
    await eventually('all tasks are done', async () => expect(await tasks.done()).toBe(20));
    const queues = await rabbitMqCtl(polls.namespace, 'list_queues', '--vhost', VIRTUAL_HOST);
    expect(queues).toMatch(/^celery\s+0$/m);
  });

  test('lets its worker reach the server, and no other pod', async () => {
    const [{ metadata }] = await polls.namespace.list('pods', 'app.kubernetes.io/component=worker-default');
    const { status } = await polls.namespace.get('pod', 'stranger');
    expect(await connection(polls.namespace, metadata.name, RABBITMQ_POD, 5672)).toBe('open');
    expect(await connection(polls.namespace, metadata.name, status.podIP, PROBE_PORT)).toBe('closed');
  });
});
