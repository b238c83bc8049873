import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const GUIDE = join(ROOT, 'docs', 'guide');

/** The blocks of YAML in a chapter, each with the document that its first line names. */
function excerpts(chapter: string): { title: string; excerpt: any }[] {
  const text = readFileSync(join(GUIDE, chapter), 'utf8');
  return [...text.matchAll(/```yaml\n# (dist\/[^\n]*)\n([\s\S]*?)```/g)].map(([, title, yaml]) => ({
    title,
    excerpt: parse(yaml),
  }));
}

function document(title: string): any {
  const [, distribution, kind, name] = /^dist\/(\w+): (\w+) (\S+)$/.exec(title)!;
  const text = readFileSync(join(ROOT, 'dist', distribution, 'polls.k8s.yaml'), 'utf8');
  return parseAllDocuments(text)
    .map((parsed) => parsed.toJSON())
    .find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
}

const chapters = readdirSync(GUIDE).filter((file) => /^\d/.test(file));
const cases = chapters.flatMap((chapter) => excerpts(chapter).map((found) => ({ chapter, ...found })));

test('the guide has a chapter for each topic', () => {
  expect(chapters).toHaveLength(15);
  expect(cases.length).toBeGreaterThanOrEqual(15);
});

test.each(cases)('$chapter shows what $title holds', ({ title, excerpt }) => {
  expect(document(title)).toMatchObject(excerpt);
});
