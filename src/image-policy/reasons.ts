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
];
