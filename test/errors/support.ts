import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, ChartProps } from 'cdk8s';
import { IDistribution, ProgramProblem, SynthesisError, synthesize } from 'cdk8s-django';
import { sample } from '../support/distributions';
import { errorOf, NAMESPACE } from '../support/synth';

/** Bad input, and the whole message that it must give. */
export interface BadInput {
  /** What is bad, said in a few words. */
  readonly what: string;
  readonly message: string;
  define(chart: Chart): unknown;
  readonly distribution?: IDistribution;
  readonly chart?: ChartProps;
}

const AT_SYNTH = 'Validation failed with the following errors:\n  ';

/** What else is wrong with the small programs of the tests, which is no consequence of what they are about. */
const OF_THE_TEST =
  /pythonImage \(not given\)|media\.storageClassName \(not given\)|targetRequestsPerSecond \S+ needs the metrics|schedules \S.* is not supported by HorizontalPodAutoscaler|those of \[\] alone/;

/**
 * Tests of each case: the message has the path, the value and the remedy, to the letter; and `synthesize` finds the
 * same, as data, and nothing that is only its consequence.
 */
export function eachGivesItsMessage(cases: BadInput[]): void {
  it.each(cases)('is refused: $what', ({ define, message, distribution, chart }) => {
    expect(errorOf(define, distribution, chart)).toBe(message);
  });

  it.each(cases)('is collected: $what', ({ define, message, distribution, chart }) => {
    const problems = problemsOf([distribution ?? sample('upstream')], (app) => {
      define(new Chart(app, 'polls', { namespace: NAMESPACE, ...chart }));
    });
    const expected = linesOf(message);
    expect(problems.map(lineOf)).toEqual(expect.arrayContaining(expected));
    expect(problems.filter((problem) => !isExpected(problem, expected))).toEqual([]);
    problems.forEach(({ problem }) => expectFourFields(problem));
  });
}

/** The problems that `synthesize` finds; it must write nothing when there are any. */
export function problemsOf(distributions: IDistribution[], define: (app: App) => void): ProgramProblem[] {
  const before = process.env.CDK8S_OUTDIR;
  const folder = mkdtempSync(join(tmpdir(), 'problems-'));
  process.env.CDK8S_OUTDIR = folder;
  try {
    synthesize(distributions, define);
    return [];
  } catch (error) {
    if (!(error instanceof SynthesisError)) throw error;
    expect(readdirSync(folder)).toEqual([]);
    return error.problems;
  } finally {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    rmSync(folder, { recursive: true });
  }
}

/** Whether it is known, or the same at another path, as each construct refuses a fact of the cluster. */
function isExpected({ message }: ProgramProblem, expected: string[]): boolean {
  return OF_THE_TEST.test(message) || expected.some((line) => line.endsWith(`: ${message}`));
}

function expectFourFields(problem: ProgramProblem['problem']): void {
  expect(problem).toEqual(
    expect.objectContaining({
      property: expect.stringMatching(/^\S+$/),
      reason: expect.stringMatching(/\S[^.]*$/),
      remedy: expect.stringMatching(/^[A-Z].*[^.]$/s),
    }),
  );
  expect(problem).toHaveProperty('value');
}

function lineOf({ path, message }: ProgramProblem): string {
  return `${path || '(root)'}: ${message}`;
}

/** What a message says, problem by problem: validations have the path of what they belong to before it. */
function linesOf(message: string): string[] {
  if (!message.startsWith(AT_SYNTH)) return [message];
  return message
    .slice(AT_SYNTH.length)
    .split('\n  ')
    .map((line) => line.replace(/^\[\] /, '').replace(/^\[([^\]]*)\] /, '$1: '));
}

/** The message of errors that need the whole tree, and are told at synth. */
export function atSynth(...errors: string[]): string {
  return `${AT_SYNTH}${errors.join('\n  ')}`;
}
