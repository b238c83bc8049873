import { Duration } from 'cdk8s';
import { IConstruct } from 'constructs';
import { checkInteger } from './numbers';

/** Ten years: the times that are sums of several fit into the 32 bits that Kubernetes counts in. */
const LONGEST_SECONDS = Duration.days(3650).toSeconds();

/** A time of whole seconds: Kubernetes does not know shorter ones. */
export function checkSeconds(
  scope: IConstruct,
  property: string,
  value: Duration,
  { atLeast, atMost = LONGEST_SECONDS }: { atLeast: number; atMost?: number } = { atLeast: 1 },
): Duration {
  checkInteger(scope, property, value.toSeconds({ integral: false }), { atLeast, atMost, unit: 'seconds' });
  return value;
}
