import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Duration } from 'cdk8s';
import { EgressTarget } from 'cdk8s-django/network';
import { manifestsFor } from 'cdk8s-django/testing';
import { CollectorChart } from '../../examples/opentelemetry-collector/collector-chart';
import { provideImage } from '../cluster/applications/images';
import { Browser } from '../cluster/support/browser';
import { Collector } from '../cluster/support/collector';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { upstream } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { connection, startProbePod } from '../cluster/support/probe-pod';
import { arrivedLines, Line, Measurement, measurements, newest, writtenLines } from './otlp';

/** What `up opentelemetry` makes. */
const IMAGE = 'docker.io/example/otelcol-scraping:0.165.0';
const RELEASE = '2026.11';
const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };

const namespace = new Namespace('polls-opentelemetry');
const elsewhere = new Namespace('polls-opentelemetry-collector');
const polls = new Polls(namespace);
/** What takes all from the collector: in the place of a vendor. */
const vendor = new Collector(elsewhere);
const pods = CollectorChart.pods(elsewhere.name);
const distribution = upstream({ metricsSources: [pods] });
let visitor: Browser;

/** The example's own chart, in this namespace and with this image. */
function collector(): any[] {
  return manifestsFor(distribution, (app) => {
    new CollectorChart(app, 'telemetry', {
      apps: [{ namespace: namespace.name, name: 'polls' }],
      endpoint: 'http://collector:4318',
      image: IMAGE,
      namespace: elsewhere.name,
    });
  });
}

beforeAll(async () => {
  const image = await provideImage({ name: 'docker.io/example/polls-traced:1', folder: 'traced' });
  await Promise.all([namespace.create(), elsewhere.create()]);
  await vendor.start(IMAGE);
  await apply(collector());
  await apply(
    polls.manifests({
      distribution,
      image,
      release: RELEASE,
      processes: 2,
      metrics: false,
      telemetry: {
        endpoint: CollectorChart.endpoint(elsewhere.name),
        target: EgressTarget.pods(pods, [{ port: CollectorChart.PORT }]),
      },
      visibilityTimeout: Duration.minutes(10),
      resources: { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '600Mi' },
      extend: (app) => {
        app.addMetrics();
        app.addCeleryWorker({
          ...{ name: 'default', concurrency: 1, taskTimeLimit: Duration.seconds(15), resources: SMALL },
        });
        app.addCeleryBeat({ resources: SMALL });
      },
    }),
  );
  await polls.converged();
  await polls.createSamplePolls();
  await polls.answers();
  visitor = await polls.visitor();
}, 900_000);
afterAll(() => Promise.all([namespace.remove(), elsewhere.remove()]));

/** Sends requests one after the other, and gives the bodies of the answers. */
async function send(path: string, status: number, count: number): Promise<string[]> {
  const bodies: string[] = [];
  for (let left = count; left; left -= 1) {
    const answer = await visitor.get(path);
    expect(answer.status).toBe(status);
    bodies.push(answer.body);
  }
  return bodies;
}

/** The texts that are there more than once. */
function twice(all: string[]): string[] {
  const seen = new Set<string>();
  return all.filter((text) => seen.size === seen.add(text).size);
}

const arrived = async () => measurements(await vendor.batches());

/** The sum of the newest numbers of each pod and series. */
function sum(found: Measurement[], name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels);
  return newest(found)
    .filter((one) => one.name === name && wanted.every(([key, value]) => one.labels[key] === value))
    .reduce((total, { value }) => total + value, 0);
}

