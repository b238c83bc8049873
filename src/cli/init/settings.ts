import { posix } from 'node:path';
import { allValues, entryOf, textOf, Value } from '../python/values';
import { Assignment, Import, PythonModule } from '../python/module';
import { Found, placeOf } from './found';
import { ProjectFiles } from './project-files';
import { defaultsIn, DEVELOPMENT, Layout, pathOf } from './settings-module';

/** Production, as parts and classes of settings are called. */
const IS_PRODUCTION = /^prod/i;

/** An assignment, with the module that it is in. */
export interface Setting extends Assignment {
  readonly path: string;
}

/** The settings of a project: the module, and the modules that it imports, in the order in which they count. */
export class Settings {
  /** The modules, the settings module last. */
  readonly modules: PythonModule[] = [];

  /** The class of django-configurations, with the place that says so. */
  readonly configuration?: Found<string>;

  /** A variable that chooses which part is loaded, with the name of the part for production. */
  chooser?: Found<{ variable: string; part: string }>;

  private readonly followed = new Set<string>();
  private readonly lineage: Set<string>;

  constructor(
    private readonly files: ProjectFiles,
    private readonly layout: Layout,
    readonly module: Found<string>,
  ) {
    const path = pathOf(files, layout, module.value)!;
    this.follow(path);
    this.addChosenPart(path);
    this.configuration = this.chooseConfiguration();
    this.lineage = new Set(this.lineageOf(this.configuration?.value));
  }

  /** Whether a module is imported anywhere in the settings. */
  imports(module: RegExp): boolean {
    return this.modules.some(({ imports }) => imports.some((one) => module.test(one.module)));
  }

  /** What is assigned to a name, the last one last. */
  assignments(name: string): Setting[] {
    return this.modules.flatMap(({ path, assignments }) =>
      assignments
        .filter((one) => one.name === name && (one.scope === undefined || this.lineage.has(one.scope)))
        .map((one) => ({ ...one, path })),
    );
  }

  /** The assignment of a name that counts. */
  last(name: string): Setting | undefined {
    return this.assignments(name)
      .filter(({ adds }) => !adds)
      .at(-1);
  }

  /** The text that a name has, or the default of a variable that it is read from. */
  text(name: string): Found<string> | undefined {
    const setting = this.last(name);
    const text = setting && this.firstText(setting.value);
    return text === undefined ? undefined : { value: text, source: placeOf(setting!.path, setting!.line) };
  }

  /** The strings that a name has in its lists, also by the names of other lists. */
  strings(name: string, seen: string[] = []): Found<string>[] {
    if (seen.includes(name)) return [];
    return this.assignments(name).flatMap(({ value, path }) =>
      [...allValues(value)].flatMap((part) => {
        if (part.kind === 'name') return this.strings(part.name, [...seen, name]);
        return part.kind === 'text' ? [{ value: part.text, source: placeOf(path, part.line) }] : [];
      }),
    );
  }

  /** The value of a dictionary under a key, wherever it is set: `DATABASES["default"]`. */
  entry(name: string, key: string): { value: Value; path: string } | undefined {
    for (const { value, path, key: setKey } of this.assignments(name).reverse()) {
      const found = setKey === key ? value : setKey === undefined ? entryOf(value, key) : undefined;
      if (found) return { value: found, path };
    }
    return undefined;
  }

  /** A dictionary's text under a key. A name is looked up. */
  textIn(value: Value | undefined, key: string): string | undefined {
    const found = entryOf(value, key);
    return found && this.firstText(found);
  }

  /** The string that an expression is, or the last one in it: the default of a variable. */
  firstText(value: Value): string | undefined {
    if (value.kind === 'text') return value.text;
    if (value.kind === 'name') {
      const setting = this.last(value.name);
      return setting && setting.value.kind === 'text' ? setting.value.text : undefined;
    }
    if (value.kind !== 'call') return undefined;
    const given = value.keywords.get('default') ?? value.positional[1];
    return given && textOf(given);
  }

  private follow(path: string): void {
    const module = this.files.module(path);
    // Modules may import each other in a circle.
    if (!module || this.followed.has(path)) return;
    this.followed.add(path);
    const isProductionKnown = module.imports.some(({ module: name }) => IS_PRODUCTION.test(lastOf(name)));
    for (const one of module.imports) {
      // The module chooses between two parts: the one for developers does not count.
      if (isProductionKnown && DEVELOPMENT.test(one.module)) continue;
      for (const target of this.targetsOf(path, one)) if (isOfSettings(target, one)) this.follow(target);
    }
    this.includes(module).forEach((target) => this.follow(target));
    this.modules.push(module);
  }

