import { POSTGRES_PORT } from '../platform/postgres';
import { ServerPasswords, watching } from '../secrets/server-passwords';
import { EXPORTER_PASSWORD, exporterPassword, METRICS_USER } from '../workloads/exporter';

/** The folder of the scripts, and the one that lets roles in. */
export const SCRIPT_FOLDER = '/etc/cdk8s-django';
export const LOGINS = 'logins.sh';
const LOGINS_SCRIPT = `${SCRIPT_FOLDER}/${LOGINS}`;

/** The superuser of the image. It has no password: it logs in within the pod alone, through the socket. */
export const SUPERUSER = 'postgres';

/** No statement is logged, or kept by pg_stat_statements where that is loaded: it has a password. */
export const QUIET = [
  "SET log_statement = 'none';",
  "SET log_duration = 'off';",
  "SET log_min_duration_statement = '-1';",
  "SET log_min_error_statement = 'panic';",
  "SET pg_stat_statements.track_utility = 'off';",
  "SET client_min_messages = 'warning';",
];

/** What the scripts of a server are about. */
export interface ScriptOptions {
  readonly name: string;
  readonly database: string;
  readonly user: string;
  readonly extensions: string[];
  /** Whether an exporter logs in. */
  readonly hasExporter: boolean;
  /** Lines that run before the server itself. */
  readonly starting?: string[];
  /** Lines that run once it is started. */
  readonly started?: string[];
  /** None unless its passwords have numbers. */
  readonly passwords?: ServerPasswords;
}

/** How a script talks to the server, as the superuser. */
export function psql({ database }: Pick<ScriptOptions, 'database'>, options: string): string {
  return `psql --no-psqlrc --username=${SUPERUSER} --dbname=${database} ${options} <<'SQL'`;
}

/**
 * The script with which a new server makes the application's role, run once by the image's entrypoint among the image's
 * own scripts. The entrypoint has made the database, so that those act on it too.
 *
 * The role owns its database and is not a superuser. The names are checked: they need no more than quotes.
 */
export function initScript(options: ScriptOptions): string {
  const { database, user } = options;
  return [
    psql(options, '--set=ON_ERROR_STOP=1 --set=password="$POSTGRES_PASSWORD"'),
    `CREATE ROLE "${user}" LOGIN PASSWORD :'password';`,
    `ALTER DATABASE "${database}" OWNER TO "${user}";`,
    `ALTER ROLE ${SUPERUSER} PASSWORD NULL;`,
    'SQL',
    '',
  ].join('\n');
}

/**
 * The script that starts the server. PostgreSQL itself refuses data of another major version, and says neither what to
 * do nor that the data is safe. The pod's status has the line too.
 */
export function startScript({ name, extensions, passwords, starting = [] }: ScriptOptions): string {
  return [
    'if found=$(cat "$PGDATA/PG_VERSION" 2>/dev/null) && [ -n "$found" ] && [ -n "$PG_MAJOR" ] && [ "$found" != "$PG_MAJOR" ]; then',
    `  echo "error: the volume of the PostgresBackend '${name}' has data of PostgreSQL $found, and its image is` +
      ' PostgreSQL $PG_MAJOR, which cannot read it. Nothing was changed. Give the PostgresBackend an image of' +
      ' PostgreSQL $found, such as docker.io/library/postgres:$found-bookworm, or give that image as upgradeFrom to' +
      ' take the data to PostgreSQL $PG_MAJOR; the guide, chapter 7, says how." >&2',
    '  exit 1',
    'fi',
    // What an upgrade that was killed between its two renames has left: new data would begin empty beside it.
    '[ -e "$PGDATA" ] || ! ls -d "$PGDATA"-[0-9]* >/dev/null 2>&1 || {' +
      ` echo "error: an upgrade of the PostgresBackend '${name}' was broken off at its last step: the old data is in` +
      ' $(ls -d "$PGDATA"-[0-9]*). Nothing is lost. Apply the program with upgradeFrom again; the guide, chapter 7, says' +
      ' how to go back." >&2; exit 1; }',
    ...(extensions.length > 0 ? checkExtensionsOfImage(name, extensions) : []),
    ...(passwords ? [...firstPassword(passwords), ...watching(LOGINS_SCRIPT)] : []),
    ...starting,
    'exec docker-entrypoint.sh "$@"',
    '',
  ].join('\n');
}

/** Lines by which the entrypoint of new data has a password, as the script that makes the role reads it. */
export function firstPassword({ waiting }: ServerPasswords): string[] {
  return [
    ...waiting,
    'POSTGRES_PASSWORD=$(password_files | head -n 1 | xargs cat)',
    'export POSTGRES_PASSWORD',
  ];
}

/**
 * Before anything is made: what the image does not have would otherwise be missed only by the application. The list is
 * in the script and not in the pod's template, because a StatefulSet does not replace a pod that never became ready:
 * its container reads a corrected list when it is started again.
 */
function checkExtensionsOfImage(name: string, extensions: string[]): string[] {
  return [
    'folder=$(pg_config --sharedir 2>/dev/null)/extension',
    `for extension in ${extensions.join(' ')}; do`,
    // An image without pg_config does not say where they are: PostgreSQL itself then says what it lacks.
    '  if [ -d "$folder" ] && [ ! -e "$folder/$extension.control" ]; then',
    `    echo "error: the PostgresBackend '${name}' has the extension '$extension', and its image has none of that` +
      ' name in $folder. Nothing was changed. Take it out of extensions, or give the PostgresBackend an image of' +
      ' PostgreSQL $PG_MAJOR that has it; the guide, chapter 7, says how such an image is built." >&2',
    '    exit 1',
    '  fi',
    'done',
  ];
}

