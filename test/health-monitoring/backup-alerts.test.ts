import { Chart } from 'cdk8s';
import { DatabaseBackup, Distribution, HealthMonitoring, IDatabase, PostgresBackend } from 'cdk8s-django';
import { CloudNativePostgresBackups, DumpBackups, VeleroBackups } from 'cdk8s-django/backup';
import { CloudNativePostgres, PgBouncer } from 'cdk8s-django/postgres';
import { grafanaPanels } from '../support/dashboards';
import { django, find, synth } from '../support/synth';

/** An application of its own with its database, which has backups and drills. */
function application(chart: Chart, name: string, pooled = false): void {
  const server = new PostgresBackend(chart, `${name}-database`, { name: `${name}-db`, storage: '20Gi' });
  const database: IDatabase = pooled
    ? new PgBouncer(chart, `${name}-pooler`, {
        name: `${name}-pooler`,
        database: server,
        image: 'registry.example.com/pgbouncer:1.24.1',
      })
    : server;
  const app = django(chart, { name, database }, name);
  new DatabaseBackup(chart, `${name}-backup`, { database: server });
  new HealthMonitoring(chart, `${name}-health`, { app, metrics: {}, slo: {}, dashboard: true });
}

/** The panels of the backups of an application, by their titles. */
const panelsOf = (made: any[], name: string) =>
  grafanaPanels(Object.values<string>(find(made, 'ConfigMap', `${name}-dashboard`).data)[0]).Backups;
const tooOld = (made: any[], name: string) =>
  find(made, 'PrometheusRule', name)
    .spec.groups.flatMap((group: any) => group.rules)
    .find((rule: any) => rule.alert === 'DjangoBackupTooOld')?.expr;

describe('the alerts of backups', () => {
  const made = synth(
    (chart) => {
      application(chart, 'shop');
      application(chart, 'polls', true);
    },
    Distribution.upstream({ backup: new DumpBackups({ drill: {} }) }),
  );

  it.each(['shop', 'polls'])('of %s name its own', (name) => {
    const rules = find(made, 'PrometheusRule', name).spec.groups.flatMap((group: any) => group.rules);
    const cronJobs = (alert: string) => {
      const { expr } = rules.find((rule: any) => rule.alert === alert);
      return [...new Set([...expr.matchAll(/cronjob=~"([^"]*)"/g)].map(([, names]) => names))];
    };
    expect(cronJobs('DjangoBackupTooOld')).toEqual([`${name}-db-dump`]);
    expect(cronJobs('DjangoBackupUnproven')).toEqual([`${name}-db-drill`]);
    expect(cronJobs('DjangoScheduledJobFailed')).toEqual([`${name}-db-dump|${name}-db-drill`]);
  });

  it.each(['shop', 'polls'])(
    'of %s have a panel with the age of the last good and the last proven one',
    (name) => {
      const [{ title, queries }] = panelsOf(made, name);
      expect(title).toBe('Age of backups');
      expect(queries).toEqual(
        ['dump', 'drill'].map(
          (kind) =>
            `time() - max(kube_cronjob_status_last_successful_time{namespace="polls",cronjob=~"${name}-db-${kind}"})`,
        ),
      );
    },
  );
});

describe.each([
  [
    'Velero',
    { backup: new VeleroBackups() },
    'max by (schedule) (velero_backup_last_successful_timestamp{schedule="polls.polls-db"})',
  ],
  [
    'CloudNativePG',
    { postgres: new CloudNativePostgres(), backup: new CloudNativePostgresBackups() },
    'max by (namespace) (cnpg_collector_last_available_backup_timestamp{namespace="polls",pod=~"polls-db-[0-9]+"})',
  ],
])('the backups of %s', (_, changes, lastGood) => {
  const made = synth((chart) => application(chart, 'polls'), Distribution.upstream(changes));

  it('have an alert by the metrics of the operator: the last good one is older than two days', () => {
    expect(tooOld(made, 'polls')).toContain(`time() - (${lastGood} > 0) > ${2 * 24 * 3600}\n`);
  });

  it('have a panel with their age', () => {
    expect(panelsOf(made, 'polls')[0].queries).toEqual([`time() - (${lastGood} > 0)`]);
  });

  it('have none where nobody can say how often they are made', () => {
    const changed = synth((chart) => {
      application(chart, 'polls');
      const { resources } = chart.node.findChild('polls-backup') as DatabaseBackup;
      resources[0].override({ spec: { schedule: '@daily' } });
    }, Distribution.upstream(changes));
    expect(tooOld(changed, 'polls')).toBeUndefined();
    expect(panelsOf(changed, 'polls')).toBeUndefined();
  });
});

it('a database without backups has neither', () => {
  const made = synth((chart) => {
    const app = django(chart, { name: 'polls' });
    new HealthMonitoring(chart, 'health', { app, metrics: {}, slo: {}, dashboard: true });
  });
  expect(tooOld(made, 'polls')).toBeUndefined();
  expect(panelsOf(made, 'polls')).toBeUndefined();
});
