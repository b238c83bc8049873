import { Construct } from 'constructs';
import { EnvironmentVariable } from '../kubernetes/environment';
import { checkPeers } from '../kubernetes/peers';
import { Problems } from '../kubernetes/problems';
import { DjangoAppProps } from './django-app-props';
import { Traffic } from '../kubernetes/traffic';
import { checkSecretValue } from '../kubernetes/secret-values';
import { IRedisServer, RedisDatabase } from './cache-props';

const URL_PATTERN =
  /^(?:rediss?|valkey):\/\/(?<host>[a-z0-9]+(?:[-.]+[a-z0-9]+)*)(?::(?<port>\d{1,5}))?(?:\/(?<index>\d+))?$/;
const DEFAULT_PORT = 6379;

/** Checks a cache, a broker or a channel layer. */
export function checkRedisDatabase(scope: Construct, property: string, cache: RedisDatabase): void {
  const { url, password, peers } = cache;
  const port = portOf(url);
  if (port === undefined || port < 1 || port > 65535) {
    Problems.report(scope, {
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
    const { host, port, index } = redisPlace(use);
    const place = `${host}:${port}/${index}`;
    const other = taken.get(place);
    if (other) {
      Problems.report(scope, {
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
function checkCertificate(scope: Construct, property: string, cache: RedisDatabase): void {
  const { url, certificatePath, certificateSecret } = cache;
  if (certificateSecret) checkSecretValue(scope, `${property}.certificateSecret`, certificateSecret);
  if (certificatePath !== undefined && !(/^\/[-\w./]+$/.test(certificatePath) && url.startsWith('rediss:'))) {
    Problems.report(scope, {
      property: `${property}.certificatePath`,
      value: certificatePath,
      reason: url.startsWith('rediss:') ? 'is not the path of a file' : 'has no meaning without TLS',
      remedy: 'Give the path of a file in the image, and a URL that begins "rediss://"',
    });
  }
}

/** The cache, the broker and the channel layer of an application, of those that it has. */
export function redisDatabasesOf({ cache, celery, channelLayer }: DjangoAppProps): RedisDatabase[] {
  return [cache, celery?.broker, channelLayer].filter((one) => one !== undefined);
}

/** The servers of its cache, its broker and its channel layer that the program describes. */
export function redisServersOf(props: DjangoAppProps): IRedisServer[] {
  const places = [...redisDatabasesOf(props), props.celery?.redisSentinel];
  return [...new Set(places.flatMap((place) => place?.server ?? []))];
}

/** What a network policy has to let out. */
export function redisTraffic({ url, peers }: RedisDatabase): Traffic {
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
 * redis-py and kombu do not know `valkey:`. Also, kombu does not check a certificate unless it is told to.
 */
export function serverVariables(name: string, cache: RedisDatabase): EnvironmentVariable[] {
  return [
    ...(cache.password ? [{ name: `${name}_PASSWORD`, ...cache.password }] : []),
    { name: `${name}_URL`, value: redisUrl(cache, `${name}_PASSWORD`) },
  ];
}

/** The URL of a database, with its password from a variable that comes before. */
export function redisUrl({ url, password, certificatePath }: RedisDatabase, variable: string): string {
  const [scheme, place] = url.split('://');
  const tls = scheme === 'rediss' ? ['ssl_cert_reqs=required'] : [];
  if (certificatePath) tls.push(`ssl_ca_certs=${certificatePath}`);
  const query = tls.length ? `?${tls.join('&')}` : '';
  const login = password ? `:$(${variable})@` : '';
  return `${scheme === 'valkey' ? 'redis' : scheme}://${login}${place}${query}`;
}

/** Where a database is. The URL was checked. */
export function redisPlace({ url }: RedisDatabase): { host: string; port: number; index: number } {
  const { host = '', port = DEFAULT_PORT, index = 0 } = URL_PATTERN.exec(url)?.groups ?? {};
  return { host, port: Number(port), index: Number(index) };
}
