import { FoundProblem } from '../kubernetes/problems';

/** A problem of a program, and for which of its distributions there is one. */
export interface ProgramProblem extends FoundProblem {
  /** Names of the distributions, in the program's order. */
  readonly distributions: string[];
}

/** All that is wrong with a program that `synthesize` was given. */
export class SynthesisError extends Error {
  /** What is wrong, in the order in which it was found; what several distributions have in common is there once. */
  readonly problems: ProgramProblem[];

  /** @param problems - what is wrong, at least one problem */
  constructor(problems: ProgramProblem[]) {
    super(`synthesize: ${paragraphs(problems).join('\n')}`);
    this.name = 'SynthesisError';
    this.problems = problems;
    // The message has them. Node writes what can be enumerated after it, and would tell each once more.
    Object.defineProperty(this, 'problems', { enumerable: false });
  }
}

/** A paragraph for each group of distributions that has problems in common. */
function paragraphs(problems: ProgramProblem[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { distributions, path, message } of problems) {
    const names = distributions.map((name) => `"${name}"`).join(', ');
    groups.set(names, [...(groups.get(names) ?? []), `  [${path}] ${message}`]);
  }
  return [...groups].map(([names, lines]) => [`errors for ${names}:`, ...lines].join('\n'));
}

/** The problems of a program, each once, by the distributions that have it. */
export function programProblems(
  found: { distribution: string; problems: FoundProblem[] }[],
): ProgramProblem[] {
  const merged = new Map<string, FoundProblem & { distributions: Set<string> }>();
  for (const { distribution, problems } of found) {
    for (const problem of problems) {
      const key = JSON.stringify([problem.path, problem.message]);
      const known = merged.get(key) ?? { ...problem, distributions: new Set() };
      known.distributions.add(distribution);
      merged.set(key, known);
    }
  }
  return [...merged.values()].map((one) => ({ ...one, distributions: [...one.distributions] }));
}
