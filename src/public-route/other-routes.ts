import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { distributionOf } from '../platform/binding';

/** What routes must not share. */
interface Route extends Construct {
  readonly hosts: string[];
  readonly paths: string[];
}

/** Throws when another route of the cluster leads a host elsewhere: by the same path or, with some routers, at all. */
export function checkOtherRoutes(route: Route, others: Route[]): void {
  const { oneRoutePerHost, sharedAddressRemedy } = distributionOf(route).routing;
  for (const other of others) {
    const host = route.hosts.find((one) => other.hosts.includes(one));
    const path = route.paths.find((one) => other.paths.includes(one));
    if (host === undefined) continue;
    if (oneRoutePerHost) {
      Problems.report(route, {
        property: 'hosts',
        value: host,
        reason: `is a host of the route at ${other.node.path} too, and this router takes one route of a host`,
        remedy:
          'Give one of them another host, or the distribution another routing, such as UpstreamGatewayRouting',
      });
    }
    if (path !== undefined) {
      Problems.report(route, {
        property: 'hosts',
        value: host,
        reason: `leads elsewhere from "${path}" by the route at ${other.node.path}`,
        remedy: 'Give one of them another host or path',
      });
    } else if (sharedAddressRemedy !== undefined) {
      Problems.report(route, {
        property: 'hosts',
        value: host,
        reason: `is a host of the route at ${other.node.path} too, each route has an address of its own, and a host has one`,
        remedy: sharedAddressRemedy,
      });
    }
  }
}
