import { Construct } from 'constructs';
import { IResource } from '../kubernetes/resource';

/** What lets a cluster pull an image without a Secret. */
export interface PullAccess {
  /** Commands to be run once, outside the cluster, a line each. */
  readonly setup: string[];

  /** The resources that were made for it. */
  readonly resources: IResource[];
}

/** How a cluster pulls images of its platform's own registry, without a Secret. */
export interface IImages {
  /**
   * Lets the cluster pull an image. It knows nothing about other registries: they take no commands and no resources.
   *
   * @param scope - the construct whose pods run the image
   * @param image - the reference of the image
   */
  allowPull(scope: Construct, image: string): PullAccess;
}
