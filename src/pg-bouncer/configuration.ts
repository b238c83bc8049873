import { METRICS_USER } from '../workloads/exporter';
import { DatabaseConnection } from '../platform/postgres';
import { reloading } from '../workloads/reloading';

/** The port that applications connect to: PgBouncer's own. */
export const POOLER_PORT = 6432;
/** What is made at the start, in memory: the file of passwords, and the socket of the probes. */
export const RUN_FOLDER = '/run/pgbouncer';
/** Where its ConfigMap is mounted. */
export const FILES_FOLDER = '/etc/cdk8s-django/pgbouncer';
/** Where the Secret of its certificate is mounted. */
export const CERTIFICATE_FOLDER = '/etc/cdk8s-django/pgbouncer-tls';
const [CERTIFICATE, KEY] = [`${CERTIFICATE_FOLDER}/tls.crt`, `${CERTIFICATE_FOLDER}/tls.key`];
/** How often it is looked whether the kubelet has written renewed files. */
const RELOAD_SECONDS = 30;
export const CONFIGURATION = 'pgbouncer.ini';
export const START_SCRIPT = 'start.sh';
/** The first 1.x that waits for its clients at SIGTERM: https://github.com/pgbouncer/pgbouncer/pull/902 */
const OLDEST_MINOR = 23;
/** More than an application prepares: psycopg keeps 100 in each connection. */
const MAX_PREPARED_STATEMENTS = 200;

/** What the configuration is made of. */
export interface PoolerConfiguration {
  /** The server, and how it is connected to. */
  readonly server: DatabaseConnection;
  readonly poolSize: number;
  readonly maxConnections: number;
  /** Whether applications connect by TLS. */
  readonly certificate: boolean;
  /**
   * Whether an exporter logs in to PgBouncer's console.
   *
   * @default false
   */
  readonly hasExporter?: boolean;
}

/**
 * PgBouncer's configuration, in transaction mode. It has no password: that is in a file that the pod makes.
 *
 * No parameter is ignored at a connect: what PgBouncer does not keep apart for each client it refuses, and says so. The
 * exception is for the exporter, whose driver sends one that PgBouncer does not know.
 *
 * @see https://www.pgbouncer.org/config.html
 */
export function poolerConfiguration(options: PoolerConfiguration): string {
  const { server, poolSize, maxConnections, certificate, hasExporter } = options;
  const { host, port, database, sslMode, certificatePath } = server;
  return [
    '[databases]',
    `${entry(database)} = host=${value(host)} port=${port} dbname=${value(database)}`,
    '[pgbouncer]',
    'listen_addr = *',
    `listen_port = ${POOLER_PORT}`,
    `unix_socket_dir = ${RUN_FOLDER}`,
    'auth_type = scram-sha-256',
    `auth_file = ${RUN_FOLDER}/users.txt`,
    'pool_mode = transaction',
    `default_pool_size = ${poolSize}`,
    `max_client_conn = ${maxConnections}`,
    `max_prepared_statements = ${MAX_PREPARED_STATEMENTS}`,
    // A server that is back is found soon: it would be asked every 15 s.
    'server_login_retry = 1',
    // One line for each connection is enough: that of its end says why, also of one that the server did not take.
    'log_connections = 0',
    ...(hasExporter
      ? [`stats_users = ${METRICS_USER}`, 'ignore_startup_parameters = extra_float_digits']
      : []),
    ...(sslMode ? [`server_tls_sslmode = ${sslMode}`] : []),
    ...(certificatePath ? [`server_tls_ca_file = ${certificatePath}`] : []),
    ...(certificate
      ? [
          'client_tls_sslmode = require',
          `client_tls_cert_file = ${CERTIFICATE}`,
          `client_tls_key_file = ${KEY}`,
        ]
      : []),
    '',
  ].join('\n');
}

/**
 * Under which name applications find the database. PgBouncer's documentation lets others be quoted, and its parser
 * refuses that; `*` is every name, and leads to the one database.
 *
 * @see https://github.com/pgbouncer/pgbouncer/issues/971
 */
function entry(database: string): string {
  return /^[\w.-]+$/.test(database) ? database : '*';
}

function value(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The script that starts PgBouncer. SCRAM towards the server needs the password itself, so the file has it, in memory
 * alone. PgBouncer keeps a connection for each client, and the limit of open files may be far below that.
 *
 * @param hasOtherLogin - whether the environment has a second login
 * @param authority - the file that the server's certificate is checked against, if a volume has it
 */
export function startScript(
  certificate: boolean,
  hasExporter = false,
  hasOtherLogin = false,
  authority?: string,
): string {
  const renewed = [...(certificate ? [CERTIFICATE, KEY] : []), ...(authority ? [authority] : [])];
  return [
    'set -eu',
    // Before that, PgBouncer cuts its clients when it is told to end.
    `version=$(pgbouncer --version | sed -n 's/^PgBouncer 1\\.\\([0-9]*\\).*/\\1/p')`,
    `if [ -n "$version" ] && [ "$version" -lt ${OLDEST_MINOR} ]; then`,
    `  echo "error: the image has PgBouncer 1.$version, which cuts its clients when its pod ends. Give the PgBouncer an` +
      ` image with 1.${OLDEST_MINOR} or newer." >&2`,
    '  exit 1',
    'fi',
    'umask 077',
    `case $PGPASSWORD${hasOtherLogin ? '$OTHER_PASSWORD' : ''} in *'`,
    `'*)`,
    '  echo "error: the password of the database has more than one line, which PgBouncer cannot read. Take the line' +
      ' break out of the Secret." >&2',
    '  exit 1',
    'esac',
    `quoted() { printf '%s' "$1" | sed 's/"/""/g'; }`,
    `printf '"%s" "%s"\\n' "$(quoted "$PGUSER")" "$(quoted "$PGPASSWORD")" >${RUN_FOLDER}/users.txt`,
    ...(hasExporter
      ? [`printf '"%s" "%s"\\n' ${METRICS_USER} "$(quoted "$PGPASSWORD")" >>${RUN_FOLDER}/users.txt`]
      : []),
    ...(hasOtherLogin
      ? [
          `printf '"%s" "%s"\\n' "$(quoted "$OTHER_USER")" "$(quoted "$OTHER_PASSWORD")" >>${RUN_FOLDER}/users.txt`,
        ]
      : []),
    `unset PGPASSWORD${hasOtherLogin ? ' OTHER_PASSWORD' : ''}`,
    'ulimit -n "$(ulimit -H -n)"',
    ...(renewed.length > 0 ? reloading(renewed, RELOAD_SECONDS) : []),
    `exec pgbouncer ${FILES_FOLDER}/${CONFIGURATION}`,
    '',
  ].join('\n');
}
