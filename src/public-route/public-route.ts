import { Duration, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { IDjangoApp } from '../django-app/application';
import { DEFAULT_REQUEST_TIMEOUT } from '../django-app/surroundings';
import { checkSeconds } from '../kubernetes/durations';
import { Problem } from '../kubernetes/errors';
import * as k8s from '../kubernetes/api';
import { resourceLabels, selectorLabels } from '../kubernetes/labels';
import { checkPublicHost, routerHosts } from '../kubernetes/hosts';
import { checkName, checkResourceName, checkUnique } from '../kubernetes/names';
import { checkSameNamespace } from '../kubernetes/namespaces';
import { checkPath } from '../kubernetes/paths';
import { IResource, Resource } from '../kubernetes/resource';
import { addProblems, isRefused, Problems } from '../kubernetes/problems';
import { Canary, checkCanary } from './canary';
import { maintenanceOf } from './maintenance-url';
import { addRoute } from './other-routes';
import { distributionOf } from '../platform/binding';
import { checkFeatures, RouteOptions, RouteRequest } from '../platform/routing';

/** How the public reaches an application. */
export interface PublicRouteProps extends RouteOptions {
  /** The application. */
  readonly app: IDjangoApp;

  /**
   * The public hosts, at least one, as DNS names. The first is the one that probes name.
   *
   * `*.shop.example.com` means all names below a domain, for tenants by sub-domain, and `.shop.example.com`, as Django
   * writes it, the domain too. An Ingress takes one more label for them, a Gateway any number. The certificate has to
   * have `*.shop.example.com`: an issuer of cert-manager makes one by a DNS-01 challenge alone.
   */
  readonly hosts: string[];

  /**
   * How long a request may take, in whole seconds, from 1 to 3600.
   *
   * @default Duration.seconds(30)
   */
  readonly timeout?: Duration;

  /**
   * The paths on the hosts that lead to the application, each with all that is below it. `/polls` means `/polls` itself
   * and `/polls/1`, not `/pollsters`. The application sees them unchanged, except for its `pathPrefix`.
   *
   * @default - the `pathPrefix` of the application, else `/`
   */
  readonly paths?: string[];

  /**
   * Has the router answer every request, instead of the application: with status 503, or a redirect to
   * `maintenanceUrl`. The application goes on running, and its rollouts go on.
   *
   * @default false
   */
  readonly maintenance?: boolean;

  /**
   * URL that visitors are sent to, by status 302, while `maintenance` is on: with scheme and host, without a query.
   *
   * @default - none: they are answered with status 503
   */
  readonly maintenanceUrl?: string;

  /**
   * Another release of the application that gets a share of the requests: a canary with a small one, the second half
   * of a blue-green deployment with 0 or 100. Each request is sent by the weights: a visitor may see both releases in
   * turn. Where a router keeps visitors by a cookie (EKS with `sessionAffinity`, OpenShift unless that is `false`), the
   * weights hold for new ones. `maintenance` answers instead of both.
   *
   * Both must have the same SECRET_KEY, database, cache and bucket of uploaded files.
   *
   * @default - none: the application gets all requests
   */
  readonly canary?: Canary;

  /**
   * Name of the route: a DNS label of at most 40 characters. A second route of an application needs one.
   *
   * @default - the application's
   */
  readonly name?: string;
}

/** A load balancer keeps a connection for at most this long (Application Load Balancer: 4000 s). */
const TIMEOUT_BOUNDS = { atLeast: 1, atMost: 3600 };

/** Unless the program says otherwise: as long as a route may give. */
const DEFAULT_WEBSOCKET_TIMEOUT = Duration.hours(1);

/**
 * The public hosts of an application: TLS, plain HTTP sent to HTTPS, and a limit to the time of a request.
 *
 * The hosts reach ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS and the probes by themselves. It makes, on
 *
 * - GKE: a Gateway and two HTTPRoutes, a HealthCheckPolicy and a GCPBackendPolicy,
 * - EKS: an Ingress for an Application Load Balancer,
 * - AKS: a Gateway with a Namespace of its own, two HTTPRoutes, and the ServiceAccount that reads the certificate from
 *   Key Vault or a ReferenceGrant for its Secret,
 * - OpenShift: a Route for each host and path, with `tlsSecretName` a Role and RoleBinding for the router,
 * - upstream: a Gateway and two HTTPRoutes.
 *
 * With `signIn` and a name that differs from the application's there is a Service of the route. On EKS there are a Role
 * and a RoleBinding by which the controller reads the Secret of the OpenID Connect client. Another `routing` of the
 * distribution makes what its own documentation says. For `maintenance` without `maintenanceUrl` a Service without pods
 * is added where the router itself has no answer to give. For a `canary` there is a second HealthCheckPolicy and
 * GCPBackendPolicy on GKE.
 *
 * Throws when:
 * - there is no host;
 * - a host, path, name, timeout or URL is not valid;
 * - another route of the program has a host and path of this one, or the host where each route has its own address;
 * - `maintenanceUrl` leads back to the route;
 * - the distribution has no certificate to use or cannot use a Secret;
 * - the routing of the distribution has nothing for an option, as its own documentation says;
 * - a canary does not share the state of the application.
 *
 * Throws at synth when:
 * - the health path of the canary differs from the application's;
 * - the load balancer's health check would be refused: on EKS and with GkeIngressRouting, for an application without
 *   the settings overlay and without a readiness path.
 *
 * @example
 * const polls = new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 * });
 * new PublicRoute(this, 'Route', { app: polls, hosts: ['polls.example.com'], tlsSecretName: 'polls-tls' });
 *
 * @example
 * const database = new PostgresBackend(this, 'Database', { name: 'polls-db', storage: '20Gi' });
 * const app = new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 *   database,
 * });
 * const next = new DjangoApp(this, 'Canary', {
 *   name: 'polls-canary',
 *   image: 'registry.example.com/polls:1.5.0',
 *   settingsModule: 'mysite.settings',
 *   database,
 *   secretKey: app.secretKey,
 * });
 * new PublicRoute(this, 'Route', {
 *   app,
 *   hosts: ['polls.example.com'],
 *   tlsSecretName: 'polls-tls',
 *   canary: { app: next, weight: 10 },
 * });
 */
export class PublicRoute extends Construct {
  /** The resources that the distribution makes of it. */
  readonly resources: Resource[];

  /** The public hosts. */
  readonly hosts: string[];

  /** The paths on the hosts that lead to the application. */
  readonly paths: string[];

  constructor(scope: Construct, id: string, props: PublicRouteProps) {
    super(scope, id);
    const { app, hosts, tlsSecretName } = props;
    this.hosts = routerHosts(this.checkHosts(hosts));
    this.paths = this.checkPaths(props.paths ?? [app?.pathPrefix ?? '/']);
    if (!app) {
      Problems.report(this, {
        property: 'app',
        value: app,
        reason: 'is needed',
        remedy: 'Give the DjangoApp that the hosts lead to',
      });
    }
    checkSameNamespace(this, 'app', app);
    const name = checkName(this, 'name', props.name ?? app.name);
    if (tlsSecretName !== undefined) checkResourceName(this, 'tlsSecretName', tlsSecretName);
    const maintenance = maintenanceOf(this, { ...props, hosts: this.hosts }, this.paths);
    const { canary } = props;
    addRoute(this);
    if (canary) checkCanary(this, app, canary);

    const times = this.timesOf(props);
    if (!isRefused(this)) this.tell(canary ? [app, canary.app] : [app], times, props);
    const service = this.serviceOf(props, name);
    const request: RouteRequest = {
      // The RouteOptions: a router gets them as they were given.
      ...props,
      name,
      labels: resourceLabels({ ...app.selector, component: 'route' }),
      hosts: this.hosts,
      paths: this.paths,
      service,
      serviceName: service.name,
      servicePort: app.port,
      servicePortName: app.portName,
      // cdk8s asks for it at synth: HealthMonitoring, which can change it, may be made later.
      healthPath: Lazy.any({ produce: () => app.healthPath }),
      healthCheckHost: Lazy.any({ produce: () => app.probeHost }),
      ...times,
      maintenance,
      canary: canary && {
        serviceName: canary.app.name,
        servicePort: canary.app.port,
        weight: canary.weight,
      },
    };
    const { routing } = distributionOf(this);
    checkFeatures(this, routing, request);
    this.resources = routing.route(this, request);
  }

  /** How long requests and WebSockets may take. */
  private timesOf({ app, canary, timeout = DEFAULT_REQUEST_TIMEOUT, websocketTimeout }: PublicRouteProps) {
    checkSeconds(this, 'timeout', timeout, TIMEOUT_BOUNDS);
    if (websocketTimeout) checkSeconds(this, 'websocketTimeout', websocketTimeout, TIMEOUT_BOUNDS);
    // The canary may serve them where the application does not yet.
    const serves = [app, canary?.app].some((one) => one?.servesWebSockets);
    const ofServer = serves ? DEFAULT_WEBSOCKET_TIMEOUT : undefined;
    return { timeout, websocketTimeout: websocketTimeout ?? ofServer };
  }

  /** Tells the applications of hosts and times, and looks that the router's health check gets its answer. */
  private tell(
    releases: IDjangoApp[],
    { timeout, websocketTimeout }: { timeout: Duration; websocketTimeout?: Duration },
    { signIn }: PublicRouteProps,
  ): void {
    const { idleTimeout, healthCheckNamesHost = true } = distributionOf(this).routing;
    if (idleTimeout) checkSeconds(this, 'routing.idleTimeout', idleTimeout);
    const idleTimes = [idleTimeout, timeout, websocketTimeout].filter((time) => time !== undefined);
    for (const release of releases) {
      this.hosts.forEach((host) => release.addHost(host, { signIn }));
      release.allowRequestTime(timeout);
      idleTimes.forEach((time) => release.keepConnections(time));
    }
    if (!healthCheckNamesHost) {
      addProblems(this, () => releases.flatMap(checkHealthPath));
    }
  }

  /**
   * The Service that the router leads to. Some platforms say for a whole Service whether visitors sign in, so a route of
   * another name has one of its own.
   */
  private serviceOf({ app, signIn }: PublicRouteProps, name: string): IResource {
    if (!signIn || name === app.name) return app.service;
    const labels = resourceLabels({ ...app.selector, component: 'sign-in' });
    const ports = [{ name: app.portName, port: app.port, targetPort: app.portName }];
    const spec = { selector: selectorLabels(app.selector), ports };
    return new Resource(this, 'Service', k8s.manifest('Service', { metadata: { name, labels }, spec }));
  }

  private checkPaths(paths: string[]): string[] {
    if (!paths.length) {
      Problems.report(this, {
        property: 'paths',
        value: paths,
        reason: 'names no path',
        remedy: 'Give at least one, or leave it out to mean every path',
      });
    }
    for (const path of paths) {
      checkPath(this, 'paths', path);
      if (path !== '/' && path.endsWith('/')) {
        Problems.report(this, {
          property: 'paths',
          value: path,
          reason: 'ends in "/", which platforms understand in different ways',
          remedy: `Give "${path.replace(/\/+$/, '') || '/'}", which also means all paths below it`,
        });
      }
    }
    return checkUnique(this, 'paths', paths);
  }

  private checkHosts(hosts: string[]): string[] {
    if (!hosts?.length) {
      Problems.report(this, {
        property: 'hosts',
        value: hosts,
        reason: 'names no host',
        remedy: 'Give at least one DNS name, such as ["polls.example.com"]',
      });
    }
    hosts.forEach((host) => checkPublicHost(this, 'hosts', host));
    return checkUnique(this, 'hosts', hosts);
  }
}

/** It is known at synth alone: HealthMonitoring, which can give a path, may be made later. */
function checkHealthPath(app: IDjangoApp): Problem[] {
  if (app.hasHealthPath) return [];
  return [
    {
      property: 'app',
      value: app.name,
      reason:
        'answers no health check of this load balancer, which names the address of a pod: ALLOWED_HOSTS refuses it',
      remedy:
        'Leave settingsOverlay.enabled out, or give a HealthMonitoring a readiness path that answers for any host',
    },
  ];
}
