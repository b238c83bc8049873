import { Chart, Duration } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import {
  AzurePostgres,
  AzureServiceOperatorPostgres,
  AzureServiceOperatorPostgresServer,
  ManagedPostgres,
  ManagedPostgresProps,
  Weekday,
} from 'cdk8s-django/postgres';
import fc from 'fast-check';
import { identityCommandsOf } from '../../src/platform/identity-commands';
import { AZURE_GROUP, AZURE_SERVER } from '../support/managed-servers';
import { chartOn, errorOf, find, postgres, synth } from '../support/synth';

const TENANT = '11111111-1111-1111-1111-111111111111';
const OBJECT = '22222222-2222-2222-2222-222222222222';
const SERVER: AzureServiceOperatorPostgresServer = {
  ...AZURE_SERVER,
  tenantId: TENANT,
  administrator: { ...AZURE_SERVER.administrator, objectId: OBJECT },
};
const aks = (changes: Partial<AzureServiceOperatorPostgresServer> = {}): IDistribution =>
  Distribution.aks({
    managedPostgres: new AzureServiceOperatorPostgres({ servers: { polls: { ...SERVER, ...changes } } }),
  });

const claim = (chart: Chart, changes: Partial<ManagedPostgresProps> = {}) =>
  new ManagedPostgres(chart, 'Server', { name: 'polls', version: 17, storage: '128Gi', ...changes });
const manifests = (
  changes: Partial<ManagedPostgresProps> = {},
  server: Partial<AzureServiceOperatorPostgresServer> = {},
) => synth((chart) => claim(chart, changes), aks(server));
const specOf = (
  changes: Partial<ManagedPostgresProps> = {},
  server: Partial<AzureServiceOperatorPostgresServer> = {},
) => find(manifests(changes, server), 'FlexibleServer', 'polls').spec;

describe('a server of Azure that Azure Service Operator makes', () => {
  it('is safe with nothing but its size', () => {
    expect(specOf()).toEqual({
      azureName: 'polls',
      owner: { armId: AZURE_GROUP },
      location: 'westeurope',
      version: '17',
      sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
      storage: { storageSizeGB: 128 },
      backup: { backupRetentionDays: 7 },
      highAvailability: { mode: 'ZoneRedundant' },
      network: {
        delegatedSubnetResourceReference: { armId: SERVER.subnetId },
        privateDnsZoneArmResourceReference: { armId: SERVER.privateDnsZoneId },
        publicNetworkAccess: 'Disabled',
      },
      authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled', tenantId: TENANT },
    });
  });

  it('has a database, demands TLS, and has an administrator without a password', () => {
    const all = manifests();
    const owner = { name: 'polls' };
    expect(find(all, 'FlexibleServersDatabase', 'polls-database').spec).toEqual({
      azureName: 'django',
      owner,
    });
    expect(find(all, 'FlexibleServersConfiguration', 'polls-tls').spec).toEqual({
      azureName: 'require_secure_transport',
      owner,
      source: 'user-override',
      value: 'on',
    });
    expect(find(all, 'FlexibleServersAdministrator', 'polls-administrator').spec).toEqual({
      azureName: OBJECT,
      owner,
      principalName: 'administrators',
      principalType: 'Group',
      tenantId: TENANT,
    });
    expect(all).toHaveLength(4);
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  it('outlives its claims', () => {
    for (const { metadata } of manifests()) {
      expect(metadata.annotations).toEqual({
        'serviceoperator.azure.com/reconcile-policy': 'detach-on-delete',
      });
    }
  });

  it('is locked by a command, unless its protection is off', () => {
    const commands = (deletionProtection: boolean) => {
      const chart = chartOn(aks());
      claim(chart, { deletionProtection });
      return identityCommandsOf(chart);
    };
    expect(commands(false)).toEqual([]);
    expect(commands(true)).toEqual([
      {
        title: 'The database server polls, which Azure then refuses to delete',
        commands: [
          'az lock create --name keep --lock-type CanNotDelete \\',
          `  --resource "${AZURE_GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/polls"`,
        ],
      },
    ]);
  });

  it.each([
    [Weekday.SUNDAY, 0],
    [Weekday.MONDAY, 1],
    [Weekday.SATURDAY, 6],
  ])('counts the days of a window from Sunday: %s is %i', (day, dayOfWeek) => {
    expect(specOf({ maintenanceWindow: { day, hour: 23 } }).maintenanceWindow).toEqual({
      customWindow: 'Enabled',
      dayOfWeek,
      startHour: 23,
      startMinute: 0,
    });
  });

  it.each([
    ['Standard_D4ds_v5', 'GeneralPurpose'],
    ['Standard_E2ads_v5', 'MemoryOptimized'],
    ['Standard_B2s', 'Burstable'],
  ])('knows the tier of %s', (sku, tier) => {
    expect(specOf({ highAvailability: false }, { sku }).sku).toEqual({ name: sku, tier });
  });

  it('keeps the days that are asked for, within the bounds of Azure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), (days) => {
        const given = { pointInTimeRecovery: Duration.days(days) };
        if (days >= 7 && days <= 35) return expect(specOf(given).backup.backupRetentionDays).toBe(days);
        return expect(errorOf((chart) => claim(chart, given), aks())).toContain('from 7 to 35');
      }),
      { numRuns: 50 },
    );
  });

  it('is used by a PostgresBackend beside it, by its host and an identity', () => {
    const distribution = Distribution.aks({
      clientIds: { polls: OBJECT },
      managedPostgres: new AzureServiceOperatorPostgres({ servers: { polls: SERVER } }),
      postgres: new AzurePostgres({
        servers: { polls: { host: 'polls.postgres.database.azure.com', identityUser: 'polls' } },
        certificatePath: '/etc/ssl/certs/ca-certificates.crt',
      }),
    });
    const chart = chartOn(distribution);
    const [server] = claim(chart).resources;
    const connection = postgres(chart, { name: 'polls' }).connection!;
    expect(connection.host).toBe(`${server.toJson().spec.azureName}.postgres.database.azure.com`);
    expect(connection.password).toBeUndefined();
  });
});
