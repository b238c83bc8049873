import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { PodKind } from '../django-app/pod-kinds';
import * as k8s from '../kubernetes/api';
import { InvalidInputError, Problem } from '../kubernetes/errors';
import { resourceLabels } from '../kubernetes/labels';
import { dnsTraffic, networkPolicy } from '../workloads/network-policies';
import { checkSameNamespace, namespaceOf } from '../kubernetes/namespaces';
import { checkSource } from '../kubernetes/peers';
import { addProblems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { boundRole, checkGroups, OPERATOR_RULES, VIEWER_RULES } from './roles';
import { checkTraffic, Traffic } from '../kubernetes/traffic';
import { distributionOf } from '../platform/binding';

/** Who and what may reach an application, and what it may reach. */
export interface LeastPrivilegeAccessProps {
  /** The application. */
  readonly app: IDjangoApp;

  /**
   * Groups whose members may look (`get`, `list`, `watch`) at these resources of the namespace:
   * - pods and their logs, Services, ConfigMaps, events and volume claims;
   * - Deployments, ReplicaSets, StatefulSets, Jobs and CronJobs;
   * - budgets and network policies;
   * - routes (Ingress, Gateway, HTTPRoute and GKE's policies for them, Route);
   * - autoscalers (HorizontalPodAutoscaler, ScaledObject, VerticalPodAutoscaler);
   * - scrapes (PodMonitoring, ServiceMonitor).
   *
   * Secrets, ServiceAccounts and Roles are not among these. A Role is for the whole namespace, so the members may look
   * at other applications in it too.
   *
   * @default - none, and no Role
   */
  readonly viewers?: string[];

  /**
   * Groups whose members may also restart and scale the application, end its pods and run a failed Job again. They do
   * this by `patch` of Deployments and `delete` of pods and Jobs. They can neither read Secrets nor enter a container
   * by the API. But those who may patch a Deployment may change its command too. They can have a pod print what it
   * reads from the Secrets of the namespace. Make operators only of people whom you trust with these Secrets.
   *
   * @default - none, and no Role
   */
  readonly operators?: string[];

  /**
   * What may connect to the application's pods, in addition to the router.
   *
   * @default - nothing
   */
  readonly ingress?: Traffic[];

  /**
   * What the application's pods may connect to, in addition to what they need as described: for example a mail server
   * or an API. What they need is the name server, their database, their Redis servers, and the endpoints of their
   * identity and of their bucket.
   *
   * @default - nothing more
   */
  readonly egress?: Traffic[];
}

/** Where a chart has the Namespace that its applications share: a chart's own child would not be named so. */
const NAMESPACE_ID = 'RestrictedNamespace';

/** Every namespace of the library enforces what its pods keep to. */
const POD_SECURITY = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/audit': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
};

/**
 * The least that an application and the people around it need.
 *
 * On every distribution it makes:
 * - the Namespace of the chart, which enforces Pod Security `restricted`;
 * - a NetworkPolicy for the replicas, one for Jobs and workers, one for the generated secrets and one for each server
 *   in the cluster, which allow only what these need;
 * - a Role with its RoleBinding for `viewers` and for `operators`.
 *
 * The pods already have ServiceAccounts of their own without API tokens: the constructs that make the pods do this.
 *
 * Throws when:
 * - the chart has no namespace;
 * - a group, port or address range is not valid;
 * - at synth, the application has a route and the distribution does not know from where its router connects;
 * - at synth, the distribution would let everybody in as the router or the scraper.
 *
 * @example
 * const polls = new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 * });
 * new LeastPrivilegeAccess(this, 'Access', {
 *   app: polls,
 *   viewers: ['polls-developers'],
 *   egress: [{ peers: [{ cidr: '203.0.113.25/32' }], ports: [{ port: 587 }] }],
 * });
 */
export class LeastPrivilegeAccess extends Construct {
  /** The Namespace of the chart. */
  readonly namespace: Resource;

  /** The policy of the application's replicas. */
  readonly networkPolicy: Resource;

  /** The policy of the application's Jobs, migrations and commands, and of its workers: nobody connects to them. */
  readonly jobNetworkPolicy: Resource;

  /** The Role of `viewers`. */
  readonly viewerRole?: Resource;

