import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { Distribution, InvalidInputError, Synthesis, SynthesisOptions, synthesize } from 'cdk8s-django';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { asHelmTemplates } from '../../src/distributions/manifest-files';
import { sample, SAMPLES } from '../support/distributions';
import { outputDirectory } from '../support/output-directory';
import { django, everything, NAMESPACE, postgres } from '../support/synth';

const folder = outputDirectory();

/** Text that Helm reads as its own, in a ConfigMap as of a dashboard or of alert rules. */
const ALERT = 'Pod {{ $labels.pod }} of {{- range .Values }}{{{x}}} {{`raw`}} has {{"{{"}} and ${NAME}';

function define(app: App): void {
  const chart = new Chart(app, 'polls', { namespace: NAMESPACE });
  everything(chart);
  new ApiObject(chart, 'Alerts', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'alerts' },
    ...{ data: { 'alerts.yaml': ALERT, [`{{ key }}`]: 'é {{' } },
  });
}

/** Texts below a folder, by path. */
function textsIn(below: string): Record<string, string> {
  const paths = readdirSync(below, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(below.length + 1), readFileSync(path, 'utf8')]),
  );
}

/** What a folder says, whatever its files: each object once, by what it is. */
function objectsIn(below: string, read: (text: string) => string = (text) => text): Record<string, unknown> {
  const manifests = Object.entries(textsIn(below)).filter(([path]) => path.endsWith('.k8s.yaml'));
  const objects = manifests.flatMap(([, text]) =>
    parseAllDocuments(read(text)).map((document) => document.toJS()),
  );
  const entries = objects.map((one) => [
    `${one.apiVersion} ${one.kind} ${one.metadata.namespace}/${one.metadata.name}`,
    one,
  ]);
  expect(new Set(entries.map(([name]) => name)).size).toBe(entries.length);
  return Object.fromEntries(entries);
}

