import { Construct } from 'constructs';
import { DbInstance, DbInstanceSpec, DbSubnetGroup } from '../../../imports/rds.services.k8s.aws';
import { checkUnique } from '../../kubernetes/names';
import { checkInteger } from '../../kubernetes/numbers';
import { Problems } from '../../kubernetes/problems';
import { IResource, Resource } from '../../kubernetes/resource';
import {
  IManagedPostgres,
  MaintenanceWindow,
  ManagedPostgresRequest,
  Weekday,
} from '../../platform/managed-postgres';
import { checkForm, checkHyphens, checkOffer, serverFacts } from './checks';

/** The facts of a server that ACK makes on Amazon RDS. */
export interface AckPostgresServer {
  /** CPU and memory: the class of the instance, such as `db.m7g.large`. */
  readonly instanceClass: string;

  /** The IDs of its security groups, which let the nodes of the cluster connect to port 5432. */
  readonly securityGroupIds: string[];

  /**
   * The IDs of private subnets in two zones or more. A DBSubnetGroup is made of them.
   *
   * @default - `subnetGroupName`
   */
  readonly subnetIds?: string[];

  /**
   * Name of a subnet group that exists.
   *
   * @default - one is made of `subnetIds`
   */
  readonly subnetGroupName?: string;
}

/** Servers of Amazon RDS that ACK makes. */
export interface AckPostgresProps {
  /** The facts of the servers, by the name of the ManagedPostgres. */
  readonly servers: { [name: string]: AckPostgresServer };
}

/**
 * Versions whose own parameters demand TLS (`rds.force_ssl`), and that RDS has.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-versions.html
 */
const VERSIONS = { oldest: 15, newest: 18 };
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html: 0 turns backups off. */
const RECOVERY_DAYS = { atLeast: 1, atMost: 35 };
/** GiB of general purpose volumes, from the same page. */
const STORAGE = { atLeast: 20, atMost: 65_536 };
const INSTANCE_CLASS = /^db\.[a-z0-9][a-z0-9-]*\.[a-z0-9]+$/;
const SUBNET = /^subnet-[0-9a-f]{8,17}$/;
const SECURITY_GROUP = /^sg-[0-9a-f]{8,17}$/;
const SUBNET_GROUP = /^(?!default$)[a-z][a-z0-9._ -]{0,254}$/;
/** https://www.postgresql.org/docs/current/sql-keywords-appendix.html: what RDS calls reserved words. */
const RESERVED_WORD =
  /^(?:all|analyse|analyze|and|any|array|as|asc|asymmetric|both|case|cast|check|collate|column|constraint|create|current_catalog|current_date|current_role|current_time|current_timestamp|current_user|default|deferrable|desc|distinct|do|else|end|except|false|fetch|for|foreign|from|grant|group|having|in|initially|intersect|into|lateral|leading|limit|localtime|localtimestamp|not|null|offset|on|only|or|order|placing|primary|references|returning|select|session_user|some|symmetric|system_user|table|then|to|trailing|true|union|unique|user|using|variadic|when|where|window|with)$/;
/** What is deleted in Kubernetes stays in AWS. */
const RETAINED = { 'services.k8s.aws/deletion-policy': 'retain' };

/**
 * Servers of Amazon RDS for PostgreSQL, by the RDS controller of AWS Controllers for Kubernetes (ACK): a
 * DBInstance for each, and a DBSubnetGroup for `subnetIds`. RDS keeps the password of the administrator, `postgres`, in
 * Secrets Manager. IAM database authentication is on.
 *
 * Throws when:
 * - it does not know a server of the name;
 * - RDS does not take the name, the version, the storage or the days of recovery;
 * - a class, a subnet or a security group does not have the form of one;
 * - there are fewer than two subnets, no security group, or neither subnets nor a group of them, or both.
 *
 * @see https://aws-controllers-k8s.github.io/community/reference/rds/v1alpha1/dbinstance/
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 * @example
 * Distribution.eks({
 *   region: 'eu-west-1',
 *   managedPostgres: new AckPostgres({
 *     servers: {
 *       polls: {
 *         instanceClass: 'db.m7g.large',
 *         subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-18f6e5d4c3b2a1900'],
 *         securityGroupIds: ['sg-0123456789abcdef0'],
 *       },
 *     },
 *   }),
 * });
 */
export class AckPostgres implements IManagedPostgres {
  constructor(private readonly props: AckPostgresProps) {}

  claim(scope: Construct, request: ManagedPostgresRequest): IResource[] {
    const { fact, property } = serverFacts(scope, request, this.props.servers);
    const { name, labels } = request;
    checkFacts(scope, property, fact);
    const metadata = { name, labels, annotations: RETAINED };
    const server = new Resource(
      scope,
      'DBInstance',
      DbInstance.manifest({ metadata, spec: instance(scope, request, fact) }),
    );
    if (!fact.subnetIds) return [server];
    const spec = { name, description: `Subnets of the database server ${name}`, subnetIDs: fact.subnetIds };
    return [server, new Resource(scope, 'DBSubnetGroup', DbSubnetGroup.manifest({ metadata, spec }))];
  }
}

