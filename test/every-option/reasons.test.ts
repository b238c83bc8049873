import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Catalog } from '../../src/cli/explain/catalog';
import { alternativesOf, leavesOf } from '../../src/cli/explain/fields';
import { REASONS } from '../../src/cli/explain/reasons';
import { FieldReason } from '../../src/kubernetes/field-reason';
import { sentencesOf } from '../prose/passages';
import { problemsOf } from '../prose/rules';
import { filesOf } from '../support/files';
import { ROOT } from '../support/typescript';
import { documentsOf } from './documents';
import { PLATFORMS } from './platforms';

const ALL = Object.values(REASONS).flat();

interface Seen {
  readonly values: Map<string, Set<unknown>>;
  readonly unexplained: string[];
}

/** The fields of reasons, each with its values in the documents. */
function seenBy(reasons: FieldReason[], documents: any[]): Seen {
  const catalog = new Catalog(reasons);
  const values = new Map<string, Set<unknown>>();
  const unexplained = new Set<string>();
  for (const { field, value } of documents.flatMap(leavesOf)) {
    const known = catalog.find(field);
    if (!known) unexplained.add(field);
    else values.set(known.field, (values.get(known.field) ?? new Set()).add(value));
  }
  return { values, unexplained: [...unexplained].sort() };
}

const fieldsOf = (reasons: FieldReason[]) => reasons.flatMap(({ fields }) => fields.flatMap(alternativesOf));

/** The fields of reasons that no document has. */
function unused(reasons: FieldReason[], { values }: Seen): string[] {
  return fieldsOf(reasons).filter((field) => !values.has(field));
}

/** The fields whose values are not those that their reason names. */
function otherValues(reasons: FieldReason[], { values }: Seen): string[] {
  return reasons
    .filter((reason) => reason.values)
    .flatMap((reason) =>
      fieldsOf([reason]).flatMap((field) => {
        const [found, named] = [textOf([...(values.get(field) ?? [])]), textOf(reason.values)];
        return found === named ? [] : [`${field}: ${found} and not ${named}`];
      }),
    );
}

const textOf = (values: unknown[] = []) =>
  values
    .map((value) => JSON.stringify(value))
    .sort()
    .join(', ');

describe('the reasons of fields', () => {
  // Most are the same on several platforms.
  const documents = [
    ...new Map(
      Object.values(PLATFORMS)
        .flatMap((platform) => documentsOf(platform).manifests)
        .map((one) => [JSON.stringify(one), one]),
    ).values(),
  ];
  const seen = seenBy(ALL, documents);
  const REPLICAS: FieldReason = { fields: ['Deployment.spec.replicas'], why: '', source: '' };
  const DEPLOYMENT = { kind: 'Deployment', spec: { replicas: 2, paused: true } };

  it('are missing, unused or outdated where they are', () => {
    expect(seenBy([REPLICAS], [DEPLOYMENT]).unexplained).toEqual([
      'Deployment.kind',
      'Deployment.spec.paused',
    ]);
    const both = [{ ...REPLICAS, fields: ['{Deployment,Job}.spec.replicas'] }];
    expect(unused(both, seenBy(both, [DEPLOYMENT]))).toEqual(['Job.spec.replicas']);
    const three = [{ ...REPLICAS, values: [3] }];
    expect(otherValues(three, seenBy(three, [DEPLOYMENT]))).toEqual([
      'Deployment.spec.replicas: 2 and not 3',
    ]);
  });

  it('are there for all fields of every option', () => {
    expect(documents.length).toBeGreaterThan(1000);
    expect(seen.unexplained).toEqual([]);
  });

  it('are each used', () => {
    expect(fieldsOf(ALL).length).toBeGreaterThan(500);
    expect(unused(ALL, seen)).toEqual([]);
  });

  it('name the values that there are', () => {
    expect(ALL.filter(({ values }) => values).length).toBeGreaterThan(50);
    expect(otherValues(ALL, seen)).toEqual([]);
  });

  it('are one for each field', () => {
    const fields = fieldsOf(ALL);
    expect(fields.filter((field, index) => fields.indexOf(field) !== index)).toEqual([]);
  });

  it.each(Object.entries(REASONS))('are beside the code of src/%s', (folder, reasons) => {
    const names = readdirSync(join(ROOT, 'src', folder)).filter((name) => name.endsWith('.ts'));
    const code = names
      .filter((name) => !name.endsWith('reasons.ts'))
      .map((name) => readFileSync(join(ROOT, 'src', folder, name), 'utf8').toLowerCase())
      .join('\n');
    const last = (field: string) => field.replace(/\.\*$/, '').split(/[./]/).at(-1)!.toLowerCase();
    expect(fieldsOf(reasons).filter((field) => !code.includes(last(field)))).toEqual([]);
  });

  it('are all known to the command, and loaded by nothing else', () => {
    const isReasons = (path: string) => /[/-]reasons\.ts$/.test(path);
    const sources = filesOf('src', '.ts');
    const exported = sources
      .filter(({ path }) => isReasons(path))
      .flatMap(({ text }) => [...text.matchAll(/^export const (\w+_REASONS)\b/gm)].map(([, name]) => name));
    expect(exported.length).toBeGreaterThan(15);
    const known = readFileSync(join(ROOT, 'src/cli/explain/reasons.ts'), 'utf8');
    const entries = known.slice(known.indexOf('export const REASONS'));
    expect(exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(entries))).toEqual([]);
    const loading = sources
      .filter(({ text }) => /from '[^']*[/-]reasons'/.test(text))
      .map(({ path }) => path);
    expect(loading).toContain('src/cli/explain/reasons.ts');
    expect(loading.filter((path) => !path.startsWith('src/cli/explain/'))).toEqual([]);
  });

  it('are one to three plain sentences', () => {
    const sentences = ALL.map(({ why }) => sentencesOf({ path: '', line: 0, text: why }));
    expect(sentences.filter(({ length }) => length < 1 || length > 3)).toEqual([]);
    expect(sentences.flat().flatMap(problemsOf)).toEqual([]);
    expect(ALL.filter(({ why }) => !/^(cert-manager|[A-Z`]).*\.$/s.test(why))).toEqual([]);
  });

  it('have a source: an address, or a place in docs/', () => {
    const places = [...new Set(ALL.map(({ source }) => source))];
    expect(places.filter((source) => !/^(https:\/\/|docs\/)/.test(source))).toEqual([]);
    const pages = places.filter((source) => source.startsWith('docs/'));
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter((source) => !isPlace(source))).toEqual([]);
    expect(isPlace('docs/architecture.md#no-such-heading')).toBe(false);
  });
});

/** Whether a page is there, with the heading. */
function isPlace(source: string): boolean {
  const [page, anchor] = source.split('#');
  if (!existsSync(join(ROOT, page))) return false;
  if (anchor === undefined) return true;
  const headings = readFileSync(join(ROOT, page), 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].some(([, heading]) => slugOf(heading) === anchor);
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
