import { INamedResource } from '../kubernetes/named-resource';
import { quantity, wholeSize } from '../kubernetes/quantities';

/** Where the files of a volume come from. */
export class VolumeSource {
  /** The keys of a ConfigMap, as read-only files. */
  static fromConfigMap(configMap: INamedResource): VolumeSource {
    return new VolumeSource({ configMap: { name: configMap.name } }, true, false);
  }

  /** The keys of a Secret, as read-only files. */
  static fromSecret(secret: INamedResource): VolumeSource {
    return new VolumeSource({ secret: { secretName: secret.name } }, true, false);
  }

  /** A PersistentVolumeClaim. Pods that may run on different nodes need one of access mode `ReadWriteMany`. */
  static fromPersistentVolumeClaim(claim: INamedResource): VolumeSource {
    return new VolumeSource({ persistentVolumeClaim: { claimName: claim.name } }, false, true);
  }

  /**
   * An empty folder of each pod, which its containers share and which ends with the pod.
   *
   * @param size - what it may hold, in bytes with a unit; 1Gi by default. A pod that writes more is ended, and another
   * one takes its place
   */
  static emptyDirectory(size = '1Gi'): VolumeSource {
    // The application refuses what is not a size.
    const sizeLimit = quantity(size) === undefined ? size : wholeSize(size);
    return new VolumeSource({ emptyDir: { sizeLimit } }, false, false);
  }

  private constructor(
    /** The volume as Kubernetes writes it, without its name. */
    readonly volume: any,
    /** Whether its files can only be read. */
    readonly isReadOnly: boolean,
    /** Whether the pods' group must be given its files. */
    readonly needsOwner: boolean,
  ) {}
}
