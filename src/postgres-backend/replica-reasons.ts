import { FieldReason } from '../kubernetes/field-reason';

const POD = 'StatefulSet.spec.template.spec';

/** Reasons for the replica of a PostgresBackend. */
export const REPLICA_REASONS: FieldReason[] = [
  {
    fields: [
      `${POD}.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.{weight,podAffinityTerm.topologyKey,podAffinityTerm.labelSelector.matchLabels.*}`,
    ],
    why: 'A replica takes reads from its primary: it runs on another node if there is one.',
    source: 'docs/guide/3-scaling.md#a-replica-of-a-server-of-the-library',
  },
  {
    fields: [`${POD}.containers.startupProbe.failureThreshold`],
    why: 'With the period it is a day: before it starts, a replica copies the data of its primary, and waits for it. One that is ended meanwhile begins again.',
    source: 'docs/guide/3-scaling.md#a-replica-of-a-server-of-the-library',
    values: [43_200],
  },
];
