import { Accounts, EVERYWHERE, Grant } from './grants';
import { groupedBy, sortedBy, uniqueSorted } from '../kubernetes/collections';
import { EmittedPods, namespaceOfObject, ofKind, sourcesOf } from './objects';
import { Reach, reachOf, RightsIn } from './powers';
import { includes } from './rules';
import { ContainerKeys, SecretAccess, SecretReader } from './structs';

/*
 * Who can read each Secret: containers that are given it, and subjects that may ask for it or that can have somebody
 * else read it.
 */

/** All keys of a Secret. */
const ALL_KEYS = '*';

interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** Who can read the Secrets that objects make or name. */
export function secretAccess(
  objects: any[],
  pods: EmittedPods[],
  grants: Grant[],
  accounts: Accounts,
): SecretAccess[] {
  const readersIn = readersByNamespace(grants, accounts);
  const mounts = pods.flatMap(mountsOf);
  const mountsOfSecret = groupedBy(mounts, keyOf);
  const podsByNamespace = groupedBy(pods, (pod) => pod.namespace);
  const references = objects.flatMap((object) => referencesOf(object));
  const referencesOfSecret = groupedBy(references, keyOf);
  const emitted = new Set(emittedSecrets(objects).map(keyOf));
  return secretNames(objects, mounts, references, grants).map(({ namespace, name }) => {
    const key = keyOf({ namespace, name });
    const containers = (mountsOfSecret.get(key) ?? []).map(({ pod, container, keys, form }) => ({
      pod,
      container,
      keys,
      form,
    }));
    const holders = (podsByNamespace.get(namespace) ?? []).filter((pod) =>
      containers.some((one) => one.pod === pod.name),
    );
    return {
      namespace,
      name,
      emitted: emitted.has(key),
      readers: readersIn(namespace).flatMap(({ subject, reach }): SecretReader[] => {
        const ways = reach.map(({ as, rights }) => ({
          as,
          ways: waysOf(name, rights.in(namespace), holders.length > 0),
        }));
        // What it can do itself says it; else whom it acts as.
        const own = ways.find(({ as }) => as === '')?.ways ?? [];
        if (own.length) return [{ subject, ways: own }];
        const borrowed = ways.filter((one) => one.ways.length).map(({ as }) => `acts as ${as}`);
        return borrowed.length ? [{ subject, ways: borrowed }] : [];
      }),
      containers,
      controllers: uniqueSorted((referencesOfSecret.get(key) ?? []).map(({ by }) => by)),
    };
  });
}

interface Reader {
  readonly subject: string;
  /** The rights in the namespace that it can come by. */
  readonly reach: Reach[];
}

/** The subjects that may have rights in a namespace, in their order. Most have them in one of many. */
function readersByNamespace(grants: Grant[], accounts: Accounts): (namespace: string) => Reader[] {
  const bySubject = groupedBy(grants, ({ subject }) => subject);
  const places = [...bySubject.keys()].flatMap((subject) =>
    reachOf(subject, bySubject, accounts).flatMap((one, order) =>
      [...one.rights.namespaces].map((namespace) => ({ namespace, subject, order, one })),
    ),
  );
  const byNamespace = groupedBy(places, ({ namespace }) => namespace);
  return (namespace) => {
    const there = [namespace, EVERYWHERE].flatMap((one) => byNamespace.get(one) ?? []);
    const readers = groupedBy(there, ({ subject }) => subject);
    return uniqueSorted(readers.keys()).map((subject) => {
      const found = readers.get(subject)!.sort((first, second) => first.order - second.order);
      return { subject, reach: [...new Set(found.map(({ one }) => one))] };
    });
  };
}

function keyOf({ namespace, name }: SecretName): string {
  return `${namespace}/${name}`;
}

function emittedSecrets(objects: any[]): SecretName[] {
  return ofKind(objects, '', 'Secret').map((one) => ({
    namespace: namespaceOfObject(one),
    name: one.metadata.name,
  }));
}

function waysOf(name: string, { readsSecrets, runsPods, entersPods }: RightsIn, isHeld: boolean): string[] {
  const verbs = readsSecrets.filter(({ targets }) => includes(targets, name)).map(({ verb }) => verb);
  return [
    ...(verbs.length ? [`${verbs.join(', ')} secrets`] : []),
    ...(runsPods ? ['runs pods that read it'] : []),
    ...(isHeld && entersPods ? ['enters pods that have it'] : []),
  ];
}

interface Mount extends SecretName, ContainerKeys {}

