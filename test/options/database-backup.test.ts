import { Chart, Duration } from 'cdk8s';
import { DatabaseBackup, DatabaseBackupProps, PostgresBackend } from 'cdk8s-django';
import { refused, Row, rowOnEach, testOptions } from '../support/options';
import { django, postgres } from '../support/synth';

type Props = DatabaseBackupProps;

const noBackups = (distribution: string, name = 'polls-db') =>
  refused(
    `polls/Backup: backup (not given) is needed: nothing is known on ${distribution} that backs "${name}" up. Give ` +
      'the distribution backup: new VeleroBackups({ … }) where the cluster has Velero.',
  );

/** An option of Velero's backups, which the other distributions are given by name. */
const row = (given: Row<Props>['given'], where: Row<Props>['where'], expected: unknown, name?: string) =>
  rowOnEach<Props>(given, where, {
    gke: noBackups('gke', name),
    eks: noBackups('eks', name),
    aks: noBackups('aks', name),
    openshift: noBackups('openshift', name),
    upstream: expected,
  });

const schedule = (manifests: any[]) => manifests.find(({ kind }) => kind === 'Schedule');

function used(chart: Chart, name = 'polls-db'): PostgresBackend {
  const database = postgres(chart, { name });
  django(chart, { database });
  return database;
}

testOptions<Props>(
  (chart, { database = used(chart), ...changes }) =>
    new DatabaseBackup(chart, 'Backup', { database, ...changes }),
  {
    database: [
      row(
        (chart) => ({ database: used(chart, 'votes') }),
        (manifests) =>
          schedule(manifests).spec.template.labelSelector.matchLabels['app.kubernetes.io/instance'],
        'votes',
        'votes',
      ),
    ],
    schedule: [
      row({ schedule: '30 2 * * 1-5' }, (manifests) => schedule(manifests).spec.schedule, '30 2 * * 1-5'),
    ],
    timeZone: [
      row(
        { timeZone: 'Europe/Vienna' },
        (manifests) => schedule(manifests).spec.schedule,
        'CRON_TZ=Europe/Vienna 0 3 * * *',
      ),
    ],
    retention: [
      row({ retention: Duration.days(14) }, (manifests) => schedule(manifests).spec.template.ttl, '336h0m0s'),
    ],
  },
);
