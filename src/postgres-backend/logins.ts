import { Construct } from 'constructs';
import { Selector } from '../kubernetes/labels';
import { Problems } from '../kubernetes/problems';
import {
  CHANGED,
  numberedPasswords,
  PasswordTurns,
  ServerPasswords,
  UNLESS_CHANGED,
} from '../secrets/server-passwords';
import { DatabaseLogin } from '../platform/postgres';
import { PostgresBackendProps } from './postgres-backend-props';
import { psql, QUIET, ScriptOptions } from './scripts';

const ALTERNATE = '_alternate';
/** PostgreSQL's NAMEDATALEN, without the byte that ends a name. */
const LONGEST_NAME = 63;

/**
 * The role that logs in with the password of a number: the owner of the tables with odd ones, and another role with
 * even ones. PostgreSQL keeps one password for a role, so that two roles take turns.
 */
function roleOf(user: string, number: number): string {
  return number % 2 === 1 ? user : `${user}${ALTERNATE}`;
}

/** Checks that the other role can have its name. */
function checkAlternate(scope: Construct, user: string): void {
  if (user.length + ALTERNATE.length <= LONGEST_NAME) return;
  Problems.report(scope, {
    property: 'user',
    value: user,
    reason: `has ${user.length} characters, and the role that takes turns with it also ends in "${ALTERNATE}"`,
    remedy: `Use at most ${LONGEST_NAME - ALTERNATE.length}`,
  });
}

/** How applications log in, and how those do that have not switched yet or have already. */
interface Logins extends DatabaseLogin {
  readonly otherLogin?: DatabaseLogin;
}

/** The passwords of a server by their numbers, and the logins with them: none of both unless the program says so. */
export function numberedLogins(
  scope: Construct & { readonly selector: Selector },
  props: Pick<PostgresBackendProps, 'password' | 'passwords'>,
  user: string,
): { passwords?: ServerPasswords } & Partial<Logins> {
  const passwords = numberedPasswords(scope, props);
  if (!passwords) return {};
  checkAlternate(scope, user);
  return { passwords, ...loginsOf(user, passwords, props.passwords!) };
}

/** The logins of a server whose passwords have numbers. */
function loginsOf(user: string, passwords: ServerPasswords, { accepted, used }: PasswordTurns): Logins {
  const login = (number: number) => ({ user: roleOf(user, number), password: passwords.value(number) });
  const other = accepted.find((number) => number !== used);
  return { ...login(used), ...(other === undefined ? {} : { otherLogin: login(other) }) };
}

/**
 * The script that lets in the roles whose passwords are accepted, and no other. It runs when the server starts, and
 * beside it when the kubelet has renewed a file. A role goes when the last of its sessions has ended, so that a step
 * that is applied too early takes no connection away.
 *
 * `ALTER ROLE … SET role` has each session of the other role act as the owner: what a migration makes belongs to the
 * owner, also with the other login.
 */
export function loginsScript(options: ScriptOptions, passwords: ServerPasswords): string {
  const { name, user, database } = options;
  const other = roleOf(user, 2);
  const sessions = `SELECT count(*) FROM pg_stat_activity JOIN pg_roles ON rolname = usename AND rolcanlogin WHERE usename`;
  const change = (role: string, variable: string) => [
    `\\if :has_${variable}`,
    `  ALTER ROLE "${role}" LOGIN PASSWORD :'${variable}';`,
    '\\elif :goes_' + variable,
    `  ALTER ROLE "${role}" NOLOGIN PASSWORD NULL;`,
    '\\endif',
  ];
  return [
    ...passwords.functions,
    ...UNLESS_CHANGED,
    // Its entrypoint still prepares it: it listens over TCP last of all.
    `pg_isready --host=127.0.0.1 --username=${user} --dbname=${database} --quiet`,
    'odd=/dev/null even=/dev/null has_odd=false has_even=false goes_odd=true goes_even=true',
    'for number in $(accepted); do',
    '  file=$(password_file "$number")',
    '  if [ $((number % 2)) = 1 ]; then goes_odd=false; else goes_even=false; fi',
    '  [ -s "$file" ] || continue',
    '  if [ $((number % 2)) = 1 ]; then odd=$file has_odd=true; else even=$file has_even=true; fi',
    'done',
    '[ "$has_odd$has_even" != falsefalse ] || exit 1',
    `[ "$goes_odd" = true ] && role='${user}' || role='${other}'`,
    'if [ "$goes_odd$goes_even" != falsefalse ]; then',
    `  sessions=$(${psql(options, '--tuples-only --no-align --quiet --set=ON_ERROR_STOP=1 --set=role="$role"')}`,
    `${sessions} = :'role';`,
    'SQL',
    '  )',
    '  if [ "$sessions" != 0 ]; then',
    '    if [ "$(cat /tmp/passwords.waiting 2>/dev/null)" != "$sum" ]; then',
    `      echo "the PostgresBackend '${name}' takes the old password until the last of $sessions sessions of the role` +
      ' $role has ended: restart what still uses it"',
    '      echo "$sum" >/tmp/passwords.waiting',
    '    fi',
    '    exit 1',
    '  fi',
    'fi',
    // The files are read by psql: their content is in no command line.
    'export odd even',
    psql(
      options,
      '--quiet --set=ON_ERROR_STOP=1 --set=has_odd=$has_odd --set=has_even=$has_even --set=goes_odd=$goes_odd' +
        ' --set=goes_even=$goes_even',
    ),
    ...QUIET,
    '\\set odd `cat "$odd"`',
    '\\set even `cat "$even"`',
    'BEGIN;',
    `SELECT 'CREATE ROLE "${other}"' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${other}') \\gexec`,
    `GRANT "${user}" TO "${other}";`,
    `ALTER ROLE "${other}" SET role TO "${user}";`,
    ...change(user, 'odd'),
    ...change(other, 'even'),
    'COMMIT;',
    'SQL',
    ...CHANGED,
    'rm -f /tmp/passwords.waiting',
    `echo "the PostgresBackend '${name}' takes the passwords $(echo $(taken))"`,
    '',
  ].join('\n');
}
