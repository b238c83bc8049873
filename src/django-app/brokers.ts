import { Construct } from 'constructs';
import { EnvironmentVariable } from '../kubernetes/environment';
import { checkPeers } from '../kubernetes/peers';
import { Problems } from '../kubernetes/problems';
import { checkInteger } from '../kubernetes/numbers';
import { checkSecretValue } from '../kubernetes/secret-values';
import { Traffic } from '../kubernetes/traffic';
import { ScalingQueue } from '../platform/autoscaling';
import { checkRedisDatabase, redisTraffic, serverVariables } from './cache';
import { RedisDatabase } from './cache-props';
import { CeleryOptions } from './celery-props';
import { RabbitMqProps, RedisSentinelProps, SqsProps } from './celery-broker';

/** What waits in a queue, as an autoscaler asks for it, without the number that a worker may leave waiting. */
export type BrokerQueue = Omit<ScalingQueue, 'targetLength'>;

/** One kind of broker: what pods, policies and autoscalers are told. */
interface BrokerKind<Props> {
  check(scope: Construct, props: Props): void;
  /** Where it is, without user and password. */
  url(props: Props): string;
  variables(props: Props): EnvironmentVariable[];
  /** Options of kombu's transport. */
  options(props: Props): object;
  traffic(props: Props): Traffic[];
  queue(props: Props, queue: string): BrokerQueue;
}

const NAME = 'CELERY_BROKER';
const HOST = /^[a-z0-9]+(?:[-.]+[a-z0-9]+)*:\d{1,5}$/;
const AMQP = /^(?<scheme>amqps?):\/\/[a-z0-9]+(?:[-.]+[a-z0-9]+)*(?::(?<port>\d{1,5}))?(?:\/[-\w.%]*)?$/;
const SQS =
  /^https:\/\/sqs\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(?<account>\d{12})\/(?<name>[-\w]{1,80})$/;

/** URL, user and password by name: the runtime puts them together, with what needs quoting quoted. */
function secretVariables(values: Record<string, EnvironmentVariable | undefined | object>) {
  return Object.entries(values).flatMap(([suffix, value]) =>
    value ? [{ name: `${NAME}_${suffix}`, ...value } as EnvironmentVariable] : [],
  );
}

/** Checks where a RabbitMQ server is: by a URL without a password, or by a whole one in a Secret. */
function checkRabbitMqUrl(
  scope: Construct,
  { url, username, password, urlSecret, port }: RabbitMqProps,
): void {
  const report = (property: string, value: unknown, reason: string, remedy: string) =>
    Problems.report(scope, { property: `celery.rabbitMq.${property}`, value, reason, remedy });
  if (urlSecret) {
    checkSecretValue(scope, 'celery.rabbitMq.urlSecret', urlSecret);
    if (url ?? username ?? password) {
      report('urlSecret', urlSecret, 'is the whole URL, and parts are given too', 'Give one of them');
    }
    return;
  }
  if (port !== undefined) report('port', port, 'is in the URL', 'Leave it out');
  if (AMQP.test(url ?? '')) return;
  report(
    'url',
    url,
    'is not the URL of a RabbitMQ server',
    'Give scheme, host, port and virtual host, such as "amqp://rabbitmq:5672/shop", or urlSecret',
  );
}

const RABBIT_MQ: BrokerKind<RabbitMqProps> = {
  check(scope, props) {
    const { url, username, password, urlSecret, port, peers, certificatePath } = props;
    const report = (property: string, value: unknown, reason: string, remedy: string) =>
      Problems.report(scope, { property: `celery.rabbitMq.${property}`, value, reason, remedy });
    checkRabbitMqUrl(scope, props);
    if (!username !== !password) {
      report('username', username, 'goes with a password', 'Give both, or none of them');
    }
    if (username) checkSecretValue(scope, 'celery.rabbitMq.username', username);
    if (password) checkSecretValue(scope, 'celery.rabbitMq.password', password);
    if (port !== undefined) checkInteger(scope, 'celery.rabbitMq.port', port, { atLeast: 1, atMost: 65535 });
    if (certificatePath !== undefined && !(urlSecret ?? url?.startsWith('amqps:'))) {
      report('certificatePath', certificatePath, 'has no meaning without TLS', 'Give a URL of "amqps://"');
    }
    checkPeers(scope, 'celery.rabbitMq.peers', peers);
  },
  url: ({ url, urlSecret }) => url ?? `amqp://${urlSecret?.secretName}/${urlSecret?.key}`,
  variables({ url, username, password, urlSecret, certificatePath }) {
    const login = username ? `$(${NAME}_USERNAME):$(${NAME}_PASSWORD)@` : '';
    return secretVariables({
      USERNAME: username,
      PASSWORD: password,
      URL: urlSecret ?? { value: url!.replace('://', `://${login}`) },
      SSL_CA_CERT: certificatePath ? { value: certificatePath } : undefined,
    });
  },
  options: () => ({}),
  traffic({ url = '', port, peers }) {
    const groups = AMQP.exec(url)?.groups;
    const fallback = groups?.scheme === 'amqps' ? 5671 : 5672;
    return [{ peers, ports: [{ port: port ?? Number(groups?.port ?? fallback) }] }];
  },
  queue: ({ url, username, password, urlSecret }, list) => ({ url, username, password, urlSecret, list }),
};

