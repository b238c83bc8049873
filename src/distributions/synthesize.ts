import { join } from 'node:path';
import { App } from 'cdk8s';
import { IConstruct } from 'constructs';
import { writeConstructMetadata } from './construct-metadata';
import { asHelmTemplates, helmChartOf, resourceFiles, withIndex, writeFiles } from './manifest-files';
import { neededSecrets } from './needed-secrets';
import { writeSideFiles } from './side-files';
import { IDistribution } from '../platform/distribution';
import { bindDistribution, distributionOf } from '../platform/binding';
import { noticesOf } from '../kubernetes/notices';
import { ProgramProblem, programProblems, SynthesisError } from './synthesis-error';
import { InvalidInputError } from '../kubernetes/errors';
import { beginPass, endPass } from '../kubernetes/synthesis-pass';
import { collectProblems, FoundProblem, Problems, refusePromise } from '../kubernetes/problems';

/** How manifests are written. */
export interface SynthesisOptions {
  /**
   * Whether each resource has a file of its own, in a folder for each chart. `Kustomization` lists the files, for
   * `kubectl apply -k` and for GitOps engines. The names of the files stay the same with the next release: they leave
   * out the hash at the end of the name of a Job or ConfigMap.
   *
   * @default false - a file for each chart
   */
  readonly filePerResource?: boolean;
}

/**
 * Makes one cdk8s App for each distribution and writes its manifests to a folder of the distribution's name, below
 * the output directory that cdk8s itself would use (`dist`, or what `cdk8s synth` says). Where pods use the platform,
 * the commands that its access control needs are beside them, in `identity.txt`.
 *
 * Nothing is written before the program was found right for all distributions. If it was not, a SynthesisError has all
 * problems that were found, as text and as data: those of constructs, and those of the validations of an App whose
 * constructs could all be made.
 *
 * `cdk8s synth --format helm` makes a Helm chart of the manifests of one distribution. In it each resource has a file
 * of its own, and what Helm would read as a template is escaped.
 *
 * Throws when:
 * - two distributions have the same name, or there are several for a Helm chart;
 * - two resources would have the same file;
 * - the program was not found right.
 *
 * @param distributions - what to write manifests for, each with a name of its own
 * @param define - adds the charts to an App; it is called once for each distribution
 * @param options - how the manifests are written
 *
 * @example
 * synthesize([Distribution.gke(), Distribution.openshift()], (app) => {
 *   new PollsChart(app, 'polls');
 * });
 */
export function synthesize(
  distributions: IDistribution[],
  define: (app: App) => void,
  options: SynthesisOptions = {},
): void {
  const root = new App();
  const helmChart = helmChartOf(root.outdir);
  if (helmChart !== undefined) checkOneDistribution(helmChart, distributions);
  const { apps, problems } = make(distributions, define);
  if (problems.length) throw new SynthesisError(problems);
  const writers = apps.map((app) => writerOf(app, helmChart, options));
  writers.forEach((write) => write());
  // Helm would take it for a template.
  if (helmChart === undefined) writeConstructMetadata(root, apps);
  writeNotices(apps);
  apps.forEach(endPass);
}

/** Writes an App. What is refused is refused here, before anything is written. */
function writerOf(
  app: App,
  helmChart: string | undefined,
  { filePerResource }: SynthesisOptions,
): () => void {
  if (helmChart === undefined && !filePerResource) {
    return () => {
      app.synth();
      writeSideFiles(app, app.outdir);
    };
  }
  const files = resourceFiles(app);
  return () => {
    writeFiles(app.outdir, helmChart === undefined ? withIndex(files) : asHelmTemplates(files));
    // Helm would take it for a template.
    writeSideFiles(app, helmChart ?? app.outdir);
  };
}

/** The Apps of a program, one for each distribution, and what is wrong with them. */
export function make(
  distributions: IDistribution[],
  define: (app: App) => void,
): { apps: App[]; problems: ProgramProblem[] } {
  checkDistributionNames('synthesize', distributions);
  const outputDirectory = new App().outdir;
  const programs = distributions.map((distribution) => {
    const app = appFor(distribution, join(outputDirectory, distribution.name));
    return { app, distribution: distribution.name, problems: problemsOf(app, define) };
  });
  // All of them, although cdk8s does it too: it writes each App before it looks at the next.
  return { apps: programs.map(({ app }) => app), problems: programProblems(programs) };
}

/** The App of a distribution. */
export function appFor(distribution: IDistribution, outdir: string): App {
  const app = new App({ outdir, recordConstructMetadata: false });
  bindDistribution(app, distribution);
  return app;
}

/** Two distributions of one name are an error: they would have one folder. */
export function checkDistributionNames(where: string, distributions: IDistribution[]): void {
  const names = distributions.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new InvalidInputError(where, {
    property: 'distributions',
    value: repeated,
    reason: 'is the name of two of them, and one would overwrite the manifests of the other',
    remedy: 'Give one of them another name',
  });
}

function checkOneDistribution(helmChart: string, distributions: IDistribution[]): void {
  if (distributions.length === 1) return;
  throw new InvalidInputError('synthesize', {
    property: 'distributions',
    value: distributions.map(({ name }) => name),
    reason: `are not one, and the Helm chart ${helmChart} would install the manifests of all`,
    remedy: 'Give one of them, in a program of its own for each chart',
  });
}

/**
 * Makes the constructs of a program and finds what is wrong with them. What is thrown after a problem was found is
 * its consequence; what is thrown without one is not ours, and goes on.
 */
function problemsOf(app: App, define: (app: App) => void): FoundProblem[] {
  const made = collectProblems(app, () => refusePromise(app, define(app)));
  if ('error' in made) {
    if (!made.found.length) throw made.error;
    // The rest of the constructs is missing, and validations would complain of it.
    return made.found;
  }
  beginPass(app);
  try {
    return [...made.found, ...validationProblems(app, made.found)];
  } catch (error) {
    if (!made.found.length) throw error;
    return made.found;
  }
}

/** What the validations of a construct and of all below it find, without what follows from what was found before. */
export function validationProblems(scope: IConstruct, found: FoundProblem[]): FoundProblem[] {
  return Problems.of(scope).filter((later) => !isPassedOn(later, found));
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
  for (const notice of apps.flatMap((app) => noticesFor(app))) process.stderr.write(notice);
}

/** The lines of the notices of an App. */
export function noticesFor(app: App, shownPath = (path: string) => path): string[] {
  const notices = noticesOf(app).map(({ path, message }) => `[${shownPath(path)}] ${message}`);
  const { name } = distributionOf(app);
  return [...notices, ...neededSecrets(app)].map((one) => `synthesize: notice for "${name}": ${one}\n`);
}
