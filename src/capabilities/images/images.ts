import { Construct } from 'constructs';
import { Distribution } from '../../distributions/distribution';
import { addIdentityCommands } from '../../distributions/side-files';

/** How a cluster pulls images of its platform's own registry, without a Secret. */
export interface IImages {
  /**
   * Lets the cluster pull an image: makes the resources that it takes, and returns the commands to be run once, outside
   * the cluster, a line each. Images of other registries are nothing to it.
   *
   * @param scope - the construct whose pods run the image
   * @param image - the reference of the image
   */
  allowPull(scope: Construct, image: string): string[];
}

/** Lets the cluster pull an image that comes without a Secret to pull it with. */
export function allowPull(scope: Construct, image: string, imagePullSecrets: string[]): void {
  if (imagePullSecrets.length) return;
  const commands = Distribution.of(scope).images?.allowPull(scope, image) ?? [];
  addIdentityCommands(scope, `Images of ${image.slice(0, image.lastIndexOf('/'))}`, commands);
}
