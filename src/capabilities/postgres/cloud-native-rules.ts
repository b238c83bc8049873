import { Construct } from 'constructs';
import { isDay } from '../../kubernetes/calendar';
import { releaseOf } from '../../kubernetes/images';
import { Problems } from '../../kubernetes/problems';
import { quantity } from '../../kubernetes/quantities';

/* What the operator's webhooks refuse, as of CloudNativePG 1.30. */

/**
 * The parameters that the operator keeps for itself, where no other place of this library has refused them already.
 *
 * @see https://cloudnative-pg.io/documentation/current/postgresql_conf/#fixed-parameters
 */
const FIXED = new Set([
  ...['allow_system_table_mods', 'archive_cleanup_command', 'archive_command', 'archive_mode', 'bonjour'],
  ...['bonjour_name', 'cluster_name', 'data_sync_retry', 'event_source', 'external_pid_file', 'hot_standby'],
  ...[
    'jit_provider',
    'log_destination',
    'log_directory',
    'log_file_mode',
    'log_filename',
    'log_rotation_age',
  ],
  ...['log_rotation_size', 'log_truncate_on_rotation', 'logging_collector', 'pg_failover_slots.primary_dsn'],
  ...[
    'pg_failover_slots.standby_slot_names',
    'primary_conninfo',
    'primary_slot_name',
    'promote_trigger_file',
  ],
  ...['recovery_end_command', 'recovery_min_apply_delay', 'recovery_target', 'recovery_target_action'],
  ...['recovery_target_inclusive', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time'],
  ...['recovery_target_timeline', 'recovery_target_xid', 'restart_after_crash', 'restore_command', 'ssl'],
  ...['ssl_ca_file', 'ssl_cert_file', 'ssl_crl_file', 'ssl_dh_params_file', 'ssl_ecdh_curve', 'ssl_key_file'],
  ...['ssl_passphrase_command', 'ssl_passphrase_command_supports_reload', 'ssl_prefer_server_ciphers'],
  ...['stats_temp_directory', 'synchronized_standby_slots', 'syslog_facility', 'syslog_ident'],
  ...['syslog_sequence_numbers', 'syslog_split_messages', 'temp_tablespaces', 'unix_socket_group'],
  ...['unix_socket_permissions'],
]);

interface Refusal {
  readonly name: string;
  readonly reason: string;
  readonly remedy: string;
}

/** What is known of a Cluster when its parameters are checked. */
export interface CheckedCluster {
  readonly instances: number;
  readonly memoryRequest: string;
}

/** Checks the parameters of a Cluster by the rules of the operator's webhook. */
export function checkClusterParameters(
  scope: Construct,
  parameters: { [name: string]: string },
  cluster: CheckedCluster,
): void {
  for (const { name, reason, remedy } of refusals(parameters, cluster)) {
    Problems.report(scope, { property: `parameters.${name}`, value: parameters[name], reason, remedy });
  }
}

function refusals(parameters: { [name: string]: string }, cluster: CheckedCluster): Refusal[] {
  return [
    ...Object.keys(parameters).flatMap(fixed),
    ...sharedBuffers(parameters, cluster),
    ...booleans(parameters),
    ...replication(parameters, cluster),
    ...walSizes(parameters),
  ];
}

function fixed(name: string): Refusal[] {
  if (name === 'shared_preload_libraries') {
    return [
      {
        name,
        reason: 'is refused by CloudNativePG, which has a field of its own for libraries',
        remedy:
          'Leave it out, and override spec.postgresql.shared_preload_libraries of the Cluster, ' +
          'which is the first of managedResources',
      },
    ];
  }
  if (name === 'synchronous_standby_names') {
    return [
      {
        name,
        reason: 'is refused by CloudNativePG, which sets it',
        remedy: 'Leave it out, and give synchronousReplicas of CloudNativePostgres',
      },
    ];
  }
  if (!FIXED.has(name)) return [];
  return [{ name, reason: 'is refused by CloudNativePG, which sets it', remedy: 'Leave it out' }];
}

function sharedBuffers(
  { shared_buffers: shared }: { [name: string]: string },
  cluster: CheckedCluster,
): Refusal[] {
  if (shared === undefined) return [];
  const name = 'shared_buffers';
  const size = bytesOf(shared);
  if (size === undefined) return [notASize(name)];
  if (size <= quantity(cluster.memoryRequest)!) return [];
  return [
    {
      name,
      reason: `is more than the memory request of ${cluster.memoryRequest}, which CloudNativePG refuses`,
      remedy: 'Raise resources.memoryRequest, or lower it',
    },
  ];
}

const notASize = (name: string): Refusal => ({
  name,
  reason: 'is not a size that CloudNativePG reads',
  remedy: 'Give a whole number with kB, MB, GB or TB, such as "512MB"',
});

const TRUE = ['1', 'on', 'y', 'ye', 'yes', 't', 'tr', 'tru', 'true'];
const FALSE = ['0', 'of', 'off', 'n', 'no', 'f', 'fa', 'fal', 'fals', 'false'];

function booleans(parameters: { [name: string]: string }): Refusal[] {
  return ['hot_standby_feedback', 'sync_replication_slots', 'wal_log_hints']
    .filter((name) => parameters[name] !== undefined)
    .filter((name) => ![...TRUE, ...FALSE].includes(parameters[name].toLowerCase()))
    .map((name) => ({
      name,
      reason: 'is not a boolean that CloudNativePG reads',
      remedy: 'Give "on" or "off"',
    }));
}

const WAL_LEVELS = ['logical', 'replica'];

function replication(parameters: { [name: string]: string }, { instances }: CheckedCluster): Refusal[] {
  const { wal_level: level, wal_log_hints: hints } = parameters;
  const found: Refusal[] = [];
  if (level !== undefined && !WAL_LEVELS.includes(level)) {
    found.push({
      name: 'wal_level',
      // The operator archives WAL of a single server too, so that "minimal" is never possible.
      reason: 'is refused by CloudNativePG, whose servers archive and stream their WAL',
      remedy: 'Give "replica" or "logical", or leave it out',
    });
  }
  if (hints !== undefined && instances > 1 && FALSE.includes(hints.toLowerCase())) {
    found.push({
      name: 'wal_log_hints',
      reason: 'is refused by CloudNativePG where there are replicas: a former primary joins again by it',
      remedy: 'Leave it out',
    });
  }
  return found;
}

function walSizes(parameters: { [name: string]: string }): Refusal[] {
  const names = ['min_wal_size', 'max_wal_size'];
  const wrong = names.filter((name) => parameters[name] && bytesOf(parameters[name]) === undefined);
  if (wrong.length > 0) return wrong.map(notASize);
  const { min_wal_size: least = '80MB', max_wal_size: most = '1GB' } = parameters;
  const sizes = [bytesOf(least)!, bytesOf(most)!];
  if (sizes.includes(0) || sizes[0] < sizes[1]) return [];
  const name = parameters.min_wal_size === undefined ? 'max_wal_size' : 'min_wal_size';
  return [
    {
      name,
      reason: `leaves min_wal_size (${least}) not below max_wal_size (${most}), which CloudNativePG refuses`,
      remedy: 'Let min_wal_size be smaller',
    },
  ];
}

const UNITS: Record<string, number> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** A size as the webhook reads it: megabytes without a unit, where PostgreSQL means its pages. */
function bytesOf(size: string): number | undefined {
  const [, number, unit = 'MB'] = /^ *(\d+) *(B|kB|MB|GB|TB)?$/.exec(size) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit];
}

