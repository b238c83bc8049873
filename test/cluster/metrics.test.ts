import { grafanaPanels } from '../support/dashboards';
import { Browser } from './support/browser';
import { eventually } from './support/eventually';
import { Namespace } from './support/namespaces';
import { Polls, WEB_PODS } from './support/polls';
import { print } from './support/print';
import { startProbePod, connection } from './support/probe-pod';
import { Prometheus } from './support/prometheus';

const PODS = 3;
const PROCESSES = 3;

const ELSEWHERE = new Namespace('polls-metrics-elsewhere');
const namespace = new Namespace('polls-metrics');
const polls = new Polls(namespace);
let prometheus: Prometheus;
let visitor: Browser;
let sent = 0;

beforeAll(async () => {
  await polls.deploy({
    replicas: PODS,
    processes: PROCESSES,
    metrics: {},
    dashboard: true,
    resources: { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '600Mi' },
  });
  visitor = await polls.visitor();
  prometheus = await Prometheus.start(namespace, await namespace.list('podmonitors.monitoring.coreos.com'));
  await eventually('every process is seen', async () =>
    expect(await prometheus.value('sum(django_processes)')).toBe(PODS * PROCESSES),
  );
});
afterAll(async () => {
  prometheus?.stop();
  await Promise.all([namespace.remove(), ELSEWHERE.remove()]);
});

/** Sends requests, ten at a time, each of which must be answered as it says. */
async function send(path: string, status: number, count: number): Promise<void> {
  let left = count;
  const answers: number[] = [];
  const one = async () => {
    while (left > 0) {
      left -= 1;
      answers.push((await visitor.get(path)).status);
    }
  };
  await Promise.all(Array.from({ length: 10 }, one));
  expect(answers.filter((answer) => answer !== status)).toEqual([]);
  sent += answers.length;
}

/** What was counted in all pods that ever were: the most of each, because a counter of a pod only grows. */
const everCounted = (selector = '') =>
  prometheus.value(`sum(max_over_time(django_http_responses_total${selector}[1h]))`);

async function untilCounted(): Promise<void> {
  await eventually(`${sent} requests are counted`, async () => expect(await everCounted()).toBe(sent));
}

const pythons = (pod: string, script: string) =>
  namespace.exec(pod, 'python', '-c', `import os, signal\n${script}`);

/** The processes that serve: children of the first process. */
const WORKERS = `
def parent(pid):
    return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
workers = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if pid != os.getpid() and parent(pid) == 1]
`;

test('count each request to any process of any pod, over killed processes, a restarted container and a rollout', async () => {
  await polls.answers();
  // The router may have been asked before it knew the host; what reached the pods is the beginning.
  await eventually('the first requests are counted', async () => {
    sent = (await everCounted()) ?? 0;
    expect(sent).toBeGreaterThan(0);
  });
  await send('/', 200, 300);
  await send('/nothing/', 404, 50);
  await untilCounted();
  expect(await everCounted('{status="4xx"}')).toBe(50);

  for (const { metadata } of await polls.webPods()) {
    await pythons(metadata.name, `${WORKERS}\nos.kill(workers[0], signal.SIGKILL)`);
  }
  await eventually('every process is there again', async () =>
    expect(await prometheus.value('sum(django_processes)')).toBe(PODS * PROCESSES),
  );
  await send('/', 200, 200);
  await untilCounted();

  const [{ metadata }] = await polls.webPods();
  await pythons(metadata.name, 'os.kill(1, signal.SIGTERM)');
  await eventually('the container was started again', async () => {
    const { status } = await namespace.get('pod', metadata.name);
    expect(status.containerStatuses[0]).toMatchObject({ restartCount: 1, ready: true });
  });
  await polls.converged();
  await send('/', 200, 200);
  await untilCounted();
  // Nothing has been lost in this time, although processes and a container have ended.
  expect(await prometheus.value('max(resets(django_http_responses_total[1h]))')).toBe(0);

  await namespace.kubectl('rollout', 'restart', 'deployment/polls');
  const rolled = namespace.kubectl('rollout', 'status', 'deployment/polls', '--timeout=120s');
  await send('/', 200, 400);
  await rolled;
  await send('/', 200, 100);
  await untilCounted();
  expect(await prometheus.value('max(resets(django_http_responses_total[1h]))')).toBe(0);
  expect(await prometheus.value('sum(max_over_time(django_http_requests_lost_total[1h]))')).toBe(0);
  const pods = (await prometheus.series('count by (pod) (max_over_time(django_processes[1h]))')).length;
  expect(pods).toBe(2 * PODS);
  print(
    `${sent} requests to ${PODS} pods with ${PROCESSES} processes each and ${PODS} of a rollout: all counted`,
  );
}, 300_000);

test('[issue 15] fill each panel of the dashboard', async () => {
  const { data } = await namespace.get('configmap', 'polls-dashboard');
  const panels = Object.values(grafanaPanels(Object.values<string>(data)[0])).flat();
  expect(panels.length).toBeGreaterThan(15);
  const empty: string[] = [];
  for (const { title, queries } of panels) {
    for (const query of queries) {
      if (!(await prometheus.series(query)).length) empty.push(`${title}: ${query}`);
    }
  }
  expect(empty).toEqual([]);
});

test('are shown to the monitoring alone', async () => {
  await ELSEWHERE.create();
  await startProbePod(ELSEWHERE, 'stranger');
  await startProbePod(namespace, 'neighbour');
  const [{ status }] = await namespace.list('pods', WEB_PODS);
  expect(await connection(ELSEWHERE, 'stranger', status.podIP, 8098)).toBe('closed');
  expect(await connection(namespace, 'neighbour', status.podIP, 8098)).toBe('closed');
});
