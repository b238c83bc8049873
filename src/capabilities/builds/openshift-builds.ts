import { Construct } from 'constructs';
import { BuildConfig, BuildConfigSpec } from '../../../imports/build.openshift.io';
import { ImageStream } from '../../../imports/image.openshift.io';
import * as k8s from '../../kubernetes/api';
import { shortHash } from '../../kubernetes/hash';
import { namespaceOf } from '../../kubernetes/namespaces';
import { Resource } from '../../kubernetes/resource';
import { BuildRequest, BuiltImage, IBuilds } from '../../platform/builds';
import { addImagePullers, serviceAccountsOf } from '../images/image-pullers';
import { needPrivileges } from '../../workloads/build-privileges';

/** The Service of OpenShift's own registry. */
const REGISTRY = 'image-registry.openshift-image-registry.svc:5000';

/**
 * Builds by OpenShift itself, into its own registry: an ImageStream, and a BuildConfig with the docker strategy or,
 * with `builderImage`, the source strategy (source-to-image). With `pullNamespaces` a RoleBinding lets their pods pull.
 *
 * The name of the BuildConfig ends in a hash of what it builds, because OpenShift starts a build by itself only when a
 * BuildConfig is new. So applying another version or revision builds it, and applying the same again builds nothing.
 * BuildConfigs of former versions stay until somebody deletes them.
 *
 * Throws when:
 *
 * - the chart has no namespace;
 * - the namespace enforces Pod Security `restricted`, which synth finds.
 *
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/builds_using_buildconfig/
 * @example
 * Distribution.openshift({ builds: new OpenShiftBuilds() });
 */
export class OpenShiftBuilds implements IBuilds {
  buildImage(scope: Construct, request: BuildRequest): BuiltImage {
    const { name, labels, version, pullNamespaces } = request;
    const namespace = namespaceOf(scope, 'is not known, and it is part of the reference of the image');
    needPrivileges(scope);
    const tag = `${name}:${version}`;
    const spec = buildConfigSpec(request, tag);
    const resources = [
      new Resource(
        scope,
        'ImageStream',
        ImageStream.manifest({ metadata: { name, labels }, spec: { lookupPolicy: { local: false } } }),
      ),
      new Resource(
        scope,
        'BuildConfig',
        BuildConfig.manifest({ metadata: { name: `${name}-${shortHash(spec)}`, labels }, spec }),
      ),
    ];
    if (pullNamespaces.length) resources.push(pullers(scope, request, namespace));
    return {
      // In full: a short name would mean Docker Hub's until the ImageStream has the tag.
      image: `${REGISTRY}/${namespace}/${tag}`,
      resources,
      triggerAnnotations: triggerAnnotations(tag, namespace),
    };
  }
}

function buildConfigSpec(request: BuildRequest, tag: string): BuildConfigSpec {
  const { source } = request;
  return {
    source: {
      type: 'Git',
      git: { uri: source.url, ref: source.revision },
      contextDir: source.directory,
      sourceSecret: source.secretName === undefined ? undefined : { name: source.secretName },
    },
    strategy: strategy(request),
    output: { to: { kind: 'ImageStreamTag', name: tag } },
    // https://github.com/openshift/openshift-docs/blob/main/modules/builds-configuration-change-triggers.adoc:
    // it works only when a BuildConfig is created.
    triggers: [{ type: 'ConfigChange' }],
  };
}

function strategy({ builderImage, dockerfile, buildArguments }: BuildRequest): BuildConfigSpec['strategy'] {
  if (builderImage) {
    return { type: 'Source', sourceStrategy: { from: { kind: 'DockerImage', name: builderImage } } };
  }
  const buildArgs = Object.entries(buildArguments).map(([name, value]) => ({ name, value }));
  return {
    type: 'Docker',
    dockerStrategy: { dockerfilePath: dockerfile, buildArgs: buildArgs.length ? buildArgs : undefined },
  };
}

/** The ServiceAccounts of a namespace may pull from it without more; those of others need the role. */
function pullers(
  scope: Construct,
  { name, labels, pullNamespaces }: BuildRequest,
  ownNamespace: string,
): Resource {
  const groups = pullNamespaces.map(serviceAccountsOf);
  const binding = new Resource(
    scope,
    'Pullers',
    k8s.manifest('RoleBinding', {
      metadata: { name: `${name}-image-pullers`, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:image-puller' },
      subjects: groups.map((group) => ({
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Group',
        name: group,
      })),
    }),
  );
  addImagePullers(binding, ownNamespace, groups);
  return binding;
}

/**
 * https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/images/triggering-updates-on-imagestream-changes
 */
function triggerAnnotations(name: string, namespace: string): Record<string, string> {
  const trigger = {
    from: { kind: 'ImageStreamTag', name, namespace },
    fieldPath: 'spec.template.spec.containers[?(@.name=="web")].image',
  };
  return { 'image.openshift.io/triggers': JSON.stringify([trigger]) };
}
