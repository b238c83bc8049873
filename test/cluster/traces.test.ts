import { Duration } from 'cdk8s';
import { provideImage } from './applications/images';
import { Span, TraceReceiver } from './support/collector';
import { eventually } from './support/eventually';
import { apply } from './support/kubectl';
import { Variant } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';
import { print } from './support/print';

const PROCESSES = 2;
const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };
const TASK = 'polls.tasks.count_vote';

const namespace = new Namespace('polls-traces');
const polls = new Polls(namespace);
const receiver = new TraceReceiver(namespace);
let image: string;

beforeAll(async () => {
  image = await provideImage({ name: 'docker.io/example/polls-traced:1', folder: 'traced' });
  await namespace.create();
  await receiver.start(image);
});
afterAll(() => namespace.remove());

/** Deploys the application, or deploys it anew. */
async function deploy(variant: Variant): Promise<void> {
  const manifests = polls.manifests({
    image,
    processes: PROCESSES,
    telemetry: TraceReceiver.TELEMETRY,
    visibilityTimeout: Duration.minutes(10),
    resources: { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '600Mi' },
    extend: (app) => {
      // So long a worker is waited for at the end, whose broker goes with it.
      const taskTimeLimit = Duration.seconds(15);
      app.addCeleryWorker({ name: 'default', concurrency: 1, taskTimeLimit, resources: SMALL });
    },
    ...variant,
  });
  await apply(manifests);
  await polls.converged();
}

/** What answered a request through the route. */
interface Answered {
  readonly process: number;
  readonly trace: string;
}

async function ask(): Promise<Answered> {
  const { status, body } = await (await polls.visitor()).get('/send/');
  expect(status).toBe(200);
  return JSON.parse(body);
}

/** Asks until each of the processes has answered. Returns an answer of each. */
async function askAll(isWanted: (process: number) => boolean): Promise<Map<number, Answered>> {
  const answered = new Map<number, Answered>();
  await eventually(`${PROCESSES} processes answer`, async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, ask));
    for (const one of answers.filter(({ process }) => isWanted(process))) answered.set(one.process, one);
    expect(answered.size).toBe(PROCESSES);
  });
  return answered;
}

/** The spans of a trace, as soon as its task has run. */
function spansOf({ trace }: Answered): Promise<Span[]> {
  return eventually(
    `the whole of trace ${trace} has arrived`,
    async () => {
      const spans = (await receiver.spans()).filter((span) => span.trace === trace);
      const root = spans.filter(({ parent }) => !parent);
      expect(root.map(({ name }) => name)).toEqual(['GET send/']);
      expect(spans.map(({ name }) => name)).toContain(`run/${TASK}`);
      return spans;
    },
    { namespace: namespace.name },
  );
}

/** What every trace of the page is: the request, its query, the task that it sends, and the queries of that. */
async function isWhole(answered: Answered): Promise<void> {
  const spans = await spansOf(answered);
  const [web] = await polls.webPods();
  const workers = await namespace.list('pods', 'app.kubernetes.io/component=worker-default');
  const find = (name: string) => spans.find((span) => span.name === name)!;
  const [request, sent, run] = ['GET send/', `apply_async/${TASK}`, `run/${TASK}`].map(find);
  expect([request.kind, sent.kind, run.kind]).toEqual(['server', 'producer', 'consumer']);
  expect([sent.parent, run.parent]).toEqual([request.id, sent.id]);
  // Others may be there, by which Django begins a connection.
  const query = (of: Span) =>
    spans.find(({ parent, attributes }) => {
      const statement = attributes['db.statement'] ?? '';
      return parent === of.id && statement.startsWith('SELECT') && statement.includes('"polls_choice"');
    });
  expect([query(request)?.kind, query(run)?.kind]).toEqual(['client', 'client']);
  // Each span comes from the pod that made it, and names its release.
  expect(request.resource).toMatchObject({
    'service.name': 'polls',
    'service.version': '1',
    'k8s.namespace.name': namespace.name,
    'k8s.pod.name': web.metadata.name,
  });
  expect(query(request)!.resource['k8s.pod.name']).toBe(web.metadata.name);
  expect(workers.map(({ metadata }) => metadata.name)).toContain(run.resource['k8s.pod.name']);
}

describe.each<[string, Variant]>([
  ['gunicorn', {}],
  ['uvicorn', { asgiModule: 'mysite.asgi' }],
])('[issue 15] under %s with two processes', (server, variant) => {
  let before: Map<number, Answered>;
  beforeAll(async () => {
    await deploy(variant);
    await polls.createSamplePolls();
    await polls.answers();
  });

  test('a request, its queries and its task are one trace where they arrive, whichever process answers', async () => {
    before = await askAll(() => true);
    for (const answered of before.values()) await isWhole(answered);
    print(`${server}: processes ${[...before.keys()].join(' and ')} send whole traces`);
  });

  test('also that of a process in the place of a killed one', async () => {
    const [killed, other] = before.keys();
    const kill = `import os, signal; os.kill(${killed}, signal.SIGKILL)`;
    await namespace.exec('deployment/polls', 'python', '-c', kill);
    const after = await askAll((process) => process !== killed);
    const [fresh] = [...after.values()].filter(({ process }) => process !== other);
    await isWhole(fresh);
    const [{ status }] = await polls.webPods();
    expect(status.containerStatuses[0]).toMatchObject({ restartCount: 0, ready: true });
  });
});
