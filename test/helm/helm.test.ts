import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestsFor } from 'cdk8s-django/testing';
import { parseAllDocuments } from 'yaml';
import { SAMPLES } from '../support/distributions';
import { ROOT } from '../support/typescript';
import { define, TEXTS } from './program';

/** Helm: a program that HELM names, or else built from its Go module. */
const HELM = process.env.HELM
  ? [process.env.HELM]
  : ['go', 'run', `helm.sh/helm/v3/cmd/helm@${process.env.HELM_VERSION ?? 'v3.22.0'}`];

const folder = mkdtempSync(join(tmpdir(), 'helm-'));
afterAll(() => rmSync(folder, { recursive: true }));

function helm(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const [program, ...first] = HELM;
  return spawnSync(program, [...first, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

/** Makes a chart as users do. */
function synthesizeChart(distribution: string): string {
  const chart = join(folder, distribution);
  const program = 'npx ts-node --transpile-only test/helm/program.ts';
  const form = ['--format', 'helm', '--chart-version', '1.4.2', '--check-upgrade=false'];
  const env = { ...process.env, DISTRIBUTION: distribution };
  execFileSync('npx', ['cdk8s', 'synth', '--app', program, '--output', chart, ...form], { cwd: ROOT, env });
  return chart;
}

const identityOf = ({ apiVersion, kind, metadata }: any) =>
  [apiVersion, kind, metadata.namespace, metadata.name].join(' ');
const byIdentity = (manifests: any[]) => Object.fromEntries(manifests.map((one) => [identityOf(one), one]));

describe.each(SAMPLES)('the Helm chart on $name', ({ name, make }) => {
  let chart: string;
  beforeAll(() => {
    chart = synthesizeChart(name);
  });

  test('renders to the manifests', () => {
    const { status, stdout, stderr } = helm('template', 'polls', chart);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const manifests = parseAllDocuments(stdout).map((document) => document.toJS());
    const expected = manifestsFor(make(), define);
    expect(manifests).toHaveLength(expected.length);
    expect(byIdentity(manifests)).toEqual(byIdentity(expected));
    expect(manifests.find(({ metadata }) => metadata.name === 'texts').data).toEqual(TEXTS);
  });

  test('has no fault that Helm knows, and is packed for a registry', () => {
    const linted = helm('lint', '--strict', chart);
    expect([linted.status, linted.stdout, linted.stderr]).toEqual([0, expect.anything(), expect.anything()]);
    expect(helm('package', chart, '--destination', join(folder, `${name}-packed`)).status).toBe(0);
    const packed = readdirSync(join(folder, `${name}-packed`));
    expect(packed).toEqual([expect.stringMatching(/-1\.4\.2\.tgz$/)]);
  });

  test('would not render without what is escaped', () => {
    const bare = join(folder, `${name}-bare`);
    cpSync(chart, bare, { recursive: true });
    const file = join(bare, 'templates', name, 'zz-polls-runtime', 'ConfigMap.cdk8s-django-django.k8s.yaml');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('{{"{{"}}');
    writeFileSync(file, text.replaceAll('{{"{{"}}', '{{'));
    const { status, stderr } = helm('template', 'polls', bare);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/parse error at .*ConfigMap\.cdk8s-django-django/);
  });
});
