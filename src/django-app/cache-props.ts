import { NetworkPeer } from '../kubernetes/peers';
import { IDatabaseClient } from './database';
import { SecretValue } from '../kubernetes/secret-values';
import { IMeasuredServer } from '../platform/measured-server';

/** A server of Redis' protocol that the program describes: ValkeyBackend. */
export interface IRedisServer {
  /** Whether what it holds outlives its pod. */
  readonly durable: boolean;

  /**
   * The servers that it is made of which show their metrics.
   *
   * @default - none
   */
  readonly measuredServers?: IMeasuredServer[];

  /**
   * Tells the server of an application that uses it.
   *
   * @param client - the application
   */
  addClient(client: IDatabaseClient): void;

  /** Lets only the pods of the applications that use the server connect to it. */
  restrictNetwork(): void;
}

/**
 * A database of a Redis or Valkey server: `database()` of a ValkeyBackend, or written out for a server that somebody
 * else runs.
 */
export interface RedisDatabase {
  /** Where it is: `redis://host:6379/0`, or `rediss://` with TLS. It holds no password. */
  readonly url: string;

  /**
   * Its password.
   *
   * @default - none
   */
  readonly password?: SecretValue;

  /**
   * Where the server is, as network policies see it.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];

  /**
   * Path, in the image, of the certificates that the server's is checked against, with `rediss://`.
   *
   * @default - the image's own
   */
  readonly certificatePath?: string;

  /**
   * The same certificates in a Secret, in PEM format. They are for an autoscaler that asks a broker for the length of
   * its queues, because the autoscaler does not have the image.
   *
   * @default - none: with `certificatePath`, `targetQueueLength` of workers throws
   */
  readonly certificateSecret?: SecretValue;

  /**
   * The server, which is told about its clients.
   *
   * @default - one that somebody else runs
   */
  readonly server?: IRedisServer;
}
