import { IDistribution } from '../platform/distribution';
import { IProgram } from '../platform/program';
import { ProgramProblem } from './synthesis-error';
import { make, SynthesisOptions, synthesize } from './synthesize';

/** `synthesize` for a program that is an object: languages other than TypeScript have no functions of a module. */
export class Synthesis {
  /**
   * Makes one cdk8s App for each distribution and writes its manifests, as `synthesize` does.
   *
   * @param distributions - what to write manifests for, each with a name of its own
   * @param program - adds the charts to an App
   * @param options - how the manifests are written
   *
   * @example
   * class Polls implements IProgram {
   *   define(app: App): void {
   *     new PollsChart(app, 'polls');
   *   }
   * }
   * Synthesis.run([Distribution.gke(), Distribution.openshift()], new Polls());
   */
  static run(distributions: IDistribution[], program: IProgram, options: SynthesisOptions = {}): void {
    synthesize(distributions, (app) => program.define(app), options);
  }

  /**
   * All that is wrong with a program, as data, without writing anything: the problems of the SynthesisError that
   * `run` would throw, of which other languages get the text alone.
   *
   * @param distributions - what to make manifests for, each with a name of its own
   * @param program - adds the charts to an App
   */
  static problems(distributions: IDistribution[], program: IProgram): ProgramProblem[] {
    return make(distributions, (app) => program.define(app)).problems;
  }
}
