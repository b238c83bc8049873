import { CallValue, entryOf, textOf, Value } from '../python/values';
import { PythonModule } from '../python/module';
import { placeOf } from './found';
import { Settings } from './settings';

/** What a variable is read as. */
export enum VariableType {
  TEXT = 'text',
  NUMBER = 'number',
  TRUTH = 'truth',
  LIST = 'list',
  /** A list or dictionary as JSON, as pydantic reads it. */
  JSON = 'json',
  DATABASE_URL = 'database URL',
  CACHE_URL = 'cache URL',
  FILE = 'path of a file',
}

/** A variable of the environment that the settings read. */
export interface Variable {
  readonly name: string;
  /** Whether the settings cannot be loaded without it. */
  readonly required: boolean;
  readonly type: VariableType;
  /** Whether it means a server of Redis on a developer's machine unless it is set. */
  readonly isLocalRedis?: boolean;
  readonly source: string;
}

/** A URL of Redis on the machine itself. */
const LOCAL_REDIS = /^(redis|valkey)s?:\/\/([^@/]*@)?(localhost|127\.0\.0\.1|\[::1\])\b/;

/** The variables that settings read, each once; one that is demanded anywhere is required. */
export function readVariables(settings: Settings): Variable[] {
  const readers = readersOf(settings);
  const found = settings.modules.flatMap((module) => [
    ...variablesOfCalls(module, readers),
    ...variablesOfModels(module),
    ...variablesOfConfigurations(module, settings),
  ]);
  const byName = new Map<string, Variable>();
  for (const variable of found) {
    const known = byName.get(variable.name);
    if (!known || (variable.required && !known.required)) byName.set(variable.name, variable);
  }
  return [...byName.values()];
}

/** A name that reads variables: `env = environ.Env(…)`, or `config` of decouple. */
interface Reader {
  /** Variables that have a default in the scheme of django-environ. */
  readonly defaults: Set<string>;
}

function readersOf({ modules }: Settings): Map<string, Reader> {
  const readers = new Map<string, Reader>();
  for (const { imports, assignments } of modules) {
    if (imports.some(({ module, names }) => module === 'decouple' && names.includes('config'))) {
      readers.set('config', { defaults: new Set() });
    }
    for (const { name, value } of assignments) {
      if (value.kind !== 'call' || !/(^|\.)(Env|FileAwareEnv|AutoConfig|Config)$/.test(value.name)) continue;
      readers.set(name, { defaults: new Set(value.keywords.keys()) });
    }
  }
  return readers;
}

const TYPES: { [method: string]: VariableType } = {
  bool: VariableType.TRUTH,
  int: VariableType.NUMBER,
  float: VariableType.NUMBER,
  list: VariableType.LIST,
  tuple: VariableType.LIST,
  json: VariableType.JSON,
  dict: VariableType.LIST,
  db: VariableType.DATABASE_URL,
  db_url: VariableType.DATABASE_URL,
  dj_db_url: VariableType.DATABASE_URL,
  cache: VariableType.CACHE_URL,
  cache_url: VariableType.CACHE_URL,
  dj_cache_url: VariableType.CACHE_URL,
};

/** The names that methods of django-environ read without one. */
const DEFAULT_NAMES: { [method: string]: string } = {
  db: 'DATABASE_URL',
  db_url: 'DATABASE_URL',
  cache: 'CACHE_URL',
  cache_url: 'CACHE_URL',
  email: 'EMAIL_URL',
  email_url: 'EMAIL_URL',
};

function variablesOfCalls(module: PythonModule, readers: Map<string, Reader>): Variable[] {
  return module.uses.flatMap((use): Variable[] => {
    const source = placeOf(module.path, use.line);
    if (use.kind === 'item') {
      const name = /(^|\.)environ$/.test(use.name) ? textOf(use.key) : undefined;
      return name ? [{ name, required: !isGuarded(module, name), type: typeByName(name), source }] : [];
    }
    if (/(^|\.)(environ\.get|getenv)$/.test(use.name)) {
      const name = textOf(use.positional[0]);
      if (!name) return [];
      return [{ name, required: false, type: typeByName(name), isLocalRedis: isLocalRedisIn(use), source }];
    }
    if (use.name === 'dj_database_url.config') {
      const name = textOf(use.keywords.get('env') ?? use.positional[0]) ?? 'DATABASE_URL';
      return [{ name, required: false, type: VariableType.DATABASE_URL, source }];
    }
    return variableOfReader(use, readers, source);
  });
}

/** Whether a module looks first whether a variable is there: `if "X" in os.environ`, `if os.environ.get("X")`. */
function isGuarded({ text, uses }: PythonModule, name: string): boolean {
  if (new RegExp(`["']${name}["']\\s+(not\\s+)?in\\s+(os\\.)?environ`).test(text)) return true;
  return uses.some(
    (use) =>
      use.kind === 'call' &&
      /(^|\.)(environ\.get|getenv)$/.test(use.name) &&
      textOf(use.positional[0]) === name &&
      use.positional.length === 1,
  );
}

