import { FieldReason } from '../kubernetes/field-reason';

/** Reasons for the policy of an ImagePolicy. */
export const IMAGE_POLICY_REASONS: FieldReason[] = [
  {
    fields: ['ValidatingAdmissionPolicy.spec.variables.{name,expression}'],
    why: 'Only images that an object did not have before are looked at. Otherwise controllers could not write the status of pods that run.',
    source: 'docs/architecture.md#what-images-may-run',
  },
  {
    fields: ['ValidatingAdmissionPolicy.spec.validations.messageExpression'],
    why: 'The refusal names the images that are not allowed.',
    source: 'docs/guide/6-images.md#who-may-pull-it',
  },
  {
    fields: [
      'NamespacedImageValidatingPolicy.spec.{failurePolicy,validationActions}',
      'NamespacedImageValidatingPolicy.spec.matchConstraints.resourceRules.{apiGroups,apiVersions,operations,resources}',
      'NamespacedImageValidatingPolicy.spec.matchImageReferences.glob',
      'NamespacedImageValidatingPolicy.spec.attestors.name',
      'NamespacedImageValidatingPolicy.spec.attestors.cosign.keyless.identities.{issuer,subject}',
      'NamespacedImageValidatingPolicy.spec.validations.{expression,message}',
    ],
    why: 'You named who has to have signed the images of these registries. A pod with another one is refused, also while Kyverno cannot be asked.',
    source: 'https://kyverno.io/docs/policy-types/image-validating-policy/',
  },
  {
    fields: ['NamespacedImageValidatingPolicy.spec.matchConditions.{name,expression}'],
    why: 'Labels and finalizers of pods that ran before the policy may change. A new pod needs a signature, and so does a pod whose spec changes.',
    source: 'https://kyverno.io/docs/policy-types/image-validating-policy/',
  },
  {
    fields: ['NamespacedImageValidatingPolicy.spec.validationConfigurations.{required,verifyDigest}'],
    why: 'An image is known by its digest, so what was checked is what runs.',
    source: 'https://kyverno.io/docs/policy-types/image-validating-policy/',
    values: [true],
  },
  {
    fields: ['NamespacedImageValidatingPolicy.spec.validationConfigurations.mutateDigest'],
    why: 'Kyverno does not write the digest of an image into pods, which engines of GitOps would see as a difference.',
    source: 'https://kyverno.io/docs/policy-types/image-validating-policy/',
    values: [false],
  },
];
