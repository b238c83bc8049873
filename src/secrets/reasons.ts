import { FieldReason } from '../kubernetes/field-reason';

/** Reasons for Secrets that are generated in the cluster. */
export const GENERATED_SECRET_REASONS: FieldReason[] = [
  {
    fields: ['Secret.type'],
    why: 'The Secret is made empty, and a Job in the cluster fills it. So no manifest has a password.',
    source: 'docs/guide/9-security.md',
    values: ['Opaque'],
  },
  {
    fields: ['CronJob.spec.suspend'],
    why: 'The steps of a rotation never run by themselves, because pods have to be restarted after each. `kubectl create job --from` runs one.',
    source: 'docs/guide/7-lifecycle.md',
    values: [true],
  },
];
