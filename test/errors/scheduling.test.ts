import { Chart, Duration } from 'cdk8s';
import { CeleryWorkerProps, Distribution, Scheduling, ValkeyBackend } from 'cdk8s-django';
import { django, postgres } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const LABEL_REMEDY = 'Use letters, digits, "-", "_" and ".", beginning and ending with a letter or digit.';

function app(what: string, scheduling: Scheduling, message: string): BadInput {
  const define: BadInput['define'] = (chart) => django(chart, { scheduling });
  return { what, define, message: `polls/Polls: scheduling.${message}` };
}

describe('the nodes of an application', () => {
  eachGivesItsMessage([
    app(
      'another architecture',
      { architecture: 'riscv64' as any },
      'architecture "riscv64" is not an architecture that can be asked for. Use "amd64" or "arm64".',
    ),
    app('no zones', { zones: [] }, 'zones [] is empty. Name zones, or leave it out to mean all.'),
    app(
      'a zone with a space',
      { zones: ['zone-a', 'zone b'] },
      `zones "zone b" is not a value that a label can have. ${LABEL_REMEDY}`,
    ),
    app(
      'a priority class in upper case',
      { priorityClassName: 'Web' },
      'priorityClassName "Web" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    {
      ...app('a pool with a slash', { nodePool: 'a/b' }, ''),
      distribution: Distribution.eks(),
      message: `polls/Polls: scheduling.nodePool "a/b" is not a value that a label can have. ${LABEL_REMEDY}`,
    },
    app(
      'spot nodes that nobody knows',
      { spot: true },
      'spot true asks for nodes by a label that the distribution does not know. ' +
        'Leave it out, or give the distribution scheduling: new NodeLabelScheduling({ spotLabels: { … } }).',
    ),
    app(
      'a pool that nobody knows',
      { nodePool: 'web' },
      'nodePool "web" asks for nodes by a label that the distribution does not know. ' +
        'Leave it out, or give the distribution scheduling: new NodeLabelScheduling({ nodePoolLabel: "…" }).',
    ),
  ]);
});

describe('the nodes of a database', () => {
  eachGivesItsMessage([
    {
      what: 'spot nodes',
      define: (chart) => postgres(chart, { scheduling: { spot: true } as Scheduling }),
      distribution: Distribution.eks(),
      message:
        'polls/Database: scheduling.spot true would end the server whenever the platform takes the node away. ' +
        'Leave it out: it is for the replicas and workers of an application.',
    },
    {
      what: 'another architecture',
      define: (chart) => postgres(chart, { scheduling: { architecture: 'x86' as any } }),
      message:
        'polls/Database: scheduling.architecture "x86" is not an architecture that can be asked for. ' +
        'Use "amd64" or "arm64".',
    },
  ]);
});

describe('the nodes of a Valkey server', () => {
  eachGivesItsMessage([
    {
      what: 'spot nodes',
      define: (chart) =>
        new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', scheduling: { spot: true } as Scheduling }),
      distribution: Distribution.eks(),
      message:
        'polls/Queue: scheduling.spot true would end the server whenever the platform takes the node away. ' +
        'Leave it out: it is for the replicas and workers of an application.',
    },
    {
      what: 'a pool that nobody knows',
      define: (chart) =>
        new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', scheduling: { nodePool: 'data' } }),
      message:
        'polls/Queue: scheduling.nodePool "data" asks for nodes by a label that the distribution does not know. ' +
        'Leave it out, or give the distribution scheduling: new NodeLabelScheduling({ nodePoolLabel: "…" }).',
    },
  ]);
});

const worker = (chart: Chart, changes: Partial<CeleryWorkerProps>) =>
  django(chart, { celery: { broker: { url: 'redis://queue:6379/0' } } }).addCeleryWorker({
    name: 'default',
    ...changes,
  });

describe('the nodes of workers', () => {
  eachGivesItsMessage([
    {
      what: 'no zones',
      define: (chart) => worker(chart, { scheduling: { zones: [] } }),
      message: 'polls/Polls: scheduling.zones [] is empty. Name zones, or leave it out to mean all.',
    },
  ]);
});

describe('a shutdown that takes longer than a spot node has', () => {
  eachGivesItsMessage([
    {
      what: 'by the tasks of a worker',
      define: (chart) => worker(chart, { scheduling: { spot: true } }),
      distribution: Distribution.eks(),
      message:
        'polls/Polls: scheduling.spot true leaves a pod 120 s, and its shutdown takes 300 s task + 10 s to end it + ' +
        '10 s worker = 320 s. Let tasks take at most 100 s, by taskTimeLimit, or tell the distribution of a longer ' +
        'notice, by spotNotice of its scheduling.',
    },
    {
      what: 'by a worker without tasks',
      define: (chart) => worker(chart, { scheduling: { spot: true }, taskTimeLimit: Duration.seconds(5) }),
      distribution: Distribution.gke(),
      message:
        'polls/Polls: scheduling.spot true leaves a pod 15 s, and its shutdown takes 5 s task + 10 s to end it + ' +
        '10 s worker = 25 s. Tell the distribution of a longer notice, by spotNotice of its scheduling.',
    },
    {
      what: 'by its requests',
      define: (chart) => django(chart, { scheduling: { spot: true } }),
      distribution: Distribution.aks(),
      message: atSynth(
        '[polls/Polls] scheduling.spot true leaves a pod 30 s, and its shutdown takes 40 s: 5 s until the router ' +
          "sends it nothing more, 30 s for its requests, and the server's end. Let requests take at most 20 s, by requestTimeout " +
          'and by timeout of its routes, or tell the distribution of a longer notice, by spotNotice of its scheduling.',
      ),
    },
    {
      what: 'by the router alone',
      define: (chart) => django(chart, { scheduling: { spot: true }, requestTimeout: Duration.seconds(1) }),
      distribution: Distribution.gke(),
      message: atSynth(
        '[polls/Polls] scheduling.spot true leaves a pod 15 s, and its shutdown takes 21 s: 15 s until the router ' +
          "sends it nothing more, 1 s for its requests, and the server's end. Tell the distribution of a longer notice, by " +
          'spotNotice of its scheduling.',
      ),
    },
  ]);
});

describe('the time of a request', () => {
  eachGivesItsMessage([
    {
      what: 'part of a second',
      define: (chart) => django(chart, { requestTimeout: Duration.millis(1500) }),
      message:
        'polls/Polls: requestTimeout 1.5 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    },
  ]);
});
