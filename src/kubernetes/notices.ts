import { IConstruct } from 'constructs';
import { describe, Problem } from './errors';

/*
 * What may be right, and is a surprise when it is not: an assumption about the cluster, a time that there is twice. It
 * stops nothing. `synthesize` writes it to standard error.
 */

const NOTICES = Symbol.for('cdk8s-django.notices');

/** Something that a program should look at. */
export interface Notice {
  /** Path of the construct. */
  readonly path: string;
  /** What it is about, as sentences. */
  readonly message: string;
}

/** Notes it, once for each construct. */
export function giveNotice(scope: IConstruct, problem: Problem): void {
  const notice = { path: scope.node.path, message: describe(problem) };
  const all = noticesByText(scope.node.root);
  const text = `${notice.path}: ${notice.message}`;
  if (!all.has(text)) all.set(text, notice);
}

/** All that were given below a root. Some are known when its manifests were made. */
export function noticesOf(root: IConstruct): Notice[] {
  return [...noticesByText(root).values()];
}

function noticesByText(root: IConstruct): Map<string, Notice> {
  if (!(NOTICES in root)) Object.defineProperty(root, NOTICES, { value: new Map() });
  return (root as any)[NOTICES];
}
