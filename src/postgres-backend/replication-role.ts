import { psql, QUIET } from './scripts';

/**
 * Lines that make a role which copies the data of a server, of new data and of data that was there. Its password is that
 * of the Secret each time that the server starts.
 *
 * @param password - a line of psql that sets the variable `password`
 * @param more - further SQL
 */
export function replicationRole(
  database: string,
  role: string,
  password: string,
  more: string[] = [],
): string[] {
  return [
    `${psql({ database }, '--quiet --set=ON_ERROR_STOP=1')} >/proc/1/fd/2 2>&1 || exit 1`,
    ...QUIET,
    password,
    `SELECT 'CREATE ROLE ${role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') \\gexec`,
    `ALTER ROLE ${role} LOGIN REPLICATION PASSWORD :'password';`,
    ...more,
    'SQL',
  ];
}
