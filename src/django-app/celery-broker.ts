import { NetworkPeer } from '../kubernetes/peers';
import { IRedisServer } from './cache-props';
import { SecretValue } from '../kubernetes/secret-values';

/** A RabbitMQ server, by its parts or by a URL in a Secret. The image needs no package for it. */
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

/**
 * Redis or Valkey servers of which Sentinels say which one is the primary, without TLS:
 * `broker()` of a ValkeySentinel, or written out for those that somebody else runs. The image needs `celery[redis]`.
 */
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

  /**
   * The servers, which are told about their clients: `broker()` of a ValkeySentinel has them.
   *
   * @default - some that somebody else runs
   */
  readonly server?: IRedisServer;
}

/**
 * Queues of Amazon SQS, which exist already. Pods use them by the identity that AWS gives them. The image needs
 * `celery[sqs]`. Celery has no remote control and no events with it.
 */
export interface SqsProps {
  /**
   * The URL of each queue, by its name in Celery: `{ celery: "https://sqs.eu-west-1.amazonaws.com/111122223333/shop" }`.
   * All are of one region. A FIFO queue cannot be one of them.
   */
  readonly queueUrls: { [queue: string]: string };
}
