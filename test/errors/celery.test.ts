import { Duration } from 'cdk8s';
import {
  CeleryBeatProps,
  CeleryOptions,
  CeleryWorkerProps,
  Distribution,
  DjangoAppProps,
  ValkeyBackend,
} from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { django } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const BROKER = { url: 'redis://queue:6379/0' };
type Bad<Props> = { [prop in keyof Props]?: any };

describe('a use of Celery', () => {
  const celery = (what: string, changes: Bad<CeleryOptions>, message: string): BadInput => ({
    what,
    define: (chart) => django(chart, { celery: { broker: BROKER, ...changes } }),
    message: `polls/Polls: ${message}`,
  });
  eachGivesItsMessage([
    celery(
      'a broker of another protocol',
      { broker: { url: 'amqp://queue' } },
      'celery.broker.url "amqp://queue" is not the URL of a Redis or Valkey server. ' +
        'Give scheme, host, port and database, such as "redis://cache:6379/0", and the password as celery.broker.password.',
    ),
    celery(
      'certificates without TLS',
      { broker: { ...BROKER, certificatePath: '/ca.pem' } },
      'celery.broker.certificatePath "/ca.pem" has no meaning without TLS. ' +
        'Give the path of a file in the image, and a URL that begins "rediss://".',
    ),
    celery(
      'a key of a Secret with a slash',
      { broker: { url: 'rediss://queue', certificateSecret: { secretName: 'queue-ca', key: 'a/b' } } },
      'celery.broker.certificateSecret.key "a/b" is not a key that a Secret can have. ' +
        'Use letters, digits, "-", "_" and ".", and do not begin with "..".',
    ),
    celery(
      'an application without its variable',
      { application: 'mysite.celery' },
      'celery.application "mysite.celery" does not name an application in a module. ' +
        'Give module and variable, such as "mysite.wsgi:application".',
    ),
    celery(
      'a part of a second',
      { visibilityTimeout: Duration.millis(1500) },
      'celery.visibilityTimeout 1.5 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    ),
    {
      what: 'a broker that forgets',
      define: (chart) =>
        django(chart, {
          celery: { broker: new ValkeyBackend(chart, 'Cache', { name: 'cache' }).database(0) },
        }),
      message:
        'polls/Polls: celery.broker "redis://cache:6379/0" is a server that forgets the tasks in it when its pod ends. ' +
        'Give its ValkeyBackend storage, or make another one for tasks.',
    },
    {
      what: 'the broker as a variable',
      define: (chart) =>
        django(chart, { celery: { broker: BROKER }, environment: { CELERY_BROKER_URL: 'redis://other' } }),
      message:
        'polls/Polls: environment "CELERY_BROKER_URL" is a variable that the library sets itself. Give it to celery.broker.',
    },
  ]);
});

describe('a worker', () => {
  const worker = (
    what: string,
    changes: Bad<CeleryWorkerProps>,
    message: string,
    app: Bad<DjangoAppProps> = {},
  ): BadInput => ({
    what,
    define: (chart) =>
      django(chart, { celery: { broker: BROKER }, ...app }).addCeleryWorker({ name: 'default', ...changes }),
    message: `polls/Polls: ${message}`,
  });
  eachGivesItsMessage([
    worker(
      'no Celery',
      {},
      'celery (not given) is needed for addCeleryWorker. ' +
        'Give the application a broker, such as celery: { broker: valkey.database(1) }.',
      { celery: undefined },
    ),
    worker(
      'a name with a space',
      { name: 'my mail' },
      'name "my mail" is not a DNS label. Use lower-case letters, digits and "-", a letter first and no "-" at the end.',
    ),
    worker(
      'no queues',
      { queues: [] },
      'queues [] is empty. Use letters, digits, "-", "_", "." and ":", or leave queues out to mean the default one.',
    ),
    worker(
      'two queues in one',
      { queues: ['mail,reports'] },
      'queues "mail,reports" is not the name of a queue. ' +
        'Use letters, digits, "-", "_", "." and ":", or leave queues out to mean the default one.',
    ),
    worker(
      'no task at once',
      { concurrency: 0 },
      'concurrency 0 is not a whole number from 1 to 64. Give a whole number from 1 to 64.',
    ),
    worker(
      'tasks longer than the broker waits',
      { taskTimeLimit: Duration.seconds(60) },
      'taskTimeLimit 60 and 20 seconds are above celery.visibilityTimeout 70: tasks would run twice. ' +
        'Lower it, or raise celery.visibilityTimeout to at least 80.',
      { celery: { broker: BROKER, visibilityTimeout: Duration.seconds(70) } },
    ),
    worker(
      'two numbers of workers',
      { replicas: 2, scaling: { minReplicas: 1, maxReplicas: 2 } },
      'replicas 2 is given together with scaling, which would be undone by each apply. Give one of them.',
    ),
    worker(
      'a volume that one node alone mounts',
      {},
      'media.accessMode "ReadWriteOnce" lets one node alone mount the volume, ' +
        'and addCeleryWorker makes pods that may run on another. Use ReadWriteMany, or mediaBucket.',
      { media: { mountPath: '/media', size: '1Gi', accessMode: 'ReadWriteOnce' } },
    ),
    {
      ...worker(
        'certificates that its autoscaler cannot read',
        { scaling: { minReplicas: 0, maxReplicas: 5, targetQueueLength: 20 } },
        'celery.broker.certificateSecret (not given) is needed for targetQueueLength: "/ca.pem" is in the image, which the autoscaler does not ' +
          'have. Put the certificates into a Secret too, or leave targetQueueLength out.',
        { celery: { broker: { url: 'rediss://queue.example.com', certificatePath: '/ca.pem' } } },
      ),
      distribution: Distribution.upstream({ autoscaling: new KedaAutoscaling() }),
    },
  ]);
});

describe('a beat', () => {
  const beat = (
    what: string,
    changes: Bad<CeleryBeatProps>,
    message: string,
    app: Bad<DjangoAppProps> = {},
  ): BadInput => ({
    what,
    define: (chart) => django(chart, { celery: { broker: BROKER }, ...app }).addCeleryBeat(changes),
    message: `polls/Polls: ${message}`,
  });
  eachGivesItsMessage([
    beat(
      'no Celery',
      {},
      'celery (not given) is needed for addCeleryBeat. ' +
        'Give the application a broker, such as celery: { broker: valkey.database(1) }.',
      { celery: undefined },
    ),
    {
      what: 'a second one',
      define: (chart) => {
        const app = django(chart, { celery: { broker: BROKER } });
        app.addCeleryBeat();
        app.addCeleryBeat();
      },
      message: 'polls/Polls: beat "polls-beat" is there already. Call addCeleryBeat once.',
    },
    {
      what: 'a second worker of a name',
      define: (chart) => {
        const app = django(chart, { celery: { broker: BROKER } });
        app.addCeleryWorker({ name: 'mail' });
        app.addCeleryWorker({ name: 'mail' });
      },
      message:
        'polls/Polls: worker "polls-worker-mail" is there already. Give each worker a name of its own.',
    },
  ]);
});
