import { EnvironmentVariable } from '../kubernetes/environment';
import { SecretValue } from '../capabilities/secrets/secret';

/** How a database is connected to. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: SecretValue;
  readonly sslMode?: string;
}

/**
 * The variables of a connection, in parts and as a URL.
 *
 * Kubernetes puts the password into the URL as it is: the settings overlay, which reads the parts, writes the URL
 * anew with the password encoded.
 */
export function connectionVariables(connection: PostgresConnection): EnvironmentVariable[] {
  const query = connection.sslMode ? `?sslmode=${connection.sslMode}` : '';
  return [
    { name: 'DATABASE_HOST', value: connection.host },
    { name: 'DATABASE_PORT', value: String(connection.port) },
    { name: 'DATABASE_NAME', value: connection.database },
    { name: 'DATABASE_USER', value: connection.user },
    { name: 'DATABASE_PASSWORD', ...connection.password },
    ...(connection.sslMode ? [{ name: 'DATABASE_SSL_MODE', value: connection.sslMode }] : []),
    {
      name: 'DATABASE_URL',
      value:
        'postgres://$(DATABASE_USER):$(DATABASE_PASSWORD)@$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)' +
        query,
    },
  ];
}
