import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration } from 'cdk8s';
import { reportOf } from '../access-report/support';
import { apply, kubectl, tryApply, tryKubectl } from './support/kubectl';
import { OPERATORS, VIEWERS } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';
import { print } from './support/print';
import {
  memberOf,
  Question,
  requestsElsewhere,
  rightsTable,
  serviceAccount,
  whatIsAllowed,
} from './support/rights';

const DEPLOYERS = 'polls-pipeline';
const ON_CALL = 'polls-on-call';
const MINUTES = 20;

const polls = new Polls(new Namespace('polls-access'));
const variant = {
  people: { deployers: [DEPLOYERS], breakGlass: { groups: [ON_CALL], duration: Duration.minutes(MINUTES) } },
};
const manifests = polls.manifests(variant);
const deployer = memberOf(DEPLOYERS);

const OF_CLUSTER = [
  'clusterrole/polls-access-polls-deployer',
  'clusterrolebinding/polls-access-polls-deployer',
  'validatingadmissionpolicy/polls-access-polls-break-glass',
  'validatingadmissionpolicybinding/polls-access-polls-break-glass',
];

beforeAll(() => polls.deploy(variant));
afterAll(async () => {
  await kubectl('delete', ...OF_CLUSTER, '--ignore-not-found', '--wait=false');
  await polls.namespace.remove();
});

describe('the rights of each subject', () => {
  const accounts = manifests
    .filter(({ kind }) => kind === 'ServiceAccount')
    .map(({ metadata }) => metadata.name);
  const subjects = [
    ...[VIEWERS, OPERATORS, DEPLOYERS, ON_CALL].map((group) => `Group ${group}`),
    ...['default', ...accounts].map((name) => `ServiceAccount polls-access/${name}`),
  ];
  const questions = rightsTable(subjects, polls.namespace.name);

  test(`are those of the report and no others: ${questions.length} requests`, async () => {
    const { rules } = reportOf(manifests).facts;
    const answers = await whatIsAllowed(questions);
    const shown = ({ subject, verb, group, resource, name }: Question) =>
      `${subject}: ${verb} ${[group, resource].filter(Boolean).join('/')} ${name ?? ''}`.trim();
    const allowed = questions.filter((_, index) => answers[index]).map(shown);
    const expected = questions.filter((question) => isReported(rules, question)).map(shown);
    expect(allowed.length).toBeGreaterThan(150);
    expect(allowed).toEqual(expected);
    printRights(questions, answers);
  });

  test('are those of every ServiceAccount that there is', () => {
    expect([...accounts].sort()).toEqual([
      'polls',
      'polls-break-glass',
      'polls-db',
      'polls-db-secret',
      'polls-secret',
    ]);
  });

  const elsewhere = requestsElsewhere(subjects, ['default', 'kube-system']);

  test(`are none elsewhere: ${elsewhere.length} requests in other namespaces, and in all at once`, async () => {
    const answers = await whatIsAllowed(elsewhere);
    expect(answers).toHaveLength(elsewhere.length);
    expect(elsewhere.filter((_, index) => answers[index])).toEqual([]);
  });
});

/** Whether the report gives a right, asked of its rules one by one. */
function isReported(
  grants: any[],
  { subject, namespace, verb, group, resource, name = '' }: Question,
): boolean {
  const fits = (all: string[] | undefined, value: string) => all?.includes('*') || all?.includes(value);
  return grants
    .filter((grant) => grant.subject === subject && ['*', namespace].includes(grant.namespace))
    .flatMap((grant) => grant.rules)
    .some(
      ({ apiGroups, resources, resourceNames, verbs }) =>
        fits(verbs, verb) &&
        fits(apiGroups, group) &&
        fits(resources, resource) &&
        (!resourceNames || resourceNames.includes(name)),
    );
}

/** The table, for people. */
function printRights(questions: Question[], answers: boolean[]): void {
  const cells = new Map<string, string[]>();
  questions.forEach(({ subject, verb, resource, name }, index) => {
    const row = `${subject.padEnd(46)} ${name ? `${resource} ${name}` : resource}`;
    if (answers[index]) cells.set(row, [...(cells.get(row) ?? []), verb]);
  });
  for (const [row, verbs] of cells) print(`${row.padEnd(90)} ${verbs.join(' ')}`);
}

