import { Construct } from 'constructs';
import { Distribution } from '../../distributions/distribution';
import { checkResourceName } from '../../kubernetes/names';

/** The StorageClasses of a distribution. */
export interface IStorage {
  /**
   * The class of a volume that one node mounts (ReadWriteOnce).
   *
   * @default - the cluster's default class
   */
  readonly storageClassName?: string;

  /**
   * The class of a volume that many nodes mount (ReadWriteMany).
   *
   * @default - none is known: the volume must name its class
   */
  readonly sharedStorageClassName?: string;

  /**
   * Makes the class of `storageClassName` where the cluster does not have it. It is asked to for each volume of the
   * class, and makes it once for a cluster.
   *
   * @default - the cluster has it
   */
  makeStorageClass?(scope: Construct): void;
}

/** The class of a volume that one node mounts: the one that was given, or the distribution's. */
export function volumeClass(scope: Construct, given?: string): string | undefined {
  if (given !== undefined) return given;
  const { storage } = Distribution.of(scope);
  storage.makeStorageClass?.(scope);
  const { storageClassName } = storage;
  if (storageClassName !== undefined) checkResourceName(scope, 'storage.storageClassName', storageClassName);
  return storageClassName;
}

/** The class of a volume that many nodes mount, likewise; none if none is known. */
export function sharedVolumeClass(scope: Construct, given?: string): string | undefined {
  if (given !== undefined) return given;
  const { sharedStorageClassName: name } = Distribution.of(scope).storage;
  if (name !== undefined) checkResourceName(scope, 'storage.sharedStorageClassName', name);
  return name;
}

/** StorageClasses by their names. */
export class StorageClasses implements IStorage {
  readonly storageClassName?: string;
  readonly sharedStorageClassName?: string;

  constructor(classes: IStorage) {
    this.storageClassName = classes.storageClassName;
    this.sharedStorageClassName = classes.sharedStorageClassName;
  }
}
