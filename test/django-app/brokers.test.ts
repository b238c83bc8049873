import { Chart, Duration } from 'cdk8s';
import {
  CeleryOptions,
  CeleryWorkerProps,
  Distribution,
  DjangoApp,
  IDistribution,
  LeastPrivilegeAccess,
} from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { RabbitMqProps, RedisSentinelProps, SqsProps } from 'cdk8s-django/celery';
import { IdentityCloud } from 'cdk8s-django/platform';
import { SAMPLES } from '../support/distributions';
import { chartOn, configOf, django, errorOf, find, findAll, synth } from '../support/synth';

const USER = { secretName: 'queue', key: 'username' };
const PASSWORD = { secretName: 'queue', key: 'password' };
const URL = { secretName: 'queue', key: 'connection_string' };
const PEERS = [{ podLabels: { app: 'queue' } }];
const RABBIT_MQ: RabbitMqProps = {
  url: 'amqp://rabbitmq:5673/shop',
  username: USER,
  password: PASSWORD,
  peers: PEERS,
};
const SENTINEL: Required<Omit<RedisSentinelProps, 'server'>> = {
  sentinels: ['sentinel-0.sentinel:26379', 'sentinel-1.sentinel:26379'],
  primaryName: 'mymaster',
  database: 2,
  password: PASSWORD,
  sentinelPassword: { secretName: 'sentinel', key: 'password' },
  port: 6380,
  peers: PEERS,
};
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/111122223333/shop';
const SQS: SqsProps = { queueUrls: { celery: QUEUE_URL } };
const SCALING = { minReplicas: 0, maxReplicas: 5, targetQueueLength: 20 };

const keda = (): IDistribution => Distribution.upstream({ autoscaling: new KedaAutoscaling() });
const onEks = (): IDistribution =>
  Distribution.eks({ region: 'eu-west-1', autoscaling: new KedaAutoscaling() });

function made(
  broker: Partial<CeleryOptions>,
  distribution = keda(),
  worker: Partial<CeleryWorkerProps> = { scaling: SCALING },
) {
  const define = (chart: Chart) => {
    const app: DjangoApp = django(chart, { celery: broker });
    app.addCeleryWorker({ name: 'default', ...worker });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  };
  return synth(define, distribution);
}

const variables = (manifests: any[]) => {
  const { env } = find(manifests, 'Deployment', 'polls').spec.template.spec.containers[0];
  return env.filter(({ name }: any) => name.startsWith('CELERY_BROKER_'));
};
const ofSecret = (name: string, secret: { secretName: string; key: string }) => ({
  name,
  valueFrom: { secretKeyRef: { name: secret.secretName, key: secret.key } },
});
const triggers = (manifests: any[]) => find(manifests, 'ScaledObject', 'polls-worker-default').spec.triggers;
const authentication = (manifests: any[]) =>
  find(manifests, 'TriggerAuthentication', 'polls-worker-default-queue').spec;
const egress = (manifests: any[]) =>
  ['polls', 'polls-jobs'].map(
    (name) => find(manifests, 'NetworkPolicy', name).spec.egress as { to?: any; ports?: any[] }[],
  );

describe('[F28] RabbitMQ as a broker', () => {
  const manifests = made({ rabbitMq: RABBIT_MQ });

  it('is told to the pods by parts, with user and password from Secrets', () => {
    expect(variables(manifests)).toEqual([
      ofSecret('CELERY_BROKER_USERNAME', USER),
      ofSecret('CELERY_BROKER_PASSWORD', PASSWORD),
      {
        name: 'CELERY_BROKER_URL',
        value: 'amqp://$(CELERY_BROKER_USERNAME):$(CELERY_BROKER_PASSWORD)@rabbitmq:5673/shop',
      },
    ]);
    expect(configOf(manifests)).not.toHaveProperty('CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS');
  });

  it('scales workers by what waits, to none too: what a killed worker had comes back by itself', () => {
    expect(triggers(manifests)).toEqual([
      {
        type: 'rabbitmq',
        metadata: {
          host: 'amqp://rabbitmq.polls.svc:5673/shop',
          protocol: 'amqp',
          mode: 'QueueLength',
          queueName: 'celery',
          value: '20',
        },
        authenticationRef: { kind: 'TriggerAuthentication', name: 'polls-worker-default-queue' },
      },
    ]);
    expect(authentication(manifests).secretTargetRef).toEqual([
      { parameter: 'username', name: 'queue', key: 'username' },
      { parameter: 'password', name: 'queue', key: 'password' },
    ]);
  });

  it('is reached by replicas and workers, at its port', () => {
    for (const rules of egress(manifests)) {
      expect(rules).toContainEqual({
        to: [{ podSelector: { matchLabels: { app: 'queue' } } }],
        ports: [{ port: 5673, protocol: 'TCP' }],
      });
    }
  });

  it('is a whole URL in a Secret, which pods and KEDA read', () => {
    const whole = made({ rabbitMq: { urlSecret: URL, port: 5671, peers: PEERS } });
    expect(variables(whole)).toEqual([ofSecret('CELERY_BROKER_URL', URL)]);
    expect(triggers(whole)[0].metadata).not.toHaveProperty('host');
    expect(authentication(whole).secretTargetRef).toEqual([
      { parameter: 'host', name: 'queue', key: 'connection_string' },
    ]);
    expect(egress(whole)[1].flatMap(({ ports = [] }) => ports.map(({ port }) => port))).toContain(5671);
  });

  it.each<[string, RabbitMqProps, string]>([
    ['nothing', {}, 'url (not given) is not the URL of a RabbitMQ server. Give scheme'],
    ['a URL of Redis', { url: 'redis://queue' }, 'url "redis://queue" is not the URL of a RabbitMQ server.'],
    ['a password in the URL', { url: 'amqp://a:b@queue' }, 'is not the URL of a RabbitMQ server.'],
    [
      'a user alone',
      { url: 'amqp://queue', username: USER },
      'goes with a password. Give both, or none of them.',
    ],
    ['a URL twice', { url: 'amqp://queue', urlSecret: URL }, 'is the whole URL, and parts are given too.'],
    [
      'a port twice',
      { url: 'amqp://queue', port: 5672 },
      'celery.rabbitMq.port 5672 is in the URL. Leave it out.',
    ],
    [
      'certificates without TLS',
      { url: 'amqp://queue', certificatePath: '/ca.pem' },
      'certificatePath "/ca.pem" has no meaning without TLS. Give a URL of "amqps://".',
    ],
    [
      'an authority that KEDA cannot know',
      { url: 'amqps://queue', certificatePath: '/ca.pem' },
      'is an authority that KEDA does not know, and targetQueueLength makes it ask the broker.',
    ],
  ])('is refused with %s', (_, props, message) => {
    expect(errorOf(() => made({ rabbitMq: props }))).toContain(message);
  });
});