  /** The files of the project that an import means: those of the package of the settings. */
  private targetsOf(path: string, { module, names }: Import): string[] {
    const [, dots, rest] = /^(\.*)(.*)$/.exec(module)!;
    let name = module;
    if (dots) {
      const inside = posix.relative(this.layout.code, posix.dirname(path)).split('/').filter(Boolean);
      const base = inside.slice(0, inside.length - (dots.length - 1));
      name = [...base, ...rest.split('.').filter(Boolean)].join('.');
    }
    const [top] = this.module.value.split('.');
    if (name.split('.')[0] !== top) return [];
    const target = pathOf(this.files, this.layout, name);
    // `from mysite import settings` imports a module, and not what is in the package.
    const modules = names.flatMap((one) => pathOf(this.files, this.layout, `${name}.${one}`) ?? []);
    if (modules.length) return modules;
    const isTop = name === top && this.module.value !== top;
    return target && !isTop ? [target] : [];
  }

  /** The files that django-split-settings includes. */
  private includes({ path, uses }: PythonModule): string[] {
    return uses
      .filter((use) => use.kind === 'call' && /^(include|optional)$/.test(use.name))
      .flatMap((use) => (use.kind === 'call' ? use.positional : []))
      .flatMap((value) => {
        const text = textOf(value);
        if (!text?.endsWith('.py')) return [];
        const pattern = posix.join(posix.dirname(path), text);
        if (!pattern.includes('*')) return [pattern];
        const folder = posix.dirname(pattern);
        return this.files
          .list(folder)
          .filter((name) => name.endsWith('.py'))
          .map((name) => posix.join(folder, name));
      });
  }

  /** A module that imports a part by the value of a variable, which no reader can know: the part for production. */
  private addChosenPart(path: string): void {
    const module = this.files.module(path)!;
    const isChosen = module.uses.some(
      ({ kind, name, line }) =>
        kind === 'call' && /import_module$|^include$|^exec$|^__import__$/.test(name) && line > 0,
    );
    const variable = variablesOfEnvironment(module).find(({ name }) => CHOOSER.test(name));
    if (!variable) return;
    const source = placeOf(path, variable.line);
    const parts = isChosen ? this.files.find(/\.py$/, posix.dirname(path), 2) : [];
    const part = parts.find((one) => IS_PRODUCTION.test(posix.basename(one)));
    if (part) {
      this.chooser = { value: { variable: variable.name, part: posix.basename(part, '.py') }, source };
      this.follow(part);
      return;
    }
    // `if os.environ["STAGE"] == "production": from .production import *`
    const imported = module.imports.map((one) => lastOf(one.module)).find((name) => IS_PRODUCTION.test(name));
    if (imported) this.chooser = { value: { variable: variable.name, part: imported }, source };
  }

  private chooseConfiguration(): Found<string> | undefined {
    if (!this.imports(/^configurations(\.|$)/)) return undefined;
    const classes = this.modules.flatMap(({ path, classes: found }) =>
      found.map((one) => ({ ...one, path })),
    );
    const production = classes.find(({ name }) => IS_PRODUCTION.test(name));
    if (production) return { value: production.name, source: placeOf(production.path, production.line) };
    return defaultsIn(this.layout.manage, 'DJANGO_CONFIGURATION')[0];
  }

  /** A class and those that it inherits from. */
  private lineageOf(name: string | undefined): string[] {
    const found = this.modules.flatMap(({ classes }) => classes).find((one) => one.name === name);
    return found ? [found.name, ...found.bases.flatMap((base) => this.lineageOf(base))] : [];
  }
}

/** Variables by which settings choose what they load. */
const CHOOSER = /STAGE$|ENV$|ENVIRONMENT$|_SETTINGS$|CONFIG$|PROFILE$/;

/** Whether an import brings settings, or what reads them: not each module that settings use is one of them. */
function isOfSettings(path: string, { names }: Import): boolean {
  return (
    /(settings|config|conf)/.test(path) ||
    names.some((name) => /^(\*|[A-Z][A-Z0-9_]*|env|config)$/.test(name))
  );
}

const lastOf = (module: string) => module.split('.').at(-1)!;

/** The variables that a module reads from `os.environ`, however it does so. */
export function variablesOfEnvironment(module: PythonModule): { name: string; line: number }[] {
  return module.uses.flatMap((use) => {
    const isRead = use.kind === 'item' ? /environ$/.test(use.name) : /environ\.get$|getenv$/.test(use.name);
    const name = textOf(use.kind === 'item' ? use.key : use.positional[0]);
    return isRead && name ? [{ name, line: use.line }] : [];
  });
}
