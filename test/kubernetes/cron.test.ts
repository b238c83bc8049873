import fc from 'fast-check';
import { checkCron } from '../../src/kubernetes/cron';
import { TIME_ZONE_NAMES } from '../../src/kubernetes/time-zone-names';
import { checkTimeZone } from '../../src/kubernetes/time-zones';
import { chartOn } from '../support/synth';

const chart = chartOn();
const check = (value: string) => checkCron(chart, 'schedule', value);
const checkAny = (value: string) => checkCron(chart, 'schedule', value, { descriptors: true });
const REMEDY = 'Give minute, hour, day, month and weekday, such as "30 3 * * *"';

/** The first and the last value of each field, and the names of its values. */
const FIELDS = [
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12, names: 'JAN Feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { name: 'weekday', first: 0, last: 6, names: 'sun Mon tue wed thu fri SAT'.split(' ') },
];
type Field = (typeof FIELDS)[number];

/** One value of a field, a range, or all; with a step or without. */
function item({ first, last, names }: Field): fc.Arbitrary<string> {
  const value = fc.integer({ min: first, max: last });
  const text = (number: number, named: boolean) => (named && names ? names[number - first] : String(number));
  const single = fc.tuple(value, fc.boolean()).map(([number, named]) => text(number, named));
  const range = fc
    .tuple(value, value, fc.boolean(), fc.boolean())
    .map(([one, other, a, b]) => `${text(Math.min(one, other), a)}-${text(Math.max(one, other), b)}`);
  const step = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
  return fc
    .tuple(fc.oneof(fc.constant('*'), fc.constant('?'), single, range), step)
    .map(([what, by]) => (by === undefined ? what : `${what}/${by}`));
}

const list = (field: Field) =>
  fc.array(item(field), { minLength: 1, maxLength: 4 }).map((items) => items.join(','));
const expressions = fc.tuple(...FIELDS.map(list));

describe('a schedule of cron', () => {
  it('is any five fields of lists of values, names, ranges and steps', () => {
    fc.assert(
      fc.property(expressions, (fields) => {
        expect(() => check(fields.join(' '))).not.toThrow();
      }),
    );
  });

  it('has no value beyond its field, alone or in a list or range', () => {
    const place = fc.integer({ min: 0, max: FIELDS.length - 1 });
    const beyond = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(expressions, place, beyond, fc.constantFrom('', 'range', 'list'), (fields, at, by, as) => {
        const { name, first, last } = FIELDS[at];
        const wrong = as === 'range' ? `${first}-${last + by}` : String(last + by);
        const text = as === 'list' ? `${fields[at]},${wrong}` : wrong;
        const changed = fields.map((field, index) => (index === at ? text : field));
        expect(() => check(changed.join(' '))).toThrow(
          `has the ${name} "${wrong}", which is not between ${first} and ${last}. ${REMEDY}.`,
        );
      }),
    );
  });

  it.each([
    ['61 25 * * *', 'has the minute "61", which is not between 0 and 59'],
    ['1 24 * * *', 'has the hour "24", which is not between 0 and 23'],
    ['1 1 0 * *', 'has the day "0", which is not between 1 and 31'],
    ['1 1 * 13 *', 'has the month "13", which is not between 1 and 12'],
    ['1 1 * * 7', 'has the weekday "7", which is not between 0 and 6'],
    ['1 1 * * jan', 'has the weekday "jan", which is not between 0 and 6'],
    ['1 1 l * *', 'has the day "l", which is not between 1 and 31'],
    ['1 1 * * mon#1', 'has the weekday "mon#1", which is not between 0 and 6'],
    ['a b c d e', 'has the minute "a", which is not between 0 and 59'],
    ['-1 * * * *', 'has the minute "-1", which is not between 0 and 59'],
    ['1,,2 * * * *', 'has the minute "", which is not between 0 and 59'],
    ['1-2-3 * * * *', 'has the minute "1-2-3", which is not between 0 and 59'],
    ['*/0 * * * *', 'has the minute "*/0", whose step is 0'],
    ['*/ * * * *', 'has the minute "*/", which is not between 0 and 59'],
    ['*/9999999999 * * * *', 'has the minute "*/9999999999", which is not between 0 and 59'],
    ['0000000005 * * * *', 'has the minute "0000000005", which is not between 0 and 59'],
    ['* * * * fri-mon', 'has the weekday "fri-mon", which ends before it begins'],
    ['', 'does not have the five fields of cron'],
    ['* * * *', 'does not have the five fields of cron'],
    ['* * * * * *', 'does not have the five fields of cron'],
    ['* *  * * *', 'does not have the five fields of cron'],
    ['TZ=UTC * * * * *', 'does not have the five fields of cron'],
    ['@daily', 'does not have the five fields of cron'],
  ])('is not %j', (value, reason) => {
    expect(() => check(value)).toThrow(
      new Error(`polls: schedule ${JSON.stringify(value)} ${reason}. ${REMEDY}.`),
    );
  });

  it('may be a word where CronJobs read it', () => {
    for (const word of ['hourly', 'daily', 'midnight', 'weekly', 'monthly', 'yearly', 'annually']) {
      expect(() => checkAny(`@${word}`)).not.toThrow();
    }
    for (const word of ['@reboot', '@Daily', 'daily', '@daily ']) {
      expect(() => checkAny(word)).toThrow(`${REMEDY}, or "@daily".`);
    }
  });
});

describe('a time zone', () => {
  it.each([
    'UTC',
    'Europe/Vienna',
    'Europe/Kyiv',
    'Etc/GMT+1',
    'America/Argentina/Buenos_Aires',
    'America/Coyhaique',
    'Asia/Calcutta',
    'Asia/Kolkata',
    'US/Eastern',
    'EST',
    'GMT0',
  ])('is %s', (zone) => {
    expect(() => checkTimeZone(chart, 'timeZone', zone)).not.toThrow();
  });

  it('is one that Node.js knows too', () => {
    for (const timeZone of TIME_ZONE_NAMES) {
      expect(() => new Intl.DateTimeFormat('en', { timeZone })).not.toThrow();
    }
    expect(TIME_ZONE_NAMES.size).toBe(597);
  });

  it.each([
    '',
    'Local',
    'local',
    'Europe/Wien',
    'europe/vienna',
    'EUROPE/VIENNA',
    '+01:00',
    'GMT+1',
    'UTC\n',
    // Node.js has these as well.
    'PST',
    'IST',
    'SystemV/AST4',
    'Us/Eastern',
    'Utc',
    'Factory',
  ])('is not %j', (zone) => {
    expect(() => checkTimeZone(chart, 'timeZone', zone)).toThrow(
      new Error(
        `polls: timeZone ${JSON.stringify(zone)} is not a time zone. Give its name, such as "Europe/Vienna".`,
      ),
    );
  });
});
