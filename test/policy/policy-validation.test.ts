import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { Distribution, synthesize } from 'cdk8s-django';
import { PolicyException, PolicyValidation } from 'cdk8s-django/policy';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
// cdk8s-cli exports neither, and gives both to plugins.
import { PluginManager } from '../../node_modules/cdk8s-cli/lib/plugins/_manager';
import { ValidationContext, ValidationPlugin } from '../../node_modules/cdk8s-cli/lib/plugins/validation';
import { filesOf } from '../support/files';
import { outputDirectory } from '../support/output-directory';
import { ROOT } from '../support/typescript';
import { BREACHES, CONTAINER, daemonSet, POLICY, ROLE, SPEC } from './breaches';
import { RULES } from '../../src/policy/rules';

const output = outputDirectory();

const NAMES = RULES.map(({ name }) => name);

interface Violation {
  readonly ruleName: string;
  readonly violatingConstructs: {
    readonly resourceName: string;
    readonly constructPath?: string;
    readonly locations: string[];
    readonly manifestPath: string;
  }[];
}

/** What cdk8s-cli's own report says about objects, each key being a file. A text stands for what it is. */
async function reportOf(files: Record<string, any[]>, except?: PolicyException[]) {
  const folder = mkdtempSync(join(output(), 'manifests-'));
  const paths = Object.entries(files).map(([name, objects]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      objects.map((object) => (typeof object === 'string' ? object : stringify(object))).join('---\n'),
    );
    return path;
  });
  const context = new ValidationContext(paths, 'cdk8s-django', '0.1.0');
  await new PolicyValidation({ except }).validate(context);
  return context.report;
}

async function violationsOf(objects: any[], except?: PolicyException[]): Promise<Violation[]> {
  const report = await reportOf({ 'agents.k8s.yaml': objects }, except);
  const violations = report.toJson().violations as unknown as Violation[];
  expect(report.success).toBe(violations.length === 0);
  return violations;
}

it('says nothing about what keeps all rules', async () => {
  expect(await violationsOf([daemonSet({}), POLICY])).toEqual([]);
});

/** Most of the text of manifests is in these, and the policy does not parse it. */
const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'texts' },
  data: { 'pod.yaml': '---\napiVersion: v1\nkind: Pod\n---\n', empty: '' },
  immutable: true,
};

it.each(BREACHES)('finds what breaks %s beside ConfigMaps', async (rule, objects) => {
  const beside = objects.flatMap((object) => [CONFIG_MAP, object]);
  const violations = await violationsOf([...beside, CONFIG_MAP, POLICY, CONFIG_MAP]);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual([rule]);
});

it('finds what comes after a ConfigMap without a line of dashes', async () => {
  const agent = daemonSet({ hostNetwork: true });
  const violations = await violationsOf([`${stringify(CONFIG_MAP)}...\n${stringify(agent)}`, POLICY]);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual(
    (await violationsOf([agent, POLICY])).map(({ ruleName }) => ruleName),
  );
  expect(violations).not.toEqual([]);
});

it.each(BREACHES)('finds what breaks %s', async (rule, objects, location) => {
  const violations = await violationsOf([...objects, POLICY]);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual([rule]);
  const [{ resourceName, locations }] = violations[0].violatingConstructs;
  expect([resourceName, locations]).toEqual(['agent', [`spec.template.spec.${location}`]]);
});

it('finds wildcards in roles', async () => {
  const [{ ruleName, violatingConstructs }, ...rest] = await violationsOf([ROLE]);
  expect([ruleName, violatingConstructs[0].locations, rest]).toEqual([
    'wildcard-role',
    ['rules[0].verbs'],
    [],
  ]);
});

it.each<[string, any[], string[]]>([
  ['no policy', [], ['no policy of type Ingress', 'no policy of type Egress']],
  [
    'one of other labels',
    [{ ...POLICY, spec: { podSelector: { matchLabels: { app: 'other' } } } }],
    ['no policy of type Ingress', 'no policy of type Egress'],
  ],
  [
    'one of another namespace',
    [{ ...POLICY, metadata: { name: 'closed' } }],
    ['no policy of type Ingress', 'no policy of type Egress'],
  ],
  ['one without types or egress', [{ ...POLICY, spec: { podSelector: {} } }], ['no policy of type Egress']],
  ['one without types, with egress', [{ ...POLICY, spec: { podSelector: {}, egress: [] } }], []],
])('a pod with %s', async (_, policies, locations) => {
  const violations = await violationsOf([daemonSet({}), ...policies]);
  expect(violations.flatMap(({ violatingConstructs }) => violatingConstructs[0].locations)).toEqual(
    locations,
  );
});

