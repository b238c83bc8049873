import { App } from 'cdk8s';
import { IDistribution } from '../platform/distribution';
import { bindDistribution } from '../platform/binding';
import { inOnePass } from '../kubernetes/synthesis-pass';
import { IProgram } from '../platform/program';

/**
 * The manifests that a program makes for a distribution, as plain objects, without writing files: for snapshot tests
 * and for assertions.
 *
 * @param distribution - what to make them for
 * @param define - adds the charts to an App, as for `synthesize`
 *
 * @example
 * const manifests = manifestsFor(Distribution.openshift(), (app) => new PollsChart(app, 'polls'));
 * expect(manifests).toMatchSnapshot();
 * expect(findManifest(manifests, 'Route', 'polls').spec.host).toBe('polls.example.com');
 */
export function manifestsFor(distribution: IDistribution, define: (app: App) => void): any[] {
  const app = new App();
  bindDistribution(app, distribution);
  define(app);
  return inOnePass(app, () => app.charts.flatMap((chart) => chart.toJson()));
}

/** The manifest of a kind and name. Throws when there is none. The error names the manifests of that kind. */
export function findManifest(manifests: any[], kind: string, name: string): any {
  const ofKind = manifests.filter((manifest) => manifest.kind === kind);
  const found = ofKind.find((manifest) => manifest.metadata.name === name);
  if (found) return found;
  const names = ofKind.map((manifest) => manifest.metadata.name).join(', ') || 'none';
  throw new Error(`There is no ${kind} named "${name}" (there are: ${names}).`);
}

/**
 * `manifestsFor` and `findManifest` for a program that is an object: languages other than TypeScript have no functions
 * of a module.
 */
export class Manifests {
  /**
   * The manifests that a program makes for a distribution, without writing files.
   *
   * @param distribution - what to make them for
   * @param program - adds the charts to an App
   */
  static of(distribution: IDistribution, program: IProgram): Manifests {
    return new Manifests(manifestsFor(distribution, (app) => program.define(app)));
  }

  /** The manifests of all charts, as plain objects. */
  readonly all: any[];

  private constructor(all: any[]) {
    this.all = all;
  }

  /** The manifest of a kind and name. Throws when there is none. The error names the manifests of that kind. */
  find(kind: string, name: string): any {
    return findManifest(this.all, kind, name);
  }
}
