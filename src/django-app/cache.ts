import { Construct } from 'constructs';
import { checkSecretValue, SecretValue } from '../capabilities/secrets/secret';
import { InvalidInputError } from '../kubernetes/errors';
import { Traffic } from '../kubernetes/network-policies';
import { checkPeer, NetworkPeer } from '../kubernetes/peers';

/** A Redis or Valkey server that somebody else runs. */
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
}

const URL_PATTERN = /^(?:rediss?|valkey):\/\/[a-z0-9][-.a-z0-9]*(?::(?<port>\d{1,5}))?(?:\/\d+)?$/;
const DEFAULT_PORT = 6379;

/** Checks a cache. */
export function checkCache(scope: Construct, cache: Cache): void {
  if (!URL_PATTERN.test(cache.url)) {
    throw new InvalidInputError(scope, {
      property: 'cache.url',
      value: cache.url,
      reason: 'is not the URL of a Redis or Valkey server',
      remedy:
        'Give scheme, host, port and database, such as "redis://cache:6379/0", and the password as cache.password',
    });
  }
  if (cache.password) checkSecretValue(scope, 'cache.password', cache.password);
  cache.peers?.forEach((peer) => checkPeer(scope, 'cache.peers', peer));
}

/** What a network policy has to let out. */
export function cacheTraffic({ url, peers }: Cache): Traffic {
  const port = Number(URL_PATTERN.exec(url)?.groups?.port ?? DEFAULT_PORT);
  return { peers, ports: [{ port }] };
}
