import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from '../support/typescript';

const TRACKED = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path && existsSync(join(ROOT, path)));
const DOCUMENTS = TRACKED.filter((path) => path.endsWith('.md'));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const { homepage, scripts } = JSON.parse(read('package.json'));
const { scripts: initScripts } = JSON.parse(read('test/cli/golden/startproject-5.2/deploy/package.json'));
/** A link to a file of the repository from where the repository is not: from the package, or from a form. */
const ABSOLUTE = new RegExp(`${homepage.replace('#readme', '')}/(?:blob|tree)/main/([^\\s)"#]+)`, 'g');

/** Text without its blocks of code. */
const prose = (path: string) => read(path).replace(/^```[\s\S]*?^```/gm, '');

/** The anchors that a web page of a document has: one for each heading. */
function anchors(path: string): string[] {
  return [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** What a document links to: in the line, or by a reference below. */
function links(path: string): string[] {
  const text = prose(path);
  return [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(
    ([, inline, below]) => inline ?? below,
  );
}

describe.each(DOCUMENTS)('%s', (path) => {
  test('links to files and headings that are there', () => {
    const broken = links(path).filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false;
      const [file, anchor] = link.split('#');
      const target = file ? normalize(join(dirname(path), file)).replace(/\/$/, '') : path;
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('defines every link that it names, and names every one that it defines', () => {
    const text = prose(path);
    const defined = [...text.matchAll(/^\[([^\]]+)\]: /gm)].map(([, name]) => name);
    const named = [...text.matchAll(/\]\[([^\]]+)\]/g)].map(([, name]) => name);
    expect([...new Set(named)].sort()).toEqual(defined.sort());
  });

  test('runs scripts of package.json that are there, of the repository or of what init writes', () => {
    const run = [...read(path).matchAll(/npm run ([\w:]+)( --prefix deploy)?/g)];
    const missing = run.filter(([, name, ofInit]) => !(name in (ofInit ? initScripts : scripts)));
    expect(missing.map(([command]) => command)).toEqual([]);
  });
});

describe('documents of the package', () => {
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )[0].files.map(({ path }: any) => path) as string[];

  test.each(packed.filter((path) => path.endsWith('.md')))('%s links to none that is left out', (path) => {
    const left = links(path)
      .filter((link) => !/^(https?|mailto):|^#/.test(link))
      .map((link) => normalize(join(dirname(path), link.split('#')[0])))
      .filter((target) => !packed.some((file) => file === target || file.startsWith(`${target}/`)));
    expect(left).toEqual([]);
  });

  test('are the README, the guide and what the pods mount', () => {
    expect(packed).toEqual(
      expect.arrayContaining(['README.md', 'docs/guide/README.md', 'src/runtime/README.md']),
    );
  });
});

test('links to the home of the repository lead to files that are there', () => {
  const targets = TRACKED.filter((path) => /\.(md|yml)$/.test(path)).flatMap((path) =>
    [...read(path).matchAll(ABSOLUTE)].map(([, target]) => target),
  );
  expect(targets).toContain('CONTRIBUTING.md');
  expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
});

test('the example lists all of its files', () => {
  const [, list] = /## Files\n\n```\n([\s\S]*?)```/.exec(read('examples/polls/README.md'))!;
  const listed = list
    .trim()
    .split('\n')
    .map((line) => line.split(/\s/)[0]);
  const files = TRACKED.filter((path) => path.startsWith('examples/polls/')).map((path) =>
    path.slice('examples/polls/'.length),
  );
  const covers = (entry: string, file: string) =>
    entry.endsWith('/') ? file.startsWith(entry) : file === entry;
  expect(listed.filter((entry) => !files.some((file) => covers(entry, file)))).toEqual([]);
  const left = files.filter((file) => !listed.some((entry) => covers(entry, file)));
  // What is in every repository or package, and says nothing of this one.
  expect(left.filter((file) => !/(^README\.md|\.gitignore|__init__\.py)$/.test(file))).toEqual([]);
});

test('the image has one name in the example, its documentation and the guide', () => {
  const [, image] = /image: '([^']+)'/.exec(read('examples/polls/deploy/main.ts'))!;
  for (const path of ['examples/polls/README.md', 'docs/guide/6-images.md', 'docs/guide/README.md']) {
    const names = [...read(path).matchAll(/\S+\/polls:[\d.]+\d/g)].map(([name]) => name.replace(/^`/, ''));
    expect([...new Set(names)]).toEqual([image]);
  }
});
