import { Chart, Duration } from 'cdk8s';
import { DjangoApp, HealthMonitoring, HealthMonitoringProps, ValkeyBackend } from 'cdk8s-django';
import { django, postgres } from './synth';

/** An application with each part that a dashboard shows. */
export function watchedFully(chart: Chart, props: Partial<HealthMonitoringProps> = {}): HealthMonitoring {
  const valkey = new ValkeyBackend(chart, 'Valkey', { name: 'polls-valkey', storage: '1Gi' });
  const app: DjangoApp = django(chart, {
    database: postgres(chart),
    cache: valkey.database(0),
    celery: { broker: valkey.database(1) },
  });
  app.addCeleryWorker({ name: 'mail' });
  app.addCeleryBeat();
  return new HealthMonitoring(chart, 'Health', {
    app,
    metrics: {},
    slo: { availability: 0.999, latency: { threshold: Duration.millis(300), ratio: 0.99 } },
    dashboard: true,
    ...props,
  });
}

/** A panel of any platform, in one form. */
export interface Panel {
  readonly title: string;
  readonly queries: string[];
}

/** The panels of each heading of a dashboard of Grafana. */
export function grafanaPanels(json: string): Record<string, Panel[]> {
  const sections: Record<string, Panel[]> = {};
  let heading = '';
  for (const { type, title, targets } of JSON.parse(json).panels) {
    if (type === 'row') sections[(heading = title)] = [];
    else sections[heading].push({ title, queries: targets.map(({ expr }: any) => expr) });
  }
  return sections;
}

/** Those of the console of OpenShift. */
export function consolePanels(json: string): Record<string, Panel[]> {
  return Object.fromEntries(
    JSON.parse(json).rows.map(({ title, panels }: any) => [
      title,
      panels.map((panel: any) => ({
        title: panel.title,
        queries: panel.targets.map(({ expr }: any) => expr),
      })),
    ]),
  );
}

/** Those of Google Cloud Monitoring. */
export function googlePanels(json: string): Record<string, Panel[]> {
  const sections: Record<string, Panel[]> = {};
  let heading = '';
  for (const { widget } of JSON.parse(json).mosaicLayout.tiles) {
    const { title, sectionHeader, scorecard, xyChart } = widget;
    if (sectionHeader) sections[(heading = title)] = [];
    else {
      const sets = scorecard ? [scorecard] : xyChart.dataSets;
      const queries = sets.map(({ timeSeriesQuery }: any) => timeSeriesQuery.prometheusQuery);
      sections[heading].push({ title, queries });
    }
  }
  return sections;
}

/** All queries of the panels. */
export const queriesIn = (sections: Record<string, Panel[]>): string[] =>
  Object.values(sections).flatMap((panels) => panels.flatMap(({ queries }) => queries));
