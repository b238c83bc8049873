import { Chart, Duration } from 'cdk8s';
import { DatabaseBackup, DatabaseBackupProps, PostgresBackend } from 'cdk8s-django';
import { refused, Row, rowOnEach, testOptions } from '../support/options';
import { django, postgres } from '../support/synth';

type Props = DatabaseBackupProps;

const noSnapshots = (name: string) =>
  refused(
    `polls/Backup: storageClassName "gp2" of "${name}" is a class whose volumes no CSI driver makes, and there are no ` +
      'snapshots of such volumes. Give the database a class of a CSI driver, such as by storage: new EbsStorage() (EKS), ' +
      'or the distribution backup: new VeleroBackups().',
  );

/** An option, by what the CronJob that makes snapshots has of it, and what the Schedule of Velero has. */
const row = (
  given: Row<Props>['given'],
  where: { ofCronJob: Row<Props>['where']; ofSchedule: Row<Props>['where'] },
  { snapshot, velero }: { snapshot: unknown; velero: unknown },
  name = 'polls-db',
) =>
  rowOnEach<Props>(
    given,
    (manifests) => (of(manifests, 'Schedule') ? where.ofSchedule(manifests) : where.ofCronJob(manifests)),
    { gke: snapshot, eks: noSnapshots(name), aks: snapshot, openshift: snapshot, upstream: velero },
  );

const of = (manifests: any[], kind: string) => manifests.find((manifest) => manifest.kind === kind);
const schedule = (manifests: any[]) => of(manifests, 'Schedule').spec;
const cronJob = (manifests: any[]) => of(manifests, 'CronJob').spec;
const command = (manifests: any[]): string[] =>
  cronJob(manifests).jobTemplate.spec.template.spec.containers[0].command;

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
        {
          ofCronJob: (manifests) => command(manifests).find((word) => word.startsWith('data-')),
          ofSchedule: (manifests) =>
            schedule(manifests).template.labelSelector.matchLabels['app.kubernetes.io/instance'],
        },
        { snapshot: 'data-votes-0', velero: 'votes' },
        'votes',
      ),
    ],
    schedule: [
      row(
        { schedule: '30 2 * * 1-5' },
        {
          ofCronJob: (manifests) => cronJob(manifests).schedule,
          ofSchedule: (manifests) => schedule(manifests).schedule,
        },
        { snapshot: '30 2 * * 1-5', velero: '30 2 * * 1-5' },
      ),
    ],
    timeZone: [
      row(
        { timeZone: 'Europe/Vienna' },
        {
          ofCronJob: (manifests) => cronJob(manifests).timeZone,
          ofSchedule: (manifests) => schedule(manifests).schedule,
        },
        { snapshot: 'Europe/Vienna', velero: 'CRON_TZ=Europe/Vienna 0 3 * * *' },
      ),
    ],
    retention: [
      row(
        { retention: Duration.days(14) },
        {
          ofCronJob: (manifests) => command(manifests).find((word) => word.startsWith('--keep-hours=')),
          ofSchedule: (manifests) => schedule(manifests).template.ttl,
        },
        { snapshot: '--keep-hours=336', velero: '336h0m0s' },
      ),
    ],
  },
);
