import { FieldReason } from '../../kubernetes/field-reason';

const OPENSHIFT =
  'https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/builds_using_buildconfig/';

/** Reasons for builds inside the cluster. */
export const BUILD_REASONS: FieldReason[] = [
  {
    fields: [
      'BuildConfig.spec.source.{type,git.uri,git.ref,contextDir,sourceSecret.name}',
      'BuildConfig.spec.strategy.{type,dockerStrategy,sourceStrategy.from.kind,sourceStrategy.from.name}',
      'BuildConfig.spec.strategy.dockerStrategy.{dockerfilePath,buildArgs.name,buildArgs.value}',
      'BuildConfig.spec.output.to.{kind,name}',
    ],
    why: 'You gave what is built, from which revision, and under which version. With a builder image the strategy is source-to-image.',
    source: OPENSHIFT,
  },
  {
    fields: ['BuildConfig.spec.triggers.type'],
    why: 'OpenShift starts a build by itself only when a BuildConfig is new. Its name ends in a hash of what it builds.',
    source:
      'https://github.com/openshift/openshift-docs/blob/main/modules/builds-configuration-change-triggers.adoc',
    values: ['ConfigChange'],
  },
  {
    fields: ['ImageStream.spec.lookupPolicy.local'],
    why: 'It is the default of the API server. Pods name the image in full, so short names are not needed.',
    source: OPENSHIFT,
    values: [false],
  },
  {
    fields: ['Deployment.metadata.annotations.image.openshift.io/triggers'],
    why: 'OpenShift restarts the pods when the image with this tag was built.',
    source:
      'https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/images/triggering-updates-on-imagestream-changes',
  },
  {
    fields: [
      'Build.spec.source.{type,git.url,git.revision,git.cloneSecret,contextDir}',
      'Build.spec.strategy.{kind,name}',
      'Build.spec.paramValues.{name,value,values.value}',
      'Build.spec.output.{image,pushSecret}',
    ],
    why: 'You gave what is built, by which strategy, and where the image is pushed.',
    source: 'https://shipwright.io/docs/build/build/',
  },
];