  /** The binding of that Role. */
  readonly viewerRoleBinding?: Resource;

  /** The Role of `operators`. */
  readonly operatorRole?: Resource;

  /** The binding of that Role. */
  readonly operatorRoleBinding?: Resource;

  private readonly props: LeastPrivilegeAccessProps;

  constructor(scope: Construct, id: string, props: LeastPrivilegeAccessProps) {
    super(scope, id);
    this.props = props;
    const { app, viewers = [], operators = [] } = props;
    checkSameNamespace(this, 'app', app);
    checkGroups(this, 'viewers', viewers);
    checkGroups(this, 'operators', operators);
    checkTraffic(this, 'ingress', props.ingress ?? []);
    checkTraffic(this, 'egress', props.egress ?? []);

    this.namespace = this.findOrMakeNamespace();
    this.networkPolicy = networkPolicy(this, 'NetworkPolicy', {
      name: app.name,
      selector: app.selector,
      allowed: () => ({
        ingress: [...this.routerTraffic(), ...this.metricsTraffic(), ...(props.ingress ?? [])],
        egress: this.appEgress([PodKind.WEB]),
      }),
    });
    this.jobNetworkPolicy = networkPolicy(this, 'JobNetworkPolicy', {
      name: `${app.name}-jobs`,
      selector: app.migrationSelector,
      otherComponents: () => [app.commandSelector, ...app.workerSelectors].map(({ component }) => component),
      allowed: () => ({
        ingress: [],
        egress: [...this.appEgress([PodKind.WORKERS, PodKind.JOBS]), ...app.migrationTraffic],
      }),
    });
    app.database?.restrictNetwork();
    for (const server of app.redisServers) server.restrictNetwork();
    app.restrictNetwork();
    addProblems(this, () => this.checkSources());

    const labels = resourceLabels(app.selector);
    if (viewers.length) {
      const metadata = { name: `${app.name}-viewer`, labels };
      const { role, roleBinding } = boundRole(this, 'Viewer', metadata, VIEWER_RULES, viewers);
      this.viewerRole = role;
      this.viewerRoleBinding = roleBinding;
    }
    if (operators.length) {
      const metadata = { name: `${app.name}-operator`, labels };
      const { role, roleBinding } = boundRole(this, 'Operator', metadata, OPERATOR_RULES, operators);
      this.operatorRole = role;
      this.operatorRoleBinding = roleBinding;
    }
  }

  /** The Namespace belongs to the chart: several applications of a chart share it. */
  private findOrMakeNamespace(): Resource {
    const chart = Chart.of(this);
    const existing = chart.node.tryFindChild(NAMESPACE_ID);
    if (existing) return existing as Resource;
    const name = namespaceOf(this, 'of the chart is needed, because its Pod Security is set on it');
    const labels = { ...POD_SECURITY, ...distributionOf(this).routing.namespaceLabels };
    const namespace = new Resource(
      chart,
      NAMESPACE_ID,
      k8s.manifest('Namespace', { metadata: { name, labels } }),
    );
    // It comes first in its file, also before what is added to the chart later.
    chart.node.addDependency(namespace);
    return namespace;
  }

  private appEgress(kinds: PodKind[]): Traffic[] {
    const { app, egress = [] } = this.props;
    return [...dnsTraffic(this), ...app.backendTraffic, ...egress, ...app.addedEgress(kinds)];
  }

  private routerTraffic(): Traffic[] {
    const { app } = this.props;
    if (!app.isPublic) return [];
    const sources = distributionOf(this).routing.sources(this);
    sources.forEach((peer) => checkSource(this, 'routing.sources', peer));
    return [{ peers: sources, ports: [{ port: app.port }] }];
  }

  private metricsTraffic(): Traffic[] {
    const { app } = this.props;
    if (!app.hasMetrics) return [];
    const { metricsSources } = distributionOf(this).network;
    metricsSources.forEach((peer) => checkSource(this, 'network.metricsSources', peer));
    return [{ peers: metricsSources, ports: [{ port: app.port }] }];
  }

  /** The same error as at synth, among the other validation errors. */
  private checkSources(): Problem[] {
    try {
      this.routerTraffic();
      this.metricsTraffic();
      return [];
    } catch (error) {
      return [(error as InvalidInputError).problem];
    }
  }
}
