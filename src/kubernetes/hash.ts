import { createHash, Hash } from 'node:crypto';

const SHORT = 10;

/** The end of a name that has a short hash. Another release has another one. */
export const SHORT_HASH_ENDING = /-[0-9a-f]{10}$/;

/** Kinds of which the library makes resources with such names. */
export const HASHED_KINDS = ['Job', 'ConfigMap'];

/** A hash of JSON that depends on its content alone: object keys are sorted first. */
export function contentHash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

/** The first characters of a content hash: enough to tell the releases of one application apart in a name. */
export function shortHash(value: unknown): string {
  return contentHash(value).slice(0, SHORT);
}

/** `shortHash` of ConfigMaps that have the same data in many namespaces. The data is read once. */
export class SharedDataHash {
  private readonly begun: Hash;

  constructor(private readonly data: Record<string, string>) {
    this.begun = createHash('sha256').update(`{"data":${JSON.stringify(sorted(data))}`);
  }

  /** Whether data is that of the hash. */
  isOf(data: Record<string, string> = {}): boolean {
    const names = Object.keys(data);
    return (
      names.length === Object.keys(this.data).length && names.every((name) => data[name] === this.data[name])
    );
  }

  /** `shortHash({ data, namespace })` */
  in(namespace: string | undefined): string {
    const rest = namespace === undefined ? '}' : `,"namespace":${JSON.stringify(namespace)}}`;
    return this.begun.copy().update(rest).digest('hex').slice(0, SHORT);
  }
}

/** Five letters and digits, for names that have no room for more: one of sixty millions. */
export function tinyHash(value: unknown): string {
  const number = parseInt(contentHash(value).slice(0, 13), 16) % 36 ** 5;
  return number.toString(36).padStart(5, '0');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
