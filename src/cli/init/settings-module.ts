import { join, posix } from 'node:path';
import { allValues, textOf } from '../python/values';
import { PythonModule } from '../python/module';
import { CommandProblem } from '../problem';
import { Found, placeOf } from './found';
import { ProjectFiles } from './project-files';

const PRODUCTION = /^(production|prod|live|deploy|deployment|heroku|kubernetes|k8s|staging)$/;
const PRODUCTION_SETTINGS = /^(?:settings[_-]?(?:production|prod)|(?:production|prod)[_-]?settings)$/;

/** Parts that are for machines of developers and for tests. */
export const DEVELOPMENT =
  /(^|[._])(dev|development|local|localhost|test|tests|testing|ci|debug|example|docker)$/;

/** Where Python looks for the modules of a project, and which of them are its entry points. */
export interface Layout {
  /** Folder of manage.py, from that of the project; empty when it is the same. */
  readonly folder: string;
  /** Folder that modules are named from: that of manage.py, or one in it, such as `src`. */
  readonly code: string;
  readonly manage: PythonModule;
}

/** Finds manage.py. */
export function findLayout(files: ProjectFiles): Layout {
  const found = files.find(/^manage\.py$/, '', 2).sort((one, other) => depthOf(one) - depthOf(other));
  const nearest = found.filter((path) => depthOf(path) === depthOf(found[0]));
  if (!found.length) {
    throw new CommandProblem(
      `${files.root} has no manage.py, in it or in folders up to two levels below. ` +
        'Give the folder of a Django project: cdk8s-django init FOLDER.',
    );
  }
  if (nearest.length > 1) {
    throw new CommandProblem(
      `${files.root} has several projects: ${nearest.join(', ')}. ` +
        `Give the folder of one: cdk8s-django init ${join(files.root, posix.dirname(nearest[0]))}.`,
    );
  }
  const [path] = nearest;
  const folder = path === 'manage.py' ? '' : posix.dirname(path);
  const manage = files.module(path)!;
  return { folder, code: codeFolder(files, folder, manage), manage };
}

/** The folder that has the settings module which manage.py names: its own, else one in it, such as `src`. */
function codeFolder(files: ProjectFiles, folder: string, manage: PythonModule): string {
  const modules = defaultsIn(manage, 'DJANGO_SETTINGS_MODULE').map(({ value }) => value);
  const has = (code: string) => modules.some((module) => pathOf(files, { code }, module));
  return [folder, ...files.foldersIn(folder)].find(has) ?? folder;
}

const depthOf = (path: string) => path.split('/').length;

/** The path of a module: of its file, or of the `__init__.py` of its package. */
export function pathOf(
  files: ProjectFiles,
  { code }: Pick<Layout, 'code'>,
  module: string,
): string | undefined {
  const base = posix.join(code, ...module.split('.'));
  return [`${base}/__init__.py`, `${base}.py`].find((path) => files.exists(path));
}

/** The settings module for production: the one that an entry point names, or its neighbour for production. */
export function findSettings(files: ProjectFiles, layout: Layout, given?: string): Found<string> {
  if (given !== undefined) {
    if (pathOf(files, layout, given)) return { value: given, source: '--settings' };
    const path = posix.join(layout.code, ...given.split('.'));
    throw new CommandProblem(
      `--settings ${given}: the project has neither ${path}.py nor a package of that name.`,
    );
  }
  const named = settingsNamedIn(files, layout);
  return neighbourForProduction(files, layout, named) ?? named;
}

function settingsNamedIn(files: ProjectFiles, layout: Layout): Found<string> {
  const entryPoints = [/^wsgi\.py$/, /^asgi\.py$/]
    .flatMap((name) => files.find(name, layout.code, 2))
    .flatMap((path) => files.module(path) ?? []);
  const all = [...entryPoints, layout.manage].flatMap((module) =>
    defaultsIn(module, 'DJANGO_SETTINGS_MODULE'),
  );
  const known = all.filter(({ value }) => pathOf(files, layout, value));
  const settings = known.find(({ value }) => !DEVELOPMENT.test(value)) ?? known[0];
  if (settings) return settings;
  const names = all.map(({ value, source }) => `${value} of ${source}`);
  throw new CommandProblem(
    names.length
      ? `The settings module was not found: ${names.join(', ')}. Name it: --settings mysite.settings.`
      : `${layout.manage.path} does not name a settings module. Name it: --settings mysite.settings.`,
  );
}

/** The values that a module gives a variable by default: by `setdefault`, or by an item of `os.environ`. */
export function defaultsIn(module: PythonModule, variable: string): Found<string>[] {
  const calls = module.uses
    .filter((use) => use.kind === 'call' && /environ\.setdefault$/.test(use.name))
    .flatMap((use) =>
      use.kind === 'call' && textOf(use.positional[0]) === variable ? use.positional[1] : [],
    );
  const items = module.assignments
    .filter(({ name, key }) => /environ$/.test(name) && key === variable)
    .map(({ value }) => value);
  // The default may be in a call: config("DJANGO_SETTINGS_MODULE", default="mysite.settings").
  return [...calls, ...items].flatMap((value) =>
    [...allValues(value)]
      .filter((part) => part.kind === 'text' && part.text !== variable && /^\w+(\.\w+)*$/.test(part.text))
      .map((part) => ({ value: textOf(part)!, source: placeOf(module.path, part.line) })),
  );
}

/** `mysite.settings.production` beside or below the module that was named, if that is for development or empty. */
function neighbourForProduction(
  files: ProjectFiles,
  layout: Layout,
  { value }: Found<string>,
): Found<string> | undefined {
  const path = pathOf(files, layout, value)!;
  const module = files.module(path)!;
  const last = value.split('.').at(-1)!;
  if (PRODUCTION.test(last)) return undefined;
  const isPackage = path.endsWith('/__init__.py');
  if (isPackage && (module.imports.length || module.assignments.length)) return undefined;
  const folder = posix.dirname(path);
  const parent = isPackage ? value : value.split('.').slice(0, -1).join('.');
  // mysite/ has more modules than settings: there only names count that say so.
  const pattern = isPackage || /settings|config|conf$/.test(parent) ? PRODUCTION : PRODUCTION_SETTINGS;
  const found = files
    .list(folder)
    .filter((name) => name.endsWith('.py') && pattern.test(name.slice(0, -3)))
    .sort((one, other) => rank(one) - rank(other))[0];
  if (!found) return undefined;
  const name = found.slice(0, -3);
  return { value: parent ? `${parent}.${name}` : name, source: `${folder}/${found}` };
}

function rank(name: string): number {
  const index = ['production.py', 'prod.py'].indexOf(name);
  return index < 0 ? 2 : index;
}
