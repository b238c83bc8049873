import { AccessFacts } from '../../access-report/structs';
import { AccessTables, accessTables } from '../../access-report/tables';
import { sum, uniqueSorted } from '../../kubernetes/collections';
import { allCores, cores, size } from './amounts';
import { ManifestSet } from './manifest-sets';
import { DatabaseSum, Sums, Workload } from './sums';
import { setsText, SharedRow, sharedRows } from './tables';

/*
 * What a report says in tables, for the page and for Markdown.
 */

/** A set of manifests with what was found in it. */
export interface Examined extends ManifestSet {
  readonly facts: AccessFacts;
  readonly sums: Sums;
}

/** A table of texts. */
export interface TextTable {
  readonly title: string;
  readonly head: string[];
  readonly rows: string[][];
}

const NONE = '—';
const WHERE = 'in';

/** What all of a set takes: a row for each sum, a column for each set. */
export function sumsTable(sets: Examined[]): TextTable {
  const row = (title: string, value: (sums: Sums) => string) => [
    title,
    ...sets.map(({ sums }) => value(sums) || NONE),
  ];
  return {
    title: 'Sums',
    head: ['all together', ...sets.map(({ name }) => name)],
    rows: [
      row('objects', ({ objects }) => `${objects}`),
      row('pods that go on', ({ workloads }) => range(workloads, () => 1, String)),
      row('CPU requested', ({ workloads }) => range(workloads, ({ cpu }) => cpu, allCores)),
      row('memory requested', ({ workloads }) => range(workloads, ({ memory }) => memory, size)),
      row('memory limit', ({ workloads }) => range(workloads, ({ memoryLimit }) => memoryLimit, size)),
      row('storage requested', ({ storage }) => size(storage)),
      row('longest shutdown', ({ workloads }) => seconds(workloads.map(({ gracePeriod }) => gracePeriod))),
      row('connections to databases, at most', ({ databases }) => databases.map(connectionsText).join('; ')),
    ],
  };
}

/** With the least replicas, and with the most. Without a number of one pod there is no sum. */
function range(
  workloads: Workload[],
  ofOne: (workload: Workload) => number | undefined,
  show: (value: number) => string,
): string {
  if (workloads.some((one) => ofOne(one) === undefined)) return 'no limit';
  const total = (which: 'least' | 'most') => sum(workloads.map((one) => one.replicas[which] * ofOne(one)!));
  return rangeText(show(total('least')), show(total('most')));
}

function rangeText(least: string, most: string): string {
  if (least === most) return least;
  const unit = / \D+$/.exec(most)?.[0] ?? '';
  return `${(unit && least.endsWith(unit) ? least.slice(0, -unit.length) : least) || '0'} – ${most}`;
}

function seconds(values: number[]): string {
  return values.length ? `${Math.max(...values)} s` : '';
}

function connectionsText({ takes, openers }: DatabaseSum): string {
  const most = sum(openers.map((one) => one.most));
  return takes === undefined ? `${most}` : `${most} of ${takes}`;
}

/** What each workload takes, once for the sets where it is the same. */
export function workloadTable(sets: Examined[]): TextTable {
  return shared(
    'Replicas, requests and limits of a pod',
    ['workload', 'replicas', 'CPU requested', 'CPU limit', 'memory requested', 'memory limit'],
    sets,
    ({ sums }) =>
      sums.workloads.map(({ title, namespace, replicas, cpu, cpuLimit, memory, memoryLimit }) => [
        inNamespace(namespace, title),
        rangeText(`${replicas.least}`, `${replicas.most}`),
        cores(cpu) || NONE,
        limitText(cpuLimit, cores),
        size(memory) || NONE,
        limitText(memoryLimit, size),
      ]),
  );
}

function limitText(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? 'none' : show(value);
}

/** How long each workload takes to end. */
export function shutdownTable(sets: Examined[]): TextTable {
  return shared('Shutdown', ['workload', 'grace period', 'sum'], sets, ({ sums }) =>
    sums.workloads.map(({ title, namespace, gracePeriod, shutdown = '' }) => [
      inNamespace(namespace, title),
      `${gracePeriod} s`,
      shutdown || NONE,
    ]),
  );
}

/** What opens connections to databases. */
export function connectionTable(sets: Examined[]): TextTable {
  return shared('Connections to databases', ['database', 'by', 'at most', 'how'], sets, ({ sums }) =>
    sums.databases.flatMap(({ host, takes, openers }) => [
      ...openers.map(({ title, most, how }) => [host, title, `${most}`, how]),
      [
        host,
        'sum',
        `${sum(openers.map(({ most }) => most))}`,
        takes === undefined ? 'the manifests do not say what the server takes' : `the server takes ${takes}`,
      ],
    ]),
  );
}

const ACCESS: [keyof AccessTables, string][] = [
  ['readers', 'Who reads Secrets'],
  ['containers', 'Which container sees which key'],
  ['powers', 'What each subject can do'],
  ['pods', 'Pods and their identities'],
  ['identities', 'Rights outside the cluster'],
];
const NETWORK: [keyof AccessTables, string][] = [
  ['connections', 'Who connects to what'],
  ['incoming', 'From elsewhere'],
  ['outgoing', 'To elsewhere'],
];

/** Who can do what. */
export function accessSection(sets: Examined[]): TextTable[] {
  return accessOf(sets, ACCESS);
}

/** Who can connect to what. */
export function networkSection(sets: Examined[]): TextTable[] {
  return accessOf(sets, NETWORK);
}

function accessOf(sets: Examined[], names: [keyof AccessTables, string][]): TextTable[] {
  const tables = sets.map(({ facts }) => accessTables(facts));
  return names.map(([name, title]) =>
    shared(title, tables[0][name].head, sets, (_, index) => tables[index][name].rows),
  );
}

/** What no report knows, once for all sets. */
export function unknownOf(sets: Examined[]): string[] {
  return uniqueSorted(sets.flatMap(({ facts }) => facts.unknown));
}

/** A table of all sets, with a column that says where a row is if there are several. */
function shared(
  title: string,
  head: string[],
  sets: Examined[],
  rowsOf: (set: Examined, index: number) => string[][],
): TextTable {
  const rows = sharedRows(sets.map((set, index) => ({ name: set.name, rows: rowsOf(set, index) })));
  if (sets.length === 1) return { title, head, rows: rows.map(({ cells }) => cells) };
  const withSets = ({ cells, sets: own }: SharedRow) => [...cells, setsText(own, sets.length)];
  return { title, head: [...head, WHERE], rows: rows.map(withSets) };
}

function inNamespace(namespace: string, name: string): string {
  return namespace ? `${namespace}: ${name}` : name;
}
