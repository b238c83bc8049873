import { eventually } from './support/eventually';
import { kubectl } from './support/kubectl';
import { ROUTER } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls } from './support/polls';
import { connection, fetchFrom, PROBE_PORT, startProbePod } from './support/probe-pod';

const ELSEWHERE = new Namespace('polls-network-elsewhere');
const polls = new Polls(new Namespace('polls-network'));

let web: { name: string; address: string };
let database: string;
let elsewhere: string;

/** A pod of another application that the program lets in. */
const CALLER = { app: 'caller' };
/** Where no visitor of the tests comes from. */
const OFFICE = '192.0.2.0/24';

/** The addresses of the router's pods, each as a range. */
async function routerAddresses(): Promise<string[]> {
  const labels = Object.entries(ROUTER).map(([label, value]) => `${label}=${value}`);
  const namespaces = JSON.parse(
    await kubectl('get', 'namespaces', `--selector=${labels.join(',')}`, '--output=json'),
  ).items;
  const pods = await Promise.all(
    namespaces.map(async ({ metadata }: any) =>
      JSON.parse(await kubectl('get', 'pods', '--namespace', metadata.name, '--output=json')),
    ),
  );
  return pods.flatMap(({ items }) => items.map(({ status }: any) => `${status.podIP}/32`));
}

beforeAll(async () => {
  await polls.deploy({
    settingsOverlay: {
      visitorAddress: true,
      routerAddresses: await routerAddresses(),
      restrictedPaths: { '/admin': [OFFICE] },
    },
    environment: { CDK8S_DJANGO_SSL_REDIRECT: 'true' },
    people: {
      ingress: [{ peers: [{ namespaceLabels: ROUTER }, { podLabels: CALLER }], ports: [{ port: 8000 }] }],
    },
  });
  // Before there is a pod that looks like it.
  const [pod] = await polls.webPods();
  web = { name: pod.metadata.name, address: pod.status.podIP };
  await ELSEWHERE.create();
  // In the application's namespace, but nothing that a policy names.
  await startProbePod(polls.namespace, 'stranger');
  // With the labels of a replica, which is all that a policy can tell one by.
  await startProbePod(polls.namespace, 'lookalike', {
    'app.kubernetes.io/name': 'polls',
    'app.kubernetes.io/instance': 'polls',
    'app.kubernetes.io/component': 'web',
  });
  await startProbePod(polls.namespace, 'caller', CALLER);
  elsewhere = await startProbePod(ELSEWHERE, 'server');
  database = (await polls.namespace.get('pod', DATABASE_POD)).status.podIP;
});
afterAll(() => Promise.all([polls.namespace.remove(), ELSEWHERE.remove()]));

/** From a pod of the application's namespace. */
const from = (pod: string, host: string, port: number) => connection(polls.namespace, pod, host, port);

describe('the database', () => {
  test('lets a replica in', async () => {
    expect(await from(web.name, 'polls-db', 5432)).toBe('open');
  });

  test('lets in whatever has the labels of a replica', async () => {
    // A policy reaches a new pod within moments.
    await eventually('the lookalike is let in', async () =>
      expect(await from('lookalike', database, 5432)).toBe('open'),
    );
  });

  test('refuses a stranger of the same namespace', async () => {
    expect(await from('stranger', database, 5432)).toBe('closed');
    expect(await from('stranger', 'polls-db', 5432)).toBe('closed');
  });

  test('refuses a pod of another namespace', async () => {
    expect(await connection(ELSEWHERE, 'server', database, 5432)).toBe('closed');
  });

  test('connects to nothing itself', async () => {
    const connect = (host: string, port: number) =>
      polls.namespace
        .exec(DATABASE_POD, 'timeout', '3', 'bash', '-c', `exec 3<>/dev/tcp/${host}/${port}`)
        .then(() => 'open')
        .catch(() => 'closed');
    expect(await connect('127.0.0.1', 5432)).toBe('open');
    expect(await connect(web.address, 8000)).toBe('closed');
    expect(await connect(elsewhere, PROBE_PORT)).toBe('closed');
  });
});

describe('the replicas', () => {
  test('let the router in', async () => {
    const visitor = await polls.visitor();
    await eventually('the site answers', async () => expect((await visitor.get('/')).status).toBe(200));
  });

  test('refuse a stranger of the same namespace', async () => {
    expect(await from('stranger', web.address, 8000)).toBe('closed');
    expect(await from('stranger', 'polls', 8000)).toBe('closed');
  });

  test('refuse a pod of another namespace', async () => {
    expect(await connection(ELSEWHERE, 'server', web.address, 8000)).toBe('closed');
  });

  test('believe the router, and not another application that is let in', async () => {
    const visitor = await polls.visitor();
    // The application redirects what is not HTTPS: without the header of the router this would never end.
    expect((await visitor.get('/')).status).toBe(200);
    expect((await visitor.get('/admin/')).status).toBe(403);

    const claims = { 'X-Forwarded-For': OFFICE.replace('0/24', '7'), 'X-Forwarded-Proto': 'https' };
    const spoofed = (path: string) =>
      fetchFrom(polls.namespace, 'caller', web.address, 8000, path, { Host: polls.host, ...claims });
    expect((await spoofed('/')).status).toBe(301);
    expect((await spoofed('/admin/login/')).status).toBe(403);
  });

  test('do not reach what is elsewhere, which a stranger does', async () => {
    expect(await from('stranger', elsewhere, PROBE_PORT)).toBe('open');
    expect(await from(web.name, elsewhere, PROBE_PORT)).toBe('closed');
  });
});
