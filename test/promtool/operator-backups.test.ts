import { DatabaseBackup, HealthMonitoring, IDistribution } from 'cdk8s-django';
import { CloudNativePostgresBackups, VeleroBackups } from 'cdk8s-django/backup';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { django, postgres } from '../support/synth';
import { groupsIn, PROMTOOLS } from './promtool';
import { play, Series } from './simulation';

const ALERT = 'DjangoBackupTooOld';
const SCHEDULE = '30 */2 * * *';
/** Of the schedule above, in minutes. */
const INTERVAL = 120;

/** The alert of an application whose database an operator backs up every two hours. */
const groups = (changes: Partial<IDistribution>) =>
  groupsIn('upstream', changes, (chart) => {
    const database = postgres(chart);
    const app = django(chart, { database });
    new DatabaseBackup(chart, 'Backup', { database, schedule: SCHEDULE });
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {} });
  })
    .filter(({ name }) => name.endsWith('-schedules'))
    .map((group) => ({ ...group, rules: group.rules.filter(({ alert }) => alert === ALERT) }));

const VELERO = groups({ backup: new VeleroBackups() });
const OPERATOR = groups({
  postgres: new CloudNativePostgres(),
  backup: new CloudNativePostgresBackups(),
});

const ofVelero = (schedule: string) =>
  `velero_backup_last_successful_timestamp{namespace="velero",schedule="${schedule}"}`;
const attempts = 'velero_backup_attempt_total{namespace="velero",schedule="polls.polls-db"}';
const ofPod = (pod: string) =>
  `cnpg_collector_last_available_backup_timestamp{namespace="polls",pod="${pod}"}`;
/** At a minute, and always the same. */
const at = (minute: number) => `${60 * minute}x2000`;

interface Case {
  readonly by: typeof VELERO;
  readonly labels: Record<string, string>;
  readonly bad: Series;
  readonly good: Series;
}

const CASES: Record<string, Case> = {
  'Velero: the last good one is older than two runs': {
    ...{ by: VELERO, labels: { schedule: 'polls.polls-db' } },
    bad: { [ofVelero('polls.polls-db')]: at(100) },
    good: { [ofVelero('polls.polls-db')]: at(400), [ofVelero('polls.other-db')]: at(1) },
  },
  'Velero: there was none for so long': {
    ...{ by: VELERO, labels: { schedule: 'polls.polls-db' } },
    // It has no time then, and counts attempts from 0.
    bad: { [attempts]: at(0) },
    good: { [attempts]: `_x200 ${at(0)}` },
  },
  'Velero: there was none for so long, and now there is one': {
    ...{ by: VELERO, labels: { schedule: 'polls.polls-db' } },
    bad: { [attempts]: at(0), [ofVelero('polls.other-db')]: at(400) },
    good: { [attempts]: at(0), [ofVelero('polls.polls-db')]: at(400) },
  },
  'CloudNativePG: the last good one is older than two runs': {
    ...{ by: OPERATOR, labels: { namespace: 'polls' } },
    // A replica knows of none.
    bad: { [ofPod('polls-db-1')]: at(100), [ofPod('polls-db-2')]: at(0) },
    good: { [ofPod('polls-db-1')]: at(0), [ofPod('polls-db-2')]: at(400), [ofPod('other-db-1')]: at(1) },
  },
  'CloudNativePG: there was none for so long': {
    ...{ by: OPERATOR, labels: { namespace: 'polls' } },
    bad: { [ofPod('polls-db-1')]: at(0) },
    good: { [ofPod('polls-db-1')]: `_x200 ${at(0)}` },
  },
};

describe.each(PROMTOOLS)('promtool %s', (_, path) => {
  it.each(Object.entries(CASES))('%s', (_title, { by, labels, bad, good }) => {
    const minutes = 100 + 2 * INTERVAL + 70;
    const scenario = { minutes, interval: 10 };
    expect(play(path, by, { ...scenario, series: bad, firing: { [ALERT]: labels } })).toBe('');
    expect(play(path, by, { ...scenario, series: good, silent: [ALERT] })).toBe('');
  });
});
