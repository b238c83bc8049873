import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Document, parseAllDocuments } from 'yaml';
import { CommandProblem } from './problem';

/** The objects in a YAML file, or in those of a folder. */
export function manifestsAt(path: string): any[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return manifestsIn(path);
  const objects = objectsIn(path);
  if (objects.length) return objects;
  throw new CommandProblem(
    `${path} has no manifests. Give a file or a folder with some, such as dist/upstream.`,
  );
}

/** The objects in the YAML files of a folder, and of those below it, in the order of their paths. */
export function manifestsIn(folder: string): any[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandProblem(
      `${folder} is not a folder. Give the folder of the manifests, such as dist/upstream.`,
    );
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const objects = files.flatMap(objectsIn);
  if (objects.length) return objects;
  throw new CommandProblem(
    `${folder} has no manifests. Synthesize first, and give the folder of one distribution.`,
  );
}

function objectsIn(file: string): any[] {
  return documentsIn(file).flatMap((document) => {
    const object = read(file, () => document.toJS());
    return object?.apiVersion && object.kind ? [object] : [];
  });
}

/** The documents of a YAML file. */
export function documentsIn(file: string): Document.Parsed[] {
  const text = read(file, () => readFileSync(file, 'utf8'));
  const documents = [...parseAllDocuments(text, { logLevel: 'silent' })];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length) throw new CommandProblem(`${file} is not YAML: ${errors[0].message.split('\n')[0]}`);
  return documents;
}

function read<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new CommandProblem(`${file} cannot be read: ${(error as Error).message}`);
  }
}
