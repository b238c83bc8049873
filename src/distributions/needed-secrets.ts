import { ApiObject, App } from 'cdk8s';
import { OWN_POD_KINDS, podOf } from '../kubernetes/pod-manifests';

/** Kinds that make Secrets whose names begin with their own. */
const MAKERS = ['Certificate', 'Cluster', 'ExternalSecret', 'SecretProviderClass'];

/** A line for each namespace: the Secrets that pods cannot start without, and that nothing of the program makes. */
export function neededSecrets(app: App): string[] {
  const resources = app.node.findAll().filter((one): one is ApiObject => ApiObject.isApiObject(one));
  const manifests = resources.map((resource) => resource.toJson());
  const made = manifests.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => keyOf(metadata));
  const makers = manifests.filter(({ kind }) => MAKERS.includes(kind)).map(({ metadata }) => keyOf(metadata));
  const needed = manifests
    .filter(({ kind }) => OWN_POD_KINDS.includes(kind))
    .flatMap((workload) =>
      secretsOf(podOf(workload).value?.spec ?? {}).map((name) => keyOf({ ...workload.metadata, name })),
    )
    .filter((key) => !made.includes(key) && !makers.some((maker) => key.startsWith(maker)));
  const namespaces = [...new Set(needed.map((key) => key.split('/')[0]))].sort();
  return namespaces.map((namespace) => {
    const names = needed.filter((key) => key.startsWith(`${namespace}/`)).map((key) => key.split('/')[1]);
    const list = [...new Set(names)]
      .sort()
      .map((name) => `"${name}"`)
      .join(', ');
    return `pods wait for Secrets that nothing in the manifests makes, in namespace "${namespace || 'default'}": ${list}`;
  });
}

function keyOf({ namespace = '', name }: { namespace?: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** The Secrets that a pod does not start without. */
function secretsOf({ containers = [], initContainers = [], volumes = [] }: any): string[] {
  const references = [...initContainers, ...containers].flatMap(({ env = [] }: any) =>
    env.flatMap(({ valueFrom }: any) => valueFrom?.secretKeyRef ?? []),
  );
  return [
    ...references.filter(({ optional }: any) => !optional).map(({ name }: any) => name),
    ...volumes.flatMap(({ secret }: any) => (secret && !secret.optional ? [secret.secretName] : [])),
  ];
}
