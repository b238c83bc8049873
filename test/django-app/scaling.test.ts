import { Duration } from 'cdk8s';
import { CeleryWorkerScaling, Scaling } from 'cdk8s-django';
import { HorizontalPodAutoscalers, KedaAutoscaling } from 'cdk8s-django/autoscaling';
import * as fc from 'fast-check';
import { workerTargets } from '../../src/django-app/scaling';
import { BadInput, eachGivesItsMessage } from '../errors/support';
import { chartOn, django, find, synth } from '../support/synth';
import { requestFor } from '../capabilities/autoscaling/support';

const BOUNDS = { minReplicas: 2, maxReplicas: 10 };
const SCHEDULE = { start: '0 8 * * 1-5', end: '0 18 * * 1-5', timeZone: 'Europe/Vienna', replicas: 5 };

/** An application with bad scaling; the message without its path and the name of the prop. */
function scaling(what: string, changes: { [prop in keyof Scaling]?: any }, message: string): BadInput {
  const define: BadInput['define'] = (chart) => django(chart, { scaling: { ...BOUNDS, ...changes } });
  return { what, define, message: `polls/Polls: scaling.${message}` };
}

const schedule = (what: string, changes: object, message: string) =>
  scaling(what, { schedules: [{ ...SCHEDULE, ...changes }] }, `schedules.${message}`);

const between = (first: number, last: number) =>
  `is not a whole number from ${first} to ${last}. Give a whole number from ${first} to ${last}.`;
const FIELDS =
  'does not have the five fields of cron. Give minute, hour, day, month and weekday, such as "30 3 * * *".';

describe('scaling', () => {
  eachGivesItsMessage([
    scaling(
      'no replica',
      { minReplicas: 0 },
      'minReplicas 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    scaling(
      'no use of memory',
      { targetMemoryUtilization: 0 },
      `targetMemoryUtilization 0 ${between(1, 1000)}`,
    ),
    scaling(
      'half a request',
      { targetRequestsPerSecond: 0.5 },
      'targetRequestsPerSecond 0.5 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    scaling(
      'more than an hour',
      { scaleDownStabilization: Duration.minutes(61) },
      'scaleDownStabilization 3660 is not a whole number of seconds from 0 to 3600. ' +
        'Give a whole number of seconds from 0 to 3600.',
    ),
    schedule('no start', { start: 'at noon' }, `start "at noon" ${FIELDS}`),
    schedule('no end', { end: '@daily' }, `end "@daily" ${FIELDS}`),
    schedule(
      'no time zone',
      { timeZone: 'Vienna time' },
      'timeZone "Vienna time" is not a time zone. Give its name, such as "Europe/Vienna".',
    ),
    schedule('fewer than at least', { replicas: 1 }, `replicas 1 ${between(2, 10)}`),
    schedule('more than at most', { replicas: 11 }, `replicas 11 ${between(2, 10)}`),
    schedule(
      'the end at the start',
      { end: SCHEDULE.start },
      `end "${SCHEDULE.start}" is also when it begins. Give another time.`,
    ),
  ]);

  it('keeps the autoscaler within its numbers, whatever they are', () => {
    const numbers = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }));
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 3600 }), ([minReplicas, more], seconds) => {
        const maxReplicas = minReplicas + more;
        const scaleDownStabilization = Duration.seconds(seconds);
        const made = synth((chart) =>
          django(chart, { scaling: { minReplicas, maxReplicas, scaleDownStabilization } }),
        );
        const { spec } = find(made, 'HorizontalPodAutoscaler', 'polls');
        expect([spec.minReplicas, spec.maxReplicas]).toEqual([minReplicas, maxReplicas]);
        expect(spec.behavior.scaleDown.stabilizationWindowSeconds).toBe(seconds);
        expect(find(made, 'Deployment', 'polls').spec).not.toHaveProperty('replicas');
      }),
      { numRuns: 20 },
    );
  });
});

describe('scaling of workers', () => {
  const QUEUE = { url: 'redis://valkey.polls.svc:6379/0', list: 'celery' };
  const UNACKNOWLEDGED = { ...QUEUE, list: 'unacked' };

  /** What a distribution makes of the scaling of workers that empty one queue. */
  function workers(scaling: CeleryWorkerScaling, autoscaling = new KedaAutoscaling()): any {
    const chart = chartOn();
    const request = requestFor(django(chart), workerTargets(chart, scaling, [QUEUE], UNACKNOWLEDGED));
    return autoscaling.autoscale(chart, request)[0].toJson();
  }

  it('follows the CPU where no queue is looked at', () => {
    const chart = chartOn();
    const request = requestFor(django(chart), workerTargets(chart, BOUNDS, [QUEUE]));
    const [hpa] = new HorizontalPodAutoscalers().autoscale(chart, request);
    expect(hpa.toJson().spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [{ containerResource: { name: 'cpu', target: { averageUtilization: 75 } } }],
    });
  });

  /** A trigger for what is in the broker by a name. */
  const trigger = (listName: string, listLength: string) => ({
    type: 'redis',
    metadata: expect.objectContaining({ listName, listLength, address: 'valkey.polls.svc:6379' }),
  });

  it('follows the queue alone where one is', () => {
    const { spec } = workers({ minReplicas: 1, maxReplicas: 4, targetQueueLength: 20 });
    expect(spec.minReplicaCount).toBe(1);
    expect(spec.triggers).toEqual([trigger('celery', '20')]);
  });

  it('goes down to no worker, but not while a task is unacknowledged, for which it never asks for a second one', () => {
    const { spec } = workers({ minReplicas: 0, maxReplicas: 4, targetQueueLength: 20 });
    expect(spec.minReplicaCount).toBe(0);
    expect(spec.triggers).toEqual([trigger('celery', '20'), trigger('unacked', '1000000')]);
  });

  it('follows all that is said', () => {
    const all: Required<CeleryWorkerScaling> = {
      ...BOUNDS,
      targetQueueLength: 20,
      targetCpuUtilization: 60,
      targetMemoryUtilization: 90,
      schedules: [SCHEDULE],
      scaleDownStabilization: Duration.minutes(2),
    };
    expect(workers(all).spec.triggers.map(({ type }: any) => type)).toEqual([
      'cpu',
      'memory',
      'redis',
      'cron',
    ]);
  });

  it.each<[string, CeleryWorkerScaling, string]>([
    [
      'no worker without a queue that starts one',
      { minReplicas: 0, maxReplicas: 4 },
      'scaling.minReplicas 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ],
    [
      'no task',
      { ...BOUNDS, targetQueueLength: 0 },
      'scaling.targetQueueLength 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ],
    [
      'no use of the CPU',
      { ...BOUNDS, targetQueueLength: 5, targetCpuUtilization: 0 },
      `scaling.targetCpuUtilization 0 ${between(1, 1000)}`,
    ],
  ])('is refused: %s', (_what, bad, message) => {
    expect(() => workers(bad)).toThrow(`polls: ${message}`);
  });
});
