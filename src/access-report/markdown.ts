import { secretDiagram, connectionDiagram } from './diagrams';
import { AccessFacts } from './structs';
import { AccessTable, accessTables, NOT_LIMITED } from './tables';

/*
 * The report for people, and for `diff`: a line for each fact, in an order that does not depend on the program's.
 */

const INTRODUCTION = `# Who can do what

Derived from the manifests beside this file, which \`kubectl apply\` does not read. A change of it is a change of access.
"All" of a Secret's keys is \`*\`.`;

const READING = `Those who run pods in a namespace can mount each of its Secrets and act as each of its ServiceAccounts. The answer to
\`patch\` has the whole object, and a \`patch\` by server-side apply makes a Secret that is not there.`;

/** The report as Markdown. */
export function asMarkdown(facts: AccessFacts): string {
  const { secrets, commands, unknown } = facts;
  const tables = accessTables(facts);
  const sections = [
    INTRODUCTION,
    '## Who reads Secrets',
    READING,
    secretDiagram(secrets),
    table(tables.readers),
    '## Which container sees which key',
    table(tables.containers),
    '## What each subject can do',
    table(tables.powers),
    '## Pods and their identities',
    table({ ...tables.pods, rows: tables.pods.rows.map((row) => row.map(standingOut)) }),
    '## Who connects to what',
    connectionDiagram(facts),
    table(tables.connections),
    'Pods of two namespaces are above if a rule names the other end. What may connect with anything may do so, too.',
    'From elsewhere:',
    table(tables.incoming),
    'To elsewhere:',
    table(tables.outgoing),
    '## Rights outside the cluster',
    table(tables.identities),
    commands.length
      ? `The commands of \`identity.txt\` give these rights. What the cloud has now is not known here:\n\n${list(commands.map(({ title }) => title))}`
      : 'No commands give rights outside the cluster.',
    '## What this report cannot know',
    list(unknown),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function standingOut(text: string): string {
  return text === NOT_LIMITED ? `**${text}**` : text;
}

function table({ head, rows }: AccessTable): string {
  if (!rows.length) return 'None.';
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text of manifests must not end a cell. */
function cell(text: string): string {
  return text.replace(/[\\|]/g, '\\$&').replace(/</g, '&lt;').replace(/\s+/g, ' ');
}

function list(items: string[]): string {
  return items.map((item) => `- ${item.replace(/\s+/g, ' ')}`).join('\n');
}
