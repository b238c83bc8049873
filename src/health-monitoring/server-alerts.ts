import { Duration } from 'cdk8s';
import { AlertingRule, AlertSeverity } from '../platform/rules';
import { alertOf } from './alerts';

const { CRITICAL, WARNING } = AlertSeverity;
const minutes = (count: number) => Duration.minutes(count);

/** The labels of the metrics of servers. */
function selectorOfServers(namespace: string, jobs: string[]): string {
  const job = jobs.length === 1 ? `job="${jobs[0]}"` : `job=~"${jobs.join('|')}"`;
  return `namespace="${namespace}",${job}`;
}

const perJob = (query: string) => `sum by (namespace, job) (${query})`;

/** By the name of the software: the metric that says whether the exporter reaches its server, and further alerts. */
const SERVERS: Record<string, { up: string; alerts: (own: string) => AlertingRule[] }> = {
  postgresql: { up: 'pg_up', alerts: postgresAlerts },
  cloudnativepg: { up: 'cnpg_collector_up', alerts: clusterAlerts },
  pgbouncer: { up: 'pgbouncer_up', alerts: poolerAlerts },
  valkey: { up: 'redis_up', alerts: valkeyAlerts },
};

/** The jobs of a replica and of the server that it repeats. */
export interface Replica {
  readonly job: string;
  readonly primary: string;
}

/** Alerts of the servers that an application uses, by what their exporters show. */
export function serverAlerts(
  namespace: string,
  jobs: Record<string, string[]>,
  replicas: Replica[],
): AlertingRule[] {
  const known = Object.entries(jobs).filter(([name]) => Object.hasOwn(SERVERS, name));
  if (known.length === 0) return [];
  const away = known.flatMap(([name, jobs]) => {
    const { up } = SERVERS[name];
    const absent = jobs.map((job) => `absent(${up}{${selectorOfServers(namespace, [job])}})`);
    return [`max by (namespace, job) (${up}{${selectorOfServers(namespace, jobs)}}) == 0`, ...absent];
  });
  const unseen = alertOf({
    name: 'DjangoServerUnseen',
    expression: away.join('\nor\n'),
    pending: minutes(10),
    severity: WARNING,
    summary: 'The exporter of a server does not reach it, or is not scraped: its other alerts are blind',
  });
  return [
    ...known.flatMap(([name, jobs]) => SERVERS[name].alerts(selectorOfServers(namespace, jobs))),
    ...replicas.map((replica) => replicaAlert(namespace, replica)),
    unseen,
  ];
}

function postgresAlerts(own: string): AlertingRule[] {
  const connections = connectionAlerts({
    open: `${perJob(`pg_stat_activity_count{${own},backend_type="client backend"}`)} / max by (namespace, job) (pg_settings_max_connections{${own}})`,
    waiting: perJob(`pg_stat_activity_count{${own},wait_event_type="Lock"}`),
    longest: `max by (namespace, job) (pg_stat_activity_max_tx_duration{${own},state=~"idle in transaction.*"})`,
  });
  return [...connections, archiveAlert(`pg_stat_archiver_failed_count{${own}}`)];
}

function archiveAlert(failures: string): AlertingRule {
  return alertOf({
    name: 'DjangoPostgresArchiveFails',
    expression: `${perJob(`increase(${failures}[10m])`)} > 0`,
    pending: minutes(15),
    severity: CRITICAL,
    summary: 'What PostgreSQL writes has not been archived for 25 minutes, or not been copied to its bucket',
  });
}

/**
 * It reads what the primary sends: the exporter's collector of what a replica receives leaves out one without a slot. A
 * primary that is away, or whose exporter is, has an alert of its own.
 */
function replicaAlert(namespace: string, { job, primary }: Replica): AlertingRule {
  const [own, primarys] = [job, primary].map((one) => selectorOfServers(namespace, [one]));
  const sent = `pg_stat_replication_pg_wal_lsn_diff{${primarys},application_name="${job}",state="streaming"}`;
  return lateReplica([
    `max by (namespace, job) (pg_replication_lag_seconds{${own}}) > 60`,
    'or',
    `(max by (namespace, job) (pg_up{${own}}) == 1 unless on (namespace) ${sent})`,
    `and on (namespace) pg_up{${primarys}} == 1`,
  ]);
}

