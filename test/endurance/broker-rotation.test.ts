import { PasswordTurns } from 'cdk8s-django/secrets';
import { eventually } from '../cluster/support/eventually';
import { apply } from '../cluster/support/kubectl';
import { upstream, Variant } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { ASSIGNED_USER } from '../cluster/support/assigned-user';
import { cost, prepare, SENDING_SETTINGS, sendsTasks, total, VISIBILITY } from './sending';

/*
 * The password of Celery's broker is rotated while twenty requests a second each send a task: each step is applied as
 * the guide says, when the one before has ended.
 */

const STEPS: [string, PasswordTurns][] = [
  ['add', { accepted: [1, 2], used: 1 }],
  ['switch', { accepted: [1, 2], used: 2 }],
  ['remove', { accepted: [2], used: 2 }],
];
const BROKER_POD = 'polls-queue-0';

const namespace = new Namespace('polls-broker');
const polls = new Polls(namespace);
const sums = { sent: 0, failed: 0, lost: 0, longest: 0 };

const variant = (passwords: PasswordTurns): Variant => ({
  distribution: upstream({ security: ASSIGNED_USER }),
  replicas: 2,
  visibilityTimeout: VISIBILITY,
  redis: { passwords },
  settingsModule: SENDING_SETTINGS,
  extend: sendsTasks,
});

beforeAll(async () => {
  await polls.deploy(variant({ accepted: [1], used: 1 }));
  await prepare(polls);
});
afterAll(async () => {
  print(total(sums));
  await namespace.remove();
});

const passwordOf = async (key: string) =>
  Buffer.from((await polls.secret('polls-queue'))[key], 'base64').toString();

/** What the broker says to one who logs in with a password. */
const says = (password: string) =>
  namespace.exec(BROKER_POD, 'env', `REDISCLI_AUTH=${password}`, 'sh', '-c', 'redis-cli ping 2>&1');

const broker = async () => {
  const { metadata, status } = await namespace.get('pod', BROKER_POD);
  return [metadata.uid, status.containerStatuses[0].restartCount];
};

test('a rotation of the password of the broker fails no request, loses no task and restarts no broker', async () => {
  const before = await broker();
  const old = await passwordOf('password');
  expect(await says(old)).toContain('PONG');
  for (const [step, passwords] of STEPS) {
    const result = await cost(polls, `rotation of the broker: ${step}`, sums, async () => {
      await apply(polls.manifests(variant(passwords)));
      // The kubelet renews the files of a pod that changes at once, and those of others each minute or two.
      await namespace.kubectl('annotate', '--overwrite', 'pod', BROKER_POD, `test.cdk8s-django/step=${step}`);
      await eventually(
        `the broker takes ${passwords.accepted}`,
        async () => {
          const log = await namespace.kubectl('logs', BROKER_POD);
          const taken = [...log.matchAll(/takes the passwords ([\d ]+)/g)].at(-1)?.[1].trim();
          expect(taken).toBe(passwords.accepted.join(' '));
        },
        { namespace: namespace.name, seconds: 240 },
      );
      await polls.converged(300);
    });
    expect(result).toEqual([0, 0]);
    expect(await broker()).toEqual(before);
  }
  expect(await says(old)).toMatch(/WRONGPASS|NOAUTH/);
  expect(await says(await passwordOf('password-2'))).toContain('PONG');
});
