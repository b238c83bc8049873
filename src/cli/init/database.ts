import { allValues, Value } from '../python/values';
import { Found, lineWith, placeOf } from './found';
import { packageOf, Reading } from './reading';

/** The default database of a project. */
export interface Database {
  /** `postgresql`, `postgis`, `mysql`, `sqlite3` or another name of an engine. */
  readonly engine: string;
  /** Whether the library lays PostgreSQL over it. */
  readonly isPostgres: boolean;
  /** Extensions that only a superuser of PostgreSQL may make. */
  readonly extensions: Found<string>[];
  /** An image that has the extensions. */
  readonly image?: Found<string>;
  readonly source: string;
}

/** Engines that no PostgreSQL can take the place of: their applications have SQL of their own. */
const OTHER_ENGINES = /mysql|mariadb|oracle|mssql|sql_server|cockroach|mongo|tidb|snowflake/i;

/** Operations of migrations that make an extension which PostgreSQL does not trust owners of databases with. */
const UNTRUSTED: [string, RegExp][] = [
  ['vector', /\bVectorExtension\b|\bCreateExtension\(["']vector["']/],
  ['postgis', /\bCreateExtension\(["']postgis["']/],
  ['bloom', /\bBloomExtension\b|\bCreateExtension\(["']bloom["']/],
  ['pg_stat_statements', /\bCreateExtension\(["']pg_stat_statements["']/],
];

/** Images that have an extension: what people build on the official one. */
const IMAGES: { [extension: string]: string } = {
  postgis: 'docker.io/postgis/postgis:18-3.6',
  vector: 'docker.io/pgvector/pgvector:pg18-trixie',
};

/** Reads the default database and what it has to have. */
export function findDatabase(reading: Reading): Database {
  const { engine, source } = findEngine(reading);
  const isPostgres = !OTHER_ENGINES.test(engine);
  const extensions = isPostgres ? findExtensions(reading, engine) : [];
  return { engine, isPostgres, extensions, image: imageFor(reading, extensions), source };
}

function findEngine({ settings }: Reading): { engine: string; source: string } {
  const entry = settings.entry('DATABASES', 'default');
  if (!entry) return { engine: 'postgresql', source: 'the settings name none' };
  const { value, path } = entry;
  const source = placeOf(path, value.line);
  const engine = settings.textIn(value, 'ENGINE');
  if (engine) return { engine: engine.split('.').at(-1)!.replace('psycopg2', 'postgresql'), source };
  return { engine: schemeIn(value) ?? 'postgresql', source };
}

/** The scheme of the default URL of a variable: `mysql` of `env.db("DATABASE_URL", default="mysql://…")`. */
function schemeIn(value: Value): string | undefined {
  for (const part of allValues(value)) {
    const scheme = part.kind === 'text' ? /^([a-z0-9]+):\/\//.exec(part.text)?.[1] : undefined;
    if (scheme)
      return /^(postgres|psql|pgsql)/.test(scheme) ? 'postgresql' : scheme.replace(/^sqlite$/, 'sqlite3');
  }
  return undefined;
}

function findExtensions(reading: Reading, engine: string): Found<string>[] {
  const { files, has } = reading;
  const found = new Map<string, string>();
  const gis = has('django.contrib.gis');
  if (gis || engine === 'postgis') found.set('postgis', gis?.source ?? engine);
  for (const path of files.find(/\.py$/).filter((one) => /\/migrations\/[^/]+$/.test(one))) {
    const text = files.read(path)!;
    for (const [name, pattern] of UNTRUSTED) {
      if (!found.has(name) && pattern.test(text)) found.set(name, placeOf(path, lineWith(text, pattern)));
    }
  }
  return [...found].map(([value, source]) => ({ value, source }));
}

function imageFor({ others }: Reading, extensions: Found<string>[]): Found<string> | undefined {
  const names = extensions.map(({ value }) => value).filter((name) => IMAGES[name]);
  if (!names.length) return undefined;
  const used = others.services.find(
    ({ image }) => /(postgis|pgvector|timescale)/.test(image) && /:[^:/]+$/.test(image),
  );
  if (used) return { value: withRegistry(used.image), source: used.source };
  return { value: IMAGES[names[0]], source: extensions[0].source };
}

/** The full name of an image: one without a registry may come from any. */
function withRegistry(image: string): string {
  const [first] = image.split('/');
  if (image.includes('/') && /[.:]|^localhost$/.test(first)) return image;
  return image.includes('/') ? `docker.io/${image}` : `docker.io/library/${image}`;
}

/** Whether the project names a driver for PostgreSQL. */
export function hasDriver(reading: Pick<Reading, 'packages'>): boolean {
  return ['psycopg', 'psycopg2', 'psycopg2-binary', 'psycopg-binary'].some((name) =>
    packageOf(reading, name),
  );
}
