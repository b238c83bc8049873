import { Chart } from 'cdk8s';
import { Distribution } from 'cdk8s-django';
import { PlatformValkey, ValkeySentinel, ValkeySentinelProps } from 'cdk8s-django/valkey';
import { django, IMAGE } from '../support/synth';
import { atSynth, BadInput, eachGivesItsMessage } from './support';

const NAMED = { name: 'polls-queue', storage: '1Gi' };

describe('a ValkeySentinel', () => {
  const sentinel = (what: string, changes: Partial<ValkeySentinelProps>, message: string): BadInput => ({
    what,
    define: (chart) => new ValkeySentinel(chart, 'Queue', { ...NAMED, pythonImage: IMAGE, ...changes }),
    message: `polls/Queue: ${message}`,
  });
  eachGivesItsMessage([
    sentinel(
      'a size without a number',
      { storage: 'lots' },
      'storage "lots" is not a quantity of bytes. Give a number with a unit such as "512Mi" or "20Gi".',
    ),
    sentinel(
      'a class that there cannot be',
      { storageClassName: 'Bad Name' },
      'storageClassName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    sentinel(
      'an image without a tag',
      { image: 'valkey' },
      'image "valkey" has no tag, which means "latest". Give an image with a version tag or a digest, ' +
        'such as "registry.example.com/polls:1.4.2".',
    ),
    {
      what: 'a distribution that runs Valkey itself',
      define: (chart) => new ValkeySentinel(chart, 'Queue', { ...NAMED, pythonImage: IMAGE }),
      distribution: Distribution.upstream({
        valkey: new PlatformValkey({ servers: { 'polls-queue': { host: 'cache.example.com' } } }),
      }),
      message:
        'polls/Queue: name "polls-queue" is of servers that the library makes, and the distribution runs Valkey itself. ' +
        'Use a ValkeyBackend, or give the Sentinels of that service to celery.redisSentinel.',
    },
    {
      what: 'a database that there is not',
      define: (chart) => new ValkeySentinel(chart, 'Queue', { ...NAMED, pythonImage: IMAGE }).broker(16),
      message: 'polls/Queue: index 16 is not a whole number from 0 to 15. Give a whole number from 0 to 15.',
    },
    {
      what: 'nobody who can make the password',
      define: (chart) => new ValkeySentinel(chart, 'Queue', NAMED),
      message: atSynth(
        '[polls/Queue] pythonImage (not given) is needed to make the password, as no application uses the servers. ' +
          'Give it, give the password, or give the servers to a DjangoApp.',
      ),
    },
    {
      what: 'an application of another namespace',
      define: (chart) => {
        const queue = new ValkeySentinel(chart, 'Queue', NAMED);
        const other = new Chart(chart.node.scope as Chart, 'other', { namespace: 'other' });
        django(other, { celery: { redisSentinel: queue.broker(0) } });
      },
      message:
        'other/Polls: celery.redisSentinel "polls/Queue" is in namespace "polls", and this is in "other". ' +
        'Make both in charts of one namespace.',
    },
  ]);
});
