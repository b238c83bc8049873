/** The file that says who may connect, among the scripts of a server. */
export const HBA_FILE = 'pg_hba.conf';

/**
 * Who may connect: everybody within the pod, and others by a password. It takes the place of the file
 * in the volume, so that data of any origin has the same rules.
 *
 * @param copying - the roles that copy the data
 */
export function hbaFile({ tls, copying }: { tls: boolean; copying: string[] }): string {
  const host = tls ? 'hostssl' : 'host';
  return [
    '# From PostgresBackend, as its options say.',
    'local all all trust',
    'local replication all trust',
    // They can read all data: they copy it and do nothing else.
    ...copying.flatMap((role) => [
      `${host} replication ${role} all scram-sha-256`,
      `host all ${role} all reject`,
    ]),
    ...(tls ? ['host all all 127.0.0.1/32 scram-sha-256', 'host all all ::1/128 scram-sha-256'] : []),
    `${host} all all all scram-sha-256`,
    '',
  ].join('\n');
}
