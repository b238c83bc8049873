import { Duration } from 'cdk8s';
import { ProcessPlacement, ProcessProps, StopSignal } from 'cdk8s-django';
import { Background } from './applications/background';
import { eventually } from './support/eventually';

const SMALL = { cpuRequest: '20m', memoryRequest: '64Mi', memoryLimit: '400Mi' };
const manage = (...command: string[]) => ['python', 'manage.py', ...command];

/** The table of the documentation: each package, and the process that runs its tasks. */
const KINDS: Record<string, Omit<ProcessProps, 'name'>> = {
  rq: { command: manage('rqworker', 'default'), placement: ProcessPlacement.WEB_PODS },
  'django-q2': { command: manage('qcluster') },
  dramatiq: { command: manage('rundramatiq', '--processes', '1', '--threads', '1') },
  huey: { command: manage('run_huey'), stopSignal: StopSignal.SIGINT },
  procrastinate: { command: manage('procrastinate', 'worker') },
  'django-tasks-db': { command: manage('db_worker') },
};
/** Longer than a process has by default, and than it would take to be killed and started anew. */
const LONG_SECONDS = 20;

const kinds = Object.keys(KINDS);
let background: Background;

beforeAll(async () => {
  background = await Background.deploy('polls-processes', (app) => {
    for (const [kind, props] of Object.entries(KINDS)) {
      const own = props.placement === ProcessPlacement.WEB_PODS ? {} : { replicas: 1 };
      const stopTimeout = Duration.seconds(60);
      app.addProcess({ name: kind, stopTimeout, resources: SMALL, ...own, ...props });
    }
  });
});
afterAll(() => background?.namespace.remove());

/** Sends a task to each process, and waits until each has come as far. */
async function send(name: string, seconds: number, until: 'begun' | 'done'): Promise<void> {
  await background.send(kinds.map((kind) => `send("${kind}", "${kind} ${name}", ${seconds})`).join('\n'));
  await reached(name, until);
}

async function reached(name: string, until: string): Promise<void> {
  await eventually(
    `task ${name} of each process is ${until}`,
    async () => {
      const steps = await background.steps();
      const tasks = steps.filter((step) => step.name === until).map(({ task }) => task);
      expect(tasks).toEqual(expect.arrayContaining(kinds.map((kind) => `${kind} ${name}`)));
    },
    { namespace: background.namespace.name, seconds: 90 },
  );
}

function podOf(kind: string): RegExp {
  return KINDS[kind].placement === ProcessPlacement.WEB_PODS
    ? /^jobs-[0-9a-f]+-\w+$/
    : new RegExp(`^jobs-process-${kind}-[0-9a-f]+-\\w+$`);
}

test('[F28] [F42] a task of each of six packages is done by a process of the image', async () => {
  await send('short', 0, 'done');
  const steps = await background.steps();
  for (const kind of kinds) {
    const own = steps.filter(({ task }) => task === `${kind} short`);
    expect(own.map(({ name }) => name)).toEqual(['begun', 'done']);
    own.forEach(({ host }) => expect(host).toMatch(podOf(kind)));
  }
});

test('[F28] [F42] a process that is told to stop finishes its task first', async () => {
  await send('long', LONG_SECONDS, 'begun');
  await background.namespace.kubectl(
    ...['delete', 'pods', '--wait=false', '--selector=app.kubernetes.io/name=jobs'],
  );
  await reached('long', 'done');
  const steps = await background.steps();
  for (const kind of kinds) {
    const own = steps.filter(({ task }) => task === `${kind} long`);
    expect([kind, ...own.map(({ name }) => name)]).toEqual([kind, 'begun', 'done']);
    expect(own[0].host).toBe(own[1].host);
  }
  await background.converged();
});
