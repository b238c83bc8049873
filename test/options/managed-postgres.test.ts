import { Duration } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import {
  AckPostgres,
  AzureServiceOperatorPostgres,
  ConfigConnectorPostgres,
  ManagedPostgres,
  ManagedPostgresProps,
  Weekday,
} from 'cdk8s-django/postgres';
import { identityCommands } from '../../src/platform/identity-commands';
import { ACK_SERVER, AZURE_SERVER, CONNECTOR_SERVER } from '../support/managed-servers';
import { chartOn, findAll } from '../support/synth';

/** The distributions that have an operator for servers of a cloud. The others refuse the construct. */
const CLOUDS: Record<string, IDistribution> = {
  eks: Distribution.eks({
    managedPostgres: new AckPostgres({ servers: { polls: ACK_SERVER, votes: ACK_SERVER } }),
  }),
  gke: Distribution.gke({
    managedPostgres: new ConfigConnectorPostgres({
      servers: { polls: CONNECTOR_SERVER, votes: CONNECTOR_SERVER },
    }),
  }),
  aks: Distribution.aks({
    managedPostgres: new AzureServiceOperatorPostgres({
      servers: { polls: AZURE_SERVER, votes: AZURE_SERVER },
    }),
  }),
};

/** What carries an option in the spec of a kind, and what it is there. */
interface Place {
  readonly kind: string;
  readonly where: (spec: any, name: string, commands?: string) => unknown;
  readonly expected: unknown;
}

/** An option, and its place on each cloud. */
interface Row {
  readonly given: Partial<ManagedPostgresProps>;
  readonly places: Record<string, Place>;
}

const rds = (where: Place['where'], expected: unknown): Place => ({ kind: 'DBInstance', where, expected });
const cloudSql = (where: Place['where'], expected: unknown, kind = 'SQLInstance'): Place => ({
  kind,
  where,
  expected,
});

const azure = (where: Place['where'], expected: unknown, kind = 'FlexibleServer'): Place => ({
  kind,
  where,
  expected,
});

/** A row for each option: the compiler refuses a table that leaves one out. */
const TABLE: { [Property in keyof Required<ManagedPostgresProps>]: Row } = {
  name: {
    given: { name: 'votes' },
    places: {
      eks: rds((spec) => spec.dbInstanceIdentifier, 'votes'),
      gke: cloudSql((_spec, name) => name, 'votes'),
      aks: azure((spec) => spec.azureName, 'votes'),
    },
  },
  version: {
    given: { version: 16 },
    places: {
      eks: rds((spec) => spec.engineVersion, '16'),
      gke: cloudSql((spec) => spec.databaseVersion, 'POSTGRES_16'),
      aks: azure((spec) => spec.version, '16'),
    },
  },
  storage: {
    given: { storage: '256Gi' },
    places: {
      eks: rds((spec) => spec.allocatedStorage, 256),
      gke: cloudSql((spec) => spec.settings.diskSize, 256),
      aks: azure((spec) => spec.storage.storageSizeGB, 256),
    },
  },
  database: {
    given: { database: 'votes' },
    places: {
      eks: rds((spec) => spec.dbName, 'votes'),
      gke: cloudSql((spec) => spec.resourceID, 'votes', 'SQLDatabase'),
      aks: azure((spec) => spec.azureName, 'votes', 'FlexibleServersDatabase'),
    },
  },
  pointInTimeRecovery: {
    given: { pointInTimeRecovery: Duration.days(14) },
    places: {
      eks: rds((spec) => spec.backupRetentionPeriod, 14),
      gke: cloudSql((spec) => spec.settings.backupConfiguration.transactionLogRetentionDays, 14),
      aks: azure((spec) => spec.backup.backupRetentionDays, 14),
    },
  },
  maintenanceWindow: {
    given: { maintenanceWindow: { day: Weekday.SUNDAY, hour: 3 } },
    places: {
      eks: rds((spec) => spec.preferredMaintenanceWindow, 'sun:03:00-sun:04:00'),
      gke: cloudSql((spec) => spec.settings.maintenanceWindow, { day: 7, hour: 3 }),
      aks: azure((spec) => spec.maintenanceWindow?.startHour, 3),
    },
  },
  deletionProtection: {
    given: { deletionProtection: false },
    places: {
      eks: rds((spec) => spec.deletionProtection, false),
      gke: cloudSql((spec) => spec.settings.deletionProtectionEnabled, false),
      aks: azure((_spec, _name, commands) => commands, undefined),
    },
  },
  highAvailability: {
    given: { highAvailability: false },
    places: {
      eks: rds((spec) => spec.multiAZ, false),
      gke: cloudSql((spec) => spec.settings.availabilityType, 'ZONAL'),
      aks: azure((spec) => spec.highAvailability.mode, 'Disabled'),
    },
  },
};

const cases = Object.entries(TABLE).flatMap(([property, { given, places }]) =>
  Object.keys(CLOUDS).map((cloud) => ({ property, cloud, given, ...places[cloud] })),
);

test.each(cases)('$property on $cloud', ({ cloud, given, kind, where, expected }) => {
  const found = (changes: Partial<ManagedPostgresProps>) => {
    const props = { name: 'polls', version: 17, storage: '128Gi', ...changes };
    const chart = chartOn(CLOUDS[cloud]);
    new ManagedPostgres(chart, 'Server', props);
    const [{ spec, metadata }] = findAll(chart.toJson(), kind);
    return where(spec, metadata.name, identityCommands(chart));
  };
  expect(found(given)).toEqual(expected);
  expect(found({})).not.toEqual(expected);
});
