import { FieldReason } from '../kubernetes/field-reason';

/** Reasons for the pods of a pooler. */
export const POOLER_REASONS: FieldReason[] = [
  {
    fields: ['Deployment.spec.template.spec.volumes.emptyDir.medium'],
    why: 'The volume is in memory, because the pooler writes its password there, or because you asked for it.',
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
    values: ['Memory'],
  },
  {
    fields: ['Deployment.spec.template.spec.containers.args'],
    why: 'The exporter asks the console of PgBouncer in its own pod, as a user that may look.',
    source: 'docs/metrics.md#servers-in-the-cluster',
  },
];
