import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** What a fleet has written. Its name ends so that `kubectl apply -f` of the folder leaves it out. */
const INDEX = 'fleet-files.txt';

/** What is not yet in its place. */
const STAGING = '.fleet';

/** Paths of the files below a folder, sorted; none if there is no folder. */
export function filesBelow(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => statSync(join(folder, path)).isFile()).sort();
}

/**
 * The folder of a fleet's manifests. Files are written elsewhere on the same file system and renamed, so that a process
 * that is killed at any moment leaves each as it was before or as it is after.
 */
export class Output {
  /** Where the files of this run are written first: of its own, because shards of a killed run may still write. */
  readonly staging: string;

  constructor(
    private readonly folder: string,
    run: string,
  ) {
    this.staging = join(folder, STAGING, run);
  }

  /** Removes what is not in its place, also that of a run that was killed. */
  clear(): void {
    rmSync(join(this.folder, STAGING), { recursive: true, force: true });
  }

  /** The text of a file; empty if there is none. */
  read(file: string): string {
    return contentOf(join(this.folder, file))?.toString() ?? '';
  }

  /** Writes a file into the staging folder. */
  stage(file: string, text: string): void {
    mkdirSync(this.staging, { recursive: true });
    writeFileSync(join(this.staging, file), text);
  }

  /** Paths of the files that former runs wrote. */
  formerFiles(): string[] {
    const isInside = (file: string) => resolve(this.folder, file).startsWith(resolve(this.folder) + sep);
    return this.read(INDEX)
      .split('\n')
      .filter((file) => file && isInside(file));
  }

  /**
   * Puts files in their places and removes those of former runs that are not among them. A file with the same content
   * stays untouched.
   *
   * @param files - paths below the staging folder
   * @param kept - paths of former files that stay as they are
   */
  publish(files: string[], kept: string[]): void {
    const former = this.formerFiles();
    // First, so that a run after a killed one knows of all that this one may have written.
    this.writeIndex([...former, ...files]);
    for (const file of files) this.replace(file);
    const current = new Set([...files, ...kept]);
    for (const file of former) if (!current.has(file)) this.remove(file);
    this.writeIndex([...current]);
    this.clear();
  }

  private writeIndex(files: string[]): void {
    const lines = [...new Set(files)].sort().map((file) => `${file}\n`);
    this.stage(INDEX, lines.join(''));
    this.replace(INDEX);
  }

  private replace(file: string): void {
    const [from, to] = [join(this.staging, file), join(this.folder, file)];
    if (contentOf(to)?.equals(readFileSync(from))) return;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }

  /** Removes a file, and the folders that are empty then. */
  private remove(file: string): void {
    rmSync(join(this.folder, file), { force: true });
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
      const path = join(this.folder, folder);
      if (!statSync(path, { throwIfNoEntry: false }) || readdirSync(path).length) return;
      rmdirSync(path);
    }
  }
}

function contentOf(file: string): Buffer | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
}