describe('[F28] Redis Sentinel as a broker', () => {
  const manifests = made({ redisSentinel: SENTINEL });

  it('is told to the pods: each Sentinel, the name of the primary, and both passwords', () => {
    const url = (host: string) => `sentinel://:$(CELERY_BROKER_PASSWORD)@${host}.sentinel:26379/2`;
    expect(variables(manifests)).toEqual([
      ofSecret('CELERY_BROKER_PASSWORD', PASSWORD),
      ofSecret('CELERY_BROKER_SENTINEL_PASSWORD', SENTINEL.sentinelPassword),
      { name: 'CELERY_BROKER_URL', value: `${url('sentinel-0')};${url('sentinel-1')}` },
    ]);
    expect(configOf(manifests).CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS).toBe('{"master_name":"mymaster"}');
  });

  it('scales workers by what waits and by what is not acknowledged', () => {
    const lists = triggers(manifests).map(({ metadata }: any) => metadata.listName);
    expect(lists).toEqual(['celery', 'unacked']);
    expect(triggers(manifests)[0]).toMatchObject({
      type: 'redis-sentinel',
      metadata: {
        addresses: 'sentinel-0.sentinel.polls.svc:26379,sentinel-1.sentinel.polls.svc:26379',
        sentinelMaster: 'mymaster',
        databaseIndex: '2',
        enableTLS: 'false',
      },
    });
    expect(authentication(manifests).secretTargetRef.map(({ parameter }: any) => parameter)).toEqual([
      'password',
      'sentinelPassword',
    ]);
  });

  it('is reached at the port of the Sentinels and of the servers', () => {
    for (const rules of egress(manifests)) {
      const ports = rules.flatMap((rule) => (rule.ports ?? []).map(({ port }) => port));
      expect(ports).toEqual(expect.arrayContaining([26379, 6380]));
    }
  });

  it.each<[Partial<RedisSentinelProps>, string]>([
    [{ sentinels: [] }, 'celery.redisSentinel.sentinels [] is empty. Give each as "host:26379".'],
    [{ sentinels: ['sentinel'] }, '"sentinel" is not the host and port of a Sentinel.'],
    [{ primaryName: 'a b' }, 'celery.redisSentinel.primaryName "a b" is not a name that Sentinels give.'],
  ])('is refused with %j', (changes, message) => {
    expect(errorOf(() => made({ redisSentinel: { ...SENTINEL, ...changes } }))).toContain(message);
  });
});

