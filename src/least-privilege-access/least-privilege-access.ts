import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { checkEgressTarget } from '../django-app/egress-checks';
import { EgressTarget } from '../django-app/egress-target';
import { PodKind } from '../django-app/pod-kinds';
import * as k8s from '../kubernetes/api';
import { InvalidInputError, Problem } from '../kubernetes/errors';
import { resourceLabels } from '../kubernetes/labels';
import { dnsTraffic, networkPolicy } from '../workloads/network-policies';
import { checkSameNamespace, namespaceOf } from '../kubernetes/namespaces';
import { checkSources } from '../kubernetes/peers';
import { addProblems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { breakGlass, BreakGlassAccess } from './break-glass';
import { deployerRoles } from './deployer';
import { boundRole, checkGroups, groupSubjects, OPERATOR_RULES, VIEWER_RULES } from './roles';
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
   * - scrapes (PodMonitoring, PodMonitor, ServiceMonitor).
   *
   * Secrets, ServiceAccounts and Roles are not among these. A Role is for the whole namespace, so the members may look
   * at other applications in it too.
   *
   * @default - none, and no Role if there are no `operators` either
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
   * Groups whose members may enter the pods in an emergency. They take the right themselves, by a token that ends:
   * `kubectl create token NAME-break-glass --duration=1h`. A ValidatingAdmissionPolicy has the API server refuse a
   * token that lasts longer, and one that a pod or a Secret would keep. A session that is open when the token ends goes
   * on. An administrator of the cluster applies the policy.
   *
   * @default - nobody
   */
  readonly breakGlass?: BreakGlassAccess;

  /**
   * Groups whose members apply the manifests, such as a pipeline. In the namespace they may get, list, watch, create,
   * patch and delete exactly the kinds that the program emits. Secrets they may create, and get and patch by name; they
   * may not delete volume claims. What has no namespace they may only get, by name.
   *
   * They can give others by Roles what they have themselves and no more. An administrator applies the manifests first,
   * and again when a kind or a right is new. Those who apply pods can have them read each Secret of the namespace.
   *
   * @default - none, and no Role
   */
  readonly deployers?: string[];

  /**
   * What may connect to the application's pods, in addition to the router.
   *
   * @default - nothing
   */
  readonly ingress?: Traffic[];

  /**
   * What the application's pods may connect to, in addition to what they need as described: for example a mail server,
   * an API or another application. `allowEgressTo` of the application says the same of some of its pods. What they need is the name server, their database, their Redis servers, and the endpoints of their
   * identity and of their bucket.
   *
   * @default - nothing more
   */
  readonly egress?: EgressTarget[];
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
 * - a Role with its RoleBinding for `viewers` and `operators`, who may look, and another one for `operators` alone.
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
 *   egress: [EgressTarget.addresses(['203.0.113.25/32'], [{ port: 587 }])],
 * });
 */
export class LeastPrivilegeAccess extends Construct {
  /** The Namespace of the chart. */
  readonly namespace: Resource;

  /** The policy of the application's replicas. */
  readonly networkPolicy: Resource;

  /**
   * The policy of the application's Jobs, migrations and commands, and of its workers: nobody connects to them but what
   * scrapes the workers' metrics.
   */
  readonly jobNetworkPolicy: Resource;

  /** The Role of `viewers`, and of `operators` too. */
  readonly viewerRole?: Resource;

  /** The binding of that Role. */
  readonly viewerRoleBinding?: Resource;

  /** The further Role of `operators`: it has what they may do beside looking. */
  readonly operatorRole?: Resource;

  /** The binding of that Role. */
  readonly operatorRoleBinding?: Resource;

  /** The ServiceAccount whose tokens the groups of `breakGlass` take. */
  readonly breakGlassServiceAccount?: Resource;

  /** What the API server refuses of these tokens. */
  readonly breakGlassPolicy?: Resource;

  /** The Role of `deployers` in the namespace. */
  readonly deployerRole?: Resource;

  /** The ClusterRole of `deployers`: to get what has no namespace. */
  readonly deployerClusterRole?: Resource;

  private readonly props: LeastPrivilegeAccessProps;

