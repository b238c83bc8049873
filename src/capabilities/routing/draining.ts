import { Duration } from 'cdk8s';
import { RouteRequest } from './routing';

/** A load balancer of Google or AWS drains for at most this long. */
const LONGEST_SECONDS = 3600;

/**
 * How long a load balancer leaves a pod that goes away the requests that it has: until it has heard of it, and then as
 * long as a request may take. A route of an hour gets no more than the hour.
 *
 * @see https://cloud.google.com/load-balancing/docs/enabling-connection-draining
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
export function drainingSeconds(deregistration: Duration, { timeout }: RouteRequest): number {
  return Math.min(deregistration.toSeconds() + timeout.toSeconds(), LONGEST_SECONDS);
}
