import { Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PythonModule, readModule } from '../python/module';

/** Folders that are not the project's own code. */
const NOT_CODE =
  /^(\..*|node_modules|__pycache__|venv|env|virtualenv|site-packages|build|dist|deploy|static|staticfiles|media)$/;

/** How deep code is looked for. */
const MOST_FOLDERS = 6;

/** A file that was found by its name. */
export interface NamedFile {
  /** From the folder of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** The files of a project, by paths from its folder. Nothing is run, and each file is read once. */
export class ProjectFiles {
  private readonly texts = new Map<string, string | undefined>();
  private readonly modules = new Map<string, PythonModule>();
  private all?: string[];

  /** @param root - the folder of the project */
  constructor(readonly root: string) {}

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  isFolder(path: string): boolean {
    return statSync(join(this.root, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  /** The text of a file, if there is one. */
  read(path: string): string | undefined {
    if (!this.texts.has(path)) {
      const isFile = statSync(join(this.root, path), { throwIfNoEntry: false })?.isFile();
      this.texts.set(path, isFile ? textOf(readFileSync(join(this.root, path))) : undefined);
    }
    return this.texts.get(path);
  }

  /** The first of some files that there is. */
  first(...paths: string[]): NamedFile | undefined {
    const path = paths.find((one) => this.read(one) !== undefined);
    return path === undefined ? undefined : { path, text: this.read(path)! };
  }

  /** A Python file, if there is one. */
  module(path: string): PythonModule | undefined {
    const text = this.read(path);
    if (text === undefined) return undefined;
    if (!this.modules.has(path)) this.modules.set(path, readModule(path, text));
    return this.modules.get(path);
  }

  /** The names in a folder, in order. */
  list(folder: string): string[] {
    return this.isFolder(folder) ? readdirSync(join(this.root, folder)).sort() : [];
  }

  /** The folders in a folder that may have code of the project, in order. */
  foldersIn(folder: string): string[] {
    const paths = this.list(folder).map((name) => posix.join(folder, name));
    return paths.filter((path) => this.isFolder(path) && this.isCode(path));
  }

  /** The files below a folder whose names match, those of a folder before those below it. */
  find(name: RegExp, folder = '', depth = MOST_FOLDERS): string[] {
    this.all ??= this.walk('', MOST_FOLDERS);
    const start = folder ? `${folder}/` : '';
    return this.all.filter((path) => {
      if (!path.startsWith(start)) return false;
      const [file, ...folders] = path.slice(start.length).split('/').reverse();
      return folders.length <= depth && name.test(file);
    });
  }

  /** Whether a folder may have code of the project. A virtual environment may have any name. */
  private isCode(path: string): boolean {
    return !NOT_CODE.test(posix.basename(path)) && !this.exists(`${path}/pyvenv.cfg`);
  }

  private walk(folder: string, depth: number): string[] {
    const entries = entriesOf(join(this.root, folder));
    const files: string[] = [];
    const below: string[] = [];
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = posix.join(folder, entry.name);
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory() && this.isCode(path)) below.push(path);
    }
    return depth > 0 ? [...files, ...below.flatMap((path) => this.walk(path, depth - 1))] : files;
  }
}

/** The entries of a folder; none of one that may not be read, such as the data of a server in a container. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EACCES', 'EPERM'].includes(code)) throw error;
    return [];
  }
}

/** The text of a file in UTF-8 or UTF-16: `pip freeze > requirements.txt` of PowerShell writes the latter. */
function textOf(bytes: Buffer): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  const text =
    isLittle || isBig ? (isBig ? swapped(bytes) : bytes).toString('utf16le') : bytes.toString('utf8');
  return text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
}

/** The bytes of each pair in the other order. An odd one at the end is part of nothing. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}
