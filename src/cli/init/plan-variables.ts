import { Project } from './project';
import { Variable, VariableType } from './variables';

/** How the pods get the variables that the settings demand. */
export interface VariablePlan {
  /** Values that are not secret. */
  readonly environment: Map<string, string>;
  /** Variables with Django's key, under names of the application's own. */
  readonly keys: string[];
  /** Parts of the database, by the variable. The part is a member of ConnectionPart. */
  readonly database: Map<string, string>;
  /** Parts of a database of Redis, by the variable. */
  readonly redis: Map<string, string>;
  /** Variables whose values the user has to give, in a Secret. */
  readonly secret: string[];
  /** Files of a Secret that the user has to make, by the variable that has the path. */
  readonly files: Map<string, string>;
}

/** Variables that the library sets, or that the overlay takes the place of. */
const SET_BY_LIBRARY = ['SECRET_KEY', 'DJANGO_SETTINGS_MODULE', 'PYTHONPATH', 'PORT'];

const DATABASE =
  /^(?:DJANGO_)?(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|PGSQL|SQL|RDS)_?(HOST|HOSTNAME|SERVER|PORT|NAME|DB|DATABASE|DBNAME|USER|USERNAME|PASSWORD|PASS|PASSWD|URL|URI|DSN)$/;
const DATABASE_PARTS: { [word: string]: string } = {
  HOST: 'HOST',
  HOSTNAME: 'HOST',
  SERVER: 'HOST',
  PORT: 'PORT',
  NAME: 'DATABASE',
  DB: 'DATABASE',
  DATABASE: 'DATABASE',
  DBNAME: 'DATABASE',
  USER: 'USER',
  USERNAME: 'USER',
  PASSWORD: 'PASSWORD',
  PASS: 'PASSWORD',
  PASSWD: 'PASSWORD',
  URL: 'URL',
  URI: 'URL',
  DSN: 'URL',
};
const REDIS =
  /^(?:DJANGO_)?(?:REDIS|VALKEY|CELERY_RESULT|RESULT_BACKEND|CELERY_RESULT_BACKEND)(?:_(URL|URI|HOST|PORT|PASSWORD))?$/;
const SECRET_NAME = /SECRET|PASSWORD|PASSWD|TOKEN|DSN|CREDENTIAL|PRIVATE|(^|_)KEY$|API_?KEY|_URL$|_URI$/;

/** Decides where each variable that the settings demand has its value from. */
export function planVariables(
  project: Project,
  { name, host }: { name: string; host: string },
  given: Map<string, string>,
): VariablePlan {
  const plan: VariablePlan = {
    environment: new Map(),
    keys: [],
    database: new Map(),
    redis: new Map(),
    secret: [],
    files: new Map(),
  };
  const { chooser, configuration } = project.settings;
  if (configuration) plan.environment.set('DJANGO_CONFIGURATION', configuration.value);
  if (chooser) plan.environment.set(chooser.value.variable, chooser.value.part);
  for (const [variable, value] of given) plan.environment.set(variable, value);
  for (const variable of project.variables) {
    if (!plan.environment.has(variable.name)) addVariable(plan, project, variable, { name, host });
  }
  if (keepsResults(project) && !plan.environment.has(RESULTS)) plan.redis.set(RESULTS, 'URL');
  return plan;
}

/** Celery takes its value before the one of the settings: `Settings.result_backend` of celery/app/utils.py. */
const RESULTS = 'CELERY_RESULT_BACKEND';

/** Whether results of a file can be kept in Redis: with RabbitMQ the image may not have its client. */
function keepsResults({ celery }: Project): boolean {
  return celery?.fileResults !== undefined && celery.rabbitMq === undefined;
}

function addVariable(
  plan: VariablePlan,
  project: Project,
  variable: Variable,
  { name: application, host }: { name: string; host: string },
): void {
  const { name, required, isLocalRedis } = variable;
  if (isSetByLibrary(project, name)) return;
  const value = plainValue(project, variable, host);
  if (value !== undefined) plan.environment.set(name, value);
  else if (required) addDemanded(plan, project, variable, application);
  else if (isLocalRedis && REDIS.test(name)) plan.redis.set(name, 'URL');
}