  constructor(scope: Construct, id: string, props: LeastPrivilegeAccessProps) {
    super(scope, id);
    this.props = props;
    const { app, viewers = [], operators = [], deployers = [] } = props;
    checkSameNamespace(this, 'app', app);
    checkGroups(this, 'viewers', viewers);
    checkGroups(this, 'operators', operators);
    checkGroups(this, 'deployers', deployers);
    checkTraffic(this, 'ingress', props.ingress ?? []);
    this.allowEgress();

    this.namespace = this.findOrMakeNamespace();
    this.networkPolicy = networkPolicy(this, 'NetworkPolicy', {
      name: app.name,
      selector: app.selector,
      allowed: () => ({
        ingress: [
          ...this.routerTraffic(),
          ...this.scraperTraffic(app.metricsPorts),
          ...app.callers.traffic,
          ...(props.ingress ?? []),
        ],
        egress: this.appEgress([PodKind.WEB]),
      }),
    });
    this.jobNetworkPolicy = networkPolicy(this, 'JobNetworkPolicy', {
      name: `${app.name}-jobs`,
      selector: app.migrationSelector,
      otherComponents: () => [app.commandSelector, ...app.workerSelectors].map(({ component }) => component),
      allowed: () => ({
        ingress: this.scraperTraffic(app.metricsPorts.filter((port) => port !== app.port)),
        egress: [...this.appEgress([PodKind.WORKERS, PodKind.JOBS]), ...app.migrationTraffic],
      }),
    });
    app.database?.restrictNetwork();
    for (const server of app.redisServers) server.restrictNetwork();
    app.restrictNetwork();
    addProblems(this, () => this.checkSources());

    const labels = resourceLabels(app.selector);
    const lookers = [...new Set([...viewers, ...operators])];
    if (lookers.length) {
      const metadata = { name: `${app.name}-viewer`, labels };
      const { role, roleBinding } = boundRole(this, 'Viewer', metadata, VIEWER_RULES, groupSubjects(lookers));
      this.viewerRole = role;
      this.viewerRoleBinding = roleBinding;
    }
    if (operators.length) {
      const metadata = { name: `${app.name}-operator`, labels };
      const { role, roleBinding } = boundRole(
        this,
        'Operator',
        metadata,
        OPERATOR_RULES,
        groupSubjects(operators),
      );
      this.operatorRole = role;
      this.operatorRoleBinding = roleBinding;
    }
    if (props.breakGlass) {
      const { serviceAccount, policy } = breakGlass(this, `${app.name}-break-glass`, props.breakGlass);
      this.breakGlassServiceAccount = serviceAccount;
      this.breakGlassPolicy = policy;
    }
    if (deployers.length) {
      const { role, clusterRole } = deployerRoles(this, { name: `${app.name}-deployer`, labels }, deployers);
      this.deployerRole = role;
      this.deployerClusterRole = clusterRole;
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

  private allowEgress(): void {
    const { app, egress = [] } = this.props;
    for (const target of egress) {
      checkEgressTarget(this, 'egress', target);
      app.allowEgressTo(target);
    }
  }

  private appEgress(kinds: PodKind[]): Traffic[] {
    const { app } = this.props;
    return [...dnsTraffic(this), ...app.backendTraffic, ...app.allowedEgress(kinds)];
  }

  private routerTraffic(): Traffic[] {
    const { app } = this.props;
    if (!app.isPublic) return [];
    const sources = distributionOf(this).routing.sources(this);
    checkSources(this, 'routing.sources', sources);
    return [{ peers: sources, ports: [{ port: app.port }] }];
  }

  private scraperTraffic(ports: number[]): Traffic[] {
    if (ports.length === 0) return [];
    const { metricsSources } = distributionOf(this).network;
    checkSources(this, 'network.metricsSources', metricsSources);
    return [{ peers: metricsSources, ports: ports.map((port) => ({ port })) }];
  }

  /** The same error as at synth, among the other validation errors. */
  private checkSources(): Problem[] {
    try {
      this.routerTraffic();
      this.scraperTraffic(this.props.app.metricsPorts);
      return [];
    } catch (error) {
      return [(error as InvalidInputError).problem];
    }
  }
}
