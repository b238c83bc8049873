import { tryKubectl } from './support/kubectl';
import { OPERATORS, VIEWERS } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';

const polls = new Polls(new Namespace('polls-access'));

beforeAll(() => polls.deploy());
afterAll(() => polls.namespace.remove());

/** `yes` or `no`. */
async function may(identity: string[], question: string): Promise<string> {
  const asked = ['auth', 'can-i', ...question.split(' '), '--namespace', polls.namespace.name, ...identity];
  return (await tryKubectl(...asked)).stdout.trim();
}

const memberOf = (group: string) => ['--as=somebody', `--as-group=${group}`];
const serviceAccount = (name: string) => [`--as=system:serviceaccount:polls-access:${name}`];

const LOOK = [
  'get pods',
  'list pods',
  'get pods --subresource=log',
  'get deployments.apps',
  'list events',
  'get networkpolicies.networking.k8s.io',
  'get httproutes.gateway.networking.k8s.io',
  'list gateways.gateway.networking.k8s.io',
  'watch routes.route.openshift.io',
  'get scaledobjects.keda.sh',
  'get podmonitorings.monitoring.googleapis.com',
  'get servicemonitors.monitoring.coreos.com',
];
const OPERATE = [
  'patch deployments.apps/polls',
  'patch deployments.apps/polls --subresource=scale',
  'delete pods',
  'create pods --subresource=eviction',
  'delete jobs.batch',
];
const FORBIDDEN = [
  'patch httproutes.gateway.networking.k8s.io',
  'delete gateways.gateway.networking.k8s.io',
  'patch scaledobjects.keda.sh',
  'get triggerauthentications.keda.sh',
  'get secrets',
  'list secrets',
  'get secrets/polls',
  'create pods',
  'create pods --subresource=exec',
  'get pods --subresource=exec',
  'create pods --subresource=portforward',
  'patch pods --subresource=ephemeralcontainers',
  'create serviceaccounts --subresource=token',
  'create rolebindings.rbac.authorization.k8s.io',
  'delete persistentvolumeclaims',
];

describe('viewers', () => {
  test.each(LOOK)('may %s', async (question) => {
    expect(await may(memberOf(VIEWERS), question)).toBe('yes');
  });
  test.each([...OPERATE, ...FORBIDDEN])('may not %s', async (question) => {
    expect(await may(memberOf(VIEWERS), question)).toBe('no');
  });
});

describe('operators', () => {
  test.each([...LOOK, ...OPERATE])('may %s', async (question) => {
    expect(await may(memberOf(OPERATORS), question)).toBe('yes');
  });
  test.each(FORBIDDEN)('may not %s', async (question) => {
    expect(await may(memberOf(OPERATORS), question)).toBe('no');
  });

  test('can really restart the application and read its logs', async () => {
    const { namespace } = polls;
    const operator = memberOf(OPERATORS);
    const logs = await tryKubectl('logs', 'deployment/polls', '--namespace', namespace.name, ...operator);
    expect(logs).toMatchObject({ code: 0 });
    const restart = ['rollout', 'restart', 'deployment/polls', '--namespace', namespace.name];
    expect(await tryKubectl(...restart, ...operator)).toMatchObject({ code: 0 });
    expect((await tryKubectl(...restart, ...memberOf(VIEWERS))).code).not.toBe(0);
    await polls.converged();
  });

  test('cannot enter a container', async () => {
    const enter = ['exec', 'deployment/polls', '--namespace', polls.namespace.name];
    const { code, stderr } = await tryKubectl(...enter, ...memberOf(OPERATORS), '--', 'env');
    expect(code).not.toBe(0);
    expect(stderr).toContain('forbidden');
  });
});

describe('the identities of the pods', () => {
  test.each([
    // A migration asks by it which release is the present one.
    ['polls', [['configmaps', '[]', '[polls]', '[get]']]],
    ['polls-db', []],
  ])('%s may do what any ServiceAccount may, and beside it %j', async (name, own) => {
    const permissions = async (account: string) => {
      const list = await polls.namespace.kubectl('auth', 'can-i', '--list', ...serviceAccount(account));
      return list.split('\n').map((line) => line.trim().split(/\s{2,}/));
    };
    const common = (await permissions('no-account-of-this-name')).map(String);
    expect((await permissions(name)).filter((line) => !common.includes(String(line)))).toEqual(own);
  });

  test.each([
    ['polls-secret', 'polls', 'polls-db'],
    ['polls-db-secret', 'polls-db', 'polls'],
  ])('%s may fill its own Secret and no other', async (account, own, other) => {
    const identity = serviceAccount(account);
    expect(await may(identity, `get secrets/${own}`)).toBe('yes');
    expect(await may(identity, `patch secrets/${own}`)).toBe('yes');
    expect(await may(identity, `delete secrets/${own}`)).toBe('no');
    expect(await may(identity, `get secrets/${other}`)).toBe('no');
    expect(await may(identity, `patch secrets/${other}`)).toBe('no');
    expect(await may(identity, 'list secrets')).toBe('no');
    expect(await may(identity, 'create secrets')).toBe('no');
  });

  test.each(['deployment/polls', 'polls-db-0'])('%s has no token of the API server', async (pod) => {
    const mounted = await polls.namespace.exec(
      pod,
      'sh',
      '-c',
      'ls /var/run/secrets/kubernetes.io 2>&1 || true',
    );
    expect(mounted).toContain('No such file');
  });
});
