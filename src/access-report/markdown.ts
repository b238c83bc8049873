import { secretDiagram, connectionDiagram } from './diagrams';
import { uniqueSorted } from '../kubernetes/collections';
import { AccessFacts, OuterConnection, SecretAccess, SubjectPower } from './structs';

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
  const { secrets, powers, pods, connections, incoming, outgoing, identities, commands, unknown } = facts;
  const sections = [
    INTRODUCTION,
    '## Who reads Secrets',
    READING,
    secretDiagram(secrets),
    table(['Secret', 'by the API', 'how'], secrets.flatMap(readerRows)),
    '## Which container sees which key',
    table(['Secret', 'pod', 'container', 'keys', 'as'], secrets.flatMap(containerRows)),
    '## What each subject can do',
    table(['who', 'namespace', 'what', 'by', 'of'], powers.map(powerRow)),
    '## Pods and their identities',
    table(
      ['pod', 'ServiceAccount', 'token of the API server', 'connections in', 'connections out'],
      pods.map((one) => [
        inNamespace(one.namespace, one.pod),
        one.serviceAccount,
        one.hasToken ? 'yes' : 'no',
        one.ingressIsLimited ? 'limited' : '**not limited**',
        one.egressIsLimited ? 'limited' : '**not limited**',
      ]),
    ),
    '## Who connects to what',
    connectionDiagram(facts),
    table(
      ['from', 'to', 'ports'],
      connections.map(({ fromNamespace, from, toNamespace, to, ports }) => [
        inNamespace(fromNamespace, from),
        inNamespace(toNamespace, to),
        ports.join(', '),
      ]),
    ),
    'Pods of two namespaces are above if a rule names the other end. What may connect with anything may do so, too.',
    'From elsewhere:',
    table(
      ['from', 'to', 'ports'],
      outerRows(incoming).map(([pod, peer, ports]) => [peer, pod, ports]),
    ),
    'To elsewhere:',
    table(['from', 'to', 'ports'], outerRows(outgoing)),
    '## Rights outside the cluster',
    table(
      ['ServiceAccount', 'acts as', 'pods'],
      identities.map(({ namespace, serviceAccount, accounts, pods: users }) => [
        inNamespace(namespace, serviceAccount),
        accounts.join(', '),
        users.join(', ') || 'none of these',
      ]),
    ),
    commands.length
      ? `The commands of \`identity.txt\` give these rights. What the cloud has now is not known here:\n\n${list(commands.map(({ title }) => title))}`
      : 'No commands give rights outside the cluster.',
    '## What this report cannot know',
    list(unknown),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function readerRows({ namespace, name, readers, controllers }: SecretAccess): string[][] {
  const secret = inNamespace(namespace, name);
  const all = [
    ...readers.map(({ subject, ways }) => [subject, ways.join('; ')]),
    ...controllers.map((one) => [`what controls ${one}`, 'is named there']),
  ];
  return (all.length ? all : [['nobody', '']]).map((row) => [secret, ...row]);
}

function containerRows({ namespace, name, containers }: SecretAccess): string[][] {
  return containers.map(({ pod, container, keys, form }) => [
    inNamespace(namespace, name),
    pod,
    container,
    keys.join(', '),
    form,
  ]);
}

function powerRow({ subject, namespace, power, requests, objects }: SubjectPower): string[] {
  return [subject, shownNamespace(namespace), power, requests.join(', '), objects.join(', ')];
}

/** One row for the ports of a peer. */
function outerRows(connections: OuterConnection[]): string[][] {
  const rows = new Map<string, { head: string[]; ports: string[] }>();
  for (const { namespace, pod, peer, ports } of connections) {
    const head = [inNamespace(namespace, pod), peer];
    const key = head.join('\n');
    rows.set(key, { head, ports: [...(rows.get(key)?.ports ?? []), ...ports] });
  }
  return [...rows.values()].map(({ head, ports }) => [...head, uniqueSorted(ports).join(', ')]);
}

export function inNamespace(namespace: string, name: string): string {
  return namespace ? `${namespace}: ${name}` : name;
}

function shownNamespace(namespace: string): string {
  if (namespace === '*') return 'all, and what has none';
  return namespace || 'the one that it is applied to';
}

function table(head: string[], rows: string[][]): string {
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
