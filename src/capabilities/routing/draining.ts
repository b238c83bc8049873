import { Duration } from 'cdk8s';
import { RouteRequest } from '../../platform/routing';

/**
 * How long routers go on sending to a pod that terminates, unless a program says better. Both are estimates, which
 * were measured on no platform: a router in the cluster watches the endpoints, a controller tells a load balancer
 * outside about them, which takes a while to obey.
 */
export const DEREGISTRATION = { inside: Duration.seconds(5), outside: Duration.seconds(15) };

/**
 * How long Envoy keeps an unused connection, by its own default: Contour, Istio and most controllers of the Gateway API
 * are built on it.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
 */
export const ENVOY_IDLE_TIMEOUT = Duration.hours(1);

/** A load balancer of Google or AWS drains for at most this long. */
const LONGEST_SECONDS = 3600;

/**
 * How long a load balancer leaves a pod that goes away the requests that it has: until it knows about it, and then as
 * long as a request may take. A route of an hour gets no more than the hour.
 *
 * @see https://cloud.google.com/load-balancing/docs/enabling-connection-draining
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
export function drainingSeconds(deregistration: Duration, { timeout }: RouteRequest): number {
  return Math.min(deregistration.toSeconds() + timeout.toSeconds(), LONGEST_SECONDS);
}
