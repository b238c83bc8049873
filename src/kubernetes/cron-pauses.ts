import { Duration } from 'cdk8s';
import { cronFields } from './cron';

const DAY = 24 * 60;
/** So many that each pause is among them: eight years may be without a 29th of February. */
const DAYS = 9 * 366;
const BEGIN = Date.UTC(2096, 0, 1);

/** The longest time between two runs of a schedule, which was checked. Undefined for one that never runs. */
export function longestPause(schedule: string): Duration | undefined {
  const [minutes, hours, days, months, weekdays] = cronFields(schedule);
  const times = hours.values.flatMap((hour) => minutes.values.map((minute) => hour * 60 + minute));
  const runsOn = (date: Date) => {
    const [day, weekday] = [
      days.values.includes(date.getUTCDate()),
      weekdays.values.includes(date.getUTCDay()),
    ];
    // One is enough when both are given.
    const isDay = days.isAny || weekdays.isAny ? day && weekday : day || weekday;
    return isDay && months.values.includes(date.getUTCMonth() + 1);
  };
  const dates = Array.from({ length: DAYS }, (_, index) => index).filter((index) =>
    runsOn(new Date(BEGIN + index * DAY * 60_000)),
  );
  if (dates.length < 2) return undefined;
  const within = times.slice(1).map((time, index) => time - times[index]);
  const over = times[0] - times[times.length - 1];
  const between = dates.slice(1).map((date, index) => (date - dates[index]) * DAY + over);
  return Duration.minutes([...within, ...between].reduce((longest, one) => Math.max(longest, one), 0));
}