/** What the containers of a pod are given of Secrets. */
function mountsOf(pod: EmittedPods): Mount[] {
  const { namespace, name: podName, spec, containers } = pod;
  const mount = (container: string, name: string, keys: string[], form: string): Mount => ({
    namespace,
    name,
    pod: podName,
    container,
    keys: uniqueSorted(keys),
    form,
  });
  const given = containers.flatMap((container): Mount[] => [
    ...(container.env ?? []).flatMap(({ valueFrom }: any) =>
      valueFrom?.secretKeyRef
        ? [mount(container.name, valueFrom.secretKeyRef.name, [valueFrom.secretKeyRef.key], 'variables')]
        : [],
    ),
    ...(container.envFrom ?? []).flatMap(({ secretRef }: any) =>
      secretRef ? [mount(container.name, secretRef.name, [ALL_KEYS], 'variables')] : [],
    ),
    ...(container.volumeMounts ?? []).flatMap((one: any) =>
      volumeSecrets(spec, one.name).map(({ name, keys }) => mount(container.name, name, keys, 'files')),
    ),
  ]);
  const pulls = (spec.imagePullSecrets ?? []).map(({ name }: any) =>
    mount('(the node)', name, ['.dockerconfigjson'], 'image pulls'),
  );
  return merged([...given, ...pulls]);
}

/** The Secrets in a volume, and which of their keys. */
function volumeSecrets(spec: any, volumeName: string): { name: string; keys: string[] }[] {
  const volume = (spec.volumes ?? []).find(({ name }: any) => name === volumeName) ?? {};
  const keysOf = ({ items }: any) => (items ? items.map(({ key }: any) => key) : [ALL_KEYS]);
  const whole = volume.secret ? [{ name: volume.secret.secretName, keys: keysOf(volume.secret) }] : [];
  const projected = sourcesOf({ volumes: [volume] })
    .filter(({ secret }) => secret)
    .map(({ secret }) => ({ name: secret.name, keys: keysOf(secret) }));
  const driver = volume.csi?.nodePublishSecretRef
    ? [{ name: volume.csi.nodePublishSecretRef.name, keys: [ALL_KEYS] }]
    : [];
  return [...whole, ...projected, ...driver];
}

/** One line for each container, Secret and form. */
function merged(mounts: Mount[]): Mount[] {
  const found = new Map<string, Mount>();
  for (const mount of mounts) {
    const key = [mount.pod, mount.container, mount.name, mount.form].join('\n');
    const keys = uniqueSorted([...(found.get(key)?.keys ?? []), ...mount.keys]);
    found.set(key, { ...mount, keys: keys.includes(ALL_KEYS) ? [ALL_KEYS] : keys });
  }
  return [...found.values()];
}

/** Fields of other objects that name a Secret of their namespace by the `name` in them. */
const NAMING =
  /([sS]ecret|[sS]ecretRef|[sS]ecretKeyRef|[sS]ecretTargetRef|certificateRefs?|externalCertificate)$/;

/** What names a key of a Secret each, as in `s3Credentials` of CloudNativePG. */
function credentialsIn(key: string, item: any): any[] {
  return /Credentials$/.test(key)
    ? Object.values(item ?? {}).filter((one: any) => one?.key !== undefined)
    : [];
}

/** Secrets that objects without pods name: what controls these objects reads or writes them. */
function referencesOf(object: any): (SecretName & { by: string })[] {
  const { kind, metadata } = object;
  if (kind === 'Role' || kind === 'ClusterRole' || kind === 'Secret') return [];
  const by = `${kind} ${metadata?.name}`;
  const own = namespaceOfObject(object);
  const found: (SecretName & { by: string })[] = [];
  const add = (value: any): void => {
    if (Array.isArray(value)) value.forEach(add);
    else if (typeof value?.name === 'string')
      found.push({ namespace: value.namespace ?? own, name: value.name, by });
  };
  const look = (value: any): void => {
    if (Array.isArray(value)) return value.forEach(look);
    if (value === null || typeof value !== 'object') return;
    for (const [key, item] of Object.entries(value)) {
      if (NAMING.test(key)) add(item);
      if (/[sS]ecretName$/.test(key)) add({ name: item });
      add(credentialsIn(key, item));
      // Those of pods are of their containers.
      if (!(key === 'template' && (item as any)?.spec?.containers)) look(item);
    }
  };
  if (kind !== 'Pod') look(object.spec);
  // The operators make a Secret of the name of the object, or of its target's.
  if (kind === 'ExternalSecret') add({ name: object.spec?.target?.name ?? metadata.name });
  if (kind === 'SealedSecret') add(metadata);
  return found;
}

/** The Secrets that are made, mounted, named by an object, or named by a rule. */
function secretNames(
  objects: any[],
  mounts: Mount[],
  references: SecretName[],
  grants: Grant[],
): SecretName[] {
  const made = emittedSecrets(objects);
  const ruled = grants
    .filter(({ namespace }) => namespace !== EVERYWHERE)
    .flatMap(({ namespace, rules }) =>
      rules
        .filter(
          ({ resources = [], apiGroups = [] }) => resources.includes('secrets') && apiGroups.includes(''),
        )
        .flatMap(({ resourceNames = [] }) => resourceNames.map((name) => ({ namespace, name }))),
    );
  const all = [...made, ...mounts, ...references, ...ruled].map(({ namespace, name }) => ({
    namespace,
    name,
  }));
  const unique = new Map(all.map((one) => [keyOf(one), one]));
  return sortedBy(unique.values(), keyOf);
}
