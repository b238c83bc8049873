import { Chart, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkName } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { addProblems, LocatedProblem, Problems } from '../kubernetes/problems';
import { quantity } from '../kubernetes/quantities';
import { IResource } from '../kubernetes/resource';
import { constructsOfCluster, distributionOf, oncePerCluster } from '../platform/binding';
import { IManagedPostgres, MaintenanceWindow, Weekday } from '../platform/managed-postgres';

/** A PostgreSQL server that a cloud runs, and an operator in the cluster makes. */
export interface ManagedPostgresProps {
  /**
   * Name of the server in the cloud and of the claim: a DNS label of at most 40 characters. The distribution has the
   * facts of the server by this name. It cannot be changed later.
   */
  readonly name: string;

  /**
   * The major version of PostgreSQL, such as 17. Another one upgrades a server that exists, as far as the cloud and the
   * operator do that.
   */
  readonly version: number;

  /** Size of its disk, in whole Gi: `100Gi`. A claim cannot make a disk smaller again. */
  readonly storage: string;

  /**
   * Name of the database that is made on it: lower-case letters, digits and `_`. It cannot be changed later.
   *
   * @default django
   */
  readonly database?: string;

  /**
   * How far back each second can be restored, in whole days. RDS keeps 1 to 35 days, Cloud SQL Enterprise
   * 1 to 7 and Enterprise Plus 1 to 35, Azure 7 to 35.
   *
   * @default Duration.days(7)
   */
  readonly pointInTimeRecovery?: Duration;

  /**
   * The hour of a week in which the cloud may restart the server to maintain it.
   *
   * @default - the cloud chooses
   */
  readonly maintenanceWindow?: MaintenanceWindow;

  /**
   * Whether the cloud refuses to delete the server. With either value, deleting the claim leaves the server as it is.
   * Azure has a lock for it, by the command of `identity.txt`.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether a standby in another zone takes over when the server is lost. It costs about what the server costs.
   *
   * @default true
   */
  readonly highAvailability?: boolean;
}

const GIBIBYTE = 2 ** 30;
const DATABASE = /^[a-z][a-z0-9_]{0,62}$/;
/** The databases that every server has, and those that the clouds keep for themselves. */
const OWN_DATABASES = [
  'postgres',
  'template0',
  'template1',
  'rdsadmin',
  'cloudsqladmin',
  'azure_maintenance',
  'azure_sys',
];

/**
 * A PostgreSQL server that a cloud runs, as the claim of the operator for that cloud: AWS Controllers for Kubernetes
 * (ACK) on EKS, Config Connector on GKE, Azure Service Operator on AKS. Each second of the last days can be restored.
 * The server has a private address and an encrypted disk. It takes connections by TLS alone, and logins of identities
 * without a password. No password is in a manifest.
 *
 * Claims of one name in two namespaces could change one server in turn, so the second is refused. A Preview refuses
 * each: make it in a chart that previews do not have.
 *
 * It makes, on EKS with AckPostgres, a DBInstance, and a DBSubnetGroup for subnets that are named. On GKE with
 * ConfigConnectorPostgres it makes a SQLInstance, a SQLDatabase, and a SQLUser for an IAM user. On AKS with
 * AzureServiceOperatorPostgres it makes a FlexibleServer, and its FlexibleServersDatabase, FlexibleServersConfiguration
 * and FlexibleServersAdministrator. A distribution without `managedPostgres` refuses it. It connects nothing: a
 * PostgresBackend finds the server by RdsPostgres, CloudSqlPostgres or AzurePostgres once it exists. The guide, chapter
 * 7, has both steps, and the commands of each cloud that do the same without an operator.
 * No cloud ever ran a claim.
 *
 * Throws when:
 *
 * - a name is not valid, or the database is one that servers have or clouds keep for themselves;
 * - the storage is not a number of whole Gi;
 * - the hour of the window is not one of a day;
 * - no distribution is bound, or it has no operator that makes servers of its cloud;
 * - the cloud does not have the version, the size or the days of recovery;
 * - at synth: another one of the name is in another namespace, for the same distribution.
 *
 * @see https://aws-controllers-k8s.github.io/docs/guides/deletion-policy
 * @example
 * new ManagedPostgres(this, 'Server', {
 *   name: 'polls',
 *   version: 17,
 *   storage: '100Gi',
 *   pointInTimeRecovery: Duration.days(14),
 *   maintenanceWindow: { day: Weekday.SUNDAY, hour: 3 },
 * });
 */
