import { ApiObject, Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { addProblems } from '../kubernetes/problems';
import { constructsOfCluster, oncePerCluster } from '../platform/binding';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/**
 * Finds at synth that the namespace of a build would refuse its pods: they run as root and add capabilities, which
 * Pod Security `restricted` does not let them.
 */
export function needPrivileges(scope: Construct): void {
  addProblems(scope, () => {
    const { namespace } = Chart.of(scope);
    if (namespace === undefined || !restrictedNamespaces(scope).has(namespace)) return [];
    return [
      {
        property: 'namespace',
        value: namespace,
        reason: 'enforces Pod Security "restricted", which refuses the pods of a build',
        remedy:
          'Make the ImageBuild in a chart of another namespace, with the application’s among its pullNamespaces',
      },
    ];
  });
}

/** What is searched for once a synthesis. */
const NAMESPACES = {};

/** The names of the program's namespaces on the same cluster that enforce `restricted`. */
function restrictedNamespaces(scope: IConstruct): Set<string> {
  return oncePerCluster(scope, NAMESPACES, () => new Set(searchNamespaces(scope)));
}

function searchNamespaces(scope: IConstruct): string[] {
  return constructsOfCluster(scope)
    .filter((one) => ApiObject.isApiObject(one))
    .filter(({ kind, metadata }) => kind === 'Namespace' && metadata.getLabel(ENFORCE) === 'restricted')
    .map(({ name }) => name);
}
