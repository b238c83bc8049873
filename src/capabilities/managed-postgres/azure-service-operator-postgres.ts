import { Construct } from 'constructs';
import {
  FlexibleServer,
  FlexibleServersAdministrator,
  FlexibleServersAdministratorSpecPrincipalType as PrincipalType,
  FlexibleServersConfiguration,
  FlexibleServersDatabase,
  FlexibleServerSpec,
  FlexibleServerSpecAuthConfigActiveDirectoryAuth as EntraLogin,
  FlexibleServerSpecAuthConfigPasswordAuth as PasswordLogin,
  FlexibleServerSpecHighAvailabilityMode as Standby,
  FlexibleServerSpecNetworkPublicNetworkAccess as PublicAccess,
  FlexibleServerSpecSkuTier as Tier,
  FlexibleServerSpecVersion as Version,
} from '../../../imports/dbforpostgresql.azure.com';
import { ONE_LINE } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { IResource, Resource } from '../../kubernetes/resource';
import { addIdentityCommands } from '../../platform/identity-commands';
import {
  IManagedPostgres,
  MaintenanceWindow,
  ManagedPostgresRequest,
  Weekday,
} from '../../platform/managed-postgres';
import { checkForm, checkHyphens, checkOffer, serverFacts } from './checks';

/** What a principal of Microsoft Entra ID is. */
export enum EntraPrincipalType {
  /** It is a group, whose members log in by its name. */
  GROUP = 'Group',

  /** It is a service principal, such as a managed identity. */
  SERVICE_PRINCIPAL = 'ServicePrincipal',

  /** It is a person. */
  USER = 'User',
}

/** Who administers a server: a principal of Microsoft Entra ID. */
export interface EntraAdministrator {
  /** Its object ID, which for a managed identity is not its client ID. */
  readonly objectId: string;

  /** Its name, which it logs in by. */
  readonly name: string;

  /** What it is. */
  readonly type: EntraPrincipalType;
}

/** The facts of a server that Azure Service Operator makes on Azure Database for PostgreSQL. */
export interface AzureServiceOperatorPostgresServer {
  /** The ID of the resource group: `/subscriptions/SUBSCRIPTION/resourceGroups/acme`. */
  readonly resourceGroupId: string;

  /** The region, such as `westeurope`. */
  readonly location: string;

  /** CPU and memory, such as `Standard_D2ds_v5`. Sizes that begin with `Standard_B` have no standby. */
  readonly sku: string;

  /** The ID of a subnet that is delegated to `Microsoft.DBforPostgreSQL/flexibleServers`. */
  readonly subnetId: string;

  /** The ID of a private DNS zone that is linked to the network. Its name ends with `.postgres.database.azure.com`. */
  readonly privateDnsZoneId: string;

  /** The ID of the tenant whose principals log in. */
  readonly tenantId: string;

  /** Who administers it. No other login exists until the administrator makes one. */
  readonly administrator: EntraAdministrator;
}

/** Servers of Azure Database for PostgreSQL that Azure Service Operator makes. */
export interface AzureServiceOperatorPostgresProps {
  /** The facts of the servers, by the name of the ManagedPostgres. */
  readonly servers: { [name: string]: AzureServiceOperatorPostgresServer };
}

