import { HealthMonitoring } from 'cdk8s-django';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { django, postgres } from '../support/synth';
import { groupsIn, PROMTOOLS } from './promtool';
import { play, Series } from './simulation';

/** The alerts of a Cluster of CloudNativePG, by what its pods show. */
const GROUPS = groupsIn('upstream', { postgres: new CloudNativePostgres() }, (chart) => {
  const app = django(chart, { database: postgres(chart, { metrics: {} }) });
  new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {} });
}).filter(({ name }) => name.endsWith('-servers'));

const CLUSTER = { namespace: 'polls', job: 'polls-db' };
const always = (value: number) => `${value}x600`;
const shown = (metric: string, labels: Record<string, string> = {}) => {
  const all = { ...CLUSTER, pod: 'polls-db-1', instance: '10.0.0.1:9187', ...labels };
  return `cnpg_${metric}{${Object.entries(all).map(([key, value]) => `${key}="${value}"`)}}`;
};
const limit = { [shown('pg_settings_setting', { name: 'max_connections' })]: always(100) };

interface Case {
  readonly alert: string;
  readonly bad: Series;
  readonly good: Series;
}

const CASES: Record<string, Case> = {
  'what is written is not archived': {
    alert: 'DjangoPostgresArchiveFails',
    bad: { [shown('pg_stat_archiver_failed_count')]: '0+1x600' },
    good: { [shown('pg_stat_archiver_failed_count')]: '0x20 3x600' },
  },
  'a replica is late': {
    alert: 'DjangoPostgresReplicaLate',
    bad: { [shown('pg_replication_lag', { pod: 'polls-db-2' })]: always(90) },
    good: { [shown('pg_replication_lag', { pod: 'polls-db-2' })]: '0 90 90 0 50x600' },
  },
  'a replica receives nothing': {
    alert: 'DjangoPostgresReplicaLate',
    bad: {
      [shown('pg_replication_in_recovery', { pod: 'polls-db-2' })]: always(1),
      [shown('pg_replication_is_wal_receiver_up', { pod: 'polls-db-2' })]: always(0),
    },
    // The primary has no receiver.
    good: {
      [shown('pg_replication_in_recovery')]: always(0),
      [shown('pg_replication_is_wal_receiver_up')]: always(0),
    },
  },
  'connections are used up': {
    alert: 'DjangoPostgresConnectionsExhausted',
    bad: { ...limit, [shown('backends_total', { usename: 'django' })]: always(95) },
    good: { ...limit, [shown('backends_total', { usename: 'django' })]: always(85) },
  },
  'queries wait for locks': {
    alert: 'DjangoPostgresLocksWait',
    bad: { [shown('backends_waiting_total')]: always(1) },
    good: { [shown('backends_waiting_total')]: '1 1 0 1 1 1 0x600' },
  },
  'a transaction does nothing': {
    alert: 'DjangoPostgresTransactionIdle',
    bad: { [shown('backends_max_tx_duration_seconds', { state: 'idle in transaction' })]: always(1000) },
    good: { [shown('backends_max_tx_duration_seconds', { state: 'active' })]: always(1000) },
  },
};

describe.each(PROMTOOLS)('promtool %s', (_, path) => {
  it.each(Object.entries(CASES))('of CloudNativePG: %s', (_title, { alert, bad, good }) => {
    const scenario = { minutes: 60, interval: 1 };
    expect(play(path, GROUPS, { ...scenario, series: bad, firing: { [alert]: CLUSTER } })).toBe('');
    expect(play(path, GROUPS, { ...scenario, series: good, silent: [alert] })).toBe('');
  });
});
