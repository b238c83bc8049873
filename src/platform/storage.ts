import { Construct } from 'constructs';

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
