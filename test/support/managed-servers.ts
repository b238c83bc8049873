import {
  AckPostgresServer,
  AzureServiceOperatorPostgresServer,
  CloudSqlEdition,
  ConfigConnectorPostgresServer,
  EntraPrincipalType,
} from 'cdk8s-django/postgres';

/* The facts of a server on each cloud, as a distribution has them for its operator. */

export const GUID = '00000000-0000-0000-0000-000000000000';
export const AZURE_GROUP = `/subscriptions/${GUID}/resourceGroups/acme`;
const NETWORKS = `${AZURE_GROUP}/providers/Microsoft.Network`;

export const ACK_SERVER: AckPostgresServer = {
  instanceClass: 'db.m7g.large',
  securityGroupIds: ['sg-0123456789abcdef0'],
  subnetGroupName: 'databases',
};

export const CONNECTOR_SERVER: ConfigConnectorPostgresServer = {
  projectId: 'acme',
  region: 'europe-west1',
  tier: 'db-perf-optimized-N-2',
  edition: CloudSqlEdition.ENTERPRISE_PLUS,
  network: 'projects/acme/global/networks/production',
};

export const AZURE_SERVER: Required<AzureServiceOperatorPostgresServer> = {
  resourceGroupId: AZURE_GROUP,
  location: 'westeurope',
  sku: 'Standard_D2ds_v5',
  subnetId: `${NETWORKS}/virtualNetworks/production/subnets/postgres`,
  privateDnsZoneId: `${NETWORKS}/privateDnsZones/acme.postgres.database.azure.com`,
  tenantId: GUID,
  administrator: { objectId: GUID, name: 'administrators', type: EntraPrincipalType.GROUP },
};
