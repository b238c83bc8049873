/** A field of an object that has a value: its path as `kubectl explain` writes it, after the kind. */
export interface Leaf {
  readonly field: string;
  readonly value: unknown;
}

/** The fields of an object, without the positions in lists. An empty map or list is a value. */
export function leavesOf(object: any): Leaf[] {
  return leavesBelow(object.kind, object);
}

function leavesBelow(field: string, value: any): Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ field, value }];
  const inside = Object.entries(value);
  if (!inside.length) return [{ field, value }];
  return inside.flatMap(([key, one]) => leavesBelow(Array.isArray(value) ? field : `${field}.${key}`, one));
}

/** Whether a field is another one, or in it. */
export function isIn(field: string, outer: string): boolean {
  return field === outer || field.startsWith(`${outer}.`);
}

/** The fields that a pattern of a reason means: its braces are gone, and its stars are left. */
export function alternativesOf(pattern: string): string[] {
  const braces = /\{([^{}]*)\}/.exec(pattern);
  if (!braces) return [pattern];
  const [text, list] = braces;
  const all = list.split(',').flatMap((one) => alternativesOf(pattern.replace(text, () => one)));
  return [...new Set(all)];
}
