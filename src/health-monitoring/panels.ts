import { DashboardPanel, DashboardSection, PanelForm, PanelQuery, PanelUnit } from '../platform/dashboards';
import { Objective } from './service-level';

const { COUNT, PER_SECOND, SECONDS, SHARE } = PanelUnit;

/** What panels ask of: the labels of an application's own metrics, and the time over which rates are taken. */
export interface Asked {
  readonly selector: string;
  readonly window: string;
}

const QUANTILES = ['0.5', '0.95', '0.99'];

/** The queries of metrics of one application. */
export class Queries {
  constructor(private readonly asked: Asked) {}

  /** The series of a metric. */
  of(metric: string, more = ''): string {
    return `${metric}{${this.asked.selector}${more}}`;
  }

  /** How often a second, over the window. */
  rate(metric: string, more = ''): string {
    return `rate(${this.of(metric, more)}[${this.asked.window}])`;
  }

  /** The time that a share of events took at most. */
  quantile(share: string, histogram: string, by = ''): string {
    return `histogram_quantile(${share}, sum by (${by}le) (${this.rate(`${histogram}_bucket`)}))`;
  }

  /** Three of them. */
  quantiles(histogram: string): PanelQuery[] {
    return QUANTILES.map((share) => ({
      expression: this.quantile(share, histogram),
      legend: `${Number(share) * 100} %`,
    }));
  }
}

/** A panel of lines, by their legends. */
export function panel(
  title: string,
  unit: PanelUnit,
  description: string,
  queries: PanelQuery[] | Record<string, string>,
): DashboardPanel {
  const asked = Array.isArray(queries)
    ? queries
    : Object.entries(queries).map(([legend, expression]) => ({ legend, expression }));
  return { title, description, unit, form: PanelForm.LINES, queries: asked };
}

/** How much of its promise an application has used up. */
export function objectiveSection(selector: string, objectives: Objective[]): DashboardSection {
  return {
    title: 'Service level',
    panels: objectives.flatMap(({ title, level, share, bad, all }) => [
      {
        title: `${title}: error budget left`,
        description:
          'The budget is that of the last 30 days, or of as many as Prometheus keeps. Below 0, the promise is broken.',
        unit: SHARE,
        form: PanelForm.NUMBER,
        queries: [
          {
            expression: `1 - (${bad('30d')}) / (${all('30d')}) / (1 - ${share})`,
            legend: 'error budget left',
          },
        ],
      },
      panel(
        `${title}: burn rate`,
        COUNT,
        'How many times faster than allowed the error budget burns, by the recording rules. At 1 it lasts just 30 days.',
        Object.fromEntries(
          ['1h', '6h', '3d'].map((window) => [
            window,
            `${level}:ratio_increase${window}{${selector}} / (1 - ${share})`,
          ]),
        ),
      ),
    ]),
  };
}

/** Requests, errors and duration. */
export function requestSection(asked: Asked): DashboardSection {
  const queries = new Queries(asked);
  const responses = 'django_http_responses_total';
  const lost = `sum(${queries.rate('django_http_requests_lost_total')})`;
  const failed = `sum(${queries.rate(responses, ',status="5xx"')}) + ${lost}`;
  const duration = 'django_http_request_duration_seconds';
  const requests = 'django_http_requests_total';
  const top = (query: string) => `topk(10, ${query})`;
  return {
    title: 'Requests',
    panels: [
      panel('Requests', PER_SECOND, 'Responses a second, by their class of status.', {
        '{{status}}': `sum by (status) (${queries.rate(responses)})`,
      }),
      panel('Errors', SHARE, 'Requests that failed or were never answered, of all.', {
        errors: `(${failed}) / (sum(${queries.rate(responses)}) + ${lost})`,
      }),
      panel(
        'Duration',
        SECONDS,
        'So many of the requests took at most this time to the start of their response.',
        queries.quantiles(duration),
      ),
      panel('Busiest views', PER_SECOND, 'The ten views with most requests.', {
        '{{view}}': top(`sum by (view) (${queries.rate(requests)})`),
      }),
      panel('Slowest views', SECONDS, 'The ten views whose slowest twentieth of requests takes longest.', {
        '{{view}}': top(queries.quantile('0.95', duration, 'view, ')),
      }),
      panel('Views with errors', PER_SECOND, 'The ten views with most errors.', {
        '{{view}}': top(`sum by (view) (${queries.rate(requests, ',status="5xx"')})`),
      }),
    ],
  };
}

