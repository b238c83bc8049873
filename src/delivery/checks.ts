import { InvalidInputError } from '../kubernetes/errors';

/** A value that is one word, such as a URL or a revision. */
export function checkText(where: string, property: string, value: string): string {
  if (typeof value !== 'string' || !/^\S+$/.test(value)) {
    throw new InvalidInputError(where, {
      property,
      value,
      reason: 'is empty or has spaces',
      remedy: 'Give it as one word',
    });
  }
  return value;
}

/** The path of a folder below a source, without what its ends may have too many of. */
export function checkSource(where: string, path: string): string {
  const plain = checkText(where, 'path', path).replace(/^(\.\/)+|\/+$/g, '');
  if (!plain || plain.startsWith('/') || plain.split('/').includes('..')) {
    throw new InvalidInputError(where, {
      property: 'path',
      value: path,
      reason: 'is not a folder below the source',
      remedy: 'Give a relative path such as "dist"',
    });
  }
  return plain;
}
