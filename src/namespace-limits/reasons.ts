import { FieldReason } from '../kubernetes/field-reason';

/** Reasons for what bounds a namespace. */
export const LIMIT_REASONS: FieldReason[] = [
  {
    fields: ['ResourceQuota.spec.hard.*'],
    why: 'The most that the program can take: rollouts, autoscalers at their maximum, the Jobs of two releases and commands by hand, with a margin.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['LimitRange.spec.limits.type', 'LimitRange.spec.limits.{default,defaultRequest}.*'],
    why: 'A quota refuses a pod that does not say what it takes. The smallest values of the program are its defaults.',
    source: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
  },
];
