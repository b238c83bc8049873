import { Construct } from 'constructs';
import {
  SqlDatabase,
  SqlInstance,
  SqlInstanceSpecSettings as Settings,
  SqlUser,
} from '../../../imports/sql.cnrm.cloud.google.com';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkInteger } from '../../kubernetes/numbers';
import { IResource, Resource } from '../../kubernetes/resource';
import {
  IManagedPostgres,
  MaintenanceWindow,
  ManagedPostgresRequest,
  Weekday,
} from '../../platform/managed-postgres';
import { checkForm, checkOffer, serverFacts } from './checks';

/** An edition of Cloud SQL. */
export enum CloudSqlEdition {
  /** It keeps the log for 1 to 7 days. */
  ENTERPRISE = 'ENTERPRISE',

  /** It keeps the log for 1 to 35 days, and has its own sizes. */
  ENTERPRISE_PLUS = 'ENTERPRISE_PLUS',
}

/** The facts of a server that Config Connector makes on Cloud SQL. */
export interface ConfigConnectorPostgresServer {
  /** The project that the server is made in. */
  readonly projectId: string;

  /** The region, such as `europe-west1`. It cannot be changed. */
  readonly region: string;

  /**
   * CPU and memory. Enterprise has `db-custom-2-7680` with other numbers, `db-f1-micro` and `db-g1-small`. Enterprise
   * Plus has `db-perf-optimized-N-2` with another number. Tiers that need a Hyperdisk, of C4A and N4, are refused: the
   * claim has an SSD persistent disk.
   */
  readonly tier: string;

  /**
   * The edition.
   *
   * @default CloudSqlEdition.ENTERPRISE
   */
  readonly edition?: CloudSqlEdition;

  /**
   * The network that it gets a private address of, with private services access:
   * `projects/acme/global/networks/production`.
   */
  readonly network: string;

  /**
   * The IAM user that applications log in as: the e-mail address of their Google service account without
   * `.gserviceaccount.com`. A SQLUser is made of it.
   *
   * @default - the claims make no user
   */
  readonly iamUser?: string;
}

/** Servers of Cloud SQL that Config Connector makes. */
export interface ConfigConnectorPostgresProps {
  /** The facts of the servers, by the name of the ManagedPostgres. */
  readonly servers: { [name: string]: ConfigConnectorPostgresServer };
}

/** What both editions have, https://docs.cloud.google.com/sql/docs/postgres/instance-settings */
const VERSIONS = { oldest: 12, newest: 18 };
/** https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr */
const RECOVERY_DAYS: Record<CloudSqlEdition, { atLeast: number; atMost: number }> = {
  [CloudSqlEdition.ENTERPRISE]: { atLeast: 1, atMost: 7 },
  [CloudSqlEdition.ENTERPRISE_PLUS]: { atLeast: 1, atMost: 35 },
};
/**
 * The tiers for PostgreSQL on a persistent disk, which Config Connector asks for where a claim names none.
 *
 * @see https://docs.cloud.google.com/sql/docs/postgres/machine-series-overview
 */
const TIERS: Record<CloudSqlEdition, { form: RegExp; example: string }> = {
  [CloudSqlEdition.ENTERPRISE]: {
    form: /^db-(?:custom-\d+-\d+|f1-micro|g1-small)$/,
    example: 'db-custom-2-7680',
  },
  [CloudSqlEdition.ENTERPRISE_PLUS]: { form: /^db-perf-optimized-N-\d+$/, example: 'db-perf-optimized-N-2' },
};
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]+$/;
const REGION = /^[a-z]+(?:-[a-z]+)+\d+$/;
const NETWORK = /^projects\/[a-z0-9.:-]+\/global\/networks\/[a-z][a-z0-9-]*$/;
const IAM_USER = /^[a-z][a-z0-9-]+@[a-z0-9.-]+\.iam$/;

/**
 * Servers of Cloud SQL for PostgreSQL, by Config Connector: a SQLInstance for each, a SQLDatabase, and a SQLUser for
 * `iamUser`. IAM database authentication is on, and the server takes encrypted connections alone.
 *
 * Its connection name, which CloudSqlPostgres asks for, is `PROJECT:REGION:NAME`.
 *
 * Throws when:
 * - it does not know a server of the name;
 * - Cloud SQL does not take the version, the storage or the days of recovery;
 * - the edition is not one of Cloud SQL, or does not have the tier;
 * - a project, region, network or user does not have the form of one.
 *
 * @see https://cloud.google.com/config-connector/docs/reference/resource-docs/sql/sqlinstance
 * @see https://cloud.google.com/config-connector/docs/reference/annotations
 * @example
 * Distribution.gke({
 *   projectId: 'acme',
 *   managedPostgres: new ConfigConnectorPostgres({
 *     servers: {
 *       polls: {
 *         projectId: 'acme',
 *         region: 'europe-west1',
 *         tier: 'db-custom-2-7680',
 *         network: 'projects/acme/global/networks/production',
 *         iamUser: 'polls@acme.iam',
 *       },
 *     },
 *   }),
 * });
 */
