import * as k8s from '../../kubernetes/api';
import { InvalidInputError } from '../../kubernetes/errors';
import { ISecurity, PodUser } from '../../platform/security';
import { AppArmorProfile } from './app-armor-profile';

/** What pods are held to beyond Pod Security `restricted`. */
export interface RestrictedSecurityProps {
  /**
   * Whether each pod has a user namespace of its own (`hostUsers: false`). Who gets out of a container is then nobody on
   * the node, and nobody in another pod. It needs Kubernetes 1.33, and nodes with Linux 6.3, containerd 2.0 or CRI-O, and
   * runc 1.2 or crun 1.9. The file systems of all volumes need idmapped mounts, which NFS is not said to have. On a node
   * whose runtime does not have it, the pods do not start.
   *
   * On OpenShift the pods also need the SecurityContextConstraints `restricted-v3`, which give them a user below 65535.
   *
   * @default false
   * @see https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
   */
  readonly userNamespaces?: boolean;

  /**
   * The AppArmor profile of all containers. NamespaceRangeSecurity refuses it.
   *
   * @default - none in the manifests: nodes with AppArmor apply that of their runtime
   */
  readonly appArmorProfile?: AppArmorProfile;
}

/**
 * Pod Security `restricted` with the users that the constructs name.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 * @example
 * Distribution.upstream({
 *   gatewayClassName: 'contour',
 *   security: new RestrictedSecurity({
 *     userNamespaces: true,
 *     appArmorProfile: AppArmorProfile.runtimeDefault(),
 *   }),
 * });
 */
export class RestrictedSecurity implements ISecurity {
  /** Whether each pod has a user namespace of its own. */
  readonly userNamespaces?: boolean;

  private readonly appArmorProfile?: AppArmorProfile;

  constructor(props: RestrictedSecurityProps = {}) {
    this.userNamespaces = props.userNamespaces;
    this.appArmorProfile = props.appArmorProfile;
  }

  podSecurityContext(user: PodUser): any {
    const context: k8s.PodSecurityContext = {
      ...this.platformContext(),
      runAsUser: user.id,
      runAsGroup: user.id,
      fsGroup: user.ownsVolumes ? user.id : undefined,
      // Without it every file of a large volume is visited at each start.
      fsGroupChangePolicy: user.ownsVolumes ? 'OnRootMismatch' : undefined,
    };
    return context;
  }

  containerSecurityContext(): any {
    const context: k8s.SecurityContext = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      // The pod says it too: rules of admission that look at containers alone refuse it without.
      runAsNonRoot: true,
    };
    return context;
  }

  /** What does not depend on the user. */
  protected platformContext(): any {
    return {
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      ...(this.appArmorProfile && { appArmorProfile: this.appArmorProfile.profile }),
    };
  }
}

/**
 * Pod Security `restricted` without users: the platform gives each namespace a range of its own, and the pods a user
 * and volume group from it. A fixed id would be refused. Throws for an `appArmorProfile`: nodes of OpenShift have SELinux
 * in its place.
 *
 * @see https://docs.openshift.com/container-platform/4.19/authentication/managing-security-context-constraints.html
 * @see https://www.redhat.com/sysadmin/apparmor-selinux-isolation
 */
export class NamespaceRangeSecurity extends RestrictedSecurity {
  constructor(props: RestrictedSecurityProps = {}) {
    super(props);
    if (!props.appArmorProfile) return;
    throw new InvalidInputError('NamespaceRangeSecurity', {
      property: 'appArmorProfile',
      value: props.appArmorProfile.profile.type,
      reason: 'is of AppArmor, and the nodes of OpenShift have SELinux in its place',
      remedy: 'Leave it out: OpenShift gives each namespace an SELinux context',
    });
  }

  override podSecurityContext(_user: PodUser): any {
    return this.platformContext();
  }
}
