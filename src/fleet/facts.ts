import { sortedBy } from '../kubernetes/collections';
import { Unit } from './plan';
import { UnitFacts } from './unit';

/** Name of the file with what runs of some namespaces compare. Its name ends so that `kubectl apply` leaves it out. */
export const FACTS = 'fleet-facts.txt';

/** What a run notes of a unit, for later runs that do not make it. */
export interface NotedFacts extends UnitFacts {
  readonly namespace: string;
  /** Name of the distribution. */
  readonly distribution: string;
}

/** The facts of a unit. */
export function factsOf(
  { namespace, distribution }: Unit,
  { routes, resources, kinds, own }: UnitFacts,
): NotedFacts {
  return { namespace, distribution, routes, resources, kinds, own };
}

/** In the order in which a run of all makes units: by namespaces. */
export function sortedFacts(facts: NotedFacts[]): NotedFacts[] {
  // The sort is stable: the order of distributions stays.
  return sortedBy(facts, ({ namespace }) => namespace);
}

/** A line for each unit that has any. What is in its own namespace would be most of it, and is left out. */
export function factsText(facts: NotedFacts[]): string {
  const some = facts.filter(({ routes, resources, kinds }) => routes.length || resources.length || kinds);
  return some.map((one) => `${JSON.stringify({ ...one, own: undefined })}\n`).join('');
}

/** The reverse of `factsText`. */
export function readFacts(text: string): NotedFacts[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
