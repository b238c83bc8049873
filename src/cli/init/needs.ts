import { Celery } from './celery';
import { hasDriver } from './database';
import { Project } from './project';
import { packageOf } from './reading';

/** Packages that the image needs and the project does not name, as lines of a file of requirements. */
export function missingPackages(project: Project): string[] {
  return [...missingForWeb(project), ...missingForWork(project)];
}

const lacks = (project: Project, name: string) => packageOf(project, name) === undefined;

function missingForWeb(project: Project): string[] {
  const { server, database, channelLayer } = project;
  return [
    ...(lacks(project, 'django') ? [djangoRequirement(project)] : []),
    ...(lacks(project, server.program) ? [SERVERS[server.program]] : []),
    ...(database.isPostgres && !hasDriver(project) ? ['psycopg[binary]>=3.1.18,<4'] : []),
    ...(channelLayer && lacks(project, 'channels-redis') ? ['channels_redis>=4.2,<5'] : []),
  ];
}

function missingForWork(project: Project): string[] {
  const { celery, cache, tasks } = project;
  const needsBackend = tasks && !isRq(tasks.value) && lacks(project, 'django-tasks-db');
  return [
    ...(celery ? missingForCelery(project, celery) : []),
    ...(cache && !celery && !hasRedis(project) ? ['redis>=5,<9'] : []),
    ...(needsBackend ? [tasksRequirement(project)] : []),
  ];
}

function missingForCelery(project: Project, { rabbitMq }: Celery): string[] {
  if (lacks(project, 'celery')) return [rabbitMq ? 'celery>=5.5,<6' : 'celery[redis]>=5.5,<6'];
  // Without bounds pip keeps the version that the project has chosen.
  return rabbitMq || hasRedis(project) ? [] : ['celery[redis]'];
}

/** Whether the client of Redis is installed; celery needs a package with it that its extra brings. */
function hasRedis(project: Project): boolean {
  return !lacks(project, 'redis') || Boolean(packageOf(project, 'celery')?.extras.includes('redis'));
}

/** Whether tasks wait in Redis, whose worker is a command of its own. */
export const isRq = (backend: string) => /rq/i.test(backend);

const SERVERS: { [program: string]: string } = {
  gunicorn: 'gunicorn>=23,<28',
  uvicorn: 'uvicorn>=0.30,<1',
  daphne: 'daphne>=4.1,<5',
  granian: 'granian>=2.8,<3',
};

/** The version that startproject wrote into the settings, in its newest patch release. */
function djangoRequirement({ django, settings }: Project): string {
  const patch = settings.modules
    .map(({ text }) => /using Django (\d+\.\d+\.\d+)/.exec(text)?.[1])
    .find(Boolean);
  if (patch) return `Django~=${patch}`;
  return django ? `Django~=${django.value}.0` : 'Django>=4.2';
}

/** https://pypi.org/project/django-tasks-db/: before Django 6 it needs django-tasks. */
function tasksRequirement({ django }: Project): string {
  return Number(django?.value.split('.')[0] ?? 6) >= 6
    ? 'django-tasks-db>=0.13,<1'
    : 'django-tasks-db[compat]>=0.12,<1';
}

/** Packages of Debian that Python packages need. */
export interface SystemPackages {
  /** To build them from source. */
  readonly build: string[];
  /** To run them. */
  readonly run: string[];
}

/** What has no wheel, and libraries that wheels do not contain. */
export function systemPackages(project: Project): SystemPackages {
  const build = [
    ...(buildsPsycopg(project) ? ['libpq-dev'] : []),
    ...(lacks(project, 'mysqlclient') ? [] : ['default-libmysqlclient-dev', 'pkg-config']),
  ];
  return {
    build: build.length ? ['build-essential', ...build] : [],
    run: [
      ...(needsLibpq(project) ? ['libpq5'] : []),
      ...(lacks(project, 'mysqlclient') ? [] : ['libmariadb3']),
      ...(needsGdal(project) ? ['gdal-bin'] : []),
    ],
  };
}

function buildsPsycopg(project: Project): boolean {
  return !lacks(project, 'psycopg2') || Boolean(packageOf(project, 'psycopg')?.extras.includes('c'));
}

/** psycopg without its extra finds the library of the system. */
function needsLibpq(project: Project): boolean {
  const psycopg = packageOf(project, 'psycopg');
  const isPlain = psycopg && !psycopg.extras.includes('binary') && lacks(project, 'psycopg-binary');
  return Boolean(isPlain) || buildsPsycopg(project);
}

function needsGdal({ database }: Project): boolean {
  return database.engine === 'spatialite' || database.extensions.some(({ value }) => value === 'postgis');
}
