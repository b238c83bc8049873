import { replacedFields } from './unions';

/**
 * Lays `patch` over `base` and returns the result; neither is changed.
 *
 * Objects are merged key by key; `null` removes a key. Lists whose items all have a `name` (containers, env, ports,
 * volumes) are merged by that name, as Kubernetes itself does; every other list is replaced as a whole. Where fields
 * exclude each other, such as `value` and `valueFrom`, that of the patch stays.
 */
export function merge(base: any, patch: any): any {
  if (isObject(base) && isObject(patch)) return mergeObjects(base, patch);
  if (isNamedList(base) && isNamedList(patch)) return mergeNamedLists(base, patch);
  return withoutNulls(patch);
}

function mergeObjects(base: Record<string, any>, patch: Record<string, any>): Record<string, any> {
  const result = { ...base };
  replacedFields(base, patch).forEach((field) => delete result[field]);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = merge(base[key], value);
  }
  return result;
}

function mergeNamedLists(base: Named[], patch: Named[]): Named[] {
  const added = patch.filter((item) => !base.some(({ name }) => name === item.name));
  const merged = base.map((item) => {
    const change = patch.find(({ name }) => name === item.name);
    return change ? merge(item, change) : item;
  });
  return [...merged, ...added.map(withoutNulls)];
}

/** A `null` says "remove", also where there was nothing to remove. */
function withoutNulls(value: any): any {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}

interface Named {
  readonly name: string;
}

function isObject(value: any): value is Record<string, any> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isNamedList(value: any): value is Named[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => isObject(item) && typeof item.name === 'string')
  );
}
