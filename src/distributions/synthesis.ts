import { IDistribution } from '../platform/distribution';
import { IProgram } from '../platform/program';
import { synthesize } from './synthesize';

/** `synthesize` for a program that is an object: languages other than TypeScript have no functions of a module. */
export class Synthesis {
  /**
   * Makes one cdk8s App for each distribution and writes its manifests, as `synthesize` does.
   *
   * @param distributions - what to write manifests for, each with a name of its own
   * @param program - adds the charts to an App
   *
   * @example
   * class Polls implements IProgram {
   *   define(app: App): void {
   *     new PollsChart(app, 'polls');
   *   }
   * }
   * Synthesis.run([Distribution.gke(), Distribution.openshift()], new Polls());
   */
  static run(distributions: IDistribution[], program: IProgram): void {
    synthesize(distributions, (app) => program.define(app));
  }
}