function instance(
  scope: Construct,
  request: ManagedPostgresRequest,
  { instanceClass, securityGroupIds, subnetIds, subnetGroupName }: AckPostgresServer,
): DbInstanceSpec {
  const { name, version, database, storageGibibytes, maintenanceWindow } = request;
  const offer = { cloud: 'RDS', versions: VERSIONS, recoveryDays: RECOVERY_DAYS };
  const backupRetentionPeriod = checkOffer(scope, request, offer);
  checkHyphens(scope, name, 'RDS');
  checkReserved(scope, database);
  checkInteger(scope, 'storage', storageGibibytes, { ...STORAGE, unit: 'Gi' });
  return {
    dbInstanceIdentifier: name,
    dbInstanceClass: instanceClass,
    engine: 'postgres',
    engineVersion: `${version}`,
    dbName: database,
    allocatedStorage: storageGibibytes,
    storageEncrypted: true,
    masterUsername: 'postgres',
    manageMasterUserPassword: true,
    enableIamDatabaseAuthentication: true,
    backupRetentionPeriod,
    preferredMaintenanceWindow: maintenanceWindow && windowText(maintenanceWindow),
    deletionProtection: request.deletionProtection,
    multiAz: request.highAvailability,
    publiclyAccessible: false,
    vpcSecurityGroupIDs: securityGroupIds,
    ...(subnetIds ? { dbSubnetGroupRef: { from: { name } } } : { dbSubnetGroupName: subnetGroupName }),
  };
}

/**
 * An hour as RDS returns it, in lower case: `sun:23:00-mon:00:00`. ACK compares the texts, so that it would change the
 * server again and again for another case.
 */
function windowText({ day, hour }: MaintenanceWindow): string {
  const days = Object.values(Weekday);
  const endDay = hour === 23 ? days[(days.indexOf(day) + 1) % days.length] : day;
  const at = (weekday: Weekday, hours: number): string =>
    `${weekday.slice(0, 3).toLowerCase()}:${String(hours).padStart(2, '0')}:00`;
  return `${at(day, hour)}-${at(endDay, (hour + 1) % 24)}`;
}

function checkReserved(scope: Construct, database: string): void {
  if (!RESERVED_WORD.test(database)) return;
  Problems.report(scope, {
    property: 'database',
    value: database,
    reason: 'is a reserved word of PostgreSQL, which RDS takes for no database',
    remedy: 'Choose another one, such as "django"',
  });
}

function checkFacts(
  scope: Construct,
  property: string,
  { instanceClass, securityGroupIds, subnetIds, subnetGroupName }: AckPostgresServer,
): void {
  checkForm(scope, `${property}.instanceClass`, instanceClass, {
    form: INSTANCE_CLASS,
    what: 'the class of an instance of RDS',
    example: 'db.m7g.large',
  });
  checkIds(scope, `${property}.securityGroupIds`, securityGroupIds, 1, {
    form: SECURITY_GROUP,
    what: 'the ID of a security group',
    example: 'sg-0123456789abcdef0',
  });
  if ((subnetIds === undefined) === (subnetGroupName === undefined)) {
    Problems.report(scope, {
      property: `${property}.subnetIds`,
      value: subnetIds,
      reason: subnetIds
        ? 'are given together with subnetGroupName'
        : 'are needed, or subnetGroupName: the server has a private address',
      remedy: 'Give one of them',
    });
  }
  if (subnetGroupName !== undefined) {
    checkForm(scope, `${property}.subnetGroupName`, subnetGroupName, {
      form: SUBNET_GROUP,
      what: 'the name of a subnet group, in lower case and other than "default"',
      example: 'polls',
    });
  }
  if (!subnetIds) return;
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
  checkIds(scope, `${property}.subnetIds`, subnetIds, 2, {
    form: SUBNET,
    what: 'the ID of a subnet',
    example: 'subnet-0a1b2c3d4e5f60718',
  });
}

function checkIds(
  scope: Construct,
  property: string,
  ids: string[],
  atLeast: number,
  form: Parameters<typeof checkForm>[3],
): void {
  ids.forEach((id) => checkForm(scope, property, id, form));
  checkUnique(scope, property, ids);
  if (ids.length >= atLeast) return;
  Problems.report(scope, {
    property,
    value: ids,
    reason: `has ${ids.length} of the ${atLeast} that RDS needs at the least`,
    remedy: 'Give as many, of different zones where they are subnets',
  });
}
