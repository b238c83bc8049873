import * as k8s from '../../kubernetes/api';
import { ISecurity, PodUser } from '../../platform/security';

/**
 * Pod Security `restricted` with the users that the constructs name.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export class RestrictedSecurity implements ISecurity {
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
    return { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  }
}

/**
 * Pod Security `restricted` without users: the platform gives each namespace a range of its own, and the pods a user
 * and volume group from it. A fixed id would be refused.
 *
 * @see https://docs.openshift.com/container-platform/4.19/authentication/managing-security-context-constraints.html
 */
export class NamespaceRangeSecurity extends RestrictedSecurity {
  override podSecurityContext(_user: PodUser): any {
    return this.platformContext();
  }
}
