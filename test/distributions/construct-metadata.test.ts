import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, App, Chart } from 'cdk8s';
import { Distribution, synthesize } from 'cdk8s-django';
import { outputDirectory } from '../support/output-directory';

const output = outputDirectory();
const FILE = 'construct-metadata.json';

afterEach(() => {
  delete process.env.CDK8S_RECORD_CONSTRUCT_METADATA;
});

function web(app: App): void {
  const chart = new Chart(app, 'web', { disableResourceNameHashes: true });
  for (const kind of ['Service', 'ServiceAccount']) {
    new ApiObject(chart, kind, { apiVersion: 'v1', kind, metadata: { name: 'web' } });
  }
}

it('names constructs by name, and by kind and name, for all distributions in one file', () => {
  process.env.CDK8S_RECORD_CONSTRUCT_METADATA = 'true';
  synthesize([Distribution.gke(), Distribution.eks()], web);
  expect(JSON.parse(readFileSync(join(output(), FILE), 'utf8'))).toEqual({
    version: '1.0.0',
    resources: {
      web: { path: 'web/ServiceAccount' },
      'Service/web': { path: 'web/Service' },
      'ServiceAccount/web': { path: 'web/ServiceAccount' },
    },
  });
  // kubectl would take it for a manifest there.
  expect(readdirSync(join(output(), 'gke')).filter((name) => name.endsWith('.json'))).toEqual([]);
});

it('writes nothing of constructs unless cdk8s-cli asks for it', () => {
  synthesize([Distribution.gke()], web);
  expect(existsSync(join(output(), FILE))).toBe(false);
});

it('writes nothing of constructs among the templates of a Helm chart', () => {
  process.env.CDK8S_RECORD_CONSTRUCT_METADATA = 'true';
  const templates = join(output(), 'templates');
  mkdirSync(templates);
  writeFileSync(join(output(), 'Chart.yaml'), 'apiVersion: v2\n');
  process.env.CDK8S_OUTDIR = templates;
  synthesize([Distribution.gke()], web);
  expect(readdirSync(templates)).not.toContain(FILE);
});
