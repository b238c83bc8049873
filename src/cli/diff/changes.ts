import { isDeepStrictEqual } from 'node:util';
import { groupOf, namespaceOfObject } from '../../access-report/objects';
import { HASHED_KINDS, SHORT_HASH_ENDING } from '../../kubernetes/hash';
import { CommandProblem } from '../problem';

/** An object before and after; without one of both where it is new or gone. */
export interface Change {
  /** Kind, namespace and name: `Deployment polls/polls`. */
  readonly name: string;
  readonly before?: any;
  readonly after?: any;
  /** The fields that differ, such as `spec.replicas`. */
  readonly paths: string[];
}

/** What differs between objects, in the order of the newer ones. A Job or ConfigMap is found again with another hash. */
export function changesBetween(before: any[], after: any[]): Change[] {
  const [earlier, later] = [before, after].map(objectsByName);
  const names = [...new Set([...later.keys(), ...earlier.keys()])];
  return names
    .map((name) => {
      const [one, other] = [earlier.get(name), later.get(name)];
      return { name, before: one, after: other, paths: one && other ? differences(one, other) : [] };
    })
    .filter(({ before: one, after: other, paths }) => !one || !other || paths.length);
}

/** Objects by their names: of a Job or ConfigMap, without its hash. */
export function objectsByName(objects: any[]): Map<string, any> {
  const counts = new Map<string, number>();
  objects.forEach((one) => counts.set(shortName(one), (counts.get(shortName(one)) ?? 0) + 1));
  const named = new Map<string, any>();
  for (const one of objects) {
    const name = counts.get(shortName(one)) === 1 ? shortName(one) : fullName(one, one.metadata.name);
    if (named.has(name)) {
      throw new CommandProblem(
        `${name} is there twice. Give the folder of one distribution, such as dist/upstream.`,
      );
    }
    named.set(name, one);
  }
  return named;
}

/** Its kind, namespace and name, of a Job or ConfigMap without the hash. */
export function shortName(object: any): string {
  const { name } = object.metadata;
  return fullName(object, HASHED_KINDS.includes(object.kind) ? name.replace(SHORT_HASH_ENDING, '') : name);
}

function fullName(object: any, name: string): string {
  const namespace = namespaceOfObject(object);
  const group = groupOf(object.apiVersion);
  const kind = ['', 'apps', 'batch'].includes(group) ? object.kind : `${object.kind}.${group}`;
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** A field, and its values in several objects. */
export interface DifferingField {
  readonly path: string;
  readonly values: any[];
}

/** The paths of the smallest fields that differ. Items of lists are compared by name where they have one. */
export function differences(before: any, after: any): string[] {
  return differingFields([before, after]).map(({ path }) => path);
}

/** The smallest fields that differ between values, with what each value has. */
export function differingFields(values: any[], path = ''): DifferingField[] {
  const [first, ...others] = values;
  if (others.every((other) => isDeepStrictEqual(first, other))) return [];
  const areLists = Array.isArray(first);
  if (!values.every((value) => isParent(value) && Array.isArray(value) === areLists)) {
    return [{ path, values }];
  }
  const fields = values.map(fieldsOf);
  return [...new Set(fields.flatMap((one) => Object.keys(one)))].flatMap((key) => {
    const step = areLists ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    return differingFields(
      fields.map((one) => (Object.hasOwn(one, key) ? one[key] : undefined)),
      step,
    );
  });
}

function isParent(value: any): boolean {
  return typeof value === 'object' && value !== null;
}

function fieldsOf(value: any): Record<string, any> {
  if (!Array.isArray(value)) return value;
  const names = value.map((item) => item?.name);
  const areUnique = names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
  return Object.fromEntries(value.map((item, index) => [areUnique ? names[index] : index, item]));
}
