import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, Duration } from 'cdk8s';
import {
  AlertProps,
  AlertSeverity,
  Distribution,
  HealthMonitoring,
  HealthMonitoringProps,
  RecordingRuleProps,
  synthesize,
} from 'cdk8s-django';
import { PrometheusOperator } from 'cdk8s-django/monitoring';
import { metricsIn } from '../support/metrics';
import { sample } from '../support/distributions';
import { outputDirectory } from '../support/output-directory';
import { chartOn, django, errorOf, find, synth } from '../support/synth';

const ROOT = join(__dirname, '../..');
const SLO = { availability: 0.999, latency: { threshold: Duration.millis(300), ratio: 0.99 } };

const health = (
  chart: Chart,
  props: Partial<HealthMonitoringProps> = { metrics: {}, slo: SLO },
  name = 'polls',
) => new HealthMonitoring(chart, 'Health', { app: django(chart, { name }), ...props });
const spec = (define: (chart: Chart) => void) => find(synth(define), 'PrometheusRule', 'polls').spec;
const rulesOf = (define: (chart: Chart) => void): any[] =>
  spec(define).groups.flatMap(({ rules }: any) => rules);

describe('a service level', () => {
  it('is refused without the metrics that its rules read', () => {
    const remedy =
      "leaves slo nothing to read: its rules are made of the library's metrics. Give metrics: {}, without a path.";
    expect(errorOf((chart) => health(chart, { slo: SLO }))).toContain(
      `polls/Health: metrics (not given) ${remedy}`,
    );
    expect(errorOf((chart) => health(chart, { metrics: { path: '/numbers' }, slo: SLO }))).toContain(
      `polls/Health: metrics "/numbers" ${remedy}`,
    );
  });

  it('is refused in a chart without a namespace', () => {
    expect(errorOf((chart) => health(chart), undefined, { namespace: undefined })).toContain(
      'polls/Health: namespace (not given) is needed: the rules of a service level tell applications apart by it.',
    );
  });

  it.each([99.9, 1, 0.5, 0, -1, NaN])('is refused with the share %d', (share) => {
    const reason = `is not a share from 0.94 to below 1. Give a share such as 0.999. For less than 0.94 the fast alert could never fire.`;
    const refused = (slo: HealthMonitoringProps['slo']) =>
      errorOf((chart) => health(chart, { metrics: {}, slo }));
    expect(refused({ availability: share })).toContain(`slo.availability ${share} ${reason}`);
    expect(refused({ latency: { threshold: Duration.millis(300), ratio: share } })).toContain(
      `slo.latency.ratio ${share} ${reason}`,
    );
  });

  it.each([1000, 299, 301, 0])(
    'is refused with a threshold of %d ms, which no bucket has',
    (milliseconds) => {
      const slo = { latency: { threshold: Duration.millis(milliseconds), ratio: 0.99 } };
      expect(errorOf((chart) => health(chart, { metrics: {}, slo }))).toContain(
        `slo.latency.threshold "${milliseconds} ms" is not one of the thresholds that requests are counted by. ` +
          'Give one of 10, 25, 50, 100, 200, 300, 500, 750, 1500, 2500, 7500, 15500 milliseconds.',
      );
    },
  );

  it('takes each threshold of the runtime, written in the one way of both Prometheus 2 and 3', () => {
    const [, bounds] = /REQUEST_BOUNDS = \(([^)]*)\)/.exec(
      readFileSync(join(ROOT, 'src/runtime/cdk8s_django/metric_names.py'), 'utf8'),
    )!;
    for (const bound of bounds.split(', ')) {
      expect(Number.isInteger(Number(bound))).toBe(false);
      const slo = { latency: { threshold: Duration.millis(Number(bound) * 1000), ratio: 0.99 } };
      const [{ expr }] = rulesOf((chart) => health(chart, { metrics: {}, slo }));
      expect(expr).toContain(`,le="${bound}"}`);
    }
  });

  it('makes no objectives that were not asked for', () => {
    const names = (slo: HealthMonitoringProps['slo']) =>
      spec((chart) => health(chart, { metrics: {}, slo })).groups.map(({ name }: any) => name);
    expect(names({})).toEqual(['polls-polls-health']);
    expect(names({ availability: 0.999 })).toEqual(['polls-polls-availability', 'polls-polls-health']);
    expect(names({ latency: SLO.latency })).toEqual(['polls-polls-latency', 'polls-polls-health']);
  });

  it('reads only metrics that docs/metrics.md has, and those of other programs', () => {
    const documented = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
    const used = metricsIn(rulesOf((chart) => health(chart)).map(({ expr }) => expr));
    expect(used.length).toBeGreaterThan(8);
    for (const name of used) expect(documented).toContain(`\`${name}\``);
  });
});

