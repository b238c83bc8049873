import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { checkSecretValue } from '../kubernetes/secret-values';
import { DatabaseConnection, DatabaseLogin } from '../platform/postgres';
import { knownOf, LaterRole, WAITS } from './later-roles';
import { PostgresBackendProps } from './postgres-backend-props';
import { psql, QUIET, ScriptOptions } from './scripts';

const SUFFIX = '_application';
const KEY = 'application-password';
/** PostgreSQL's NAMEDATALEN, without the byte that ends a name. */
const LONGEST_NAME = 63;

/** The role of applications. */
export interface RoleOfApplications extends DatabaseLogin {
  /** Whether its password is made. */
  readonly isGenerated: boolean;
}

/** The keys of the Secret that is made for a server; one, unless the program asks for more. */
export function generatedKeys(
  passwords?: { readonly keys: string[] },
  role?: RoleOfApplications,
): string[] | undefined {
  return role?.isGenerated ? ['password', KEY] : passwords?.keys;
}

/** How applications and migrations log in, where they do so as two roles. */
export function loginsOf(
  role: RoleOfApplications | undefined,
  migrationLogin: DatabaseLogin,
): Partial<DatabaseConnection> {
  if (!role) return {};
  const { user, password } = role;
  return { user, password, migrationLogin };
}

/** The role that the program asks for, unless the owner serves applications too. */
export function roleOfApplications(
  scope: Construct,
  props: PostgresBackendProps,
  owner: string,
): RoleOfApplications | undefined {
  const { name, applicationRole } = props;
  if (!applicationRole) return undefined;
  checkApplicationRole(scope, props, owner);
  const { password } = applicationRole;
  return {
    user: `${owner}${SUFFIX}`,
    password: password ?? { secretName: name, key: KEY },
    isGenerated: !password,
  };
}

function checkApplicationRole(
  scope: Construct,
  { name, password: ownersPassword, passwords, applicationRole }: PostgresBackendProps,
  owner: string,
): void {
  const { password } = applicationRole!;
  if (password) checkSecretValue(scope, 'applicationRole.password', password);
  if (passwords) {
    Problems.report(scope, {
      property: 'applicationRole',
      value: applicationRole,
      reason:
        'is given together with passwords, which change the password of the role that owns the tables alone',
      remedy: 'Leave it out: passwords stay once they are given',
    });
  }
  if (ownersPassword && !password) {
    Problems.report(scope, {
      property: 'applicationRole.password',
      value: password,
      reason: 'is needed beside password, because the Secret of that is made by somebody else',
      remedy: 'Give the value of another key, or leave password out: both are then made',
    });
  }
  const owners = ownersPassword ?? { secretName: name, key: 'password' };
  if (password && password.secretName === owners.secretName && password.key === owners.key) {
    Problems.report(scope, {
      property: 'applicationRole.password',
      value: password.key,
      reason: `is the password of the role that owns the tables, in Secret "${password.secretName}"`,
      remedy: 'Give the value of another key',
    });
  }
  if (owner.length + SUFFIX.length > LONGEST_NAME) {
    Problems.report(scope, {
      property: 'user',
      value: owner,
      reason: `has ${owner.length} characters, and the role of applications also ends in "${SUFFIX}"`,
      remedy: `Use at most ${LONGEST_NAME - SUFFIX.length}`,
    });
  }
}

/** A statement on the schema public, which somebody may have removed. */
function onPublic(statement: string): string[] {
  return [`SELECT '${statement}' WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \\gexec`];
}

const ON_TABLES = 'SELECT, INSERT, UPDATE, DELETE';
/** `loaddata` sets sequences. */
const ON_SEQUENCES = 'SELECT, USAGE, UPDATE';

/** The role, for the pod of the server. */
export function laterApplicationRole(
  options: Pick<ScriptOptions, 'user' | 'database'>,
  role: RoleOfApplications,
): LaterRole {
  const { user, password } = role;
  return { name: user, password, lines: (given) => applicationRoleLines(options, role, given) };
}

/**
 * Lines that make the role and give it its rights, each time that the server starts: of new data, of data that was there
 * before the option, and of data that was restored without rights. What is made later has them by default privileges.
 *
 * The server may serve already. A transaction that is open then may have a table that nobody else sees, and no default
 * privileges for it. The rights are given when such transactions have ended.
 */
function applicationRoleLines(
  options: Pick<ScriptOptions, 'user' | 'database'>,
  { user: role }: RoleOfApplications,
  password: string,
): string[] {
  const since = `${knownOf(role)}.since`;
  return [
    `if [ ! -s ${since} ]; then`,
    ...roleLines(options, role, password, since),
    'fi',
    ...openLines(options, role, since),
    ...rightsLines(options, role),
  ];
}

