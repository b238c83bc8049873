import { Duration } from 'cdk8s';
import { DjangoApp } from 'cdk8s-django';
import { eventually } from './support/eventually';
import { duringLoad, figures, Load } from './support/load';
import { IMAGE } from './support/image';
import { tryApply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { Polls, WEB_PODS } from './support/polls';
import { print } from './support/print';
import { limitNamespace, refusedByQuota } from './support/quota';

const polls = new Polls(new Namespace('polls-autoscaling'));

/**
 * Visits a second: many on the way up, and on the way down so few that two replicas carry them on a slow machine too.
 * The autoscaler goes to two while all pods together use at most 120m: 75 % of 80m, twice. At the 4 ms of CPU that a
 * visit was measured to take, 20 a second and the probes of the pods left a third of that on an idle machine, and
 * nothing on a slower one.
 */
const UP = 100;
const DOWN = 8;

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
    // So little is set aside that the one load is much for two replicas, and so much that the other is not.
    resources: { cpuRequest: '80m', memoryRequest: '128Mi', memoryLimit: '512Mi' },
    processes: 1,
    extend: (app) => {
      hurry(app);
      limitNamespace(app);
    },
  });
  await polls.createSamplePolls();
  await polls.answers();
});
afterAll(() => polls.namespace.remove());

/** Until so many replicas are ready, and no other is left: none that starts, and none on its way out. */
async function instances(condition: (count: number) => boolean, what: string): Promise<void> {
  await eventually(
    what,
    async () => {
      const ready = (await polls.namespace.get('deployment', 'polls')).status.readyReplicas ?? 0;
      const pods = (await polls.namespace.list('pods', WEB_PODS)).length;
      expect({ pods, enough: condition(ready) }).toEqual({ pods: ready, enough: true });
    },
    { namespace: polls.namespace.name, seconds: 240 },
  );
}

/** Puts a load on the site until there are so many replicas, and shows how long that took. */
async function loadUntil(title: string, rate: number, condition: (count: number) => boolean): Promise<Load> {
  const start = Date.now();
  let seconds = 0;
  // A little faster: a busy client sends some milliseconds late.
  const load = await duringLoad(await polls.visitor(), { rate: rate * 1.02 }, async () => {
    await instances(condition, title);
    seconds = (Date.now() - start) / 1000;
  });
  print(figures(`${title} after ${seconds.toFixed(0)} s`, load));
  expect(load.rate).toBeGreaterThanOrEqual(rate);
  return load;
}

test('the number of replicas follows the load, up and down again, and no visitor notices', async () => {
  expect((await polls.webPods()).length).toBe(2);

  const up = await loadUntil('at least 6 replicas', UP, (count) => count >= 6);
  const down = await loadUntil('2 replicas again', DOWN, (count) => count === 2);

  expect([...up.failures, ...down.failures]).toEqual([]);
});

/** Applies a pod of somebody else, with what its container says of resources. */
function applyForeign(name: string, resources: object): ReturnType<typeof tryApply> {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const container = { name, image: IMAGE, command: ['sleep', '60'], resources, securityContext };
  const metadata = { name, namespace: polls.namespace.name };
  return tryApply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { containers: [container], terminationGracePeriodSeconds: 0 },
    },
  ]);
}

test('the quota of the namespace leaves room for the maximum, and not for what takes more', async () => {
  const least = (minReplicas: number) =>
    polls.namespace.kubectl('patch', 'hpa', 'polls', '--patch', JSON.stringify({ spec: { minReplicas } }));
  await least(SCALING.maxReplicas);
  await instances((count) => count === SCALING.maxReplicas, 'the maximum');
  expect(await refusedByQuota(polls.namespace)).toEqual([]);

  const large = await applyForeign('large', { requests: { cpu: '100', memory: '1Mi' } });
  expect(large.code).not.toBe(0);
  expect(large.stderr).toContain('exceeded quota: polls-autoscaling-limits, requested: ');
  // One that says nothing has the defaults of the range, and counts with them.
  expect(await applyForeign('small', {})).toMatchObject({ code: 0 });
  const [{ resources }] = (await polls.namespace.get('pod', 'small')).spec.containers;
  expect(resources).toEqual({
    requests: { cpu: expect.any(String), memory: expect.any(String) },
    limits: { memory: expect.any(String) },
  });
  await polls.namespace.delete('pod', 'small', '--now', '--wait=false');
  await least(SCALING.minReplicas);
});
