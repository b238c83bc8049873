import { IConstruct } from 'constructs';
import { InvalidInputError } from './errors';

/** No offset such as `+01:00`, and each part of a name begins with a capital. */
const NAME = /^[A-Z][-+A-Za-z0-9_]*(\/[A-Z][-+A-Za-z0-9_]*)*$/;

/**
 * Checks the name of a time zone, which Kubernetes, KEDA and Velero look up in the IANA database, with its capitals.
 * `Local` is refused: it would be the zone of whatever machine reads it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
 */
export function checkTimeZone(scope: IConstruct, property: string, value: string): void {
  if (typeof value === 'string' && NAME.test(value) && isKnown(value)) return;
  throw new InvalidInputError(scope, {
    property,
    value,
    reason: 'is not a time zone',
    remedy: 'Give its name, such as "Europe/Vienna"',
  });
}

/** Node.js has the database too. Of a name that differs from it in its capitals alone it says how it is written. */
function isKnown(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
