import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, Duration } from 'cdk8s';
import { Distribution, DjangoApp, HealthMonitoring, HealthMonitoringProps, synthesize } from 'cdk8s-django';
import {
  consolePanels,
  googlePanels,
  grafanaPanels,
  Panel,
  queriesIn,
  watchedFully,
} from '../support/dashboards';
import { sample } from '../support/distributions';
import { metricsIn } from '../support/metrics';
import { outputDirectory } from '../support/output-directory';
import { chartOn, django, errorOf, find, postgres, synth } from '../support/synth';

const ROOT = join(__dirname, '../..');

const watched = (chart: Chart, props: Partial<HealthMonitoringProps> = {}, app = django(chart)) =>
  new HealthMonitoring(chart, 'Health', { app, metrics: {}, dashboard: true, ...props });
const textOf = (manifests: any[], name = 'polls-dashboard'): string =>
  Object.values<string>(find(manifests, 'ConfigMap', name).data)[0];
const text = (define: (chart: Chart) => void) => textOf(synth(define));
const sections = (define: (chart: Chart) => void) => Object.keys(grafanaPanels(text(define)));

const PLAIN = ['Requests', 'Saturation and releases'];
const ALL = ['Service level', ...PLAIN, 'Database', 'Caches', 'Tasks', 'Beat'];

describe('[issue 15] a dashboard', () => {
  it('is not made unless it is asked for', () => {
    const made = synth((chart) => watched(chart, { dashboard: undefined }));
    expect(made.filter(({ metadata }) => metadata.name.includes('dashboard'))).toEqual([]);
    expect(watched(chartOn(), { dashboard: false }).dashboard).toBeUndefined();
    expect(watched(chartOn()).dashboard?.kind).toBe('ConfigMap');
  });

  it('shows of the smallest application what every application has', () => {
    expect(sections((chart) => watched(chart))).toEqual(PLAIN);
  });

  it('shows all parts of an application, and nothing twice', () => {
    const all = grafanaPanels(text((chart) => watchedFully(chart)));
    expect(Object.keys(all)).toEqual(ALL);
    const titles = Object.values(all).flatMap((panels) => panels.map(({ title }) => title));
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
    expect(queriesIn(all).length).toBeGreaterThan(40);
  });

  const BROKER = { url: 'redis://cache.example.com:6379/1', peers: [{ cidr: '192.0.2.1/32' }] };
  const CELERY = { celery: { broker: BROKER } };
  const PARTS: [string, (chart: Chart) => [DjangoApp, () => unknown], string[]][] = [
    [
      'a worker of Celery',
      (chart) => {
        const app: DjangoApp = django(chart, CELERY);
        return [app, () => app.addCeleryWorker({ name: 'mail' })];
      },
      [...PLAIN, 'Tasks'],
    ],
    [
      'beat',
      (chart) => {
        const app: DjangoApp = django(chart, CELERY);
        return [app, () => app.addCeleryBeat()];
      },
      [...PLAIN, 'Tasks', 'Beat'],
    ],
    [
      "a worker of Django's Tasks",
      (chart) => {
        const app: DjangoApp = django(chart, { database: postgres(chart) });
        return [app, () => app.addTaskWorker({ name: 'mail' })];
      },
      [...PLAIN, 'Database', 'Tasks'],
    ],
    [
      'a process that runs no tasks',
      (chart) => {
        const app: DjangoApp = django(chart);
        return [app, () => app.addProcess({ name: 'bot', command: ['bot'] })];
      },
      PLAIN,
    ],
  ];
  it.each(PARTS)('shows %s that is added after it', (_, make, expected) => {
    const made = sections((chart) => {
      const [app, add] = make(chart);
      watched(chart, {}, app);
      add();
    });
    expect(made).toEqual(expected);
  });

  it('reads metrics that docs/metrics.md lists, and recordings that the service level makes', () => {
    const queries = queriesIn(grafanaPanels(text((chart) => watchedFully(chart))));
    const documented = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
    const names = metricsIn(queries);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
    const recorded = find(
      synth((chart) => watchedFully(chart)),
      'PrometheusRule',
      'polls',
    ).spec.groups.flatMap(({ rules }: any) => rules.flatMap(({ record }: any) => record ?? []));
    const read = queries.flatMap((query) => query.match(/namespace_job:\w+:\w+/g) ?? []);
    expect(read.length).toBe(6);
    expect(read.filter((name) => !recorded.includes(name))).toEqual([]);
  });

  it('asks for one application alone', () => {
    for (const query of queriesIn(grafanaPanels(text((chart) => watchedFully(chart))))) {
      const selectors = query.match(/\{[^}]*\}/g)!;
      for (const one of selectors) expect(one).toMatch(/^\{namespace="polls",job="polls"[,}]/);
    }
  });

  it.each([
    [30, '5m'],
    [75, '5m'],
    [80, '320s'],
    [120, '8m'],
  ])('takes rates over four scrapes at least: of %d seconds over %s', (seconds, window) => {
    const queries = queriesIn(
      grafanaPanels(text((chart) => watched(chart, { metrics: { interval: Duration.seconds(seconds) } }))),
    );
    const rates = queries.join().match(/rate\([^[]*\[\w+\]/g)!;
    expect(rates.length).toBeGreaterThan(5);
    expect(new Set(rates.map((rate) => /\[(\w+)\]/.exec(rate)![1]))).toEqual(new Set([window]));
  });

  it('has the same text each time, and a uid of its own for each application', () => {
    const one = (name: string, namespace: string) =>
      textOf(
        synth((chart) => watched(chart, {}, django(chart, { name })), undefined, { namespace }),
        `${name}-dashboard`,
      );
    expect(one('polls', 'a')).toBe(one('polls', 'a'));
    const uids = [one('polls', 'a'), one('shop', 'a'), one('polls', 'b')].map((json) => JSON.parse(json).uid);
    expect(new Set(uids).size).toBe(3);
    for (const uid of uids) expect(uid).toMatch(/^[a-z0-9-]{1,40}$/);
  });

  it('marks rollouts', () => {
    const [annotation] = JSON.parse(text((chart) => watched(chart))).annotations.list;
    expect(annotation).toMatchObject({ name: 'Releases', enable: true, titleFormat: 'Release {{release}}' });
    expect(annotation.expr).toContain('django_build_info{namespace="polls",job="polls"} offset 5m');
  });

  it('has panels with numbers of their own, which do not overlap and have legends', () => {
    const { panels } = JSON.parse(text((chart) => watchedFully(chart)));
    const ids = panels.map(({ id }: any) => id);
    expect(ids).toEqual(ids.map((_: number, index: number) => index + 1));
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }: any) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { type, options } of panels) {
      if (type === 'timeseries') expect(options.legend.showLegend).toBe(true);
    }
  });

  it('is refused without the metrics that it shows', () => {
    const remedy =
      "leaves dashboard nothing to show: its panels are made of the library's metrics. Give metrics: {}, without a path.";
    expect(errorOf((chart) => watched(chart, { metrics: undefined }))).toContain(
      `polls/Health: metrics (not given) ${remedy}`,
    );
    expect(errorOf((chart) => watched(chart, { metrics: { path: '/numbers' } }))).toContain(
      `polls/Health: metrics "/numbers" ${remedy}`,
    );
  });

  it('is refused in a chart without a namespace', () => {
    expect(errorOf((chart) => watched(chart), undefined, { namespace: undefined })).toContain(
      'polls/Health: namespace (not given) is needed: a dashboard tells applications apart by it.',
    );
  });

  it('is refused where nothing shows dashboards', () => {
    const bare = Distribution.custom({ ...sample('upstream'), name: 'bare', dashboards: undefined });
    expect(errorOf((chart) => watched(chart), bare)).toContain(
      'polls/Health: dashboard true has no place: nothing shows dashboards on bare. ' +
        'Give the distribution dashboards, such as new SidecarDashboards().',
    );
  });
});

