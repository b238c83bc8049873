import { NetworkPeer } from '../kubernetes/peers';
import { SecretValue } from '../kubernetes/secret-values';
import { RedisDatabase } from './cache-props';

/** A RabbitMQ server, by its parts or by a URL in a Secret. */
export interface RabbitMqProps {
  /**
   * Where it is: `amqp://rabbitmq:5672/shop`, or `amqps://` with TLS, whose certificate is checked. The path is the
   * virtual host. It holds no user and no password.
   *
   * @default - it is in `urlSecret`
   */
  readonly url?: string;

  /**
   * Its user. With it a password is needed.
   *
   * @default - none
   */
  readonly username?: SecretValue;

  /**
   * The password of the user.
   *
   * @default - none
   */
  readonly password?: SecretValue;

  /**
   * The whole URL in a Secret, user and password in it, as an operator of RabbitMQ writes it. It is given instead of
   * `url`, `username` and `password`.
   *
   * @default - none
   */
  readonly urlSecret?: SecretValue;

  /**
   * The port of a `urlSecret`, for network policies.
   *
   * @default 5672
   */
  readonly port?: number;

  /**
   * Where the server is, as network policies see it.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];

  /**
   * Path, in the image, of the certificates that the server's is checked against, with `amqps://`. KEDA knows public
   * authorities alone, so `targetQueueLength` throws with it.
   *
   * @default - the image's own
   */
  readonly certificatePath?: string;
}

/** Redis or Valkey servers of which Sentinels say which one is the primary. */
export interface RedisSentinelProps {
  /** The Sentinels, each with its port: `["sentinel-0.queue:26379", "sentinel-1.queue:26379"]`. */
  readonly sentinels: string[];

  /** The name under which the Sentinels know the primary. */
  readonly primaryName: string;

  /**
   * The database of the servers.
   *
   * @default 0
   */
  readonly database?: number;

  /**
   * The password of the servers.
   *
   * @default - none
   */
  readonly password?: SecretValue;

  /**
   * The password of the Sentinels.
   *
   * @default - none
   */
  readonly sentinelPassword?: SecretValue;

  /**
   * The port of the servers, for network policies.
   *
   * @default 6379
   */
  readonly port?: number;

  /**
   * Where the Sentinels and the servers are, as network policies see them.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];
}

/** Queues of Amazon SQS, which exist already. */
export interface SqsProps {
  /**
   * The URL of each queue, by its name in Celery: `{ celery: "https://sqs.eu-west-1.amazonaws.com/111122223333/shop" }`.
   * All are of one region. A FIFO queue cannot be one of them.
   */
  readonly queueUrls: { [queue: string]: string };
}

/**
 * A broker other than a Redis or Valkey database: `celery.broker` of an application.
 *
 * @example
 * new DjangoApp(this, 'Shop', {
 *   name: 'shop',
 *   image: 'registry.example.com/shop:2.0.1',
 *   settingsModule: 'shop.settings',
 *   celery: {
 *     broker: CeleryBroker.rabbitMq({
 *       url: 'amqp://rabbitmq:5672/shop',
 *       username: { secretName: 'rabbitmq-default-user', key: 'username' },
 *       password: { secretName: 'rabbitmq-default-user', key: 'password' },
 *     }),
 *   },
 * });
 */
export class CeleryBroker {
  /** RabbitMQ. The image needs no package for it. */
  static rabbitMq(props: RabbitMqProps): CeleryBroker {
    const secret = props.urlSecret && `amqp://${props.urlSecret.secretName}/${props.urlSecret.key}`;
    return new CeleryBroker(props.url ?? secret ?? '', props);
  }

  /** Redis or Valkey behind Sentinels. The image needs `celery[redis]`. Without TLS. */
  static redisSentinel(props: RedisSentinelProps): CeleryBroker {
    const hosts = props.sentinels.map((sentinel) => `sentinel://${sentinel}`);
    return new CeleryBroker(`${hosts.join(';')}/${props.database ?? 0}`, undefined, props);
  }

  /**
   * Amazon SQS, with the identity that AWS gives the pods. The image needs `celery[sqs]`. Celery has no remote control
   * and no events with it.
   */
  static sqs(props: SqsProps): CeleryBroker {
    return new CeleryBroker('sqs://', undefined, undefined, props);
  }

  private constructor(
    /** Where it is, without user and password. */
    readonly url: string,
    /** What was said of it, if it is RabbitMQ. */
    readonly rabbitMq?: RabbitMqProps,
    /** What was said of it, if it is behind Sentinels. */
    readonly redisSentinel?: RedisSentinelProps,
    /** What was said of it, if it is SQS. */
    readonly sqs?: SqsProps,
  ) {}
}

/** The database of Redis' protocol that a broker is, unless it is of another kind. */
export function redisBroker(broker?: RedisDatabase | CeleryBroker): RedisDatabase | undefined {
  return broker instanceof CeleryBroker ? undefined : broker;
}

/** What was said of a broker that is SQS. */
export function sqsOf(broker?: RedisDatabase | CeleryBroker): SqsProps | undefined {
  return broker instanceof CeleryBroker ? broker.sqs : undefined;
}
