import { Construct } from 'constructs';
import { BuiltImage, GitSource } from '../platform/builds';
import { IDjangoApp } from '../django-app/application';
import { InvalidInputError } from '../kubernetes/errors';
import { checkImage } from '../kubernetes/images';
import { resourceLabels } from '../kubernetes/labels';
import { checkName, checkNamespace, checkVariable } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { IResource } from '../kubernetes/resource';
import { checkGitSource, checkRelativePath, checkVersion, isCommit } from './checks';
import { distributionOf } from '../platform/binding';

/** What an image is built from, and what it is called. */
export interface ImageBuildProps {
  /** Name of the image: a DNS label of at most 40 characters. */
  readonly name: string;

  /** Version of the image, which becomes its tag. Another version is another image; `latest` is none. */
  readonly version: string;

  /** The repository with its sources. */
  readonly source: GitSource;

  /**
   * Path of the Dockerfile, relative to the source's folder.
   *
   * @default Dockerfile
   */
  readonly dockerfile?: string;

  /**
   * The image that makes an image of the sources, by source-to-image, with a version tag or a digest.
   *
   * @default - none: the Dockerfile is built
   */
  readonly builderImage?: string;

  /**
   * Values of the Dockerfile's `ARG`s. They can be read in the manifests and in the image: no secrets.
   *
   * @default - none
   */
  readonly buildArguments?: { [argument: string]: string };

  /**
   * Namespaces, in addition to that of the build, whose pods pull the image from the platform's own registry. Another
   * registry decides for itself, by `imagePullSecrets` of the application.
   *
   * @default - none
   */
  readonly pullNamespaces?: string[];
}

/**
 * Builds an image in the cluster, where the platform does so. An application takes it by `image: build.image`, and its
 * pods and Jobs wait until it is there; a new `version` is a release like any other, with its migration.
 *
 * Build pods need privileges, so they cannot run in a namespace that LeastPrivilegeAccess restricts: give the build a
 * chart of a namespace of its own, and name the application's in `pullNamespaces`.
 *
 * It makes, on
 *
 * - OpenShift: an ImageStream and a BuildConfig, with `pullNamespaces` a RoleBinding: see OpenShiftBuilds,
 * - any distribution with `builds: new ShipwrightBuilds({ … })`: a Build of Shipwright, which a BuildRun starts,
 * - GKE, EKS, AKS and upstream without it: nothing, and it throws.
 *
 * Throws when:
 *
 * - the platform does not build;
 * - a name, version, URL, path, argument or image is not valid;
 * - there are a Dockerfile and a builder image;
 * - the chart has no namespace (OpenShift);
 * - the namespace restricts pods, which synth finds.
 *
 * @example
 * const build = new ImageBuild(this, 'Image', {
 *   name: 'polls',
 *   version: '1.4.2',
 *   source: { url: 'https://git.example.com/polls.git', revision: 'v1.4.2' },
 *   pullNamespaces: ['polls'],
 * });
 * new DjangoApp(this, 'Polls', { name: 'polls', image: build.image, settingsModule: 'mysite.settings' });
 */
export class ImageBuild extends Construct {
  /** Reference of the image, with its version. */
  readonly image: string;

  /** The resources that the distribution makes of it. */
  readonly resources: IResource[];

  private readonly source: GitSource;
  private readonly built: BuiltImage;

  constructor(scope: Construct, id: string, props: ImageBuildProps) {
    super(scope, id);
    const distribution = distributionOf(this);
    const name = checkName(this, 'name', props.name);
    const version = checkVersion(this, props.version);
    this.source = checkGitSource(this, props.source);
    this.checkStrategy(props);
    const pullNamespaces = props.pullNamespaces ?? [];
    pullNamespaces.forEach((namespace) => checkNamespace(this, 'pullNamespaces', namespace));
    if (!distribution.builds) {
      throw new InvalidInputError(this, {
        property: 'builds',
        value: undefined,
        reason: `is needed: no images are built in the cluster on ${distribution.name}`,
        remedy:
          'Build the image in CI and give the application its reference as image, or give the distribution ' +
          'builds: new ShipwrightBuilds({ … }) where the cluster has Shipwright',
      });
    }
    this.built = distribution.builds.buildImage(this, {
      name,
      labels: resourceLabels({ name, instance: name, component: 'build' }),
      version,
      source: this.source,
      dockerfile: props.dockerfile,
      builderImage: props.builderImage,
      buildArguments: props.buildArguments ?? {},
      pullNamespaces,
    });
    this.image = this.built.image;
    this.resources = this.built.resources;
  }

  /**
   * Rolls the replicas of an application onto each new build of the same version: on a newer base image, say. It
   * annotates the Deployment, whose container `web` the platform then changes.
   *
   * Nothing else follows: a migration and other commands have run by then, scheduled commands and the container that
   * waits for the schema keep the image of their tag. So an application that migrates is refused, unless `revision` is
   * a commit: then every build has the same code. Applying the manifests again sets the image of the tag for a moment,
   * and what compares manifests with the cluster has to leave that field out.
   *
   * Throws when:
   *
   * - the application has another image;
   * - it migrates and the revision is not a whole commit hash;
   * - the platform's builds trigger nothing.
   *
   * @param app - an application with the image of this build
   */
  trigger(app: IDjangoApp): void {
    if (app.image !== this.image) {
      Problems.report(this, {
        property: 'app',
        value: app.node.path,
        reason: `has the image "${app.image}", not the one that is built here`,
        remedy: 'Give it the image of this build: image: build.image',
      });
    }
    if (app.migrates && !isCommit(this.source.revision)) {
      Problems.report(this, {
        property: 'source.revision',
        value: this.source.revision,
        reason: `is not a commit, and a trigger would start newer code of ${app.node.path} without its migration`,
        remedy:
          'Give the whole hash of a commit, or leave the trigger out and give the build a new version for each release',
      });
    }
    const { triggerAnnotations } = this.built;
    if (!triggerAnnotations || !Object.keys(triggerAnnotations).length) {
      throw new InvalidInputError(this, {
        property: 'app',
        value: app.node.path,
        reason: `cannot be triggered: the builds of ${distributionOf(this).name} do not report new images`,
        remedy: 'Leave the trigger out, and give the build a new version for each release',
      });
    }
    for (const [annotation, value] of Object.entries(triggerAnnotations)) {
      app.deployment.metadata.addAnnotation(annotation, value);
    }
  }

  private checkStrategy({ dockerfile, builderImage, buildArguments }: ImageBuildProps): void {
    if (dockerfile !== undefined) checkRelativePath(this, 'dockerfile', dockerfile);
    Object.keys(buildArguments ?? {}).forEach((name) => checkVariable(this, 'buildArguments', name));
    if (builderImage === undefined) return;
    checkImage(this, 'builderImage', builderImage);
    if (dockerfile !== undefined || buildArguments !== undefined) {
      Problems.report(this, {
        property: 'builderImage',
        value: builderImage,
        reason: 'builds without a Dockerfile, and dockerfile or buildArguments is given too',
        remedy: 'Give either the builder image or what the Dockerfile needs',
      });
    }
  }
}
