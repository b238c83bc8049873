import { FieldReason } from '../kubernetes/field-reason';

/** Reasons for the pods of a pooler. */
export const POOLER_REASONS: FieldReason[] = [
  {
    fields: ['Deployment.spec.template.spec.volumes.emptyDir.medium'],
    why: 'The volume is in memory, because the pooler writes its password there, or because you asked for it.',
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
    values: ['Memory'],
  },
];
