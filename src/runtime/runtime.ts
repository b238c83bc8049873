import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as k8s from '../kubernetes/api';

/** The Python package that pods mount: `src/runtime/cdk8s_django`. */
const PACKAGE = 'cdk8s_django';
const DIRECTORY = join(__dirname, PACKAGE);

/** Where it is mounted: the folder is put on PYTHONPATH. */
export const RUNTIME_PATH = '/opt/cdk8s-django';

/**
 * The parts of the runtime: each is a ConfigMap of its own, and pods mount those that they run. A module is in one part,
 * and imports from its own part, from `base`, and from `django` where there is Django.
 *
 * `kubectl apply` keeps an object in an annotation of at most 262,144 bytes, so that no part may grow to that.
 */
const PARTS = {
  /** What every program needs, and what asks the API server. */
  base: [
    ...['__init__', 'api_server', 'cloud_credentials', 'command_line', 'database_tokens', 'environment'],
    ...['errors', 'masks', 'release'],
  ],
  /** Fills and rotates Secrets. */
  secrets: ['generate_secret', 'kubernetes', 'rotate_secret_key'],
  /** Takes snapshots of volumes. */
  snapshots: ['snapshot_volume'],
  /** The settings overlay, with all that it puts into an application, and what several of the others share. */
  django: [
    ...['application_settings', 'both_modes', 'database_url', 'databases', 'files', 'health', 'heartbeat'],
    ...['listen', 'local_servers', 'log_config', 'logs', 'mails', 'media', 'memory', 'metrics', 'middleware'],
    ...['overlay', 'own_formatters', 'request_ids', 'routed', 'servers', 'settings', 'tasks', 'terminate'],
    ...['url_prefixes'],
  ],
  /** Serves the application. */
  server: [
    ...['access_log', 'daphne_server', 'granian_server', 'gunicorn_conf', 'gunicorn_project'],
    ...['gunicorn_server', 'keep_static', 'loading', 'processes', 'replicas', 'serve', 'uvicorn_server'],
  ],
  /** Counts what processes do, and shows it to scrapers. */
  metrics: [
    ...['collations', 'instruments', 'metric_files', 'metric_names', 'metric_page', 'websocket_metrics'],
  ],
  /** Traces what processes do, by OpenTelemetry. */
  traces: ['trace_export', 'trace_middleware', 'trace_sampling', 'trace_spans', 'traces'],
  /** Migrates, and waits for a migration. */
  migration: ['gate', 'locks', 'migrate', 'migrate_command', 'schema', 'steps'],
  /** Runs management commands. */
  commands: ['command', 'create_superuser', 'manage'],
  /** Workers and beat of Celery. */
  celery: ['celery_app', 'celery_conf', 'celery_metrics', 'celery_pool', 'celery_requests', 'celery_traces'],
  /** Sends and takes tasks by Sentinels. */
  sentinels: ['sentinels'],
  /** Workers of Django's own Tasks. */
  tasks: ['task_keeper', 'task_metrics', 'task_traces', 'task_worker'],
};

export type RuntimePart = keyof typeof PARTS;

export const RUNTIME_PARTS = Object.keys(PARTS) as RuntimePart[];

const read = new Map<RuntimePart, Record<string, string>>();

/** The modules of a part of the runtime, by file name. They are read once, and not for each namespace. */
export function runtimeModules(part: RuntimePart): Record<string, string> {
  const texts = () => PARTS[part].map((module) => [`${module}.py`, textOf(module)]);
  if (!read.has(part)) read.set(part, Object.fromEntries(texts()));
  return { ...read.get(part) };
}

function textOf(module: string): string {
  return readFileSync(join(DIRECTORY, `${module}.py`), 'utf8');
}

export const RUNTIME_MOUNT: k8s.VolumeMount = {
  name: 'runtime',
  mountPath: `${RUNTIME_PATH}/${PACKAGE}`,
  readOnly: true,
};

/** What Python needs to run under a read-only root file system. */
export const PYTHON_ENVIRONMENT = {
  // The image's user may have no home, or one that cannot be written to.
  HOME: '/tmp',
  // The image's passwd may lack the user: getpass.getuser() looks there without these.
  LOGNAME: 'django',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONUNBUFFERED: '1',
  USER: 'django',
};

/**
 * Where Python finds the runtime, and the code of an image that is in folders which no package manager knows.
 *
 * It is a variable of each container and never in a ConfigMap. OpenTelemetry's operator, and agents of vendors, inject
 * code into pods: they put their folder before a PYTHONPATH of the container, and replace one that they do not see.
 *
 * @see https://github.com/open-telemetry/opentelemetry-operator/issues/1884
 */
export function pythonPath(folders: string[] = []): { name: string; value: string } {
  return { name: 'PYTHONPATH', value: [RUNTIME_PATH, ...folders].join(':') };
}

/** The command line of a runtime module. */
export function runtimeCommand(module: string, ...args: string[]): string[] {
  return ['python', '-m', `${PACKAGE}.${module}`, ...args];
}
