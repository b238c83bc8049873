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
    fields: ['Cluster.spec.postgresql.synchronous.{method,number}'],
    why: 'A transaction is confirmed when so many replicas have it, any of them: the loss of the primary loses none.',
    source: `${OPERATOR}/replication/#synchronous-replication`,
  },
  {
    fields: ['Cluster.spec.postgresql.synchronous.dataDurability'],
    why: 'Writing waits while fewer replicas run, instead of confirming what the primary alone has.',
    source: `${OPERATOR}/replication/#data-durability-and-synchronous-replication`,
    values: ['required'],
  },
  {
    fields: ['Cluster.metadata.annotations.*'],
    why: 'A replica becomes the primary only if the operator knows that it has all that was confirmed.',
    source: `${OPERATOR}/failover/#failover-quorum-quorum-based-failover`,
  },
  {
    fields: ['Cluster.spec.imageCatalogRef.{apiGroup,kind,name,major}'],
    why: 'You named the catalog: the image of the major version there counts.',
    source: `${OPERATOR}/image_catalog/`,
  },
  {
    fields: [
      'Cluster.spec.bootstrap.recovery.{source,database,owner,recoveryTarget.targetTime}',
      'Cluster.spec.externalClusters.{name,plugin.name,plugin.parameters.*}',
    ],
    why: 'The database is restored from the archive of the one that you named, up to the time that you gave.',
    source: `${OPERATOR}/recovery/#point-in-time-recovery-pitr`,
  },
  {
    fields: ['Cluster.spec.bootstrap.initdb.postInitApplicationSQL'],
    why: 'In a new database the extensions are there before applications are let in.',
    source: `${OPERATOR}/bootstrap/#executing-queries-after-initialization`,
  },
  {
    fields: ['Database.spec.{name,owner,cluster.name,extensions.name,extensions.ensure}'],
    why: 'The operator makes extensions in a database that is there already, too. What is taken out of the list stays.',
    source: `${OPERATOR}/declarative_database_management/#managing-extensions-in-a-database`,
  },
  {
    fields: ['Cluster.spec.seccompProfile.type'],
    why: 'Pod Security `restricted` asks for it: system calls that containers do not need are refused.',
    source: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
    values: ['RuntimeDefault'],
  },
];
