import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { METRICS_PATH, METRICS_PORT_NAME } from '../django-app/metrics';
import { Telemetry } from '../django-app/telemetry-props';
import { Probes } from '../django-app/probes';
import { disruptionBudget } from '../kubernetes/disruption-budgets';
import { checkSeconds } from '../kubernetes/durations';
import { InvalidInputError } from '../kubernetes/errors';
import { instanceLabels, resourceLabels, selectorLabels } from '../kubernetes/labels';
import { checkSameNamespace, namespaceOf } from '../kubernetes/namespaces';
import { checkPath } from '../kubernetes/paths';
import { addProblems, Problems } from '../kubernetes/problems';
import { IResource, Resource } from '../kubernetes/resource';
import { distributionOf } from '../platform/binding';
import { ApplicationDashboard } from './dashboard';
import { alertingRule, AlertProps, namesTwice, recordingRule, RecordingRuleProps } from './own-rules';
import { ApplicationRules } from './rules';
import { scrapeOfServer, serversOf } from './servers';
import { SyntheticCheck, syntheticCheck } from './synthetic-check';
import { checkServiceLevel, ServiceLevel } from './service-level';

/** Which metrics are scraped, and how often. */
export interface Metrics {
  /**
   * Path of metrics that the application shows itself, on its own port. It answers to the cluster alone.
   *
   * @default - the library's metrics, for which the application needs nothing, on a port of their own
   */
  readonly path?: string;

  /**
   * Time between two scrapes, in whole seconds.
   *
   * @default Duration.seconds(30)
   */
  readonly interval?: Duration;
}

const DEFAULT_INTERVAL = Duration.seconds(30);

/** How an application's health is watched. */
export interface HealthMonitoringProps extends Probes {
  /** The application. */
  readonly app: IDjangoApp;

  /**
   * The metrics that Prometheus scrapes: `{}` for those of the library, `{ path: '/metrics' }` for the application's own.
   * The cluster needs the collector of its platform: its resource is not known to a cluster without it.
   *
   * @default - nothing is counted, and nothing is scraped
   */
  readonly metrics?: Metrics;

  /**
   * Where traces of requests, queries and tasks are sent: `{ endpoint: 'https://otlp.example.com' }`. The packages of
   * OpenTelemetry are the image's: what it lacks is named in the log, and an application that sets up OpenTelemetry
   * itself is left alone.
   *
   * @default - nothing is traced
   */
  readonly telemetry?: Telemetry;

  /**
   * What the application promises its users: `{ availability: 0.999 }`. It makes recording rules, alerts that tell when
   * the budget of errors burns too fast, and alerts of the application's health: `docs/runbooks.md` lists them. They
   * read what `metrics: {}` counts, and what kube-state-metrics and cert-manager show where they are.
   *
   * @default - no rules but those of `addAlert` and `addRecordingRule`
   */
  readonly slo?: ServiceLevel;

  /**
   * Whether a dashboard shows the application: requests, errors, duration, saturation and releases. It shows its
   * database, its cache, its tasks and its error budgets where it has them. It reads what `metrics: {}` counts.
   *
   * @default false
   */
  readonly dashboard?: boolean;

  /**
   * Has a blackbox exporter ask for a page of the public host each minute, as users do:
   * `{ prober: 'blackbox-exporter.monitoring:9115' }`. With `slo` there is an alert. It needs a Prometheus operator, and
   * throws on GKE and AKS, whose own collectors have no such resource.
   *
   * @default - nobody asks
   */
  readonly syntheticCheck?: SyntheticCheck;
}

