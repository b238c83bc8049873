import { Kubectl } from '../cluster/kubectl';
import { manifestsIn } from '../manifests';
import { ExitCode } from '../problem';
import { Requests, requestsOf } from '../requests';
import { Terminal } from '../terminal';
import { againstCluster } from './applied';
import { Change, changesBetween } from './changes';
import { accessChanges, restarts, runs, shown, warnings } from './effects';

/** What `diff` is given. */
export interface DiffOptions {
  readonly format: 'text' | 'markdown';
}

/** A heading with its lines. */
interface Section {
  readonly title: string;
  readonly lines: string[];
}

const PREFIXES = { before: '-', after: '+', both: '~' };

/** Says what newer manifests lead to: against older ones, or against those that were applied to the cluster. */
export async function diff(
  [first, second]: string[],
  { format }: DiffOptions,
  { kubectl, terminal }: { kubectl: Kubectl; terminal: Terminal },
): Promise<number> {
  const newer = manifestsIn(second ?? first);
  const { before, after } = second
    ? { before: manifestsIn(first), after: newer }
    : await againstCluster(newer, kubectl);
  const sections = sectionsOf(before, after);
  const texts = sections.map(({ title, lines }) =>
    format === 'markdown'
      ? `### ${title}\n\n${lines.map((line) => `- ${escaped(line)}`).join('\n')}\n`
      : `${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`,
  );
  terminal.write(texts.length ? texts.join('\n').trimEnd() : 'No difference.');
  return ExitCode.SUCCESS;
}

function escaped(line: string): string {
  return line.replace(/[*_<|]/g, '\\$&');
}

function sectionsOf(before: any[], after: any[]): Section[] {
  const changes = changesBetween(before, after);
  const { migrations, others } = runs(changes);
  const { gained, lost } = accessChanges(before, after);
  return [
    { title: 'Restarts', lines: restarts(changes) },
    { title: 'Migrates', lines: migrations },
    { title: 'Runs', lines: others },
    { title: 'Gains access', lines: gained },
    { title: 'Loses access', lines: lost },
    {
      title: 'Requests, with the least replicas',
      lines: requestLines(requestsOf(before), requestsOf(after)),
    },
    { title: 'Look at', lines: warnings(changes) },
    { title: 'Objects', lines: changes.map(changeLine) },
  ].filter(({ lines }) => lines.length);
}

function changeLine({ name, before, after, paths }: Change): string {
  const which = before && after ? 'both' : after ? 'after' : 'before';
  return `${PREFIXES[which]} ${name}${paths.length ? `: ${shown(paths)}` : ''}`;
}

function requestLines(before: Requests, after: Requests): string[] {
  const line = (what: string, one: number, other: number, show: (value: number) => string) =>
    one === other
      ? []
      : [`${what}: ${show(one)} → ${show(other)} (${other > one ? '+' : '−'}${show(Math.abs(other - one))})`];
  const size = (value: number) => `${Math.round((value / 2 ** 20) * 10) / 10} Mi`;
  const cores = (value: number) => `${Math.round(value * 1000)} m`;
  return [
    ...line('CPU', before.cpu, after.cpu, cores),
    ...line('memory', before.memory, after.memory, size),
    ...line('storage', before.storage, after.storage, size),
  ];
}
