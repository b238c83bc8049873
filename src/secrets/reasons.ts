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
    fields: [
      'StatefulSet.spec.template.spec.volumes.projected.sources.secret.{name,optional}',
      'StatefulSet.spec.template.spec.volumes.projected.sources.configMap.name',
      'StatefulSet.spec.template.spec.volumes.projected.sources.configMap.items.{key,path}',
    ],
    why: 'Passwords with numbers, and the list of those that the server takes, are files. The kubelet renews them, so that a rotation restarts no server. The Secret may come later than the pod.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['CronJob.spec.suspend'],
    why: 'The steps of a rotation never run by themselves, because pods have to be restarted after each. `kubectl create job --from` runs one.',
    source: 'docs/guide/7-lifecycle.md',
    values: [true],
  },
];
