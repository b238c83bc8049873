import { FieldReason } from '../kubernetes/field-reason';

const GROUPS = '{PrometheusRule,Rules}.spec.groups';

/** Reasons for alerts. */
export const ALERT_REASONS: FieldReason[] = [
  {
    fields: [
      `${GROUPS}.{name,interval}`,
      `${GROUPS}.rules.{alert,record,expr,for}`,
      `${GROUPS}.rules.labels.*`,
      `${GROUPS}.rules.annotations.{summary,runbook_url}`,
    ],
    why: 'The runbooks say what each alert of the library means, why it waits as long as it does, and what to do. Rules that you added are as you gave them.',
    source: 'docs/runbooks.md',
  },
];
