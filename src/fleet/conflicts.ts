import { describe, Problem } from '../kubernetes/errors';
import { FoundProblem } from '../kubernetes/problems';
import { repeatedName } from '../kubernetes/unique-resources';
import { IRouting } from '../platform/routing';
import { RouteFacts, routeProblems } from '../public-route/other-routes';
import { OuterResource, UnitFacts } from './unit';

/**
 * What is wrong between the units of a distribution: what the App of a whole program would find, and no App of a
 * namespace can.
 */
export function conflictsBetween(units: UnitFacts[], routing: IRouting): FoundProblem[] {
  return [...routeConflicts(units, routing), ...resourceConflicts(units)];
}

function routeConflicts(units: UnitFacts[], routing: IRouting): FoundProblem[] {
  const earlier = new Map<string, RouteFacts[]>();
  return units.flatMap(({ routes }) => {
    const found = routes.flatMap((route) => {
      const others = new Set(route.hosts.flatMap((host) => earlier.get(host) ?? []));
      return [...others].flatMap((other) => routeProblems(route, other, routing).map(at(route.path)));
    });
    // Afterwards: the routes of one unit were compared by their App.
    for (const route of routes) {
      for (const host of route.hosts) earlier.set(host, [...(earlier.get(host) ?? []), route]);
    }
    return found;
  });
}

/** Resources without a namespace may be repeated as they are: each namespace's files can be applied alone. */
function resourceConflicts(units: UnitFacts[]): FoundProblem[] {
  const earlier = new Map<string, { unit: UnitFacts; resource: OuterResource }>();
  const found: FoundProblem[] = [];
  const outer = new Set(units.flatMap(({ resources }) => resources.map(({ key }) => key)));
  for (const unit of units) {
    // The owner of a namespace is the first to have a name there.
    for (const resource of unit.own ?? []) {
      if (outer.has(resource.key)) earlier.set(resource.key, { unit, resource });
    }
  }
  for (const unit of units) {
    for (const resource of unit.resources) {
      const first = earlier.get(resource.key);
      if (!first) earlier.set(resource.key, { unit, resource });
      if (!first || first.unit === unit) continue;
      const isSame = resource.content !== undefined && resource.content === first.resource.content;
      const { kind, path } = first.resource;
      if (!isSame) found.push(at(resource.path)(repeatedName(resource.name, kind, path)));
    }
  }
  return found;
}

function at(path: string): (problem: Problem) => FoundProblem {
  return (problem) => ({ path, message: describe(problem), problem });
}
