import { Chart, Duration } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import {
  CloudSqlEdition,
  CloudSqlPostgres,
  ConfigConnectorPostgres,
  ConfigConnectorPostgresServer,
  ManagedPostgres,
  ManagedPostgresProps,
  Weekday,
} from 'cdk8s-django/postgres';
import fc from 'fast-check';
import { chartOn, errorOf, find, postgres, synth } from '../support/synth';

/** A tier of each edition. */
const TIERS = {
  [CloudSqlEdition.ENTERPRISE]: 'db-custom-2-7680',
  [CloudSqlEdition.ENTERPRISE_PLUS]: 'db-perf-optimized-N-2',
};
const SERVER: ConfigConnectorPostgresServer = {
  projectId: 'acme',
  region: 'europe-west1',
  tier: 'db-custom-2-7680',
  network: 'projects/acme/global/networks/production',
  iamUser: 'polls@acme.iam',
};
const gke = (changes: Partial<ConfigConnectorPostgresServer> = {}): IDistribution =>
  Distribution.gke({
    managedPostgres: new ConfigConnectorPostgres({ servers: { polls: { ...SERVER, ...changes } } }),
  });

const claim = (chart: Chart, changes: Partial<ManagedPostgresProps> = {}) =>
  new ManagedPostgres(chart, 'Server', { name: 'polls', version: 17, storage: '100Gi', ...changes });
const manifests = (
  changes: Partial<ManagedPostgresProps> = {},
  server: Partial<ConfigConnectorPostgresServer> = {},
) => synth((chart) => claim(chart, changes), gke(server));
const specOf = (
  changes: Partial<ManagedPostgresProps> = {},
  server: Partial<ConfigConnectorPostgresServer> = {},
) => find(manifests(changes, server), 'SQLInstance', 'polls').spec;

describe('a server of Cloud SQL that Config Connector makes', () => {
  it('is safe with nothing but its size', () => {
    expect(specOf()).toEqual({
      databaseVersion: 'POSTGRES_17',
      region: 'europe-west1',
      settings: {
        tier: 'db-custom-2-7680',
        edition: 'ENTERPRISE',
        availabilityType: 'REGIONAL',
        diskSize: 100,
        diskAutoresize: false,
        deletionProtectionEnabled: true,
        backupConfiguration: {
          enabled: true,
          pointInTimeRecoveryEnabled: true,
          transactionLogRetentionDays: 7,
          backupRetentionSettings: { retainedBackups: 8 },
        },
        databaseFlags: [{ name: 'cloudsql.iam_authentication', value: 'on' }],
        ipConfiguration: {
          ipv4Enabled: false,
          privateNetworkRef: { external: 'projects/acme/global/networks/production' },
          sslMode: 'ENCRYPTED_ONLY',
        },
      },
    });
  });

  it('has a database, and a user who logs in without a password', () => {
    expect(find(manifests(), 'SQLDatabase', 'polls-database').spec).toEqual({
      resourceID: 'django',
      instanceRef: { name: 'polls' },
    });
    expect(find(manifests(), 'SQLUser', 'polls-user').spec).toEqual({
      resourceID: 'polls@acme.iam',
      type: 'CLOUD_IAM_SERVICE_ACCOUNT',
      instanceRef: { name: 'polls' },
    });
    expect(manifests({}, { iamUser: undefined }).map(({ kind }) => kind)).toEqual([
      'SQLInstance',
      'SQLDatabase',
    ]);
    expect(JSON.stringify(manifests())).not.toMatch(/password/i);
  });

  it('outlives its claims, in its project', () => {
    expect(manifests()).toHaveLength(3);
    for (const { metadata } of manifests()) {
      expect(metadata.annotations).toEqual({
        'cnrm.cloud.google.com/deletion-policy': 'abandon',
        'cnrm.cloud.google.com/project-id': 'acme',
      });
    }
  });

  it.each([
    [Weekday.MONDAY, 1],
    [Weekday.SATURDAY, 6],
    [Weekday.SUNDAY, 7],
  ])('counts the days of a window from Monday: %s is %i', (day, number) => {
    expect(specOf({ maintenanceWindow: { day, hour: 0 } }).settings.maintenanceWindow).toEqual({
      day: number,
      hour: 0,
    });
  });

  it('keeps the days that are asked for, within the bounds of the edition', () => {
    const most = { [CloudSqlEdition.ENTERPRISE]: 7, [CloudSqlEdition.ENTERPRISE_PLUS]: 35 };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(...Object.values(CloudSqlEdition)),
        (days, edition) => {
          const given = { pointInTimeRecovery: Duration.days(days) };
          if (days >= 1 && days <= most[edition]) {
            const { backupConfiguration } = specOf(given, { edition, tier: TIERS[edition] }).settings;
            expect(backupConfiguration.transactionLogRetentionDays).toBe(days);
            expect(backupConfiguration.backupRetentionSettings.retainedBackups).toBeGreaterThan(days);
          } else {
            expect(errorOf((chart) => claim(chart, given), gke({ edition, tier: TIERS[edition] }))).toContain(
              `from 1 to ${most[edition]}`,
            );
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  it.each([
    [undefined, 'db-custom-1-3840'],
    [CloudSqlEdition.ENTERPRISE, 'db-f1-micro'],
    [CloudSqlEdition.ENTERPRISE, 'db-g1-small'],
    [CloudSqlEdition.ENTERPRISE_PLUS, 'db-perf-optimized-N-128'],
  ])('in the edition %s may have the tier %s', (edition, tier) => {
    expect(specOf({}, { edition, tier }).settings).toMatchObject({ edition: edition ?? 'ENTERPRISE', tier });
  });

  it('is used by a PostgresBackend beside it, by its connection name and its user', () => {
    const { projectId, region, iamUser } = SERVER;
    const distribution = Distribution.gke({
      projectId,
      googleServiceAccounts: { polls: `${iamUser}.gserviceaccount.com` },
      managedPostgres: new ConfigConnectorPostgres({ servers: { polls: SERVER } }),
      postgres: new CloudSqlPostgres({
        instances: { polls: { connectionName: `${projectId}:${region}:polls`, iamUser } },
      }),
    });
    const chart = chartOn(distribution);
    const [, database] = claim(chart, { database: 'polls' }).resources;
    const connection = postgres(chart, { name: 'polls', database: 'polls' }).connection!;
    expect(connection).toMatchObject({ user: iamUser, database: database.toJson().spec.resourceID });
    expect(connection.password).toBeUndefined();
  });
});