describe('alerts', () => {
  it('each link to a section of docs/runbooks.md, and each section has its alert', () => {
    const text = readFileSync(join(ROOT, 'docs/runbooks.md'), 'utf8');
    const sections = [...text.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    const source = readFileSync(join(ROOT, 'src/health-monitoring/alerts.ts'), 'utf8');
    const others = readFileSync(join(ROOT, 'src/health-monitoring/service-level.ts'), 'utf8');
    const servers = readFileSync(join(ROOT, 'src/health-monitoring/server-alerts.ts'), 'utf8');
    const asked = readFileSync(join(ROOT, 'src/health-monitoring/synthetic-check.ts'), 'utf8');
    const named = [...(source + others + servers + asked).matchAll(/name: '(Django\w+)'/g)].map(
      ([, name]) => name,
    );
    expect(sections.sort()).toEqual(named.sort());
    for (const { alert, annotations } of rulesOf((chart) => health(chart)).filter((rule) => rule.alert)) {
      expect(annotations.runbook_url).toBe(
        `https://github.com/cdk8s-django/cdk8s-django/blob/main/docs/runbooks.md#${alert.toLowerCase()}`,
      );
      expect(sections).toContain(alert);
    }
  });

  it('are in an object that the operator of the platform selects', () => {
    const monitoring = new PrometheusOperator({ labels: { release: 'prometheus' } });
    const manifests = synth((chart) => health(chart), Distribution.upstream({ monitoring }));
    expect(find(manifests, 'PrometheusRule', 'polls').metadata.labels.release).toBe('prometheus');
  });
});

describe('rules of a program', () => {
  const ALERT: AlertProps = { expression: 'shop_orders == 0', summary: 'Nobody orders' };

  it('are in the same object, whether there is a service level or not', () => {
    const added = (one: HealthMonitoring) => {
      one.addRecordingRule('job:shop_orders:rate5m', { expression: '1', labels: { team: 'shop' } });
      one.addAlert('Stopped', { ...ALERT, pending: Duration.hours(36), severity: AlertSeverity.CRITICAL });
    };
    const expected = [
      { record: 'job:shop_orders:rate5m', expr: '1', labels: { team: 'shop' } },
      {
        alert: 'Stopped',
        expr: 'shop_orders == 0',
        for: '36h',
        labels: { severity: 'critical' },
        annotations: { summary: 'Nobody orders' },
      },
    ];
    for (const props of [{}, { metrics: {}, slo: SLO }]) {
      expect(rulesOf((chart) => added(health(chart, props))).slice(-2)).toEqual(expected);
    }
  });

  it.each([
    [Duration.minutes(90), '90m'],
    [Duration.days(2), '48h'],
    [Duration.seconds(90), '90s'],
    [Duration.days(365), '8760h'],
  ])('wait for a time that each platform reads: %s', (pending, text) => {
    const [rule] = rulesOf((chart) => health(chart, {}).addAlert('Stopped', { ...ALERT, pending }));
    expect(rule.for).toBe(text);
  });

  const ALERTS: [string, Partial<AlertProps>, string][] = [
    ['shop.orders', {}, 'alert "shop.orders" is not the name of an alert. Use letters, digits and "_"'],
    ['A', { expression: ' ' }, 'A.expression " " is not a query. Give a query in PromQL'],
    ['A', { summary: '' }, 'A.summary "" is not one line of text. Say in one line what is wrong'],
    [
      'A',
      { runbookUrl: 'wiki' },
      'A.runbookUrl "wiki" is not the address of a page. Give one that begins with https://',
    ],
    ['A', { pending: Duration.millis(1500) }, 'A.pending 1.5 is not a whole number of seconds from 1 on'],
    ['A', { labels: { 'a.b': 'c' } }, 'A.labels "a.b" is not the name of a label in Prometheus'],
    ['A', { labels: { severity: 'c' } }, 'A.labels "severity" is set by the rule itself'],
    [
      'DjangoRolloutStuck',
      {},
      'alert "DjangoRolloutStuck" is the name of another rule. Give each rule a name of its own',
    ],
  ];
  it.each(ALERTS)('are refused: %s with %j', (name, changes, message) => {
    expect(errorOf((chart) => health(chart).addAlert(name, { ...ALERT, ...changes }))).toContain(message);
  });

  const RECORDS: [string, Partial<RecordingRuleProps>, string][] = [
    // GMP refuses dots, which the Prometheus operator lets in.
    ['job:shop.orders:rate5m', {}, 'record "job:shop.orders:rate5m" is not a name that every platform takes'],
    ['shop_orders', {}, 'record "shop_orders" is not a name that every platform takes for a recording rule'],
    ['a:b:c', { labels: { __name__: 'x' } }, 'a:b:c.labels "__name__" is set by the rule itself'],
    ['a:b:c', { labels: { __a: 'x' } }, 'a:b:c.labels "__a" is not the name of a label'],
  ];
  it.each(RECORDS)('are refused: %s with %j', (name, changes, message) => {
    const add = (chart: Chart) => health(chart).addRecordingRule(name, { expression: 'a', ...changes });
    expect(errorOf(add)).toContain(message);
  });
});

describe('on AKS', () => {
  const output = outputDirectory();
  const template = (define: (chart: Chart) => void) => {
    synthesize([sample('aks')], (app) => define(new Chart(app, 'polls', { namespace: 'polls' })));
    const file = join(output(), 'aks/azure-rules.txt');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  };

  it('rules are a template beside the manifests, and there is none without rules', () => {
    expect(template((chart) => health(chart, { metrics: {} }))).toBeUndefined();
    const { resources, parameters } = template((chart) => health(chart));
    expect(Object.keys(parameters)).toEqual(['workspaceId', 'clusterName', 'location', 'actionGroupIds']);
    for (const { type, properties } of resources) {
      expect(type).toBe('Microsoft.AlertsManagement/prometheusRuleGroups');
      expect(properties.interval).toBe('PT1M');
      expect(properties.rules.length).toBeLessThanOrEqual(20);
    }
    const rules = resources.flatMap(({ properties }: any) => properties.rules);
    const stuck = rules.find(({ alert }: any) => alert === 'DjangoRolloutStuck');
    expect([stuck.for, stuck.severity, stuck.labels]).toEqual(['PT5M', 2, { severity: 'warning' }]);
  });

  it('more than 20 rules are several groups, and texts are no functions of the template', () => {
    const { resources } = template((chart) => {
      const one = health(chart, {});
      for (let number = 0; number < 45; number += 1) {
        one.addAlert(`Own${number}`, { expression: 'a', summary: '[concat()]' });
      }
    });
    expect(resources.map(({ properties }: any) => properties.rules.length)).toEqual([20, 20, 5]);
    const names = ['own', 'own-2', 'own-3'];
    expect(resources.map(({ name }: any) => name)).toEqual(
      names.map((name) => `[concat(parameters('clusterName'), '-polls-polls-${name}')]`),
    );
    expect(resources[0].properties.rules[0].annotations.summary).toBe('[[concat()]');
  });

  it('each group has a name of its own, also where namespace and application have the same letters together', () => {
    synthesize([sample('aks')], (app) => {
      for (const [namespace, name] of [
        ['a', 'b-c'],
        ['a-b', 'c'],
      ]) {
        health(new Chart(app, namespace, { namespace }), { metrics: {}, slo: SLO }, name);
      }
    });
    const { resources } = JSON.parse(readFileSync(join(output(), 'aks/azure-rules.txt'), 'utf8'));
    const names = resources.map(({ name }: any) => name);
    expect(names).toHaveLength(new Set(names).size);
    expect(names).toContain("[concat(parameters('clusterName'), '-a-b-c-health-2')]");
  });

  it('there is no resource of them', () => {
    expect(health(chartOn(sample('aks'))).rules).toBeUndefined();
    expect(health(chartOn()).rules?.kind).toBe('PrometheusRule');
  });
});
