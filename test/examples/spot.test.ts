import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { Distribution, IDistribution } from 'cdk8s-django';
import * as ts from 'typescript';
import { errorOf, find, synth } from '../support/synth';
import { ENTRIES, ROOT } from '../support/typescript';

const CHAPTER = readFileSync(join(ROOT, 'docs/guide/3-scaling.md'), 'utf8');
const NAMES = Object.assign(
  { ...jest.requireActual('cdk8s') },
  ...Object.keys(ENTRIES).map((entry) => jest.requireActual(`cdk8s-django${entry}`)),
);

/** Runs the block of the chapter that has a text in it, and returns the variables that it makes. */
function run(text: string, chart?: Chart, variables: string[] = []): any {
  const blocks = [...CHAPTER.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  const code = blocks.find((block) => block.includes(text))!;
  const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const body = `${outputText}\nreturn { ${variables.join(', ')} };`;
  return new Function(...Object.keys(NAMES), body).apply(chart, Object.values(NAMES));
}

const shop = (chart: Chart) => run('spot: true', chart);
const told: Record<string, IDistribution> = run('const gke =', undefined, ['gke', 'upstream']);

describe('the example of spot nodes in the guide', () => {
  it.each<[string, IDistribution]>([
    ['EKS', Distribution.eks()],
    ['AKS', Distribution.aks()],
    ['GKE, when it is told of the notice', told.gke],
    ['upstream, when it is told of the label', told.upstream],
  ])('is taken on %s', (_, distribution) => {
    const { spec } = find(synth(shop, distribution), 'Deployment', 'shop').spec.template;
    expect(Object.keys(spec.nodeSelector)).toHaveLength(2);
  });

  it.each<[string, IDistribution, string]>([
    ['GKE', Distribution.gke(), 'its shutdown takes 40 s'],
    ['OpenShift', Distribution.openshift(), 'spotLabels'],
    ['upstream', Distribution.upstream(), 'spotLabels'],
  ])('ends the synth on %s by itself', (_, distribution, why) => {
    expect(errorOf(shop, distribution)).toContain(why);
  });
});
