import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { RouteRequest } from '../../platform/routing';

const LONGEST = 128;
/** For a path that means all below it, the controller makes one with this ending, in addition to the path itself. */
const BELOW = '/*';

/**
 * Checks the hosts and paths of a rule by what a load balancer takes.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_PathPatternConditionConfig.html
 */
export function checkConditions(scope: Construct, { hosts, paths }: RouteRequest): void {
  const host = hosts.find((one) => one.length > LONGEST || !/\.[a-z]+$/.test(one));
  if (host !== undefined) {
    Problems.report(scope, {
      property: 'hosts',
      value: host,
      reason: 'cannot be a condition of an Application Load Balancer',
      remedy: `Give a name of at most ${LONGEST} characters, with a "." and only letters after the last one`,
    });
  }
  const path = paths.find((one) => one.length > LONGEST - BELOW.length);
  if (path !== undefined) {
    Problems.report(scope, {
      property: 'paths',
      value: path,
      reason: `has ${path.length} characters, too many for a condition of an Application Load Balancer`,
      remedy: `Use at most ${LONGEST - BELOW.length}`,
    });
  }
}
