import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from '../support/files';
import { ENTRIES, errorsIn, exportsOf, isForTests, programOf, ROOT } from '../support/typescript';

interface Example {
  /** Where it stands: `src/django-app/django-app.ts, example 1`. */
  readonly title: string;
  readonly code: string;
}

/** The `@example` blocks of the doc comments. */
function docExamples(): Example[] {
  return filesOf('src', '.ts').flatMap(({ path, text }) => {
    const comments = [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].map(([comment]) => comment);
    const found = comments.flatMap((comment) => {
      const [, ...examples] = comment.replace(/\s*\*\/$/, '').split('@example');
      return examples.map((example) => example.replace(/^ *\* ?/gm, '').split(/^@\w+/m)[0]);
    });
    return found.map((code, index) => ({ title: `${path}, example ${index + 1}`, code }));
  });
}

/** The blocks of TypeScript in the README and the documentation. */
function markdownExamples(): Example[] {
  const readme = existsSync(join(ROOT, 'README.md'))
    ? [{ path: 'README.md', text: readFileSync(join(ROOT, 'README.md'), 'utf8') }]
    : [];
  // Parts of files of examples and tests compile where they are: test/outside/guide.test.ts compares them.
  return [...readme, ...filesOf('docs', '.md')].flatMap(({ path, text }) =>
    [...text.matchAll(/^```(?:ts|typescript)\n(?!\/\/ (?:test|examples)\/)([\s\S]*?)^```/gm)].map(
      ([, code], index) => ({
        title: `${path}, block ${index + 1}`,
        code,
      }),
    ),
  );
}

/** A whole file stands as it is; a part of one gets what its reader would have around it. */
function asFile(code: string, imports: string[]): string {
  if (/^import /m.test(code)) return code;
  return [
    `import { App, Chart, Duration, JsonPatch } from 'cdk8s';`,
    `import { Construct } from 'constructs';`,
    ...imports,
    `import { backendsOf, environmentOf, findManifest, manifestsFor, snapshotOf } from 'cdk8s-django/testing';`,
    'declare class PollsChart extends Chart { constructor(scope: Construct, id: string); }',
    'declare const app: DjangoApp;',
    'declare const polls: DjangoApp;',
    'declare const database: PostgresBackend;',
    'declare const manifests: any[];',
    'export class Example extends Chart {',
    '  constructor(scope: Construct, id: string) {',
    '    super(scope, id);',
    code,
    '  }',
    '}',
  ].join('\n');
}

/** Imports of all public names but those for tests. */
function allImports(): string[] {
  return Object.entries(ENTRIES)
    .filter(([entry]) => !isForTests(entry))
    .map(([entry, path]) => {
      const lists = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/export \{([^}]*)\}/g)];
      const names = lists.flatMap(([, list]) => list.replace(/\btype\b/g, '').split(','));
      return `import { ${names.filter((name) => name.trim()).join(', ')} } from 'cdk8s-django${entry}';`;
    });
}

const examples = [...docExamples(), ...markdownExamples()];

describe('examples', () => {
  const path = (index: number) => join(ROOT, 'test', `example-${index}.ts`);
  const bad = join(ROOT, 'test', 'example-bad.ts');
  const [{ code: anyApp }] = examples.filter(({ code }) => code.includes("settingsModule: '"));
  const imports = allImports();
  const program = programOf({
    ...Object.fromEntries(examples.map(({ code }, index) => [path(index), asFile(code, imports)])),
    [bad]: asFile(anyApp.replace('settingsModule: ', 'settingsModul: '), imports),
  });

  it('are in the doc comments of every construct and in the README', () => {
    expect(examples.length).toBeGreaterThanOrEqual(12);
    for (const construct of ['DjangoApp', 'PostgresBackend', 'PublicRoute', 'HealthMonitoring']) {
      expect(examples.some(({ code }) => code.includes(`new ${construct}(`))).toBe(true);
    }
    expect(examples.some(({ title }) => title.startsWith('README.md'))).toBe(true);
  });

  const routings = exportsOf(program, ENTRIES['/routing'])
    .map(({ name }) => name)
    .filter((name) => name.endsWith('Routing'));
  it.each(routings)('are in the doc comment of %s', (routing) => {
    const sources = filesOf('src/capabilities/routing', '.ts').map(({ text }) => text);
    const [comment] = sources.flatMap((text) => {
      const [before, ...after] = text.split(`export class ${routing} `);
      return after.length ? [before.slice(before.lastIndexOf('/**'))] : [];
    });
    expect(comment).toContain('@example');
  });

  it.each(examples.map(({ title }, index) => ({ title, index })))('compile: $title', ({ index }) => {
    expect(errorsIn(program, path(index))).toEqual([]);
  });

  it('would not compile with a prop that there is not', () => {
    expect(errorsIn(program, bad).join()).toContain('settingsModul');
  });
});