const REDIS_SENTINEL: BrokerKind<RedisSentinelProps> = {
  check(scope, { sentinels, primaryName, database, password, sentinelPassword, port, peers }) {
    const wrong = sentinels.find((sentinel) => !HOST.test(sentinel));
    if (wrong !== undefined || !sentinels.length) {
      Problems.report(scope, {
        property: 'celery.redisSentinel.sentinels',
        value: wrong ?? sentinels,
        reason: wrong === undefined ? 'is empty' : 'is not the host and port of a Sentinel',
        remedy: 'Give each as "host:26379"',
      });
    }
    if (!/^[-\w.]+$/.test(primaryName)) {
      Problems.report(scope, {
        property: 'celery.redisSentinel.primaryName',
        value: primaryName,
        reason: 'is not a name that Sentinels give',
        remedy: 'Give the name after "sentinel monitor", such as "mymaster"',
      });
    }
    checkInteger(scope, 'celery.redisSentinel.database', database ?? 0, { atLeast: 0 });
    checkInteger(scope, 'celery.redisSentinel.port', port ?? 6379, { atLeast: 1, atMost: 65535 });
    if (password) checkSecretValue(scope, 'celery.redisSentinel.password', password);
    if (sentinelPassword) checkSecretValue(scope, 'celery.redisSentinel.sentinelPassword', sentinelPassword);
    checkPeers(scope, 'celery.redisSentinel.peers', peers);
  },
  url: ({ sentinels, primaryName, database = 0 }) =>
    `sentinel://${sentinels.join(',')}/${primaryName}/${database}`,
  variables({ sentinels, database = 0, password, sentinelPassword }) {
    const login = password ? `:$(${NAME}_PASSWORD)@` : '';
    const urls = sentinels.map((sentinel) => `sentinel://${login}${sentinel}/${database}`);
    return secretVariables({
      PASSWORD: password,
      SENTINEL_PASSWORD: sentinelPassword,
      URL: { value: urls.join(';') },
    });
  },
  options: ({ primaryName }) => ({ master_name: primaryName }),
  traffic({ sentinels, port = 6379, peers }) {
    const ports = new Set([...sentinels.map((sentinel) => Number(sentinel.split(':')[1])), port]);
    return [{ peers, ports: [...ports].map((one) => ({ port: one })) }];
  },
  queue: ({ sentinels, primaryName, database = 0, password, sentinelPassword }, list) => ({
    url: `redis://${sentinels[0]}/${database}`,
    sentinels,
    primaryName,
    password,
    sentinelPassword,
    list,
  }),
};

const AMAZON_SQS: BrokerKind<SqsProps> = {
  check(scope, { queueUrls }) {
    const regions = new Set(Object.values(queueUrls).map((url) => SQS.exec(url)?.groups!.region));
    const wrong = Object.values(queueUrls).find((url) => !SQS.test(url));
    if (wrong === undefined && regions.size === 1) return;
    Problems.report(scope, {
      property: 'celery.sqs.queueUrls',
      value: wrong ?? queueUrls,
      reason:
        wrong !== undefined ? 'is not the URL of a standard queue' : 'does not have queues of one region',
      remedy: 'Give URLs such as "https://sqs.eu-west-1.amazonaws.com/111122223333/shop"',
    });
  },
  url: ({ queueUrls }) => Object.values(queueUrls).sort().join(','),
  variables: () => secretVariables({ URL: { value: 'sqs://' } }),
  options: ({ queueUrls }) => ({
    region: sqsRegion({ queueUrls }),
    predefined_queues: Object.fromEntries(Object.entries(queueUrls).map(([name, url]) => [name, { url }])),
  }),
  traffic: () => [{ ports: [{ port: 443 }] }],
  queue: ({ queueUrls }, list) => ({ url: queueUrls[list], list }),
};

