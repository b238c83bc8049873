import { FieldReason } from '../../kubernetes/field-reason';

const PLUGIN = 'https://cloudnative-pg.io/plugin-barman-cloud/docs';
const VELERO = 'https://velero.io/docs/latest';
const HOOKS = 'Schedule.spec.template.hooks.resources';
const SNAPSHOTS = 'https://kubernetes.io/docs/concepts/storage/volume-snapshot-classes/';

/** Reasons for backups. */
export const BACKUP_REASONS: FieldReason[] = [
  {
    fields: [
      'Cluster.spec.plugins.{name,isWALArchiver,parameters.*}',
      'ScheduledBackup.spec.pluginConfiguration.name',
    ],
    why: 'The plugin archives all that is written, and makes base backups: any moment between them can be restored.',
    source: `${PLUGIN}/usage/`,
  },
  {
    fields: ['ObjectStore.spec.configuration.{destinationPath,endpointURL}'],
    why: 'You gave it. The plugin adds a folder with the name of the database.',
    source: `${PLUGIN}/object_stores/`,
  },
  {
    fields: [
      'ObjectStore.spec.configuration.s3Credentials.{inheritFromIAMRole,accessKeyId.name,accessKeyId.key,secretAccessKey.name,secretAccessKey.key}',
      'ObjectStore.spec.configuration.{googleCredentials.gkeEnvironment,azureCredentials.inheritFromAzureAD}',
      'Cluster.spec.serviceAccountTemplate.metadata.annotations.*',
    ],
    why: 'The servers act as the account of the platform, without a key, unless you gave keys.',
    source: `${PLUGIN}/object_stores/`,
  },
  {
    fields: ['ObjectStore.spec.configuration.{data,wal}.compression'],
    why: 'Without it, files are stored as they are.',
    source: `${PLUGIN}/compression/`,
    values: ['gzip'],
  },
  {
    fields: ['Cluster.spec.backup.target'],
    why: 'A backup of the primary ends when its log is archived. One of a replica is complete before that, and cannot be restored until then.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
    values: ['primary'],
  },
  {
    fields: ['ScheduledBackup.spec.immediate'],
    why: 'An archive restores nothing before there is a base backup.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
  },
  {
    fields: [
      'ObjectStore.spec.instanceSidecarConfiguration.resources.{requests.cpu,requests.memory,limits.memory}',
    ],
    why: 'A quota refuses pods with a container that has none. A database of 300 MB was backed up and restored with them.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
  },
  {
    fields: ['ObjectStore.spec.instanceSidecarConfiguration.env.{name,value}'],
    why: "Stores with the API of S3 that are not Amazon's may refuse the checksums that boto3 adds.",
    source: `${PLUGIN}/object_stores/`,
  },
  {
    fields: ['ObjectStore.spec.retentionPolicy'],
    why: 'The plugin deletes what is older than the retention that you gave, or 30 days, and is not needed to go back that far.',
    source: `${PLUGIN}/retention/`,
  },
  {
    fields: ['{Schedule,ScheduledBackup}.spec.schedule'],
    why: 'It is the schedule that you gave, or each night. Velero takes a time zone as a prefix, and CloudNativePG begins with seconds.',
    source: `${VELERO}/backup-reference/#schedule-a-backup`,
  },
  {
    fields: [
      'Schedule.spec.template.{includedNamespaces,labelSelector.matchLabels.*}',
      `${HOOKS}.{includedNamespaces,includedResources,labelSelector.matchLabels.*}`,
    ],
    why: 'The backup has what the namespace has of this one database: its volume, and its password where that was generated.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
  },
  {
    fields: ['Schedule.spec.template.{snapshotMoveData,storageLocation}'],
    why: 'You asked for it: a copy outside the storage system, or a location of your own.',
    source: `${VELERO}/csi-snapshot-data-movement/`,
  },
  {
    fields: ['Schedule.spec.template.ttl'],
    why: 'Velero deletes a backup after the retention that you gave. It is written as Go writes a duration.',
    source: `${VELERO}/api-types/schedule/`,
  },
  {
    fields: [`${HOOKS}.name`, `${HOOKS}.{pre,post}.exec.{container,command}`],
    why: 'A dump is made in the volume before the backup, and removed after it. So a backup can be restored regardless of how the volume is copied.',
    source: `${VELERO}/backup-hooks/`,
  },
  {
    fields: [`${HOOKS}.pre.exec.{onError,timeout}`],
    why: 'A backup without its dump has failed. A dump may take as long as your `dumpTimeout`; the limit of Velero is 30 seconds.',
    source: `${VELERO}/backup-hooks/`,
  },
  {
    fields: [`${HOOKS}.post.exec.{onError,timeout}`],
    why: 'A dump that is left does no harm: the next one writes over it.',
    source: `${VELERO}/backup-hooks/`,
  },
  {
    fields: ['ScheduledBackup.spec.{cluster.name,method}'],
    why: 'The operator takes snapshots of the volumes of this Cluster.',
    source: 'https://cloudnative-pg.io/documentation/current/appendixes/backup_volumesnapshot',
  },
  {
    fields: ['Cluster.spec.backup.volumeSnapshot.{className,online}'],
    why: 'You gave the class. Snapshots are cold: one of a running server is consistent only with a WAL archive, which the Cluster does not have.',
    source: 'https://cloudnative-pg.io/documentation/current/appendixes/backup_volumesnapshot',
  },
  {
    fields: ['CronJob.spec.jobTemplate.spec.template.spec.volumes.persistentVolumeClaim.claimName'],
    why: 'The claim has the dumps: one that is made for the database, or the one that you gave.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
  },
  {
    fields: [
      'CronJob.spec.jobTemplate.spec.template.spec.volumes.ephemeral.volumeClaimTemplate.spec.{accessModes,storageClassName,resources.requests.storage}',
    ],
    why: 'A drill restores the latest dump there. The volume is as large as that of the database, and ends with the pod.',
    source: 'docs/guide/7-lifecycle.md#backups-and-restore',
  },
  {
    fields: ['CronJob.spec.jobTemplate.spec.template.spec.{containers,initContainers}.volumeMounts.subPath'],
    why: 'The script of the server makes the role in that of a drill too. It is mounted as a file alone, because the image may have scripts of its own in that folder. What takes an anonymized copy to a bucket has the folder of the copy alone.',
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath',
    values: ['10-application.sh', 'copies'],
  },
  {
    fields: ['VolumeSnapshotClass.{driver,parameters.*}'],
    why: 'It is the driver of the volumes of the platform, with the parameters that it knows.',
    source: SNAPSHOTS,
  },
  {
    fields: ['VolumeSnapshotClass.deletionPolicy'],
    why: 'Who deletes a VolumeSnapshot deletes what was stored. So the CronJob can hold to the retention.',
    source: `${SNAPSHOTS}#deletionpolicy`,
    values: ['Delete'],
  },
];
