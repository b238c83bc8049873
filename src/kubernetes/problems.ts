import { IConstruct } from 'constructs';
import { oncePerPass } from './synthesis-pass';
import { describe, InvalidInputError, Problem, withoutSecret } from './errors';

/** A problem, and where in a program it is. */
export interface FoundProblem {
  /** Path of the construct; empty for the root. */
  readonly path: string;

  /** The problem as sentences, without the path. */
  readonly message: string;

  /**
   * The problem as data.
   *
   * @default - it was found by a validation that is not the library's, which gives no more than a message
   */
  readonly problem?: Problem;
}

/** A problem that a validation finds, of the construct that has the validation or of one below it. */
export interface LocatedProblem extends Problem {
  /**
   * Path of the construct that the problem is of.
   *
   * @default - that of the construct that has the validation
   */
  readonly path?: string;
}

/** A problem that was reported while a program was made. */
interface NotedProblem extends FoundProblem {
  readonly problem: Problem;
}

/** Looks for problems when the whole tree is there, and remembers them for those who want more than their text. */
interface Check {
  readonly found: Map<string, FoundProblem>;
}

const CHECKS = Symbol.for('cdk8s-django.checks');
const COLLECTED = Symbol.for('cdk8s-django.collected');

/** What is wrong with a program, as data. */
export class Problems {
  /**
   * What the validations of a construct and of all below it find: what `app.synth()` throws, as data. Validations look
   * at the whole tree, so ask when it is complete.
   *
   * @param scope - an App, a Chart or any construct
   */
  static of(scope: IConstruct): FoundProblem[] {
    return scope.node.findAll().flatMap(validationsOf);
  }

  /**
   * Refuses a value: throws an InvalidInputError. While `synthesize` collects the problems of a program, it notes the
   * problem and returns instead, so that what comes after it is checked too. Where nothing sensible can come after
   * it, throw an InvalidInputError yourself: `synthesize` notes that one as well.
   *
   * @param scope - the construct that was given the value
   * @param problem - what is wrong and what to do about it
   */
  static report(scope: IConstruct, problem: Problem): void {
    const collected: NotedProblem[] | undefined = (scope.node.root as any)[COLLECTED];
    if (!collected) throw new InvalidInputError(scope, problem);
    const path = scope.node.path;
    const shown = withoutSecret(problem);
    if (collected.some((earlier) => isConsequence(path, shown, earlier))) return;
    collected.push({ path, message: describe(shown), problem: shown });
  }
}

/** Whether a problem of a construct was noted: what it was given must then not be passed on to others. */
export function isRefused({ node }: IConstruct): boolean {
  const collected: NotedProblem[] = (node.root as any)[COLLECTED] ?? [];
  return collected.some(({ path }) => path === node.path);
}

/**
 * Looks for problems at synth. Their text is what `node.addValidation` returns; Problems.of gives them as data.
 *
 * @param check - what is wrong, when the whole tree is there
 */
export function addProblems(scope: IConstruct, check: () => LocatedProblem[]): void {
  const found = new Map<string, FoundProblem>();
  checksOf(scope).push({ found });
  scope.node.addValidation({
    validate: () => oncePerPass(scope, found, look),
  });
  function look(): string[] {
    found.clear();
    for (const { path = scope.node.path, ...given } of check()) {
      const problem = withoutSecret(given);
      const message = describe(problem);
      found.set(path === scope.node.path ? message : `${path}: ${message}`, { path, message, problem });
    }
    return [...found.keys()];
  }
}

/** Runs the validations of one construct. */
function validationsOf(construct: IConstruct): FoundProblem[] {
  const checks = checksOf(construct);
  return construct.node.validate().map((text) => {
    const check = checks.find(({ found }) => found.has(text));
    return check?.found.get(text) ?? { path: construct.node.path, message: text };
  });
}

/**
 * Whether a problem comes of an earlier one: the same value fails another rule, or it fails where it was passed on to,
 * or a number was computed from what is none.
 */
function isConsequence(path: string, { property, value, reason }: Problem, earlier: NotedProblem): boolean {
  const first = earlier.problem;
  if (Number.isNaN(value)) return true;
  if (JSON.stringify(value) !== JSON.stringify(first.value)) return false;
  const isBelow = `${path}/`.startsWith(`${earlier.path}/`);
  if (path === earlier.path && property === first.property) return true;
  if (value === undefined) return false;
  // Two properties of one construct may have the same bad number independently of one another.
  if (isBelow && typeof value === 'string') return true;
  return reason === first.reason && path !== earlier.path && (isBelow || property !== first.property);
}

/**
 * Throws an InvalidInputError if a function that makes constructs goes on later: what it makes then would be missing.
 *
 * @param scope - what the function fills
 * @param returned - what it returned
 */
export function refusePromise(scope: IConstruct, returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // Its own error would end the process before this one is told.
  returned.catch(() => undefined);
  throw new InvalidInputError(scope, {
    property: 'define',
    value: 'async',
    reason: 'returns a promise, and what it makes later would be missing',
    remedy: 'Await what it needs before, and give a function that is not async',
  });
}

function checksOf(construct: IConstruct): Check[] {
  if (!(CHECKS in construct)) Object.defineProperty(construct, CHECKS, { value: [] });
  return (construct as any)[CHECKS];
}

/**
 * Runs a function that makes constructs, and notes the problems that are reported meanwhile instead of throwing the
 * first.
 *
 * @returns the problems, and the error that the function ended in, if it did
 */
export function collectProblems(
  root: IConstruct,
  run: () => void,
): { found: FoundProblem[]; error?: unknown } {
  const found: NotedProblem[] = [];
  Object.defineProperty(root, COLLECTED, { value: found, configurable: true });
  try {
    run();
    return { found };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) return { found, error };
    const { path, problem } = error;
    return { found: [...found, { path, message: describe(problem), problem }], error };
  } finally {
    delete (root as any)[COLLECTED];
  }
}
