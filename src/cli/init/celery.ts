import { posix } from 'node:path';
import { Found, lineWith, placeOf } from './found';
import { CommandKind, kindOf, optionOf } from './processes';
import { packageOf, Reading } from './reading';

/** How a project uses Celery. */
export interface Celery {
  /** `mysite.celery:app`. */
  readonly application: Found<string>;
  readonly workers: CeleryWorkerFound[];
  /** The place that says that tasks are sent on a schedule. */
  readonly beat?: string;
  /** The place that says that the broker is RabbitMQ, and not Redis. */
  readonly rabbitMq?: string;
  /** The place that names a RabbitMQ of a developer's machine, which Valkey takes the place of. */
  readonly localRabbitMq?: string;
  /** The place that keeps results of tasks in a file, which pods cannot write. */
  readonly fileResults?: string;
}

/** Workers of a project. */
export interface CeleryWorkerFound {
  readonly name: string;
  readonly queues: string[];
  readonly concurrency?: number;
  readonly pool?: string;
  readonly source: string;
}

/** Reads how a project uses Celery: its application, its workers, its beat and its broker. */
export function findCelery(reading: Reading): Celery | undefined {
  const application = findApplication(reading);
  if (!application) return undefined;
  return {
    application,
    workers: findWorkers(reading, application.source),
    beat: findBeat(reading, application),
    ...findRabbitMq(reading),
    fileResults: findFileResults(reading),
  };
}

/** The module that makes a Celery application: of the settings' package first. */
function findApplication(reading: Reading): Found<string> | undefined {
  const { files, layout, settings } = reading;
  const [top] = settings.module.value.split('.');
  const paths = files.find(/^(celery\w*|__init__)\.py$/, layout.code, 3);
  const inOrder = [
    ...paths.filter((path) => posix.relative(layout.code, path).startsWith(`${top}/`)),
    ...paths,
  ].sort((one, other) => Number(one.endsWith('__init__.py')) - Number(other.endsWith('__init__.py')));
  for (const path of inOrder) {
    if (!/\bCelery[([]/.test(files.read(path)!)) continue;
    const made = files
      .module(path)!
      .assignments.find(({ value }) => value.kind === 'call' && /(^|\.)Celery$/.test(value.name));
    if (!made) continue;
    const file = posix.relative(layout.code, path).replace(/(\/__init__)?\.py$/, '');
    return { value: `${file.replace(/\//g, '.')}:${made.name}`, source: placeOf(path, made.line) };
  }
  return undefined;
}

const POOLS = ['prefork', 'threads', 'gevent'];

function findWorkers({ others }: Reading, source: string): CeleryWorkerFound[] {
  const workers = others.processes
    .filter(({ command }) => kindOf(command) === CommandKind.CELERY_WORKER)
    .map(({ name, command, source: place }) => {
      const concurrency = Number(optionOf(command, '-c', '--concurrency'));
      const pool = optionOf(command, '-P', '--pool');
      return {
        name: workerName(name),
        queues: optionOf(command, '-Q', '--queues')?.split(',') ?? [],
        concurrency: Number.isInteger(concurrency) && concurrency > 0 ? concurrency : undefined,
        pool: pool && POOLS.includes(pool) && pool !== 'prefork' ? pool : undefined,
        source: place,
      };
    });
  return workers.length ? workers : [{ name: 'default', queues: [], source }];
}

/** `celeryworker` and `worker` say nothing that the name of a worker would not. */
function workerName(name: string): string {
  const rest = name
    .toLowerCase()
    .replace(/celery|workers?/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return rest || 'default';
}

function findBeat({ settings, others, has, files }: Reading, application: Found<string>): string | undefined {
  const beat = others.processes.find(({ command }) => {
    const kind = kindOf(command);
    const isWithin = kind === CommandKind.CELERY_WORKER && /\s(-B|--beat)\b/.test(command);
    return kind === CommandKind.CELERY_BEAT || isWithin;
  });
  if (beat) return beat.source;
  const setting = settings.last('CELERY_BEAT_SCHEDULE') ?? settings.last('CELERYBEAT_SCHEDULE');
  if (setting) return placeOf(setting.path, setting.line);
  const app = has('django_celery_beat');
  if (app) return app.source;
  const [path] = application.source.split(':');
  const line = lineWith(files.read(path) ?? '', /\.beat_schedule\b|add_periodic_task\(/);
  return line === undefined ? undefined : placeOf(path, line);
}

function findFileResults({ settings }: Reading): string | undefined {
  const backend = settings.text('CELERY_RESULT_BACKEND');
  return backend && /^(db\+sqlite|file):/.test(backend.value) ? backend.source : undefined;
}

const LOCAL = /@(localhost|127\.0\.0\.1|\[::1\])\b|\/\/(localhost|127\.0\.0\.1)\b|\/\/\/?$/;

function findRabbitMq(reading: Reading): Pick<Celery, 'rabbitMq' | 'localRabbitMq'> {
  const { settings, others } = reading;
  const name = ['CELERY_BROKER_URL', 'BROKER_URL'].find((one) => settings.text(one));
  const url = name === undefined ? undefined : settings.text(name);
  const service = others.services.find(({ image }) => /rabbitmq/.test(image));
  if (url && /^(amqp|amqps|pyamqp):/.test(url.value)) {
    // An address that no variable changes serves nobody but developers.
    const isFixed = settings.last(name!)!.value.kind === 'text';
    return isFixed && !service && LOCAL.test(url.value)
      ? { localRabbitMq: url.source }
      : { rabbitMq: url.source };
  }
  if (url && /^redis|^valkey/.test(url.value)) return {};
  const hasRedis =
    packageOf(reading, 'redis') || others.services.some(({ image }) => /redis|valkey/.test(image));
  return service && !hasRedis ? { rabbitMq: service.source } : {};
}
