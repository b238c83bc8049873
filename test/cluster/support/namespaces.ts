import { eventually } from './eventually';
import { kubectl } from './kubectl';
import { freeVolumes } from './volumes';

/** Every namespace that the suite makes: it clears leftovers of these before it begins, and nothing else. */
const NAMESPACES = [
  // dist/upstream, as it is
  'polls',
  'polls-reversed',
  'polls-migration',
  'polls-local',
  'polls-visit',
  'polls-visit-monitoring',
  'polls-openshift',
  'polls-group-0',
  'polls-database',
  'polls-outside',
  'polls-pooler',
  'polls-rotation',
  'polls-rotation-pooler',
  'polls-network',
  'polls-network-elsewhere',
  'polls-positions',
  'polls-elsewhere',
  'polls-access',
  'polls-secrets',
  'polls-images',
  'polls-backup',
  'polls-backup-dry-run',
  'polls-dumps',
  'polls-point-in-time',
  'polls-replica',
  'polls-release',
  'polls-recovery',
  'polls-slow-migration',
  'polls-left-release',
  'polls-one-place',
  'polls-waiting',
  'polls-drain',
  'polls-single-node',
  'polls-static-files',
  'polls-scheduling',
  'polls-autoscaling',
  'polls-canary',
  'polls-endurance',
  'polls-sentinel',
  'polls-broker',
  'polls-upgrades',
  'polls-memory',
  'polls-commands',
  'polls-metrics',
  'polls-metrics-elsewhere',
  'polls-exporters',
  'polls-traces',
  'polls-cli',
  'polls-asgi',
  'polls-channels',
  'polls-celery',
  'polls-processes',
  'polls-tasks',
  'polls-versions',
  'polls-rabbitmq',
  'polls-dry-run',
  'polls-dry-run-gateway',
  'polls-options',
  'polls-routes',
  'polls-routes-gateway',
  // applications that know nothing of the library
  'wagtail',
  'wagtail-assigned-user',
  'startproject-4-2',
  'startproject-5-2',
  'startproject-errors',
  // test/operators
  'polls-keda',
  'polls-keda-takeover',
  'polls-recommendations',
  'polls-contour',
  'polls-contour-gateway',
  'polls-contour-options',
  'polls-velero',
  'polls-bucket',
  'polls-cert-manager',
  'polls-copies',
  'polls-copies-preview',
  'polls-copies-store',
  'polls-archive-bucket',
  'polls-cloudnative-pg',
  'polls-barman-cloud',
  'polls-opentelemetry',
  'polls-opentelemetry-collector',
  // test/delivery
  'polls-argo-cd',
  'polls-argo-cd-2',
  'polls-flux',
  'polls-helm',
  'polls-preview-fix-login-eds9b',
  // test/begin
  'begin-django-5-2',
  'begin-django-6-1',
  'begin-wagtail',
  'begin-django-starter',
  'begin-celery',
] as const;

export type NamespaceName = (typeof NAMESPACES)[number];

/** A namespace of the suite, and what one asks it. */
export class Namespace {
  constructor(readonly name: NamespaceName) {}

  kubectl(...args: string[]): Promise<string> {
    return kubectl('--namespace', this.name, ...args);
  }

  /** One object. It throws when there is none. */
  async get(kind: string, name: string): Promise<any> {
    return JSON.parse(await this.kubectl('get', kind, name, '--output=json'));
  }

  /** The objects of a kind, or those of them that have the labels. */
  async list(kind: string, labels = ''): Promise<any[]> {
    return JSON.parse(await this.kubectl('get', kind, `--selector=${labels}`, '--output=json')).items;
  }

  /** Runs a program in a pod (or `deployment/NAME`), in its first container. */
  exec(pod: string, ...command: string[]): Promise<string> {
    return this.kubectl('exec', pod, '--quiet', '--', ...command);
  }

  /** Deletes an object, and waits until it is gone. */
  async delete(kind: string, name: string, ...options: string[]): Promise<void> {
    await this.kubectl('delete', kind, name, ...options);
  }

  /** Makes it empty, whatever a run before has left in it. */
  async create(): Promise<void> {
    await this.clear();
    await kubectl('create', 'namespace', this.name);
  }

  /** Removes what a run before has left, and waits until it is gone. */
  async clear(): Promise<void> {
    await this.remove();
    await gone(this.name);
  }

  /** Removes it with all that is in it and its PriorityClass, without waiting: the end of the suite does. */
  async remove(): Promise<void> {
    const objects = [`namespace/${this.name}`, `priorityclass/${this.name}-first`];
    await kubectl('delete', ...objects, '--ignore-not-found', '--wait=false');
  }
}

/** Removes all of them, waits, and gives their volumes back. */
export async function removeNamespaces(): Promise<void> {
  await Promise.all(NAMESPACES.map((name) => new Namespace(name).remove()));
  await Promise.all(NAMESPACES.map(gone));
  await freeVolumes(NAMESPACES);
}

async function gone(name: string): Promise<void> {
  await eventually(
    `namespace ${name} is gone`,
    async () => {
      const found = await kubectl('get', 'namespace', name, '--ignore-not-found', '--output=name');
      if (found) throw new Error('it is still there');
    },
    { namespace: name, seconds: 120 },
  );
}
