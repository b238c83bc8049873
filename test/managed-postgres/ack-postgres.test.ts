import { Chart, Duration } from 'cdk8s';
import { Distribution, IDistribution, SslMode } from 'cdk8s-django';
import {
  AckPostgres,
  AckPostgresServer,
  ManagedPostgres,
  ManagedPostgresProps,
  RdsPostgres,
  Weekday,
} from 'cdk8s-django/postgres';
import fc from 'fast-check';
import { chartOn, errorOf, find, postgres, synth } from '../support/synth';

const SUBNETS = ['subnet-0a1b2c3d4e5f60718', 'subnet-18f6e5d4c3b2a1900'];
const SERVER: AckPostgresServer = {
  instanceClass: 'db.m7g.large',
  securityGroupIds: ['sg-0123456789abcdef0'],
  subnetIds: SUBNETS,
};
const eks = (changes: Partial<AckPostgresServer> = {}): IDistribution =>
  Distribution.eks({ managedPostgres: new AckPostgres({ servers: { polls: { ...SERVER, ...changes } } }) });

const claim = (chart: Chart, changes: Partial<ManagedPostgresProps> = {}) =>
  new ManagedPostgres(chart, 'Server', { name: 'polls', version: 17, storage: '100Gi', ...changes });
const manifests = (changes: Partial<ManagedPostgresProps> = {}, server: Partial<AckPostgresServer> = {}) =>
  synth((chart) => claim(chart, changes), eks(server));
const specOf = (changes: Partial<ManagedPostgresProps> = {}, server: Partial<AckPostgresServer> = {}) =>
  find(manifests(changes, server), 'DBInstance', 'polls').spec;

describe('a server of RDS that ACK makes', () => {
  it('is safe with nothing but its size', () => {
    expect(specOf()).toEqual({
      dbInstanceIdentifier: 'polls',
      dbInstanceClass: 'db.m7g.large',
      engine: 'postgres',
      engineVersion: '17',
      dbName: 'django',
      allocatedStorage: 100,
      storageEncrypted: true,
      masterUsername: 'postgres',
      manageMasterUserPassword: true,
      enableIAMDatabaseAuthentication: true,
      backupRetentionPeriod: 7,
      deletionProtection: true,
      multiAZ: true,
      publiclyAccessible: false,
      vpcSecurityGroupIDs: ['sg-0123456789abcdef0'],
      dbSubnetGroupRef: { from: { name: 'polls' } },
    });
  });

  it('outlives its claims', () => {
    const all = manifests();
    expect(all.map(({ kind }) => kind)).toEqual(['DBInstance', 'DBSubnetGroup']);
    for (const { metadata } of all) {
      expect(metadata).toEqual({
        name: 'polls',
        namespace: 'polls',
        annotations: { 'services.k8s.aws/deletion-policy': 'retain' },
        labels: {
          'app.kubernetes.io/name': 'postgresql',
          'app.kubernetes.io/instance': 'polls',
          'app.kubernetes.io/component': 'managed-database',
          'app.kubernetes.io/managed-by': 'cdk8s-django',
        },
      });
    }
  });

  it('is in the subnets of its group', () => {
    expect(find(manifests(), 'DBSubnetGroup', 'polls').spec).toEqual({
      name: 'polls',
      description: 'Subnets of the database server polls',
      subnetIDs: SUBNETS,
    });
    const group = { subnetIds: undefined, subnetGroupName: 'databases' };
    expect(manifests({}, group).map(({ kind }) => kind)).toEqual(['DBInstance']);
    expect(specOf({}, group)).toMatchObject({ dbSubnetGroupName: 'databases' });
    expect(specOf({}, group)).not.toHaveProperty('dbSubnetGroupRef');
  });

  it('has no Secret, and no password in a manifest', () => {
    expect(manifests().filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(JSON.stringify(manifests())).not.toContain('asterUserPassword":{');
  });

  it.each([
    [Weekday.MONDAY, 0, 'mon:00:00-mon:01:00'],
    [Weekday.SUNDAY, 3, 'sun:03:00-sun:04:00'],
    [Weekday.SUNDAY, 23, 'sun:23:00-mon:00:00'],
  ])('may be maintained on %s at %i', (day, hour, window) => {
    expect(specOf({ maintenanceWindow: { day, hour } }).preferredMaintenanceWindow).toBe(window);
  });

  it('has a window of an hour at each hour of the week', () => {
    const days = Object.values(Weekday);
    const minutes = (text: string) => {
      const [day, hours, rest] = text.split(':');
      return (
        days.findIndex((one) => one.toLowerCase().startsWith(day)) * 1440 + Number(hours) * 60 + Number(rest)
      );
    };
    fc.assert(
      fc.property(fc.constantFrom(...days), fc.integer({ min: 0, max: 23 }), (day, hour) => {
        const window: string = specOf({ maintenanceWindow: { day, hour } }).preferredMaintenanceWindow;
        expect(window).toMatch(/^[a-z]{3}:\d\d:00-[a-z]{3}:\d\d:00$/);
        const [start, end] = window.split('-').map(minutes);
        expect((end - start + 7 * 1440) % (7 * 1440)).toBe(60);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the days that are asked for, within the bounds of RDS', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), (days) => {
        const given = { pointInTimeRecovery: Duration.days(days) };
        if (days >= 1 && days <= 35) return expect(specOf(given).backupRetentionPeriod).toBe(days);
        return expect(errorOf((chart) => claim(chart, given), eks())).toContain('from 1 to 35');
      }),
      { numRuns: 50 },
    );
  });

  it('is known to the construct, which others can change', () => {
    const made = claim(chartOn(eks()));
    expect(made.resources.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'DBInstance polls',
      'DBSubnetGroup polls',
    ]);
  });

  it('is used by a PostgresBackend beside it, by its host and an identity', () => {
    const host = 'polls.abcdefghijkl.eu-west-1.rds.amazonaws.com';
    const distribution = Distribution.eks({
      region: 'eu-west-1',
      roleArns: { polls: 'arn:aws:iam::111122223333:role/polls' },
      managedPostgres: new AckPostgres({ servers: { polls: SERVER } }),
      postgres: new RdsPostgres({
        servers: { polls: { host, identityUser: 'polls' } },
        certificatePath: '/certificates/rds.pem',
      }),
    });
    const chart = chartOn(distribution);
    const [server] = claim(chart, { database: 'polls' }).resources;
    const connection = postgres(chart, { name: 'polls', database: 'polls' }).connection!;
    expect(connection).toMatchObject({ host, user: 'polls', sslMode: SslMode.VERIFY_FULL });
    expect(connection.password).toBeUndefined();
    expect(connection.database).toBe(server.toJson().spec.dbName);
  });
});
