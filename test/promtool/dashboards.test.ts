import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { synthesize } from 'cdk8s-django';
import { consolePanels, googlePanels, grafanaPanels, queriesIn, watchedFully } from '../support/dashboards';
import { sample } from '../support/distributions';
import { find, synth } from '../support/synth';
import { groupsOf, PROMTOOLS } from './promtool';
import { play, Series, Values } from './simulation';

const GROUPS = groupsOf('gke');
const MINUTES = 240;

const made = (name: string, dashboard = 'polls-dashboard') =>
  Object.values<string>(
    find(
      synth((chart) => watchedFully(chart), sample(name)),
      'ConfigMap',
      dashboard,
    ).data,
  )[0];

function google(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dashboards-'));
  process.env.CDK8S_OUTDIR = folder;
  try {
    synthesize([sample('gke')], (app) => watchedFully(new Chart(app, 'polls', { namespace: 'polls' })));
    return readFileSync(join(folder, 'gke/dashboard-polls.polls.txt'), 'utf8');
  } finally {
    delete process.env.CDK8S_OUTDIR;
    rmSync(folder, { recursive: true });
  }
}

const GRAFANA = made('upstream');
const QUERIES: [string, string[]][] = [
  ['upstream', queriesIn(grafanaPanels(GRAFANA))],
  ['eks', queriesIn(grafanaPanels(made('eks')))],
  ['aks', queriesIn(grafanaPanels(made('aks')))],
  ['openshift', queriesIn(consolePanels(made('openshift', 'dashboard-polls.polls')))],
  ['gke', queriesIn(googlePanels(google()))],
];
const RELEASES: string = JSON.parse(GRAFANA).annotations.list[0].expr;

/** A series of one pod. */
const own = (metric: string, labels: Record<string, string> = {}, pod = 'polls-1') => {
  const all = Object.entries({ namespace: 'polls', job: 'polls', pod, instance: pod, ...labels });
  return `${metric}{${all.map(([key, value]) => `${key}="${value}"`)}}`;
};
const always = (value: number) => `${value}x${MINUTES}`;
const every =
  (count: number): Values =>
  () =>
    count;

/** A histogram of which so many a minute are below the first bound, and so many below the second. */
function histogram(metric: string, labels: Record<string, string>, [low, high]: [number, number]): Series {
  const bucket = (le: string, count: number) => ({
    [own(`${metric}_bucket`, { ...labels, le })]: every(count),
  });
  return {
    ...bucket('0.2', low),
    ...bucket('0.3', low),
    ...bucket('0.5', high),
    ...bucket('+Inf', high),
    [own(`${metric}_count`, labels)]: every(high),
  };
}

/** Each metric of docs/metrics.md that a dashboard reads: 100 requests a minute, of which 5 fail and 2 are slow. */
const SERIES: Series = {
  [own('django_http_responses_total', { status: '2xx' })]: every(95),
  [own('django_http_responses_total', { status: '5xx' })]: every(5),
  [own('django_http_requests_lost_total')]: every(0),
  [own('django_http_requests_total', { view: 'home', method: 'GET', status: '2xx' })]: every(95),
  [own('django_http_requests_total', { view: 'home', method: 'GET', status: '5xx' })]: every(5),
  ...histogram('django_http_request_duration_seconds', { view: 'home', method: 'GET' }, [98, 100]),
  [own('django_http_requests_in_progress')]: always(3),
  [own('django_request_capacity')]: always(8),
  [own('django_connections_waiting')]: always(0),
  [own('django_processes')]: always(4),
  [own('django_memory_kills_total')]: every(0),
  [own('django_build_info', { release: '1.0' })]: '1x119 _x200',
  [own('django_build_info', { release: '1.1' }, 'polls-2')]: '_x120 1x200',
  ...histogram('django_database_query_duration_seconds', { database: 'default' }, [300, 300]),
  [own('django_database_errors_total', { database: 'default', error: 'connect' })]: every(0),
  [own('django_database_connections', { database: 'default' })]: always(4),
  [own('django_database_connections_opened_total', { database: 'default' })]: every(1),
  [own('django_migrations_pending', { database: 'default' })]: always(0),
  [own('django_cache_reads_total', { cache: 'default', result: 'hit' })]: every(30),
  [own('django_cache_reads_total', { cache: 'default', result: 'miss' })]: every(10),
  [own('django_tasks_finished_total', { state: 'success' })]: every(12),
  ...histogram('django_task_duration_seconds', { task: 'mail' }, [6, 12]),
  ...histogram('django_task_wait_seconds', {}, [6, 12]),
  [own('django_tasks_in_progress')]: always(1),
  [own('django_task_capacity')]: always(2),
  [own('django_tasks_lost_total')]: every(0),
  [own('django_queue_length', { queue: 'mail' })]: always(7),
  // Each worker says the same of a queue.
  [own('django_queue_length', { queue: 'mail' }, 'polls-2')]: always(7),
  [own('django_queue_age_seconds', { queue: 'mail' })]: always(9),
  [own('django_worker_ready')]: always(1),
  [own('django_beat_last_tick_timestamp_seconds')]: '0+60x239 14340',
  // Of another application, which no panel shows.
  'django_http_responses_total{namespace="polls",job="shop",pod="shop-1",status="5xx"}': every(1000),
  'django_queue_length{namespace="shop",job="polls",pod="polls-1",queue="mail"}': always(1000),
};

