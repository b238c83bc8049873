import { Construct } from 'constructs';
import { IdentityCloud } from '../../platform/identity';
import { DatabaseRequest, IPostgres, ManagedDatabase } from '../../platform/postgres';
import { PostgresServersProps, verifiedServer } from './verified-server';

/** Databases on Azure Database for PostgreSQL. */
export interface AzurePostgresProps extends PostgresServersProps {}

/**
 * Azure Database for PostgreSQL, flexible server, over TLS: a ConfigMap with the certificates, unless the image has
 * them, and what a StoredSecret makes for a stored password. The certificates are the roots DigiCert Global Root G2 and
 * Microsoft RSA Root CA 2017, never those below them, which change.
 *
 * With `identityUser` of a server, the managed identity of the pods logs in by Microsoft Entra authentication. A token
 * counts for an hour or longer, and connections share it until five minutes before its end.
 *
 * Throws when:
 * - it does not know a server with the backend's name;
 * - host, port, peers, path or certificates are not valid;
 * - the certificates are given twice or not at all;
 * - `sslMode` would not check the certificates;
 * - there is neither a password nor `identityUser`, or both.
 *
 * @see https://learn.microsoft.com/azure/postgresql/security/security-entra-concepts
 * @see https://learn.microsoft.com/azure/postgresql/flexible-server/security-tls
 * @example
 * Distribution.aks({
 *   keyVaultUrl: 'https://acme.vault.azure.net',
 *   tenantId: '00000000-0000-0000-0000-000000000000',
 *   postgres: new AzurePostgres({
 *     servers: {
 *       'polls-db': {
 *         host: 'polls.postgres.database.azure.com',
 *         password: { secret: 'polls-db-password' },
 *       },
 *     },
 *     certificatePath: '/etc/ssl/certs/ca-certificates.crt',
 *   }),
 * });
 */
export class AzurePostgres implements IPostgres {
  constructor(private readonly props: AzurePostgresProps) {}

  database(scope: Construct, request: DatabaseRequest): ManagedDatabase {
    return verifiedServer(scope, request, this.props, ({ user }) => ({
      identity: { cloud: IdentityCloud.AZURE },
      grants: [
        '# A Microsoft Entra administrator of the server runs in its database "postgres":',
        `# SELECT * FROM pgaadauth_create_principal('${user}', false, false);`,
      ],
    }));
  }
}