function variableOfReader(call: CallValue, readers: Map<string, Reader>, source: string): Variable[] {
  const [, variable = '', method = ''] = /^(\w+)(?:\.(\w+))?$/.exec(call.name) ?? [];
  const reader = readers.get(variable);
  const name = textOf(call.positional[0]) ?? DEFAULT_NAMES[method];
  if (!reader || !name || NOT_READING.test(method) || !/^[A-Z]\w*$/i.test(name)) return [];
  const required = !hasDefaultIn(call) && !reader.defaults.has(name);
  const type = TYPES[method] ?? typeByCast(call) ?? typeByName(name);
  return [{ name, required, type, isLocalRedis: isLocalRedisIn(call), source }];
}

function isLocalRedisIn({ positional, keywords }: CallValue): boolean {
  return LOCAL_REDIS.test(textOf(keywords.get('default') ?? positional[1]) ?? '');
}

const NOT_READING = /^(read_env|prefixed|get_value|seal)$/;

/** `config("X", "y")`, `env.bool("X", False)`, `env("X", default=None)`; in `env("X", str)` the second is a cast. */
function hasDefaultIn({ positional, keywords }: CallValue): boolean {
  return keywords.has('default') || (positional[1] !== undefined && positional[1].kind !== 'name');
}

function typeByCast({ keywords }: CallValue): VariableType | undefined {
  const cast = keywords.get('cast');
  const name = cast && 'name' in cast ? cast.name : undefined;
  if (name === 'Csv') return VariableType.LIST;
  if (name === 'dj_database_url.parse' || name === 'db_url') return VariableType.DATABASE_URL;
  return name ? TYPES[name] : undefined;
}

function typeByName(name: string): VariableType {
  if (/_FILE(NAME)?$/.test(name)) return VariableType.FILE;
  if (/(^|_)DEBUG$/.test(name)) return VariableType.TRUTH;
  if (/(^|_)DATABASE_URL$/.test(name)) return VariableType.DATABASE_URL;
  return VariableType.TEXT;
}

/** The fields of models of pydantic-settings. */
function variablesOfModels(module: PythonModule): Variable[] {
  const models = module.classes.filter(({ bases }) => bases.some((base) => /(^|\.)BaseSettings$/.test(base)));
  return models.flatMap(({ name: model, fields }) => {
    const config = module.assignments.find(({ name, scope }) => name === 'model_config' && scope === model);
    const prefix = textOf(prefixOf(config?.value)) ?? '';
    return fields
      .filter(({ name }) => name !== 'model_config')
      .map(({ name, type, value, line }) => ({
        name: (textOf(aliasOf(value)) ?? `${prefix}${name}`).toUpperCase(),
        required: !hasDefault(value) && !/^Optional\b|\| *None/.test(type),
        type: typeOfField(name, type),
        source: placeOf(module.path, line),
      }));
  });
}

function prefixOf(config: Value | undefined): Value | undefined {
  return config?.kind === 'call' ? config.keywords.get('env_prefix') : entryOf(config, 'env_prefix');
}

function aliasOf(value: Value | undefined): Value | undefined {
  if (value?.kind !== 'call' || value.name !== 'Field') return undefined;
  return value.keywords.get('validation_alias') ?? value.keywords.get('alias');
}

function hasDefault(value: Value | undefined): boolean {
  if (value?.kind !== 'call' || value.name !== 'Field') return value !== undefined;
  return (
    value.keywords.has('default') || value.keywords.has('default_factory') || value.positional.length > 0
  );
}

function typeOfField(name: string, type: string): VariableType {
  if (/^(list|dict|tuple|set|List|Dict|Tuple|Set)\b/.test(type)) return VariableType.JSON;
  if (type === 'bool') return VariableType.TRUTH;
  if (/^(int|float|Decimal|PositiveInt)$/.test(type)) return VariableType.NUMBER;
  if (type === 'PostgresDsn') return VariableType.DATABASE_URL;
  if (type === 'RedisDsn') return VariableType.CACHE_URL;
  return /^(FilePath|Path)$/.test(type) ? VariableType.FILE : typeByName(name.toUpperCase());
}

/** The values of django-configurations: `SECRET_KEY = values.SecretValue()` reads DJANGO_SECRET_KEY. */
function variablesOfConfigurations(module: PythonModule, settings: Settings): Variable[] {
  if (!settings.configuration) return [];
  return module.assignments.flatMap(({ name, value, line }): Variable[] => {
    const isOfClass = settings
      .assignments(name)
      .some((one) => one.value === value && one.scope !== undefined);
    if (!isOfClass || value.kind !== 'call' || !/^(values\.)?\w*Value$/.test(value.name)) return [];
    const variable = variableOfValue(name, value);
    return [
      { ...variable, type: typeOfValue(value.name, variable.name), source: placeOf(module.path, line) },
    ];
  });
}

function variableOfValue(
  setting: string,
  { name, keywords }: CallValue,
): { name: string; required: boolean } {
  const prefix = keywords.get('environ_prefix');
  const given = textOf(keywords.get('environ_name')) ?? setting;
  const demanded = keywords.get('environ_required');
  return {
    // The prefix None means no prefix at all.
    name: prefix?.kind === 'constant' ? given : `${textOf(prefix) ?? 'DJANGO'}_${given}`,
    required: /SecretValue$/.test(name) || (demanded?.kind === 'constant' && demanded.text === 'True'),
  };
}

function typeOfValue(kind: string, name: string): VariableType {
  if (/Boolean/.test(kind)) return VariableType.TRUTH;
  return /List|Tuple/.test(kind) ? VariableType.LIST : typeByName(name);
}
