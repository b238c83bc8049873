import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls } from './support/polls';
import { print } from './support/print';
import { whileVoting } from './support/votes';

const polls = new Polls(new Namespace('polls-recovery'));

beforeAll(async () => {
  await polls.deploy({ replicas: 2 });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

/** Does something bad while votes are cast, and returns the seconds to recover: every confirmed vote is stored. */
async function recoveryFrom(title: string, failure: () => Promise<void>): Promise<number> {
  const before = await polls.storedVotes();
  const votes = await whileVoting(await polls.visitor(), async () => {
    await failure();
    await polls.converged();
  });
  const { acknowledged, failures, secondsToRecover } = votes;
  print(
    `${title}: ${acknowledged} votes confirmed, ${failures.length} failed, ` +
      `served again after ${secondsToRecover.toFixed(1)} s`,
  );
  expect(acknowledged).toBeGreaterThan(0);
  // A vote may be stored whose confirmation was lost, never the other way round.
  const stored = (await polls.storedVotes()) - before;
  expect(stored).toBeGreaterThanOrEqual(acknowledged);
  expect(stored).toBeLessThanOrEqual(acknowledged + failures.length);
  expect(secondsToRecover).toBeLessThan(30);
  return secondsToRecover;
}

/** Kills the processes of a pod's server by SIGKILL: its workers, since no pod can kill its own first process. */
const KILL_WORKERS = `
import os, signal
for pid in filter(str.isdigit, os.listdir("/proc")):
    with open(f"/proc/{pid}/stat") as stat:
        parent = stat.read().rpartition(")")[2].split()[1]
    if parent == "1" and int(pid) != os.getpid():
        os.kill(int(pid), signal.SIGKILL)
        print(pid)
`;

describe('service comes back by itself, and no vote that was confirmed is lost, when', () => {
  test('the processes of an instance are killed', async () => {
    const [{ metadata }] = await polls.webPods();
    await recoveryFrom('processes killed by SIGKILL', async () => {
      const killed = await polls.namespace.exec(metadata.name, 'python', '-c', KILL_WORKERS);
      expect(killed.trim().split('\n').length).toBeGreaterThan(0);
    });
    // gunicorn itself, the container's first process, has started others.
    const after = await polls.namespace.get('pod', metadata.name);
    expect(after.status.containerStatuses[0].restartCount).toBe(0);
  });

  test('an instance is deleted without time to end', async () => {
    const [{ metadata }] = await polls.webPods();
    await recoveryFrom('pod deleted at once', () =>
      polls.namespace.delete('pod', metadata.name, '--grace-period=0', '--force'),
    );
    expect((await polls.webPods()).map((pod) => pod.metadata.name)).not.toContain(metadata.name);
  });

  test('an instance is deleted, which nobody notices', async () => {
    const [{ metadata }] = await polls.webPods();
    const seconds = await recoveryFrom('pod deleted', async () => {
      await polls.namespace.delete('pod', metadata.name);
    });
    expect(seconds).toBe(0);
  });

  test('the pod of the database is deleted', async () => {
    const { metadata } = await polls.namespace.get('pod', DATABASE_POD);
    await recoveryFrom('database pod deleted', async () => {
      await polls.namespace.delete('pod', DATABASE_POD);
    });
    expect((await polls.namespace.get('pod', DATABASE_POD)).metadata.uid).not.toBe(metadata.uid);
  });
});
