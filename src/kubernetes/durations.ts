import { Duration } from 'cdk8s';
import { IConstruct } from 'constructs';
import { checkInteger } from './numbers';

/** A time of whole seconds: Kubernetes knows no shorter ones. */
export function checkSeconds(
  scope: IConstruct,
  property: string,
  value: Duration,
  bounds: { atLeast: number; atMost?: number } = { atLeast: 1 },
): Duration {
  checkInteger(scope, property, value.toSeconds({ integral: false }), bounds);
  return value;
}
