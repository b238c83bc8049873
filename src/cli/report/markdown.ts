import { diagram } from '../../access-report/diagrams';
import { groupedBy } from '../../kubernetes/collections';
import { ComparedObject, comparedFields } from './comparison';
import { letterOf, valueText } from './differences';
import {
  accessSection,
  connectionTable,
  Examined,
  networkSection,
  shutdownTable,
  sumsTable,
  TextTable,
  workloadTable,
} from './sections';
import { Topology } from './topology';

/** What the text is made from. */
export interface MarkdownParts {
  readonly title: string;
  readonly sets: Examined[];
  readonly objects: ComparedObject[];
  readonly topologies: Topology[][];
}

/** GitHub takes comments of 65,536 characters. */
const MOST_CHARACTERS = 60_000;
const MOST_DIAGRAMS = 3;

/** The report for pull requests: without the objects themselves. What is too long for a comment is left out. */
export function markdownOf(parts: MarkdownParts): string {
  const { title, sets, objects } = parts;
  const sections = [
    `## Manifests of ${code(title)}`,
    section('Sums', table(sumsTable(sets))),
    ...(sets.length > 1 ? differences(objects, sets) : []),
    ...topology(parts),
    folded('Capacity and shutdown', [workloadTable(sets), shutdownTable(sets), connectionTable(sets)]),
    folded('Access', accessSection(sets)),
    folded('Network', networkSection(sets)),
  ];
  const kept: string[] = [];
  const left: string[] = [];
  let length = 0;
  for (const one of sections) {
    length += one.length + 2;
    if (length > MOST_CHARACTERS) left.push(one);
    else kept.push(one);
  }
  if (left.length)
    kept.push(`Not shown, because it is too long for a comment: ${left.map(titleOf).join(', ')}.`);
  return `${kept.join('\n\n')}\n`;
}

function titleOf(text: string): string {
  return /^(?:#+ |<details><summary>)([^\n<]*)/.exec(text)?.[1] ?? 'a part';
}

function section(title: string, text: string): string {
  return `### ${title}\n\n${text}`;
}

/** Some tables, which a reader opens. */
function folded(title: string, tables: TextTable[]): string {
  const texts = tables.map((one) => `**${one.title}**\n\n${table(one)}`);
  return `<details><summary>${title}</summary>\n\n${texts.join('\n\n')}\n\n</details>`;
}

function differences(objects: ComparedObject[], sets: Examined[]): string[] {
  const differing = objects.filter(({ isSame }) => !isSame);
  if (!differing.length) return [section('Differences', 'All objects are the same.')];
  const letter = ({ variants }: ComparedObject, set: string) => {
    const index = variants.findIndex((one) => one.sets.includes(set));
    return index < 0 ? '–' : letterOf(index);
  };
  const matrix = {
    title: '',
    head: ['object', ...sets.map(({ name }) => name)],
    rows: differing.map((one) => [nameOf(one), ...sets.map(({ name }) => letter(one, name))]),
  };
  const fields = differing
    .filter(({ variants }) => variants.length > 1)
    .map((one) => ({
      title: `${code(nameOf(one))}`,
      head: [
        'field',
        ...one.variants.map((variant, index) => `${letterOf(index)}: ${variant.sets.join(', ')}`),
      ],
      rows: comparedFields(one).map(({ path, values }) => [
        path,
        ...values.map((value) => (value === undefined ? '–' : valueText(value))),
      ]),
    }));
  return [
    section(
      'Differences',
      `${objects.length - differing.length} of ${objects.length} objects are the same. Sets with the same letter have the same object.\n\n${table(matrix)}`,
    ),
    ...(fields.length ? [folded('Fields that differ', fields)] : []),
  ];
}

function nameOf({ kind, namespace, name }: ComparedObject): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** The largest parts of the topologies as Mermaid, each once. */
function topology({ sets, topologies }: MarkdownParts): string[] {
  const all = topologies.flatMap((parts, index) =>
    parts
      .filter(({ arrows }) => arrows.length)
      .map((one) => ({ text: diagramOf(one), set: sets[index].name })),
  );
  const unique = [...groupedBy(all, ({ text }) => text)].slice(0, MOST_DIAGRAMS);
  return unique.map(
    ([text, own]) =>
      `<details><summary>Topology</summary>\n\n${own.map(({ set }) => code(set)).join(', ')}\n\n${text}\n\n</details>`,
  );
}

function diagramOf({ boxes, arrows }: Topology): string {
  const titles = new Map(boxes.map(({ id, kind, name }) => [id, `${kind} ${name}`]));
  return diagram(
    arrows.map(({ from, to, label }) => ({ from: titles.get(from)!, to: titles.get(to)!, label })),
  );
}

function table({ head, rows }: TextTable): string {
  if (!rows.length) return 'None.';
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head.map(code)), line(head.map(() => '---')), ...rows.map((row) => line(row.map(code)))].join(
    '\n',
  );
}

/** A text as code: nothing in it is Markdown, HTML or the name of somebody. A bar would end a cell of a table. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (/^[\w ,.;%–—-]*$/.test(line)) return line || '–';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${space}${line.replace(/\\(?=\|)/g, '\\ ').replace(/\|/g, '\\|')}${space}${fence}`;
}
