import { createRequire } from 'node:module';
import { posix } from 'node:path';
import { Found, lineWith, placeOf } from './found';
import { ProjectFiles } from './project-files';
import { CommandProblem } from '../problem';
import { requirementsOfSetupCfg, requirementsOfSetupPy } from './setup-files';

type Table = { [key: string]: unknown };

/** The package has types for modules of ECMAScript alone, and code for both kinds. */
const { parse } = createRequire(__filename)('smol-toml') as { parse: (text: string) => Table };

/** What installs the packages of a project. */
export enum Installer {
  PIP = 'pip',
  UV = 'uv',
  POETRY = 'Poetry',
  PIPENV = 'Pipenv',
  /** A pyproject.toml with dependencies, and no lock file that the others have. */
  PYPROJECT = 'pyproject.toml',
  /** A setup.cfg or setup.py with `install_requires`. */
  SETUP = 'setuptools',
  /** No file names a package. */
  NONE = 'none',
}

/** A package that a project names. */
export interface Package {
  readonly extras: string[];
  /** What is said about its version: `>=5.2,<6`, `==5.2.8`, or nothing. */
  readonly specifier: string;
  readonly source: string;
}

/** The packages of a project, and what installs them. */
export interface Packages {
  readonly installer: Installer;
  /** The files that the installer reads, the one with the names first. */
  readonly files: string[];
  /** By their normalised names: `django-environ`. */
  readonly packages: ReadonlyMap<string, Package>;
  /** What is said about the version of Python: `>=3.12`. */
  readonly python?: Found<string>;
}

/** Requirements of production, the most telling names first. */
const REQUIREMENTS = [
  'requirements/production.txt',
  'requirements/prod.txt',
  'requirements-production.txt',
  'requirements-prod.txt',
  'requirements.prod.txt',
  'requirements.txt',
  'requirements/base.txt',
  'requirements/requirements.txt',
  'requirements/common.txt',
];

/** Reads the packages of a project. Lock files win: they say what is installed. */
export function readPackages(files: ProjectFiles, folder: string): Packages {
  const places = [...new Set(['', folder])];
  for (const place of places) {
    const found = packagesIn(files, place);
    if (found) return { ...found, python: pythonOf(files, place, found.python) };
  }
  return { installer: Installer.NONE, files: [], packages: new Map(), python: pythonOf(files, '') };
}

function packagesIn(files: ProjectFiles, place: string): Packages | undefined {
  const at = (name: string) => posix.join(place, name);
  const pyproject = readToml(files, at('pyproject.toml'));
  const project = tableOf(pyproject?.project);
  if (files.exists(at('Pipfile'))) return pipfile(files, at('Pipfile'), at('Pipfile.lock'));
  if (pyproject && usesPoetry(pyproject, files.exists(at('poetry.lock')))) {
    return poetryPackages(files, at('pyproject.toml'), at('poetry.lock'), pyproject);
  }
  const named = Array.isArray(project?.dependencies)
    ? pyprojectPackages(files, at('pyproject.toml'), project)
    : undefined;
  if (named && files.exists(at('uv.lock'))) {
    return { ...named, installer: Installer.UV, files: [at('pyproject.toml'), at('uv.lock')] };
  }
  const requirements = REQUIREMENTS.map(at).find((path) => files.exists(path));
  if (!requirements) return named ?? setupPackages(files, at('setup.cfg'), at('setup.py'));
  const read = requirementsOf(files, requirements);
  return { installer: Installer.PIP, ...read, python: requiresPython(at('pyproject.toml'), project) };
}

function usesPoetry({ tool }: Table, hasLock: boolean): boolean {
  return hasLock || tableOf(tableOf(tool)?.poetry)?.dependencies !== undefined;
}

function pyprojectPackages(files: ProjectFiles, path: string, project: Table): Packages {
  const text = files.read(path)!;
  const packages = new Map<string, Package>();
  for (const line of project.dependencies as unknown[]) addRequirement(packages, String(line), path, text);
  const python = requiresPython(path, project);
  return { installer: Installer.PYPROJECT, files: [path], packages, python };
}

