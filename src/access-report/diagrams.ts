import { uniqueSorted } from '../kubernetes/collections';
import { AccessFacts, SecretAccess } from './structs';

/*
 * Mermaid diagrams of the report. Nodes have numbers for ids, in the order of their texts.
 */

/** An arrow between two texts. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

/** Subjects and pods with the Secrets that they read. Who reads the same Secrets has an arrow to each. */
export function secretDiagram(secrets: SecretAccess[]): string {
  const edges = secrets.flatMap(({ namespace, name, readers, containers }) => {
    const secret = `Secret ${qualified(namespace, name)}`;
    return [
      ...readers.map(({ subject }): Edge => ({ from: subject, to: secret, label: 'API' })),
      ...uniqueSorted(containers.map(({ pod }) => qualified(namespace, pod))).map((pod): Edge => ({
        from: pod,
        to: secret,
      })),
    ];
  });
  return diagram(edges);
}

/** Connections of pods. */
export function connectionDiagram({ connections, incoming, outgoing }: AccessFacts): string {
  return diagram([
    ...incoming.map((one): Edge => ({
      from: one.peer,
      to: qualified(one.namespace, one.pod),
      label: one.ports.join(', '),
    })),
    ...connections.map((one): Edge => ({
      from: qualified(one.fromNamespace, one.from),
      to: qualified(one.toNamespace, one.to),
      label: one.ports.join(', '),
    })),
    ...outgoing.map((one): Edge => ({
      from: qualified(one.namespace, one.pod),
      to: one.peer,
      label: one.ports.join(', '),
    })),
  ]);
}

function qualified(namespace: string, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

export function diagram(edges: Edge[]): string {
  if (!edges.length) return '';
  const nodes = uniqueSorted(edges.flatMap(({ from, to }) => [from, to]));
  const ids = new Map(nodes.map((text, index) => [text, `n${index}`]));
  const id = (text: string) => ids.get(text)!;
  const lines = edges.map(
    ({ from, to, label }) => `  ${id(from)} -->${label ? `|"${escaped(label)}"|` : ''} ${id(to)}`,
  );
  return [
    '```mermaid',
    'flowchart LR',
    ...nodes.map((text) => `  ${id(text)}["${escaped(text)}"]`),
    ...new Set(lines),
    '```',
  ].join('\n');
}

/** Mermaid ends a text at a quote, and has codes for characters. */
function escaped(text: string): string {
  return text.replace(/[#"<>`\\]/g, (character) => `#${character.charCodeAt(0)};`).replace(/\s+/g, ' ');
}
