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
