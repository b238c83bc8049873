import { ApiObject, Chart } from 'cdk8s';
import { ErrorTracker } from '../outside/error-tracker';
import { PgBouncer } from '../outside/pgbouncer';
import { provideImage } from './applications/images';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { Namespace } from './support/namespaces';
import { Polls, vote, WEB_PODS } from './support/polls';
import { fetchFrom } from './support/probe-pod';

/** A relay that answers and ends when it is told to: what it would send on is not what this is about. */
const RELAY = ['sh', '-c', 'trap "exit 0" TERM; python -m http.server --directory=/tmp 3000 & wait'];

const polls = new Polls(new Namespace('polls-outside'));

beforeAll(async () => {
  const image = await provideImage({ name: 'docker.io/example/pgbouncer:1.24', folder: 'pgbouncer' });
  await polls.deploy({
    replicas: 2,
    before: (database) =>
      new PgBouncer(Chart.of(database), 'Pooler', { name: 'polls-pooler', database, image, poolSize: 4 }),
    extend: (app) => {
      const chart = Chart.of(app);
      new ApiObject(chart, 'Dsn', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'sentry' },
        stringData: { dsn: 'https://key@errors.example.com/1' },
      });
      new ErrorTracker(chart, 'Errors', {
        app,
        dsn: { secretName: 'sentry', key: 'dsn' },
        serverCidr: '203.0.113.0/24',
        relayImage: IMAGE,
        relayCommand: RELAY,
      });
    },
  });
  await polls.createSamplePolls();
});
afterAll(() => polls.namespace.remove());

/** The addresses from which the application's role is connected to the server, its own pod aside. */
async function connectedFrom(): Promise<string[]> {
  const addresses = await polls.sql(
    "SELECT DISTINCT host(client_addr) FROM pg_stat_activity WHERE usename = 'django' AND client_addr IS NOT NULL",
  );
  return addresses.split('\n').filter(Boolean);
}

const addressesOf = (pods: any[]): string[] => pods.map(({ status }) => status.podIP);

describe('a pooler that was written outside the library', () => {
  test('passes votes on, and replicas have no connection past it', async () => {
    const visitor = await polls.visitor();
    const before = await polls.storedVotes();
    for (let votes = 0; votes < 5; votes++) await vote(visitor);
    expect(await polls.storedVotes()).toBe(before + 5);
    const poolers = addressesOf(
      await polls.namespace.list('pods', 'app.kubernetes.io/instance=polls-pooler'),
    );
    expect(poolers).toHaveLength(1);
    expect(await connectedFrom()).toEqual(poolers);
  });

  test('takes replicas out of service while it is away, and back when it returns', async () => {
    const namespace = polls.namespace;
    await namespace.kubectl('scale', 'deployment/polls-pooler', '--replicas=0');
    await eventually('no replica is ready', async () =>
      expect((await namespace.get('deployment', 'polls')).status.readyReplicas ?? 0).toBe(0),
    );
    await namespace.kubectl('scale', 'deployment/polls-pooler', '--replicas=1');
    await polls.converged();
    const visitor = await polls.visitor();
    const before = await polls.storedVotes();
    await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
    await vote(visitor);
    expect(await polls.storedVotes()).toBe(before + 1);
  });
});

describe('an error tracker that was written outside the library', () => {
  test('has its relay and its variables in every replica', async () => {
    const pods = await polls.namespace.list('pods', WEB_PODS);
    expect(pods).toHaveLength(2);
    for (const { metadata } of pods) {
      const answer = await fetchFrom(polls.namespace, metadata.name, '127.0.0.1', 3000, '/', {});
      expect(answer.status).toBe(200);
      const script = 'import os; print(os.environ["SENTRY_DSN"], os.environ["SENTRY_RELAY"])';
      expect(await polls.namespace.exec(metadata.name, 'python', '-c', script)).toBe(
        'https://key@errors.example.com/1 http://127.0.0.1:3000\n',
      );
    }
  });

  test('does not keep the Job that migrates from ending', async () => {
    const [pod] = await polls.namespace.list('pods', 'app.kubernetes.io/component=migration');
    expect(pod.status.phase).toBe('Succeeded');
    const [relay] = pod.status.initContainerStatuses;
    expect([relay.name, relay.state.terminated.exitCode]).toEqual(['error-relay', 0]);
  });
});
