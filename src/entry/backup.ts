export { type CloudNativeObjectStore } from '../capabilities/backup/cloud-native-object-store';
export {
  CloudNativePostgresBackups,
  type CloudNativePostgresBackupsProps,
} from '../capabilities/backup/cloud-native-postgres-backups';
export { VeleroBackups, type VeleroBackupsProps } from '../capabilities/backup/velero-backups';
export {
  VolumeSnapshotBackups,
  type VolumeSnapshotBackupsProps,
} from '../capabilities/backup/volume-snapshot-backups';
export { type AnonymizedCopies, type AnonymizedTable } from '../capabilities/backup/anonymized-copies';
export { type BackupDrill } from '../capabilities/backup/backup-drill';
export { DumpBackups, type DumpBackupsProps } from '../capabilities/backup/dump-backups';
export { PreviewCopies } from '../capabilities/backup/preview-copies';
export { type CopiesPlace } from '../platform/backup';
export { type BackupBucket, type ObjectStoreKeys } from '../platform/backup-bucket';
