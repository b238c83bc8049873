import { IConstruct } from 'constructs';
import { Problems } from './problems';
import { TIME_ZONE_NAMES } from './time-zone-names';

/**
 * Checks the name of a time zone, which Kubernetes, KEDA and Velero look up in the IANA database, with its capitals.
 * Node.js is not asked: it takes any capitals, and names such as `PST` that only it has. `Local` is refused too:
 * it means the zone of the machine that reads it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
 */
export function checkTimeZone(scope: IConstruct, property: string, value: string): void {
  if (TIME_ZONE_NAMES.has(value)) return;
  Problems.report(scope, {
    property,
    value,
    reason: 'is not a time zone',
    remedy: 'Give its name, such as "Europe/Vienna"',
  });
}
