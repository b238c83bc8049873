import { Duration } from 'cdk8s';
import { AlertingRule, AlertSeverity } from '../platform/rules';
import { isTooOld } from './backup-ages';
import { Backups } from './backups';

/** Has a section for each alert of the library. */
const RUNBOOKS = 'https://github.com/cdk8s-django/cdk8s-django/blob/main/docs/runbooks.md';

/** An alert of the library. */
export interface Alert {
  readonly name: string;
  readonly expression: string;
  readonly pending?: Duration;
  readonly severity: AlertSeverity;
  readonly summary: string;
}

/** An alert with the link to its section. */
export function alertOf({ name, expression, pending, severity, summary }: Alert): AlertingRule {
  const annotations = { summary, runbook_url: `${RUNBOOKS}#${name.toLowerCase()}` };
  return { alert: name, expression, pending, severity, annotations };
}

const { CRITICAL, WARNING } = AlertSeverity;
const minutes = (count: number) => Duration.minutes(count);

/** What of an application the alerts look at. */
export interface Watched {
  readonly namespace: string;
  /** The job by which Prometheus knows it. */
  readonly job: string;
  /** The Deployment of its replicas. */
  readonly deployment: string;
  /** All of its Deployments. */
  readonly deployments: string[];
  /** Its CronJobs, and those of its database's backups and drills. */
  readonly cronJobs: string[];
  readonly backups: Backups;
  readonly hasTasks: boolean;
  readonly hasBeat: boolean;
}

/** The labels of its own metrics. */
export function selectorOf({ namespace, job }: Pick<Watched, 'namespace' | 'job'>): string {
  return `namespace="${namespace}",job="${job}"`;
}

/** Alerts of replicas and of what they need. */
export function healthAlerts(watched: Watched): AlertingRule[] {
  const { namespace, deployment, deployments } = watched;
  const own = selectorOf(watched);
  const ofDeployments = `namespace="${namespace}",deployment=~"${deployments.join('|')}"`;
  const pods = `namespace="${namespace}",pod=~"(${deployments.join('|')})-[a-z0-9]+-[a-z0-9]+"`;
  const perJob = (query: string) => `sum by (namespace, job) (${query})`;
  const certificates = (metric: string) =>
    `min by (namespace, exported_namespace, name) (${metric}{namespace="${namespace}"} or ${metric}{exported_namespace="${namespace}"})`;
  return [
    alertOf({
      name: 'DjangoPodsCrashLooping',
      expression: `max by (namespace, pod, container) (max_over_time(kube_pod_container_status_waiting_reason{${pods},reason="CrashLoopBackOff"}[5m])) >= 1`,
      pending: minutes(10),
      severity: WARNING,
      summary: 'A container ends again and again',
    }),
    alertOf({
      name: 'DjangoRolloutStuck',
      expression: `max by (namespace, deployment) (kube_deployment_status_condition{${ofDeployments},condition="Progressing",status="false"}) == 1`,
      pending: minutes(5),
      severity: WARNING,
      summary: 'A release does not become ready',
    }),
    alertOf({
      name: 'DjangoMigrationsPending',
      expression: `max by (namespace, job, database) (django_migrations_pending{${own}}) > 0`,
      pending: minutes(15),
      severity: WARNING,
      summary: 'The database lacks migrations of the code that runs',
    }),
    alertOf({
      name: 'DjangoTextOrderChanged',
      expression: `max by (namespace, job, database) (django_database_collations_outdated{${own}}) > 0`,
      pending: minutes(15),
      severity: CRITICAL,
      summary: 'The server orders text otherwise than the indexes of the database: they may find wrong rows',
    }),
    alertOf({
      name: 'DjangoRequestsSaturated',
      expression: [
        `${perJob(`avg_over_time(django_http_requests_in_progress{${own}}[10m])`)} / ${perJob(`avg_over_time(django_request_capacity{${own}}[10m])`)} > 0.9`,
        'or',
        `${perJob(`min_over_time(django_connections_waiting{${own}}[10m])`)} > 0`,
      ].join('\n'),
      pending: minutes(5),
      severity: WARNING,
      summary: 'Replicas work at as many requests as they can, and others wait',
    }),
    alertOf({
      name: 'DjangoDatabaseConnectionsRefused',
      expression: `sum by (namespace, job, database) (increase(django_database_errors_total{${own},error="connect"}[10m])) >= 3`,
      pending: minutes(2),
      severity: CRITICAL,
      summary: 'Replicas cannot connect to the database: it is away, or takes no more connections',
    }),
    alertOf({
      name: 'DjangoProcessesKilledForMemory',
      expression: `${perJob(`increase(django_memory_kills_total{${own}}[1h])`)} >= 3`,
      severity: WARNING,
      summary: 'The kernel ends processes because the memory of their containers is full',
    }),
    alertOf({
      name: 'DjangoCertificateOverdue',
      expression: [
        `time() - ${certificates('certmanager_certificate_renewal_timestamp_seconds')} > 86400`,
        'or',
        `${certificates('certmanager_certificate_expiration_timestamp_seconds')} - time() < 86400`,
      ].join('\n'),
      pending: minutes(10),
      severity: CRITICAL,
      summary: 'cert-manager should have renewed a certificate a day ago, or it ends within a day',
    }),
    alertOf({
      name: 'DjangoCountsNothing',
      expression: [
        `(up{${own}} == 1 unless on (namespace, job, instance) django_build_info{${own}})`,
        'or',
        `${perJob(`django_processes{${own}}`)} == 0`,
      ].join('\n'),
      pending: minutes(10),
      severity: WARNING,
      summary: 'Pods answer scrapes and count nothing: the other alerts are blind',
    }),
    alertOf({
      name: 'DjangoMetricsMissing',
      expression: `max by (namespace) (kube_deployment_spec_replicas{namespace="${namespace}",deployment="${deployment}"}) > 0 unless on (namespace) (up{${own}} == 1)`,
      pending: minutes(10),
      severity: WARNING,
      summary: 'No pod is scraped: the other alerts are blind',
    }),
  ];
}

