import { Construct } from 'constructs';
import { IResource } from '../kubernetes/resource';

/** A Git repository with what an image is built from. */
export interface GitSource {
  /** Its URL: `https://…`, `ssh://…` or `git@host:path`. */
  readonly url: string;

  /**
   * The commit, tag or branch.
   *
   * @default - the default branch of the repository, as it is when the build runs
   */
  readonly revision?: string;

  /**
   * The folder that is built, relative to the repository.
   *
   * @default - the whole repository
   */
  readonly directory?: string;

  /**
   * Name of a Secret, in the namespace of the build, of type `kubernetes.io/basic-auth` or `kubernetes.io/ssh-auth`,
   * with which the repository is read.
   *
   * @default - none: everybody may read it
   */
  readonly secretName?: string;
}

/** What a platform is asked to build. */
export interface BuildRequest {
  /** Name of the image, and of the resources. */
  readonly name: string;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** The tag of the image. */
  readonly version: string;

  /** What it is built from. */
  readonly source: GitSource;

  /**
   * Path of the Dockerfile, relative to the source's folder.
   *
   * @default - the platform's, `Dockerfile`
   */
  readonly dockerfile?: string;

  /**
   * The image that makes an image of the sources, by source-to-image.
   *
   * @default - none: a Dockerfile says how
   */
  readonly builderImage?: string;

  /** Values of the Dockerfile's `ARG`s. */
  readonly buildArguments: { [argument: string]: string };

  /** Namespaces, other than that of the build, whose pods pull the image. */
  readonly pullNamespaces: string[];
}

/** An image that a platform builds. */
export interface BuiltImage {
  /** Its reference, with the tag. */
  readonly image: string;

  /** The resources that build it. */
  readonly resources: IResource[];

  /**
   * Annotations with which a Deployment takes each new build of the tag for its container `web`.
   *
   * @default - none: the platform has nothing that does it
   */
  readonly triggerAnnotations?: { [annotation: string]: string };
}

/** How a distribution builds images, in the cluster. */
export interface IBuilds {
  /** Makes what builds an image. Throws if it cannot be built as asked. */
  buildImage(scope: Construct, request: BuildRequest): BuiltImage;
}
