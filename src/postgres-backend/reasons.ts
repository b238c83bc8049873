import { FieldReason } from '../kubernetes/field-reason';

const CONTAINERS = 'StatefulSet.spec.template.spec.containers';
const PROBES =
  'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/';

/** Reasons for the server of a PostgresBackend. Those for its probes are also those of a ValkeyBackend. */
export const POSTGRES_REASONS: FieldReason[] = [
  {
    fields: [`${CONTAINERS}.args`],
    why: 'They are what the image starts: PostgreSQL, with parameters that follow from its memory limit, your own, and as many connections as applications may open. The exporter is told not to ask for the size of tables, which waits for migrations.',
    source: 'docs/architecture.md#the-server-of-a-database',
  },
  {
    fields: [
      'StatefulSet.spec.template.spec.initContainers.args',
      'StatefulSet.spec.template.spec.initContainers.volumeMounts.subPath',
      'StatefulSet.spec.template.spec.volumes.persistentVolumeClaim.claimName',
    ],
    why: 'You gave the dump that a new volume begins with, or the image that the data was made with. It is restored by a container of its own, like that of the server, because no probe limits how long that takes.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
  },
  {
    fields: ['Cluster.spec.postgresql.parameters.{effective_cache_size,shared_buffers}'],
    why: 'They follow from the memory limit, as for a server that the library makes itself.',
    source: 'docs/architecture.md#the-server-of-a-database',
  },
  {
    fields: ['StatefulSet.spec.template.metadata.annotations.cdk8s-django/extensions'],
    why: 'Another list of extensions replaces the pod, whose startup probe makes them.',
    source: 'docs/architecture.md#the-server-of-a-database',
  },
  {
    fields: ['StatefulSet.spec.template.spec.volumes.emptyDir.medium'],
    why: 'Processes of one query share memory there. A container has 64Mi of it otherwise, in which three joins at once do not find room.',
    source: 'docs/architecture.md#the-server-of-a-database',
    values: ['Memory'],
  },
  {
    fields: [
      'StatefulSet.spec.template.spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.{weight,podAffinityTerm.topologyKey,podAffinityTerm.labelSelector.matchLabels.*}',
    ],
    why: 'New data is made from the archive of another server. It runs on the node of that one if it can, because mostly one node alone can mount the archive.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
  },
  {
    fields: [
      'StatefulSet.spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.{weight,podAffinityTerm.topologyKey,podAffinityTerm.labelSelector.matchLabels.*}',
    ],
    why: 'A replica takes reads from its primary: it runs on another node if there is one.',
    source: 'docs/guide/3-scaling.md#a-replica-of-a-server-of-the-library',
  },
  {
    fields: ['StatefulSet.spec.template.spec.volumes.projected.sources.secret.items.{key,path}'],
    why: 'These passwords are of roles that an option adds. The server makes each role when its file is there, and serves before.',
    source: 'docs/architecture.md',
  },
  {
    fields: ['StatefulSet.spec.template.spec.volumes.secret.{secretName,defaultMode}'],
    why: 'The server has its certificate there. PostgreSQL refuses a key that others than its user and group may read; the group is that of the pod.',
    source: 'https://www.postgresql.org/docs/18/ssl-tcp.html#SSL-SETUP',
  },
  {
    fields: [`${CONTAINERS}.volumeMounts.subPath`],
    why: 'The script is mounted as a file alone, because the image may have scripts of its own in that folder, as PostGIS does.',
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath',
    values: ['10-application.sh'],
  },
  {
    fields: [`${CONTAINERS}.startupProbe.exec.command`, `${CONTAINERS}.readinessProbe.exec.command`],
    why: 'The server itself says whether it answers. PostgreSQL is asked over TCP, on which it does not listen while its entrypoint prepares it. Valkey answers otherwise while it loads its data.',
    source: PROBES,
  },
  {
    fields: [`${CONTAINERS}.startupProbe.periodSeconds`],
    why: 'A server that has started is noticed soon.',
    source: PROBES,
    values: [2],
  },
  {
    fields: [`${CONTAINERS}.startupProbe.failureThreshold`],
    why: 'With the period it is an hour: after a crash a server first reads its log or its file again. One that is ended meanwhile begins again, and would never end. It is a day for a replica, which also copies the data of its primary there.',
    source: 'docs/guide/4-recovery.md',
    values: [1800, 43_200],
  },
  {
    fields: [`${CONTAINERS}.livenessProbe.tcpSocket.port`],
    why: 'It starts no program, which takes many seconds on a busy node. The server would be ended for that.',
    source: 'docs/architecture.md#workers',
    values: ['postgres', 'valkey', 'sentinel', 'metrics'],
  },
  {
    fields: [`${CONTAINERS}.readinessProbe.tcpSocket.port`],
    why: 'An exporter answers also when its server is away, and says so.',
    source: 'docs/metrics.md#servers-in-the-cluster',
    values: ['metrics'],
  },
  {
    fields: [`${CONTAINERS}.startupProbe.timeoutSeconds`],
    why: 'Valkey answers at once, and with Sentinels its Sentinel is asked too. The probe of PostgreSQL makes extensions, of which some take long.',
    source: PROBES,
    values: [5, 10, 60],
  },
  {
    fields: [`${CONTAINERS}.readinessProbe.periodSeconds`],
    why: 'A server that does not answer is noticed soon, and one slow answer does not count.',
    source: PROBES,
    values: [5],
  },
  {
    fields: [
      `${CONTAINERS}.{readinessProbe,livenessProbe}.timeoutSeconds`,
      `${CONTAINERS}.livenessProbe.periodSeconds`,
    ],
    why: 'A busy server may answer late. One that is taken away or restarted too early fails for all applications at once.',
    source: PROBES,
    values: [10],
  },
  {
    fields: [`${CONTAINERS}.{readinessProbe,livenessProbe}.failureThreshold`],
    why: 'A busy server may miss some answers. One that is taken away or restarted too early fails for all applications at once.',
    source: PROBES,
    values: [6],
  },
];
