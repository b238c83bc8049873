import { IConstruct } from 'constructs';
import { Problem } from './errors';
import { Problems } from './problems';

/** What an HTTPRoute takes, by its definition. */
const LONGEST_PATH = 1024;

/**
 * The path of a URL, as routers and Django agree on it: no router takes an empty part, `.` or `..`, or an escaped
 * slash for what it says.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httppathmatch
 */
export function checkPath(scope: IConstruct, property: string, value: string): string {
  const problem = pathProblem(value);
  if (problem) Problems.report(scope, { property, value, ...problem });
  return value;
}

/** What is wrong with a path, if anything is. */
export function pathProblem(value: string): Pick<Problem, 'reason' | 'remedy'> | undefined {
  if (typeof value !== 'string' || !/^\/([-\w./~]|%[0-9a-f]{2})*$/i.test(value)) {
    return {
      reason: 'is not the path of a URL',
      remedy: 'Give a path such as "/health", without host, query or spaces',
    };
  }
  if (value.length > LONGEST_PATH) {
    return { reason: `has ${value.length} characters`, remedy: `Use at most ${LONGEST_PATH}` };
  }
  if (isAmbiguous(value)) {
    return {
      reason:
        'has an empty part, "." or "..", or an escaped "/", which routers refuse or take for another path',
      remedy: 'Give the path that it means, such as "/health"',
    };
  }
  return undefined;
}

/** A slash may be the last character. No other part is empty. */
function isAmbiguous(path: string): boolean {
  if (/%2f/i.test(path)) return true;
  const parts = path.replace(/%2e/gi, '.').split('/').slice(1);
  return parts.some((part, index) => part === '.' || part === '..' || (!part && index < parts.length - 1));
}
