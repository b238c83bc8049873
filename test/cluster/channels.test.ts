import { Namespace } from './support/namespaces';
import { openBallot, Polls } from './support/polls';
import { print } from './support/print';

const VISITORS = 8;

const polls = new Polls(new Namespace('polls-channels'));

beforeAll(async () => {
  await polls.deploy({ asgiModule: 'mysite.asgi', processes: 1, replicas: 2, tellsOthers: true });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

test('a vote that one replica takes is told to the visitors of all, by way of Redis', async () => {
  const voter = await polls.visitor();
  const { path, token, choices } = await openBallot(voter);
  const live = await Promise.all(
    Array.from({ length: VISITORS }, async () =>
      (await polls.visitor()).webSocket(path.replace('vote/', 'results/live/')),
    ),
  );
  const [{ total_votes: total }] = await Promise.all(live.map((socket) => socket.next()));

  expect((await voter.post(path, { csrfmiddlewaretoken: token, choice: choices[0] })).status).toBe(302);

  for (const socket of live) expect(await socket.next()).toMatchObject({ total_votes: total + 1 });
  // With a router that spreads connections, all of them with one replica would show nothing.
  const served = await Promise.all(
    (await polls.webPods()).map(({ metadata }) => connectionsOf(metadata.name)),
  );
  print(`WebSockets of the instances: ${served.join(' and ')}`);
  expect(Math.min(...served)).toBeGreaterThan(0);
  for (const socket of live) await socket.close();
});

/** How many WebSockets a replica has accepted, by its log. */
async function connectionsOf(pod: string): Promise<number> {
  const log = await polls.namespace.kubectl('logs', pod, '--container=web');
  return log.split('\n').filter((line) => line.includes('WebSocket') && line.includes('[accepted]')).length;
}