/** The name of the recording of queues. */
export const QUEUE_LENGTH = 'namespace_job_queue:django_queue_length:max';

/** Alerts of workers and beat. */
export function taskAlerts(watched: Watched): AlertingRule[] {
  const own = selectorOf(watched);
  const finished = (state: string) =>
    `sum by (namespace, job) (increase(django_tasks_finished_total{${own},state=${state}}[1h]))`;
  const queue = `${QUEUE_LENGTH}{${own}}`;
  const alerts = [
    alertOf({
      name: 'DjangoTasksFail',
      expression: `${finished('"failure"')} / ${finished('~"success|failure"')} > 0.1\nand ${finished('"failure"')} >= 10`,
      severity: WARNING,
      summary: 'More than a tenth of the tasks of the last hour failed',
    }),
    alertOf({
      name: 'DjangoQueueGrows',
      expression: `min_over_time(${queue}[30m]) > max_over_time(${queue}[30m] offset 31m)\nand min_over_time(${queue}[30m]) > 10`,
      pending: minutes(10),
      severity: WARNING,
      summary: 'For half an hour more tasks have waited than at any time of the half hour before',
    }),
  ];
  if (watched.hasBeat) alerts.push(beatAlert(own));
  return alerts;
}

function beatAlert(own: string): AlertingRule {
  const tick = `django_beat_last_tick_timestamp_seconds{${own}}`;
  return alertOf({
    name: 'DjangoBeatSilent',
    expression: `time() - max by (namespace, job) (${tick}) > 300\nor\nabsent(${tick})`,
    pending: minutes(10),
    severity: WARNING,
    summary: 'Beat starts no tasks',
  });
}

/** Alerts of CronJobs, by what kube-state-metrics shows, and of backups that operators make, by what these show. */
export function scheduleAlerts(watched: Watched): AlertingRule[] {
  const { namespace, cronJobs, backups } = watched;
  const of = (names: string[]) => {
    const selector = `namespace="${namespace}",cronjob=~"${names.join('|')}"`;
    return (metric: string) => `max by (namespace, cronjob) (${metric}{${selector}})`;
  };
  const job = of(cronJobs);
  const success = (one: (metric: string) => string) =>
    `(${one('kube_cronjob_status_last_successful_time')} or ${one('kube_cronjob_created')})`;
  const failed = alertOf({
    name: 'DjangoScheduledJobFailed',
    expression: `(${job('kube_cronjob_status_last_schedule_time')} > ${success(job)})\nunless ${job('kube_cronjob_status_active')} > 0`,
    pending: minutes(15),
    severity: WARNING,
    summary: 'The last run of a CronJob did not succeed',
  });
  const overdue = (one: (metric: string) => string) =>
    [
      `time() - ${success(one)} > 2 * (${one('kube_cronjob_next_schedule_time')} - ${one('kube_cronjob_status_last_schedule_time')})`,
      'or',
      `${one('kube_cronjob_spec_suspend')} == 1`,
    ].join('\n');
  const old = alertOf({
    name: 'DjangoBackupTooOld',
    expression: [
      ...(backups.cronJobs.length ? [overdue(of(backups.cronJobs))] : []),
      ...backups.ofOperators.map(isTooOld),
    ].join('\nor\n'),
    pending: Duration.hours(1),
    severity: CRITICAL,
    summary: 'The last good backup is older than two runs, or backups are suspended',
  });
  const unproven = alertOf({
    name: 'DjangoBackupUnproven',
    expression: overdue(of(backups.drills)),
    pending: Duration.hours(1),
    severity: CRITICAL,
    summary: 'No drill has proven a backup for two runs, or drills are suspended',
  });
  return [
    ...(cronJobs.length ? [failed] : []),
    ...(backups.cronJobs.length || backups.ofOperators.length ? [old] : []),
    ...(backups.drills.length ? [unproven] : []),
  ];
}
