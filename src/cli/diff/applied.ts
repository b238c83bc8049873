import { uniqueSorted } from '../../kubernetes/collections';
import { HASHED_KINDS } from '../../kubernetes/hash';
import { MANAGED_BY } from '../../kubernetes/labels';
import { Kubectl, problemOf } from '../cluster/kubectl';
import { objectsByName, shortName } from './changes';

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const OF_THE_LIBRARY = Object.entries(MANAGED_BY).map((pair) => `--selector=${pair.join('=')}`);

/** Manifests, and what the cluster has of them. */
export interface Comparison {
  readonly before: any[];
  readonly after: any[];
}

/**
 * What was applied of the same objects. Secrets are left out: reading them is not for those who compare. Other objects
 * of the cluster that the manifests do not have are not looked for.
 */
export async function againstCluster(newer: any[], kubectl: Kubectl): Promise<Comparison> {
  const after = newer.filter(({ kind }) => kind !== 'Secret');
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: after });
  const same = await found(kubectl, ['--filename=-', '--ignore-not-found'], list);
  const missing = missingIn(same, after);
  const earlier = missing.length ? await earlierReleases(missing, kubectl) : [];
  return { before: [...same, ...earlier].map((one) => appliedOf(one, after)), after };
}

async function found(kubectl: Kubectl, args: string[], input?: string): Promise<any[]> {
  const got = await kubectl.call(['get', ...args, '--output=json'], input);
  if (got.code !== 0) throw problemOf(got);
  const answer = got.stdout.trim() ? JSON.parse(got.stdout) : { items: [] };
  return answer.items ?? [answer];
}

/** The Jobs and ConfigMaps with a hash in their names that the cluster does not have: another release may be there. */
function missingIn(same: any[], after: any[]): any[] {
  return [...objectsByName(after)]
    .filter(([name, one]) => HASHED_KINDS.includes(one.kind) && name === shortName(one))
    .map(([, one]) => one)
    .filter((one) => !same.some((object) => isFoundBy(object, one)));
}

/** Whether kubectl finds an object of the cluster by a manifest, which may leave out its namespace. */
function isFoundBy({ kind, metadata }: any, manifest: any): boolean {
  const { name, namespace = metadata.namespace } = manifest.metadata;
  return manifest.kind === kind && name === metadata.name && namespace === metadata.namespace;
}

/** The newest of each in the cluster: older releases stay there for a while. */
async function earlierReleases(missing: any[], kubectl: Kubectl): Promise<any[]> {
  const namespaces = uniqueSorted(missing.map((one) => one.metadata.namespace ?? ''));
  const lists = await Promise.all(
    namespaces.map((namespace) => {
      const where = namespace ? [`--namespace=${namespace}`] : [];
      return found(kubectl, ['jobs,configmaps', ...where, ...OF_THE_LIBRARY]);
    }),
  );
  const wanted = new Set(missing.map(shortName));
  const newest = new Map<string, any>();
  for (const one of lists.flat()) {
    const name = shortName(one);
    const known = newest.get(name);
    if (wanted.has(name) && !(known && createdAt(known) > createdAt(one))) newest.set(name, one);
  }
  return [...newest.values()];
}

const createdAt = ({ metadata }: any): string => metadata.creationTimestamp ?? '';

/** What was applied; without a note of that, what the object has of the fields that the manifest sets. */
function appliedOf(object: any, manifests: any[]): any {
  const applied = object.metadata.annotations?.[APPLIED];
  const manifest =
    manifests.find((one) => isFoundBy(object, one)) ??
    manifests.find((one) => shortName(one) === shortName(object));
  if (!applied) return manifest ? partOf(object, manifest) : object;
  const { annotations, ...rest } = JSON.parse(applied).metadata;
  const own = Object.keys(annotations ?? {}).length || manifest?.metadata.annotations ? { annotations } : {};
  return { ...JSON.parse(applied), metadata: { ...rest, ...own } };
}

function partOf(value: any, model: any): any {
  if (Array.isArray(value) && Array.isArray(model))
    return value.map((item, index) => partOf(item, model[index]));
  if (typeof value !== 'object' || value === null || typeof model !== 'object' || model === null)
    return value;
  return Object.fromEntries(
    Object.keys(model)
      .filter((key) => key in value)
      .map((key) => [key, partOf(value[key], model[key])]),
  );
}
