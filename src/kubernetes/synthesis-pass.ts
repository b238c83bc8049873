import { ApiObject, App, Chart, DependencyGraph } from 'cdk8s';
import { IConstruct } from 'constructs';
import { withKnownTexts } from './yaml-texts';

/** What is known of a tree while it is synthesized and does not change. */
interface Pass {
  /** By the construct or the check that it was made for. */
  readonly results: Map<object, unknown>;
  /** Whether the whole App was validated and its dependencies resolved, so that its charts need not do it again. */
  isWhole: boolean;
}

const PASS = Symbol.for('cdk8s-django.synthesis-pass');
const PREPARED = Symbol.for('cdk8s-django.prepared');

/**
 * Runs what reads a tree that is complete. Meanwhile nothing is made twice by `oncePerPass`.
 *
 * @param root - the root of the tree
 */
export function inOnePass<T>(root: IConstruct, read: () => T): T {
  if (passOf(root)) return read();
  beginPass(root);
  try {
    return read();
  } finally {
    endPass(root);
  }
}

/** From now on the tree does not change. */
export function beginPass(root: IConstruct): void {
  Object.defineProperty(root, PASS, { value: { results: new Map(), isWhole: false }, configurable: true });
  // Charts that have nothing of ours, too.
  for (const one of root.node.findAll()) if (Chart.isChart(one)) synthesizeInOnePass(one);
}

/** Forgets what was made. */
export function endPass(root: IConstruct): void {
  delete (root as any)[PASS];
}

/**
 * What `make` returns; within one pass it is called once for a key.
 *
 * @param scope - any construct of the tree
 * @param key - the construct or the check that it is made for
 */
export function oncePerPass<T>(scope: IConstruct, key: object, make: () => T): T {
  const results = passOf(scope.node.root)?.results;
  if (!results) return make();
  if (!results.has(key)) results.set(key, make());
  return results.get(key) as T;
}

/**
 * Makes a chart and its App do in one pass what they do when they are synthesized. For each chart cdk8s 2.70 validates
 * the whole App and resolves all dependencies, so that a hundred charts did all of it a hundred times.
 */
export function synthesizeInOnePass(chart: Chart): void {
  if (PREPARED in chart) return;
  Object.defineProperty(chart, PREPARED, { value: true });
  const { root } = chart.node;
  // A chart that changes its own manifests goes on doing so.
  const isPlain = chart.toJson === Chart.prototype.toJson;
  const toJson = chart.toJson.bind(chart);
  chart.toJson = () =>
    inOnePass(root, () => {
      const pass = passOf(root)!;
      const manifests = isPlain && pass.isWhole ? manifestsOf(chart) : toJson();
      pass.isWhole = true;
      return manifests;
    });
  if (root instanceof App) synthesizeAppInOnePass(root);
}

function synthesizeAppInOnePass(app: App): void {
  if (PREPARED in app) return;
  Object.defineProperty(app, PREPARED, { value: true });
  const whole =
    <T>(synth: () => T): (() => T) =>
    () =>
      inOnePass(app, () => {
        passOf(app)!.isWhole = true;
        return withKnownTexts(synth);
      });
  app.synth = whole(app.synth.bind(app));
  app.synthYaml = whole(app.synthYaml.bind(app));
}

/** What a chart's manifests are once the App's dependencies are resolved, in the order of cdk8s. */
function manifestsOf(chart: Chart): any[] {
  return new DependencyGraph(chart.node)
    .topology()
    .filter((one): one is ApiObject => ApiObject.isApiObject(one) && Chart.of(one) === chart)
    .map((resource) => resource.toJson());
}

function passOf(root: IConstruct): Pass | undefined {
  return (root as any)[PASS];
}
