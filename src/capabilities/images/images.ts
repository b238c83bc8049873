import { Construct } from 'constructs';
import { Distribution } from '../../distributions/distribution';
import { addIdentityCommands } from '../../distributions/side-files';
import { Resource } from '../../kubernetes/resource';

/** What lets a cluster pull an image without a Secret. */
export interface PullAccess {
  /** Commands to be run once, outside the cluster, a line each. */
  readonly setup: string[];

  /** The resources that were made for it. */
  readonly resources: Resource[];
}

/** How a cluster pulls images of its platform's own registry, without a Secret. */
export interface IImages {
  /**
   * Lets the cluster pull an image. Of other registries it knows nothing: they take no commands and no resources.
   *
   * @param scope - the construct whose pods run the image
   * @param image - the reference of the image
   */
  allowPull(scope: Construct, image: string): PullAccess;
}

/** Lets the cluster pull images that come without a Secret to pull them with. Returns the resources for it. */
export function allowPull(
  scope: Construct,
  given: (string | undefined)[],
  imagePullSecrets: string[] = [],
): Resource[] {
  const { images } = Distribution.of(scope);
  if (!images || imagePullSecrets.length) return [];
  return given.flatMap((image) => {
    if (image === undefined) return [];
    const { setup, resources } = images.allowPull(scope, image);
    addIdentityCommands(scope, `Images of ${image.slice(0, image.lastIndexOf('/'))}`, setup);
    return resources;
  });
}
