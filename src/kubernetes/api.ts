import { API_VERSIONS, Kinds } from '../../imports/kubernetes';

/** The types of the Kubernetes API, with the names that manifests use. No other module imports them. */
export type * from '../../imports/kubernetes';

export type Kind = keyof Kinds;

/** The head of a manifest whose other fields come later. */
export function typeOf(kind: Kind): { readonly apiVersion: string; readonly kind: Kind } {
  return { apiVersion: API_VERSIONS[kind], kind };
}

/** A manifest. Fields that are undefined are left out, at any depth; what is resolved at synth stays as it is. */
export function manifest<K extends Kind>(kind: K, fields: Kinds[K]): any {
  return { ...typeOf(kind), ...defined(fields) };
}

function defined(value: any): any {
  if (Array.isArray(value)) return value.map(defined);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) if (value[key] !== undefined) kept[key] = defined(value[key]);
  return kept;
}
