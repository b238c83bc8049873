import { inspect } from 'node:util';
import { App } from 'cdk8s';
import { groupedBy } from '../kubernetes/collections';
import { checkName, checkNamespace } from '../kubernetes/names';
import { collectProblems, FoundProblem, Problems } from '../kubernetes/problems';
import { IFleetApplication } from './application';
import { Sources } from './sources';

/** The applications of one namespace on one distribution: what one App makes, regardless of the number of shards. */
export interface Unit {
  readonly namespace: string;
  /** Name of the distribution. */
  readonly distribution: string;
  /** Where its applications come from, in their order. */
  readonly places: string[];
}

/** What is to be made, and what is wrong with the applications before anything is. */
export interface Plan {
  readonly units: Unit[];
  readonly problems: FoundProblem[];
}

/**
 * Loads all applications and sorts them by their namespaces.
 *
 * @param names - names of the distributions
 */
export function planOf(sources: Sources, names: string[]): Plan {
  const problems: FoundProblem[] = [];
  const placeOf = new Map<string, string>();
  const members: { namespace: string; place: string; distributions: string[] }[] = [];
  for (const [place, get] of sources) {
    const { application, found } = checkedApplication(place, get, names, placeOf);
    problems.push(...found);
    if (!application || found.length) continue;
    const { namespace, distributions = names } = application;
    members.push({ namespace, place, distributions });
  }
  const namespaces = groupedBy(members, ({ namespace }) => namespace);
  const units = [...namespaces.keys()].sort().flatMap((namespace) =>
    names.map((distribution) => {
      const own = namespaces.get(namespace)!.filter((one) => one.distributions.includes(distribution));
      return { namespace, distribution, places: own.map(({ place }) => place) };
    }),
  );
  return { units: units.filter(({ places }) => places.length), problems };
}

/** An application whose name, namespace and distributions can be used, or what is wrong with them. */
function checkedApplication(
  place: string,
  get: () => IFleetApplication,
  distributions: string[],
  placeOf: Map<string, string>,
): { application?: IFleetApplication; found: FoundProblem[] } {
  try {
    const application = get();
    const scope = new App();
    const { found, error } = collectProblems(scope, () => check(scope, application, distributions, placeOf));
    if (error && !found.length) throw error;
    const { namespace, name } = application ?? {};
    if (!found.length) placeOf.set(`${namespace}/${name}`, place);
    return { application, found: found.map((problem) => ({ ...problem, path: place })) };
  } catch (error) {
    return { found: [thrown(place, error)] };
  }
}

function check(
  scope: App,
  application: IFleetApplication,
  distributions: string[],
  placeOf: Map<string, string>,
): void {
  if (typeof application?.define !== 'function') {
    return Problems.report(scope, {
      property: 'default export',
      // Its kind alone: an object of the user's may be large, or have a password.
      value: application && inspect(application, { depth: -1 }),
      reason: 'is not an application of a fleet',
      remedy: 'Export an IFleetApplication by default: name, namespace and define(chart)',
    });
  }
  const { name, namespace } = application;
  checkName(scope, 'name', name);
  checkNamespace(scope, 'namespace', namespace);
  checkDistributions(scope, application, distributions);
  const other = placeOf.get(`${namespace}/${name}`);
  if (other !== undefined) {
    Problems.report(scope, {
      property: 'name',
      value: name,
      reason: `is the name of ${other} too, in the same namespace`,
      remedy: 'Give one of them another name',
    });
  }
}

function checkDistributions(scope: App, { distributions }: IFleetApplication, known: string[]): void {
  if (distributions === undefined) return;
  const isList = Array.isArray(distributions) && distributions.length > 0;
  const unknown = isList ? distributions.find((one) => !known.includes(one)) : distributions;
  if (unknown === undefined) return;
  Problems.report(scope, {
    property: 'distributions',
    value: unknown,
    reason: isList
      ? 'is the name of no distribution of the fleet'
      : 'is not a list of at least one name, and the application would be nowhere',
    remedy: `Use some of ${known.map((one) => `"${one}"`).join(', ')}${isList ? '' : ', or leave it out for all'}`,
  });
}

/** What is thrown that is not a problem of ours: an error of the application's own code. */
export function thrown(path: string, error: unknown): FoundProblem {
  return { path, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
