import { Duration } from 'cdk8s';
import { DjangoApp } from 'cdk8s-django';
import { eventually } from './support/eventually';
import { duringLoad, figures, Load } from './support/load';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';
import { print } from './support/print';

const polls = new Polls(new Namespace('polls-autoscaling'));

const SCALING = { minReplicas: 2, maxReplicas: 8, scaleDownStabilization: Duration.seconds(0) };

/** Down in one step: a quarter each minute, as it is by default, would take the test five minutes. */
function hurry(app: DjangoApp): void {
  const policies = [{ type: 'Percent', value: 100, periodSeconds: 15 }];
  app.autoscaler!.override({ spec: { behavior: { scaleDown: { policies } } } });
}

beforeAll(async () => {
  await polls.deploy({
    replicas: undefined,
    scaling: SCALING,
    // So little is set aside that the load of a test is much.
    resources: { cpuRequest: '50m', memoryRequest: '128Mi', memoryLimit: '512Mi' },
    workers: 1,
    extend: hurry,
  });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

/** Until so many instances are ready, and no other is left. */
async function instances(condition: (count: number) => boolean, what: string): Promise<void> {
  await eventually(
    what,
    async () => {
      const { status } = await polls.namespace.get('deployment', 'polls');
      expect({ ready: status.readyReplicas ?? 0, enough: condition(status.readyReplicas ?? 0) }).toEqual({
        ready: status.replicas,
        enough: true,
      });
    },
    { namespace: polls.namespace.name, seconds: 240 },
  );
}

/** Puts a load on the site until there are so many instances, and shows how long that took. */
async function loadUntil(title: string, rate: number, condition: (count: number) => boolean): Promise<Load> {
  const start = Date.now();
  let seconds = 0;
  const load = await duringLoad(await polls.visitor(), { rate }, async () => {
    await instances(condition, title);
    seconds = (Date.now() - start) / 1000;
  });
  print(figures(`${title} after ${seconds.toFixed(0)} s`, load));
  return load;
}

test('the number of instances follows the load, up and down again, and no visitor notices', async () => {
  expect((await polls.webPods()).length).toBe(2);

  const up = await loadUntil('at least 6 instances', 60, (count) => count >= 6);
  const down = await loadUntil('2 instances again', 3, (count) => count === 2);

  expect([...up.failures, ...down.failures]).toEqual([]);
});
