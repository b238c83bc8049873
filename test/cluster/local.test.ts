import { local } from './support/local';
import { ROUTER } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls, vote } from './support/polls';
import { routed } from './support/routed';

/*
 * What docs/local.md says: one replica behind an Ingress that names no certificate.
 */

const polls = new Polls(new Namespace('polls-local'), 'polls.localhost');
const test = routed('ingress');

beforeAll(async () => {
  await polls.deploy({
    distribution: local('traefik', ROUTER),
    route: () => ({ hosts: [polls.host] }),
  });
  await polls.createSamplePolls();
});
afterAll(() => polls.namespace.remove());

test('one replica answers at polls.localhost, by a certificate that nobody made', async () => {
  await polls.answers();
  expect(await polls.webPods()).toHaveLength(1);
  expect(await polls.namespace.list('certificates.cert-manager.io')).toEqual([]);
  const [ingress] = await polls.namespace.list('ingresses.networking.k8s.io');
  expect(ingress.spec.tls).toEqual([{ hosts: [polls.host] }]);
});

test('a vote by its page is stored', async () => {
  const before = await polls.storedVotes();
  expect((await vote(await polls.visitor())).status).toBe(200);
  expect(await polls.storedVotes()).toBe(before + 1);
});
