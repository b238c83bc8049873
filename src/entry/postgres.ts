export {
  AckPostgres,
  type AckPostgresProps,
  type AckPostgresServer,
} from '../capabilities/managed-postgres/ack-postgres';
export {
  AzureServiceOperatorPostgres,
  type AzureServiceOperatorPostgresProps,
  type AzureServiceOperatorPostgresServer,
  type EntraAdministrator,
  EntraPrincipalType,
} from '../capabilities/managed-postgres/azure-service-operator-postgres';
export {
  CloudSqlEdition,
  ConfigConnectorPostgres,
  type ConfigConnectorPostgresProps,
  type ConfigConnectorPostgresServer,
} from '../capabilities/managed-postgres/config-connector-postgres';
export { AzurePostgres, type AzurePostgresProps } from '../capabilities/postgres/azure-postgres';
export { CloudNativePostgres } from '../capabilities/postgres/cloud-native-postgres';
export {
  type CloudNativeImageCatalog,
  type CloudNativePostgresProps,
  type CloudNativeRestore,
} from '../capabilities/postgres/cloud-native-postgres-props';
export {
  type CloudSqlInstance,
  CloudSqlPostgres,
  type CloudSqlPostgresProps,
} from '../capabilities/postgres/cloud-sql-postgres';
export { RdsPostgres, type RdsPostgresProps } from '../capabilities/postgres/rds-postgres';
export { type PostgresServer, type PostgresServersProps } from '../capabilities/postgres/verified-server';
export { type ApplicationRole } from '../postgres-backend/application-role-props';
export { type ReadReplicas } from '../postgres-backend/connection';
export { PgBouncer } from '../pg-bouncer/pg-bouncer';
export { type PgBouncerProps } from '../pg-bouncer/pg-bouncer-props';
export { type PointInTimeRestore, type PostgresArchive } from '../postgres-backend/archive-props';
export { ManagedPostgres, type ManagedPostgresProps } from '../managed-postgres/managed-postgres';
export { type MaintenanceWindow, Weekday } from '../platform/managed-postgres';
