import { BACKUP_ROLE } from './archive-scripts';

/** The file that says who may connect, among the scripts of a server. */
export const HBA_FILE = 'pg_hba.conf';

/**
 * Who may connect: everybody within the pod, and others by a password. It takes the place of the file
 * in the volume, so that data of any origin has the same rules.
 */
export function hbaFile({ tls, archive }: { tls: boolean; archive: boolean }): string {
  const host = tls ? 'hostssl' : 'host';
  return [
    '# From PostgresBackend, as its certificateSecretName and archive say.',
    'local all all trust',
    'local replication all trust',
    // Its rights are those of a superuser: it makes base backups and nothing else.
    ...(archive
      ? [`${host} replication ${BACKUP_ROLE} all scram-sha-256`, `host all ${BACKUP_ROLE} all reject`]
      : []),
    ...(tls ? ['host all all 127.0.0.1/32 scram-sha-256', 'host all all ::1/128 scram-sha-256'] : []),
    `${host} all all all scram-sha-256`,
    '',
  ].join('\n');
}
