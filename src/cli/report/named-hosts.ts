import { EmittedPods, namespaceOfObject, ofKind } from '../../access-report/objects';
import { groupedBy } from '../../kubernetes/collections';

/** A host that pods are told to connect to. */
export interface NamedHost {
  readonly pod: EmittedPods;
  readonly host: string;
  /** The Service, or what else serves it. Without one it is outside. */
  readonly objects: any[];
}

/** Variables whose value is a host. */
const HOST_VARIABLE = /(^|_)HOST$/;
/** The host of a URL. */
const URL_HOST = /^[a-z][a-z\d+.-]*:\/\/(?:[^/@\s]*@)?(\[[^\]\s]+\]|[^/:\s?#$]+)/i;
/** The server of a pooler, in its file: `polls = host='polls-db' port=5432 …`. */
const CONNECTION_HOST = /(?:^|\s)host='?([a-z\d][a-z\d.-]*)'? port=/gim;
const HOST = /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i;
const CLUSTERS = 'postgresql.cnpg.io';

/** The hosts in the variables of pods and in files of poolers, each once for its pods. The hosts of the routes are none. */
export function hostsNamed(objects: any[], pods: EmittedPods[]): NamedHost[] {
  const byName = groupedBy(
    [...ofKind(objects, '', 'Service', 'ConfigMap'), ...ofKind(objects, CLUSTERS, 'Cluster')],
    (one) => `${one.kind} ${namespaceOfObject(one)}/${one.metadata.name}`,
  );
  const own = publicHosts(objects);
  return pods.flatMap((pod) => {
    const hosts = new Set([
      ...variablesOf(pod, byName).flatMap(hostOf),
      ...filesOf(pod, byName).flatMap((text) => [...text.matchAll(CONNECTION_HOST)].map(([, host]) => host)),
    ]);
    return [...hosts]
      .filter((host) => !own.has(host) && host !== 'localhost')
      .map((host) => ({ pod, host, objects: serving(host, pod.namespace, byName) }));
  });
}

type ByName = Map<string, any[]>;

function variablesOf({ namespace, containers }: EmittedPods, byName: ByName): [string, unknown][] {
  return containers.flatMap(({ env = [], envFrom = [] }: any): [string, unknown][] => [
    ...env.map(({ name, value }: any): [string, unknown] => [name, value]),
    ...envFrom.flatMap(({ configMapRef }: any) => {
      const [configMap] = byName.get(`ConfigMap ${namespace}/${configMapRef?.name}`) ?? [];
      return Object.entries(configMap?.data ?? {});
    }),
  ]);
}

/** The texts of the ConfigMaps that pods mount. */
function filesOf({ namespace, spec }: EmittedPods, byName: ByName): string[] {
  return (spec.volumes ?? []).flatMap((volume: any) => {
    const [configMap] = byName.get(`ConfigMap ${namespace}/${volume?.configMap?.name}`) ?? [];
    return Object.values(configMap?.data ?? {}).filter((text): text is string => typeof text === 'string');
  });
}

function hostOf([name, value]: [string, unknown]): string[] {
  if (typeof value !== 'string') return [];
  const host = URL_HOST.exec(value)?.[1] ?? (HOST_VARIABLE.test(name) ? value : '');
  return HOST.test(host) ? [host] : [];
}

/** The Service of a host, or the cluster of databases whose operator makes it. */
function serving(host: string, namespace: string, byName: ByName): any[] {
  const [name, other = namespace, ...domain] = host.split('.');
  if (domain.length && domain[0] !== 'svc') return [];
  const cluster = name.replace(/-(rw|ro|r)$/, '');
  return byName.get(`Service ${other}/${name}`) ?? byName.get(`Cluster ${other}/${cluster}`) ?? [];
}

function publicHosts(objects: any[]): Set<string> {
  return new Set(
    objects.flatMap(({ spec }) => [
      spec?.host,
      ...(Array.isArray(spec?.hostnames) ? spec.hostnames : []),
      ...(Array.isArray(spec?.rules) ? spec.rules.map((rule: any) => rule?.host) : []),
    ]),
  );
}
