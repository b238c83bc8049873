import { Construct } from 'constructs';
import { checkFilePath, checkHost } from '../../kubernetes/names';
import { checkRemotePort } from '../../kubernetes/numbers';
import { checkPeers, NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { StoredValue } from '../../platform/secrets';
import { StoredSecret } from '../../secrets/stored-secret';
import { SecretValue } from '../../kubernetes/secret-values';
import { ValkeyRequest, ManagedValkeyServer, IValkey } from '../../platform/valkey';

/** The facts of a server that the platform runs. */
export interface ValkeyServer {
  /** Its host: a DNS name. */
  readonly host: string;

  /**
   * Port that it listens on. Azure Managed Redis listens on 10000.
   *
   * @default 6379
   */
  readonly port?: number;

  /**
   * Whether it is connected to by TLS.
   *
   * @default true
   */
  readonly tls?: boolean;

  /**
   * What the platform's secret store has as its password.
   *
   * @default - the password of the ValkeyBackend, or none
   */
  readonly password?: StoredValue;

  /**
   * Path, in the image of the applications, of the certificates of the authority, where that is the server's own.
   *
   * @default - the image's own certificates
   */
  readonly certificatePath?: string;

  /**
   * The same certificates in a Secret of the application's namespace. They are for an autoscaler that asks for the
   * length of queues: it does not have the image.
   *
   * @default - none: with `certificatePath`, `targetQueueLength` of workers throws
   */
  readonly certificateSecret?: SecretValue;

  /**
   * Where it is, as network policies see it: the address range of its subnet.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];
}

/** Servers of the platform, by the name of the ValkeyBackend. */
export interface PlatformValkeyProps {
  /** The servers. */
  readonly servers: { [backend: string]: ValkeyServer };
}

/**
 * Redis or Valkey as the platform runs it: Memorystore, ElastiCache, MemoryDB, Azure Managed Redis. It makes only what
 * a StoredSecret makes for a stored password.
 *
 * Celery needs all of its keys in one place, so the server must not be a cluster to its clients. On ElastiCache and
 * Memorystore, cluster mode must be disabled. On Azure Managed Redis, the cluster policy must be other than OSS. And
 * the server must refuse to evict (`maxmemory-policy noeviction`) where it is a broker.
 *
 * Throws when:
 * - it does not know a server of the backend's name;
 * - host, port, peers or path are not valid.
 *
 * @see https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html
 * @see https://learn.microsoft.com/azure/redis/tls-configuration (port 10000; the OSS cluster policy uses others too)
 * @example
 * Distribution.aks({
 *   keyVaultUrl: 'https://acme.vault.azure.net',
 *   tenantId: '00000000-0000-0000-0000-000000000000',
 *   valkey: new PlatformValkey({
 *     servers: {
 *       'polls-queue': {
 *         host: 'polls.westeurope.redis.azure.net',
 *         port: 10000,
 *         password: { secret: 'polls-queue-key' },
 *       },
 *     },
 *   }),
 * });
 */
export class PlatformValkey implements IValkey {
  constructor(private readonly props: PlatformValkeyProps) {}

  server(scope: Construct, { name, password }: ValkeyRequest): ManagedValkeyServer {
    const { servers } = this.props;
    if (!Object.hasOwn(servers, name)) {
      Problems.report(scope, {
        property: 'name',
        value: name,
        reason: "is not among the distribution's valkey.servers",
        remedy: `Add it to them: { ${JSON.stringify(name)}: { … } }`,
      });
    }
    const { host, port = 6379, tls = true, password: stored, peers, ...certificates } = servers[name];
    const { certificatePath, certificateSecret } = certificates;
    const property = `valkey.servers.${name}`;
    checkHost(scope, `${property}.host`, host);
    checkRemotePort(scope, `${property}.port`, port);
    checkPeers(scope, `${property}.peers`, peers);
    if (certificatePath !== undefined) checkFilePath(scope, `${property}.certificatePath`, certificatePath);
    const fetched = () =>
      stored && new StoredSecret(scope, 'Password', { name, keys: { password: stored } }).value('password');
    const url = `${tls ? 'rediss' : 'redis'}://${host}:${port}`;
    return { url, password: password ?? fetched(), certificatePath, certificateSecret, peers };
  }
}
