import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { SecretValue } from '../../kubernetes/secret-values';
import { ScalingQueue } from '../../platform/autoscaling';
import { hostForKeda } from './keda-host';

const DEFAULT_PORT = '6379';
const REDIS = ['redis:', 'rediss:', 'valkey:'];
const AMQP = ['amqp:', 'amqps:'];
const SQS_HOST = /^sqs\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** KEDA's trigger for a queue, and what a TriggerAuthentication tells it. */
export interface QueueTrigger {
  readonly type: string;
  readonly metadata: Record<string, string>;
  /** Parameters that KEDA reads from Secrets. */
  readonly secrets: Record<string, SecretValue | undefined>;
  /** Whether KEDA asks with the identity that AWS gives it. */
  readonly awsIdentity?: boolean;
}

/**
 * KEDA's trigger for a queue, by the URL of its server.
 *
 * @see https://keda.sh/docs/2.21/scalers/redis-lists/
 * @see https://keda.sh/docs/2.21/scalers/redis-sentinel-lists/
 * @see https://keda.sh/docs/2.21/scalers/rabbitmq-queue/
 * @see https://keda.sh/docs/2.21/scalers/aws-sqs/
 */
export function queueTriggerOf(scope: Construct, queue: ScalingQueue): QueueTrigger {
  if (queue.urlSecret) return rabbitMqTrigger(scope, queue);
  const url = parse(scope, queue.url);
  if (AMQP.includes(url.protocol)) return rabbitMqTrigger(scope, queue, url);
  if (url.protocol === 'https:') return sqsTrigger(queue, url);
  return queue.sentinels ? sentinelTrigger(scope, queue, url) : redisTrigger(scope, queue, url);
}

function redisTrigger(scope: Construct, queue: ScalingQueue, url: URL): QueueTrigger {
  const { password, certificateSecret: ca } = queue;
  const host = reachable(scope, queue.url!, url.hostname);
  return {
    type: 'redis',
    metadata: { address: `${host}:${url.port || DEFAULT_PORT}`, ...listMetadata(queue, url) },
    // Beside `enableTLS` of the trigger, KEDA takes `ca` from 2.16 on.
    secrets: { password, ca },
  };
}

function sentinelTrigger(scope: Construct, queue: ScalingQueue, url: URL): QueueTrigger {
  const { password, sentinelPassword } = queue;
  const addresses = queue.sentinels!.map((sentinel) => {
    const [host, port] = sentinel.split(':');
    return `${reachable(scope, sentinel, host)}:${port}`;
  });
  return {
    type: 'redis-sentinel',
    metadata: {
      addresses: addresses.join(','),
      sentinelMaster: queue.primaryName!,
      ...listMetadata(queue, url),
    },
    secrets: { password, sentinelPassword },
  };
}

function listMetadata({ list, targetLength }: ScalingQueue, { protocol, pathname }: URL) {
  return {
    databaseIndex: pathname.slice(1) || '0',
    listName: list,
    listLength: `${targetLength}`,
    enableTLS: `${protocol === 'rediss:'}`,
  };
}

/** By AMQP KEDA counts what waits. What a worker has taken comes back by itself when the worker is gone. */
function rabbitMqTrigger(scope: Construct, queue: ScalingQueue, url?: URL): QueueTrigger {
  const { list, targetLength, username, password, urlSecret: host } = queue;
  const authority = url && `${reachable(scope, queue.url!, url.hostname)}${url.port && `:${url.port}`}`;
  return {
    type: 'rabbitmq',
    metadata: {
      ...(url && { host: `${url.protocol}//${authority}${url.pathname}` }),
      protocol: 'amqp',
      mode: 'QueueLength',
      queueName: list,
      value: `${targetLength}`,
    },
    secrets: { host, username, password },
  };
}

/** KEDA counts what workers have taken too. */
function sqsTrigger({ url, targetLength }: ScalingQueue, { hostname }: URL): QueueTrigger {
  return {
    type: 'aws-sqs-queue',
    metadata: {
      queueURL: url!,
      queueLength: `${targetLength}`,
      awsRegion: SQS_HOST.exec(hostname)!.groups!.region,
    },
    secrets: {},
    awsIdentity: true,
  };
}

function parse(scope: Construct, url = ''): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isKnown =
    parsed &&
    ([...REDIS, ...AMQP].includes(parsed.protocol) ||
      (parsed.protocol === 'https:' && SQS_HOST.test(parsed.hostname)));
  if (isKnown && parsed.hostname && !parsed.username && !parsed.password) return parsed;
  throw new InvalidInputError(scope, {
    property: 'celery.broker.url',
    value: url,
    reason: 'is not the URL of a broker that KEDA can ask',
    remedy: 'Give scheme, host, port and database, such as "redis://cache:6379/0", and no password',
  });
}

function reachable(scope: Construct, url: string, host: string): string {
  // A pod of a StatefulSet has the name of its Service after its own: the namespace comes after both.
  if (host.includes('.') && !isPodOfService(host)) return host;
  return hostForKeda(scope, 'celery.broker.url', url, host);
}

function isPodOfService(host: string): boolean {
  return /^[a-z0-9-]+-\d+\.[a-z0-9-]+$/.test(host);
}
