import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { flattened } from '../../access-report/objects';
import { groupedBy } from '../../kubernetes/collections';
import { CommandProblem } from '../problem';
import { manifestsAt } from '../manifests';

/** Manifests that are applied together: those of one distribution. */
export interface ManifestSet {
  readonly name: string;
  readonly objects: any[];
}

const NOT_SHOWN = '(not shown)';

/** The manifests of folders, each of them a set. Files of one folder are one, too. */
export function manifestSets(paths: string[]): ManifestSet[] {
  const folders = groupedBy(new Set(paths.map((path) => resolve(path))), folderOf);
  const names = [...folders.keys()].map((folder) => basename(folder));
  return [...folders].map(([folder, found], index) => {
    const isAlone = names.filter((name) => name === names[index]).length === 1;
    const objects = flattened(found.flatMap(manifestsAt)).map(checked).map(withoutSecrets);
    return { name: isAlone ? names[index] : nameAmong(folder, [...folders.keys()]), objects };
  });
}

/** A path that is not there is named by what reads it. */
function folderOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? dirname(path) : path;
}

/** The end of a path in which no other one ends. */
function nameAmong(folder: string, folders: string[]): string {
  const steps = folder.split(/[\\/]/);
  for (let count = 2; count < steps.length; count++) {
    const end = steps.slice(-count).join('/');
    if (folders.filter((one) => one.split(/[\\/]/).slice(-count).join('/') === end).length === 1) return end;
  }
  return folder;
}

function checked(object: any): any {
  const { kind, metadata } = object;
  if (typeof kind === 'string' && typeof metadata?.name === 'string') return object;
  throw new CommandProblem(
    `An object of kind ${kind} has no metadata.name. Give manifests as they are applied.`,
  );
}

/** A Secret with what names it, and its keys. Values are in annotations too, where kubectl notes what was applied. */
function withoutSecrets(object: any): any {
  if (!/^Secret(List)?$/.test(object.kind)) return object;
  const { apiVersion, kind, metadata, type, immutable, ...others } = object;
  const { name, namespace, labels, ...otherMetadata } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { ...defined({ name, namespace, labels }), ...hidden(otherMetadata) },
    ...defined({ type, immutable }),
    ...hidden(others),
  };
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Fields whose values are not shown. The keys in them are shown. */
function hidden(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.keys(value).map((one) => [one, NOT_SHOWN]))
        : NOT_SHOWN,
    ]),
  );
}
