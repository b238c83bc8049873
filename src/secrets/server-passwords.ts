import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkSecretKey } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { Problems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { keysBeside, SecretValue } from '../kubernetes/secret-values';
import { forever } from '../workloads/beside';

/**
 * Which passwords a server takes, by their numbers, and which of them pods log in with. A rotation is three changes of
 * the program, each applied after the rollout of the one before has ended:
 *
 * 1. add the next: `{ accepted: [1, 2], used: 1 }`,
 * 2. switch to it: `{ accepted: [1, 2], used: 2 }`,
 * 3. remove the old one: `{ accepted: [2], used: 2 }`.
 *
 * @example
 * new PostgresBackend(this, 'Database', {
 *   name: 'polls-db',
 *   storage: '20Gi',
 *   passwords: { accepted: [1, 2], used: 1 },
 * });
 */
export interface PasswordTurns {
  /** The numbers of one password, or of two that follow one another: `[1]`, `[1, 2]`, `[2]`. */
  readonly accepted: number[];

  /** The number of the one that pods log in with. */
  readonly used: number;
}

/** Where the server finds its passwords, and which of them it is to take. */
const FOLDER = '/etc/cdk8s-django/passwords';
/** No key of a Secret has a slash, so none is in the place of this file. */
const ACCEPTED = 'cdk8s-django/accepted';
const MOUNT: k8s.VolumeMount = { name: 'passwords', mountPath: FOLDER, readOnly: true };

/** What a server with numbered passwords is. */
export interface ServerPasswordsOptions {
  readonly selector: Selector;
  readonly turns: PasswordTurns;
  /** The password with the number 1: the keys of the others end in their numbers. */
  readonly first: SecretValue;
}

/**
 * The numbered passwords of a server that the library makes. The server reads them from files that the kubelet renews,
 * so that none of the steps changes its pod.
 */
export class ServerPasswords {
  /** The ConfigMap that says which passwords the server takes. */
  readonly configMap: Resource;
  readonly mount = MOUNT;

  constructor(
    scope: Construct,
    private readonly options: ServerPasswordsOptions,
  ) {
    const { selector, turns, first } = options;
    for (const number of turns.accepted) checkSecretKey(scope, 'password.key', keyOf(first.key, number));
    checkKeys(scope, first, this.keys);
    const metadata = { name: `${selector.instance}-passwords`, labels: resourceLabels(selector) };
    this.configMap = new Resource(
      scope,
      'Passwords',
      k8s.manifest('ConfigMap', { metadata, data: { accepted: `${turns.accepted.join(' ')}\n` } }),
    );
  }

  /** The password of a number. */
  value(number: number): SecretValue {
    const { first } = this.options;
    return { ...first, key: keyOf(first.key, number) };
  }

  /** The one that pods log in with. */
  get used(): SecretValue {
    return this.value(this.options.turns.used);
  }

  /** The keys of those that the server takes. */
  get keys(): string[] {
    const { turns, first } = this.options;
    return turns.accepted.map((number) => keyOf(first.key, number));
  }

  /** All of the Secret: a list of its keys would change the pod with each rotation. */
  get volume(): k8s.Volume {
    const { name } = this.configMap;
    const items = [{ key: 'accepted', path: ACCEPTED }];
    const { secretName } = this.options.first;
    return {
      name: MOUNT.name,
      // A Secret that somebody else makes may come later.
      projected: {
        sources: [{ secret: { name: secretName, optional: true } }, { configMap: { name, items } }],
      },
    };
  }

  /**
   * Lines of a shell script: `accepted` prints the numbers, `password_file` the file of one, and `taken` those that have
   * one.
   */
  get functions(): string[] {
    const { key } = this.options.first;
    return [
      `accepted() { cat ${FOLDER}/${ACCEPTED}; }`,
      `password_file() { case $1 in 1) echo ${FOLDER}/${key} ;; *) echo ${FOLDER}/${key}-$1 ;; esac; }`,
      // What there is of them: one that was not made yet keeps no server from the others.
      'taken() {',
      '  for number in $(accepted); do',
      '    if [ -s "$(password_file "$number")" ]; then echo "$number"; fi',
      '  done',
      '}',
      'password_files() { for number in $(taken); do password_file "$number"; done; }',
    ];
  }

  /** Lines of a shell script that waits for a password. */
  get waiting(): string[] {
    return [
      ...this.functions,
      'until [ -n "$(password_files)" ]; do',
      '  [ -n "${told-}" ] || echo "waiting for a password in the Secret" >&2',
      '  told=yes',
      '  sleep 1',
      'done',
    ];
  }
}

/** Checks that a Secret of somebody else has the passwords, where the program says which keys it has. */
function checkKeys(scope: Construct, first: SecretValue, needed: string[]): void {
  const keys = keysBeside(first);
  const missing = needed.find((key) => keys && !keys.includes(key));
  if (missing === undefined) return;
  Problems.report(scope, {
    property: 'passwords.accepted',
    value: missing,
    reason: `is the key of one of them, and is not a key of Secret "${first.secretName}" (${keys!.join(', ')})`,
    remedy: 'Put that password there, and add its key to the keys of the StoredSecret or ExistingSecret',
  });
}

/** The keys of the Secret: a number takes the place of none. */
function keyOf(first: string, number: number): string {
  return number === 1 ? first : `${first}-${number}`;
}

/** Lines that look at the files again and again, beside a server, and run a script that acts when they have changed. */
export function watching(script: string): string[] {
  return forever(['while sleep 5; do', `  sh ${script} >&2 || true`, 'done']);
}

/** Lines of that script: it ends where nothing has changed since it last came to its end. */
export const UNLESS_CHANGED = [
  'set -eu',
  'umask 077',
  'sum=$({ accepted; cat $(password_files) /dev/null; } | cksum)',
  '[ "$(cat /tmp/passwords.done 2>/dev/null)" != "$sum" ] || exit 0',
];
export const CHANGED = ['echo "$sum" >/tmp/passwords.done'];

/** The passwords of a server by their numbers, unless it has one alone. */
export function numberedPasswords(
  scope: Construct & { readonly selector: Selector },
  props: { password?: SecretValue; passwords?: PasswordTurns },
): ServerPasswords | undefined {
  const { selector } = scope;
  const { passwords: turns, password: first = { secretName: selector.instance, key: 'password' } } = props;
  if (!turns) return undefined;
  checkPasswords(scope, turns);
  return new ServerPasswords(scope, { selector, turns, first });
}

/** Checks the steps of a rotation. */
function checkPasswords(scope: Construct, { accepted, used }: PasswordTurns): void {
  if (accepted.length !== 1 && accepted.length !== 2) {
    Problems.report(scope, {
      property: 'passwords.accepted',
      value: accepted,
      reason: 'is not one password, or two while a rotation lasts',
      remedy: 'Give one number, such as [1], or two that follow one another, such as [1, 2]',
    });
  }
  for (const number of accepted) checkInteger(scope, 'passwords.accepted', number, { atLeast: 1 });
  const [first, second] = accepted;
  const least = Math.min(...accepted);
  if (second !== undefined && second !== first + 1) {
    Problems.report(scope, {
      property: 'passwords.accepted',
      value: accepted,
      reason: 'are not two numbers that follow one another',
      remedy: `Give [${least}, ${least + 1}]: each rotation adds the next number and removes the one before it`,
    });
  }
  if (!accepted.includes(used)) {
    Problems.report(scope, {
      property: 'passwords.used',
      value: used,
      reason: `is none of the accepted (${accepted.join(', ')}): a step of the rotation was skipped`,
      remedy:
        'Apply three changes in turn: add the next to accepted, switch used to it, and remove the old one ' +
        'from accepted',
    });
  }
}

/** Refuses a rotation on a server that the distribution runs. */
export function refusePasswords(scope: Construct, passwords: PasswordTurns): void {
  Problems.report(scope, {
    property: 'passwords',
    value: passwords,
    reason: 'are for a server that the library makes, and the distribution runs this one',
    remedy: 'Leave them out, and change the password where the service that runs it has it',
  });
}