/** The values of the operator's definition, at its version 2025-08-01. */
const VERSIONS = { oldest: 11, newest: 18 };
/** https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-backup-restore */
const RECOVERY_DAYS = { atLeast: 7, atMost: 35 };
/** GiB of premium disks, https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage */
const STORAGE = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_767];
const TIERS: Record<string, Tier> = {
  B: Tier.BURSTABLE,
  D: Tier.GENERAL_PURPOSE,
  E: Tier.MEMORY_OPTIMIZED,
};
const GUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const GROUP = `/subscriptions/${GUID}/resourceGroups/[\\w.()-]+`;
const ID = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/acme`;
const FORMS = {
  resourceGroupId: { form: new RegExp(`^${GROUP}$`), what: 'the ID of a resource group', example: ID },
  location: { form: /^[a-z]+\d*$/, what: 'a region of Azure', example: 'westeurope' },
  sku: {
    form: /^Standard_[BDE]\w+$/,
    what: 'a size of Azure Database for PostgreSQL',
    example: 'Standard_D2ds_v5',
  },
  subnetId: {
    form: new RegExp(`^${GROUP}/providers/Microsoft\\.Network/virtualNetworks/[\\w.-]+/subnets/[\\w.-]+$`),
    what: 'the ID of a subnet',
    example: `${ID}/providers/Microsoft.Network/virtualNetworks/production/subnets/postgres`,
  },
  privateDnsZoneId: {
    form: new RegExp(
      `^${GROUP}/providers/Microsoft\\.Network/privateDnsZones/(?:[\\w-]+\\.)+postgres\\.database\\.azure\\.com$`,
    ),
    what: 'the ID of a private DNS zone whose name ends with ".postgres.database.azure.com"',
    example: `${ID}/providers/Microsoft.Network/privateDnsZones/acme.postgres.database.azure.com`,
  },
  tenantId: {
    form: new RegExp(`^${GUID}$`),
    what: 'the ID of a tenant',
    example: '00000000-0000-0000-0000-000000000000',
  },
} as const;

/**
 * Servers of Azure Database for PostgreSQL, flexible server, by Azure Service Operator with the version 2025-08-01 of
 * its API: a FlexibleServer for each, a FlexibleServersDatabase, a FlexibleServersConfiguration that demands TLS, and a
 * FlexibleServersAdministrator. Logins by password are off.
 *
 * Azure has no field that protects a server from deletion. `identity.txt` has the command for a lock, unless
 * `deletionProtection` is false.
 *
 * Throws when:
 * - it does not know a server of the name;
 * - Azure does not take the name, the version, the storage or the days of recovery;
 * - a standby is asked for of a size that has none;
 * - an ID, a region, a size or a name does not have the form of one.
 *
 * @see https://azure.github.io/azure-service-operator/reference/dbforpostgresql/
 * @see https://azure.github.io/azure-service-operator/guide/annotations/
 * @example
 * const group = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/acme';
 * Distribution.aks({
 *   managedPostgres: new AzureServiceOperatorPostgres({
 *     servers: {
 *       polls: {
 *         resourceGroupId: group,
 *         location: 'westeurope',
 *         sku: 'Standard_D2ds_v5',
 *         subnetId: `${group}/providers/Microsoft.Network/virtualNetworks/production/subnets/postgres`,
 *         privateDnsZoneId: `${group}/providers/Microsoft.Network/privateDnsZones/acme.postgres.database.azure.com`,
 *         tenantId: '11111111-1111-1111-1111-111111111111',
 *         administrator: {
 *           objectId: '22222222-2222-2222-2222-222222222222',
 *           name: 'database-administrators',
 *           type: EntraPrincipalType.GROUP,
 *         },
 *       },
 *     },
 *   }),
 * });
 */
export class AzureServiceOperatorPostgres implements IManagedPostgres {
  constructor(private readonly props: AzureServiceOperatorPostgresProps) {}

  claim(scope: Construct, request: ManagedPostgresRequest): IResource[] {
    const { fact, property } = serverFacts(scope, request, this.props.servers);
    const { name, labels, database, deletionProtection } = request;
    checkFacts(scope, property, fact);
    const { administrator, tenantId } = fact;
    const metadataOf = (suffix = '') => ({
      name: `${name}${suffix}`,
      labels,
      annotations: { 'serviceoperator.azure.com/reconcile-policy': 'detach-on-delete' },
    });
    const owner = { name };
    const spec = serverOf(scope, request, fact);
    if (deletionProtection) addIdentityCommands(scope, ...lockOf(name, fact));
    return [
      new Resource(scope, 'FlexibleServer', FlexibleServer.manifest({ metadata: metadataOf(), spec })),
      new Resource(
        scope,
        'FlexibleServersDatabase',
        FlexibleServersDatabase.manifest({
          metadata: metadataOf('-database'),
          spec: { azureName: database, owner },
        }),
      ),
      new Resource(
        scope,
        'FlexibleServersConfiguration',
        FlexibleServersConfiguration.manifest({
          metadata: metadataOf('-tls'),
          spec: { azureName: 'require_secure_transport', owner, source: 'user-override', value: 'on' },
        }),
      ),
      new Resource(
        scope,
        'FlexibleServersAdministrator',
        FlexibleServersAdministrator.manifest({
          metadata: metadataOf('-administrator'),
          spec: {
            azureName: administrator.objectId,
            owner,
            principalName: administrator.name,
            principalType: PRINCIPALS[administrator.type],
            tenantId,
          },
        }),
      ),
    ];
  }
}

const PRINCIPALS: Record<EntraPrincipalType, PrincipalType> = {
  [EntraPrincipalType.GROUP]: PrincipalType.GROUP,
  [EntraPrincipalType.SERVICE_PRINCIPAL]: PrincipalType.SERVICE_PRINCIPAL,
  [EntraPrincipalType.USER]: PrincipalType.USER,
};

function serverOf(
  scope: Construct,
  request: ManagedPostgresRequest,
  server: AzureServiceOperatorPostgresServer,
): FlexibleServerSpec {
  const { name, version, storageGibibytes, highAvailability, maintenanceWindow } = request;
  const offer = { cloud: 'Azure', versions: VERSIONS, recoveryDays: RECOVERY_DAYS };
  const backupRetentionDays = checkOffer(scope, request, offer);
  const tier = TIERS[server.sku.charAt('Standard_'.length)];
  checkName(scope, name);
  checkStorage(scope, storageGibibytes);
  if (highAvailability && tier === Tier.BURSTABLE) refuseStandby(scope, server.sku);
  return {
    azureName: name,
    owner: { armId: server.resourceGroupId },
    location: server.location,
    version: `${version}` as Version,
    sku: { name: server.sku, tier },
    storage: { storageSizeGb: storageGibibytes },
    backup: { backupRetentionDays },
    highAvailability: { mode: highAvailability ? Standby.ZONE_REDUNDANT : Standby.DISABLED },
    maintenanceWindow: maintenanceWindow && windowOf(maintenanceWindow),
    network: {
      delegatedSubnetResourceReference: { armId: server.subnetId },
      privateDnsZoneArmResourceReference: { armId: server.privateDnsZoneId },
      publicNetworkAccess: PublicAccess.DISABLED,
    },
    authConfig: {
      activeDirectoryAuth: EntraLogin.ENABLED,
      passwordAuth: PasswordLogin.DISABLED,
      tenantId: server.tenantId,
    },
  };
}

/** Days are counted from Sunday, which is 0. */
function windowOf({ day, hour }: MaintenanceWindow): FlexibleServerSpec['maintenanceWindow'] {
  const days = Object.values(Weekday);
  return {
    customWindow: 'Enabled',
    dayOfWeek: (days.indexOf(day) + 1) % days.length,
    startHour: hour,
    startMinute: 0,
  };
}

/** The command for a lock, https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
function lockOf(name: string, { resourceGroupId }: AzureServiceOperatorPostgresServer): [string, string[]] {
  const server = `${resourceGroupId}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
  return [
    `The database server ${name}, which Azure then refuses to delete`,
    ['az lock create --name keep --lock-type CanNotDelete \\', `  --resource "${server}"`],
  ];
}

