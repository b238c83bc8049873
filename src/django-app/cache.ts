import { Construct } from 'constructs';
import { checkSecretValue, SecretValue } from '../capabilities/secrets/secret';
import { EnvironmentVariable } from '../kubernetes/environment';
import { InvalidInputError } from '../kubernetes/errors';
import { Traffic } from '../kubernetes/network-policies';
import { checkPeers, NetworkPeer } from '../kubernetes/peers';
import { IDatabaseClient } from './database';
import { DjangoAppProps } from './django-app-props';

/** A server of Redis' protocol that the program describes: ValkeyBackend. */
export interface ICacheServer {
  /** Whether what it holds outlives its pod. */
  readonly durable: boolean;

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
export interface Cache {
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
   * The same certificates in a Secret, in PEM format, for an autoscaler that asks a broker for the length of its
   * queues: it has not the image.
   *
   * @default - none: with `certificatePath`, `targetQueueLength` of workers throws
   */
  readonly certificateSecret?: SecretValue;

  /**
   * The server, to be told of its clients.
   *
   * @default - one that somebody else runs
   */
  readonly server?: ICacheServer;
}

const URL_PATTERN =
  /^(?:rediss?|valkey):\/\/(?<host>[a-z0-9]+(?:[-.]+[a-z0-9]+)*)(?::(?<port>\d{1,5}))?(?:\/(?<index>\d+))?$/;
const DEFAULT_PORT = 6379;

/** Checks a cache, a broker or a channel layer. */
export function checkCache(scope: Construct, property: string, cache: Cache): void {
  const { url, password, peers } = cache;
  const port = portOf(url);
  if (port === undefined || port < 1 || port > 65535) {
    throw new InvalidInputError(scope, {
      property: `${property}.url`,
      value: url,
      reason: 'is not the URL of a Redis or Valkey server',
      remedy:
        'Give scheme, host, port and database, such as "redis://cache:6379/0", ' +
        `and the password as ${property}.password`,
    });
  }
  if (password) checkSecretValue(scope, `${property}.password`, password);
  checkPeers(scope, `${property}.peers`, peers);
  checkCertificate(scope, property, cache);
}

/** Checks that cache, broker and channel layer each have a database of their own. */
export function checkOwnDatabases(scope: Construct, { cache, celery, channelLayer }: DjangoAppProps): void {
  const uses = Object.entries({ cache, 'celery.broker': celery?.broker, channelLayer });
  const taken = new Map<string, string>();
  for (const [property, use] of uses) {
    if (!use) continue;
    const { host, port = DEFAULT_PORT, index = 0 } = URL_PATTERN.exec(use.url)!.groups!;
    const place = `${host}:${Number(port)}/${Number(index)}`;
    const other = taken.get(place);
    if (other) {
      throw new InvalidInputError(scope, {
        property: `${property}.url`,
        value: use.url,
        reason: `is the database of ${other} too, and to clear a cache empties all of its database`,
        remedy: 'Give each another one of the server, such as database(1)',
      });
    }
    taken.set(place, property);
  }
}

/** Checks what the server's certificate is checked against. Without TLS there is none to check. */
function checkCertificate(scope: Construct, property: string, cache: Cache): void {
  const { url, certificatePath, certificateSecret } = cache;
  if (certificateSecret) checkSecretValue(scope, `${property}.certificateSecret`, certificateSecret);
  if (certificatePath !== undefined && !(/^\/[-\w./]+$/.test(certificatePath) && url.startsWith('rediss:'))) {
    throw new InvalidInputError(scope, {
      property: `${property}.certificatePath`,
      value: certificatePath,
      reason: url.startsWith('rediss:') ? 'is not the path of a file' : 'has no meaning without TLS',
      remedy: 'Give the path of a file in the image, and a URL that begins "rediss://"',
    });
  }
}

/** The cache, the broker and the channel layer of an application, of those that it has. */
export function cachesOf({ cache, celery, channelLayer }: DjangoAppProps): Cache[] {
  return [cache, celery?.broker, channelLayer].filter((one) => one !== undefined);
}

/** What a network policy has to let out. */
export function cacheTraffic({ url, peers }: Cache): Traffic {
  return { peers, ports: [{ port: portOf(url)! }] };
}

/** The port of a URL that is one of a server. */
function portOf(url: string): number | undefined {
  const match = URL_PATTERN.exec(url);
  return match ? Number(match.groups?.port ?? DEFAULT_PORT) : undefined;
}

/**
 * The variables of a broker or a channel layer: `…_PASSWORD`, and `…_URL` with the password in it, for programs that
 * read it without the overlay. Kubernetes puts the password in as it is; the overlay writes it anew, encoded.
 *
 * redis-py and kombu know no `valkey:`, and kombu checks no certificate unless it is told to.
 */
export function serverVariables(name: string, cache: Cache): EnvironmentVariable[] {
  const [scheme, place] = cache.url.split('://');
  const tls = scheme === 'rediss' ? ['ssl_cert_reqs=required'] : [];
  if (cache.certificatePath) tls.push(`ssl_ca_certs=${cache.certificatePath}`);
  const query = tls.length ? `?${tls.join('&')}` : '';
  const login = cache.password ? `:$(${name}_PASSWORD)@` : '';
  return [
    ...(cache.password ? [{ name: `${name}_PASSWORD`, ...cache.password }] : []),
    { name: `${name}_URL`, value: `${scheme === 'valkey' ? 'redis' : scheme}://${login}${place}${query}` },
  ];
}
