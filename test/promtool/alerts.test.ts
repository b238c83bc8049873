import { groupsOf, PROMTOOLS } from './promtool';
import { play, Series, Values } from './simulation';

// Those of the service level have a test file of their own.
// A platform that has all of them.
const GROUPS = groupsOf('openshift').filter(({ name }) => !/-(availability|latency)$/.test(name));
const NAMESPACE = { namespace: 'polls' };
const OURS = { ...NAMESPACE, job: 'polls' };

/** A series of the application's own. */
const own = (metric: string, labels: Record<string, string> = {}) =>
  series(metric, { ...OURS, instance: '10.0.0.1:8098', ...labels });
const series = (metric: string, labels: Record<string, string>) =>
  `${metric}{${Object.entries(labels).map(([key, value]) => `${key}="${value}"`)}}`;
const always = (value: number) => `${value}x600`;

const POD = { ...NAMESPACE, pod: 'polls-worker-mail-7d9c5b8f6c-x2x4z', container: 'worker' };
const OTHER_POD = { ...POD, pod: 'shop-7d9c5b8f6c-x2x4z' };
const waiting = (pod: typeof POD) =>
  series('kube_pod_container_status_waiting_reason', { ...pod, reason: 'CrashLoopBackOff', uid: '1' });
const progressing = (deployment: string, status: string) =>
  series('kube_deployment_status_condition', { ...NAMESPACE, deployment, condition: 'Progressing', status });
const cronJob = (metric: string, cronjob: string) =>
  series(`kube_cronjob_${metric}`, { ...NAMESPACE, cronjob });
const DIGEST = { ...NAMESPACE, cronjob: 'polls-digest' };
const DRILL = { ...NAMESPACE, cronjob: 'polls-db-drill' };
const BACKUP = { ...NAMESPACE, cronjob: 'polls-db-dump' };

/** What kube-state-metrics says of a CronJob; times in minutes of the test. */
const runs = (cronjob: string, lastRun: number, lastSuccess: number | undefined, active = 0): Series => ({
  [cronJob('created', cronjob)]: always(0),
  [cronJob('status_last_schedule_time', cronjob)]: always(60 * lastRun),
  [cronJob('next_schedule_time', cronjob)]: always(60 * (lastRun + 60)),
  [cronJob('status_active', cronjob)]: always(active),
  [cronJob('spec_suspend', cronjob)]: always(0),
  ...(lastSuccess === undefined
    ? {}
    : { [cronJob('status_last_successful_time', cronjob)]: always(60 * lastSuccess) }),
});

const certificate = (renewal: number, expiration: number, labels: Record<string, string>): Series => ({
  [series('certmanager_certificate_renewal_timestamp_seconds', { name: 'polls-tls', ...labels })]:
    always(renewal),
  [series('certmanager_certificate_expiration_timestamp_seconds', { name: 'polls-tls', ...labels })]:
    always(expiration),
});
const DAYS = 86_400;

const tasks = (failures: Values, successes: Values): Series => ({
  [own('django_tasks_finished_total', { state: 'failure' })]: failures,
  [own('django_tasks_finished_total', { state: 'success' })]: successes,
});

interface Case {
  readonly bad: Series;
  readonly good: Series;
  readonly labels: Record<string, string>;
  readonly minutes?: number;
}

/** A series of an exporter. */
const server = (metric: string, job: string, labels: Record<string, string> = {}) =>
  series(metric, { ...NAMESPACE, job, instance: '10.0.0.9:9000', ...labels });
const DATABASE = { ...NAMESPACE, job: 'polls-db' };
const POOLER = { ...NAMESPACE, job: 'polls-pooler' };
const VALKEY = { ...NAMESPACE, job: 'polls-valkey' };
const activity = (metric: string, labels: Record<string, string> = {}) =>
  server(`pg_stat_activity_${metric}`, 'polls-db', { backend_type: 'client backend', ...labels });
const connections = (active: number, workers: number): Series => ({
  [activity('count', { state: 'active' })]: always(active),
  [activity('count', { state: 'active', backend_type: 'autovacuum worker' })]: always(workers),
  [server('pg_settings_max_connections', 'polls-db')]: always(250),
});
const waits = (job: string, values: string): Series => ({
  [server('pgbouncer_pools_client_maxwait_seconds', job, { database: 'polls' })]: values,
  [server('pgbouncer_pools_client_maxwait_seconds', job, { database: 'pgbouncer' })]: always(0),
});
const memory = (used: number, max: number, policy: string): Series => ({
  [server('redis_memory_used_bytes', 'polls-valkey')]: always(used),
  [server('redis_memory_max_bytes', 'polls-valkey')]: always(max),
  [server('redis_instance_info', 'polls-valkey', { maxmemory_policy: policy })]: always(1),
});
const seen = (postgres: number, pooler: number): Series => ({
  [server('pg_up', 'polls-db')]: always(postgres),
  [server('pgbouncer_up', 'polls-pooler')]: always(pooler),
  [server('redis_up', 'polls-valkey')]: always(1),
});