function lateReplica(expression: string[]): AlertingRule {
  return alertOf({
    name: 'DjangoPostgresReplicaLate',
    expression: expression.join('\n'),
    pending: minutes(5),
    severity: WARNING,
    summary: 'A replica has been a minute behind the primary for five minutes, or receives nothing from it',
  });
}

/** https://cloudnative-pg.io/documentation/current/monitoring/ */
function clusterAlerts(own: string): AlertingRule[] {
  const limit = `cnpg_pg_settings_setting{${own},name="max_connections"}`;
  return [
    ...connectionAlerts({
      // Each server has connections of its own.
      open: `max by (namespace, job) (sum by (namespace, job, pod) (cnpg_backends_total{${own}}) / max by (namespace, job, pod) (${limit}))`,
      waiting: perJob(`cnpg_backends_waiting_total{${own}}`),
      longest: `max by (namespace, job) (cnpg_backends_max_tx_duration_seconds{${own},state=~"idle in transaction.*"})`,
    }),
    archiveAlert(`cnpg_pg_stat_archiver_failed_count{${own}}`),
    lateReplica([
      `max by (namespace, job) (cnpg_pg_replication_lag{${own}}) > 60`,
      'or',
      `${perJob(`cnpg_pg_replication_in_recovery{${own}} == 1 and cnpg_pg_replication_is_wal_receiver_up{${own}} == 0`)} > 0`,
    ]),
  ];
}

/** What exporters of PostgreSQL show under several names. */
interface Connections {
  /** The share of connections that are open. */
  readonly open: string;
  /** The number of those that wait for locks. */
  readonly waiting: string;
  /** The seconds of the longest transaction that does nothing. */
  readonly longest: string;
}

function connectionAlerts({ open, waiting, longest }: Connections): AlertingRule[] {
  return [
    alertOf({
      name: 'DjangoPostgresConnectionsExhausted',
      expression: `${open} > 0.9`,
      pending: minutes(5),
      severity: WARNING,
      summary: 'More than nine tenths of the connections that PostgreSQL takes are open',
    }),
    alertOf({
      name: 'DjangoPostgresLocksWait',
      expression: `${waiting} > 0`,
      pending: minutes(5),
      severity: WARNING,
      summary: 'For five minutes queries have waited for locks that others hold',
    }),
    alertOf({
      name: 'DjangoPostgresTransactionIdle',
      expression: `${longest} > 900`,
      pending: minutes(1),
      severity: WARNING,
      summary: 'A transaction has been open for 15 minutes and does nothing: it keeps its locks',
    }),
  ];
}

function poolerAlerts(own: string): AlertingRule[] {
  return [
    alertOf({
      name: 'DjangoPgBouncerClientsWait',
      expression: `max by (namespace, job) (min_over_time(pgbouncer_pools_client_maxwait_seconds{${own}}[5m])) > 1`,
      pending: minutes(1),
      severity: WARNING,
      summary: 'For five minutes clients of PgBouncer have waited for a connection to the database',
    }),
  ];
}

function valkeyAlerts(own: string): AlertingRule[] {
  return [
    alertOf({
      name: 'DjangoValkeyMemoryFull',
      expression: [
        `max by (namespace, job) (redis_memory_used_bytes{${own}} / (redis_memory_max_bytes{${own}} > 0)`,
        `and on (namespace, job, instance) redis_instance_info{${own},maxmemory_policy="noeviction"}) > 0.9`,
      ].join('\n'),
      pending: minutes(5),
      severity: CRITICAL,
      summary: 'A broker has used nine tenths of its memory: when it is full it refuses tasks',
    }),
    alertOf({
      name: 'DjangoValkeyForgets',
      expression: `${perJob(`increase(redis_evicted_keys_total{${own}}[1h])`)} > ${perJob(`redis_db_keys{${own}}`)}`,
      pending: minutes(10),
      severity: WARNING,
      summary: 'In an hour a cache has forgotten more keys than it holds, because its memory is full',
    }),
  ];
}
