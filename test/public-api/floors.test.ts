import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as ts from 'typescript';
import { filesOf } from '../support/files';
import { ROOT } from '../support/typescript';

/** The floors of `src`, from the ground: a folder imports from its own floor and from those below it. */
const FLOORS = [
  ['kubernetes', 'runtime'],
  ['platform'],
  ['workloads', 'access-report'],
  ['secrets'],
  ['capabilities'],
  [
    'distributions',
    'database-backup',
    'django-app',
    'gitops',
    'health-monitoring',
    'image-build',
    'image-policy',
    'least-privilege-access',
    'managed-postgres',
    'namespace-limits',
    'pg-bouncer',
    'postgres-backend',
    'public-route',
    'valkey-backend',
    'valkey-sentinel',
  ],
  ['fleet', 'policy'],
  ['delivery'],
  ['entry', 'testing', 'index.ts'],
  ['cli'],
];

/** What each file imports, by their paths, for values or for types. */
type Imports = Map<string, string[]>;

function importsOfTypeScript(): Imports {
  const paths = filesOf('src', '.ts').map(({ path }) => path);
  const known = new Set(paths);
  return new Map(
    paths.map((path) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, path), 'utf8'), true, true);
      const targets = importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => `${relative(ROOT, join(ROOT, dirname(path), fileName))}.ts`);
      return [path, targets.filter((target) => known.has(target))];
    }),
  );
}

function importsOfPython(): Imports {
  const files = filesOf('src/runtime/cdk8s_django', '.py');
  const known = new Set(files.map(({ path }) => path));
  return new Map(
    files.map(({ path, text }) => {
      const names = [
        ...text.matchAll(/^\s*from cdk8s_django\.(\w+) import/gm),
        ...text.matchAll(/^\s*import cdk8s_django\.(\w+)/gm),
        ...[...text.matchAll(/^\s*from cdk8s_django import ([\w, ]+)/gm)].flatMap(([, list]) =>
          list.split(',').map((name) => ['', name.trim()]),
        ),
      ].map(([, name]) => join(dirname(path), `${name}.py`));
      return [path, names.filter((name) => known.has(name))];
    }),
  );
}

/** The circles of a graph: groups of nodes of which each is reached from each. */
function circlesOf(graph: Imports): string[][] {
  const reached = new Map([...graph.keys()].map((start) => [start, reachedFrom(graph, start)]));
  const circles = [...graph.keys()]
    .filter((node) => reached.get(node)!.has(node))
    .map((node) => [...reached.get(node)!].filter((other) => reached.get(other)!.has(node)).sort());
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()];
}

function reachedFrom(graph: Imports, start: string): Set<string> {
  const found = new Set<string>();
  const next = [...(graph.get(start) ?? [])];
  while (next.length) {
    const node = next.pop()!;
    if (found.has(node)) continue;
    found.add(node);
    next.push(...(graph.get(node) ?? []));
  }
  return found;
}

const folderOf = (path: string) => path.split('/')[1];

/** The graph of the folders of a graph of files. */
function foldersOf(graph: Imports): Imports {
  const folders = new Map<string, Set<string>>();
  for (const [path, targets] of graph) {
    const from = folderOf(path);
    const to = folders.get(from) ?? new Set();
    targets.map(folderOf).forEach((folder) => folder !== from && to.add(folder));
    folders.set(from, to);
  }
  return new Map([...folders].map(([folder, targets]) => [folder, [...targets]]));
}

const floorOf = (folder: string) => FLOORS.findIndex((floor) => floor.includes(folder));

describe('the floors of the sources', () => {
  const imports = importsOfTypeScript();
  const folders = foldersOf(imports);

  it('are found', () => {
    expect(imports.size).toBeGreaterThan(150);
    expect(imports.get('src/distributions/gke.ts')).toContain('src/platform/distribution.ts');
    expect(importsOfPython().get('src/runtime/cdk8s_django/files.py')).toContain(
      'src/runtime/cdk8s_django/keep_static.py',
    );
    const circle: Imports = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ]);
    expect(circlesOf(circle)).toEqual([['b', 'c']]);
  });

  it('have a place for each folder', () => {
    expect([...folders.keys()].filter((folder) => floorOf(folder) < 0)).toEqual([]);
    expect(FLOORS.flat().filter((folder) => !folders.has(folder))).toEqual([]);
  });

  it('have no import that points up', () => {
    const upward = [...imports].flatMap(([path, targets]) =>
      targets
        .filter((target) => floorOf(folderOf(target)) > floorOf(folderOf(path)))
        .map((target) => `${path} imports ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it.each([
    ['files', imports],
    ['folders', folders],
    ['Python modules', importsOfPython()],
  ])('have no circle of %s', (_what, graph) => {
    expect(circlesOf(graph)).toEqual([]);
  });

  it('keep constructs and distributions apart', () => {
    const constructs = FLOORS[5].filter((folder) => folder !== 'distributions');
    expect(constructs.filter((folder) => folders.get(folder)!.includes('distributions'))).toEqual([]);
    expect(folders.get('distributions')!.filter((folder) => constructs.includes(folder))).toEqual([]);
  });
});
