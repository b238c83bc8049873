import { isCron } from '../kubernetes/cron';
import { longestPause } from '../kubernetes/cron-pauses';
import { Resource } from '../kubernetes/resource';

/** A backup that an operator makes. Its own metrics say when the last good one was. */
export interface OperatorBackup {
  /** The query of its time, in seconds since 1970; 0, or nothing, if there was none yet. */
  readonly lastGood: string;
  /** The labels that it has. */
  readonly by: string;
  /** The longest time between two of them, in seconds. */
  readonly interval: number;
}

/** https://cloudnative-pg.io/plugin-barman-cloud/docs/observability/ */
const PLUGIN_PREFIX = 'barman_cloud_cloudnative_pg_io';

/** What makes them, by its kind. */
export const OPERATOR_KINDS = ['Schedule', 'ScheduledBackup'];

/** What the metrics of the operator show of a Schedule of Velero, or of a ScheduledBackup of CloudNativePG. */
export function operatorBackup(namespace: string, resource: Resource): OperatorBackup[] {
  const { spec } = resource.toJson();
  const isVelero = resource.kind === 'Schedule';
  // Velero's may begin with a time zone, and CloudNativePG's with the second. Overrides may have other forms.
  const schedule = String(spec.schedule).replace(isVelero ? /^CRON_TZ=\S+ / : /^0 /, '');
  const interval = isCron(schedule) ? longestPause(schedule)?.toSeconds() : undefined;
  if (interval === undefined) return [];
  if (isVelero) {
    const metric = `velero_backup_last_successful_timestamp{schedule="${resource.name}"}`;
    return [{ lastGood: `max by (schedule) (${metric})`, by: 'schedule', interval }];
  }
  const pods = `namespace="${namespace}",pod=~"${spec.cluster.name}-[0-9]+"`;
  // The replicas say 0.
  const prefix = spec.method === 'plugin' ? PLUGIN_PREFIX : 'cnpg_collector';
  const metric = `${prefix}_last_available_backup_timestamp{${pods}}`;
  return [{ lastGood: `max by (namespace) (${metric})`, by: 'namespace', interval }];
}

/** Whether it is too old: the last good one is, or for so long there was none although the operator was seen. */
export function isTooOld({ lastGood, by, interval }: OperatorBackup): string {
  const limit = 2 * interval;
  const before = lastGood.replace(/\)$/, ` offset ${limit}s)`);
  return [
    `time() - (${lastGood} > 0) > ${limit}`,
    'or',
    `(${lastGood} == 0 and on (${by}) ${before} == 0)`,
  ].join('\n');
}