/**
 * How an application's health is watched: its probes, the budget that a drain of nodes keeps to, and the scraping of
 * its metrics.
 *
 * It makes a PodDisruptionBudget when more than one replica may run. With `metrics` it makes a PodMonitoring
 * on GKE, a PodMonitor of Azure's group on AKS, and a PodMonitor of the Prometheus operator on EKS, OpenShift
 * and upstream. For metrics of the application's own it is a ServiceMonitor in place of a PodMonitor. It makes another
 * one for each server of the application that has `metrics` itself: PostgresBackend, PgBouncer and ValkeyBackend.
 *
 * With `slo`, `addAlert` or `addRecordingRule` it makes Rules on GKE, and a PrometheusRule on EKS, OpenShift and
 * upstream. Azure evaluates rules outside the cluster: on AKS `synthesize` writes them to `azure-rules.txt`.
 *
 * With `dashboard` it makes a ConfigMap: on EKS, AKS and upstream for the sidecar of Grafana, on OpenShift for the
 * console. On GKE `synthesize` writes a file for Google Cloud Monitoring. `dashboards` of the distribution changes it.
 *
 * With `syntheticCheck` it makes a Probe of the Prometheus operator on EKS, OpenShift and upstream.
 * With `telemetry` the pods of the application get variables of OpenTelemetry, on every distribution.
 *
 * Throws when:
 *
 * - a path, threshold, share or interval is not a valid one;
 * - a service level or a dashboard is asked for without the library's metrics, or in a chart without a namespace;
 * - a dashboard is asked for, and the distribution has no `dashboards`;
 * - a page is to be asked for, and the platform has no Probe, or the application has no route, which synth finds;
 * - the endpoint, the headers or the ratio of `telemetry` is not valid, or the settings overlay is off;
 * - `telemetry` has no `target`, LeastPrivilegeAccess restricts the network, and policies cannot be made of the
 *   endpoint, which synth finds;
 * - the library's metrics are asked for, and the settings overlay is off, or another container has their port.
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
 *   metrics: {},
 * });
 */
export class HealthMonitoring extends Construct {
  /** The budget, when more than one replica may run. */
  readonly disruptionBudget?: Resource;

  /** The resource that has the metrics scraped, with `metrics`. */
  readonly scrape?: Resource;

  /** The resources that have servers of the application scraped which show their metrics, with `metrics`. */
  readonly serverScrapes: IResource[] = [];

  /** The resource that has a public page asked for, with `syntheticCheck`. */
  readonly probe?: IResource;

  /** The resource of the dashboard, with `dashboard`; none on GKE. */
  readonly dashboard?: Resource;

  private readonly app: IDjangoApp;
  private readonly applicationRules: ApplicationRules;
  private ruleResource?: Resource;
  private hasRules = false;

  constructor(scope: Construct, id: string, props: HealthMonitoringProps) {
    super(scope, id);
    const { app, metrics, telemetry, slo, dashboard, startup, readiness, liveness } = props;
    checkSameNamespace(this, 'app', app);
    app.changeProbes({ startup, readiness, liveness });
    if (app.maxReplicas > 1) {
      this.disruptionBudget = disruptionBudget(this, 'DisruptionBudget', app.name, app.selector);
    }
    if (metrics) {
      const { interval = DEFAULT_INTERVAL } = metrics;
      this.scrape = this.scrapeOf(app, metrics);
      this.serverScrapes = serversOf(app).map((server) => scrapeOfServer(server, interval));
    }
    if (telemetry) app.addTelemetry(telemetry);
    if (slo) this.checkSlo(slo, metrics);
    if (dashboard) this.dashboard = this.dashboardOf(app, metrics, slo);
    this.app = app;
    if (props.syntheticCheck) this.probe = syntheticCheck(this, app, props.syntheticCheck);
    this.applicationRules = new ApplicationRules(app, slo, props.syntheticCheck !== undefined);
    if (slo) this.makeRules();
  }

  /** The resource of the rules; none when there are no rules, and on AKS. */
  get rules(): Resource | undefined {
    return this.ruleResource;
  }