/** A folder as `cdk8s synth --format helm` makes it before it runs the program. */
function helmChart(): { chart: string; templates: string } {
  const chart = join(folder(), 'chart');
  const templates = join(chart, 'templates');
  mkdirSync(templates, { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: polls\nversion: 1.4.2\n');
  process.env.CDK8S_OUTDIR = templates;
  return { chart, templates };
}

/** What Helm makes of a template whose only actions are these. Another action is left, and fails the test. */
function rendered(template: string): string {
  const parts = template.split('{{"{{"}}');
  expect(parts.filter((part) => part.includes('{{'))).toEqual([]);
  return parts.join('{{');
}

const perResource: SynthesisOptions = { filePerResource: true };

describe.each(SAMPLES)('the forms of the files on $name', ({ name, make }) => {
  it('hold equal objects', () => {
    synthesize([make()], define);
    const expected = objectsIn(join(folder(), name));
    expect(Object.keys(expected).length).toBeGreaterThan(30);
    rmSync(join(folder(), name), { recursive: true });

    synthesize([make()], define, perResource);
    expect(objectsIn(join(folder(), name))).toEqual(expected);

    const { templates } = helmChart();
    synthesize([make()], define);
    expect(objectsIn(templates, rendered)).toEqual(expected);
  });

  it('have one resource in each file, all of them in the index and nothing else', () => {
    synthesize([make()], define, perResource);
    const { Kustomization: index, ...others } = textsIn(join(folder(), name));
    const files = Object.keys(others).filter((path) => !['identity.txt', 'access.md'].includes(path));
    expect(parseAllDocuments(index).map((one) => one.toJS())).toEqual([
      { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: files },
    ]);
    for (const file of files) expect(parseAllDocuments(others[file])).toHaveLength(1);
    expect(new Set(files.map((path) => path.split('/')[0]))).toEqual(new Set(['polls', 'zz-polls-runtime']));
  });
});

describe('a file for each resource', () => {
  const filesOf = (fill: (app: App) => void) => {
    synthesize([sample('upstream')], fill, perResource);
    return Object.keys(textsIn(join(folder(), 'upstream')));
  };
  const release = (tag: string) => (app: App) => {
    const chart = new Chart(app, 'polls', { namespace: NAMESPACE });
    const image = `docker.io/example/polls:${tag}`;
    const polls = django(chart, { image, database: postgres(chart) });
    polls.addCommand({ name: 'seed', command: ['loaddata', 'seed'] });
  };
  const object = (chart: Chart, id: string, apiVersion: string, kind: string, metadata: object) =>
    new ApiObject(chart, id, { apiVersion, kind, metadata });

  it('has the same name with the next release', () => {
    const first = filesOf(release('1.4.2'));
    expect(first).toContain('polls/Job.polls-migrate.k8s.yaml');
    expect(first).toContain('zz-polls-runtime/ConfigMap.cdk8s-django-base.k8s.yaml');
    expect(first.filter((path) => /[0-9a-f]{10}/.test(path))).toEqual([]);
    expect(filesOf(release('1.4.3'))).toEqual(first);
  });

  it('has all of a name where another resource has the same one without its end', () => {
    const files = filesOf((app) => {
      const chart = new Chart(app, 'pages');
      for (const end of ['0123456789', 'abcdef0123'])
        object(chart, end, 'v1', 'ConfigMap', { name: `a-${end}` });
      // Not a hash: only Jobs and ConfigMaps have one.
      object(chart, 'Secret', 'v1', 'Secret', { name: 'a-0123456789' });
    });
    expect(files).toEqual([
      'Kustomization',
      'access.md',
      'pages/ConfigMap.a-0123456789.k8s.yaml',
      'pages/ConfigMap.a-abcdef0123.k8s.yaml',
      'pages/Secret.a-0123456789.k8s.yaml',
    ]);
  });

  it('has the namespace and the API where only these differ', () => {
    const files = filesOf((app) => {
      const chart = new Chart(app, 'services');
      object(chart, 'A', 'v1', 'Service', { name: 'polls', namespace: 'a' });
      object(chart, 'B', 'v1', 'Service', { name: 'polls', namespace: 'b' });
      object(chart, 'C', 'serving.knative.dev/v1', 'Service', { name: 'polls', namespace: 'b' });
    });
    expect(files).toEqual([
      'Kustomization',
      'services/Service.a.polls.k8s.yaml',
      'services/serving.knative.devv1.Service.b.polls.k8s.yaml',
      'services/v1.Service.b.polls.k8s.yaml',
    ]);
  });

  it('has a name that a file can have, also if the resource has the longest one', () => {
    const files = filesOf((app) => {
      const chart = new Chart(app, 'polls');
      for (const end of ['a', 'b']) {
        const name = `${`${'x'.repeat(49)}.`.repeat(5)}xx${end}`;
        object(chart, end, 'v1', 'Secret', { name });
      }
      object(chart, 'Job', 'batch/v1', 'Job', { name: `${'y'.repeat(242)}-0123456789` });
    });
    expect(files).toEqual([
      'Kustomization',
      'access.md',
      expect.stringMatching(/^polls\/Job\.y{225}-[0-9a-f]{10}\.k8s\.yaml$/),
      expect.stringMatching(/^polls\/Secret\.[x.]{222}-[0-9a-f]{10}\.k8s\.yaml$/),
      expect.stringMatching(/^polls\/Secret\.[x.]{222}-[0-9a-f]{10}\.k8s\.yaml$/),
    ]);
  });

  it('is of a resource without a name, too', () => {
    const files = filesOf((app) => {
      const chart = new Chart(app, 'polls');
      const unnamed = JsonPatch.remove('/metadata/name');
      const generated = JsonPatch.add('/metadata/generateName', 'load-');
      object(chart, 'Job', 'batch/v1', 'Job', {}).addJsonPatch(unnamed, generated);
      object(chart, 'List', 'v1', 'List', {}).addJsonPatch(JsonPatch.remove('/metadata'));
    });
    expect(files).toEqual(['Kustomization', 'polls/Job.load-.k8s.yaml', 'polls/List..k8s.yaml']);
  });

  it('is refused for two resources that differ in capital letters alone', () => {
    const twice = (app: App) => {
      const chart = new Chart(app, 'polls');
      for (const name of ['look', 'Look'])
        object(chart, name, 'rbac.authorization.k8s.io/v1', 'Role', { name });
    };
    expect(() => filesOf(twice)).toThrow(
      'options.filePerResource "polls/Role.Look.k8s.yaml" would be the file',
    );
  });

  it('is refused for two resources whose names differ in what no file has, before anything is written', () => {
    const twice = (app: App) => {
      const chart = new Chart(app, 'polls');
      object(chart, 'A', 'rbac.authorization.k8s.io/v1', 'Role', { name: 'polls:look' });
      if (Distribution.of(app).name !== 'upstream') return;
      object(chart, 'B', 'rbac.authorization.k8s.io/v1', 'Role', { name: 'pollslook' });
    };
    expect(() => synthesize([sample('gke'), sample('upstream')], twice, perResource)).toThrow(
      new InvalidInputError('synthesize', {
        property: 'options.filePerResource',
        value: 'polls/Role.pollslook.k8s.yaml',
        reason: 'would be the file of two resources',
        remedy: 'Give one of them another name',
      }),
    );
    expect(readdirSync(folder())).toEqual([]);
  });

  it('is written for a program that is an object, too', () => {
    Synthesis.run([sample('upstream')], { define }, perResource);
    expect(readdirSync(join(folder(), 'upstream')).sort()).toEqual([
      'Kustomization',
      'access.md',
      'polls',
      'zz-polls-runtime',
    ]);
  });
});

describe('a Helm chart', () => {
  it('has only what Helm reads as a template among its templates', () => {
    const { chart, templates } = helmChart();
    synthesize([sample('aks')], define);
    expect(readdirSync(chart).sort()).toEqual(['Chart.yaml', 'access.md', 'identity.txt', 'templates']);
    const texts = textsIn(templates);
    expect(Object.keys(texts).filter((path) => !/^aks\/.*\.k8s\.yaml$/.test(path))).toEqual([]);
    const alerts = texts['aks/polls/ConfigMap.alerts.k8s.yaml'];
    expect(alerts).toContain('Pod {{"{{"}} $labels.pod }} of {{"{{"}}- range .Values }}{{"{{"}}{x}}}');
    // The Python of the runtime has such texts too.
    expect(Object.values(texts).filter((text) => text.includes('{{')).length).toBeGreaterThan(1);
  });

  it('is of one distribution', () => {
    const { chart, templates } = helmChart();
    expect(() => synthesize([sample('gke'), sample('upstream')], define)).toThrow(
      `synthesize: distributions ["gke","upstream"] are not one, and the Helm chart ${chart} would install the ` +
        'manifests of all. Give one of them, in a program of its own for each chart.',
    );
    expect(readdirSync(templates)).toEqual([]);
  });

  it.each(['templates without a chart', 'a chart without templates'])('is not in a folder of %s', (what) => {
    const isTemplates = what.startsWith('templates');
    const output = join(folder(), isTemplates ? 'templates' : 'manifests');
    if (!isTemplates) writeFileSync(join(folder(), 'Chart.yaml'), 'name: polls\n');
    process.env.CDK8S_OUTDIR = output;
    synthesize([sample('gke'), sample('upstream')], define);
    expect(readdirSync(join(output, 'gke')).sort()).toEqual([
      'access.md',
      'polls.k8s.yaml',
      'zz-polls-runtime.k8s.yaml',
    ]);
    expect(readFileSync(join(output, 'gke', 'polls.k8s.yaml'), 'utf8')).toContain('{{ $labels.pod }}');
  });

  it('renders to any text', () => {
    const braces = fc.string({
      unit: fc.constantFrom('{', '}', '{{', '}}', '"', '-', ' ', '`', '\n', 'a', '$', '/*'),
    });
    fc.assert(
      fc.property(braces, (text) => {
        const template = asHelmTemplates(new Map([['a.yaml', text]])).get('a.yaml')!;
        expect(rendered(template)).toBe(text);
      }),
    );
  });
});
