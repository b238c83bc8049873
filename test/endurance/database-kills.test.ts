import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { Namespace } from '../cluster/support/namespaces';
import { DATABASE_POD, Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { Recovery, recoveryFrom } from '../cluster/support/recovery';

/*
 * Fifty times the database ends badly while ten votes are cast a second. The suite on the cluster does each of these
 * once: what is lost seldom shows only in many rounds.
 */

const ROUNDS = 50;
const SERVER = 'polls-db';

const polls = new Polls(new Namespace('polls-endurance'));
const recoveries: Recovery[] = [];

/** The server is otherwise process 1 of its container, which nothing inside can kill. */
function withSharedProcesses(manifest: any): any {
  if (manifest.kind === 'StatefulSet') manifest.spec.template.spec.shareProcessNamespace = true;
  return manifest;
}

const manifests = () => polls.manifests({ replicas: 2 }).map(withSharedProcesses);

/** Runs a line of shell beside the server. */
const inServer = (script: string) => polls.namespace.exec(DATABASE_POD, 'sh', '-c', script);

async function restarts(): Promise<number> {
  const { status } = await polls.namespace.get('pod', DATABASE_POD);
  return status.containerStatuses[0].restartCount;
}

const FAILURES: Record<string, () => Promise<void>> = {
  'server killed by SIGKILL': async () => {
    const before = await restarts();
    await inServer('kill -KILL "$(head -n 1 "$PGDATA/postmaster.pid")"');
    await eventually('the server is started again', async () => expect(await restarts()).toBe(before + 1));
  },
  'a connection killed by SIGKILL, for which the server recovers': async () => {
    const connection = await polls.sql(
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1",
    );
    await inServer(`kill -KILL ${connection}`);
  },
  'pod deleted at once': async () => {
    const { metadata } = await polls.namespace.get('pod', DATABASE_POD);
    await polls.namespace.delete('pod', DATABASE_POD, '--grace-period=0', '--force');
    await eventually('another pod is there', async () => {
      const [pod] = await polls.namespace.list('pods', 'app.kubernetes.io/component=database');
      expect(pod.metadata.uid).not.toBe(metadata.uid);
    });
  },
  'StatefulSet deleted and applied again, with its claim': async () => {
    await polls.namespace.delete('statefulset', SERVER);
    await apply(manifests().filter(({ kind }) => kind === 'StatefulSet'));
  },
};

beforeAll(async () => {
  await polls.namespace.clear();
  await apply(manifests());
  await polls.converged();
  await polls.answers();
});
afterAll(async () => {
  const sum = (key: 'confirmed' | 'failed') => recoveries.reduce((total, one) => total + one[key], 0);
  const longest = Math.max(...recoveries.map(({ seconds }) => seconds));
  print(
    `${recoveries.length} rounds: ${sum('confirmed')} votes confirmed and stored, ${sum('failed')} failed, ` +
      `served again after at most ${longest.toFixed(1)} s`,
  );
  await polls.namespace.remove();
});

test.each(
  Array.from({ length: ROUNDS }, (_, round) => [round + 1, Object.keys(FAILURES)[round % 4]] as const),
)('round %d: no confirmed vote is lost, %s', async (round, failure) => {
  recoveries.push(await recoveryFrom(polls, `round ${round}, ${failure}`, FAILURES[failure]));
});
