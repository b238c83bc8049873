import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Chart } from 'cdk8s';
import { PostgresBackend } from 'cdk8s-django';
import { output } from './support/command';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply } from './support/kubectl';
import { POSTGRES_IMAGE } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls, vote } from './support/polls';
import { fetchFrom } from './support/probe-pod';

const polls = new Polls(new Namespace('polls-database'));

beforeAll(async () => {
  await polls.deploy({ replicas: 2 });
  await polls.createSamplePolls();
});
afterAll(() => polls.namespace.remove());

test('a vote outlives the pod of the database, and no replica is restarted for its sake', async () => {
  const visitor = await polls.visitor();
  await vote(visitor);
  const votes = await polls.storedVotes();
  const instances = await instancesAndRestarts(polls);
  const { metadata } = await polls.namespace.get('pod', DATABASE_POD);

  await polls.namespace.kubectl('delete', 'pod', DATABASE_POD);

  await polls.converged();
  expect((await polls.namespace.get('pod', DATABASE_POD)).metadata.uid).not.toBe(metadata.uid);
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  expect(await polls.storedVotes()).toBe(votes);
  await vote(visitor);
  expect(await polls.storedVotes()).toBe(votes + 1);
  expect(await instancesAndRestarts(polls)).toEqual(instances);
});

test('without a database the replicas are taken out of service but kept alive, and come back with it', async () => {
  const instances = await instancesAndRestarts(polls);
  const [{ metadata }] = await polls.webPods();
  const probe = (path: string) =>
    fetchFrom(polls.namespace, metadata.name, '127.0.0.1', 8000, path, {
      Host: polls.host,
      'X-Forwarded-Proto': 'https',
    });

  await polls.namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=0');
  await eventually(
    'no replica is ready',
    async () => expect((await polls.namespace.get('deployment', 'polls')).status.readyReplicas ?? 0).toBe(0),
    { namespace: polls.namespace.name },
  );
  expect(await probe('/readyz')).toMatchObject({ status: 503 });
  expect(await probe('/livez')).toMatchObject({ status: 200 });

  await polls.namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=1');
  await polls.converged();
  const visitor = await polls.visitor();
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  expect(await instancesAndRestarts(polls)).toEqual(instances);
});

// By default to another server of the same version.
const NEXT_IMAGE = process.env.NEXT_POSTGRES_IMAGE ?? POSTGRES_IMAGE;
test('another server takes all data over by the commands of the guide, and is then the database', async () => {
  const NEXT = 'polls-db-17';
  const votes = await polls.storedVotes();
  await apply(
    polls.manifests({
      replicas: 2,
      extend: (app) =>
        new PostgresBackend(Chart.of(app), 'Next', {
          name: NEXT,
          storage: '1Gi',
          image: NEXT_IMAGE,
          pythonImage: IMAGE,
        }),
    }),
  );
  await polls.converged();

  const guide = readFileSync(resolve(__dirname, '../../docs/guide/7-lifecycle.md'), 'utf8');
  const [, commands] = /```sh\n(set -o pipefail\n[\s\S]*?)```/.exec(guide)!;
  const copied = await output('bash', [
    '-c',
    commands.replaceAll(' -n polls ', ` -n ${polls.namespace.name} `),
  ]);
  expect(copied).toContain(`COPY ${await polls.sql('SELECT count(*) FROM polls_choice')}`);
  expect(await polls.webPods()).toEqual([]);

  await apply(polls.manifests({ replicas: 2, server: NEXT, serverImage: NEXT_IMAGE }));
  await polls.converged();
  await polls.namespace.kubectl('scale', 'statefulset/polls-db', '--replicas=0');
  const visitor = await polls.visitor();
  await eventually('the site answers again', async () => expect((await visitor.get('/')).status).toBe(200));
  expect((await vote(visitor)).body).toContain(`${votes + 1} votes`);
});

/** The names of the replicas, and how often their containers were restarted. */
async function instancesAndRestarts(app: Polls): Promise<Record<string, number>> {
  const pods = await app.webPods();
  return Object.fromEntries(
    pods.map(({ metadata, status }) => [metadata.name, status.containerStatuses[0].restartCount]),
  );
}
