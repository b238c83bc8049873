import { Chart } from 'cdk8s';
import { Distribution, ValkeyBackend, ValkeyBackendProps } from 'cdk8s-django';
import { PlatformValkey } from 'cdk8s-django/valkey';
import { django, IMAGE } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

describe('a ValkeyBackend', () => {
  const valkey = (what: string, changes: Partial<ValkeyBackendProps>, message: string): BadInput => ({
    what,
    define: (chart) =>
      new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', pythonImage: IMAGE, ...changes }),
    message: `polls/Queue: ${message}`,
  });
  eachGivesItsMessage([
    valkey(
      'a switch to a password that was not added',
      { passwords: { accepted: [1], used: 2 } },
      'passwords.used 2 is none of the accepted (1): a step of the rotation was skipped. Apply three changes in turn: ' +
        'add the next to accepted, switch used to it, and remove the old one from accepted.',
    ),
    valkey(
      'the end of the password in use',
      { passwords: { accepted: [2], used: 1 } },
      'passwords.used 1 is none of the accepted (2): a step of the rotation was skipped. Apply three changes in turn: ' +
        'add the next to accepted, switch used to it, and remove the old one from accepted.',
    ),
    valkey(
      'a password that was left out',
      { passwords: { accepted: [1, 3], used: 1 } },
      'passwords.accepted [1,3] are not two numbers that follow one another. Give [1, 2]: each rotation adds the next ' +
        'number and removes the one before it.',
    ),
    valkey(
      'three passwords',
      { passwords: { accepted: [1, 2, 3], used: 1 } },
      'passwords.accepted [1,2,3] is not one password, or two while a rotation lasts. Give one number, such as [1], or ' +
        'two that follow one another, such as [1, 2].',
    ),
    valkey(
      'a password before the first',
      { passwords: { accepted: [0], used: 0 } },
      'passwords.accepted 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    {
      what: 'a rotation on a server that the platform runs',
      define: (chart) =>
        new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', passwords: { accepted: [1], used: 1 } }),
      distribution: Distribution.upstream({
        valkey: new PlatformValkey({ servers: { 'polls-queue': { host: 'cache.example.com' } } }),
      }),
      message:
        'polls/Queue: passwords {"accepted":[1],"used":1} are for a server that the library makes, and the distribution ' +
        'runs this one. Leave them out, and change the password where the service that runs it has it.',
    },
    valkey(
      'a size without a number',
      { storage: 'lots' },
      'storage "lots" is not a quantity of bytes. Give a number with a unit such as "512Mi" or "20Gi".',
    ),
    valkey(
      'a class of no volume',
      { storageClassName: 'fast' },
      'storageClassName "fast" has no meaning without storage. Give storage, or leave it out.',
    ),
    valkey(
      'a class that there cannot be',
      { storage: '1Gi', storageClassName: 'Bad Name' },
      'storageClassName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    valkey(
      'an exporter without a tag',
      { metrics: { image: 'exporter' } },
      'metrics.image "exporter" has no tag, which means "latest". Give an image with a version tag or a digest, ' +
        'such as "registry.example.com/polls:1.4.2".',
    ),
    {
      what: 'an exporter for a server that the platform runs',
      define: (chart) => new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', metrics: {} }),
      distribution: Distribution.upstream({
        valkey: new PlatformValkey({ servers: { 'polls-queue': { host: 'cache.example.com' } } }),
      }),
      message:
        'polls/Queue: metrics {} are for a server that the library makes, and the distribution runs this one. ' +
        'Leave them out: docs/metrics.md says where such a server shows its metrics.',
    },
    {
      what: 'nobody who can make the password',
      define: (chart) => new ValkeyBackend(chart, 'Queue', { name: 'polls-queue' }),
      message: atSynth(
        '[polls/Queue] pythonImage (not given) is needed to make the password, as no application uses the server. ' +
          'Give it, give the password, or give the server to a DjangoApp.',
      ),
    },
    {
      what: 'an application of another namespace',
      define: (chart) => {
        const queue = new ValkeyBackend(chart, 'Queue', { name: 'polls-queue' });
        const other = new Chart(chart.node.scope as Chart, 'other', { namespace: 'other' });
        django(other, { cache: queue.database(0) });
      },
      message:
        'other/Polls: cache "polls/Queue" is in namespace "polls", and this is in "other". ' +
        'Make both in charts of one namespace.',
    },
  ]);
});