export class ManagedPostgres extends Construct {
  /** Name of the server in the cloud, and of its claim. */
  readonly name: string;

  /** The claims: that of the server first. */
  readonly resources: IResource[];

  constructor(scope: Construct, id: string, props: ManagedPostgresProps) {
    super(scope, id);
    const { maintenanceWindow, database = 'django' } = props;
    this.name = checkName(this, 'name', props.name);
    checkInteger(this, 'version', props.version, { atLeast: 1 });
    checkDatabase(this, database);
    if (maintenanceWindow) checkWindow(this, maintenanceWindow);
    const selector: Selector = { name: 'postgresql', instance: this.name, component: 'managed-database' };
    this.resources = managedPostgresOf(this).claim(this, {
      name: this.name,
      labels: resourceLabels(selector),
      version: props.version,
      storageGibibytes: gibibytes(this, props.storage),
      database,
      pointInTimeRecovery: props.pointInTimeRecovery ?? Duration.days(7),
      maintenanceWindow,
      deletionProtection: props.deletionProtection ?? true,
      highAvailability: props.highAvailability ?? true,
    });
    addProblems(this, () => this.otherClaims());
  }

  /** What is wrong if an earlier claim of the same server is in another namespace. */
  private otherClaims(): LocatedProblem[] {
    const all = oncePerCluster(this, ManagedPostgres, () =>
      constructsOfCluster(this).filter((one): one is ManagedPostgres => one instanceof ManagedPostgres),
    );
    const first = all.find(({ name }) => name === this.name);
    if (!first || Chart.of(first).namespace === Chart.of(this).namespace) return [];
    return [
      {
        property: 'name',
        value: this.name,
        reason: `is the server at ${first.node.path} too, in another namespace: both claims could change it in turn`,
        remedy: 'Keep one of them, or give one another name and facts of its own',
      },
    ];
  }
}

function managedPostgresOf(scope: Construct): IManagedPostgres {
  const { name, managedPostgres } = distributionOf(scope);
  if (!managedPostgres) {
    Problems.report(scope, {
      property: 'managedPostgres',
      value: managedPostgres,
      reason: `is needed, and the distribution "${name}" does not say which operator makes servers of a cloud`,
      remedy:
        'Give the distribution managedPostgres: new AckPostgres({ … }) on EKS, new ConfigConnectorPostgres({ … }) on ' +
        'GKE or new AzureServiceOperatorPostgres({ … }) on AKS, or leave the construct out: make the server by the commands of the guide, chapter 7, and give its host to the distribution as postgres',
    });
  }
  return managedPostgres!;
}

function gibibytes(scope: Construct, storage: string): number {
  const result = quantity(storage)! / GIBIBYTE;
  if (Number.isInteger(result) && result > 0) return result;
  throw new InvalidInputError(scope, {
    property: 'storage',
    value: storage,
    reason: 'is not a number of whole Gi, in which clouds count',
    remedy: 'Give one such as "100Gi"',
  });
}

function checkDatabase(scope: Construct, database: string): void {
  if (typeof database !== 'string' || !DATABASE.test(database)) {
    Problems.report(scope, {
      property: 'database',
      value: database,
      reason: 'is not a name that every cloud takes for a database',
      remedy: 'Use lower-case letters, digits and "_", a letter first, at most 63',
    });
  }
  if (OWN_DATABASES.includes(database)) {
    Problems.report(scope, {
      property: 'database',
      value: database,
      reason: 'is a database that servers have already, or that a cloud keeps for itself',
      remedy: 'Choose another one, such as "django"',
    });
  }
}

function checkWindow(scope: Construct, { day, hour }: MaintenanceWindow): void {
  if (!Object.values(Weekday).includes(day)) {
    Problems.report(scope, {
      property: 'maintenanceWindow.day',
      value: day,
      reason: 'is not a day of the week',
      remedy: 'Give one of Weekday, such as Weekday.SUNDAY',
    });
  }
  checkInteger(scope, 'maintenanceWindow.hour', hour, { atLeast: 0, atMost: 23 });
}
