import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { filesOf } from '../support/files';
import { ROOT } from '../support/typescript';

/*
 * What the workflows and .ci/run refer to exists here. They run elsewhere, where a wrong name shows late.
 */

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, string>;
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { scripts, engines } = JSON.parse(read('package.json'));
const workflows = filesOf('.github/workflows', '.yml').map(({ path, text }) => ({
  path,
  workflow: parse(text),
}));
const stepsOf = ({ jobs }: any): Step[] => Object.values<any>(jobs).flatMap(({ steps }) => steps);
const steps = workflows.flatMap(({ workflow }) => stepsOf(workflow));
const commands = [...steps.map(({ run = '' }) => run), read('.ci/run'), ...Object.values<string>(scripts)];

/** The scripts of package.json that shell code runs. */
function scriptsIn(shell: string): string[] {
  const run = [...shell.matchAll(/\bnpm run (?:--\S+ )*([\w:-]+)/g)].map(([, name]) => name);
  return /\bnpm test\b/.test(shell) ? [...run, 'test'] : run;
}

/** The files of the repository that shell code runs. */
const programsIn = (shell: string) =>
  [...shell.matchAll(/(?<![\w./-])((?:\.ci|test)\/[\w./-]*\w)/g)].map(([, path]) => path);

describe('what CI runs', () => {
  test('is found in shell code', () => {
    expect(scriptsIn('npm run --silent build && npm run test:cluster -- $X')).toEqual([
      'build',
      'test:cluster',
    ]);
    expect(scriptsIn('npm ci && npm test')).toEqual(['test']);
    expect(programsIn('bash .ci/node 22; test/cluster/kind/up > x; node_modules/.ci/none')).toEqual([
      '.ci/node',
      'test/cluster/kind/up',
    ]);
  });

  test('includes lint, all tests, the package, the runtime and the generated files', () => {
    const run = steps.flatMap(({ run = '' }) => scriptsIn(run));
    expect(run).toEqual(
      expect.arrayContaining([
        'lint',
        'lint:workflows',
        'test',
        'generated',
        'docs',
        'jsii',
        'test:package',
        'test:runtime',
        'test:cluster',
      ]),
    );
  });

  test('are scripts of package.json', () => {
    const missing = commands.flatMap(scriptsIn).filter((name) => !(name in scripts));
    expect(missing).toEqual([]);
  });

  test('are programs of the repository', () => {
    const programs = steps.flatMap(({ run = '' }) => programsIn(run)).concat(programsIn(read('.ci/run')));
    expect(programs).toContain('test/cluster/kind/up');
    const missing = programs.filter((path) => {
      try {
        return !read(path);
      } catch {
        return true;
      }
    });
    expect(missing).toEqual([]);
  });
});

/** The jobs that may do more than read the repository. */
const RIGHTS: Record<string, any> = {
  // What publishes the site, and checks out nothing.
  'pages.yml deploy': { pages: 'write', 'id-token': 'write' },
  // What says who publishes the package, and checks out nothing.
  'release.yml publish': { 'id-token': 'write' },
};

describe.each(workflows)('$path', ({ path, workflow }) => {
  test('may read the repository, and nothing else but what its jobs publish', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const [name, { permissions }] of Object.entries<any>(workflow.jobs)) {
      expect(permissions).toEqual(RIGHTS[`${basename(path)} ${name}`]);
    }
  });

  test('names a version of each action, and a time limit for each job', () => {
    const unpinned = stepsOf(workflow).filter(({ uses }) => uses && !/^[\w-]+\/[\w-]+@v\d+$/.test(uses));
    expect(unpinned).toEqual([]);
    for (const job of Object.values<any>(workflow.jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  test('takes the version of Node from .nvmrc', () => {
    const nodes = stepsOf(workflow).filter(({ uses = '' }) => uses.startsWith('actions/setup-node@'));
    expect(nodes.length).toBeGreaterThan(0);
    for (const { with: inputs } of nodes) {
      expect(inputs).toMatchObject({ 'node-version-file': '.nvmrc' });
      expect(inputs).not.toHaveProperty('node-version');
    }
  });
});

describe('the versions of Node', () => {
  const [, list] = /^versions=\((.*)\)$/m.exec(read('test/package/run'))!;
  const tested = list.split(' ').map(Number);

  test('with which the packed library is tested begin with that of engines', () => {
    expect(engines.node).toBe(`>=${Math.min(...tested)}`);
  });

  test('include that of .nvmrc', () => {
    expect(read('.nvmrc')).toMatch(/^\d+\n$/);
    expect(tested).toContain(Number(read('.nvmrc')));
  });

  test('are those of the types that the sources are compiled with', () => {
    const { version } = JSON.parse(read('node_modules/@types/node/package.json'));
    expect(Number(version.split('.')[0])).toBe(Math.min(...tested));
  });
});
