import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { Distribution, HealthMonitoring, IDistribution, Resource } from 'cdk8s-django';
import {
  GrafanaOperatorDashboards,
  OpenShiftConsoleDashboards,
  SidecarDashboards,
} from 'cdk8s-django/dashboards';
import { DashboardRequest, IDashboards } from 'cdk8s-django/platform';
import { Construct } from 'constructs';
import { grafanaPanels, watchedFully } from '../../support/dashboards';
import { sample } from '../../support/distributions';
import { django, errorOf, find, synth } from '../../support/synth';

const watched = (chart: Chart) =>
  new HealthMonitoring(chart, 'Health', { app: django(chart), metrics: {}, dashboard: true });
const withDashboards = (dashboards: IDashboards): IDistribution =>
  Distribution.custom(sample('upstream'), { dashboards });

describe('SidecarDashboards', () => {
  it('makes a ConfigMap with the label of the charts, whose file has a name of its own among all namespaces', () => {
    const { metadata, data } = find(synth(watched), 'ConfigMap', 'polls-dashboard');
    expect(metadata.labels.grafana_dashboard).toBe('1');
    expect(metadata.namespace).toBe('polls');
    expect(Object.keys(data)).toEqual(['polls.polls.json']);
  });

  it('takes other labels, and refuses what is no label', () => {
    const labels = (own: Record<string, string>) => withDashboards(new SidecarDashboards({ labels: own }));
    const { metadata } = find(synth(watched, labels({ team: 'shop' })), 'ConfigMap', 'polls-dashboard');
    expect(metadata.labels).toMatchObject({ team: 'shop', 'app.kubernetes.io/instance': 'polls' });
    expect(metadata.labels).not.toHaveProperty('grafana_dashboard');
    expect(errorOf(watched, labels({ 'a b': 'c' }))).toContain('dashboards.labels');
  });
});

describe('GrafanaOperatorDashboards', () => {
  const made = (props?: ConstructorParameters<typeof GrafanaOperatorDashboards>[0]) =>
    find(synth(watched, withDashboards(new GrafanaOperatorDashboards(props))), 'GrafanaDashboard', 'polls');

  it('makes a GrafanaDashboard for each Grafana with the label of the operator, in any namespace', () => {
    const { apiVersion, spec } = made();
    expect(apiVersion).toBe('grafana.integreatly.org/v1beta1');
    const { json, ...rest } = spec;
    expect(rest).toEqual({
      instanceSelector: { matchLabels: { dashboards: 'grafana' } },
      allowCrossNamespaceImport: true,
    });
    expect(Object.keys(grafanaPanels(json))).toEqual(['Requests', 'Saturation and releases']);
  });

  it('takes other labels and a folder, and refuses what is no label', () => {
    expect(made({ grafanaLabels: { team: 'shop' }, folder: 'Django' }).spec).toMatchObject({
      instanceSelector: { matchLabels: { team: 'shop' } },
      folder: 'Django',
    });
    const wrong = new GrafanaOperatorDashboards({ grafanaLabels: { 'a b': 'c' } });
    expect(errorOf(watched, withDashboards(wrong))).toContain('dashboards.grafanaLabels');
  });
});

describe('OpenShiftConsoleDashboards', () => {
  it('makes a ConfigMap where the console looks, of the panels that it shows', () => {
    const made = synth((chart) => watchedFully(chart), withDashboards(new OpenShiftConsoleDashboards()));
    const { metadata, data } = find(made, 'ConfigMap', 'dashboard-polls.polls');
    expect(metadata.namespace).toBe('openshift-config-managed');
    expect(metadata.labels).toMatchObject({
      'console.openshift.io/dashboard': 'true',
      'console.openshift.io/odc-dashboard': 'true',
    });
    const { rows } = JSON.parse(Object.values<string>(data)[0]);
    const panels = rows.flatMap((row: any) => row.panels);
    expect(new Set(panels.map(({ type }: any) => type))).toEqual(new Set(['graph', 'singlestat']));
    expect(new Set(panels.map(({ id }: any) => id)).size).toBe(panels.length);
  });

  it('tells applications of two namespaces apart whose names together are the same', () => {
    const name = (namespace: string, app: string) =>
      synth(
        (chart) =>
          new HealthMonitoring(chart, 'Health', {
            app: django(chart, { name: app }),
            metrics: {},
            dashboard: true,
          }),
        sample('openshift'),
        { namespace },
      ).find(({ metadata }) => metadata.namespace === 'openshift-config-managed').metadata.name;
    expect(name('a-b', 'c')).not.toBe(name('a', 'b-c'));
  });
});

test('dashboards that are written outside the library are asked', () => {
  class Titles implements IDashboards {
    dashboard(scope: Construct, { name, namespace, source }: DashboardRequest): Resource {
      return new Resource(scope, 'Titles', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${name}-titles` },
        data: {
          [namespace]: source
            .dashboard()
            .sections.map(({ title }) => title)
            .join(),
        },
      } as any);
    }
  }
  const { data } = find(synth(watched, withDashboards(new Titles())), 'ConfigMap', 'polls-titles');
  expect(data).toEqual({ polls: 'Requests,Saturation and releases' });
});

test("Grafana's SDK is not loaded before a dashboard is made", () => {
  const script = `
    const { DjangoApp, HealthMonitoring, Distribution } = require('./src');
    require('./src/entry/dashboards');
    const { manifestsFor } = require('./src/testing');
    const { Chart } = require('cdk8s');
    const loaded = () => Object.keys(require.cache).some((name) => name.includes('grafana-foundation-sdk'));
    const make = (dashboard) => manifestsFor(Distribution.upstream(), (root) => {
      const chart = new Chart(root, 'polls', { namespace: 'polls' });
      const app = new DjangoApp(chart, 'Polls', { name: 'polls', image: 'r.example.com/p:1', settingsModule: 'a.b' });
      new HealthMonitoring(chart, 'Health', { app, metrics: {}, dashboard });
    });
    make(false);
    const before = loaded();
    make(true);
    console.log(before, loaded());`;
  // The sources, because tests run without a build.
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['-r', 'ts-node/register/transpile-only', '-e', script],
    {
      cwd: join(__dirname, '../../..'),
      encoding: 'utf8',
    },
  );
  expect(stdout + stderr).toBe('false true\n');
});
