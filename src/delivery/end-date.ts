import { InvalidInputError } from '../kubernetes/errors';

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The schedule of a CronJob for the first minute of a day in UTC, such as `2027-02-14`. */
export function scheduleOf(day: string): string {
  const [, year, month, date] = (DAY.exec(day) ?? []).map(Number);
  const isDay = year !== undefined && new Date(Date.UTC(year, month - 1, date)).getUTCDate() === date;
  if (isDay && month <= 12 && date) return `0 0 ${date} ${month} *`;
  throw new InvalidInputError('Preview', {
    property: 'until',
    value: day,
    reason: 'is not a day',
    remedy: 'Give one as "2027-02-14"',
  });
}
