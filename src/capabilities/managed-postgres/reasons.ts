import { FieldReason } from '../../kubernetes/field-reason';

const GUIDE = 'docs/guide/7-lifecycle.md#servers-that-an-operator-makes';
const AZURE = 'https://learn.microsoft.com/azure/postgresql/flexible-server';
const CLOUD_SQL = 'https://docs.cloud.google.com/sql/docs/postgres';
const RDS = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide';

/** Reasons for the claims of servers that an operator makes in a cloud. */
export const MANAGED_POSTGRES_REASONS: FieldReason[] = [
  {
    fields: ['{DBInstance,DBSubnetGroup}.metadata.annotations.*'],
    why: 'Who deletes the claim does not delete the server.',
    source: 'https://aws-controllers-k8s.github.io/docs/guides/deletion-policy',
    values: ['retain'],
  },
  {
    fields: [
      'DBInstance.spec.{dbInstanceIdentifier,engineVersion,allocatedStorage,dbName}',
      'DBInstance.spec.{dbInstanceClass,vpcSecurityGroupIDs,dbSubnetGroupName,dbSubnetGroupRef.from.name}',
      'DBSubnetGroup.spec.{name,description,subnetIDs}',
    ],
    why: 'You gave it, to the construct or as a fact of the server to the distribution.',
    source: GUIDE,
  },
  {
    fields: ['DBInstance.spec.engine'],
    why: 'It is what the server runs.',
    source: GUIDE,
    values: ['postgres'],
  },
  {
    fields: ['DBInstance.spec.masterUsername'],
    why: 'The administrator logs in as it, and makes the role of the application.',
    source: `${RDS}/rds-secrets-manager.html`,
    values: ['postgres'],
  },
  {
    fields: ['DBInstance.spec.manageMasterUserPassword'],
    why: 'RDS makes the password of the administrator and keeps it in Secrets Manager. No manifest and no Secret has it.',
    source: `${RDS}/rds-secrets-manager.html`,
    values: [true],
  },
  {
    fields: ['DBInstance.spec.enableIAMDatabaseAuthentication'],
    why: 'The identity of the pods logs in, without a password.',
    source: `${RDS}/UsingWithRDS.IAMDBAuth.html`,
    values: [true],
  },
  {
    fields: ['DBInstance.spec.storageEncrypted'],
    why: 'The disk and the backups are encrypted. It cannot be changed later.',
    source: `${RDS}/Overview.Encryption.html`,
    values: [true],
  },
  {
    fields: ['DBInstance.spec.publiclyAccessible'],
    why: 'The name of the server leads to a private address.',
    source: `${RDS}/USER_VPC.WorkingWithRDSInstanceinaVPC.html`,
    values: [false],
  },
  {
    fields: ['DBInstance.spec.backupRetentionPeriod'],
    why: 'It is your `pointInTimeRecovery` in days, or 7: each second of them can be restored.',
    source: `${RDS}/USER_PIT.html`,
  },
  {
    fields: ['DBInstance.spec.preferredMaintenanceWindow'],
    why: 'It is the hour of the week that you gave, in UTC.',
    source: `${RDS}/USER_UpgradeDBInstance.Maintenance.html`,
  },
  {
    fields: ['DBInstance.spec.deletionProtection'],
    why: 'RDS refuses to delete the server, unless you give `deletionProtection: false`.',
    source: `${RDS}/USER_DeleteInstance.html`,
  },
  {
    fields: ['DBInstance.spec.multiAZ'],
    why: 'A standby in another zone takes over when the server is lost, unless you give `highAvailability: false`.',
    source: `${RDS}/Concepts.MultiAZ.html`,
  },
  {
    fields: ['{SQLInstance,SQLDatabase,SQLUser}.metadata.annotations.*'],
    why: 'Who deletes the claim does not delete the server. It is in the project that you named.',
    source: 'https://cloud.google.com/config-connector/docs/reference/annotations',
  },
  {
    fields: [
      'SQLInstance.spec.{databaseVersion,region}',
      'SQLInstance.spec.settings.{tier,diskSize,ipConfiguration.privateNetworkRef.external}',
      '{SQLDatabase,SQLUser}.spec.{resourceID,instanceRef.name}',
    ],
    why: 'You gave it, to the construct or as a fact of the server to the distribution.',
    source: GUIDE,
  },
  {
    fields: ['SQLInstance.spec.settings.edition'],
    why: 'It is the edition that you named, or Enterprise.',
    source: `${CLOUD_SQL}/editions-intro`,
  },
  {
    fields: ['SQLInstance.spec.settings.diskAutoresize'],
    why: 'By default Google makes a full disk larger. The claim would then ask for a smaller disk, which Cloud SQL refuses.',
    source: `${CLOUD_SQL}/instance-settings`,
    values: [false],
  },
  {
    fields: ['SQLInstance.spec.settings.availabilityType'],
    why: 'A standby in another zone takes over when the server is lost, unless you give `highAvailability: false`.',
    source: `${CLOUD_SQL}/high-availability`,
    values: ['REGIONAL', 'ZONAL'],
  },
  {
    fields: ['SQLInstance.spec.settings.deletionProtectionEnabled'],
    why: 'Cloud SQL refuses to delete the server, unless you give `deletionProtection: false`.',
    source: `${CLOUD_SQL}/deletion-protection`,
  },
  {
    fields: ['SQLInstance.spec.settings.backupConfiguration.{enabled,pointInTimeRecoveryEnabled}'],
    why: 'Recovery to a second needs backups and the log since then.',
    source: `${CLOUD_SQL}/backup-recovery/pitr`,
    values: [true],
  },
  {
    fields: [
      'SQLInstance.spec.settings.backupConfiguration.{transactionLogRetentionDays,backupRetentionSettings.retainedBackups}',
    ],
    why: 'The log is kept for your `pointInTimeRecovery`, or 7 days. One more backup is kept, so that the oldest second has one before it.',
    source: `${CLOUD_SQL}/backup-recovery/pitr`,
  },
  {
    fields: ['SQLInstance.spec.settings.databaseFlags.name'],
    why: 'The identity of the pods logs in, without a password.',
    source: `${CLOUD_SQL}/iam-authentication`,
    values: ['cloudsql.iam_authentication'],
  },
  {
    fields: ['SQLInstance.spec.settings.databaseFlags.value'],
    why: 'The identity of the pods logs in, without a password.',
    source: `${CLOUD_SQL}/iam-authentication`,
    values: ['on'],
  },
  {
    fields: ['SQLUser.spec.type'],
    why: 'The user is a service account, and has no password.',
    source: `${CLOUD_SQL}/iam-authentication`,
    values: ['CLOUD_IAM_SERVICE_ACCOUNT'],
  },
  {
    fields: ['SQLInstance.spec.settings.ipConfiguration.ipv4Enabled'],
    why: 'The server has a private address, and no public one.',
    source: `${CLOUD_SQL}/private-ip`,
    values: [false],
  },
  {
    fields: ['SQLInstance.spec.settings.ipConfiguration.sslMode'],
    why: 'The server takes encrypted connections alone.',
    source: `${CLOUD_SQL}/instance-settings`,
    values: ['ENCRYPTED_ONLY'],
  },
  {
    fields: ['SQLInstance.spec.settings.maintenanceWindow.{day,hour}'],
    why: 'It is the hour of the week that you gave, in UTC. Days are counted from Monday, which is 1.',
    source: `${CLOUD_SQL}/maintenance`,
  },
  {
    fields: [
      '{FlexibleServer,FlexibleServersDatabase,FlexibleServersConfiguration,FlexibleServersAdministrator}.metadata.annotations.*',
    ],
    why: 'Who deletes the claim does not delete the server.',
    source: 'https://azure.github.io/azure-service-operator/guide/annotations/',
    values: ['detach-on-delete'],
  },
  {
    fields: [
      'FlexibleServer.spec.{azureName,location,version,owner.armId,sku.name,sku.tier,storage.storageSizeGB}',
      'FlexibleServer.spec.network.{delegatedSubnetResourceReference.armId,privateDnsZoneArmResourceReference.armId}',
      'FlexibleServersDatabase.spec.{azureName,owner.name}',
      'FlexibleServersAdministrator.spec.{azureName,owner.name,principalName,principalType,tenantId}',
    ],
    why: 'You gave it, to the construct or as a fact of the server to the distribution. The tier follows from the size.',
    source: GUIDE,
  },
  {
    fields: ['FlexibleServer.spec.backup.backupRetentionDays'],
    why: 'It is your `pointInTimeRecovery` in days, or 7: each second of them can be restored.',
    source: `${AZURE}/concepts-backup-restore`,
  },
  {
    fields: ['FlexibleServer.spec.highAvailability.mode'],
    why: 'A standby in another zone takes over when the server is lost, unless you give `highAvailability: false`.',
    source: `${AZURE}/concepts-high-availability`,
    values: ['Disabled', 'ZoneRedundant'],
  },
  {
    fields: ['FlexibleServer.spec.maintenanceWindow.{dayOfWeek,startHour}'],
    why: 'It is the hour of the week that you gave, in UTC. Days are counted from Sunday, which is 0.',
    source: `${AZURE}/concepts-maintenance`,
  },
  {
    fields: ['FlexibleServer.spec.maintenanceWindow.customWindow'],
    why: 'Without it Azure chooses the hour itself.',
    source: `${AZURE}/concepts-maintenance`,
    values: ['Enabled'],
  },
  {
    fields: ['FlexibleServer.spec.maintenanceWindow.startMinute'],
    why: 'The window begins with the hour.',
    source: `${AZURE}/concepts-maintenance`,
    values: [0],
  },
  {
    fields: ['FlexibleServer.spec.network.publicNetworkAccess'],
    why: 'The server has an address of its subnet, and no public one.',
    source: `${AZURE}/concepts-networking-private`,
    values: ['Disabled'],
  },
  {
    fields: ['FlexibleServer.spec.authConfig.{activeDirectoryAuth,tenantId}'],
    why: 'Identities of your tenant log in, without a password.',
    source: 'https://learn.microsoft.com/azure/postgresql/security/security-entra-concepts',
  },
  {
    fields: ['FlexibleServer.spec.authConfig.passwordAuth'],
    why: 'Nobody logs in by a password, so there is none to keep.',
    source: 'https://learn.microsoft.com/azure/postgresql/security/security-entra-concepts',
    values: ['Disabled'],
  },
  {
    fields: ['FlexibleServersConfiguration.spec.{azureName,owner.name,source,value}'],
    why: 'The server takes connections by TLS alone. It is the default of Azure, which the claim holds.',
    source: 'https://learn.microsoft.com/azure/postgresql/flexible-server/security-tls',
  },
];
