import { Construct } from 'constructs';
import { Build, BuildSpecParamValues as ParamValue } from '../../../imports/shipwright.io';
import { checkImage } from '../../kubernetes/images';
import { checkResourceName } from '../../kubernetes/names';
import { Resource } from '../../kubernetes/resource';
import { BuildRequest, BuiltImage, IBuilds } from '../../platform/builds';
import { needPrivileges } from '../../workloads/build-privileges';

/** How Shipwright builds, and where images go. */
export interface ShipwrightBuildsProps {
  /** Where images are pushed to, without a slash at the end: `registry.example.com/acme`. */
  readonly repository: string;

  /**
   * Name of a Secret of type `kubernetes.io/dockerconfigjson`, in the namespace of the build, with which images are
   * pushed.
   *
   * @default - none: what the ServiceAccount of the build has
   */
  readonly pushSecretName?: string;

  /**
   * Name of the ClusterBuildStrategy.
   *
   * @default - buildah, and with `builderImage` source-to-image
   */
  readonly strategy?: string;
}

/**
 * Builds by Shipwright, which is also Builds for Red Hat OpenShift, into any registry: a Build.
 *
 * Nothing starts it by itself: a BuildRun does, `shp build run polls`, and pods wait until their image is there. A
 * strategy of your own gets the parameters `dockerfile`, `build-args` and `builder-image` that those of the default
 * have, and only when they are given.
 *
 * Throws when:
 *
 * - the repository or a name is not valid;
 * - a default strategy would run in a namespace that enforces Pod Security `restricted`, which synth finds.
 *
 * @see https://shipwright.io/docs/build/build/
 * @see https://docs.redhat.com/en/documentation/builds_for_red_hat_openshift/1.6/html/about_builds/build-strategies
 * @example
 * Distribution.upstream({
 *   builds: new ShipwrightBuilds({ repository: 'registry.example.com/acme', pushSecretName: 'registry' }),
 * });
 */
export class ShipwrightBuilds implements IBuilds {
  constructor(private readonly props: ShipwrightBuildsProps) {}

  buildImage(scope: Construct, request: BuildRequest): BuiltImage {
    const { repository, pushSecretName, strategy } = this.props;
    const { name, labels, version, source, builderImage } = request;
    if (pushSecretName !== undefined) checkResourceName(scope, 'builds.pushSecretName', pushSecretName);
    const image = checkImage(scope, 'builds.repository', `${repository}/${name}:${version}`);
    if (strategy === undefined) needPrivileges(scope);
    else checkResourceName(scope, 'builds.strategy', strategy);
    const build = new Resource(
      scope,
      'Build',
      Build.manifest({
        metadata: { name, labels },
        spec: {
          source: {
            type: 'Git',
            git: { url: source.url, revision: source.revision, cloneSecret: source.secretName },
            contextDir: source.directory,
          },
          strategy: {
            kind: 'ClusterBuildStrategy',
            name: strategy ?? (builderImage ? 'source-to-image' : 'buildah'),
          },
          paramValues: paramValues(request),
          output: { image, pushSecret: pushSecretName },
        },
      }),
    );
    return { image, resources: [build] };
  }
}

function paramValues({ dockerfile, builderImage, buildArguments }: BuildRequest): ParamValue[] | undefined {
  const values = Object.entries(buildArguments).map(([name, value]) => ({ value: `${name}=${value}` }));
  const given = [
    ...(dockerfile ? [{ name: 'dockerfile', value: dockerfile }] : []),
    ...(values.length ? [{ name: 'build-args', values }] : []),
    ...(builderImage ? [{ name: 'builder-image', value: builderImage }] : []),
  ];
  return given.length ? given : undefined;
}