/**
 * The script that says whether the server is started: the startup probe. Nobody is let in before it succeeds, so that
 * migrations find the extensions, of new data and of data that was there.
 *
 * It listens over TCP last of all, once its entrypoint has prepared it. The user that runs may have no name.
 */
export function startedScript(options: ScriptOptions): string {
  const { name, database, user, extensions, hasExporter, passwords, started = [] } = options;
  return [
    `pg_isready --host=127.0.0.1 --username=${user} --dbname=${database} --quiet || exit 1`,
    ...(extensions.length > 0
      ? [
          `${psql(options, '--quiet --set=ON_ERROR_STOP=1')} || exit 1`,
          ...extensions.map((extension) => `CREATE EXTENSION IF NOT EXISTS "${extension}" CASCADE;`),
          'SQL',
        ]
      : []),
    ...(hasExporter ? metricsRole(options) : []),
    ...started,
    // The server starts also while a login that is to go is still in use.
    ...(passwords
      ? [`sh ${LOGINS_SCRIPT} >/proc/1/fd/2 2>&1 || [ -e /tmp/passwords.waiting ] || exit 1`]
      : []),
    ...collationCheck(options, name),
    '',
  ].join('\n');
}

/**
 * Makes the role of the exporter, of new data and of data that was there. It may look at statistics and at no table.
 * Its password is that of the pod's file, in the form of libpq's password files, and is written to no log. A server
 * without the role serves all the same: the exporter says that it cannot log in.
 */
function metricsRole(options: ScriptOptions): string[] {
  return [
    ...exporterPassword(`127.0.0.1:${POSTGRES_PORT}:*:${METRICS_USER}:%s`),
    `${psql(options, '--quiet')} >/proc/1/fd/2 2>&1 || true`,
    ...QUIET,
    `\\set password \`cut -d : -f 5 ${EXPORTER_PASSWORD}\``,
    `SELECT 'CREATE ROLE ${METRICS_USER}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${METRICS_USER}') \\gexec`,
    `ALTER ROLE ${METRICS_USER} LOGIN PASSWORD :'password';`,
    `GRANT pg_monitor TO ${METRICS_USER};`,
    // It never stands in a row of those that wait for a lock.
    `ALTER ROLE ${METRICS_USER} SET lock_timeout = '1s';`,
    'SQL',
  ];
}

/** PostgreSQL's first id of what users make. */
const FIRST_OWN_ID = 16384;

/**
 * Warns of text whose order the data was not made with, in the log of the server: a line of JSON for each database, and
 * for each collation that the application's database uses. It never keeps the server from being started.
 *
 * @see https://www.postgresql.org/docs/18/sql-altercollation.html#SQL-ALTERCOLLATION-NOTES
 */
function collationCheck(options: ScriptOptions, name: string): string[] {
  const message =
    `PostgresBackend "${name}": %s of the database %I was made with version %s, and the image has %s. Indexes of text` +
    ` may find wrong rows. Run the steps in that database as ${SUPERUSER}; the guide, chapter 7, says how.`;
  const what = "coalesce('the collation ' || name, 'the text order')";
  // PostgreSQL refuses to refresh a version that the image does not have at all.
  const back =
    'Give the PostgresBackend an image with the C library of before, or copy the data to a new server by pg_dump: ' +
    'PostgreSQL cannot refresh this version';
  const refresh = [
    "CASE WHEN name IS NULL THEN 'ALTER DATABASE %I REFRESH COLLATION VERSION'",
    "ELSE 'ALTER COLLATION %s REFRESH VERSION' END",
  ].join(' ');
  const steps = [
    `CASE WHEN actual IS NULL THEN json_build_array('${back}')`,
    `ELSE json_build_array(format('REINDEX DATABASE %I', base), format(${refresh}, coalesce(name, base))) END`,
  ].join(' ');
  const columns = `attcollation = used.oid AND attrelid >= ${FIRST_OWN_ID} AND NOT attisdropped`;
  const used = `EXISTS (SELECT FROM pg_attribute WHERE ${columns})`;
  return [
    `${psql(options, '--tuples-only --no-align')} >/proc/1/fd/2 || true`,
    `SELECT json_build_object('time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),` +
      " 'level', 'WARNING', 'severity', 'WARNING', 'logger', 'cdk8s_django.collation'," +
      ` 'message', format('${message}', ${what}, base, recorded, coalesce(actual, 'none')),`,
    `  'database', base, 'collation', name, 'recorded', recorded, 'actual', actual, 'steps', ${steps})`,
    'FROM (SELECT datname, NULL, datcollversion, pg_database_collation_actual_version(oid) FROM pg_database UNION ALL' +
      " SELECT current_database(), format('%I.%I', nspname, collname), collversion, pg_collation_actual_version(used.oid)" +
      ' FROM pg_collation AS used JOIN pg_namespace ON pg_namespace.oid = collnamespace' +
      ` WHERE ${used}) AS versions (base, name, recorded, actual)`,
    "WHERE recorded <> coalesce(actual, '');",
    'SQL',
  ];
}
