import { IConstruct } from 'constructs';
import { InvalidInputError } from './errors';

const FIELD = '[-*/,0-9A-Za-z]+';
const FIVE_FIELDS = new RegExp(`^${FIELD}( ${FIELD}){4}$`);
const TIME_ZONE = /^[A-Za-z][-+A-Za-z0-9_]*(\/[A-Za-z][-+A-Za-z0-9_]*)*$/;

/** The five fields of cron. */
export function checkCron(scope: IConstruct, property: string, value: string): void {
  if (FIVE_FIELDS.test(value)) return;
  throw new InvalidInputError(scope, {
    property,
    value,
    reason: 'is not the five fields of cron',
    remedy: 'Give minute, hour, day, month and weekday, such as "30 3 * * *"',
  });
}

/** The name of a time zone. */
export function checkTimeZone(scope: IConstruct, property: string, value: string): void {
  if (TIME_ZONE.test(value)) return;
  throw new InvalidInputError(scope, {
    property,
    value,
    reason: 'is not a time zone',
    remedy: 'Give its name, such as "Europe/Vienna"',
  });
}