function setupPackages(files: ProjectFiles, cfg: string, py: string): Packages | undefined {
  const found = [
    { path: cfg, lines: requirementsOfSetupCfg(files.read(cfg) ?? '') },
    { path: py, lines: requirementsOfSetupPy(files, py) },
  ].find(({ lines }) => lines !== undefined);
  if (!found) return undefined;
  const packages = new Map<string, Package>();
  const text = files.read(found.path)!;
  for (const line of found.lines!) addRequirement(packages, line, found.path, text);
  const version = /python_requires\s*=\s*["']?([^"'\n]+)/.exec(text)?.[1].trim();
  return {
    installer: Installer.SETUP,
    files: [found.path],
    packages,
    python: version ? { value: version, source: found.path } : undefined,
  };
}

function requiresPython(path: string, project?: Table): Found<string> | undefined {
  const value = project?.['requires-python'];
  return typeof value === 'string' ? { value, source: path } : undefined;
}

function poetryPackages(files: ProjectFiles, path: string, lock: string, pyproject: Table): Packages {
  const text = files.read(path)!;
  const project = tableOf(pyproject.project);
  const poetry = tableOf(tableOf(pyproject.tool)?.poetry) ?? {};
  const packages = new Map<string, Package>();
  if (Array.isArray(project?.dependencies)) {
    for (const line of project.dependencies) addRequirement(packages, String(line), path, text);
  }
  const dependencies = tableOf(poetry.dependencies) ?? {};
  addTable(packages, dependencies, path, text);
  const python = typeof dependencies.python === 'string' ? caret(dependencies.python) : undefined;
  return {
    installer: Installer.POETRY,
    files: [path, ...(files.exists(lock) ? [lock] : [])],
    packages,
    python: python ? { value: python, source: path } : requiresPython(path, project),
  };
}

function pipfile(files: ProjectFiles, path: string, lock: string): Packages {
  const table = readToml(files, path)!;
  const packages = new Map<string, Package>();
  addTable(packages, tableOf(table.packages) ?? {}, path, files.read(path)!);
  const version = tableOf(table.requires)?.python_version;
  return {
    installer: Installer.PIPENV,
    files: [path, ...(files.exists(lock) ? [lock] : [])],
    packages,
    python: typeof version === 'string' ? { value: `==${version}.*`, source: path } : undefined,
  };
}

/** Packages as Poetry and Pipenv write them: a version, or a table with one. */
function addTable(packages: Map<string, Package>, table: Table, path: string, text: string): void {
  for (const [name, value] of Object.entries(table)) {
    if (name === 'python') continue;
    const entry = tableOf(value);
    const version = entry ? entry.version : value;
    packages.set(normalised(name), {
      extras: Array.isArray(entry?.extras) ? entry.extras.map(String) : [],
      specifier: typeof version === 'string' && version !== '*' ? caret(version) : '',
      source: placeOf(path, lineWith(text, new RegExp(`^["']?${name}["']?\\s*=`, 'i'))),
    });
  }
}

/** `^5.2` of Poetry as others write it. */
function caret(version: string): string {
  const found = /^\^(\d+)(\.[\d.]+)?$/.exec(version);
  return found ? `>=${version.slice(1)},<${Number(found[1]) + 1}` : version;
}

/** The packages of a file of requirements, and of the files that it includes. */
function requirementsOf(
  files: ProjectFiles,
  path: string,
): { files: string[]; packages: Map<string, Package> } {
  const packages = new Map<string, Package>();
  const read: string[] = [];
  const visit = (one: string) => {
    const text = files.read(one);
    if (text === undefined || read.includes(one)) return;
    read.push(one);
    for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
      const included = /^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)/.exec(line);
      if (included) visit(posix.join(posix.dirname(one), included[1]));
      else addRequirement(packages, line, one, text);
    }
  };
  visit(path);
  return { files: read, packages };
}

/** A requirement as PEP 508 writes it. */
function addRequirement(packages: Map<string, Package>, line: string, path: string, text: string): void {
  const found = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?\s*([^;#@]*)/.exec(line);
  if (!found || /^\s*-/.test(line)) return;
  const [, name, extras = '', rest] = found;
  packages.set(normalised(name), {
    extras: extras
      .split(',')
      .map((extra) => extra.trim())
      .filter(Boolean),
    specifier: rest.replace(/--hash\S*/g, '').replace(/[()\s]/g, ''),
    source: placeOf(
      path,
      lineWith(text, new RegExp(`(^|["'\\s])${name.replace(/[.]/g, '\\.')}($|[^\\w.-])`)),
    ),
  });
}

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
function normalised(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** The version of Python, by the files that tools keep for it. */
function pythonOf(files: ProjectFiles, place: string, found?: Found<string>): Found<string> | undefined {
  for (const [name, pattern] of [
    ['.python-version', /^\s*(\d+\.\d+)/m],
    ['runtime.txt', /^python-(\d+\.\d+)/m],
    ['.tool-versions', /^python\s+(\d+\.\d+)/m],
  ] as const) {
    const path = posix.join(place, name);
    const version = pattern.exec(files.read(path) ?? '')?.[1];
    if (version) return { value: `==${version}.*`, source: path };
  }
  return found;
}

/** A file of TOML, if there is one. */
export function readToml(files: ProjectFiles, path: string): Table | undefined {
  const text = files.read(path);
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new CommandProblem(`${path} cannot be read as TOML: ${reason}. Correct it.`);
  }
}

/** A table of TOML or an object of JSON; undefined for anything else. */
export function tableOf(value: unknown): Table | undefined {
  return value && typeof value === 'object' && !Array.isArray(value) ? (value as Table) : undefined;
}
