import { Construct } from 'constructs';
import { checkResourceName } from '../kubernetes/names';
import { distributionOf } from '../platform/binding';

/** The class of a volume that one node mounts: the one that was given, or the distribution's. */
export function volumeClass(scope: Construct, given?: string): string | undefined {
  if (given !== undefined) return given;
  const { storage } = distributionOf(scope);
  storage.makeStorageClass?.(scope);
  const { storageClassName } = storage;
  if (storageClassName !== undefined) checkResourceName(scope, 'storage.storageClassName', storageClassName);
  return storageClassName;
}

/**
 * The class of a volume that many nodes mount: the one that was given, or the distribution's; none if none is known.
 */
export function sharedVolumeClass(scope: Construct, given?: string): string | undefined {
  if (given !== undefined) return given;
  const { sharedStorageClassName: name } = distributionOf(scope).storage;
  if (name !== undefined) checkResourceName(scope, 'storage.sharedStorageClassName', name);
  return name;
}
