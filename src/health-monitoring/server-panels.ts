import { DashboardPanel, DashboardSection, PanelUnit } from '../platform/dashboards';
import { Asked, panel, Queries } from './panels';

const { COUNT, PER_SECOND, SECONDS, SHARE } = PanelUnit;

/** By the name of the software: its title, and its panels. */
const SERVERS: Record<string, [string, (queries: Queries) => DashboardPanel[]]> = {
  postgresql: ['PostgreSQL', postgresPanels],
  cloudnativepg: ['CloudNativePG', clusterPanels],
  pgbouncer: ['PgBouncer', poolerPanels],
  valkey: ['Valkey', valkeyPanels],
};

/** A section for each of the servers that an application uses, by what their exporters show. */
export function serverSections(
  namespace: string,
  jobs: Record<string, string[]>,
  { window }: Pick<Asked, 'window'>,
): DashboardSection[] {
  const known = Object.entries(jobs).filter(([name]) => Object.hasOwn(SERVERS, name));
  return known.flatMap(([name, jobs]) => {
    const [title, panels] = SERVERS[name];
    return jobs.map((job) => ({
      title: `${title} (${job})`,
      panels: panels(new Queries({ selector: `namespace="${namespace}",job="${job}"`, window })),
    }));
  });
}

function postgresPanels(queries: Queries): DashboardPanel[] {
  const activity = 'pg_stat_activity_count';
  const rate = (metric: string) => `sum(${queries.rate(`pg_stat_database_${metric}`)})`;
  return [
    panel('Connections by state', COUNT, 'Those of the exporter are among them.', {
      '{{state}}': `sum by (state) (${queries.of(activity, ',backend_type="client backend"')})`,
      'most possible': `max(${queries.of('pg_settings_max_connections')})`,
    }),
    panel('Locks', COUNT, 'Connections that wait for a lock of another one.', {
      waiting: `sum(${queries.of(activity, ',wait_event_type="Lock"')}) or vector(0)`,
      'deadlocks in an hour': `sum(increase(${queries.of('pg_stat_database_deadlocks')}[1h]))`,
    }),
    panel('Transactions', PER_SECOND, 'Those of probes and of the exporter are among them.', {
      committed: rate('xact_commit'),
      'rolled back': rate('xact_rollback'),
    }),
    panel('Oldest transaction', SECONDS, 'By the state of its connection.', {
      '{{state}}': `max by (state) (${queries.of('pg_stat_activity_max_tx_duration')})`,
    }),
    panel('Blocks found in memory', SHARE, 'The share of blocks that PostgreSQL had in its own memory.', {
      'in memory': `${rate('blks_hit')} / (${rate('blks_hit')} + ${rate('blks_read')})`,
    }),
  ];
}

function clusterPanels(queries: Queries): DashboardPanel[] {
  const perPod = (metric: string) => ({ '{{pod}}': `sum by (pod) (${queries.of(metric)})` });
  const rate = (metric: string) => `sum(${queries.rate(`cnpg_pg_stat_database_${metric}`)})`;
  return [
    panel(
      'Connections',
      COUNT,
      'By the server. Those of the operator are among them.',
      perPod('cnpg_backends_total'),
    ),
    panel('Locks', COUNT, 'Connections that wait for a lock of another one.', {
      waiting: `sum(${queries.of('cnpg_backends_waiting_total')})`,
    }),
    panel('Transactions', PER_SECOND, 'Those of all servers, and of the operator too.', {
      committed: rate('xact_commit'),
      'rolled back': rate('xact_rollback'),
    }),
    panel('Replicas behind the primary', SECONDS, 'By the server: 0 is the primary, or up to date.', {
      '{{pod}}': `max by (pod) (${queries.of('cnpg_pg_replication_lag')})`,
    }),
  ];
}

function poolerPanels(queries: Queries): DashboardPanel[] {
  const pools = (metric: string) => `sum(${queries.of(`pgbouncer_pools_${metric}_connections`)})`;
  return [
    panel('Clients of the pooler', COUNT, 'Clients in a transaction, and those that wait for a connection.', {
      'in a transaction': pools('client_active'),
      waiting: pools('client_waiting'),
    }),
    panel('Longest wait', SECONDS, 'How long the first of those that wait has waited.', {
      waiting: `max(${queries.of('pgbouncer_pools_client_maxwait_seconds')})`,
    }),
    panel('Connections to the database', COUNT, 'Those of all pods of the pooler.', {
      'in a transaction': pools('server_active'),
      idle: pools('server_idle'),
    }),
    panel('Queries through the pooler', PER_SECOND, 'By the database that clients name.', {
      '{{database}}': `sum by (database) (${queries.rate('pgbouncer_stats_queries_pooled_total')})`,
    }),
  ];
}

function valkeyPanels(queries: Queries): DashboardPanel[] {
  const max = (metric: string) => `max(${queries.of(`redis_${metric}`)})`;
  const rate = (metric: string) => `sum(${queries.rate(`redis_${metric}_total`)})`;
  return [
    panel('Memory', SHARE, 'The share that is used. A full broker refuses tasks; a full cache forgets.', {
      used: `${max('memory_used_bytes')} / ${max('memory_max_bytes')}`,
    }),
    panel('Keys forgotten', PER_SECOND, 'Because the memory is full, or because their time is over.', {
      'memory is full': rate('evicted_keys'),
      expired: rate('expired_keys'),
    }),
    panel('Keys', COUNT, 'By the database of the server.', {
      '{{db}}': `sum by (db) (${queries.of('redis_db_keys')})`,
    }),
    panel('Clients of the server', COUNT, 'Workers that wait for a task are blocked.', {
      connected: max('connected_clients'),
      blocked: max('blocked_clients'),
    }),
    panel('Commands', PER_SECOND, 'Those of probes and of the exporter are among them.', {
      commands: rate('commands_processed'),
    }),
  ];
}
