import { join } from 'node:path';
import { ApiObject, App, Chart } from 'cdk8s';
import { writeSideFiles } from '../distributions/side-files';
import { appFor, noticesFor, validationProblems } from '../distributions/synthesize';
import { shortHash } from '../kubernetes/hash';
import { collectProblems, FoundProblem, refusePromise } from '../kubernetes/problems';
import { beginPass, endPass } from '../kubernetes/synthesis-pass';
import { keysOf, uniqueResourcesOf } from '../kubernetes/unique-resources';
import { IDistribution } from '../platform/distribution';
import { RouteFacts, routesOf } from '../public-route/other-routes';
import { IFleetApplication } from './application';
import { DeliveredKind, deliveredKinds, IFleetDelivery } from './delivery';
import { filesBelow } from './output';
import { thrown } from './plan';

/** A resource that another unit could make too. */
export interface OuterResource {
  /** What the cluster knows it by. */
  readonly key: string;
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  /** Hash of its manifest, if it has no namespace. */
  readonly content?: string;
}

/** What is compared between units. */
export interface UnitFacts {
  readonly routes: RouteFacts[];
  readonly resources: OuterResource[];
  /**
   * The resources of its own namespace, which another unit could make too.
   *
   * @default - not known: this run does not make the unit
   */
  readonly own?: OuterResource[];
  /** The kinds of its manifests, if an engine delivers them. */
  readonly kinds?: DeliveredKind[];
}

/** What came of a unit, as data that one process can send to another. */
export interface UnitResult extends UnitFacts {
  readonly problems: FoundProblem[];
  readonly notices: string[];
  /** What was written, by paths below the staging folder. */
  readonly files: string[];
}

/** What a unit is made from, in the process that makes it. */
export interface UnitInput {
  readonly namespace: string;
  readonly distribution: IDistribution;
  readonly applications: IFleetApplication[];
  /** Folder in which all units write. */
  readonly staging: string;
  readonly delivery?: IFleetDelivery;
}

/** Makes a unit, and writes its files below the staging folder if nothing is wrong with it. */
export function makeUnit(input: UnitInput): UnitResult {
  const { namespace, distribution, applications, staging, delivery } = input;
  const folder = join(distribution.name, namespace);
  const inNamespace = (path: string) => (path ? `${namespace}/${path}` : namespace);
  const faulty = (found: FoundProblem[]): UnitResult => {
    const problems = found.map((problem) => ({ ...problem, path: inNamespace(problem.path) }));
    return { problems, notices: [], files: [], routes: [], resources: [] };
  };
  const app = appFor(distribution, join(staging, folder));
  const found = applications.flatMap((application) => definitionProblems(app, application));
  const { error: unprepared } = collectProblems(app, () => delivery?.prepare(app));
  beginPass(app);
  try {
    found.push(...laterProblems(app, found));
    if (found.length) return faulty(found);
    // After what is found: of a chart with a problem, the engine's changes may fail by it.
    if (unprepared) return faulty([thrown('', unprepared)]);
    const routes = routesOf(app).map((route) => ({ ...route, path: inNamespace(route.path) }));
    const { own, outer: resources } = ownAndOuter(app, namespace, inNamespace);
    const kinds = delivery && deliveredKinds(app);
    app.synth();
    writeSideFiles(app, app.outdir);
    const files = filesBelow(app.outdir).map((file) => join(folder, file));
    const notices = noticesFor(app, inNamespace);
    return { problems: [], notices, files, routes, resources, kinds, own };
  } catch (error) {
    const found = renderProblems(app);
    return faulty(found.length ? found : [thrown('', error)]);
  } finally {
    endPass(app);
  }
}

/** Makes the chart of an application. One that could not be finished is taken out, for the others to be validated. */
function definitionProblems(app: App, application: IFleetApplication): FoundProblem[] {
  const { name, namespace } = application;
  const made = collectProblems(app, () => {
    const chart = new Chart(app, name, { namespace });
    refusePromise(chart, application.define(chart));
  });
  // Anything can be thrown, also undefined.
  if (!('error' in made)) return made.found;
  app.node.tryRemoveChild(name);
  return made.found.length ? made.found : [thrown(name, made.error)];
}

/** What validations and rendering find, chart by chart: what throws does not hide the others. */
function laterProblems(app: App, before: FoundProblem[]): FoundProblem[] {
  const found: FoundProblem[] = [];
  const errors: unknown[] = [];
  for (const scope of [...app.charts, app]) {
    try {
      const later = validationProblems(scope, before);
      found.push(
        ...later.filter(
          ({ path, message }) => !found.some((one) => one.path === path && one.message === message),
        ),
      );
    } catch (error) {
      errors.push(error);
    }
  }
  if (![...before, ...found, ...errors].length) return [];
  // Where an application has a problem already, what it throws is the consequence.
  const faulty = new Set([...before, ...found].map(({ path }) => applicationOf(path)));
  found.push(...renderProblems(app).filter(({ path }) => !faulty.has(applicationOf(path))));
  return before.length || found.length ? found : [thrown('', errors[0])];
}

/** The id of the chart that a path is in. */
function applicationOf(path: string): string {
  return path.split('/')[0];
}

/** What is thrown while manifests are rendered, with the path of each that throws. */
function renderProblems(app: App): FoundProblem[] {
  const resources = app.node.findAll().filter((one) => ApiObject.isApiObject(one));
  return resources.flatMap((resource) => {
    try {
      resource.toJson();
      return [];
    } catch (error) {
      return [thrown(resource.node.path, error)];
    }
  });
}

/** The resources of the namespace, and those that do not belong to it: of another one, and of none. */
function ownAndOuter(
  app: App,
  namespace: string,
  inNamespace: (path: string) => string,
): { own: OuterResource[]; outer: OuterResource[] } {
  const own: OuterResource[] = [];
  const outer: OuterResource[] = [];
  for (const resource of uniqueResourcesOf(app)) {
    const { kind, name, node } = resource;
    const manifest = resource.toJson();
    // Not of the construct: cdk8s gives the chart's namespace to resources that cannot have one.
    const where: string | undefined = manifest.metadata?.namespace;
    const content = where === undefined ? shortHash(manifest) : undefined;
    const path = inNamespace(node.path);
    const found = keysOf(resource, where ?? '').map((key) => ({ key, kind, name, path, content }));
    (where === namespace ? own : outer).push(...found);
  }
  return { own, outer };
}
