import { Construct } from 'constructs';
import { DatabaseRequest, IPostgres, ManagedDatabase } from '../../platform/postgres';
import { PostgresServersProps, verifiedServer } from './verified-server';

/** Databases on Amazon RDS or Aurora. */
export interface RdsPostgresProps extends PostgresServersProps {}

/**
 * Amazon RDS or Aurora for PostgreSQL, over TLS. It makes a ConfigMap with the certificates, unless the image has them,
 * and what a StoredSecret makes for a stored password. The certificates are those of `REGION-bundle.pem` or
 * `global-bundle.pem`.
 *
 * Throws when:
 * - it does not know a server of the backend's name;
 * - host, port, peers, path or certificates are not valid;
 * - the certificates are given twice or not at all;
 * - `sslMode` would not check the certificates;
 * - there is no password.
 *
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
    return verifiedServer(scope, request, this.props);
  }
}