describe('[F28] Amazon SQS as a broker', () => {
  const manifests = made({ sqs: SQS }, onEks());

  it('is told to the pods without a key: they have the identity of the platform', () => {
    expect(variables(manifests)).toEqual([{ name: 'CELERY_BROKER_URL', value: 'sqs://' }]);
    expect(JSON.parse(configOf(manifests).CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS)).toEqual({
      region: 'eu-west-1',
      predefined_queues: { celery: { url: QUEUE_URL } },
    });
  });

  it('has commands that let the role use its queues, and nothing more', () => {
    let commands = '';
    synth((chart) => {
      django(chart, { celery: { sqs: SQS } });
      commands = Distribution.identityCommands(chart)!;
    }, onEks());
    expect(commands).toContain('"Resource":["arn:aws:sqs:eu-west-1:111122223333:shop"]');
    expect(commands).toContain(`--queue-url ${QUEUE_URL} --attributes VisibilityTimeout=3600`);
  });

  it('scales workers by the length of the queue, which KEDA asks for with its own identity', () => {
    expect(triggers(manifests)).toEqual([
      {
        type: 'aws-sqs-queue',
        metadata: { queueURL: QUEUE_URL, queueLength: '20', awsRegion: 'eu-west-1' },
        authenticationRef: { kind: 'TriggerAuthentication', name: 'polls-worker-default-queue' },
      },
    ]);
    expect(authentication(manifests)).toEqual({ podIdentity: { provider: 'aws' } });
  });

  it('is reached over HTTPS, and the agent of the identity too', () => {
    const ports = egress(manifests)[1].flatMap((rule) => (rule.ports ?? []).map(({ port }) => port));
    expect(ports).toEqual(expect.arrayContaining([443, 80]));
  });

  it.each(SAMPLES.filter(({ name }) => name !== 'eks'))('is refused on $name', ({ make }) => {
    const distribution =
      make().name === 'aks'
        ? Distribution.aks({ clientIds: { polls: '00000000-0000-0000-0000-000000000000' } })
        : make();
    const { identity } = distribution;
    const message = errorOf(() => made({ sqs: SQS }, distribution, {}));
    expect(message).toContain(
      identity
        ? 'celery.sqs "queueUrls" needs an identity of AWS, and pods on'
        : 'platformIdentity true is needed, and',
    );
  });

  it('is taken with an identity of a cloud that is not known', () => {
    const identity = { identify: () => ({ egress: [], setup: [] }) };
    const distribution = Distribution.openshift({ identity });
    expect(findAll(made({ sqs: SQS }, distribution, {}), 'Deployment')).toHaveLength(2);
    expect(Object.values(IdentityCloud)).toEqual(['aws', 'azure', 'google']);
  });

  it.each<[SqsProps, Partial<CeleryWorkerProps>, string]>([
    [{ queueUrls: {} }, {}, 'celery.sqs.queueUrls {} does not have queues of one region.'],
    [{ queueUrls: { celery: `${QUEUE_URL}.fifo` } }, {}, 'is not the URL of a standard queue.'],
    [
      SQS,
      { queues: ['mail'] },
      'queues "mail" has no URL in celery.sqs.queueUrls, and SQS makes no queues for workers.',
    ],
    [
      SQS,
      { taskTimeLimit: Duration.hours(1) },
      'taskTimeLimit 3600 and 20 seconds are above celery.visibilityTimeout 3600',
    ],
  ])('is refused with %j and %j', (props, worker, message) => {
    expect(errorOf(() => made({ sqs: props }, onEks(), worker))).toContain(message);
  });
});

describe('several applications on one broker', () => {
  it('have keys of their own, where KEDA looks too', () => {
    const manifests = synth((chart) => {
      const broker = { url: 'redis://queue:6379/0' };
      django(chart, { celery: { broker, keyPrefix: 'shop:' } }).addCeleryWorker({
        name: 'default',
        scaling: SCALING,
      });
    }, keda());
    expect(triggers(manifests).map(({ metadata }: any) => metadata.listName)).toEqual([
      'shop:celery',
      'shop:unacked',
    ]);
  });

  it.each([
    [
      'shop ',
      { broker: { url: 'redis://queue' } },
      'celery.keyPrefix "shop " is not what the name of a key can begin with',
    ],
    ['shop:', { rabbitMq: { url: 'amqp://queue' } }, '"shop:" has no meaning for this broker.'],
  ])('cannot be told apart by %j everywhere', (keyPrefix, broker, message) => {
    expect(errorOf((chart) => django(chart, { celery: { ...broker, keyPrefix } }))).toContain(message);
  });
});

it.each([
  [
    {},
    'celery (not given) names no broker, or several. Give one of broker, rabbitMq, redisSentinel and sqs.',
  ],
  [{ broker: { url: 'redis://queue' }, sqs: SQS }, 'celery "broker, sqs" names no broker, or several.'],
])('an application has one broker: %j', (celery, message) => {
  expect(errorOf((chart) => django(chart, { celery }))).toContain(message);
});

it('names where its broker is, whatever its kind', () => {
  const urlOf = (celery: CeleryOptions) => django(chartOn(onEks()), { celery }).brokerUrl;
  expect(urlOf({ broker: { url: 'redis://queue' } })).toBe('redis://queue');
  expect(urlOf({ rabbitMq: { urlSecret: URL } })).toBe(`amqp://${URL.secretName}/${URL.key}`);
  expect(urlOf({ redisSentinel: SENTINEL })).toMatch(/^sentinel:/);
  expect(urlOf({ redisSentinel: { ...SENTINEL, database: 3 } })).toMatch(/\/3$/);
  expect(urlOf({ broker: { url: 'redis://queue' }, keyPrefix: 'polls:' })).toBe('redis://queue#polls:');
  expect(urlOf({ sqs: SQS })).toBe(QUEUE_URL);
});
