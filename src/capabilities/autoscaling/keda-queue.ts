import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { ScalingQueue } from '../../platform/autoscaling';

const DEFAULT_PORT = '6379';
const SCHEMES = ['redis:', 'rediss:', 'valkey:'];

/**
 * What KEDA's trigger for a list of Redis or Valkey is told.
 *
 * @see https://keda.sh/docs/2.21/scalers/redis-lists/
 */
export function queueMetadata(
  scope: Construct,
  { url, list, targetLength }: ScalingQueue,
): Record<string, string> {
  const { protocol, hostname, port, pathname } = parse(scope, url);
  return {
    address: `${reachable(scope, url, hostname)}:${port || DEFAULT_PORT}`,
    databaseIndex: pathname.slice(1) || '0',
    listName: list,
    listLength: `${targetLength}`,
    enableTLS: `${protocol === 'rediss:'}`,
  };
}

function parse(scope: Construct, url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    parsed &&
    SCHEMES.includes(parsed.protocol) &&
    parsed.hostname &&
    !parsed.username &&
    !parsed.password
  ) {
    return parsed;
  }
  throw new InvalidInputError(scope, {
    property: 'celery.broker.url',
    value: url,
    reason: 'is not the URL of a Redis or Valkey server',
    remedy: 'Give scheme, host, port and database, such as "redis://cache:6379/0", and no password',
  });
}

/** KEDA asks from a namespace of its own, where the name of a Service means another one. */
function reachable(scope: Construct, url: string, host: string): string {
  if (host.includes('.')) return host;
  const { namespace } = Chart.of(scope);
  if (namespace) return `${host}.${namespace}.svc`;
  throw new InvalidInputError(scope, {
    property: 'celery.broker.url',
    value: url,
    reason: 'names a Service without its namespace, in which KEDA does not run',
    remedy: 'Give the chart a namespace, or the whole name of the host',
  });
}
