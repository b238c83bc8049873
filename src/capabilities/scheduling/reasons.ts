import { FieldReason } from '../../kubernetes/field-reason';

const WHY =
  'A migration that is ended half way begins again, or leaves half of a change that is not in a transaction. So nodes are not taken away to save costs until it has ended. It ends at its deadline at the latest.';

/** Reasons for what autoscalers of nodes read. */
export const SCHEDULING_REASONS: FieldReason[] = [
  {
    fields: ['Job.spec.template.metadata.annotations.cluster-autoscaler.kubernetes.io/safe-to-evict'],
    why: WHY,
    source: 'docs/guide/7-lifecycle.md',
    values: ['false'],
  },
  {
    fields: ['Job.spec.template.metadata.annotations.karpenter.sh/do-not-disrupt'],
    why: WHY,
    source: 'docs/guide/7-lifecycle.md',
    values: ['true'],
  },
];