it('takes no policy of another folder for one of this', async () => {
  const report = await reportOf({ 'gke/a.k8s.yaml': [daemonSet({})], 'eks/a.k8s.yaml': [POLICY] });
  expect(report.toJson().violations.map(({ ruleName }) => ruleName)).toEqual(['network-policy']);
});

it('takes the policy of another file of the folder', async () => {
  const report = await reportOf({ 'gke/a.k8s.yaml': [daemonSet({})], 'gke/b.k8s.yaml': [POLICY] });
  expect(report.success).toBe(true);
});

it('reads settings of the pod, where a container has none', async () => {
  const { runAsNonRoot, seccompProfile, ...securityContext } = CONTAINER.securityContext;
  const containers = [{ ...CONTAINER, securityContext, resources: undefined }];
  const pod = {
    securityContext: { runAsNonRoot, seccompProfile },
    resources: CONTAINER.resources,
    containers,
  };
  expect(await violationsOf([daemonSet(pod), POLICY])).toEqual([]);
});

it('asks containers of Windows for nothing that Windows does not have', async () => {
  const spec = { os: { name: 'windows' }, containers: [{ name: 'agent', image: 'agent' }] };
  expect(await violationsOf([daemonSet(spec), POLICY])).toEqual([]);
});

it('looks at init containers, at each kind of pods and into lists', async () => {
  const pod = { metadata: { labels: { app: 'agent' } }, spec: { ...SPEC, hostIPC: true } };
  const metadata = { namespace: 'agents' };
  const kinds = [
    ...['Deployment', 'StatefulSet', 'ReplicaSet', 'Job'].map((kind) => ({
      kind,
      metadata: { ...metadata, name: kind.toLowerCase() },
      spec: { template: pod },
    })),
    {
      kind: 'CronJob',
      metadata: { ...metadata, name: 'cron' },
      spec: { jobTemplate: { spec: { template: pod } } },
    },
    { kind: 'Pod', metadata: { ...metadata, ...pod.metadata, name: 'pod' }, spec: pod.spec },
  ];
  const root = { ...CONTAINER, securityContext: { ...CONTAINER.securityContext, runAsUser: 0 } };
  const list = { apiVersion: 'v1', kind: 'List', items: [daemonSet({ initContainers: [root] })] };
  const violations = await violationsOf([...kinds, list, POLICY]);
  const found = violations.map(({ ruleName, violatingConstructs }) => [
    ruleName,
    violatingConstructs.map(({ resourceName, locations }) => [resourceName, ...locations]),
  ]);
  expect(found).toEqual([
    ['run-as-root', [['agent', 'spec.template.spec.initContainers[0].securityContext.runAsUser']]],
    [
      'host-namespaces',
      [
        ['deployment', 'spec.template.spec.hostIPC'],
        ['statefulset', 'spec.template.spec.hostIPC'],
        ['replicaset', 'spec.template.spec.hostIPC'],
        ['job', 'spec.template.spec.hostIPC'],
        ['cron', 'spec.jobTemplate.spec.template.spec.hostIPC'],
        ['pod', 'spec.hostIPC'],
      ],
    ],
  ]);
});

it('finds exactly the rules that are broken, whatever else is', async () => {
  const names = ['first', 'second', 'third'];
  const breaches = fc.array(fc.constantFrom(...BREACHES), { maxLength: names.length });
  await fc.assert(
    fc.asyncProperty(breaches, async (chosen) => {
      const objects = chosen.map(([, [object]], index) => ({
        ...object,
        metadata: { name: names[index], namespace: 'agents' },
      }));
      const found = (await violationsOf([...objects, POLICY])).flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ resourceName }) => `${ruleName} ${resourceName}`),
      );
      const expected = chosen.map(([rule], index) => `${rule} ${names[index]}`);
      expect(found.sort()).toEqual(expected.sort());
    }),
    { numRuns: 30 },
  );
});

