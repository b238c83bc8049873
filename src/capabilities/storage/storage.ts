import { IStorage } from '../../platform/storage';

/** StorageClasses by their names. */
export class StorageClasses implements IStorage {
  readonly storageClassName?: string;
  readonly sharedStorageClassName?: string;

  constructor(classes: IStorage) {
    this.storageClassName = classes.storageClassName;
    this.sharedStorageClassName = classes.sharedStorageClassName;
  }
}