/** The query of a panel by its title, and by its number there. */
const query = (section: string, title: string, number = 0) =>
  grafanaPanels(GRAFANA)[section].find((panel) => panel.title === title)!.queries[number];

describe.each(PROMTOOLS)('[issue 15] promtool %s', (_, path) => {
  const asked = (values: Record<string, number>, minutes = MINUTES) =>
    play(path, GROUPS, { minutes, series: SERIES, values });

  it.each(QUERIES)('each query of the dashboard of %s is read, and finds data', (_, queries) => {
    expect(queries.length).toBeGreaterThan(40);
    expect(asked(Object.fromEntries(queries.map((one) => [`count(${one}) > bool 0`, 1])))).toBe('');
  });

  it('finds a query without data, and one that is none', () => {
    expect(asked({ 'count(django_orders) > bool 0': 1 })).not.toBe('');
    expect(asked({ 'count(sum(rate(django_orders))': 1 })).not.toBe('');
  });

  it('the queries say what was to be seen, of this application alone', () => {
    const rounded = (one: string) => `round(sum(${one}), 0.001)`;
    expect(
      asked({
        [rounded(query('Requests', 'Requests'))]: 1.667,
        [rounded(query('Requests', 'Errors'))]: 0.05,
        [rounded(query('Requests', 'Duration', 1))]: 0.194,
        [rounded(query('Requests', 'Busiest views'))]: 1.667,
        [rounded(query('Requests', 'Views with errors'))]: 0.083,
        // Fifty times too many fail, and twice as many are slow as may be.
        [rounded(query('Service level', 'Availability: error budget left'))]: -49,
        [rounded(query('Service level', 'Availability: burn rate'))]: 50,
        [rounded(query('Service level', 'Latency: error budget left'))]: -1,
        [rounded(query('Service level', 'Latency: burn rate', 2))]: 2,
        [rounded(query('Caches', 'Hits'))]: 0.75,
        [rounded(query('Tasks', 'Queues'))]: 7,
        [rounded(query('Beat', 'Last tick of beat'))]: 60,
      }),
    ).toBe('');
  });

  it('a rollout is marked for some minutes, and the release before it is not', () => {
    const marked = (count: number) => ({ [`count(${RELEASES}) or vector(0)`]: count });
    expect(asked(marked(0), 115)).toBe('');
    expect(asked({ [`sum(count by () (${RELEASES}))`]: 1 }, 123)).toBe('');
    expect(
      asked(
        { [`count((${RELEASES}) and on (release) label_replace(vector(1), "release", "1.1", "", ""))`]: 1 },
        123,
      ),
    ).toBe('');
    expect(asked(marked(0), 130)).toBe('');
  });
});
