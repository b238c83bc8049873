import { eventually } from './support/eventually';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls } from './support/polls';
import { recoveryFrom } from './support/recovery';

const polls = new Polls(new Namespace('polls-recovery'));

beforeAll(async () => {
  await polls.deploy({
    replicas: 2,
    // The server is otherwise process 1 of its container, which nothing inside can kill.
    extend: (app) =>
      app.deployment.override({ spec: { template: { spec: { shareProcessNamespace: true } } } }),
  });
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

/** Kills processes of the server by SIGKILL: the first one, or those that it has started. */
const kill = (which: 'server' | 'workers') => `
import os, signal
parents = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    with open(f"/proc/{pid}/stat") as stat:
        parents[int(pid)] = int(stat.read().rpartition(")")[2].split()[1])
server = next(pid for pid in parents if list(parents.values()).count(pid) and pid != 1)
for pid in [server] if ${which === 'server' ? 'True' : 'False'} else [pid for pid in parents if parents[pid] == server]:
    os.kill(pid, signal.SIGKILL)
    print(pid)
`;

/** How often a replica's server was started again. */
async function restarts(pod: string): Promise<number> {
  const { status } = await polls.namespace.get('pod', pod);
  return status.containerStatuses[0].restartCount;
}

describe('service comes back by itself, and no vote that was confirmed is lost, when', () => {
  test('the workers of a replica are killed', async () => {
    const [{ metadata }] = await polls.webPods();
    await recoveryFrom(polls, 'workers killed by SIGKILL', async () => {
      const killed = await polls.namespace.exec(metadata.name, 'python', '-c', kill('workers'));
      expect(killed.trim().split('\n')).toHaveLength(2);
    });
    // The server itself has started others.
    expect(await restarts(metadata.name)).toBe(0);
  });

  test('the server of a replica is killed', async () => {
    const [{ metadata }] = await polls.webPods();
    await recoveryFrom(polls, 'server killed by SIGKILL', async () => {
      const killed = await polls.namespace.exec(metadata.name, 'python', '-c', kill('server'));
      expect(killed.trim().split('\n')).toHaveLength(1);
      await eventually('the container is started again', async () =>
        expect(await restarts(metadata.name)).toBe(1),
      );
    });
  });

  test('a replica is deleted without time to end', async () => {
    const [{ metadata }] = await polls.webPods();
    await recoveryFrom(polls, 'pod deleted at once', () =>
      polls.namespace.delete('pod', metadata.name, '--grace-period=0', '--force'),
    );
    expect((await polls.webPods()).map((pod) => pod.metadata.name)).not.toContain(metadata.name);
  });

  test('a replica is deleted, which nobody notices', async () => {
    const [{ metadata }] = await polls.webPods();
    const { seconds } = await recoveryFrom(polls, 'pod deleted', async () => {
      await polls.namespace.delete('pod', metadata.name);
    });
    expect(seconds).toBe(0);
  });

  test('the pod of the database is deleted', async () => {
    const { metadata } = await polls.namespace.get('pod', DATABASE_POD);
    await recoveryFrom(polls, 'database pod deleted', async () => {
      await polls.namespace.delete('pod', DATABASE_POD);
    });
    expect((await polls.namespace.get('pod', DATABASE_POD)).metadata.uid).not.toBe(metadata.uid);
  });
});
