import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { IdentityCloud } from '../../platform/identity';
import { DatabaseRequest, IPostgres, ManagedDatabase } from '../../platform/postgres';
import { partition } from '../../platform/aws-partition';
import { IdentityLogin, IdentityServer, PostgresServersProps, verifiedServer } from './verified-server';

/** Databases on Amazon RDS or Aurora. */
export interface RdsPostgresProps extends PostgresServersProps {}

/**
 * Amazon RDS or Aurora for PostgreSQL, over TLS. It makes a ConfigMap with the certificates, unless the image has them,
 * and what a StoredSecret makes for a stored password. The certificates are those of `REGION-bundle.pem` or
 * `global-bundle.pem`.
 *
 * With `identityUser` of a server, the IAM role of the pods logs in by IAM database authentication. Each connection
 * gets a token that the pod signs itself, and that counts for 15 minutes. `identity.txt` has the command for the role.
 *
 * Throws when:
 * - it does not know a server of the backend's name;
 * - host, port, peers, path or certificates are not valid;
 * - the certificates are given twice or not at all;
 * - `sslMode` would not check the certificates;
 * - there is neither a password nor `identityUser`, or both;
 * - the server of an `identityUser` has another host than the one of AWS, which tokens are for, or replicas.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
 * @example
 * Distribution.eks({
 *   region: 'eu-west-1',
 *   postgres: new RdsPostgres({
 *     servers: {
 *       'polls-db': {
 *         host: 'polls.abcdefghijkl.eu-west-1.rds.amazonaws.com',
 *         password: { secret: 'polls-db', property: 'password' },
 *       },
 *     },
 *     certificatePath: '/opt/rds/eu-west-1-bundle.pem',
 *   }),
 * });
 */
export class RdsPostgres implements IPostgres {
  constructor(private readonly props: RdsPostgresProps) {}

  database(scope: Construct, request: DatabaseRequest): ManagedDatabase {
    return verifiedServer(scope, request, this.props, (server) => iamLogin(scope, request, server));
  }
}

/** The names of instances, of clusters of Aurora, and of proxies, in each partition. */
const ENDPOINT =
  /\.(?:(?<region>[a-z0-9-]+)\.rds\.amazonaws\.com|rds\.(?<china>cn-[a-z0-9-]+)\.amazonaws\.com\.cn)$/;

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html */
function iamLogin(
  scope: Construct,
  { name }: DatabaseRequest,
  { host, replicaHost, user, property }: IdentityServer,
): IdentityLogin {
  const { region, china } = ENDPOINT.exec(host)?.groups ?? {};
  const found = region ?? china;
  if (!found) {
    Problems.report(scope, {
      property: `${property}.host`,
      value: host,
      reason: 'is not the host that AWS gave the server, and tokens of IAM are for that one alone',
      remedy: 'Give its endpoint, such as "polls.abcdefghijkl.eu-west-1.rds.amazonaws.com"',
    });
  }
  if (replicaHost !== undefined) {
    Problems.report(scope, {
      property: `${property}.replicaHost`,
      value: replicaHost,
      reason: 'is given together with identityUser, whose tokens are for the host of the server alone',
      remedy: 'Leave it out, or give the server a password in place of identityUser',
    });
  }
  const identity = { cloud: IdentityCloud.AWS, region: found };
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'rds-db:connect',
        // Out of the quotes of the shell, which are around the policy.
        Resource: `arn:${partition(found)}:rds-db:${found}:'"$ACCOUNT:dbuser:\${DB_RESOURCE_ID:?}"'/${user}`,
      },
    ],
  }).replaceAll('\\"', '"');
  return {
    identity,
    grants: [
      '# DB_RESOURCE_ID is the resource ID of the server, such as db-ABCDEFGHIJKL01234: with Aurora that of the cluster,',
      '# and with RDS Proxy that of the proxy. The server has IAM database authentication turned on. Its administrator',
      `# runs in the database: CREATE USER "${user}"; GRANT rds_iam TO "${user}";`,
      'ACCOUNT=$(aws sts get-caller-identity --query Account --output text)',
      `aws iam put-role-policy --role-name "$PRINCIPAL" --policy-name ${name} --policy-document '${policy}'`,
    ],
  };
}