/**
 * Lines that make the role and its default privileges, and write the time from which these count.
 *
 * Before PostgreSQL 15 everybody may create tables in the schema public, and the owner of the database has it from
 * there alone.
 *
 * @see https://www.postgresql.org/docs/18/sql-alterdefaultprivileges.html
 * @see https://www.postgresql.org/docs/15/ddl-schemas.html#DDL-SCHEMAS-PATTERNS
 */
function roleLines(
  options: Pick<ScriptOptions, 'user' | 'database'>,
  role: string,
  password: string,
  since: string,
): string[] {
  const { user: owner, database } = options;
  const byDefault = (rights: string, what: string) =>
    `ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" GRANT ${rights} ON ${what} TO "${role}";`;
  return [
    `${psql(options, '--quiet --tuples-only --no-align --set=ON_ERROR_STOP=1')} >/proc/1/fd/2 2>&1 || exit 1`,
    ...QUIET,
    password,
    'BEGIN;',
    `SELECT 'CREATE ROLE "${role}"' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') \\gexec`,
    `ALTER ROLE "${role}" LOGIN PASSWORD :'password';`,
    ...onPublic('REVOKE CREATE ON SCHEMA public FROM PUBLIC'),
    ...onPublic(`GRANT USAGE, CREATE ON SCHEMA public TO "${owner}"`),
    `GRANT CONNECT ON DATABASE "${database}" TO "${role}";`,
    ...onPublic(`GRANT USAGE ON SCHEMA public TO "${role}"`),
    byDefault('USAGE', 'SCHEMAS'),
    byDefault(ON_TABLES, 'TABLES'),
    byDefault(ON_SEQUENCES, 'SEQUENCES'),
    'COMMIT;',
    `SELECT extract(epoch FROM clock_timestamp()) \\g ${since}`,
    'SQL',
  ];
}

/**
 * Lines that end with `WAITS` while a transaction is open that began before that time: of the owner, or one that writes,
 * because others make tables of the owner by SET ROLE. The log names their processes once.
 */
function openLines(options: Pick<ScriptOptions, 'user' | 'database'>, role: string, since: string): string[] {
  const { user: owner, database } = options;
  const told = `${knownOf(role)}.told`;
  return [
    `open=$(${psql(options, '--quiet --tuples-only --no-align --set=ON_ERROR_STOP=1')} 2>/proc/1/fd/2`,
    `\\set since \`cat ${since}\``,
    "SELECT string_agg(name, ', ') FROM (",
    "SELECT 'process ' || pid, xact_start FROM pg_stat_activity WHERE datname = current_database()" +
      ` AND backend_type = 'client backend' AND pid <> pg_backend_pid()` +
      ` AND (usename = '${owner}' OR backend_xid IS NOT NULL)`,
    "UNION ALL SELECT 'prepared ' || gid, prepared FROM pg_prepared_xacts WHERE database = current_database()",
    ') AS open (name, began) WHERE extract(epoch FROM began) < :since;',
    'SQL',
    ') || exit 1',
    'if [ -n "$open" ]; then',
    `[ -e ${told} ] || echo "the database '${database}' gives '${role}' its rights when these transactions have ended: $open"`,
    `touch ${told}`,
    `exit ${WAITS}`,
    'fi',
  ];
}

/**
 * Lines that give the rights for what is there, each by a transaction of its own: a migration never waits for two of
 * them. One that meets a migration may fail by `tuple concurrently updated`: all are given again.
 */
function rightsLines(options: Pick<ScriptOptions, 'user' | 'database'>, role: string): string[] {
  const isOwned = (column: string) => `pg_get_userbyid(${column}) = '${options.user}'`;
  const granted = (kinds: string, what: string, rights: string) =>
    `SELECT format('GRANT ${rights} ON ${what} %s TO "${role}"', oid::regclass) FROM pg_class` +
    ` WHERE relkind IN (${kinds}) AND relpersistence <> 't' AND ${isOwned('relowner')} \\gexec`;
  return [
    `${psql(options, '--quiet --set=ON_ERROR_STOP=1')} >/proc/1/fd/2 2>&1 || exit 1`,
    ...QUIET,
    `SELECT format('GRANT USAGE ON SCHEMA %I TO "${role}"', nspname) FROM pg_namespace WHERE ${isOwned('nspowner')} \\gexec`,
    granted("'r', 'p', 'v', 'm', 'f'", 'TABLE', ON_TABLES),
    granted("'S'", 'SEQUENCE', ON_SEQUENCES),
    // Those that an application has made as the owner.
    `SELECT format('GRANT SELECT, UPDATE ON LARGE OBJECT %s TO "${role}"', oid) FROM pg_largeobject_metadata` +
      ` WHERE ${isOwned('lomowner')} \\gexec`,
    'SQL',
  ];
}