const SERVES = {
  [own('up')]: always(1),
  [own('django_build_info')]: always(1),
  [own('django_processes')]: always(3),
};
const WANTED = {
  [series('kube_deployment_spec_replicas', { ...NAMESPACE, deployment: 'polls' })]: always(3),
};

const CASES: Record<string, Record<string, Case>> = {
  DjangoPodsCrashLooping: {
    'a worker ends again and again': {
      bad: { [waiting(POD)]: '1 1 1 0 0x2 1x300' },
      good: { [waiting(POD)]: '0 1 1 0x300', [waiting(OTHER_POD)]: always(1) },
      labels: POD,
    },
  },
  DjangoRolloutStuck: {
    'a Deployment does not go on': {
      bad: { [progressing('polls-worker-mail', 'false')]: always(1) },
      good: { [progressing('polls', 'false')]: always(0), [progressing('shop', 'false')]: always(1) },
      labels: { ...NAMESPACE, deployment: 'polls-worker-mail' },
    },
  },
  DjangoMigrationsPending: {
    'a migration is missing': {
      bad: { [own('django_migrations_pending', { database: 'default' })]: always(2) },
      good: { [own('django_migrations_pending', { database: 'default' })]: '2x10 0x300' },
      labels: { ...OURS, database: 'default' },
    },
  },
  DjangoTextOrderChanged: {
    'the server has another C library': {
      bad: { [own('django_database_collations_outdated', { database: 'default' })]: always(1) },
      good: { [own('django_database_collations_outdated', { database: 'default' })]: '1x10 0x300' },
      labels: { ...OURS, database: 'default' },
    },
  },
  DjangoRequestsSaturated: {
    'all threads are busy': {
      bad: {
        [own('django_http_requests_in_progress')]: always(8),
        [own('django_request_capacity')]: always(8),
      },
      good: {
        [own('django_http_requests_in_progress')]: always(6),
        [own('django_request_capacity')]: always(8),
      },
      labels: OURS,
    },
    'connections wait under ASGI': {
      bad: { [own('django_connections_waiting')]: always(3) },
      good: {
        [own('django_connections_waiting')]:
          '3 0 3 3 3 0 3 3 3 0 3 0 3x5 0 3x5 0 3x5 0 3x5 0 3x5 0 3x5 0 3x5 0 3x5',
      },
      labels: OURS,
      minutes: 50,
    },
  },
  DjangoDatabaseConnectionsRefused: {
    'the server takes no more': {
      bad: { [own('django_database_errors_total', { database: 'default', error: 'connect' })]: () => 5 },
      good: {
        [own('django_database_errors_total', { database: 'default', error: 'connect' })]: (minute) =>
          minute % 30 === 0 ? 1 : 0,
        [own('django_database_errors_total', { database: 'default', error: 'integrity' })]: () => 60_000,
      },
      labels: { ...OURS, database: 'default' },
    },
  },
  DjangoProcessesKilledForMemory: {
    'processes are killed': {
      bad: { [own('django_memory_kills_total')]: (minute) => (minute % 10 === 0 ? 1 : 0) },
      good: { [own('django_memory_kills_total')]: (minute) => (minute === 50 ? 1 : 0) },
      labels: OURS,
    },
  },
  DjangoCertificateOverdue: {
    'the renewal is overdue, and the scraper keeps labels': {
      bad: certificate(-2 * DAYS, 20 * DAYS, NAMESPACE),
      good: certificate(DAYS, 20 * DAYS, NAMESPACE),
      labels: { ...NAMESPACE, name: 'polls-tls' },
    },
    'it ends, and the scraper renames labels': {
      bad: certificate(DAYS, DAYS / 2, { namespace: 'cert-manager', exported_namespace: 'polls' }),
      good: certificate(-2 * DAYS, DAYS / 2, { namespace: 'cert-manager', exported_namespace: 'shop' }),
      labels: { namespace: 'cert-manager', exported_namespace: 'polls', name: 'polls-tls' },
    },
  },
  DjangoCountsNothing: {
    'a page is empty': {
      bad: { [own('up')]: always(1) },
      good: SERVES,
      labels: { ...OURS, instance: '10.0.0.1:8098' },
    },
    'no process counts': {
      bad: { ...SERVES, [own('django_processes')]: always(0) },
      good: { ...SERVES, [own('django_processes', { instance: '10.0.0.2:8098' })]: always(0) },
      labels: OURS,
    },
  },
  DjangoMetricsMissing: {
    'no pod is a target': { bad: WANTED, good: { ...WANTED, ...SERVES }, labels: NAMESPACE },
    'no scrape succeeds': {
      bad: { ...WANTED, [own('up')]: always(0) },
      // Scaled to none, it has nothing to scrape.
      good: { [series('kube_deployment_spec_replicas', { ...NAMESPACE, deployment: 'polls' })]: always(0) },
      labels: NAMESPACE,
    },
  },
  DjangoTasksFail: {
    'a fifth of one task a minute fails': {
      bad: tasks(
        (minute) => (minute % 5 === 0 ? 1 : 0),
        (minute) => (minute % 5 === 0 ? 0 : 1),
      ),
      good: tasks(
        (minute) => (minute % 20 === 0 ? 1 : 0),
        (minute) => (minute % 20 === 0 ? 0 : 1),
      ),
      labels: OURS,
    },
    'a fifth of 1,000 tasks a second fails': {
      bad: tasks(
        () => 12_000,
        () => 48_000,
      ),
      good: tasks(
        () => 3000,
        () => 57_000,
      ),
      labels: OURS,
    },
    'three tasks at night fail, and nobody is told': {
      bad: tasks(
        () => 1,
        () => 1,
      ),
      good: tasks(
        (minute) => ([10, 40, 70].includes(minute) ? 1 : 0),
        () => 0,
      ),
      labels: OURS,
    },
  },
  DjangoQueueGrows: {
    'more and more tasks wait': {
      bad: { [own('django_queue_length', { queue: 'mail' })]: '0+5x600' },
      good: { [own('django_queue_length', { queue: 'mail' })]: '500x30 500-2x200' },
      labels: { ...OURS, queue: 'mail' },
      minutes: 110,
    },
    'one more task waits each minute': {
      bad: { [own('django_queue_length', { queue: 'mail' })]: '0x40 0+1x600' },
      good: { [own('django_queue_length', { queue: 'mail' })]: '0x60 9x600' },
      labels: { ...OURS, queue: 'mail' },
      minutes: 110,
    },
  },
  DjangoBeatSilent: {
    'it ticks no more': {
      bad: { [own('django_beat_last_tick_timestamp_seconds')]: always(600) },
      good: { [own('django_beat_last_tick_timestamp_seconds')]: '0+60x600' },
      labels: OURS,
    },
    'it never ticked': {
      bad: {},
      good: { [own('django_beat_last_tick_timestamp_seconds')]: '_x8 480+60x600' },
      labels: OURS,
    },
  },
  DjangoScheduledJobFailed: {
    'the last run failed': {
      bad: runs('polls-digest', 30, 10),
      good: runs('polls-digest', 30, 31),
      labels: DIGEST,
    },
    'the first run failed': {
      bad: runs('polls-digest', 30, undefined),
      good: runs('polls-digest', 30, undefined, 1),
      labels: DIGEST,
    },
  },
  DjangoBackupTooOld: {
    'the last good one is older than two runs': {
      bad: runs('polls-db-dump', 180, 10),
      good: runs('polls-db-dump', 180, 181),
      labels: BACKUP,
      minutes: 230,
    },
    'there was none yet': {
      bad: runs('polls-db-dump', 180, undefined),
      good: runs('polls-digest', 180, undefined),
      labels: BACKUP,
      minutes: 230,
    },
    'backups are suspended': {
      bad: { [cronJob('spec_suspend', 'polls-db-dump')]: always(1) },
      good: { [cronJob('spec_suspend', 'polls-digest')]: always(1) },
      labels: BACKUP,
    },
  },
  DjangoPostgresConnectionsExhausted: {
    'nine tenths are open': { bad: connections(230, 0), good: connections(220, 20), labels: DATABASE },
  },
  DjangoPostgresLocksWait: {
    'a query waits at each scrape': {
      bad: { [activity('count', { wait_event_type: 'Lock' })]: always(1) },
      good: {
        [activity('count', { wait_event_type: 'Lock' })]: '1 1 0 1 1 1 0 1 0 _x300',
        [activity('count', { wait_event_type: 'Client' })]: always(9),
      },
      labels: DATABASE,
    },
  },
  DjangoPostgresArchiveFails: {
    'each try fails': {
      bad: { [server('pg_stat_archiver_failed_count', 'polls-db')]: '0+1x600' },
      good: { [server('pg_stat_archiver_failed_count', 'polls-db')]: '0x20 3x600' },
      labels: DATABASE,
    },
  },
  DjangoPostgresTransactionIdle: {
    'one is open and does nothing': {
      bad: { [activity('max_tx_duration', { state: 'idle in transaction' })]: '0+60x600' },
      good: {
        [activity('max_tx_duration', { state: 'idle in transaction' })]: always(800),
        [activity('max_tx_duration', { state: 'active' })]: '0+60x600',
      },
      labels: DATABASE,
    },
    'after an error of its own': {
      bad: { [activity('max_tx_duration', { state: 'idle in transaction (aborted)' })]: '0+60x600' },
      good: { [activity('max_tx_duration', { state: 'idle' })]: always(0) },
      labels: DATABASE,
    },
  },
  DjangoPgBouncerClientsWait: {
    'one waits at each scrape': {
      bad: waits('polls-pooler', always(3)),
      good: { ...waits('polls-pooler', '3 3 3 0 3 3 3 0x300'), ...waits('other-pooler', always(3)) },
      labels: POOLER,
    },
  },
  DjangoValkeyMemoryFull: {
    'a broker is nearly full': {
      bad: memory(95, 100, 'noeviction'),
      good: memory(85, 100, 'noeviction'),
      labels: VALKEY,
    },
    'a cache is always full': {
      bad: memory(95, 100, 'noeviction'),
      good: memory(100, 100, 'allkeys-lru'),
      labels: VALKEY,
    },
    'one without a bound is never full': {
      bad: memory(95, 100, 'noeviction'),
      good: memory(95, 0, 'noeviction'),
      labels: VALKEY,
    },
  },
  DjangoValkeyForgets: {
    'more keys than it holds': {
      bad: {
        [server('redis_evicted_keys_total', 'polls-valkey')]: () => 100,
        [server('redis_db_keys', 'polls-valkey', { db: 'db0' })]: always(2000),
        [server('redis_db_keys', 'polls-valkey', { db: 'db1' })]: always(1000),
      },
      good: {
        [server('redis_evicted_keys_total', 'polls-valkey')]: () => 10,
        [server('redis_db_keys', 'polls-valkey', { db: 'db0' })]: always(2000),
      },
      labels: VALKEY,
    },
  },
  DjangoServerUnseen: {
    'the exporter does not reach it': { bad: seen(0, 1), good: seen(1, 1), labels: DATABASE },
    'it is not scraped': {
      bad: { [server('pg_up', 'polls-db')]: always(1), [server('redis_up', 'polls-valkey')]: always(1) },
      good: seen(1, 1),
      labels: POOLER,
    },
  },
  DjangoPublicHostUnreachable: {
    'nobody reaches it': {
      bad: { [server('probe_success', 'polls-public')]: '1x60 0x300' },
      good: { [server('probe_success', 'polls-public')]: '1x60 0 0 1 0 0 0 1 0 0 1x300' },
      labels: { ...NAMESPACE, job: 'polls-public' },
    },
    'nobody asks': {
      bad: { [server('probe_success', 'polls-public')]: '1x60' },
      good: { [server('probe_success', 'polls-public')]: '1x60 _x3 1x300' },
      labels: { ...NAMESPACE, job: 'polls-public' },
    },
  },
  DjangoBackupUnproven: {
    'the last drill that succeeded is older than two runs': {
      bad: runs('polls-db-drill', 180, 10),
      good: runs('polls-db-drill', 180, 181),
      labels: DRILL,
      minutes: 230,
    },
    'drills are suspended': {
      bad: { [cronJob('spec_suspend', 'polls-db-drill')]: always(1) },
      good: { [cronJob('spec_suspend', 'polls-db-dump')]: always(1) },
      labels: DRILL,
    },
  },
  ShopOrdersStopped: {
    'nobody orders': {
      bad: { [series('shop_orders_total', { job: 'shop' })]: (minute) => (minute < 10 ? 1 : 0) },
      good: { [series('shop_orders_total', { job: 'shop' })]: () => 1 },
      labels: { job: 'shop' },
      minutes: 100,
    },
  },
};

it('every alert is tried, but those of the service level', () => {
  const alerts = GROUPS.flatMap(({ rules }) => rules).flatMap(({ alert }) => alert ?? []);
  expect(alerts.sort()).toEqual(Object.keys(CASES).sort());
});

const ROWS = Object.entries(CASES).flatMap(([alert, cases]) =>
  Object.entries(cases).map(([title, one]) => [alert, title, one] as const),
);

describe.each(PROMTOOLS)('promtool %s', (_, path) => {
  it.each(ROWS)('%s: %s', (alert, _title, { bad, good, labels, minutes = 90 }) => {
    const firing = { [alert]: labels };
    expect(play(path, GROUPS, { minutes, interval: 1, series: bad, firing })).toBe('');
    expect(play(path, GROUPS, { minutes, interval: 1, series: good, silent: [alert] })).toBe('');
  });

  it('an alert that should not be silent is seen', () => {
    const { bad } = CASES.DjangoMigrationsPending['a migration is missing'];
    const silent = ['DjangoMigrationsPending'];
    expect(play(path, GROUPS, { minutes: 90, interval: 1, series: bad, silent })).toContain(
      'DjangoMigrationsPending',
    );
  });
});
