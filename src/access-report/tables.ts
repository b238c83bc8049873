import { uniqueSorted } from '../kubernetes/collections';
import { AccessFacts, OuterConnection, SecretAccess, SubjectPower } from './structs';

/** What a report says about one thing: a row for each fact. Texts are those of the manifests. */
export interface AccessTable {
  readonly head: string[];
  readonly rows: string[][];
}

/** What a report has tables of. */
export interface AccessTables {
  readonly readers: AccessTable;
  readonly containers: AccessTable;
  readonly powers: AccessTable;
  readonly pods: AccessTable;
  readonly connections: AccessTable;
  readonly incoming: AccessTable;
  readonly outgoing: AccessTable;
  readonly identities: AccessTable;
}

/** The word for pods that anything connects to, or that connect to anything. */
export const NOT_LIMITED = 'not limited';

/** The tables of a report, in an order that does not depend on the program's. */
export function accessTables(facts: AccessFacts): AccessTables {
  const { secrets, powers, pods, connections, incoming, outgoing, identities } = facts;
  return {
    readers: { head: ['Secret', 'by the API', 'how'], rows: secrets.flatMap(readerRows) },
    containers: {
      head: ['Secret', 'pod', 'container', 'keys', 'as'],
      rows: secrets.flatMap(containerRows),
    },
    powers: { head: ['who', 'namespace', 'what', 'by', 'of'], rows: powers.map(powerRow) },
    pods: {
      head: ['pod', 'ServiceAccount', 'token of the API server', 'connections in', 'connections out'],
      rows: pods.map((one) => [
        inNamespace(one.namespace, one.pod),
        one.serviceAccount,
        one.hasToken ? 'yes' : 'no',
        one.ingressIsLimited ? 'limited' : NOT_LIMITED,
        one.egressIsLimited ? 'limited' : NOT_LIMITED,
      ]),
    },
    connections: {
      head: ['from', 'to', 'ports'],
      rows: connections.map(({ fromNamespace, from, toNamespace, to, ports }) => [
        inNamespace(fromNamespace, from),
        inNamespace(toNamespace, to),
        ports.join(', '),
      ]),
    },
    incoming: {
      head: ['from', 'to', 'ports'],
      rows: outerRows(incoming).map(([pod, peer, ports]) => [peer, pod, ports]),
    },
    outgoing: { head: ['from', 'to', 'ports'], rows: outerRows(outgoing) },
    identities: {
      head: ['ServiceAccount', 'acts as', 'pods'],
      rows: identities.map(({ namespace, serviceAccount, accounts, pods: users }) => [
        inNamespace(namespace, serviceAccount),
        accounts.join(', '),
        users.join(', ') || 'none of these',
      ]),
    },
  };
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

/** A name with its namespace, for a cell of a table. */
function inNamespace(namespace: string, name: string): string {
  return namespace ? `${namespace}: ${name}` : name;
}

function shownNamespace(namespace: string): string {
  if (namespace === '*') return 'all, and what has none';
  return namespace || 'the one that it is applied to';
}