function checkName(scope: Construct, name: string): void {
  checkHyphens(scope, name, 'Azure');
  if (name.length >= 3) return;
  Problems.report(scope, {
    property: 'name',
    value: name,
    reason: 'is shorter than the names that Azure takes',
    remedy: 'Use at least 3 characters',
  });
}

function checkStorage(scope: Construct, gibibytes: number): void {
  if (STORAGE.includes(gibibytes)) return;
  Problems.report(scope, {
    property: 'storage',
    value: `${gibibytes}Gi`,
    reason: 'is not a size that a premium disk of Azure has',
    remedy: `Give one of ${STORAGE.map((one) => `${one}Gi`).join(', ')}`,
  });
}

/** https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-high-availability */
function refuseStandby(scope: Construct, sku: string): void {
  Problems.report(scope, {
    property: 'highAvailability',
    value: true,
    reason: `is not to be had with the size "${sku}", which is burstable`,
    remedy: 'Give highAvailability: false, or a size that begins with "Standard_D" or "Standard_E"',
  });
}

function checkFacts(scope: Construct, property: string, server: AzureServiceOperatorPostgresServer): void {
  for (const [name, form] of Object.entries(FORMS)) {
    checkForm(scope, `${property}.${name}`, server[name as keyof typeof FORMS], form);
  }
  const { objectId, name, type } = server.administrator;
  checkForm(scope, `${property}.administrator.objectId`, objectId, {
    form: FORMS.tenantId.form,
    what: 'the object ID of a principal',
    example: FORMS.tenantId.example,
  });
  // Names of people are addresses, and those of groups may have blanks.
  checkForm(scope, `${property}.administrator.name`, name, {
    form: ONE_LINE,
    what: 'the name of a principal',
    example: 'database-administrators',
  });
  checkForm(scope, `${property}.administrator.type`, type, {
    form: new RegExp(`^(?:${Object.values(EntraPrincipalType).join('|')})$`),
    what: 'a type of a principal',
    example: EntraPrincipalType.SERVICE_PRINCIPAL,
  });
}
