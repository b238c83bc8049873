import { IConstruct } from 'constructs';
import { plainSecretOf } from './secret-text';

/** What is wrong with a value that a construct was given, and what to do about it. */
export interface Problem {
  /** Name of the property, as its user wrote it: `image`, `scaling.maxReplicas`. */
  readonly property: string;
  /** The value that was given; undefined if none was. */
  readonly value: any;
  /** Why the value cannot work; the value is the subject of the sentence: `has no tag`. */
  readonly reason: string;
  /** What to write instead, as a sentence without its full stop. */
  readonly remedy: string;
  /**
   * The rule of a platform that demands it.
   *
   * @default - Kubernetes or this library demands it
   */
  readonly demand?: Demand;
}

/** A rule of a platform's admission. */
export interface Demand {
  /** Who demands it: `AKS Automatic`. */
  readonly platform: string;
  /** Name of the rule: `probes`. */
  readonly rule: string;
  /** The page that says what is demanded. */
  readonly source: string;
}

/** Bad input: names the construct's path, the property, its value, the reason and the remedy. */
export class InvalidInputError extends Error {
  /** Path of the construct; what has no path is called by its name: `Distribution.eks`. Empty for the root. */
  readonly path: string;

  /** What is wrong and what to do about it. */
  readonly problem: Problem;

  /**
   * @param where - the construct that was given the value, or the name of what is not a construct
   * @param problem - what is wrong and what to do about it
   */
  constructor(where: IConstruct | string, problem: Problem) {
    const path = typeof where === 'string' ? where : where.node.path;
    super(`${path || '(root)'}: ${describe(problem)}`);
    this.name = 'InvalidInputError';
    this.path = path;
    this.problem = withoutSecret(problem);
  }
}

/** The sentences for a problem, without the path. */
export function describe({ property, value, reason, remedy, demand }: Problem): string {
  const text = `${property} ${display(value)} ${reason}. ${remedy}.`;
  if (!demand) return text;
  return `${text} ${demand.platform} demands it: rule "${demand.rule}", ${demand.source}`;
}

function display(value: unknown): string {
  if (value === undefined) return '(not given)';
  // JSON has neither NaN nor Infinity.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return plainSecretOf(text ?? '')?.shown ?? text;
}

/** The problem for logs and reports, where nobody may read a password that was given in a wrong place. */
export function withoutSecret(problem: Problem): Problem {
  const { value } = problem;
  return { ...problem, value: (typeof value === 'string' && plainSecretOf(value)?.shown) || value };
}
