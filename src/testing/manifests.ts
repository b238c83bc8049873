import { App } from 'cdk8s';
import { IDistribution } from '../platform/distribution';
import { bindDistribution } from '../platform/binding';
import { refusePromise } from '../kubernetes/problems';
import { inOnePass } from '../kubernetes/synthesis-pass';
import { IProgram } from '../platform/program';
import { Backend, backendsOf } from './backends';
import { environmentOf } from './environment';
import { findManifest } from './find-manifest';
import { snapshotOf } from './snapshot';

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
  refusePromise(app, define(app));
  return inOnePass(app, () => app.charts.flatMap((chart) => chart.toJson()));
}

/**
 * `manifestsFor`, and what looks into manifests, for a program that is an object: languages other than TypeScript do not
 * have functions of a module.
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

  /**
   * The environment of a container, as `environmentOf` shows it.
   *
   * @param kind - such as `Deployment`
   * @param name - of the manifest
   * @param container - name of the container; without it the first one that is not an init container
   */
  environment(kind: string, name: string, container?: string): { [variable: string]: string } {
    return environmentOf(this.all, kind, name, container);
  }

  /**
   * The containers that answer at the ports of a Service, as `backendsOf` finds them.
   *
   * @param service - name of the Service
   */
  backends(service: string): Backend[] {
    return backendsOf(this.all, service);
  }

  /** YAML for a snapshot, as `snapshotOf` writes it. */
  snapshot(): string {
    return snapshotOf(this.all);
  }
}
