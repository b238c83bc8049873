import { EmittedPods, groupOf, namespaceOfObject, podsIn } from '../../access-report/objects';
import { podsDuringRollout } from '../../django-app/connections';
import { SHUTDOWN_ANNOTATION } from '../../django-app/shutdown';
import { groupedBy, sum } from '../../kubernetes/collections';
import { podOf } from '../../kubernetes/pod-manifests';
import { podAmount } from '../../kubernetes/pod-resources';
import { LASTING_KINDS, Replicas, replicasOf, storageOf } from '../requests';
import { hostsNamed } from './named-hosts';
import { podsOfService } from './topology';

/** What goes on until it is told to end, and what it takes. */
export interface Workload {
  readonly title: string;
  readonly namespace: string;
  readonly replicas: Replicas;
  /** What one pod requests, in cores and bytes. */
  readonly cpu: number;
  readonly memory: number;
  /** The limits of one pod, if all its containers have one. */
  readonly cpuLimit?: number;
  readonly memoryLimit?: number;
  /** Seconds that a pod has to end. */
  readonly gracePeriod: number;
  /** How these come about, if the manifest says. */
  readonly shutdown?: string;
  readonly object: any;
}

/** What opens connections to a database, as far as the arguments of its program say how many. */
export interface Opener {
  readonly title: string;
  /** Most at once, also during a rollout. */
  readonly most: number;
  readonly how: string;
}

/** A database, by the host that pods are given. */
export interface DatabaseSum {
  readonly host: string;
  /** How many connections the server takes, if the manifests say. */
  readonly takes?: number;
  readonly openers: Opener[];
}

/** The sums of a set of manifests. */
export interface Sums {
  readonly objects: number;
  readonly workloads: Workload[];
  readonly databases: DatabaseSum[];
  /** Bytes of the volumes that are asked for, with the least replicas. */
  readonly storage: number;
}

const DEFAULT_GRACE_PERIOD = 30;

/** The sums of manifests. */
export function sumsOf(objects: any[]): Sums {
  const workloads = objects
    .filter(({ kind, spec }) => LASTING_KINDS.includes(kind) && spec?.template?.spec?.containers)
    .map((object) => workloadOf(object, objects));
  const least = new Map(workloads.map(({ object, replicas }) => [object, replicas.least]));
  return {
    objects: objects.length,
    workloads,
    databases: databasesOf(objects, workloads),
    storage: sum(objects.map((object) => storageOf(object, least.get(object) ?? 0))),
  };
}

function workloadOf(object: any, objects: any[]): Workload {
  const { metadata, spec } = podOf(object).value;
  return {
    title: `${object.kind} ${object.metadata.name}`,
    namespace: namespaceOfObject(object),
    replicas: replicasOf(object, objects),
    cpu: podAmount(spec, 'requests.cpu', 0),
    memory: podAmount(spec, 'requests.memory', 0),
    cpuLimit: podAmount(spec, 'limits.cpu'),
    memoryLimit: podAmount(spec, 'limits.memory'),
    gracePeriod: spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_PERIOD,
    shutdown: metadata?.annotations?.[SHUTDOWN_ANNOTATION],
    object,
  };
}

function databasesOf(objects: any[], workloads: Workload[]): DatabaseSum[] {
  const pods = podsIn(objects);
  const hosts = hostsNamed(objects, pods).filter(({ pod, host }) => isDatabaseOf(pod, host));
  return [...groupedBy(hosts, ({ host, pod }) => `${pod.namespace}/${host}`).values()].map((own) => ({
    host: own[0].host,
    takes: own[0].objects.flatMap((one) => takenBy(one, pods))[0],
    openers: own.flatMap(({ pod }) => openersOf(pod, workloads)),
  }));
}

function isDatabaseOf({ containers }: EmittedPods, host: string): boolean {
  return variablesOf(containers).some(({ name, value }) => name === 'DATABASE_HOST' && value === host);
}

function variablesOf(containers: any[]): any[] {
  return containers.flatMap(({ env = [] }) => env);
}

/** What the arguments of the server say, or the resource of an operator. */
function takenBy(object: any, pods: EmittedPods[]): number[] {
  if (groupOf(object.apiVersion) === 'postgresql.cnpg.io') {
    const given = Number(object.spec?.postgresql?.parameters?.max_connections);
    return given > 0 ? [given] : [];
  }
  return podsOfService(object, pods).flatMap(({ containers }) =>
    containers.flatMap(wordsOf).flatMap((word) => {
      const found = /^--max_connections=(\d+)$/.exec(word);
      return found ? [Number(found[1])] : [];
    }),
  );
}

function openersOf(pod: EmittedPods, workloads: Workload[]): Opener[] {
  if (pod.name.startsWith('Job ')) {
    return pod.containers.some((one) => wordsOf(one).includes('cdk8s_django.migrate'))
      ? // One holds the lock, one migrates.
        [{ title: pod.name, most: 2, how: 'the lock and the migration' }]
      : [{ title: pod.name, most: 1, how: 'one command' }];
  }
  if (pod.name.startsWith('CronJob ')) return [{ title: pod.name, most: 1, how: 'one command' }];
  const workload = workloads.find(
    ({ title, namespace }) => title === pod.name && namespace === pod.namespace,
  );
  const perPod = perPodOf(pod);
  if (!workload || !perPod) return [];
  const atOnce = podsAtOnce(workload);
  return [{ title: pod.name, most: atOnce * perPod.count, how: `${atOnce} pods at once × ${perPod.how}` }];
}

/** While one release replaces another, pods that were told to end still have connections. */
function podsAtOnce({ object, replicas, gracePeriod, shutdown = '' }: Workload): number {
  if (object.spec.strategy?.type === 'Recreate') return replicas.most;
  const times = /^(\d+) s router \+ (\d+) s requests/.exec(shutdown);
  return podsDuringRollout(replicas.most, times ? Number(times[1]) + Number(times[2]) : gracePeriod);
}

/** The connections of a pod, where a program of ours has them in its arguments. */
function perPodOf({ spec, containers }: EmittedPods): { count: number; how: string } | undefined {
  const [pool] = variablesOf(containers).filter(({ name }) => name === 'DATABASE_POOL_MAX_SIZE');
  for (const words of spec.containers.map(wordsOf)) {
    const found = connectionsOfProgram(words, pool ? Number(pool.value) : undefined);
    if (found) return found;
  }
  return undefined;
}

function connectionsOfProgram(words: string[], pool?: number): { count: number; how: string } | undefined {
  const number = (option: string) => {
    const index = words.indexOf(option);
    return index < 0 ? undefined : Number(words[index + 1]);
  };
  const processes = number('--processes') ?? 1;
  if (words.includes('cdk8s_django.serve')) {
    const isSync = words[words.indexOf('--worker-class') + 1] === 'sync';
    const requests = pool ?? (isSync ? 1 : number('--threads'));
    // The readiness check has one of its own.
    return requests === undefined
      ? undefined
      : { count: processes * (requests + 1), how: `${processes} processes × ${requests + 1}` };
  }
  if (words.includes('celery') && words.includes('worker')) {
    const concurrency = number('--concurrency') ?? 1;
    return { count: concurrency, how: `${concurrency} processes` };
  }
  if (words.includes('celery') && words.includes('beat')) return { count: 1, how: 'beat' };
  if (words.includes('cdk8s_django.task_worker')) {
    return { count: processes + 1, how: `${processes + 1} processes` };
  }
  return undefined;
}

function wordsOf({ command = [], args = [] }: any): string[] {
  return [...command, ...args].map(String);
}
