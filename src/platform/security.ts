import { InvalidInputError } from '../kubernetes/errors';
import { minorVersion } from '../kubernetes/versions';

/** The users that a pod's processes run as, where the platform does not choose them. */
export interface PodUser {
  /** The numeric user and group id. */
  readonly id: number;

  /**
   * Whether the pod's volumes are made writable for that group.
   *
   * @default false
   */
  readonly ownsVolumes?: boolean;
}

/** Which security contexts the pods of a distribution get. Both must pass Pod Security `restricted`. */
export interface ISecurity {
  /**
   * Whether each pod has a user namespace of its own: its users are then others than those of the node.
   *
   * @default false
   */
  readonly userNamespaces?: boolean;

  /**
   * The security context of a pod, as Kubernetes writes it.
   *
   * @param user - the user to run as, where the platform does not choose one
   */
  podSecurityContext(user: PodUser): any;

  /** The security context of each of its containers, as Kubernetes writes it. */
  containerSecurityContext(): any;
}

/** From this minor version on the API server keeps `hostUsers`, unless it is told not to. */
const USER_NAMESPACES_MINOR = 33;

/**
 * Checks that the cluster is new enough for what its pods are held to.
 *
 * @param who - what the error calls the distribution
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/user-namespaces/
 */
export function checkSecurity({ userNamespaces }: ISecurity, version: string, who: string): void {
  if (!userNamespaces || minorVersion(version)! >= USER_NAMESPACES_MINOR) return;
  throw new InvalidInputError(who, {
    property: 'security.userNamespaces',
    value: true,
    reason: `needs Kubernetes 1.${USER_NAMESPACES_MINOR}: ${version} drops it from pods`,
    remedy: `Give kubernetesVersion: "1.${USER_NAMESPACES_MINOR}" where the cluster is that new, or leave it out`,
  });
}
