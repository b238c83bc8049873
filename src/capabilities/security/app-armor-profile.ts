import { InvalidInputError } from '../../kubernetes/errors';

/**
 * What AppArmor lets the processes of a pod do.
 *
 * @see https://kubernetes.io/docs/tutorials/security/apparmor/
 */
export class AppArmorProfile {
  /** The profile of the node's container runtime. A node without AppArmor refuses the pods. */
  static runtimeDefault(): AppArmorProfile {
    return new AppArmorProfile({ type: 'RuntimeDefault' });
  }

  /**
   * A profile that is loaded on each node: one that does not have it refuses the pods.
   *
   * @param name - its name in the node's kernel
   */
  static localhost(name: string): AppArmorProfile {
    if (typeof name !== 'string' || !name || name.trim() !== name) {
      throw new InvalidInputError('AppArmorProfile.localhost', {
        property: 'name',
        value: name,
        reason: 'is not the name of a profile',
        remedy: 'Give it as /sys/kernel/security/apparmor/profiles of a node has it',
      });
    }
    return new AppArmorProfile({ type: 'Localhost', localhostProfile: name });
  }

  private constructor(
    /** The profile as Kubernetes writes it. */
    readonly profile: any,
  ) {}
}
