import { IStorage } from 'cdk8s-django/platform';
import { StorageClasses } from 'cdk8s-django/storage';

describe('storage classes', () => {
  it('are those that were named', () => {
    const all: Required<Omit<IStorage, 'makeStorageClass'>> = {
      storageClassName: 'fast',
      sharedStorageClassName: 'nfs',
    };
    expect(new StorageClasses(all)).toEqual(all);
  });

  it('are the cluster’s own when none is named', () => {
    expect(new StorageClasses({}).storageClassName).toBeUndefined();
  });
});
