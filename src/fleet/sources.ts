import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { InvalidInputError } from '../kubernetes/errors';
import { FleetProps, IFleetApplication } from './application';

/** Where the applications of a fleet come from: by its place, how to get one. */
export type Sources = Map<string, () => IFleetApplication>;

/** Also those that Node or the program cannot load: these are told, and not left out. */
const MODULE = /^[^.]+(?=\.[cm]?[jt]sx?$)/;

/** In an order that does not depend on the machine. Nothing is loaded yet. */
export function sourcesOf({ applications = [], folder }: FleetProps): Sources {
  const sources: Sources = new Map();
  applications.forEach((application, index) => sources.set(`applications[${index}]`, () => application));
  if (folder === undefined) return sources;
  const files = new Map<string, string>();
  for (const file of filesIn(folder).sort()) {
    const name = MODULE.exec(file)?.[0];
    // A module that was compiled beside its source is one: what was compiled comes first, as for Node.
    if (name !== undefined && !files.has(name)) files.set(name, resolve(folder, file));
  }
  for (const name of [...files.keys()].sort()) {
    sources.set(`${basename(resolve(folder))}/${name}`, () => defaultExport(files.get(name)!));
  }
  return sources;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new InvalidInputError('Fleet', {
      property: 'folder',
      value: folder,
      reason: `cannot be read: ${(error as Error).message}`,
      remedy: "Give the folder of the applications, such as join(__dirname, 'applications')",
    });
  }
}

function defaultExport(file: string): IFleetApplication {
  const loaded = createRequire(join(file, 'x'))(file);
  return loaded?.default ?? loaded;
}
