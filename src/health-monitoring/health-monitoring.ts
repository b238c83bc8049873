import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { Probes } from '../django-app/probes';
import { disruptionBudget } from '../kubernetes/disruption-budgets';
import { checkSeconds } from '../kubernetes/durations';
import { resourceLabels, selectorLabels } from '../kubernetes/labels';
import { checkSameNamespace } from '../kubernetes/namespaces';
import { checkPath } from '../kubernetes/paths';
import { Resource } from '../kubernetes/resource';
import { distributionOf } from '../platform/binding';

/** Where an application shows its metrics. */
export interface Metrics {
  /**
   * Path of the metrics, on the port of the application. It answers to the cluster alone.
   *
   * @default /metrics
   */
  readonly path?: string;

  /**
   * Time between two scrapes, in whole seconds.
   *
   * @default Duration.seconds(30)
   */
  readonly interval?: Duration;
}

/** How an application's health is watched. */
export interface HealthMonitoringProps extends Probes {
  /** The application. */
  readonly app: IDjangoApp;

  /**
   * The metrics that the application shows in Prometheus' format, to have them scraped.
   *
   * @default - the application shows none
   */
  readonly metrics?: Metrics;
}

/**
 * How an application's health is watched: its probes, the budget that a drain of nodes keeps to, and the scraping of
 * its metrics.
 *
 * It makes a PodDisruptionBudget when more than one replica may run. With `metrics` it makes a PodMonitoring
 * on GKE, a ServiceMonitor of Azure's group on AKS, and a ServiceMonitor of the Prometheus operator on EKS, OpenShift
 * and upstream.
 *
 * Throws when a path, threshold or interval is not a valid one.
 *
 * @example
 * const polls = new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 * });
 * new HealthMonitoring(this, 'Health', {
 *   app: polls,
 *   startup: { failureThreshold: 120 },
 *   metrics: { path: '/metrics' },
 * });
 */
export class HealthMonitoring extends Construct {
  /** The budget, when more than one replica may run. */
  readonly disruptionBudget?: Resource;

  /** The resource that has the metrics scraped, with `metrics`. */
  readonly scrape?: Resource;

  constructor(scope: Construct, id: string, props: HealthMonitoringProps) {
    super(scope, id);
    const { app, metrics, startup, readiness, liveness } = props;
    checkSameNamespace(this, 'app', app);
    const labels = resourceLabels(app.selector);
    app.changeProbes({ startup, readiness, liveness });
    if (app.maxReplicas > 1) {
      this.disruptionBudget = disruptionBudget(this, 'DisruptionBudget', app.name, app.selector);
    }
    if (metrics) this.scrape = this.scrapeOf(app, labels, metrics);
  }

  private scrapeOf(app: IDjangoApp, labels: Record<string, string>, metrics: Metrics): Resource {
    const path = checkPath(this, 'metrics.path', metrics.path ?? '/metrics');
    const interval = metrics.interval ?? Duration.seconds(30);
    checkSeconds(this, 'metrics.interval', interval);
    app.addMetricsPath(path);
    return distributionOf(this).monitoring.scrape(this, {
      name: app.name,
      labels,
      selectorLabels: selectorLabels(app.selector),
      portName: app.portName,
      path,
      interval,
    });
  }
}
