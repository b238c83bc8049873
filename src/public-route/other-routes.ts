import { Construct, IConstruct } from 'constructs';
import { Problem } from '../kubernetes/errors';
import { Problems } from '../kubernetes/problems';
import { distributionOf } from '../platform/binding';
import { Members } from '../platform/members';
import { IRouting } from '../platform/routing';

/** What routes must not share. */
interface Route extends Construct {
  readonly hosts: string[];
  readonly paths: string[];
}

/** A route as data. */
export interface RouteFacts {
  /** Path of its construct. */
  readonly path: string;
  /** Its hosts. */
  readonly hosts: string[];
  /** Its paths on the hosts. */
  readonly paths: string[];
}

const ROUTES = new Members<Route>('routes');

/** Makes a route known. Throws when another route of the cluster leads a host elsewhere. */
export function addRoute(route: Route): void {
  const { routing } = distributionOf(route);
  for (const other of ROUTES.of(route, route.hosts).map(factsOf)) {
    for (const problem of routeProblems(route, other, routing)) Problems.report(route, problem);
  }
  ROUTES.add(route, route.hosts);
}

/** The routes of the program that are made for the same cluster. */
export function routesOf(scope: IConstruct): RouteFacts[] {
  return ROUTES.all(scope).map(factsOf);
}

function factsOf({ node, hosts, paths }: Route): RouteFacts {
  return { path: node.path, hosts, paths };
}

/** What is wrong with a route beside an earlier one: the same path of a host or, with some routers, the same host. */
export function routeProblems(
  route: { hosts: string[]; paths: string[] },
  other: RouteFacts,
  { oneRoutePerHost, sharedAddressRemedy }: IRouting,
): Problem[] {
  const host = route.hosts.find((one) => other.hosts.includes(one));
  const path = route.paths.find((one) => other.paths.includes(one));
  if (host === undefined) return [];
  const problems: Problem[] = [];
  if (oneRoutePerHost) {
    problems.push({
      property: 'hosts',
      value: host,
      reason: `is a host of the route at ${other.path} too, and this router takes one route of a host`,
      remedy:
        'Give one of them another host, or the distribution another routing, such as UpstreamGatewayRouting',
    });
  }
  if (path !== undefined) {
    problems.push({
      property: 'hosts',
      value: host,
      reason: `leads elsewhere from "${path}" by the route at ${other.path}`,
      remedy: 'Give one of them another host or path',
    });
  } else if (sharedAddressRemedy !== undefined) {
    problems.push({
      property: 'hosts',
      value: host,
      reason: `is a host of the route at ${other.path} too, each route has an address of its own, and a host has one`,
      remedy: sharedAddressRemedy,
    });
  }
  return problems;
}
