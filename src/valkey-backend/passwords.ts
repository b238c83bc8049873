import { CHANGED, ServerPasswords, UNLESS_CHANGED, watching } from '../secrets/server-passwords';
import { EXPORTER_PASSWORD, exporterPassword, METRICS_USER } from '../workloads/exporter';

/** The scripts of a server whose passwords have numbers. */
export const START_SCRIPT = 'start.sh';
export const PASSWORDS_SCRIPT = 'passwords.sh';

/** The user of the probe and of the script, within the pod. It may ask for life and set passwords. */
const LOCAL_USER = 'cdk8s_django_local';
const LOCAL_PASSWORD = '/tmp/local-password';
const USERS = '/tmp/users.acl';

/** A server knows passwords by their sums, so that none is in a command. */
const SUM = "sha256sum | cut -d ' ' -f 1";
const HASHES = [
  'hashes() {',
  '  for file in $(password_files); do',
  `    printf ' #%s' "$(printf %s "$(cat "$file")" | ${SUM})"`,
  '  done',
  '}',
];

/**
 * What the exporter asks for, and no key of a database.
 *
 * @see https://github.com/oliver006/redis_exporter#authenticating-with-redis
 */
const EXPORTED = '+client|setname +config|get +info +latency +ping +slowlog|get +slowlog|len';

/** By the names of Valkey's image or of Redis'. */
export function program(name: string): string {
  return `"$(command -v valkey-${name} || command -v redis-${name})"`;
}

/** The client, as the user of the pod. Its password is made anew with each start. */
export function localClient(): string {
  const variables = ['REDISCLI_AUTH', 'VALKEYCLI_AUTH'].map((name) => `${name}=$(cat ${LOCAL_PASSWORD})`);
  return `${variables.join(' ')} ${program('cli')} --user ${LOCAL_USER}`;
}

/**
 * The script that starts the server with the passwords that there are, and looks after them. With an exporter it first
 * makes the file with its password, of a form, because the exporter starts a moment later and would end without it.
 */
export function startScript(passwords: ServerPasswords, folder: string, exporterForm?: string): string {
  const exporter = exporterForm !== undefined;
  return [
    'set -eu',
    'umask 077',
    ...(exporter ? exporterPassword(exporterForm) : []),
    ...passwords.waiting,
    ...HASHES,
    'rm -f /tmp/passwords.done',
    `head -c 32 /dev/urandom | ${SUM} >${LOCAL_PASSWORD}`,
    `local=$(printf %s "$(cat ${LOCAL_PASSWORD})" | ${SUM})`,
    ...(exporter ? [`exporter=$(printf %s "$(cut -d '"' -f 4 ${EXPORTER_PASSWORD})" | ${SUM})`] : []),
    `{`,
    '  echo "user default on resetpass$(hashes) ~* &* +@all"',
    `  echo "user ${LOCAL_USER} on #$local -@all +ping +acl|setuser"`,
    ...(exporter ? [`  echo "user ${METRICS_USER} on #$exporter -@all ${EXPORTED}"`] : []),
    `} >${USERS}`,
    ...watching(`${folder}/${PASSWORDS_SCRIPT}`),
    `exec ${program('server')} ${folder}/valkey.conf --aclfile ${USERS}`,
    '',
  ].join('\n');
}

/**
 * The script that has the server take the accepted passwords, and no other, in one command. Who is connected stays so.
 */
export function passwordsScript(name: string, passwords: ServerPasswords): string {
  return [
    ...passwords.functions,
    ...HASHES,
    ...UNLESS_CHANGED,
    'new=$(hashes)',
    // With none at all nobody could log in.
    '[ -n "$new" ] || exit 1',
    `answer=$(echo "ACL SETUSER default resetpass$new" | ${localClient()})`,
    `[ "$answer" = OK ] || { echo "the ValkeyBackend '${name}' did not take its passwords: $answer"; exit 1; }`,
    ...CHANGED,
    `echo "the ValkeyBackend '${name}' takes the passwords $(echo $(taken))"`,
    '',
  ].join('\n');
}
