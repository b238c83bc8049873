/** Something that was read in a project, with the place that says so. */
export interface Found<T> {
  readonly value: T;
  /** `mysite/settings.py:76`. */
  readonly source: string;
}

/** A place in a file. */
export function placeOf(path: string, line?: number): string {
  return line === undefined ? path : `${path}:${line}`;
}

/** The line at which a text has something, from 1. */
export function lineWith(text: string, pattern: RegExp): number | undefined {
  const index = text.split('\n').findIndex((line) => pattern.test(line));
  return index < 0 ? undefined : index + 1;
}
