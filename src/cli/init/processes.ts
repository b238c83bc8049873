import { posix } from 'node:path';
import { parse } from 'yaml';
import { CommandProblem } from '../problem';
import { Found, lineWith, placeOf } from './found';
import { tableOf } from './packages';
import { NamedFile, ProjectFiles } from './project-files';

/** A command that runs beside or as the application, by the name that a file gives it. */
export interface Process {
  readonly name: string;
  readonly command: string;
  readonly source: string;
}

/** A server that the application uses on a developer's machine. */
export interface Service {
  readonly name: string;
  readonly image: string;
  readonly source: string;
}

/** What the files for other hosts say about an application. */
export interface Processes {
  readonly processes: Process[];
  /** The commands of a release, other than migrations and static files. */
  readonly release: Process[];
  readonly services: Service[];
  /** Values of variables, by `env` of app.json. */
  readonly environment: ReadonlyMap<string, Found<string>>;
  /** Number of replicas, by `formation` of app.json. */
  readonly replicas?: Found<number>;
}

const COMPOSE = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const COMPOSE_OF_PRODUCTION = [
  'docker-compose.production.yml',
  'docker-compose.prod.yml',
  'compose.production.yaml',
  'production.yml',
];

/** Reads Procfile, app.json and the compose file: those of the project's folder, else those beside manage.py. */
export function readProcesses(files: ProjectFiles, folder = ''): Processes {
  const first = (...names: string[]) =>
    files.first(...names, ...names.map((name) => posix.join(folder, name)));
  const procfile = readProcfile(first('Procfile'));
  const compose = readCompose(first(...COMPOSE, ...COMPOSE_OF_PRODUCTION));
  const app = readAppJson(first('app.json'));
  return {
    // A Procfile is for production, and says all that runs there.
    processes: procfile.length ? procfile.filter(({ name }) => name !== 'release') : compose.processes,
    release: procfile.filter(({ name }) => name === 'release').flatMap(releaseCommands),
    services: compose.services,
    environment: app.environment,
    replicas: app.replicas,
  };
}

function readProcfile(found: NamedFile | undefined): Process[] {
  if (!found) return [];
  return found.text.split('\n').flatMap((line, index) => {
    const [, name, command] = /^([\w-]+):\s*(.+?)\s*$/.exec(line) ?? [];
    return command ? [{ name, command, source: placeOf(found.path, index + 1) }] : [];
  });
}

/** Migrations have a Job of their own, and static files are collected when the image is built. */
function releaseCommands(release: Process): Process[] {
  return release.command
    .split(/&&|;/)
    .map((command) => ({ ...release, command: command.trim() }))
    .filter(({ command }) => !/manage\.py\s+(migrate|collectstatic|check)\b|^$/.test(command));
}

function readCompose(found: NamedFile | undefined): { processes: Process[]; services: Service[] } {
  if (!found) return { processes: [], services: [] };
  const { path, text } = found;
  const services = Object.entries(tableOf(readYaml(path, text)?.services) ?? {});
  const sourceOf = (name: string) => placeOf(path, lineWith(text, new RegExp(`^\\s+["']?${name}["']?:`)));
  return {
    processes: services.flatMap(([name, service]) => {
      const { build, command } = tableOf(service) ?? {};
      const words = Array.isArray(command) ? command.join(' ') : command;
      const isOwn = build !== undefined && typeof words === 'string' && isTelling(words);
      return isOwn ? [{ name, command: words.trim(), source: sourceOf(name) }] : [];
    }),
    services: services.flatMap(([name, service]) => {
      const { build, image } = tableOf(service) ?? {};
      return build === undefined && typeof image === 'string'
        ? [{ name, image, source: sourceOf(name) }]
        : [];
    }),
  };
}

/** Whether a command says what it runs. A script of an image does not, such as `/start`. */
function isTelling(command: string): boolean {
  return (
    kindOf(command) !== CommandKind.OTHER ||
    /manage\.py|python3? -m|\b(rq|huey_consumer|dramatiq|procrastinate)\b/.test(command)
  );
}

