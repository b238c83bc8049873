import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { noteClockChange } from '../../kubernetes/clock-changes';
import { checkCron } from '../../kubernetes/cron';
import { checkSeconds } from '../../kubernetes/durations';
import { Problems } from '../../kubernetes/problems';

/** How the latest dump is proven. */
export interface BackupDrill {
  /**
   * When it is: the five fields of cron, in the time zone of the backup.
   *
   * @default 0 5 * * 0
   */
  readonly schedule?: string;

  /**
   * How old the latest dump may be, in whole seconds.
   *
   * @default Duration.days(2)
   */
  readonly maxAge?: Duration;

  /**
   * The share of its rows by which a table of the dump may differ from that of the live database, from 0 to 1. Ten
   * rows may always differ.
   *
   * @default 0.5
   */
  readonly tolerance?: number;
}

/** When dumps are proven, unless somebody says otherwise. */
export const DRILL_SCHEDULE = '0 5 * * 0';

/** Checks how dumps are proven. */
export function checkDrill(scope: Construct, drill: BackupDrill, timeZone?: string): void {
  const { schedule = DRILL_SCHEDULE, maxAge, tolerance } = drill;
  checkCron(scope, 'backup.drill.schedule', schedule);
  noteClockChange(scope, 'backup.drill.schedule', schedule, timeZone);
  if (maxAge) checkSeconds(scope, 'backup.drill.maxAge', maxAge);
  if (tolerance !== undefined && !(tolerance >= 0 && tolerance <= 1)) {
    Problems.report(scope, {
      property: 'backup.drill.tolerance',
      value: tolerance,
      reason: 'is not a share from 0 to 1',
      remedy: 'Give a share such as 0.5',
    });
  }
}
