import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { addProblems } from '../kubernetes/problems';
import { constructsOfCluster } from '../platform/binding';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/**
 * Finds at synth that the namespace of a build would refuse its pods: they run as root and add capabilities, which
 * Pod Security `restricted` does not let them.
 */
export function needPrivileges(scope: Construct): void {
  addProblems(scope, () => {
    const { namespace } = Chart.of(scope);
    const refusing = constructsOfCluster(scope)
      .filter((construct) => ApiObject.isApiObject(construct))
      .some(
        ({ kind, name, metadata }) =>
          kind === 'Namespace' && name === namespace && metadata.getLabel(ENFORCE) === 'restricted',
      );
    if (!refusing) return [];
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