describe('operators', () => {
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

describe('deployers', () => {
  const named = '--selector=app.kubernetes.io/name';
  const isNamed = ({ metadata }: any) => metadata.labels?.['app.kubernetes.io/name'];

  test('apply all manifests unchanged', async () => {
    const said = await apply(manifests, ...deployer);
    expect(said).toHaveLength(manifests.length);
    expect(said.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
  });

  test('apply by server-side apply what has a name', async () => {
    const options = ['--server-side', '--force-conflicts', '--dry-run=server', named];
    expect(await tryApply(manifests, ...options, ...deployer)).toMatchObject({ code: 0 });
  });

  test('make anew what is deleted, and prune what is no more', async () => {
    const kept = ['Secret', 'PersistentVolumeClaim'];
    const own = manifests.filter(
      (one) => isNamed(one) && !kept.includes(one.kind) && one.metadata.name !== 'polls-deployer',
    );
    expect(new Set(own.map(({ kind }) => kind)).size).toBeGreaterThan(10);
    const file = join(mkdtempSync(join(tmpdir(), 'deployer-')), 'own.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: own }));
    await kubectl('delete', '--filename', file, '--wait=true', ...deployer);
    const said = await apply(manifests, ...deployer);
    expect(said.filter((line) => line.endsWith(' created'))).toHaveLength(own.length);

    const isGone = ({ kind }: any) => kind === 'PodDisruptionBudget' || kind === 'HTTPRoute';
    const kinds = ['policy/v1/PodDisruptionBudget', 'gateway.networking.k8s.io/v1/HTTPRoute'];
    const pruned = await apply(
      manifests.filter(({ kind }) => kind === 'Service'),
      '--prune',
      named,
      ...kinds.map((one) => `--prune-allowlist=${one}`),
      `--namespace=${polls.namespace.name}`,
      ...deployer,
    );
    expect(pruned.filter((line) => line.endsWith(' pruned')).sort()).toEqual(
      manifests
        .filter(isGone)
        .map(({ apiVersion, kind, metadata }) => {
          const [group] = apiVersion.split('/');
          return `${kind.toLowerCase()}.${group}/${metadata.name} pruned`;
        })
        .sort(),
    );
    await polls.converged();
  });

  test.each<[string, any, RegExp]>([
    [
      'more rights in their own Role',
      {
        kind: 'Role',
        metadata: { name: 'polls-deployer' },
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }],
      },
      /attempting to grant RBAC permissions not currently held/,
    ],
    [
      'a binding to what they do not have',
      {
        kind: 'RoleBinding',
        metadata: { name: 'more' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: DEPLOYERS }],
      },
      /attempting to grant RBAC permissions not currently held/,
    ],
    [
      'a shell for themselves',
      {
        kind: 'RoleBinding',
        metadata: { name: 'shell' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'polls-break-glass' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: DEPLOYERS }],
      },
      /attempting to grant RBAC permissions not currently held/,
    ],
    [
      'a namespace that enforces nothing',
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'polls-access', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
      },
      /namespaces "polls-access" is forbidden/,
    ],
    [
      'a kind that the program does not have',
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'x' } },
      /forbidden/,
    ],
    [
      'a lasting token of break-glass access',
      {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/service-account-token',
        metadata: {
          name: 'lasting',
          annotations: { 'kubernetes.io/service-account.name': 'polls-break-glass' },
        },
      },
      /has no lasting token/,
    ],
  ])('do not get %s', async (_, object, message) => {
    const { name } = polls.namespace;
    const manifest = { apiVersion: 'rbac.authorization.k8s.io/v1', ...object };
    if (manifest.kind !== 'Namespace') manifest.metadata.namespace = name;
    const { code, stderr } = await tryKubectlWith(manifest);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });

  /** By the request that changes or makes it, without looking first. */
  function tryKubectlWith(manifest: any) {
    const file = join(mkdtempSync(join(tmpdir(), 'deployer-')), 'object.json');
    writeFileSync(file, JSON.stringify(manifest));
    const isThere = ['polls-deployer', 'polls-access'].includes(manifest.metadata.name);
    const change = ['patch', '--type=merge', `--patch-file=${file}`, `--filename=${file}`];
    return tryKubectl(...(isThere ? change : ['create', `--filename=${file}`]), ...deployer);
  }
});

describe('break-glass access', () => {
  const { name } = polls.namespace;
  const take = (...options: string[]) =>
    tryKubectl('create', 'token', 'polls-break-glass', '--namespace', name, ...options);
  const onCall = memberOf(ON_CALL);

  test('is a token that ends, by which its holder enters pods and does nothing else', async () => {
    const { stdout: token } = await take(`--duration=${MINUTES}m`, ...onCall);
    const { exp, iat } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    expect(exp - iat).toBe(MINUTES * 60);
    const holder = ['--namespace', name, `--kubeconfig=${await configOf(token.trim())}`];
    expect(await tryKubectl('exec', 'deployment/polls', ...holder, '--', 'true')).toMatchObject({ code: 0 });
    const secrets = await tryKubectl('get', 'secrets', ...holder);
    expect(secrets.stderr).toContain(`User "system:serviceaccount:${name}:polls-break-glass" cannot list`);
  });

  test.each([
    ['lasts longer', ['--duration=2h'], `lasts at most ${MINUTES * 60} seconds`],
    [
      'a pod has',
      [`--duration=${MINUTES}m`, '--bound-object-kind=Pod', '--bound-object-name=polls-db-0'],
      'No pod acts as the ServiceAccount polls-break-glass',
    ],
  ])('is no token that %s', async (_, options, message) => {
    const { code, stderr } = await take(...options, ...onCall);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test('is of nobody else', async () => {
    for (const group of [VIEWERS, OPERATORS, DEPLOYERS]) {
      expect((await take('--duration=10m', ...memberOf(group))).stderr).toContain('forbidden');
    }
  });

  /** The configuration of kubectl, with a token in the place of what it has. */
  async function configOf(token: string): Promise<string> {
    const config = JSON.parse(await kubectl('config', 'view', '--minify', '--raw', '--output=json'));
    config.users = config.users.map(({ name: user }: any) => ({ name: user, user: { token } }));
    const file = join(mkdtempSync(join(tmpdir(), 'break-glass-')), 'config');
    writeFileSync(file, JSON.stringify(config));
    return file;
  }
});

describe('the identities of the pods', () => {
  test.each([
    // A migration asks by it which release is the present one.
    ['polls', [['configmaps', '[]', '[polls]', '[get]']]],
    ['polls-db', []],
  ])('%s may do what any ServiceAccount may, and beside it %j', async (name, own) => {
    const permissions = async (account: string) => {
      const list = await polls.namespace.kubectl(
        'auth',
        'can-i',
        '--list',
        ...serviceAccount(polls.namespace, account),
      );
      return list.split('\n').map((line) => line.trim().split(/\s{2,}/));
    };
    const common = (await permissions('no-account-of-this-name')).map(String);
    expect((await permissions(name)).filter((line) => !common.includes(String(line)))).toEqual(own);
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
