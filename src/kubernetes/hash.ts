import { createHash } from 'node:crypto';

/** A hash of JSON that depends on its content alone: object keys are sorted first. */
export function contentHash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

/** The first characters of a content hash: enough to tell the releases of one application apart in a name. */
export function shortHash(value: unknown): string {
  return contentHash(value).slice(0, 10);
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
