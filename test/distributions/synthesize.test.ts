import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { Distribution, DjangoApp, IProgram, Synthesis, synthesize } from 'cdk8s-django';
import { parseAllDocuments } from 'yaml';
import { SAMPLES } from '../support/distributions';
import { outputDirectory } from '../support/output-directory';
import { everything, IMAGE, NAMESPACE, synth } from '../support/synth';

/** What a program with one chart is written to. */
const FILES = ['polls.k8s.yaml', 'zz-polls-runtime.k8s.yaml'];

const props = { name: 'polls', image: IMAGE, settingsModule: 'mysite.settings' };
const define = (app: App) => everything(new Chart(app, 'polls', { namespace: NAMESPACE }));

describe('synthesize', () => {
  const folder = outputDirectory();

  it('writes the manifests of each distribution to a folder of its name', () => {
    synthesize(
      SAMPLES.map(({ make }) => make()),
      define,
    );
    expect(readdirSync(folder()).sort()).toEqual(['aks', 'eks', 'gke', 'openshift', 'upstream']);
    for (const name of readdirSync(folder())) {
      const commands = name === 'aks' ? ['identity.txt'] : [];
      expect(readdirSync(join(folder(), name)).sort()).toEqual(['access.md', ...commands, ...FILES]);
    }
  });

  it('writes what manifestsFor gives, whose documents a parser reads back', () => {
    synthesize([SAMPLES[0].make()], define);
    const documents = FILES.flatMap((name) =>
      parseAllDocuments(readFileSync(join(folder(), 'gke', name), 'utf8')).map((document) => document.toJS()),
    );
    expect(documents).toEqual(synth((chart) => everything(chart), SAMPLES[0].make()));
  });

  it('writes the same for a program that is an object, for each distribution', () => {
    class Program implements IProgram {
      define(app: App): void {
        define(app);
      }
    }
    const distributions = () => [SAMPLES[0].make(), SAMPLES[3].make()];
    const read = () =>
      ['gke', 'openshift'].map((name) => readFileSync(join(folder(), name, 'polls.k8s.yaml'), 'utf8'));
    synthesize(distributions(), define);
    const before = read();
    rmSync(join(folder(), 'gke'), { recursive: true });
    rmSync(join(folder(), 'openshift'), { recursive: true });
    Synthesis.run(distributions(), new Program());
    expect(read()).toEqual(before);
  });

  it('writes the same bytes twice', () => {
    const read = () => readFileSync(join(folder(), 'aks', 'polls.k8s.yaml'), 'utf8');
    synthesize([SAMPLES[2].make()], define);
    const first = read();
    synthesize([SAMPLES[2].make()], define);
    expect(read()).toBe(first);
  });

  it('calls the program once for each distribution, in their order', () => {
    const bound: string[] = [];
    synthesize([Distribution.openshift(), Distribution.gke()], (app) => {
      bound.push(Distribution.of(app).name);
    });
    expect(bound).toEqual(['openshift', 'gke']);
  });

  it('takes two clusters of one kind by two names', () => {
    synthesize([Distribution.openshift(), Distribution.openshift({ name: 'openshift-test' })], define);
    expect(readdirSync(folder()).sort()).toEqual(['openshift', 'openshift-test']);
  });

  it('refuses two distributions of one name before it writes anything', () => {
    expect(() => synthesize([Distribution.openshift(), Distribution.openshift()], define)).toThrow(
      'synthesize: distributions "openshift" is the name of two of them, and one would overwrite the manifests of ' +
        'the other. Give one of them another name.',
    );
    expect(readdirSync(folder())).toEqual([]);
  });

  it.each([
    ['throws', (app: App) => new DjangoApp(app.node.children[0], 'Bad', { ...props, image: 'latest' })],
    ['fails its validation', (app: App) => new DjangoApp(app.node.children[0], 'Again', props)],
  ])('writes nothing for any distribution when the program %s for the last one', (_what, fail) => {
    const onLast = (app: App) => {
      define(app);
      if (Distribution.of(app).name === 'openshift') fail(app);
    };
    expect(() =>
      synthesize([Distribution.upstream({ clusterIssuer: 'letsencrypt' }), Distribution.openshift()], onLast),
    ).toThrow();
    expect(readdirSync(folder())).toEqual([]);
  });

  it('tells for which distribution the validation fails', () => {
    const twice = (app: App) => {
      define(app);
      new DjangoApp(app.node.children[0], 'Again', props);
    };
    expect(() => synthesize([Distribution.openshift()], twice)).toThrow(
      'synthesize: errors for "openshift":\n' +
        '  [polls/Again] name "polls" is already the name of the Secret at polls/Polls/SecretKey/Secret. ' +
        'Give one of them another name.',
    );
  });
});