/** How full the processes are, and which release they run. */
export function saturationSection(asked: Asked): DashboardSection {
  const queries = new Queries(asked);
  const hour = (metric: string) => `sum(increase(${queries.of(metric)}[1h]))`;
  return {
    title: 'Saturation and releases',
    panels: [
      panel(
        'Requests in progress',
        COUNT,
        'ASGI has no bound, and so no line of the most that is possible.',
        {
          'in progress': `sum(${queries.of('django_http_requests_in_progress')})`,
          'most possible': `sum(${queries.of('django_request_capacity')})`,
        },
      ),
      panel('Connections that wait', COUNT, 'No process has taken them yet. granian does not tell them.', {
        waiting: `sum(${queries.of('django_connections_waiting')})`,
      }),
      panel('Processes', COUNT, 'Processes that serve requests or run tasks, by pod.', {
        '{{pod}}': `sum by (pod) (${queries.of('django_processes')})`,
      }),
      panel('Killed and lost in an hour', COUNT, 'What ended before its time.', {
        'processes killed for memory': hour('django_memory_kills_total'),
        'requests lost': hour('django_http_requests_lost_total'),
      }),
      panel('Pods by release', COUNT, 'A rollout is where one line falls and another one rises.', {
        '{{release}}': `count by (release) (${queries.of('django_build_info')})`,
      }),
    ],
  };
}

/** The database, as the application sees it. */
export function databaseSection(asked: Asked): DashboardSection {
  const queries = new Queries(asked);
  const duration = 'django_database_query_duration_seconds';
  return {
    title: 'Database',
    panels: [
      panel('Queries', PER_SECOND, 'Those of the readiness probe are among them.', {
        '{{database}}': `sum by (database) (${queries.rate(`${duration}_count`)})`,
      }),
      panel(
        'Duration of queries',
        SECONDS,
        'So many of the queries took at most this time.',
        queries.quantiles(duration),
      ),
      panel('Errors of the database', PER_SECOND, 'By kind: connect, operational, integrity and other.', {
        '{{database}} {{error}}': `sum by (database, error) (${queries.rate('django_database_errors_total')})`,
      }),
      panel('Connections', COUNT, 'Open, or taken from a pool.', {
        '{{database}}': `sum by (database) (${queries.of('django_database_connections')})`,
      }),
      panel('Connections opened', PER_SECOND, 'Many show that connections are not kept.', {
        '{{database}}': `sum by (database) (${queries.rate('django_database_connections_opened_total')})`,
      }),
      panel('Pending migrations', COUNT, 'Those of the code that runs which the database does not have.', {
        '{{database}}': `max by (database) (${queries.of('django_migrations_pending')})`,
      }),
    ],
  };
}

/** The caches of Django. */
export function cacheSection(asked: Asked): DashboardSection {
  const queries = new Queries(asked);
  const reads = 'django_cache_reads_total';
  const byCache = (more = '') => `sum by (cache) (${queries.rate(reads, more)})`;
  return {
    title: 'Caches',
    panels: [
      panel('Keys asked for', PER_SECOND, 'Hits and misses of each cache.', {
        '{{cache}} {{result}}': `sum by (cache, result) (${queries.rate(reads)})`,
      }),
      panel('Hits', SHARE, 'Keys that were found, of all that were asked for.', {
        '{{cache}}': `${byCache(',result="hit"')} / ${byCache()}`,
      }),
    ],
  };
}

/** Workers, and what waits for them. */
export function taskSection(asked: Asked): DashboardSection {
  const queries = new Queries(asked);
  const ofQueue = (metric: string) => ({ '{{queue}}': `max by (queue) (${queries.of(metric)})` });
  return {
    title: 'Tasks',
    panels: [
      panel('Runs of tasks', PER_SECOND, 'Runs that ended, by their state.', {
        '{{state}}': `sum by (state) (${queries.rate('django_tasks_finished_total')})`,
      }),
      panel('Duration of tasks', SECONDS, 'The ten tasks whose slowest twentieth of runs takes longest.', {
        '{{task}}': `topk(10, ${queries.quantile('0.95', 'django_task_duration_seconds', 'task, ')})`,
      }),
      panel(
        'Wait of tasks',
        SECONDS,
        'So many of the tasks waited at most this time, from when they could begin.',
        queries.quantiles('django_task_wait_seconds'),
      ),
      panel('Queues', COUNT, 'Tasks that wait, by queue.', ofQueue('django_queue_length')),
      panel(
        'Age of queues',
        SECONDS,
        'How long the oldest task waits, in queues whose messages tell it.',
        ofQueue('django_queue_age_seconds'),
      ),
      panel('Workers', COUNT, 'Pods that take tasks, tasks that run, and the most that can run together.', {
        'workers ready': `sum(${queries.of('django_worker_ready')})`,
        'tasks in progress': `sum(${queries.of('django_tasks_in_progress')})`,
        'most possible': `sum(${queries.of('django_task_capacity')})`,
      }),
      panel('Runs lost in an hour', COUNT, 'They ended with their process; the tasks may come back.', {
        lost: `sum(increase(${queries.of('django_tasks_lost_total')}[1h]))`,
      }),
    ],
  };
}

/** What starts tasks on a schedule. */
export function beatSection(asked: Asked): DashboardSection {
  const queries = new Queries(asked);
  return {
    title: 'Beat',
    panels: [
      panel('Last tick of beat', SECONDS, 'The time since beat looked last for tasks that are due.', {
        'since the last tick': `time() - max(${queries.of('django_beat_last_tick_timestamp_seconds')})`,
      }),
    ],
  };
}
