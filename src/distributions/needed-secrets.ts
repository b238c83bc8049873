import { ApiObject, App } from 'cdk8s';
import { groupedBy, uniqueSorted } from '../kubernetes/collections';
import { OWN_POD_KINDS, podOf } from '../kubernetes/pod-manifests';

/** Kinds that make Secrets whose names begin with their own. */
const MAKERS = ['Certificate', 'Cluster', 'ExternalSecret', 'SecretProviderClass'];

/** A line for each namespace: the Secrets that pods cannot start without, and that nothing of the program makes. */
export function neededSecrets(app: App): string[] {
  const resources = app.node.findAll().filter((one): one is ApiObject => ApiObject.isApiObject(one));
  const manifests = resources.map((resource) => resource.toJson());
  const keysOf = (kinds: string[]) =>
    new Set(manifests.filter(({ kind }) => kinds.includes(kind)).map(({ metadata }) => keyOf(metadata)));
  const [made, makers] = [keysOf(['Secret']), keysOf(MAKERS)];
  const needed = manifests
    .filter(({ kind }) => OWN_POD_KINDS.includes(kind))
    .flatMap((workload) =>
      secretsOf(podOf(workload).value?.spec ?? {}).map((name) => keyOf({ ...workload.metadata, name })),
    )
    .filter((key) => !made.has(key) && !beginningsOf(key).some((beginning) => makers.has(beginning)));
  const byNamespace = groupedBy(uniqueSorted(needed), (key) => key.split('/')[0]);
  return uniqueSorted(byNamespace.keys()).map((namespace) => {
    const names = byNamespace.get(namespace)!.map((key) => key.split('/')[1]);
    const list = names.map((name) => `"${name}"`).join(', ');
    return `pods wait for Secrets that nothing in the manifests makes, in namespace "${namespace || 'default'}": ${list}`;
  });
}

function keyOf({ namespace = '', name }: { namespace?: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** All texts that a key begins with, itself included. */
function beginningsOf(key: string): string[] {
  return Array.from(key, (_, index) => key.slice(0, index + 1));
}

/** The Secrets that a pod does not start without. */
function secretsOf({ containers = [], initContainers = [], volumes = [] }: any): string[] {
  const references = [...initContainers, ...containers].flatMap(({ env = [] }: any) =>
    env.flatMap(({ valueFrom }: any) => valueFrom?.secretKeyRef ?? []),
  );
  return [
    ...references.filter(({ optional }: any) => !optional).map(({ name }: any) => name),
    ...volumes.flatMap(({ secret }: any) => (secret && !secret.optional ? [secret.secretName] : [])),
    ...volumes
      .flatMap(({ projected }: any) => projected?.sources ?? [])
      .flatMap(({ secret }: any) => (secret && !secret.optional ? [secret.name] : [])),
  ];
}
