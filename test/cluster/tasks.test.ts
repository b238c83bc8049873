import { Duration } from 'cdk8s';
import { Background } from './applications/background';
import { eventually } from './support/eventually';
import { tryKubectl } from './support/kubectl';
import { print } from './support/print';

const TASKS = 1000;
/** Those that are sent when a worker is about to be taken away: a slow rollout may outlast the others. */
const LAST_TASKS = 200;
const WORKERS = 2;
const LABEL = 'app.kubernetes.io/component=tasks-default';
const DEPLOYMENT = 'deployment/jobs-tasks-default';
const ROWS = 'django_tasks_database_dbtaskresult';

/** Kills the first process of a worker, by which the others end too. */
const KILL = `
import os, signal
for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
    with open(f"/proc/{pid}/cmdline") as line, open(f"/proc/{pid}/stat") as stat:
        parent = int(stat.read().rpartition(")")[2].split()[1])
        # Its own command line has the name too.
        if "cdk8s_django.task_worker" in line.read() and parent in (0, 1) and pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
`;

let background: Background;

beforeAll(async () => {
  background = await Background.deploy('polls-tasks', (app) => {
    const { deployment } = app.addTaskWorker({
      name: 'default',
      concurrency: 2,
      taskTimeLimit: Duration.seconds(40),
      maxAttempts: 5,
      resources: { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '500Mi' },
    });
    // A main process is otherwise process 1, which nothing inside can kill.
    deployment.override({ spec: { template: { spec: { shareProcessNamespace: true } } } });
  });
});
afterAll(() => background?.namespace.remove());

/** Sends the tasks of these numbers. */
function send(from: number, to: number): Promise<string> {
  return background.send(
    `for number in range(${from}, ${to}):\n    send("django-tasks-db", f"{number:04}", 0.15)`,
  );
}

async function statuses(): Promise<Record<string, number>> {
  const rows = await background.sql(`SELECT status, count(*) FROM ${ROWS} GROUP BY status`);
  const pairs = rows
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split('|'));
  return Object.fromEntries(pairs.map(([status, count]) => [status, Number(count)]));
}

async function pods(): Promise<any[]> {
  const found = await background.namespace.list('pods', LABEL);
  return found.filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** Kills the processes of a worker. The container that ends by it may end the program that kills, too. */
async function kill(pod: string): Promise<void> {
  const { namespace } = background;
  await tryKubectl('exec', pod, `--namespace=${namespace.name}`, '--quiet', '--', 'python', '-c', KILL);
  await eventually(
    `the container of ${pod} was started again`,
    async () => {
      const { status } = await namespace.get('pod', pod);
      const [{ restartCount, lastState }] = status.containerStatuses;
      expect([restartCount, lastState.terminated.exitCode]).toEqual([1, 137]);
    },
    { namespace: namespace.name },
  );
}

async function untilReady(count: number): Promise<void> {
  await eventually(
    `${count} workers are ready`,
    async () => {
      const { status } = await background.namespace.get('deployment', 'jobs-tasks-default');
      expect(status.readyReplicas).toBe(count);
    },
    { namespace: background.namespace.name, seconds: 90 },
  );
}

/** Until so many more tasks are done. */
async function progress(more: number): Promise<void> {
  const before = (await statuses()).SUCCESSFUL ?? 0;
  await eventually(
    `${more} more tasks are done`,
    async () => expect((await statuses()).SUCCESSFUL ?? 0).toBeGreaterThanOrEqual(before + more),
    { namespace: background.namespace.name, seconds: 60 },
  );
}

test(`${TASKS} tasks are each done while workers are killed, deleted, rolled and scaled, and none is left as running`, async () => {
  const { namespace } = background;
  const started = Date.now();
  const note = async (what: string) =>
    print(`${((Date.now() - started) / 1000).toFixed(1)} s: ${what}, ${JSON.stringify(await statuses())}`);
  const sent = send(0, TASKS - LAST_TASKS);

  await progress(50);
  const [first, second] = await pods();
  await kill(first.metadata.name);
  await note('the processes of a worker were killed');
  await progress(50);
  await namespace.kubectl('delete', 'pod', second.metadata.name, '--force', '--grace-period=0');
  await note('a pod was deleted without a time to end');
  await sent;
  await untilReady(WORKERS);

  await progress(50);
  await namespace.kubectl('rollout', 'restart', DEPLOYMENT);
  await namespace.kubectl('rollout', 'status', DEPLOYMENT, '--timeout=120s');
  await note('all were rolled');
  await send(TASKS - LAST_TASKS, TASKS);
  await progress(20);
  await namespace.kubectl('scale', DEPLOYMENT, '--replicas=1');
  await note('one was taken away');

  await eventually(
    'every task was done, and none is left as running',
    async () => expect(await statuses()).toEqual({ SUCCESSFUL: TASKS }),
    { namespace: namespace.name, seconds: 150 },
  );
  await note('every task was done');
  expect(await background.sql(`SELECT count(DISTINCT task) FROM jobs_step WHERE name = 'done'`)).toBe(
    `${TASKS}`,
  );
  const again = await background.sql(`SELECT count(*) FROM ${ROWS} WHERE jsonb_array_length(worker_ids) > 1`);
  print(`${again} tasks were begun again after their worker was killed`);
  expect(Number(again)).toBeGreaterThan(0);
});

test('no task went on in one pod after it had begun in another', async () => {
  const both = `
    SELECT count(*) FROM jobs_step later JOIN jobs_step earlier USING (task)
    WHERE later.name = 'done' AND earlier.name = 'begun' AND later.host <> earlier.host
    AND later.id > earlier.id
    AND NOT EXISTS (SELECT 1 FROM jobs_step own WHERE own.task = later.task AND own.host = later.host
      AND own.name = 'begun' AND own.id > earlier.id)`;
  expect(await background.sql(both)).toBe('0');
});
