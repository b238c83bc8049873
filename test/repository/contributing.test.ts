import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/typescript';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const TEXT = read('CONTRIBUTING.md');

/** Paths of the repository in a text, whole ones: none with a place to fill in, such as `src/platform/<name>.ts`. */
function pathsIn(text: string): string[] {
  const named = [...text.matchAll(/(?<![\w./<-])((?:src|test|docs|imports|examples|\.ci)\/[^\s`),:|\]…]*)/g)];
  return [...new Set(named.map(([, path]) => path.replace(/[.;]$/, '')))].filter(
    (path) => !path.includes('<'),
  );
}

describe('CONTRIBUTING.md', () => {
  test('is looked at for whole paths', () => {
    expect(pathsIn('`src/platform/<name>.ts`, `src/index.ts`; or test/options/.')).toEqual([
      'src/index.ts',
      'test/options/',
    ]);
    expect(pathsIn(TEXT).length).toBeGreaterThan(30);
  });

  test('names files and folders that are there', () => {
    expect(pathsIn(TEXT).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('names what those files have', () => {
    const names = [
      ['InvalidInputError', 'src/kubernetes/errors.ts'],
      ['IRouting', 'src/platform/routing.ts'],
      ['RoutingProps', 'src/platform/routing.ts'],
      ['ROUTINGS', 'test/capabilities/routing/routings.ts'],
      ['ISecrets', 'src/platform/secrets.ts'],
      ['DistributionProps', 'src/platform/distribution.ts'],
      ['distributionOf', 'src/platform/binding.ts'],
      ['SAMPLES', 'test/support/distributions.ts'],
      ['FIVE', 'test/support/options.ts'],
    ];
    const sentences = TEXT.split(/\. |\n/);
    for (const [name, path] of names) {
      expect(sentences.some((one) => one.includes(name) && one.includes(path))).toBe(true);
      expect(read(path)).toMatch(new RegExp(`^export .*\\b${name}\\b`, 'm'));
    }
  });

  test('lists every script of package.json that people run', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const run = Object.keys(scripts).filter((name) => name !== 'prepack');
    const listed = run.filter((name) =>
      TEXT.includes(name === 'test' ? '`npm test`' : `\`npm run ${name}\``),
    );
    expect(listed).toEqual(run);
  });

  test('has a recipe for what is added most', () => {
    expect([...TEXT.matchAll(/^### (.*)$/gm)].map(([, title]) => title)).toEqual([
      'Run one test alone',
      'Add an option to a construct',
      'Add a routing',
      'Add a secret store',
      'Add a capability',
      'Add a distribution',
      'Change what `init` reads or writes',
      'Add a kind to the imports',
    ]);
  });
});
