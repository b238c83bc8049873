/** A pod template of a manifest, with where it was found. */
export interface Pods {
  readonly owner: string;
  readonly kind: string;
  readonly labels: Record<string, string>;
  readonly spec: any;
}

/** The pod templates of all manifests. */
export function podsIn(manifests: any[]): Pods[] {
  return manifests
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job', 'CronJob'].includes(kind))
    .map(({ kind, metadata, spec }) => {
      const { template } = kind === 'CronJob' ? spec.jobTemplate.spec : spec;
      return {
        owner: `${kind} ${metadata.name}`,
        kind,
        labels: template.metadata.labels,
        spec: template.spec,
      };
    });
}

/** All containers of a pod, those that run before the others too. */
export function containersOf({ spec }: Pods): any[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** Something that selects pods, with the path to it and the values that each label may have. */
export interface PodSelector {
  readonly path: string;
  readonly labels: Record<string, string[]>;
}

/** What selects pods, in whatever kind of manifest. */
export function selectorsIn(value: any, path = ''): PodSelector[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => selectorsIn(item, `${path}[${index}]`));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries<any>(value).flatMap(([key, item]) => {
    if (['podSelector', 'labelSelector'].includes(key) || (key === 'selector' && item?.matchLabels)) {
      return [{ path: `${path}.${key}`, labels: valuesOf(item) }];
    }
    if (key === 'selector' && path.endsWith('.spec')) {
      return [{ path: `${path}.${key}`, labels: valuesOf({ matchLabels: item }) }];
    }
    return selectorsIn(item, `${path}.${key}`);
  });
}

function valuesOf({ matchLabels = {}, matchExpressions = [] }: any): Record<string, string[]> {
  const equal = Object.entries<string>(matchLabels).map(([key, value]) => [key, [value]]);
  const among = matchExpressions.map(({ key, operator, values }: any) => {
    if (operator !== 'In') throw new Error(`A selector uses ${operator}.`);
    return [key, values];
  });
  return Object.fromEntries([...equal, ...among]);
}

/** Whether a selector selects pods. */
export function selects({ labels }: PodSelector, pods: Pods): boolean {
  return Object.entries(labels).every(([key, values]) => values.includes(pods.labels[key]));
}

/** What the name of a part of the runtime ends in. */
const RUNTIME_NAME = /(cdk8s-django-[a-z]+)-[0-9a-f]{10}/g;

/**
 * Manifests without what changes when only the library's Python does: its text is replaced by `(Python)`, and hashes
 * that it takes part in by `(hash)`.
 */
export function withoutPython(manifests: any[]): any[] {
  const jobs = manifests.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name);
  return manifests.map((manifest) => {
    const copy = structuredClone(manifest);
    for (const file of Object.keys(copy.data ?? {})) {
      if (file.endsWith('.py')) copy.data[file] = '(Python)';
    }
    const annotations = copy.kind === 'Deployment' && copy.spec.template.metadata.annotations;
    if (annotations) annotations['checksum/config'] = '(hash)';
    return JSON.parse(JSON.stringify(copy), (_, value) => {
      if (typeof value !== 'string') return value;
      if (jobs.includes(value)) return value.replace(/[0-9a-f]{10}$/, '(hash)');
      return value.replace(RUNTIME_NAME, '$1-(hash)');
    });
  });
}

/** Kind and name of each manifest, sorted: `Deployment polls`. The ConfigMaps of the runtime are left out. */
export function namesOf(manifests: any[]): string[] {
  return manifests
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .filter((name) => !new RegExp(`^ConfigMap ${RUNTIME_NAME.source}$`).test(name))
    .sort();
}
