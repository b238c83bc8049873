import { FieldReason } from '../../kubernetes/field-reason';
import { CommandProblem, ExitCode, UsageProblem } from '../problem';
import { Terminal } from '../terminal';
import { addressOf, Answer } from './answer';
import { Catalog } from './catalog';
import { answersIn } from './in-manifests';
import { wholeCatalog } from './whole-catalog';

/** What `explain` is given in addition to a path. */
export interface ExplainOptions {
  readonly json?: boolean;
}

const LONGEST_VALUE = 100;
const NOT_OURS =
  'The library does not set this field. Your program does, or somebody who changed the manifest.';

/** Says why fields have their values: with manifests, also which values these are. */
export function explain(
  path: string,
  manifests: string | undefined,
  { json }: ExplainOptions,
  terminal: Terminal,
): number {
  const catalog = wholeCatalog();
  const field = catalog.withKind(path);
  const known = catalog.knownAt(field);
  const answers =
    manifests !== undefined
      ? answersIn(manifests, catalog, field)
      : known.map(({ field: one, reason }) => ({ field: one, values: reason.values, reason }));
  if (!answers.length && !known.length) throw unknown(catalog, path, field);
  if (!answers.length) throw new CommandProblem(`No object in ${manifests} has the field ${field}.`);
  terminal.write(json ? JSON.stringify(answers.map(dataOf), null, 2) : textOf(answers));
  return ExitCode.SUCCESS;
}

function unknown(catalog: Catalog, path: string, field: string): UsageProblem {
  const nearest = catalog.nearest(field);
  return new UsageProblem(
    `${path} is not a field that the library sets. The nearest are:\n${nearest.map((one) => `  ${one}`).join('\n')}`,
  );
}

function dataOf({ field, values, found, reason }: Answer): object {
  return { field, values, found, why: reason?.why, source: reason && addressOf(reason) };
}

/** Each reason once, below the fields that it is for. */
function textOf(answers: Answer[]): string {
  const byReason = new Map<FieldReason | undefined, Answer[]>();
  for (const answer of answers) {
    byReason.set(answer.reason, [...(byReason.get(answer.reason) ?? []), answer]);
  }
  return [...byReason]
    .map(([reason, all]) =>
      [
        ...all.flatMap(fieldLines),
        ...(reason ? [`    ${reason.why}`, `    ${addressOf(reason)}`] : [`    ${NOT_OURS}`]),
      ].join('\n'),
    )
    .join('\n\n');
}

function fieldLines({ field, values, found }: Answer): string[] {
  if (!found) return [values ? `${field}: ${values.map(short).join(' or ')}` : field];
  const objects = new Map<string, Set<string>>();
  for (const { object, value } of found) {
    const text = short(value);
    objects.set(text, (objects.get(text) ?? new Set()).add(object));
  }
  return [field, ...[...objects].map(([text, names]) => `  ${text}  (${[...names].join(', ')})`)];
}

function short(value: unknown): string {
  const [line, ...others] = (typeof value === 'string' ? value : JSON.stringify(value)).split('\n');
  return others.length || line.length > LONGEST_VALUE ? `${line.slice(0, LONGEST_VALUE)}…` : line || '""';
}