describe('[issue 15] dashboards of all platforms', () => {
  const output = outputDirectory();
  const files = () => readdirSync(join(output(), 'gke')).filter((name) => name.startsWith('dashboard'));
  const write = (define: (chart: Chart) => void, namespace = 'polls') =>
    synthesize([sample('gke')], (app) => define(new Chart(app, 'polls', { namespace })));

  it('have the same panels with the same queries', () => {
    write((chart) => watchedFully(chart));
    const google = readFileSync(join(output(), 'gke/dashboard-polls.polls.txt'), 'utf8');
    const console = textOf(
      synth((chart) => watchedFully(chart), sample('openshift')),
      'dashboard-polls.polls',
    );
    const grafana: Record<string, Panel[]> = grafanaPanels(text((chart) => watchedFully(chart)));
    expect(googlePanels(google)).toEqual(grafana);
    expect(consolePanels(console)).toEqual(grafana);
    for (const name of ['eks', 'aks']) {
      expect(textOf(synth((chart) => watchedFully(chart), sample(name)))).toBe(
        text((chart) => watchedFully(chart)),
      );
    }
  });

  it('on GKE are a file for each application, which goes with its dashboard', () => {
    write((chart) => {
      watched(chart);
      new HealthMonitoring(chart, 'Other', {
        app: django(chart, { name: 'shop' }, 'Shop'),
        metrics: {},
        dashboard: true,
      });
    });
    expect(files()).toEqual(['dashboard-polls.polls.txt', 'dashboard-polls.shop.txt']);
    write((chart) => watched(chart));
    expect(files()).toEqual(['dashboard-polls.polls.txt']);
    write((chart) => watched(chart, { dashboard: false }));
    expect(files()).toEqual([]);
    expect(watched(chartOn(sample('gke'))).dashboard).toBeUndefined();
  });
});
