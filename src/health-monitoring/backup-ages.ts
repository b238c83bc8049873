import { isCron } from '../kubernetes/cron';
import { longestPause } from '../kubernetes/cron-pauses';
import { Resource } from '../kubernetes/resource';

/** A backup that an operator makes. Its own metrics say when the last good one was. */
export interface OperatorBackup {
  /** The query of its time, in seconds since 1970; 0, or nothing, if there was none yet. */
  readonly lastGood: string;
  /** The query that says there was none for so many seconds, in which the operator was seen. */
  readonly never: (seconds: number) => string;
  /** The longest time between two of them, in seconds. */
  readonly interval: number;
}

/** https://cloudnative-pg.io/plugin-barman-cloud/docs/observability/ */
const PLUGIN_PREFIX = 'barman_cloud_cloudnative_pg_io';

/** What makes them, by its kind. */
export const OPERATOR_KINDS = ['Schedule', 'ScheduledBackup'];

/**
 * What the metrics of the operator show of a Schedule of Velero, or of a ScheduledBackup of CloudNativePG.
 *
 * Velero has a time only of schedules with a good backup, and counts attempts of each from 0. CloudNativePG's primary
 * says 0 as long as there was none, and its replicas always do.
 *
 * @see https://github.com/vmware-tanzu/velero/blob/main/pkg/metrics/metrics.go
 * @see https://github.com/cloudnative-pg/cloudnative-pg/blob/main/pkg/management/postgres/webserver/metricserver/pg_collector.go
 */
export function operatorBackup(namespace: string, resource: Resource): OperatorBackup[] {
  const { spec } = resource.toJson();
  const isVelero = resource.kind === 'Schedule';
  // Velero's may begin with a time zone, and CloudNativePG's with the second. Overrides may have other forms.
  const schedule = String(spec.schedule).replace(isVelero ? /^CRON_TZ=\S+ / : /^0 /, '');
  const interval = isCron(schedule) ? longestPause(schedule)?.toSeconds() : undefined;
  if (interval === undefined) return [];
  if (isVelero) {
    const of = (metric: string) => `max by (schedule) (velero_backup_${metric})`;
    const lastGood = of(`last_successful_timestamp{schedule="${resource.name}"}`);
    const attempts = `attempt_total{schedule="${resource.name}"}`;
    const never = (seconds: number) =>
      `(${of(attempts)} and on (schedule) ${of(`${attempts} offset ${seconds}s`)} unless on (schedule) ${lastGood})`;
    return [{ lastGood, never, interval }];
  }
  const pods = `namespace="${namespace}",pod=~"${spec.cluster.name}-[0-9]+"`;
  const prefix = spec.method === 'plugin' ? PLUGIN_PREFIX : 'cnpg_collector';
  const metric = `${prefix}_last_available_backup_timestamp{${pods}}`;
  const lastGood = `max by (namespace) (${metric})`;
  const never = (seconds: number) =>
    `(${lastGood} == 0 and on (namespace) max by (namespace) (${metric} offset ${seconds}s) == 0)`;
  return [{ lastGood, never, interval }];
}

/** Whether it is too old: the last good one is, or for so long there was none although the operator was seen. */
export function isTooOld({ lastGood, never, interval }: OperatorBackup): string {
  const limit = 2 * interval;
  return [`time() - (${lastGood} > 0) > ${limit}`, 'or', never(limit)].join('\n');
}
