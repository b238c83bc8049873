import { IConstruct } from 'constructs';

/** What is wrong with a value that a construct was given, and what to do about it. */
export interface Problem {
  /** Name of the property, as its user wrote it: `image`, `scaling.maxReplicas`. */
  readonly property: string;
  /** The value that was given. */
  readonly value: unknown;
  /** Why the value cannot work, said of the value: `has no tag`. */
  readonly reason: string;
  /** What to write instead, as a sentence without its full stop. */
  readonly remedy: string;
}

/** Bad input to a construct: names the construct's path, the value and the remedy. */
export class InvalidInputError extends Error {
  /** What is wrong and what to do about it, without the path. */
  readonly problem: string;

  constructor(scope: IConstruct, problem: Problem) {
    super(`${scope.node.path || '(root)'}: ${describe(problem)}`);
    this.name = 'InvalidInputError';
    this.problem = describe(problem);
  }
}

/** The sentence for a problem, without the path: what a `node.addValidation` returns. */
export function describe({ property, value, reason, remedy }: Problem): string {
  return `${property} ${display(value)} ${reason}. ${remedy}.`;
}

function display(value: unknown): string {
  if (value === undefined) return '(not given)';
  // JSON has neither NaN nor Infinity.
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
