import { isDeepStrictEqual } from 'node:util';
import { groupOf, namespaceOfObject } from '../../access-report/objects';
import { groupedBy } from '../../kubernetes/collections';
import { differingFields, objectsByName } from '../diff/changes';
import { ManifestSet } from './manifest-sets';

/** An object as some sets have it. */
export interface Variant {
  readonly object: any;
  /** The names of the sets. */
  readonly sets: string[];
}

/** An object of one or several sets. */
export interface ComparedObject {
  /** Its place among all objects, which the page names it by. */
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** What it is for: a heading of the page. */
  readonly topic: string;
  /** The different forms of it. One, if all sets that have it have the same. */
  readonly variants: Variant[];
  /** Whether each set has it, and all have the same. */
  readonly isSame: boolean;
}

/** A field that differs, with its values in the order of the variants. */
export interface ComparedField {
  readonly path: string;
  readonly values: any[];
}

/** What objects are for, by the groups of their API and their kinds. The first that fits counts. */
const TOPICS: [string, RegExp][] = [
  ['Routes and Services', /^(Service|Ingress\w*|Route|Gateway\w*|\w+Route|HTTPProxy|BackendTLSPolicy)$/],
  ['Routes and Services', /\.(networking\.gke|gateway\.networking\.k8s|elbv2\.k8s\.aws|cert-manager)\.io$/],
  ['Pods', /^(Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod|ReplicaSet)$/],
  [
    'Pods',
    /^(HorizontalPodAutoscaler|VerticalPodAutoscaler|ScaledObject|PodDisruptionBudget|PriorityClass)$/,
  ],
  [
    'Configuration and Secrets',
    /^(ConfigMap|Secret|ExternalSecret|SecretStore|SecretProviderClass|TriggerAuthentication)$/,
  ],
  ['Network policies', /NetworkPolicy$/],
  ['Access', /^(Namespace|ServiceAccount|(Cluster)?Role(Binding)?|ValidatingAdmissionPolicy(Binding)?)$/],
  ['Storage', /^(PersistentVolume(Claim)?|StorageClass|VolumeSnapshot\w*)$/],
  ['Monitoring', /^(PodMonitor\w*|ServiceMonitor|PrometheusRule|Rules|ClusterRules|GrafanaDashboard)$/],
];
const OTHERS = 'Others';

/** The topics, in the order of the page. */
export const ALL_TOPICS = [...new Set(TOPICS.map(([topic]) => topic)), OTHERS];

/** The objects of all sets, each with its different forms, by topic, namespace, kind and name. */
export function compared(sets: ManifestSet[]): ComparedObject[] {
  const found = new Map<string, Variant[]>();
  for (const { name, objects } of sets) {
    for (const [object, value] of objectsByName(objects)) {
      const variants = found.get(object) ?? [];
      found.set(object, variants);
      const same = variants.find((one) => isDeepStrictEqual(one.object, value));
      if (same) same.sets.push(name);
      else variants.push({ object: value, sets: [name] });
    }
  }
  const titles = [...found.keys()];
  const counts = groupedBy(titles, plainTitle);
  const isAlone = (title: string) => counts.get(title)!.length === 1;
  return [...found.entries()]
    .map(([title, variants]) => ({ title, variants, ...factsOf(title, variants[0].object, isAlone) }))
    .sort((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1))
    .map(({ title: _, ...facts }, index) => ({
      id: index + 1,
      ...facts,
      isSame: facts.variants.length === 1 && facts.variants[0].sets.length === sets.length,
    }));
}

function rankOf({ title, topic, namespace }: { title: string; topic: string; namespace: string }): string {
  return [namespace, ALL_TOPICS.indexOf(topic), title].join('\n');
}

/** The fields by which the variants of an object differ. */
export function comparedFields({ variants }: ComparedObject): ComparedField[] {
  return differingFields(variants.map(({ object }) => object));
}

/** What is in a title: `Job polls/polls-migrate` has the name without its hash. */
function factsOf(title: string, object: any, isAlone: (title: string) => boolean) {
  const name = title.slice(title.indexOf(' ') + 1);
  const namespace = namespaceOfObject(object);
  return {
    kind: isAlone(plainTitle(title)) ? (object.kind as string) : title.slice(0, title.indexOf(' ')),
    name: namespace ? name.slice(namespace.length + 1) : name,
    namespace,
    topic: topicOf(object),
  };
}

/** A title without the group of the API. */
function plainTitle(title: string): string {
  return title.replace(/^([^. ]*)\S*/, '$1');
}

function topicOf({ apiVersion, kind }: any): string {
  const group = `.${groupOf(apiVersion)}`;
  const found = TOPICS.find(([, pattern]) => pattern.test(kind) || pattern.test(group));
  return found ? found[0] : OTHERS;
}
