import { groupedBy, sortedBy } from '../kubernetes/collections';
import { SHORT_HASH_ENDING } from '../kubernetes/hash';
import { podOf } from '../kubernetes/pod-manifests';

/*
 * The objects that a program emits, as the report reads them. Nothing here knows what a construct meant: patches and
 * objects of others count as they are written.
 */

/** Pods that are made from one template. */
export interface EmittedPods {
  /** Kind and name of what makes them: `Deployment polls`. A Job's has no hash. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly serviceAccount: string;
  /** Whether a container can have a token of the ServiceAccount. */
  readonly hasToken: boolean;
  readonly hostNetwork: boolean;
  readonly spec: any;
  /** All containers, those that run before the others too. */
  readonly containers: any[];
}

/** The namespace of an object; empty where those who apply it choose one. */
export function namespaceOfObject(object: any): string {
  return object.metadata?.namespace ?? '';
}

/** Objects with those of lists in the place of the lists. */
export function flattened(objects: any[]): any[] {
  return objects.flatMap((object) =>
    object.kind === 'List' && Array.isArray(object.items) ? flattened(object.items) : [object],
  );
}

/** The objects of some kinds of an API group. */
export function ofKind(objects: any[], group: string, ...kinds: string[]): any[] {
  return objects.filter(({ apiVersion, kind }) => groupOf(apiVersion) === group && kinds.includes(kind));
}

/** The group of an API's version: empty for `v1`. */
export function groupOf(apiVersion: string): string {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? '' : group;
}

/** All pods of the objects. */
export function podsIn(objects: any[]): EmittedPods[] {
  const makers = objects.filter((object) => Array.isArray(podOf(object).value?.spec?.containers));
  const names = shownNames(makers);
  const accounts = new Map(
    ofKind(objects, '', 'ServiceAccount').map((account) => [
      `${namespaceOfObject(account)}/${account.metadata.name}`,
      account,
    ]),
  );
  const pods = makers.map((maker, index): EmittedPods => {
    const { metadata = {}, spec } = podOf(maker).value;
    const namespace = namespaceOfObject(maker);
    const serviceAccount = spec.serviceAccountName ?? spec.serviceAccount ?? 'default';
    const account = accounts.get(`${namespace}/${serviceAccount}`);
    return {
      name: names[index],
      namespace,
      labels: metadata.labels ?? {},
      serviceAccount,
      hasToken:
        (spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true) ||
        sourcesOf(spec).some(({ serviceAccountToken }) => serviceAccountToken !== undefined),
      hostNetwork: spec.hostNetwork === true,
      spec,
      containers: [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])],
    };
  });
  return sortedBy(pods, ({ namespace, name }) => `${namespace}/${name}`);
}

/** What the projected volumes of a pod are made from. */
export function sourcesOf(spec: any): any[] {
  return (spec.volumes ?? []).flatMap((volume: any) => volume.projected?.sources ?? []);
}

/** The names of what makes pods: without the hash where no other one would be called so. */
function shownNames(makers: any[]): string[] {
  const shown = ({ kind, metadata }: any, name: string) =>
    `${namespaceOfObject({ metadata })}/${kind} ${name}`;
  const short = makers.map((maker) =>
    shown(
      maker,
      maker.kind === 'Job' ? maker.metadata.name.replace(SHORT_HASH_ENDING, '') : maker.metadata.name,
    ),
  );
  const same = groupedBy(short, (name) => name);
  const names = makers.map((maker, index) =>
    same.get(short[index])!.length === 1 ? short[index] : shown(maker, maker.metadata.name),
  );
  return names.map((name) => name.slice(name.indexOf('/') + 1));
}
