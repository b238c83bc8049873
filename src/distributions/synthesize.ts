import { join } from 'node:path';
import { App } from 'cdk8s';
import { neededSecrets } from './needed-secrets';
import { writeIdentityCommands } from './side-files';
import { IDistribution } from '../platform/distribution';
import { bindDistribution, distributionOf } from '../platform/binding';
import { noticesOf } from '../kubernetes/notices';
import { ProgramProblem, programProblems, SynthesisError } from './synthesis-error';
import { InvalidInputError } from '../kubernetes/errors';
import { beginPass, endPass } from '../kubernetes/synthesis-pass';
import { collectProblems, FoundProblem, Problems } from '../kubernetes/problems';

/**
 * Makes one cdk8s App for each distribution and writes its manifests to a folder of the distribution's name, below
 * the output directory that cdk8s itself would use (`dist`, or what `cdk8s synth` says). Where pods use the platform,
 * the commands that its access control needs are beside them, in `identity.txt`.
 *
 * Nothing is written before the program was found right for all distributions. If it was not, a SynthesisError has all
 * problems that were found, as text and as data: those of constructs, and those of the validations of an App whose
 * constructs could all be made.
 *
 * @param distributions - what to write manifests for, each with a name of its own
 * @param define - adds the charts to an App; it is called once for each distribution
 *
 * @example
 * synthesize([Distribution.gke(), Distribution.openshift()], (app) => {
 *   new PollsChart(app, 'polls');
 * });
 */
export function synthesize(distributions: IDistribution[], define: (app: App) => void): void {
  const { apps, problems } = make(distributions, define);
  if (problems.length) throw new SynthesisError(problems);
  for (const app of apps) {
    app.synth();
    writeIdentityCommands(app);
  }
  writeNotices(apps);
  apps.forEach(endPass);
}

/** The Apps of a program, one for each distribution, and what is wrong with them. */
export function make(
  distributions: IDistribution[],
  define: (app: App) => void,
): { apps: App[]; problems: ProgramProblem[] } {
  checkNames(distributions.map(({ name }) => name));
  const outputDirectory = new App().outdir;
  const programs = distributions.map((distribution) => {
    const app = new App({ outdir: join(outputDirectory, distribution.name) });
    bindDistribution(app, distribution);
    return { app, distribution: distribution.name, problems: problemsOf(app, () => define(app)) };
  });
  // All of them, although cdk8s does it too: it writes each App before it looks at the next.
  return { apps: programs.map(({ app }) => app), problems: programProblems(programs) };
}

function checkNames(names: string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new InvalidInputError('synthesize', {
    property: 'distributions',
    value: repeated,
    reason: 'is the name of two of them, and one would overwrite the manifests of the other',
    remedy: 'Give one of them another name',
  });
}

/**
 * Makes the constructs of a program and finds what is wrong with them. What is thrown after a problem was found is
 * its consequence; what is thrown without one is not ours, and goes on.
 */
function problemsOf(app: App, define: () => void): FoundProblem[] {
  const made = collectProblems(app, define);
  if ('error' in made) {
    if (!made.found.length) throw made.error;
    // The rest of the constructs is missing, and validations would complain of it.
    return made.found;
  }
  beginPass(app);
  try {
    return [...made.found, ...Problems.of(app).filter((later) => !isPassedOn(later, made.found))];
  } catch (error) {
    if (!made.found.length) throw error;
    return made.found;
  }
}

/** Whether a value was refused where it was given, and now where it was passed on to. */
function isPassedOn({ path, problem }: FoundProblem, earlier: FoundProblem[]): boolean {
  if (!problem) return false;
  const isText = typeof problem.value === 'string';
  return earlier.some(({ path: above, problem: first }) => {
    if (first?.value !== problem.value) return false;
    return first?.reason.endsWith(problem.reason) || (isText && path.startsWith(`${above}/`));
  });
}

/** Tells what a program should look at, and what the cluster must have before its pods start. */
function writeNotices(apps: App[]): void {
  for (const app of apps) {
    const notices = noticesOf(app).map(({ path, message }) => `[${path}] ${message}`);
    for (const notice of [...notices, ...neededSecrets(app)]) {
      process.stderr.write(`synthesize: notice for "${distributionOf(app).name}": ${notice}\n`);
    }
  }
}
