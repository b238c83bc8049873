import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { ApiObject, App, Chart, Duration } from 'cdk8s';
import { LeastPrivilegeAccess, Resource, synthesize } from 'cdk8s-django';
import { AccessReport, explainAccess } from 'cdk8s-django/access';
import { SAMPLES, sample } from '../support/distributions';
import { chartOn, django, everything, NAMESPACE, postgres } from '../support/synth';
import { ROOT } from '../support/typescript';
import { reportOf } from './support';

const schema = JSON.parse(readFileSync(join(ROOT, 'docs/access-report.schema.json'), 'utf8'));
const isValid = new Ajv({ allErrors: true }).compile(schema);

/** The report of everything that the library makes, on a distribution. */
function reportOn(
  name: string,
  change: (chart: Chart, all: ReturnType<typeof everything>) => void = () => undefined,
) {
  const chart = chartOn(sample(name));
  change(chart, everything(chart));
  return explainAccess(chart.node.root as App);
}

const readers = ({ facts }: AccessReport, name: string) =>
  facts.secrets.find((one) => one.name === name)!.readers.map(({ subject }) => subject);

describe.each(SAMPLES)('the report on $name', ({ name }) => {
  const report = reportOn(name);

  it('has JSON of its schema', () => {
    const valid = isValid(JSON.parse(report.json));
    expect(isValid.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('has the same bytes each time', () => {
    expect(reportOn(name).markdown).toBe(report.markdown);
    expect(reportOn(name).json).toBe(report.json);
  });

  it('names those who read the Secrets, by the API and in pods', () => {
    expect(readers(report, 'polls-db')).toEqual([
      'Group polls-operators',
      'ServiceAccount polls/polls-db-secret',
    ]);
    const { containers } = report.facts.secrets.find((one) => one.name === 'polls-db')!;
    expect([...new Set(containers.map(({ pod }) => pod))]).toEqual([
      'Deployment polls',
      'Job polls-migrate',
      'StatefulSet polls-db',
    ]);
    expect(containers.every(({ keys }) => keys.join() === 'password')).toBe(true);
  });

  it('lets nobody enter a pod', () => {
    expect(report.facts.powers.filter(({ power }) => power === 'enters pods')).toEqual([]);
  });

  it('has each pod limited both ways, and the database reached by the application alone', () => {
    const { pods, connections, outgoing } = report.facts;
    expect(pods.length).toBeGreaterThanOrEqual(5);
    expect(pods.filter((one) => !one.ingressIsLimited || !one.egressIsLimited)).toEqual([]);
    expect(connections.map(({ from, to, ports }) => `${from} > ${to} ${ports.join()}`)).toEqual([
      'Deployment polls > StatefulSet polls-db TCP 5432',
      'Job polls-migrate > StatefulSet polls-db TCP 5432',
    ]);
    expect(outgoing.filter(({ pod }) => pod === 'StatefulSet polls-db')).toEqual([]);
  });

  it('has no hash of a Job, which would be another one with each release', () => {
    expect(report.markdown).toContain('Job polls-migrate');
    expect(report.markdown).not.toMatch(/-[0-9a-f]{10}\b/);
  });
});

describe('the report', () => {
  it('counts patches: what is emitted, not what was meant', () => {
    const report = reportOn('upstream', (_, { app, access }) => {
      access.networkPolicy.override({ spec: { egress: [{}] } });
      access.viewerRole!.override({ rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] });
      app.deployment.override({ spec: { template: { spec: { automountServiceAccountToken: true } } } });
    });
    const { pods, outgoing } = report.facts;
    expect(readers(report, 'polls')).toContain('Group polls-developers');
    expect(pods.find(({ pod }) => pod === 'Deployment polls')!.hasToken).toBe(true);
    expect(outgoing.filter(({ pod }) => pod === 'Deployment polls')).toMatchObject([
      { peer: 'anything', ports: ['all'] },
    ]);
  });

  it('counts objects of others', () => {
    const report = reportOn('upstream', (chart) => {
      new ApiObject(chart, 'Own', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'own' },
        spec: { containers: [{ name: 'own', envFrom: [{ secretRef: { name: 'polls' } }] }] },
      });
    });
    expect(report.facts.secrets.find(({ name }) => name === 'polls')!.containers).toContainEqual({
      pod: 'Pod own',
      container: 'own',
      keys: ['*'],
      form: 'variables',
    });
    expect(report.facts.pods).toContainEqual(
      expect.objectContaining({
        pod: 'Pod own',
        serviceAccount: 'default',
        hasToken: true,
        ingressIsLimited: false,
      }),
    );
  });

  it('has the identities of a cloud, and the commands for them', () => {
    const chart = chartOn(sample('gke'));
    django(chart, { platformIdentity: true });
    const { identities, commands } = AccessReport.of(chart).facts;
    expect(commands.length).toBeGreaterThan(0);
    expect(identities.every(({ pods }) => pods.includes('Deployment polls'))).toBe(true);
  });

  it('is the same for a chart and for its App where there is no other chart', () => {
    const app = new App();
    const chart = new Chart(app, 'chart', { namespace: 'a' });
    new ApiObject(chart, 'Secret', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } });
    expect(explainAccess(chart).json).toBe(explainAccess(app).json);
  });

  it('cannot be changed by names: they end neither a cell, nor a diagram, nor a line', () => {
    const group = 'x | "y" `z` <b>\n```\n# head';
    const { markdown } = reportOf([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'r', namespace: 'a' },
        rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['s'], verbs: ['get'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'r', namespace: 'a' },
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [{ kind: 'Group', name: group }],
      },
    ]);
    expect(markdown.match(/^```/gm)).toHaveLength(2);
    expect(markdown.match(/^#.*/gm)!.filter((line) => /head/.test(line))).toEqual([]);
    expect(markdown).toContain('Group x \\| "y" `z` &lt;b> ``` # head');
  });
});

