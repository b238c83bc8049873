import { Chart } from 'cdk8s';
import { DatabaseBackup, Distribution, HealthMonitoring, IDatabase, PostgresBackend } from 'cdk8s-django';
import { DumpBackups } from 'cdk8s-django/backup';
import { PgBouncer } from 'cdk8s-django/postgres';
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
  new HealthMonitoring(chart, `${name}-health`, { app, metrics: {}, slo: {} });
}

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
});