export class ConfigConnectorPostgres implements IManagedPostgres {
  constructor(private readonly props: ConfigConnectorPostgresProps) {}

  claim(scope: Construct, request: ManagedPostgresRequest): IResource[] {
    const { fact, property } = serverFacts(scope, request, this.props.servers);
    const { name, labels, version, database } = request;
    const edition = checkEdition(scope, property, fact);
    checkFacts(scope, property, fact, edition);
    const annotations = {
      'cnrm.cloud.google.com/deletion-policy': 'abandon',
      'cnrm.cloud.google.com/project-id': fact.projectId,
    };
    const settings = settingsOf(scope, request, { ...fact, edition });
    const instanceRef = { name };
    const made = [
      new Resource(
        scope,
        'SQLInstance',
        SqlInstance.manifest({
          metadata: { name, labels, annotations },
          spec: { databaseVersion: `POSTGRES_${version}`, region: fact.region, settings },
        }),
      ),
      new Resource(
        scope,
        'SQLDatabase',
        SqlDatabase.manifest({
          metadata: { name: `${name}-database`, labels, annotations },
          spec: { resourceId: database, instanceRef },
        }),
      ),
    ];
    if (fact.iamUser === undefined) return made;
    const user = SqlUser.manifest({
      metadata: { name: `${name}-user`, labels, annotations },
      spec: { resourceId: fact.iamUser, type: 'CLOUD_IAM_SERVICE_ACCOUNT', instanceRef },
    });
    return [...made, new Resource(scope, 'SQLUser', user)];
  }
}

function settingsOf(
  scope: Construct,
  request: ManagedPostgresRequest,
  { tier, network, edition }: ConfigConnectorPostgresServer & { readonly edition: CloudSqlEdition },
): Settings {
  const { storageGibibytes, maintenanceWindow } = request;
  const recoveryDays = RECOVERY_DAYS[edition];
  const days = checkOffer(scope, request, { cloud: 'Cloud SQL', versions: VERSIONS, recoveryDays });
  // The smallest disk that its API takes. https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1beta4/instances
  checkInteger(scope, 'storage', storageGibibytes, { atLeast: 10, unit: 'Gi' });
  return {
    tier,
    edition,
    availabilityType: request.highAvailability ? 'REGIONAL' : 'ZONAL',
    diskSize: storageGibibytes,
    // By default Google makes a full disk larger. The claim would then ask for a smaller one, which is an error.
    diskAutoresize: false,
    deletionProtectionEnabled: request.deletionProtection,
    backupConfiguration: {
      enabled: true,
      pointInTimeRecoveryEnabled: true,
      transactionLogRetentionDays: days,
      // Google recommends one more, so that the oldest second has a backup before it.
      backupRetentionSettings: { retainedBackups: days + 1 },
    },
    databaseFlags: [{ name: 'cloudsql.iam_authentication', value: 'on' }],
    ipConfiguration: {
      ipv4Enabled: false,
      privateNetworkRef: { external: network },
      sslMode: 'ENCRYPTED_ONLY',
    },
    maintenanceWindow: maintenanceWindow && windowOf(maintenanceWindow),
  };
}

/** Days are counted from Monday, which is 1. */
function windowOf({ day, hour }: MaintenanceWindow): { day: number; hour: number } {
  return { day: Object.values(Weekday).indexOf(day) + 1, hour };
}

/** The edition of a server. What a server of another edition could have is not known. */
function checkEdition(
  scope: Construct,
  property: string,
  { edition = CloudSqlEdition.ENTERPRISE }: ConfigConnectorPostgresServer,
): CloudSqlEdition {
  if (Object.values(CloudSqlEdition).includes(edition)) return edition;
  throw new InvalidInputError(scope, {
    property: `${property}.edition`,
    value: edition,
    reason: 'is not an edition of Cloud SQL',
    remedy: 'Give one of CloudSqlEdition, such as CloudSqlEdition.ENTERPRISE',
  });
}

function checkFacts(
  scope: Construct,
  property: string,
  server: ConfigConnectorPostgresServer,
  edition: CloudSqlEdition,
): void {
  const { projectId, region, tier, network, iamUser } = server;
  checkForm(scope, `${property}.projectId`, projectId, {
    form: PROJECT,
    what: 'the ID of a project',
    example: 'acme',
  });
  checkForm(scope, `${property}.region`, region, {
    form: REGION,
    what: 'a region of Google Cloud',
    example: 'europe-west1',
  });
  checkForm(scope, `${property}.tier`, tier, {
    ...TIERS[edition],
    what: `a tier that the edition ${edition} has for PostgreSQL on a persistent disk`,
  });
  checkForm(scope, `${property}.network`, network, {
    form: NETWORK,
    what: 'a network with its project',
    example: 'projects/acme/global/networks/production',
  });
  if (iamUser === undefined) return;
  checkForm(scope, `${property}.iamUser`, iamUser, {
    form: IAM_USER,
    what: 'a service account without ".gserviceaccount.com"',
    example: 'polls@acme.iam',
  });
}
