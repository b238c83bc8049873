import { FieldReason } from '../../kubernetes/field-reason';

const OPERATOR = 'https://cloudnative-pg.io/documentation/current';

/** Reasons for the Cluster of CloudNativePG. */
export const CLUSTER_REASONS: FieldReason[] = [
  {
    fields: ['Cluster.spec.instances'],
    why: 'It is what you gave, or 3: a primary, and two replicas of which one takes over.',
    source: `${OPERATOR}/replication/`,
  },
  {
    fields: ['Cluster.spec.{imageName,storage.size,storage.storageClass,priorityClassName}'],
    why: 'You gave it. The class is otherwise that of the distribution.',
    source: `${OPERATOR}/storage/`,
  },
  {
    fields: ['Cluster.spec.resources.{limits.cpu,limits.memory,requests.cpu,requests.memory}'],
    why: 'It is what you gave, or the defaults of a server that the library makes.',
    source: 'docs/guide/3-scaling.md',
  },
  {
    fields: ['Cluster.spec.inheritedMetadata.labels.*'],
    why: 'Network policies select the pods of the operator as those of a server that the library makes.',
    source: `${OPERATOR}/labels_annotations/`,
  },
  {
    fields: ['Cluster.spec.bootstrap.initdb.{database,owner}'],
    why: 'The application has a database and a role of its own, and not the superuser.',
    source: `${OPERATOR}/bootstrap/`,
  },
  {
    fields: ['Cluster.spec.postgresql.parameters.max_connections'],
    why: 'It is your `maxConnections`, or the default of a server that the library makes. Synth refuses applications that could open more.',
    source: 'docs/architecture.md#connections',
  },
  {
    fields: ['Cluster.spec.seccompProfile.type'],
    why: 'Pod Security `restricted` asks for it: system calls that containers do not need are refused.',
    source: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
    values: ['RuntimeDefault'],
  },
];
