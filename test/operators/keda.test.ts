import { Duration } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { IAutoscaling } from 'cdk8s-django/platform';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { duringLoad, figures } from '../cluster/support/load';
import { ROUTER } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { Tasks } from '../cluster/support/tasks';
import { needsOperator } from './operator';

const SMALL = { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '400Mi' };

function upstreamWith(autoscaling?: IAutoscaling): IDistribution {
  return Distribution.upstream({
    gatewayClassName: 'contour',
    clusterIssuer: 'letsencrypt',
    routerNamespaceLabels: ROUTER,
    autoscaling,
  });
}

/** How many replicas of a Deployment are ready. */
async function ready({ namespace }: Polls, deployment: string): Promise<number> {
  return (await namespace.get('deployment', deployment)).status.readyReplicas ?? 0;
}

beforeAll(() => needsOperator('KEDA', 'keda', 'keda-operator'));

describe('KEDA scales', () => {
  const polls = new Polls(new Namespace('polls-keda'));
  const tasks = new Tasks(polls);
  const TASKS = 300;

  /** From two hours ago to two hours from now, whatever the hour is. */
  function aroundNow(): { start: string; end: string } {
    const hour = new Date().getUTCHours();
    return { start: `0 ${(hour + 22) % 24} * * *`, end: `0 ${(hour + 3) % 24} * * *` };
  }

  beforeAll(async () => {
    await polls.deploy({
      distribution: upstreamWith(new KedaAutoscaling()),
      replicas: undefined,
      resources: SMALL,
      scaling: {
        minReplicas: 1,
        maxReplicas: 4,
        schedules: [{ ...aroundNow(), timeZone: 'Etc/UTC', replicas: 3 }],
      },
      visibilityTimeout: Duration.minutes(2),
      extend: (app) =>
        app.addCeleryWorker({
          name: 'default',
          concurrency: 1,
          taskTimeLimit: Duration.minutes(1),
          resources: SMALL,
          scaling: {
            minReplicas: 0,
            maxReplicas: 2,
            targetQueueLength: 20,
            scaleDownStabilization: Duration.seconds(15),
          },
        }),
    });
    await polls.createSamplePolls();
  });
  afterAll(() => polls.namespace.remove());

  test('replicas by a schedule', async () => {
    await eventually('three replicas are ready', async () => expect(await ready(polls, 'polls')).toBe(3), {
      namespace: polls.namespace.name,
      seconds: 120,
    });
  });

  test('workers by their queue, from none and back to none', async () => {
    const { namespace } = polls;
    const workers = () => ready(polls, 'polls-worker-default');
    await eventually('no worker runs without a task', async () => expect(await workers()).toBe(0), {
      namespace: namespace.name,
      seconds: 120,
    });

    const sent = Date.now();
    const seconds = () => ((Date.now() - sent) / 1000).toFixed(0);
    // Held up until both run: one alone would be done with them before the other one starts.
    tasks.send(TASKS);
    await tasks.inTheMidst(2, () =>
      eventually('both workers are ready', async () => expect(await workers()).toBe(2)),
    );
    print(`2 workers were at work ${seconds()} s after the first task`);
    await tasks.sent();
    await eventually('every task was done', async () => expect(await tasks.done()).toBe(TASKS), {
      namespace: namespace.name,
      seconds: 120,
    });
    print(`${TASKS} tasks were done after ${seconds()} s`);
    await eventually('no worker runs any more', async () => expect(await workers()).toBe(0), {
      namespace: namespace.name,
      seconds: 240,
    });
    print(`the last worker was gone after ${seconds()} s`);
  });
});

describe('KEDA takes over', () => {
  const polls = new Polls(new Namespace('polls-keda-takeover'));
  const scaling = { minReplicas: 2, maxReplicas: 4 };

  beforeAll(async () => {
    await polls.deploy({ replicas: undefined, scaling });
    await polls.answers();
  });
  afterAll(() => polls.namespace.remove());

  test('an application that had a HorizontalPodAutoscaler, and no visitor notices', async () => {
    const { namespace } = polls;
    const pods = async () => (await polls.webPods()).map(({ metadata }) => metadata.uid).sort();
    const before = await pods();
    const load = await duringLoad(await polls.visitor(), { rate: 20, requests: 600 }, async () => {
      await apply(
        polls.manifests({ distribution: upstreamWith(new KedaAutoscaling()), replicas: undefined, scaling }),
      );
      await eventually(
        'KEDA is ready',
        async () => {
          const { status } = await namespace.get('scaledobject', 'polls');
          const condition = status.conditions.find(({ type }: any) => type === 'Ready');
          expect(condition).toMatchObject({ status: 'True' });
        },
        { namespace: namespace.name },
      );
    });
    print(figures('the change to KEDA', load));

    expect(load.failures).toEqual([]);
    expect(await pods()).toEqual(before);
    const autoscalers = await namespace.list('horizontalpodautoscalers.autoscaling');
    expect(autoscalers.map(({ metadata }) => [metadata.name, metadata.ownerReferences?.[0].kind])).toEqual([
      ['polls', 'ScaledObject'],
    ]);
    expect(autoscalers[0].spec).toMatchObject({ minReplicas: 2, maxReplicas: 4 });
  });
});