/** What the pods have counted, as they say it themselves. */
async function counted(name: string, label: string): Promise<number> {
  const [{ metadata }] = await polls.webPods();
  const script =
    'import urllib.request as u; print(u.urlopen("http://localhost:8098/metrics").read().decode())';
  const page = await namespace.exec(metadata.name, 'python', '-c', script);
  const lines = page.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

describe('metrics', () => {
  test('are each there once, with the numbers of the requests that were sent', async () => {
    const before = await counted('django_http_responses_total', 'status="2xx"');
    await send('/', 200, 120);
    await send('/nothing/', 404, 30);
    await send('/send/', 200, 12);
    const found = await eventually(
      'the requests have arrived',
      async () => {
        const all = await arrived();
        expect(sum(all, 'django_http_responses_total', { status: '2xx' })).toBe(before + 132);
        expect(sum(all, 'django_tasks_finished_total', { state: 'success' })).toBe(12);
        return all;
      },
      { namespace: elsewhere.name, seconds: 120 },
    );
    expect(sum(found, 'django_http_responses_total', { status: '4xx' })).toBe(30);
    expect(sum(found, 'django_http_requests_total', { status: '4xx' })).toBe(30);
    expect(sum(found, 'django_http_request_duration_seconds', { view: 'none' })).toBe(30);
    expect(sum(found, 'django_task_runs_total', { task: 'polls.tasks.count_vote' })).toBe(12);
    // No point is there twice, and each pod is one source.
    const points = found.map(({ source, name, labels, time }) =>
      JSON.stringify([source, name, labels, time]),
    );
    expect(twice(points)).toEqual([]);
    const own = await namespace.list('pods', 'app.kubernetes.io/name=polls');
    const scraped = own.filter(({ spec }) =>
      spec.containers.some(({ ports = [] }: any) => ports.some(({ name }: any) => name === 'metrics')),
    );
    const sources = new Set(found.map(({ source }) => JSON.stringify(source)));
    const names = [...sources].map((source) => JSON.parse(source)['k8s.pod.name']);
    expect(names.sort()).toEqual(scraped.map(({ metadata }) => metadata.name).sort());
    print(`${found.length} points of ${sources.size} pods`);
  });

  test('have the names of docs/metrics.md, types and a source', async () => {
    const [counts] = readFileSync(resolve(__dirname, '../../docs/metrics.md'), 'utf8').split(
      '## The dashboard',
    );
    const documented = [...counts.matchAll(/^\| `(django_\w+)` +\| (\w+)/gm)].map(([, name, type]) => [
      name,
      type,
    ]);
    expect(documented.length).toBeGreaterThan(25);
    const found = await eventually(
      'beat and the queues are known',
      async () => {
        const all = await arrived();
        const types = new Map(all.map(({ name, type }) => [name, type]));
        // The example has no WebSocket under WSGI.
        const missing = documented.filter(
          ([name, type]) => types.get(name) !== type && !/websocket/.test(name),
        );
        expect(missing).toEqual([]);
        return all;
      },
      { namespace: elsewhere.name, seconds: 120 },
    );
    const [one] = found.filter(({ name }) => name === 'django_build_info');
    expect(one.labels).toMatchObject({ release: RELEASE });
    expect(one.source).toMatchObject({ 'service.name': 'polls', 'k8s.namespace.name': namespace.name });
    // The text that pods show has neither units nor times of a beginning, so no point has them.
    const own = found.filter(({ name }) => name.startsWith('django_'));
    expect([...new Set(own.map(({ unit, start }) => unit + start))]).toEqual(['']);
  });

  test('are shown to the collector alone', async () => {
    await startProbePod(elsewhere, 'stranger');
    const [{ status }] = await polls.webPods();
    expect(await connection(elsewhere, 'stranger', status.podIP, 8098)).toBe('closed');
  });
});

/** Writes lines as the application does, of each level, and one that the node splits. */
const LINES = `
import sys
sys.stdout = open("/proc/1/fd/1", "w")
import django, logging
django.setup()
logger = logging.getLogger("polls")
for level in (10, 20, 30, 40, 50):
    logger.log(level, "one of each level %d", level)
logger.info("long " + "x" * 40_000)
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("with a traceback")
sys.stdout.flush()
`;

/** All lines of the containers that there are, and those that have arrived of them, sorted. */
async function lines(): Promise<{ written: Line[]; found: Line[] }> {
  const written = await writtenLines(namespace);
  const known = new Set(written.map(({ pod }) => pod));
  const found = arrivedLines(await vendor.batches()).filter(({ pod }) => known.has(pod));
  return { written, found };
}

const texts = (all: Line[]) => all.map((line) => JSON.stringify(line)).sort();

describe('logs', () => {
  async function untilAllArrived(): Promise<Line[]> {
    return eventually(
      'each line has arrived once',
      async () => {
        const { written, found } = await lines();
        expect(texts(found)).toEqual(texts(written));
        return found;
      },
      { namespace: elsewhere.name, seconds: 90 },
    );
  }

  test('are each there once, with time, severity, trace and release as fields', async () => {
    await namespace.exec('deployment/polls', 'python', '-c', LINES);
    const found = await untilAllArrived();
    const levels = found.filter(({ body }) => body.startsWith('one of each level'));
    const severities = levels.map(({ severity, number }) => [severity, number]);
    expect(severities.sort()).toEqual(
      [
        ['INFO', 9],
        ['WARNING', 13],
        ['ERROR', 17],
        ['CRITICAL', 21],
      ].sort(),
    );
    expect(found.filter(({ body }) => body.length > 40_000)).toHaveLength(1);
    expect(found.filter(({ trace }) => trace).length).toBeGreaterThan(100);
    const own = found.filter(({ release }) => release);
    expect(new Set(own.map(({ release, service }) => `${service} ${release}`))).toEqual(
      new Set([`polls ${RELEASE}`]),
    );
    print(`${found.length} lines, ${own.length} of the application`);
  });

  test('also over a restart of the collector', async () => {
    const [{ metadata }] = await elsewhere.list('pods', 'app.kubernetes.io/name=otel-collector');
    await elsewhere.delete('pod', metadata.name, '--wait=false');
    await send('/nothing/', 404, 40);
    await elsewhere.kubectl('rollout', 'status', 'daemonset/otel-collector', '--timeout=60s');
    await send('/nothing/', 404, 10);
    await untilAllArrived();
  });
});

test('a request, its line and its trace are found by one id', async () => {
  const [body] = await send('/send/', 200, 1);
  const { trace } = JSON.parse(body);
  await eventually(
    'the trace and its lines have arrived',
    async () => {
      const spans = (await vendor.spans()).filter((span) => span.trace === trace);
      const [request] = spans.filter(({ name }) => name === 'GET send/');
      const { found } = await lines();
      const access = found.filter((line) => line.trace === trace && line.body === 'GET /send/ 200');
      expect(access.map(({ span, pod }) => [span, pod])).toEqual([
        [request.id, request.resource['k8s.pod.name']],
      ]);
      expect(twice(spans.map(({ id }) => id))).toEqual([]);
    },
    { namespace: elsewhere.name },
  );
});
