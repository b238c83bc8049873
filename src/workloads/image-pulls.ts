import { Construct } from 'constructs';
import { IResource } from '../kubernetes/resource';
import { addIdentityCommands } from '../platform/identity-commands';
import { distributionOf } from '../platform/binding';

/** Lets the cluster pull images that come without a Secret to pull them with. Returns the resources for it. */
export function allowPull(
  scope: Construct,
  given: (string | undefined)[],
  imagePullSecrets: string[] = [],
): IResource[] {
  const { images } = distributionOf(scope);
  if (!images || imagePullSecrets.length) return [];
  return given.flatMap((image) => {
    if (image === undefined) return [];
    const { setup, resources } = images.allowPull(scope, image);
    addIdentityCommands(scope, `Images of ${image.slice(0, image.lastIndexOf('/'))}`, setup);
    return resources;
  });
}
