import { Construct } from 'constructs';
import { AppProject } from '../../imports/argoproj.io';
import { uniqueSorted } from '../kubernetes/collections';
import { DeliveredKind, DeliveredNamespace } from '../fleet/delivery';

/** What a project may apply, and where. */
export interface ProjectRequest {
  readonly name: string;
  /** Namespace of Argo CD. */
  readonly namespace: string;
  /** Name of the cluster in Argo CD. */
  readonly cluster: string;
  readonly repository: string;
}

/** An AppProject that allows exactly what the manifests of a namespace have, and the namespace itself. */
export function projectOf(
  scope: Construct,
  project: ProjectRequest,
  delivered: DeliveredNamespace,
): AppProject {
  const { kinds } = delivered;
  const namespaces = kinds.flatMap(({ namespace }) => namespace ?? []);
  const outside = kinds.filter(({ namespace }) => namespace === undefined);
  return new AppProject(scope, `Project-${project.name}`, {
    metadata: { name: project.name, namespace: project.namespace },
    spec: {
      description: `The namespace ${delivered.namespace} on ${delivered.distribution}`,
      sourceRepos: [project.repository],
      destinations: uniqueSorted([delivered.namespace, ...namespaces]).map((namespace) => ({
        name: project.cluster,
        namespace,
      })),
      clusterResourceWhitelist: [...madeNamespace(delivered), ...outside].map(({ group, kind, name }) => ({
        group,
        kind,
        name,
      })),
      namespaceResourceWhitelist: namespacedKinds(kinds),
    },
  });
}

/** The namespace that Argo CD makes itself where the manifests do not have it. */
function madeNamespace({ kinds, namespace }: DeliveredNamespace): DeliveredKind[] {
  const isIn = kinds.some(
    ({ group, kind, name }) => group === '' && kind === 'Namespace' && name === namespace,
  );
  return isIn ? [] : [{ group: '', kind: 'Namespace', name: namespace }];
}

function namespacedKinds(kinds: DeliveredKind[]): { group: string; kind: string }[] {
  const inside = kinds.filter(({ namespace }) => namespace !== undefined);
  return uniqueSorted(inside.map(({ group, kind }) => JSON.stringify({ group, kind }))).map((text) =>
    JSON.parse(text),
  );
}
