import { Chart } from 'cdk8s';
import { Distribution, ValkeyBackend } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { eventually } from './support/eventually';
import { apply } from './support/kubectl';
import { REDIS_IMAGE } from './support/manifests';
import { Namespace } from './support/namespaces';

/** What means something to a shell, to a configuration or to a URL, and the line that many files end with. */
const PASSWORD = 'a "b\' \\ $HOME `id` #@:/% ü\n';
const POD = 'polls-queue-0';

const namespace = new Namespace('polls-valkey');

beforeAll(async () => {
  await namespace.create();
  const manifests = manifestsFor(Distribution.upstream(), (app) => {
    const chart = new Chart(app, 'polls', { namespace: namespace.name });
    const password = { secretName: 'queue', key: 'password' };
    new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', image: REDIS_IMAGE, password });
  });
  const metadata = { name: 'queue', namespace: namespace.name };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: PASSWORD } };
  await apply([secret, ...manifests]);
  await eventually(
    'the server is ready',
    async () => {
      const { status } = await namespace.get('statefulset', 'polls-queue');
      expect(status.readyReplicas).toBe(1);
    },
    { namespace: namespace.name },
  );
});
afterAll(() => namespace.remove());

const ping = (password: string) =>
  namespace
    .exec(POD, 'env', `REDISCLI_AUTH=${password}`, 'redis-cli', 'ping')
    .then((answer) => answer.trim());

test('a server takes a password of any characters, and no other', async () => {
  expect(await ping(PASSWORD)).toBe('PONG');
  expect(await ping(PASSWORD.trim())).toContain('Authentication required');
});

test('a server is the first process of its container, and ends when it is told to', async () => {
  expect(await namespace.exec(POD, 'cat', '/proc/1/comm')).toBe('redis-server\n');
  await namespace.delete('pod', POD, '--timeout=20s');
});