const OLDEST_MAJOR = 13;

/** Checks that the operator can tell the version of an image: by its tag. */
export function checkServerImage(scope: Construct, image: string): void {
  const [, major] = /^(\d+)/.exec(hasTag(image) ? releaseOf(image) : '') ?? [];
  if (major !== undefined && Number(major) >= OLDEST_MAJOR) return;
  Problems.report(scope, {
    property: 'postgres.image',
    value: image,
    reason:
      major === undefined
        ? 'has no tag that begins with the version of PostgreSQL, which CloudNativePG refuses'
        : `is of PostgreSQL ${major}, and CloudNativePG refuses what is older than ${OLDEST_MAJOR}`,
    remedy:
      'Give an image such as "ghcr.io/cloudnative-pg/postgresql:18.4-system-trixie", with or without a digest',
  });
}

function hasTag(image: string): boolean {
  return /:[^/:@]+(@|$)/.test(image);
}

/** RFC 3339, without leap seconds. */
const TIME =
  /^(?<year>\d{4})-(?<month>0[1-9]|1[0-2])-(?<day>\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Checks the time that a database is restored to. */
export function checkRecoveryTime(scope: Construct, property: string, time: string): string {
  const { year, month, day } = TIME.exec(time)?.groups ?? {};
  if (!isDay(Number(year), Number(month), Number(day))) {
    Problems.report(scope, {
      property,
      value: time,
      reason: 'is not a time with a zone, which CloudNativePG refuses or takes for UTC',
      remedy: 'Give it as RFC 3339 writes it, such as "2026-11-20T10:00:00Z"',
    });
  }
  return time;
}
