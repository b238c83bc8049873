import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, Lazy, Testing, YamlOutputType } from 'cdk8s';
import { Distribution, synthesize } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { addProblems } from '../../src/kubernetes/problems';
import { Resource } from '../../src/kubernetes/resource';
import { sample } from '../support/distributions';
import { django } from '../support/synth';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function newFolder(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'synthesis-pass-')));
  return folders.at(-1)!;
}

/** What a folder holds, by path. */
function textsIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]),
  );
}

/** Applications in charts of their own, the last one in a chart below another. */
function fill(app: App, depend: boolean): void {
  const charts = ['shop', 'blog', 'polls'].map((name) => new Chart(app, name, { namespace: name }));
  charts.forEach((chart) => django(chart, { name: Chart.of(chart).node.id }));
  if (!depend) return;
  charts[0].addDependency(charts[2]);
  django(new Chart(charts[1], 'inner', { namespace: 'inner' }));
}

/** An App as cdk8s has it, whose charts each look at all of it. */
function withoutPasses(app: App): App {
  const own = app as Partial<App>;
  delete own.synth;
  delete own.synthYaml;
  for (const one of app.node.findAll()) if (Chart.isChart(one)) delete (one as Partial<Chart>).toJson;
  return app;
}

function appOf(yamlOutputType: YamlOutputType, depend: boolean): App {
  const app = new App({ outdir: newFolder(), yamlOutputType });
  Distribution.bind(app, sample('upstream'));
  fill(app, depend);
  return app;
}

describe('an App in one pass', () => {
  const forms = Object.values(YamlOutputType).filter((form) => typeof form === 'number');
  const cases = forms.flatMap((form) => [false, true].map((depend) => ({ form: form as number, depend })));

  it.each(cases)('writes the files that cdk8s writes: $form, depend: $depend', ({ form, depend }) => {
    const [one, other] = [appOf(form, depend), withoutPasses(appOf(form, depend))];
    one.synth();
    other.synth();
    expect(Object.keys(textsIn(one.outdir)).length).toBeGreaterThan(0);
    expect(textsIn(one.outdir)).toEqual(textsIn(other.outdir));
  });

  it.each([false, true])('gives the text and the charts that cdk8s gives, depend: %s', (depend) => {
    const [one, other] = [appOf(1, depend), withoutPasses(appOf(1, depend))];
    expect(one.synthYaml()).toBe(other.synthYaml());
    const charts = (app: App) => app.charts.map((chart) => Testing.synth(chart));
    expect(charts(one)).toEqual(charts(other));
  });

  it('gives the errors that cdk8s gives', () => {
    const broken = () => {
      const app = appOf(1, false);
      app.node.addValidation({ validate: () => ['is broken'] });
      return app;
    };
    const error = 'Validation failed with the following errors:\n  [] is broken';
    expect(() => broken().synth()).toThrow(error);
    expect(() => broken().synthYaml()).toThrow(error);
    expect(() => Testing.synth(broken().charts[0])).toThrow(error);
    expect(() => withoutPasses(broken()).synth()).toThrow(error);
  });
});

describe('in one pass', () => {
  /** Three charts with a resource, a check and a validation each, which are counted. */
  function counted(app: App): Record<string, number> {
    const counts: Record<string, number> = { rendered: 0, checked: 0, validated: 0 };
    for (const name of ['one', 'two', 'three']) {
      const chart = new Chart(app, name);
      const count = (what: string) => () => {
        counts[what] += 1;
        return [];
      };
      const resource = new Resource(chart, 'Resource', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        data: Lazy.any({ produce: count('rendered') }),
      } as any);
      addProblems(resource, count('checked'));
      chart.node.addValidation({ validate: count('validated') });
    }
    return counts;
  }

  it('each resource is rendered once, and each check made once', () => {
    const app = new App({ outdir: newFolder() });
    Distribution.bind(app, sample('upstream'));
    const counts = counted(app);
    app.synth();
    expect(counts).toEqual({ rendered: 3, checked: 3, validated: 3 });
    app.synthYaml();
    expect(counts).toEqual({ rendered: 6, checked: 6, validated: 6 });
  });

  it('manifests for tests are made', () => {
    let counts: unknown;
    manifestsFor(sample('upstream'), (app) => (counts = counted(app)));
    expect(counts).toEqual({ rendered: 3, checked: 3, validated: 3 });
  });

  it('a program is checked and written for each distribution', () => {
    const before = process.env.CDK8S_OUTDIR;
    process.env.CDK8S_OUTDIR = newFolder();
    const counts: Record<string, number>[] = [];
    try {
      synthesize([sample('eks'), sample('upstream')], (app) => counts.push(counted(app)));
    } finally {
      if (before === undefined) delete process.env.CDK8S_OUTDIR;
      else process.env.CDK8S_OUTDIR = before;
    }
    // What is no check of ours is asked by cdk8s too.
    expect(counts).toEqual([1, 2].map(() => ({ rendered: 3, checked: 3, validated: 6 })));
  });
});

describe('between two passes', () => {
  it('what changes is seen', () => {
    const app = new App({ outdir: newFolder() });
    Distribution.bind(app, sample('upstream'));
    const chart = new Chart(app, 'polls', { namespace: 'polls' });
    const polls = django(chart, {});
    const before = app.synthYaml();
    polls.deployment.metadata.addLabel('team', 'blue');
    expect(before).not.toContain('team: blue');
    expect(app.synthYaml()).toContain('team: blue');
    expect(JSON.stringify(Testing.synth(chart))).toContain('"team":"blue"');
  });

  it('an error leaves nothing behind', () => {
    const app = new App({ outdir: newFolder() });
    Distribution.bind(app, sample('upstream'));
    const chart = new Chart(app, 'polls', { namespace: 'polls' });
    let problems = [{ property: 'name', value: 'a', reason: 'is short', remedy: 'Give another' }];
    addProblems(django(chart, {}), () => problems);
    expect(() => app.synth()).toThrow('name "a" is short');
    problems = [];
    app.synth();
    expect(Object.keys(textsIn(app.outdir))).toEqual(['/polls.k8s.yaml', '/zz-polls-runtime.k8s.yaml']);
  });

  it('a chart that changes its own manifests goes on doing so', () => {
    class Marked extends Chart {
      override toJson(): any[] {
        return super.toJson().map((manifest) => ({ ...manifest, marked: true }));
      }
    }
    const app = new App({ outdir: newFolder() });
    Distribution.bind(app, sample('upstream'));
    django(new Marked(app, 'polls', { namespace: 'polls' }), {});
    new ApiObject(new Chart(app, 'other'), 'Map', { apiVersion: 'v1', kind: 'ConfigMap' });
    app.synth();
    const texts = textsIn(app.outdir);
    expect(texts['/polls.k8s.yaml']).toContain('marked: true');
    expect(texts['/other.k8s.yaml']).not.toContain('marked: true');
  });
});