function readYaml(path: string, text: string): { [key: string]: unknown } | undefined {
  try {
    // Tags of compose, such as !reset, are not values.
    return tableOf(parse(text, { logLevel: 'error', merge: true }));
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new CommandProblem(`${path} cannot be read as YAML: ${reason} Correct it.`);
  }
}

function readAppJson(found: NamedFile | undefined): {
  environment: Map<string, Found<string>>;
  replicas?: Found<number>;
} {
  const environment = new Map<string, Found<string>>();
  if (!found) return { environment };
  const { path, text } = found;
  const app = readJson(path, text);
  for (const [name, entry] of Object.entries(tableOf(app?.env) ?? {})) {
    const value = tableOf(entry)?.value ?? entry;
    const source = placeOf(path, lineWith(text, new RegExp(`"${name}"`)));
    if (typeof value === 'string') environment.set(name, { value, source });
  }
  return { environment, replicas: replicasOf(path, text, app?.formation) };
}

function replicasOf(path: string, text: string, formation: unknown): Found<number> | undefined {
  const quantity = tableOf(tableOf(formation)?.web)?.quantity;
  if (typeof quantity !== 'number' || quantity < 1) return undefined;
  return { value: quantity, source: placeOf(path, lineWith(text, /"formation"/)) };
}

function readJson(path: string, text: string): { [key: string]: unknown } | undefined {
  try {
    return tableOf(JSON.parse(text));
  } catch (error) {
    throw new CommandProblem(`${path} cannot be read as JSON: ${(error as Error).message}. Correct it.`);
  }
}

/** What a command of a process is. */
export enum CommandKind {
  WSGI = 'WSGI',
  ASGI = 'ASGI',
  CELERY_WORKER = 'Celery worker',
  CELERY_BEAT = 'Celery beat',
  TASK_WORKER = 'task worker',
  /** What only a developer runs, and what the library does by itself. */
  NOT_DEPLOYED = 'not deployed',
  OTHER = 'other',
}

/** The kinds of commands, each by what one of them looks like. The first that fits counts. */
const KINDS: [RegExp, CommandKind][] = [
  [/\bflower\b/, CommandKind.NOT_DEPLOYED],
  [/celery[-_]?worker|\bcelery\b.*\bworker\b/, CommandKind.CELERY_WORKER],
  [/celery[-_]?beat|\bcelery\b.*\bbeat\b/, CommandKind.CELERY_BEAT],
  [/manage\.py\s+db_worker\b/, CommandKind.TASK_WORKER],
  [/\b(daphne|uvicorn|hypercorn)\b|uvicorn\.workers|uvicorn_worker|--interface[ =]asgi/, CommandKind.ASGI],
  [/\b(gunicorn|granian)\b.*\basgi\b/, CommandKind.ASGI],
  [/\b(gunicorn|granian|uwsgi|waitress-serve|mod_wsgi-express)\b/, CommandKind.WSGI],
  [/manage\.py\s+(runserver|runserver_plus|migrate|tailwind|test|shell)\b/, CommandKind.NOT_DEPLOYED],
  [/^(npm|yarn|pnpm|node|sleep|tail)\b/, CommandKind.NOT_DEPLOYED],
];

/** What a command is, by the program that it runs. */
export function kindOf(command: string): CommandKind {
  return KINDS.find(([pattern]) => pattern.test(command))?.[1] ?? CommandKind.OTHER;
}

/** The value of an option of a command: `-Q mail,default`, `--queues=mail`. */
export function optionOf(command: string, ...names: string[]): string | undefined {
  const pattern = names.map((name) => name.replace(/-/g, '\\-')).join('|');
  return new RegExp(`(?:^|\\s)(?:${pattern})(?:[ =]|(?<=-\\w))["']?([^\\s"']+)`).exec(command)?.[1];
}
