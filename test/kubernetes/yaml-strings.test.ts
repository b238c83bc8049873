import { readFileSync, readdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { Distribution, DjangoApp, synthesize } from 'cdk8s-django';
import { Resource } from '../../src/kubernetes/resource';
import { sample } from '../support/distributions';
import { django } from '../support/synth';

/** What some reader takes for a number, a boolean, nothing, a time, a merge or the default value. */
const AMBIGUOUS = [
  ...[
    '0o644',
    '0O644',
    '-0o7',
    '0X1F',
    '0x1f',
    '0B101',
    '0b1',
    '0x_1',
    '1E_5',
    '1e5',
    '1_000',
    '_1',
    '017',
    '08',
  ],
  ...[
    '1.',
    '.5',
    '1.5e+3',
    '-1',
    '+1',
    '=',
    '<<',
    '~',
    'null',
    'Null',
    'yes',
    'No',
    'y',
    'N',
    'on',
    'Off',
    'TRUE',
  ],
  ...[
    '.inf',
    '-.INF',
    '.NaN',
    'Infinity',
    'nan',
    '2026-11-28',
    '2026-11-28T10:00:00Z',
    '1:30',
    '190:20:30',
    '',
  ],
];

function written(write: (app: App) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'yaml-'));
  const before = process.env.CDK8S_OUTDIR;
  process.env.CDK8S_OUTDIR = folder;
  try {
    write(new App());
    const file = readdirSync(folder, { recursive: true }).find((name) => String(name).endsWith('.yaml'));
    return readFileSync(join(folder, String(file)), 'utf8');
  } finally {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    rmSync(folder, { recursive: true });
  }
}

const variables = (values: string[]) =>
  Object.fromEntries(values.map((value, index) => [`VALUE_${index}`, value]));

function makeChart(app: App, values: string[]): void {
  const polls: DjangoApp = django(new Chart(app, 'polls', { namespace: 'polls' }), {
    environment: variables(values),
  });
  values.forEach((value, index) => polls.addPodAnnotation(`example.com/value-${index}`, value));
  values.forEach((value, index) => polls.addEnvironment(`OWN_${index}`, value, { pods: ['web'] as any }));
}

/** What a reader of a version finds. */
function readBy(version: '1.1' | '1.2', text: string): any[] {
  return parseAllDocuments(text, {
    version,
    merge: false,
    schema: version === '1.1' ? 'yaml-1.1' : 'core',
  }).map((document) => document.toJSON());
}

function expectValues(text: string, values: string[]): void {
  for (const version of ['1.1', '1.2'] as const) {
    const manifests = readBy(version, text);
    const config = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'polls');
    expect(config.data).toMatchObject(variables(values));
    const { template } = manifests.find(({ kind }) => kind === 'Deployment').spec;
    values.forEach((value, index) => {
      expect(template.metadata.annotations[`example.com/value-${index}`]).toBe(value);
      const env = template.spec.containers[0].env.find(({ name }: any) => name === `OWN_${index}`);
      expect(env.value ?? '').toBe(value);
    });
  }
}

describe('[F47] a string that YAML could take for something else', () => {
  test('is quoted in what synthesize writes', () => {
    const text = written(() => synthesize([sample('upstream')], (app) => makeChart(app, AMBIGUOUS)));
    expectValues(text, AMBIGUOUS);
    for (const value of ['0o644', '0X1F', '1E_5', '=', '0O644', '0B101']) {
      expect(text).toContain(`: "${value}"\n`);
      expect(text).not.toContain(`: ${value}\n`);
    }
    expect(text).toContain(': !!str "<<"\n');
  });

  test("is quoted in what app.synth() writes, which is what cdk8s' command line runs", () => {
    const text = written((app) => {
      Distribution.bind(app, sample('upstream'));
      makeChart(app, AMBIGUOUS);
      app.synth();
    });
    expectValues(text, AMBIGUOUS);
  });

  test('is a plain string to JSON, to tests and to patches', () => {
    const chart = new Chart(new App(), 'chart');
    const resource = new Resource(chart, 'One', { apiVersion: 'v1', kind: 'ConfigMap' });
    resource.override({ data: { mode: '0o644', list: ['0X1F', 'plain'] } });
    expect(resource.toJson().data).toEqual({ mode: '0o644', list: ['0X1F', 'plain'] });
    expect(JSON.parse(JSON.stringify(resource.toJson())).data).toEqual({
      mode: '0o644',
      list: ['0X1F', 'plain'],
    });
    expect(Yaml.stringify(resource.toJson())).toContain('mode: "0o644"');
  });

  test('is itself, whatever it is, to readers of both versions', () => {
    const part = fc.constantFrom(...'0123456789_.+-eEoOxXbBfFaA:=<>~nulyrsINTZ '.split(''));
    const short = fc.string({ unit: part, maxLength: 7 });
    const text = fc.oneof(short, fc.string({ maxLength: 12 }), fc.constantFrom(...AMBIGUOUS));
    const chart = new Chart(new App(), 'chart');
    let index = 0;
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (list) => {
        const resource = new Resource(chart, `R${index++}`, { apiVersion: 'v1', kind: 'ConfigMap' });
        resource.override({ data: variables(list), list });
        const yaml = Yaml.stringify(resource.toJson());
        for (const version of ['1.1', '1.2'] as const) {
          const [read] = readBy(version, yaml);
          expect(read.data).toEqual(variables(list));
          expect(read.list).toEqual(list);
        }
      }),
      { numRuns: 300 },
    );
  });
});
