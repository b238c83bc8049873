import { InvalidInputError } from '../kubernetes/errors';
import { DNS_SUBDOMAIN } from '../kubernetes/names';

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

/** A label of a Git host, which may have spaces within. */
export function checkLabel(where: string, property: string, value: string): void {
  if (typeof value === 'string' && value && value === value.trim()) return;
  throw new InvalidInputError(where, {
    property,
    value,
    reason: 'is empty, or begins or ends with a space',
    remedy: 'Give the label as the Git host shows it',
  });
}

/** The URL of a Git host. */
export function checkUrl(where: string, property: string, value: string): void {
  if (typeof value === 'string' && /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(value) && URL.canParse(value))
    return;
  throw new InvalidInputError(where, {
    property,
    value,
    reason: 'is not a URL of HTTP without login and query',
    remedy: 'Give it with its scheme, such as "https://git.example.com"',
  });
}

/** The name of a Secret. */
export function checkSecretName(where: string, property: string, value: string): void {
  if (typeof value === 'string' && value.length <= 253 && DNS_SUBDOMAIN.test(value)) return;
  throw new InvalidInputError(where, {
    property,
    value,
    reason: 'is not a name that a Secret can have',
    remedy: 'Use lower-case letters, digits, "-" and "."',
  });
}
