import * as k8s from '../kubernetes/api';
import { SecretValue } from '../kubernetes/secret-values';
import { besideServer } from '../workloads/beside';
import { SCRIPT_FOLDER } from './scripts';

/** Where the server finds the passwords of these roles. */
const FOLDER = '/etc/cdk8s-django/roles';
export const LATER_ROLES_MOUNT: k8s.VolumeMount = { name: 'roles', mountPath: FOLDER, readOnly: true };
export const LATER_ROLES = 'roles.sh';
const SCRIPT = `${SCRIPT_FOLDER}/${LATER_ROLES}`;
/**
 * The exit code of a script that is to run again, while all is well: EX_TEMPFAIL of sysexits.h. A shell that cannot read
 * its script ends with 2.
 */
export const WAITS = 75;

/** Where what is known of a role begins, in the life of the container. */
export const knownOf = (role: string) => `/tmp/role.${role}`;

/**
 * A role that an option adds to a server. A Job makes its password, which comes after the server was restarted, and not
 * at all while the image of a new release cannot be pulled. The server serves meanwhile.
 */
export interface LaterRole {
  /** The file of its password. */
  readonly name: string;
  readonly password: SecretValue;
  /**
   * Lines of a shell script that make it, or give it its password. They end with `WAITS` when they are to run again.
   *
   * @param password - a line of psql that sets the variable `password`
   */
  readonly lines: (password: string) => string[];
}

/** The passwords that are there. */
export function laterRolesVolume(roles: LaterRole[]): k8s.Volume {
  const sources = roles.map(({ name: path, password: { secretName: name, key } }) => ({
    secret: { name, optional: true, items: [{ key, path }] },
  }));
  return { name: LATER_ROLES_MOUNT.name, projected: { sources } };
}

/**
 * The script that makes the roles whose passwords are there, each once in the life of the container. One that cannot be
 * made keeps no other from being made.
 */
export function laterRolesScript(server: string, roles: LaterRole[]): string {
  return [
    'waiting= again= failed=',
    ...roles.flatMap(({ name, lines }) => [
      `if [ ! -s ${FOLDER}/${name} ] && [ ! -e ${knownOf(name)} ]; then`,
      `waiting="$waiting ${name}"`,
      `elif [ ! -e ${knownOf(name)} ]; then`,
      '(',
      // In no command line. psql cuts one newline at the end: a password may have another one.
      ...lines(`\\set password \`cat ${FOLDER}/${name}; echo\``),
      ')',
      `case $? in 0) touch ${knownOf(name)} ;; ${WAITS}) again=true ;; *) failed=true ;; esac`,
      'fi',
    ]),
    `[ -z "$waiting" ] || [ -e /tmp/roles.told ] || echo "the PostgresBackend '${server}' serves, and makes roles when` +
      ' Secrets have their passwords:$waiting"',
    '[ -z "$waiting" ] || touch /tmp/roles.told',
    '[ -z "$failed" ] || exit 1',
    `[ -z "$waiting$again" ] || exit ${WAITS}`,
    '',
  ].join('\n');
}

/** Lines that run before the server: beside it, they make the roles whose passwords come later. */
export const LATER_ROLES_STARTING = [
  'rm -f /tmp/role.* /tmp/roles.*',
  ...besideServer([`until [ -e /tmp/roles.started ] && sh ${SCRIPT} >&2; do`, '  sleep 5', 'done']),
];

/** Lines that make the others before anybody is let in. */
export const LATER_ROLES_STARTED = [
  `sh ${SCRIPT} >/proc/1/fd/2 2>&1`,
  `case $? in 0 | ${WAITS}) touch /tmp/roles.started ;; *) exit 1 ;; esac`,
];
