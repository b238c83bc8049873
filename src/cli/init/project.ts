import { Celery, findCelery } from './celery';
import { Database, findDatabase } from './database';
import { Found, placeOf } from './found';
import { Packages, readPackages } from './packages';
import { CommandKind, kindOf, Process, Processes, readProcesses } from './processes';
import { ProjectFiles } from './project-files';
import { Reading } from './reading';
import { findServer, Server } from './server';
import { Settings } from './settings';
import { findLayout, findSettings, Layout } from './settings-module';
import { findMedia, findMetrics, findStatic, Media, StaticFiles } from './site-files';
import { findTasks } from './tasks';
import { readVariables, Variable } from './variables';
import { pythonFor } from './versions';

/** What is known about a Django project, each with the place that says so. */
export interface Project {
  readonly files: ProjectFiles;
  readonly layout: Layout;
  readonly settings: Settings;
  /** How the settings are written: `split, django-environ`. */
  readonly form: string;
  readonly variables: Variable[];
  readonly packages: Packages;
  /** The version of Django, such as `5.2`. */
  readonly django?: Found<string>;
  /** The version of Python for the image, such as `3.13`. */
  readonly python: Found<string>;
  readonly server: Server;
  readonly database: Database;
  readonly staticFiles: StaticFiles;
  readonly media?: Media;
  readonly cache?: Found<string>;
  readonly channelLayer?: Found<string>;
  readonly celery?: Celery;
  /** The backend of Django's own Tasks. */
  readonly tasks?: Found<string>;
  /** The path of the metrics. */
  readonly metrics?: Found<string>;
  readonly sessions: boolean;
  readonly others: Processes;
  /** Processes that are neither servers nor workers of Celery or of Django's Tasks. */
  readonly processes: Process[];
}

/** Reads a project. Nothing of it is run. */
export function readProject(root: string, settingsModule?: string): Project {
  const files = new ProjectFiles(root);
  const layout = findLayout(files);
  const settings = new Settings(files, layout, findSettings(files, layout, settingsModule));
  const packages = readPackages(files, layout.folder);
  const others = readProcesses(files, layout.folder);
  const apps = settings.strings('INSTALLED_APPS');
  const has = (...names: string[]) => apps.find(({ value }) => names.some((name) => isApp(value, name)));
  const read = { files, layout, settings, packages, others, has };
  const django = findDjango(read);
  return {
    ...{ files, layout, settings, packages, others, django },
    form: formOf(settings),
    variables: readVariables(settings),
    python: {
      value: pythonFor(packages.python?.value, django?.value),
      source: packages.python?.source ?? 'what Django supports',
    },
    server: findServer(read),
    database: findDatabase(read),
    staticFiles: findStatic(read),
    media: findMedia(read),
    cache: findCache(settings),
    channelLayer: findChannelLayer(settings),
    celery: findCelery(read),
    tasks: findTasks(read),
    metrics: findMetrics(read),
    sessions: has('django.contrib.sessions') !== undefined && !settings.last('SESSION_ENGINE'),
    // `web` is the server, also where a script starts it.
    processes: others.processes.filter(
      ({ name, command }) => name !== 'web' && kindOf(command) === CommandKind.OTHER,
    ),
  };
}

/** `django_celery_beat.apps.BeatConfig` means `django_celery_beat`. */
const isApp = (entry: string, name: string) => entry === name || entry.startsWith(`${name}.apps.`);

/** The version of Django: of the packages, else of what startproject wrote into the settings. */
function findDjango({ packages, settings }: Reading): Found<string> | undefined {
  const { specifier = '', source = '' } = packages.packages.get('django') ?? {};
  const named = /(\d+\.\d+)/.exec(specifier.replace(/(<|!=)[^,]*/g, ''));
  if (named) return { value: named[1], source };
  for (const { text, path } of settings.modules) {
    const written = /using Django (\d+\.\d+)|docs\.djangoproject\.com\/en\/(\d+\.\d+)\//.exec(text);
    if (!written) continue;
    const line = text.slice(0, written.index).split('\n').length;
    return { value: written[1] ?? written[2], source: placeOf(path, line) };
  }
  return undefined;
}

function formOf(settings: Settings): string {
  const own = settings.modules.filter(({ assignments }) => assignments.length > 0);
  const isSplit = own.length > 1 || settings.imports(/^split_settings/);
  const readsFiles = own.some(({ text }) => /\.read_text\(|\bopen\(/.test(text));
  const forms = [
    isSplit && 'split',
    settings.imports(/^environ$/) && 'django-environ',
    settings.imports(/^environs$/) && 'environs',
    settings.imports(/^decouple$/) && 'python-decouple',
    settings.imports(/^pydantic_settings$/) && 'pydantic-settings',
    settings.configuration && 'classes of django-configurations',
    settings.imports(/^dynaconf$/) && 'dynaconf',
    readsFiles && 'reads files',
  ].filter(Boolean);
  return forms.length ? forms.join(', ') : 'one module';
}

/** A cache that all replicas share. Django's default is in each process. */
function findCache(settings: Settings): Found<string> | undefined {
  const entry = settings.entry('CACHES', 'default');
  if (!entry) return undefined;
  const { value, path } = entry;
  const source = placeOf(path, value.line);
  if (value.kind === 'call') {
    const url = settings.firstText(value) ?? '';
    return /^(locmem|dummy|file|db)/.test(url) ? undefined : { value: 'Redis, by its URL', source };
  }
  const backend = settings.textIn(value, 'BACKEND') ?? '';
  return /redis|valkey|memcached|PyMemcache|PyLibMC/i.test(backend) ? { value: backend, source } : undefined;
}

function findChannelLayer(settings: Settings): Found<string> | undefined {
  const entry = settings.entry('CHANNEL_LAYERS', 'default');
  if (!entry) return undefined;
  const backend = settings.textIn(entry.value, 'BACKEND') ?? 'channels_redis.core.RedisChannelLayer';
  return { value: backend, source: placeOf(entry.path, entry.value.line) };
}
