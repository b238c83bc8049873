import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { Resource } from '../../kubernetes/resource';
import { IImages, PullAccess } from '../../platform/images';
import { addImagePullers, mayPull, serviceAccountsOf } from './image-pullers';
import { MANAGED_BY } from '../../kubernetes/labels';

/** https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/registry/accessing-the-registry */
const INTERNAL =
  /^image-registry\.openshift-image-registry\.svc(?:\.cluster\.local)?:5000\/(?<namespace>[^/]+)\//;
const PULLER = 'system:image-puller';

/**
 * OpenShift's own registry. Pods pull images of their own namespace as they are. For images of another namespace, a
 * RoleBinding is made there, unless an ImageBuild or another application of the namespace has one already. Those who
 * apply it need the right to give that role.
 *
 * @see https://docs.openshift.com/container-platform/4.19/openshift_images/managing_images/using-image-pull-secrets.html
 */
export class OpenShiftRegistry implements IImages {
  allowPull(scope: Construct, image: string): PullAccess {
    const namespace = INTERNAL.exec(image)?.groups?.namespace;
    const ownNamespace = Chart.of(scope).namespace ?? 'default';
    // Images of `openshift` may be pulled by everybody.
    if (!namespace || namespace === ownNamespace || namespace === 'openshift') {
      return { setup: [], resources: [] };
    }
    const group = serviceAccountsOf(ownNamespace);
    const isAllowed = mayPull(scope, namespace, group);
    return { setup: [], resources: isAllowed ? [] : [pullers(scope, namespace, ownNamespace, group)] };
  }
}

function pullers(scope: Construct, namespace: string, ownNamespace: string, group: string): Resource {
  const binding = new Resource(
    scope,
    `ImagePullers-${namespace}`,
    k8s.manifest('RoleBinding', {
      metadata: {
        name: `image-pullers-of-${ownNamespace}`,
        namespace,
        labels: MANAGED_BY,
      },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: PULLER },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
    }),
  );
  addImagePullers(binding, namespace, [group]);
  return binding;
}