describe('an exception', () => {
  const reason = 'It reads the logs of the node';
  const objects = [daemonSet({ hostPID: true, hostNetwork: true }), POLICY];

  it('is for one rule and one object', async () => {
    const other = daemonSet({ hostPID: true }, { name: 'other' });
    const except = [{ rule: 'host-namespaces', object: 'DaemonSet agent', reason }];
    const [{ violatingConstructs }] = await violationsOf([...objects, other], except);
    expect(violatingConstructs.map(({ resourceName }) => resourceName)).toEqual(['other']);
    expect(await violationsOf(objects, except)).toEqual([]);
  });

  it('is for a Job of each release', async () => {
    const template = daemonSet({ hostPID: true }).spec.template;
    const job = {
      kind: 'Job',
      metadata: { name: 'move-0123456789', namespace: 'agents' },
      spec: { template },
    };
    const except = [{ rule: 'host-namespaces', object: 'Job move', reason }];
    expect(await violationsOf([job, POLICY], except)).toEqual([]);
  });

  it('is counted in the report', async () => {
    const report = await reportOf({ 'a.yaml': objects }, [
      { rule: 'host-namespaces', object: 'DaemonSet agent', reason },
    ]);
    expect(report.toJson().summary.metadata).toEqual({
      objects: '2',
      rules: `${RULES.length}`,
      exceptions: '1',
    });
  });

  it.each<[Partial<PolicyException>, string]>([
    [
      { rule: 'hostpath', object: 'DaemonSet agent', reason },
      `PolicyValidation: except[0].rule "hostpath" is not a rule. Give one of ${NAMES.join(', ')}.`,
    ],
    [
      { rule: 'host-path', reason },
      'PolicyValidation: except[0].object (not given) is not a text. Give kind and name, such as "DaemonSet agent".',
    ],
    [
      { rule: 'host-path', object: 'DaemonSet agent', reason: ' ' },
      'PolicyValidation: except[0].reason " " is not a text. Say why the object may break the rule.',
    ],
  ])('%j is refused', (exception, message) => {
    expect(() => new PolicyValidation({ except: [exception as PolicyException] })).toThrow(message);
  });

  it('that nothing needs is refused', async () => {
    const except = [{ rule: 'host-path', object: 'DaemonSet agent', reason }];
    await expect(violationsOf(objects, except)).rejects.toThrow(
      'PolicyValidation: except[0] "DaemonSet agent" does not break the rule "host-path". Remove the exception, or copy kind and name from the manifest, such as "DaemonSet agent".',
    );
  });
});

it('lists its rules in the docs', () => {
  const page = readFileSync(join(ROOT, 'docs/policy.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
  expect(listed).toEqual(NAMES);
});

it('accepts all that the examples write', async () => {
  const paths = filesOf('dist', '.yaml').map(({ path }) => join(ROOT, path));
  expect(paths.length).toBeGreaterThan(9);
  const context = new ValidationContext(paths, 'cdk8s-django', '0.1.0');
  await new PolicyValidation().validate(context);
  expect(context.report.toJson().violations).toEqual([]);
});

it('names constructs of each distribution, also where two kinds have one name', async () => {
  const folder = output();
  process.env.CDK8S_RECORD_CONSTRUCT_METADATA = 'true';
  try {
    synthesize([Distribution.upstream(), Distribution.eks()], (app) => {
      const chart = new Chart(app, 'agents', { namespace: 'agents', disableResourceNameHashes: true });
      new ApiObject(chart, 'Pods', daemonSet({ hostPID: true }));
      new ApiObject(chart, 'Account', {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'agent' },
      });
    });
  } finally {
    delete process.env.CDK8S_RECORD_CONSTRUCT_METADATA;
  }
  const manifests = ['eks', 'upstream'].map((name) => join(folder, name, 'agents.k8s.yaml'));
  const { plugin, context } = ValidationPlugin.load(
    { package: join(ROOT, 'src/entry/policy'), version: '0.1.0', class: 'PolicyValidation' },
    { manifests, constructMetadata: join(folder, 'construct-metadata.json') },
    false,
    new PluginManager(folder),
  );
  await plugin.validate(context);
  const [{ violatingConstructs }] = context.report.toJson().violations as unknown as Violation[];
  expect(violatingConstructs.map(({ constructPath, manifestPath }) => [constructPath, manifestPath])).toEqual(
    manifests.map((path) => ['agents/Pods', path]),
  );
});