  /**
   * Adds an alert to the rules.
   *
   * Throws when:
   *
   * - its name, its summary, the name of a label, `pending` or `runbookUrl` is not one that every platform takes;
   * - another alert has its name.
   *
   * @param name - such as `ShopOrdersStopped`
   * @param props - what it asks, and what it says
   *
   * @example
   * const health = new HealthMonitoring(this, 'Health', { app, metrics: {} });
   * health.addAlert('ShopOrdersStopped', {
   *   expression: 'sum(increase(shop_orders_total[1h])) == 0',
   *   pending: Duration.minutes(15),
   *   severity: AlertSeverity.CRITICAL,
   *   summary: 'Nobody has ordered for an hour',
   * });
   */
  addAlert(name: string, props: AlertProps): void {
    this.applicationRules.alertingRules.push(alertingRule(this, name, props));
    this.makeRules();
  }

  /**
   * Adds a recording rule to the rules.
   *
   * Throws when:
   *
   * - its name is not `level:metric:operations`, or the name of a label is not a valid one;
   * - another rule has its name.
   *
   * @param name - such as `job:shop_orders:rate5m`
   * @param props - what it asks
   */
  addRecordingRule(name: string, props: RecordingRuleProps): void {
    this.applicationRules.recordingRules.push(recordingRule(this, name, props));
    this.makeRules();
  }

  private checkSlo(slo: ServiceLevel, metrics: Metrics | undefined): void {
    namespaceOf(this, 'is needed: the rules of a service level tell applications apart by it');
    checkServiceLevel(this, slo);
    this.checkMetrics(metrics, "slo nothing to read: its rules are made of the library's metrics");
  }

  private checkMetrics(metrics: Metrics | undefined, what: string): void {
    if (metrics && metrics.path === undefined) return;
    Problems.report(this, {
      property: 'metrics',
      value: metrics?.path,
      reason: `leaves ${what}`,
      remedy: 'Give metrics: {}, without a path',
    });
  }

  private dashboardOf(app: IDjangoApp, metrics?: Metrics, slo?: ServiceLevel): Resource | undefined {
    this.checkMetrics(metrics, "dashboard nothing to show: its panels are made of the library's metrics");
    const { name, dashboards } = distributionOf(this);
    if (!dashboards) {
      throw new InvalidInputError(this, {
        property: 'dashboard',
        value: true,
        reason: `has no place: nothing shows dashboards on ${name}`,
        remedy: 'Give the distribution dashboards, such as new SidecarDashboards()',
      });
    }
    return dashboards.dashboard(this, {
      name: app.name,
      namespace: namespaceOf(this, 'is needed: a dashboard tells applications apart by it'),
      labels: resourceLabels(app.selector),
      source: new ApplicationDashboard(app, metrics?.interval ?? DEFAULT_INTERVAL, slo),
    });
  }

  private makeRules(): void {
    const { app } = this;
    if (this.hasRules) return;
    this.hasRules = true;
    // At synth, when all rules of the library are known too.
    addProblems(this, () => namesTwice(this.applicationRules.ruleGroups()));
    this.ruleResource = distributionOf(this).monitoring.rules(this, {
      name: app.name,
      labels: resourceLabels(app.selector),
      source: this.applicationRules,
    });
  }

  private scrapeOf(app: IDjangoApp, { path, interval = DEFAULT_INTERVAL }: Metrics): Resource {
    checkSeconds(this, 'metrics.interval', interval);
    return distributionOf(this).monitoring.scrape(this, {
      name: app.name,
      labels: resourceLabels(app.selector),
      interval,
      ...(path === undefined ? this.metricsOfLibrary(app) : this.metricsOfApplication(app, path)),
    });
  }

  private metricsOfApplication(app: IDjangoApp, path: string) {
    app.addMetricsPath(checkPath(this, 'metrics.path', path));
    return { selectorLabels: selectorLabels(app.selector), portName: app.portName, path };
  }

  /** All pods of the application, of which those are scraped that have the port: replicas, workers and beat. */
  private metricsOfLibrary(app: IDjangoApp) {
    app.addMetrics();
    const labels = instanceLabels(app.selector);
    return { selectorLabels: labels, portName: METRICS_PORT_NAME, path: METRICS_PATH, podPort: true };
  }
}
