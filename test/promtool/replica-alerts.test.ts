import { HealthMonitoring } from 'cdk8s-django';
import { django, postgres } from '../support/synth';
import { groupsIn, PROMTOOLS } from './promtool';
import { play, Series } from './simulation';

/** The alert of the replica of a server of the library, by what the exporters of the two show. */
const GROUPS = groupsIn('upstream', {}, (chart) => {
  const app = django(chart, { database: postgres(chart, { metrics: {}, readReplicas: {} }) });
  new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {} });
}).filter(({ name }) => name.endsWith('-servers'));

const ALERT = 'DjangoPostgresReplicaLate';
const REPLICA = { namespace: 'polls', job: 'polls-db-ro' };
const always = (value: number) => `${value}x600`;
const shown = (job: string, metric: string, labels: Record<string, string> = {}) => {
  const all = { ...REPLICA, job, pod: `${job}-0`, instance: `${job}:9187`, ...labels };
  return `pg_${metric}{${Object.entries(all).map(([key, value]) => `${key}="${value}"`)}}`;
};
const sent = (values: string, state = 'streaming', replica = 'polls-db-ro'): Series => ({
  [shown('polls-db', 'stat_replication_pg_wal_lsn_diff', { application_name: replica, state })]: values,
});
const UP = { [shown('polls-db', 'up')]: always(1), [shown('polls-db-ro', 'up')]: always(1) };
const lag = (values: string): Series => ({ [shown('polls-db-ro', 'replication_lag_seconds')]: values });
const FOLLOWS: Series = { ...UP, ...sent(always(0)), ...lag(always(0)) };

const CASES: Record<string, [bad: Series, good: Series]> = {
  'it is late': [
    { ...FOLLOWS, ...lag(always(90)) },
    { ...FOLLOWS, ...lag('0 90 90 0 50x600') },
  ],
  'nothing is sent to it': [
    // One that receives nothing has repeated all that it has.
    { ...UP, ...lag(always(0)) },
    { ...UP, ...lag(always(0)), ...sent('0 _ _ 0x600') },
  ],
  'its copy does not come to an end': [{ ...UP, ...lag(always(0)), ...sent(always(0), 'backup') }, FOLLOWS],
  'another one follows in its place': [
    { ...UP, ...lag(always(0)), ...sent(always(0), 'streaming', 'other') },
    { ...FOLLOWS, ...sent(always(0), 'streaming', 'other') },
  ],
};

describe.each(PROMTOOLS)('promtool %s', (_, path) => {
  it.each(Object.entries(CASES))('a replica: %s', (_title, [bad, good]) => {
    const scenario = { minutes: 60, interval: 1 };
    expect(play(path, GROUPS, { ...scenario, series: bad, firing: { [ALERT]: REPLICA } })).toBe('');
    expect(play(path, GROUPS, { ...scenario, series: good, silent: [ALERT] })).toBe('');
  });

  it('a primary or a replica that nobody sees has the alert of that alone', () => {
    for (const job of ['polls-db', 'polls-db-ro']) {
      const series = { ...UP, ...lag(always(0)), [shown(job, 'up')]: always(0) };
      const firing = { DjangoServerUnseen: { ...REPLICA, job } };
      expect(play(path, GROUPS, { minutes: 60, interval: 1, series, firing, silent: [ALERT] })).toBe('');
    }
  });
});