/** A variable without which the settings cannot be loaded. */
function addDemanded(
  plan: VariablePlan,
  { database: { isPostgres } }: Project,
  { name, type }: Variable,
  application: string,
): void {
  const databasePart = isPostgres ? DATABASE_PARTS[DATABASE.exec(name)?.[1] ?? ''] : undefined;
  const redisPart = REDIS.exec(name);
  if (/(^|_)SECRET_KEY$/.test(name)) plan.keys.push(name);
  else if (type === VariableType.FILE) plan.files.set(name, `/etc/${application}/${fileOf(name)}`);
  else if (databasePart) plan.database.set(name, databasePart);
  else if (redisPart) plan.redis.set(name, (redisPart[1] ?? 'URL').replace('URI', 'URL'));
  else plan.secret.push(name);
}

/** Values that are not secret: those of app.json, and those that the settings demand and follow from the host. */
function plainValue(project: Project, { name, type, required }: Variable, host: string): string | undefined {
  const ofHost = project.others.environment.get(name)?.value;
  if (ofHost !== undefined && !SECRET_NAME.test(name) && !DATABASE.test(name)) return ofHost;
  if (!required) return undefined;
  if (/ALLOWED_HOSTS?$/.test(name)) return listOf(type, host);
  if (/TRUSTED_ORIGINS?$/.test(name)) return listOf(type, `https://${host}`);
  if (/(^|_)DEBUG$/.test(name)) return '0';
  return /ENGINE$/.test(name) && project.database.isPostgres ? engineOf(project) : undefined;
}

function isSetByLibrary({ database, cache, celery, channelLayer }: Project, name: string): boolean {
  return [
    ...SET_BY_LIBRARY,
    ...(database.isPostgres ? ['DATABASE_URL', 'DATABASE_HOST', 'DATABASE_PORT', 'DATABASE_NAME'] : []),
    ...(database.isPostgres ? ['DATABASE_USER', 'DATABASE_PASSWORD'] : []),
    ...(cache ? ['CACHE_URL'] : []),
    ...(celery ? ['CELERY_BROKER_URL'] : []),
    ...(channelLayer ? ['CHANNEL_LAYER_URL'] : []),
  ].includes(name);
}

function engineOf({ database }: Project): string {
  const isGis = database.extensions.some(({ value }) => value === 'postgis');
  return isGis ? 'django.contrib.gis.db.backends.postgis' : 'django.db.backends.postgresql';
}

const fileOf = (variable: string) =>
  variable
    .toLowerCase()
    .replace(/_(file|filename)$/, '')
    .replace(/_/g, '-');

const listOf = (type: VariableType, value: string) =>
  type === VariableType.JSON ? JSON.stringify([value]) : value;

const BUILD_VALUES: { [type in VariableType]: string } = {
  [VariableType.TEXT]: 'build',
  [VariableType.NUMBER]: '0',
  [VariableType.TRUTH]: '0',
  [VariableType.LIST]: 'build',
  [VariableType.JSON]: "'[]'",
  [VariableType.DATABASE_URL]: 'postgres://build@build/build',
  [VariableType.CACHE_URL]: 'redis://build/0',
  [VariableType.FILE]: '/dev/null',
};

/** Values that are worth nothing, with which the settings can be loaded while an image is built. */
export function buildVariables({ variables, settings }: Project): [string, string][] {
  const demanded = variables.filter(
    ({ name, required }) => required && name !== settings.chooser?.value.variable,
  );
  const all = new Map(demanded.map(({ name, type }) => [name, buildValue(name, type)]));
  if (!all.has('SECRET_KEY')) all.set('SECRET_KEY', 'build');
  return [...all].sort(([one], [other]) => (one < other ? -1 : 1));
}

function buildValue(name: string, type: VariableType): string {
  if (type === VariableType.TEXT && /PORT$/.test(name)) return '0';
  return type === VariableType.TEXT && REDIS.test(name) && /UR[LI]$/.test(name)
    ? BUILD_VALUES[VariableType.CACHE_URL]
    : BUILD_VALUES[type];
}