/** Takes the place of a broker that was reported missing. */
const NO_BROKER: RedisDatabase = { url: '' };

const REDIS: BrokerKind<RedisDatabase> = {
  check: (scope, props) => checkRedisDatabase(scope, 'celery.broker', props),
  url: ({ url }) => url,
  variables: (props) => serverVariables(NAME, props),
  options: () => ({}),
  traffic: (props) => [redisTraffic(props)],
  queue: ({ url, password, certificateSecret }, list) => ({ url, password, certificateSecret, list }),
};

/** A broker, as it was given, with what its kind knows of it. */
export interface Broker {
  check(scope: Construct): void;
  readonly url: string;
  readonly variables: EnvironmentVariable[];
  readonly options: object;
  readonly traffic: Traffic[];
  queue(queue: string): BrokerQueue;
}

function bound<Props>(kind: BrokerKind<Props>, props: Props, keyPrefix?: string): Broker {
  return {
    check: (scope) => kind.check(scope, props),
    get url() {
      return kind.url(props) + (keyPrefix ? `#${keyPrefix}` : '');
    },
    get variables() {
      return kind.variables(props);
    },
    get options() {
      return { ...kind.options(props), ...(keyPrefix && { global_keyprefix: keyPrefix }) };
    },
    get traffic() {
      return kind.traffic(props);
    },
    queue: (queue) => kind.queue(props, `${keyPrefix ?? ''}${queue}`),
  };
}

/** What is known of a broker of any kind. */
export function brokerOf({ broker, rabbitMq, redisSentinel, sqs, keyPrefix }: CeleryOptions): Broker {
  if (rabbitMq) return bound(RABBIT_MQ, rabbitMq);
  if (redisSentinel) return bound(REDIS_SENTINEL, redisSentinel, keyPrefix);
  if (sqs) return bound(AMAZON_SQS, sqs);
  return bound(REDIS, broker ?? NO_BROKER, keyPrefix);
}

/** Checks that one kind of broker is given. */
export function checkBroker(scope: Construct, celery: CeleryOptions): void {
  const { broker, rabbitMq, redisSentinel, sqs } = celery;
  const given = Object.entries({ broker, rabbitMq, redisSentinel, sqs }).filter(([, props]) => props);
  if (given.length === 1) return brokerOf(celery).check(scope);
  Problems.report(scope, {
    property: 'celery',
    value: given.map(([kind]) => kind).join(', ') || undefined,
    reason: 'names no broker, or several',
    remedy: 'Give one of broker, rabbitMq, redisSentinel and sqs',
  });
}

/** The region of the queues. */
export function sqsRegion({ queueUrls }: SqsProps): string {
  return SQS.exec(Object.values(queueUrls)[0])!.groups!.region;
}

/** Commands that let the role `$PRINCIPAL` use the queues, and let them keep a task for as long as a worker may. */
export function sqsGrants({ queueUrls }: SqsProps, visibilitySeconds: number): string[] {
  const queues = Object.values(queueUrls).map((url) => ({ url, ...SQS.exec(url)!.groups! }) as any);
  const partition = queues[0].region.startsWith('cn-') ? 'aws-cn' : 'aws';
  const Action = ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'];
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [...Action, 'GetQueueAttributes', 'GetQueueUrl'].map((action) => `sqs:${action}`),
        Resource: queues.map(
          ({ region, account, name }) => `arn:${partition}:sqs:${region}:${account}:${name}`,
        ),
      },
    ],
  });
  return [
    `aws iam put-role-policy --role-name "$PRINCIPAL" --policy-name queues --policy-document '${policy}'`,
    ...queues.map(
      ({ url, region }) =>
        `aws sqs set-queue-attributes --region ${region} --queue-url ${url} --attributes VisibilityTimeout=${visibilitySeconds}`,
    ),
  ];
}
