import { IConstruct } from 'constructs';
import { giveNotice } from './notices';

/** The hours in which the clocks of some zone are changed. */
const CHANGED = [1, 2, 3];

/**
 * Notes a schedule at a time that one night of spring does not have, and one of autumn has twice. CronJobs leave such a
 * run out, and make it twice. A window of KEDA that begins there stays open for a day. A schedule of every hour is
 * left alone.
 *
 * @param timeZone - its name; without one nothing is known
 */
export function noteClockChange(
  scope: IConstruct,
  property: string,
  schedule: string,
  timeZone?: string,
): void {
  if (timeZone === undefined || !hoursOf(schedule).some((hour) => CHANGED.includes(hour))) return;
  if (!changesClocks(timeZone)) return;
  giveNotice(scope, {
    property,
    value: schedule,
    reason:
      `is at a time that may be missing in "${timeZone}" one night of spring, and there twice one night of autumn: ` +
      'Kubernetes then leaves the run out, and runs it twice',
    remedy: 'Give a time before 1:00 or from 4:00 on, or the time zone "Etc/UTC"',
  });
}

/** The hours that a schedule names. It was checked before; what is none has no hours. */
function hoursOf(schedule: string): number[] {
  const field = String(schedule).split(' ')[1] ?? '*';
  return field.split(',').flatMap((item) => {
    const [, from, to = from, step = '1'] = /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(item) ?? [];
    if (from === undefined) return [];
    return [...Array(24).keys()].filter(
      (hour) => hour >= +from && hour <= +to && (hour - +from) % Math.max(+step, 1) === 0,
    );
  });
}

/** Whether a zone has another time in summer. What Node.js does not know has none. */
function changesClocks(timeZone: string): boolean {
  try {
    const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
    const offset = (month: number) =>
      format.formatToParts(new Date(Date.UTC(2026, month, 15))).find(({ type }) => type === 'timeZoneName')
        ?.value;
    return offset(0) !== offset(6);
  } catch {
    return false;
  }
}
