import { IConstruct } from 'constructs';
import { Problems } from './problems';

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Names of its values, from the first on. */
  readonly names: string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS: Field[] = [
  { name: 'minute', first: 0, last: 59, names: [] },
  { name: 'hour', first: 0, last: 23, names: [] },
  { name: 'day', first: 1, last: 31, names: [] },
  { name: 'month', first: 1, last: 12, names: MONTHS },
  { name: 'weekday', first: 0, last: 6, names: WEEKDAYS },
];

const DESCRIPTOR = /^@(hourly|daily|midnight|weekly|monthly|yearly|annually)$/;
/** One of a field's list: `*`, `5`, `mon-fri`, each with a step. */
const ITEM = /^(?:[*?]|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d{1,9}))?$/;

/** What may be written for a schedule, other than the five fields. */
export interface CronOptions {
  /** `@daily` and its like, which CronJobs know, but neither KEDA nor CloudNativePG. */
  readonly descriptors?: boolean;
}

/**
 * Checks the five fields of cron as Kubernetes reads them: Sunday is 0 and never 7, and there is neither `L` nor `#`,
 * which parsers of npm know. KEDA, Velero and CloudNativePG are given no more than that either.
 *
 * @see https://pkg.go.dev/github.com/robfig/cron/v3#hdr-CRON_Expression_Format
 */
export function checkCron(
  scope: IConstruct,
  property: string,
  value: string,
  { descriptors = false }: CronOptions = {},
): void {
  if (descriptors && DESCRIPTOR.test(value)) return;
  const reason = faultOf(value);
  if (reason === undefined) return;
  const others = descriptors ? ', or "@daily"' : '';
  Problems.report(scope, {
    property,
    value,
    reason,
    remedy: `Give minute, hour, day, month and weekday, such as "30 3 * * *"${others}`,
  });
}

/** Whether a text is the five fields of cron. */
export function isCron(value: string): boolean {
  return faultOf(value) === undefined;
}

function faultOf(value: unknown): string | undefined {
  const texts = typeof value === 'string' ? value.split(' ') : [];
  if (texts.length !== FIELDS.length || texts.includes('')) return 'does not have the five fields of cron';
  const faults = FIELDS.map((field, index) => {
    const fault = texts[index].split(',').map((item) => faultOfItem(field, item));
    return fault.find((one) => one !== undefined);
  });
  return faults.find((fault) => fault !== undefined);
}

function faultOfItem(field: Field, item: string): string | undefined {
  const { from, to, step } = ITEM.exec(item)?.groups ?? { from: '' };
  const bounds = [from, to].filter((text) => text !== undefined).map((text) => numberOf(field, text));
  const what = `has the ${field.name} "${item}"`;
  if (bounds.some((bound) => !(bound >= field.first && bound <= field.last))) {
    return `${what}, which is not between ${field.first} and ${field.last}`;
  }
  if (bounds[0] > bounds[1]) return `${what}, which ends before it begins`;
  if (step !== undefined && Number(step) === 0) return `${what}, whose step is 0`;
  return undefined;
}

/** The values of each of the five fields of a schedule that was checked, and whether the field begins with a star. */
export function cronFields(schedule: string): { readonly values: number[]; readonly isAny: boolean }[] {
  return schedule.split(' ').map((text, index) => ({
    isAny: /^[*?]/.test(text),
    values: [...new Set(text.split(',').flatMap((item) => valuesOf(FIELDS[index], item)))].sort(
      (a, b) => a - b,
    ),
  }));
}

function valuesOf(field: Field, item: string): number[] {
  const { from, to, step = '1' } = ITEM.exec(item)?.groups ?? {};
  const first = from === undefined ? field.first : numberOf(field, from);
  // A step without an end goes on to the last one.
  const open = from === undefined || /\//.test(item) ? field.last : first;
  const last = to === undefined ? open : numberOf(field, to);
  const count = Math.max(0, Math.floor((last - first) / Number(step)) + 1);
  return Array.from({ length: count }, (_, index) => first + index * Number(step));
}

function numberOf({ names, first }: Field, text: string): number {
  const index = names.indexOf(text.toLowerCase());
  if (index >= 0) return first + index;
  return /^\d{1,9}$/.test(text) ? Number(text) : NaN;
}
