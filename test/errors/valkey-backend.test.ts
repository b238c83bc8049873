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
