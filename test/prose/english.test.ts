import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from '../support/files';
import { ROOT } from '../support/typescript';
import { Passage, passagesOfMarkdown, sentencesOf, wordsIn } from './passages';
import { problemsOf } from './rules';
import { commentsOf, pythonTextsOf, textsOf } from './sources';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'examples/polls/README.md',
  'imports/README.md',
  'src/runtime/README.md',
  'test/cluster/README.md',
  'test/operators/README.md',
];

/** A list of names, which is not prose. */
const DATA = ['src/kubernetes/time-zone-names.ts'];

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const unreleased = /^## Unreleased\n[\s\S]*?(?=^## |(?![\s\S]))/m.exec(read('CHANGELOG.md'))!;

/** Each sentence of some passages that breaks a rule, with its place and the rule. */
const problemsIn = (passages: Passage[]) =>
  passages
    .flatMap(sentencesOf)
    .flatMap((sentence) =>
      problemsOf(sentence).map((problem) => `${sentence.place} ${problem}\n  ${sentence.text}`),
    );

const sentencesIn = (markdown: string) => passagesOfMarkdown('a.md', markdown).flatMap(sentencesOf);

describe('plain English', () => {
  const pages = [...PAGES.map((path) => ({ path, text: read(path) })), ...filesOf('docs', '.md')].flatMap(
    ({ path, text }) => passagesOfMarkdown(path, text),
  );
  const sources = filesOf('src', '.ts').filter(({ path }) => !DATA.includes(path));
  const python = filesOf('src/runtime/cdk8s_django', '.py');

  it('is written on every page', () => {
    expect(pages.length).toBeGreaterThan(1000);
    expect(problemsIn(pages)).toEqual([]);
  });

  it('is written in the changelog of the next release', () => {
    expect(unreleased[0].length).toBeGreaterThan(100);
    expect(problemsIn(passagesOfMarkdown('CHANGELOG.md', unreleased[0], 5))).toEqual([]);
  });

  it('is written in errors', () => {
    const texts = sources.flatMap(({ path, text }) => textsOf(path, text));
    expect(texts.length).toBeGreaterThan(400);
    expect(problemsIn(texts)).toEqual([]);
  });

  it('is written in what the pods say', () => {
    const texts = python.flatMap(({ path, text }) => pythonTextsOf(path, text));
    expect(texts.length).toBeGreaterThan(50);
    expect(problemsIn(texts)).toEqual([]);
  });

  it('is written in comments', () => {
    const comments = sources.flatMap(({ path, text }) => commentsOf(path, text));
    expect(comments.length).toBeGreaterThan(1000);
    expect(problemsIn(comments)).toEqual([]);
  });
});

describe('the reading of prose', () => {
  it('finds sentences with their lines, without code', () => {
    const markdown = [
      '# A title',
      '',
      'One sentence',
      'of two lines. Another `with code. in it` and [a link](https://a.example/b. c).',
      '',
      '```ts',
      'const code = 1;',
      '```',
      '- An item. `gunicorn` begins one.',
      '',
      '| a cell | another. Here |',
    ].join('\n');
    expect(sentencesIn(markdown).map(({ place, text }) => `${place} ${text}`)).toEqual([
      'a.md:1 A title',
      'a.md:3 One sentence of two lines.',
      'a.md:4 Another `with·code··in·it` and [a link].',
      'a.md:9 An item.',
      'a.md:9 `gunicorn` begins one.',
      'a.md:11 a cell',
      'a.md:11 another.',
      'a.md:11 Here',
    ]);
  });

  it('counts code and addresses as a word each', () => {
    const [sentence] = sentencesIn('Run `npm run test -- a b c` or [see](https://a.example).');
    expect(wordsIn(sentence.text)).toBe(4);
  });

  it('finds comments with their lines, without examples', () => {
    const source = [
      '/**',
      ' * A doc comment',
      ' * of two lines.',
      ' *',
      ' * @example',
      ' *',
      ' * const code = 1;',
      ' *',
      ' * @param name - of the thing',
      ' */',
      'export const a = /x/; // behind it',
      '// one',
      '// comment',
      "const b = '// none';",
    ].join('\n');
    expect(commentsOf('a.ts', source).map(({ line, text }) => `${line} ${text}`)).toEqual([
      '2 A doc comment\nof two lines.',
      '9 of the thing',
      '11 behind it\none\ncomment',
    ]);
  });

  it('finds the texts of errors, with what is filled in left out', () => {
    const source = "throw new Error(`has ${count} names, ` + 'which is too many');";
    expect(textsOf('a.ts', source).map(({ text }) => text)).toEqual(['has … names, which is too many']);
    const python = 'raise Problem(\n    f"database {name}: "\n    "cannot be read"\n)';
    expect(pythonTextsOf('a.py', python)).toEqual([
      { path: 'a.py', line: 2, text: 'database …: cannot be read' },
    ]);
  });

  it.each([
    ['an autoscaler, which has not the image', '"has not": write does not have'],
    ['is nothing that can be made', '"is nothing that": write is not a …'],
    ['It is told of its clients.', '"told of": write "about"'],
    ['It is no number.', '"is no": write is not a'],
    ['Of the other classes any may be of Istio.', '"Of": write the subject first'],
    ['Throws when it is late, and when it is early.', 'several causes: write "Throws when:" and a list'],
    ['word '.repeat(36), '36 words: write at most 35'],
  ])('refuses "%s"', (text, problem) => {
    expect(sentencesIn(text).flatMap(problemsOf)).toEqual([problem]);
  });

  it.each([
    'It has not been asked.',
    'It has not ended yet.',
    'There is no answer.',
    'It is no longer there.',
    'The answer is no when it fails.',
    'The limit of Django’s own server holds.',
    'Throws when a name or a path is not valid.',
    'word '.repeat(35),
  ])('accepts "%s"', (text) => {
    expect(sentencesIn(text).flatMap(problemsOf)).toEqual([]);
  });
});