describe('the file of the report', () => {
  const folder = (define: (app: App) => void, options = {}) => {
    const before = process.env.CDK8S_OUTDIR;
    const directory = mkdtempSync(join(tmpdir(), 'access-'));
    process.env.CDK8S_OUTDIR = directory;
    try {
      synthesize([sample('upstream')], define, options);
    } finally {
      if (before === undefined) delete process.env.CDK8S_OUTDIR;
      else process.env.CDK8S_OUTDIR = before;
    }
    return join(directory, 'upstream');
  };
  const polls = (app: App) => {
    everything(new Chart(app, 'polls', { namespace: NAMESPACE }));
  };

  it.each([
    ['in a file for each chart', {}],
    ['in a file for each resource', { filePerResource: true }],
  ])('is beside the manifests %s, and not among what is applied', (_, options) => {
    const output = folder(polls, options);
    const text = readFileSync(join(output, 'access.md'), 'utf8');
    expect(text).toContain('# Who can do what');
    // kubectl takes these endings, and Kustomize what its file lists.
    expect(readdirSync(output).filter((name) => /access.*\.(ya?ml|json)$/.test(name))).toEqual([]);
    const index = join(output, 'Kustomization');
    if (existsSync(index)) expect(readFileSync(index, 'utf8')).not.toContain('access.md');
  });

  it('is not written where nobody may do anything', () => {
    const output = folder((app) => {
      const chart = new Chart(app, 'empty');
      new Resource(chart, 'Config', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } });
    });
    expect(readdirSync(output)).toEqual(['empty.k8s.yaml']);
  });
});

describe('break-glass access and deployers', () => {
  const report = () => {
    const chart = chartOn();
    const app = django(chart, { database: postgres(chart) });
    new LeastPrivilegeAccess(chart, 'Access', {
      app,
      deployers: ['pipeline'],
      breakGlass: { groups: ['on-call'], duration: Duration.minutes(30) },
    });
    return explainAccess(chart.node.root as App);
  };

  it('are in the report, by what they amount to', () => {
    const { secrets, powers } = report().facts;
    expect(secrets.find(({ name }) => name === 'polls')!.readers).toEqual([
      { subject: 'Group on-call', ways: ['acts as ServiceAccount polls/polls-break-glass'] },
      { subject: 'Group pipeline', ways: ['get, patch secrets', 'runs pods that read it'] },
      { subject: 'ServiceAccount polls/polls-break-glass', ways: ['enters pods that have it'] },
      { subject: 'ServiceAccount polls/polls-secret', ways: ['get, patch secrets'] },
    ]);
    expect(powers).toContainEqual({
      subject: 'Group on-call',
      namespace: 'polls',
      power: 'acts as ServiceAccounts',
      requests: ['create serviceaccounts/token'],
      objects: ['polls-break-glass'],
    });
    expect(powers.filter(({ power }) => power === 'enters pods').map(({ subject }) => subject)).toEqual([
      'ServiceAccount polls/polls-break-glass',
    ]);
    expect(powers.filter(({ power }) => /does not have|people|namespaces/.test(power))).toEqual([]);
  });

  it('are limited by what the report says it does not know', () => {
    expect(report().facts.unknown[0]).toBe(
      'ValidatingAdmissionPolicy polls-polls-break-glass refuses some of what rules allow.',
    );
  });
});
