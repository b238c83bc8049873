import { Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { isWildcard } from '../kubernetes/hosts';
import { NetworkPeer } from '../kubernetes/peers';
import { Problems } from '../kubernetes/problems';
import { IResource, Resource } from '../kubernetes/resource';

/** The schemes of a page that visitors are sent to. */
export enum UrlScheme {
  /** Without TLS. */
  HTTP = 'http',

  /** With TLS. */
  HTTPS = 'https',
}

/** Where visitors are sent. */
export interface RedirectTarget {
  /** The whole URL, as it was given. */
  readonly url: string;

  /** `http` or `https`. */
  readonly scheme: UrlScheme;

  /** Its host. */
  readonly host: string;

  /**
   * Its port.
   *
   * @default - that of the scheme
   */
  readonly port?: number;

  /** Its path, at least `/`. */
  readonly path: string;
}

/** What answers instead of the application. */
export interface Maintenance {
  /**
   * Where visitors are sent, by status 302.
   *
   * @default - nowhere: they are answered with status 503
   */
  readonly redirect?: RedirectTarget;
}

/** Another release of the application, which gets a share of the requests. */
export interface CanaryRequest {
  /** Name of its Service, in the same namespace and with a port of the same name. */
  readonly serviceName: string;

  /** Port of that Service. */
  readonly servicePort: number;

  /** Its share of the requests, in percent: a whole number from 0 to 100. The Service of the route gets the others. */
  readonly weight: number;
}

/** What a program may ask of a route, and its router gets as it was given. */
export interface RouteOptions {
  /**
   * How long a WebSocket may last (GKE, AKS and upstream) or be silent (EKS and OpenShift), in whole seconds, from 1 to
   * 3600. Except on OpenShift there is one limit for WebSockets and requests, and the longer of this and `timeout`
   * counts. Application Gateway for Containers also ends a WebSocket that is silent for 5 minutes, regardless of this
   * value.
   *
   * @default - an hour for an application that is served by ASGI or has a channel layer; otherwise on OpenShift the
   * router's own, 1 hour, and elsewhere `timeout`
   */
  readonly websocketTimeout?: Duration;

  /**
   * Name of a Secret of type `kubernetes.io/tls`, in the namespace of the application, with the certificate. A Route of
   * OpenShift takes it from 4.19 on.
   *
   * @default - the distribution's certificate: a certificate map, ACM, Key Vault, the router's own, or cert-manager
   */
  readonly tlsSecretName?: string;

  /**
   * Sends all requests of a visitor to the same replica, by a cookie of the router, for as long as that replica
   * serves. Sessions of Django itself do not need it.
   *
   * @default - the router of OpenShift sets a cookie unless this is `false`; other routers set none
   */
  readonly sessionAffinity?: boolean;

  /**
   * The largest body of a request, such as an upload, at least 1 KiB. The router answers a larger one with status 413.
   * Only an Ingress controller whose annotation for it is known takes it.
   *
   * @default - the router's own limit: ingress-nginx takes 1 MiB
   */
  readonly maxRequestBodySize?: Size;

  /**
   * Whether visitors sign in at the platform before a request reaches the application: Identity-Aware Proxy on GKE, the
   * OpenID Connect provider that `signIn` of the distribution names on EKS. Health checks need no sign-in. Django's own
   * login comes after it. A route with another name than the application gets a Service of its own, because GKE says
   * it for a whole Service.
   *
   * @default false
   */
  readonly signIn?: boolean;
}

/** A public host with TLS that is wanted in front of a Service. */
export interface RouteRequest extends RouteOptions {
  /** Name of the resources. */
  readonly name: string;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** The public hosts, at least one. `*.shop.example.com` means all names below a domain. */
  readonly hosts: string[];

  /** The paths that lead to the Service, each with all that is below it: at least one, and `/` means every path. */
  readonly paths: string[];

  /** The Service, in the same namespace: for annotations that a platform reads from it. */
  readonly service: IResource;

  /** Name of the Service. */
  readonly serviceName: string;

  /** Port of the Service. */
  readonly servicePort: number;

  /** Name of that port. */
  readonly servicePortName: string;

  /** Path that answers 200 when a pod can serve: a token that synth resolves, to be put into a manifest as it is. */
  readonly healthPath: string;

  /** The host that a health check names, where a router lets a health check name one. It is also a token. */
  readonly healthCheckHost: string;

  /** How long a request may take, in whole seconds. */
  readonly timeout: Duration;

  /**
   * What answers instead of the Service.
   *
   * @default - nothing: the Service answers
   */
  readonly maintenance?: Maintenance;

  /**
   * Another release of the application, which gets a share of the requests unless there is maintenance. It is healthy
   * at the same path.
   *
   * @default - none: the Service gets all of them
   */
  readonly canary?: CanaryRequest;
}

/** What a route can ask of its router that not every router has. */
export enum RouteFeature {
  /** A certificate of the application's own: `tlsSecretName`. */
  TLS_SECRET = 'tls-secret',

  /** The requests of a visitor go to one pod: `sessionAffinity`. */
  SESSION_AFFINITY = 'session-affinity',

  /** Status 503 for every request: `maintenance`. */
  MAINTENANCE_RESPONSE = 'maintenance-response',

  /** A redirect of every request: `maintenance` with `maintenanceUrl`. */
  MAINTENANCE_REDIRECT = 'maintenance-redirect',

  /** A share of the requests for another release: `canary`. */
  CANARY = 'canary',

  /** A visitor who stays with one of two releases: `canary` with `sessionAffinity`. */
  STICKY_CANARY = 'sticky-canary',

  /** A limit to the body of a request: `maxRequestBodySize`. */
  REQUEST_BODY_LIMIT = 'request-body-limit',

  /** All names below a domain: `*.shop.example.com` among the `hosts`. */
  WILDCARD_HOST = 'wildcard-host',

  /** Visitors sign in at the platform: `signIn`. */
  SIGN_IN = 'sign-in',
}

/** A feature that a router does not have. */
export interface MissingFeature {
  /** The feature. */
  readonly feature: RouteFeature;

  /** Why the router does not have it, as a statement about what was asked for: `is not in the Gateway API`. */
  readonly reason: string;

  /** What to do instead, as a sentence without its full stop. */
  readonly remedy: string;
}

/** The property by which a route asks for a feature, with its value. */
interface Use {
  readonly property: string;
  readonly value: unknown;
}

/** How a route asks for each feature; nothing when it does not. */
const USES: Record<RouteFeature, (request: RouteRequest) => Use | false | undefined> = {
  [RouteFeature.TLS_SECRET]: ({ tlsSecretName: value }) =>
    value !== undefined && { property: 'tlsSecretName', value },
  [RouteFeature.SESSION_AFFINITY]: ({ sessionAffinity: value }) =>
    value && { property: 'sessionAffinity', value },
  [RouteFeature.MAINTENANCE_RESPONSE]: ({ maintenance }) =>
    maintenance && !maintenance.redirect && { property: 'maintenance', value: true },
  [RouteFeature.MAINTENANCE_REDIRECT]: ({ maintenance }) =>
    maintenance?.redirect && { property: 'maintenanceUrl', value: maintenance.redirect.url },
  [RouteFeature.CANARY]: ({ canary }) => canary && { property: 'canary.app', value: canary.serviceName },
  [RouteFeature.STICKY_CANARY]: ({ canary, sessionAffinity: value }) =>
    canary && value && { property: 'sessionAffinity', value },
  [RouteFeature.REQUEST_BODY_LIMIT]: ({ maxRequestBodySize }) =>
    maxRequestBodySize && { property: 'maxRequestBodySize', value: maxRequestBodySize.asString() },
  [RouteFeature.WILDCARD_HOST]: ({ hosts }) => {
    const value = hosts.find(isWildcard);
    return value !== undefined && { property: 'hosts', value };
  },
  [RouteFeature.SIGN_IN]: ({ signIn: value }) => value && { property: 'signIn', value },
};

/** What a router says that has nobody sign in. */
export const NO_SIGN_IN: Omit<MissingFeature, 'feature'> = {
  reason: 'is not something that this router does by itself',
  remedy:
    'Leave it out, and have a proxy such as oauth2-proxy in front, or close paths by settingsOverlay.restrictedPaths',
};

/** Throws when a route asks for a feature that its router does not have. */
export function checkFeatures(
  scope: Construct,
  { missingFeatures = [], hasSignIn }: IRouting,
  request: RouteRequest,
): void {
  const says = missingFeatures.some(({ feature }) => feature === RouteFeature.SIGN_IN);
  const missing =
    hasSignIn || says
      ? missingFeatures
      : [...missingFeatures, { feature: RouteFeature.SIGN_IN, ...NO_SIGN_IN }];
  for (const { feature, reason, remedy } of missing) {
    const use = USES[feature](request);
    if (use) Problems.report(scope, { ...use, reason, remedy });
  }
}

/** The one limit of a platform that does not tell requests from WebSockets. */
export function longestTimeout({ timeout, websocketTimeout }: RouteRequest): Duration {
  return websocketTimeout && websocketTimeout.toSeconds() > timeout.toSeconds() ? websocketTimeout : timeout;
}

/** What a program can tell every routing about its router. */
export interface RoutingProps {
  /**
   * How long the router still sends requests to a pod after the pod began to terminate, in whole seconds from 0. Pods
   * wait for this time before they end. A load balancer that drains does so for this time, in addition to the time of a
   * request.
   *
   * @default - 15 seconds for the load balancers of GKE and EKS and for Application Gateway for Containers, 5 seconds
   * for routers in the cluster: estimates, which were not measured on the platforms
   */
  readonly deregistration?: Duration;
}

/** How the public reaches a Service on a distribution: with TLS, and plain HTTP redirected to it. */
export interface IRouting {
  /**
   * Makes the resources of a route. Throws if the platform cannot serve it. It is not asked for what is among
   * `missingFeatures`.
   */
  route(scope: Construct, request: RouteRequest): Resource[];

  /**
   * What it does not have: a PublicRoute that asks for it throws, with the reason and the remedy.
   *
   * @default - none: it has every feature, or refuses one itself
   */
  readonly missingFeatures?: MissingFeature[];

  /**
   * Whether it has visitors sign in where a route asks for `signIn`. A routing that does not say so refuses it: a
   * router that ignored it would leave a page open.
   *
   * @default false
   */
  readonly hasSignIn?: boolean;

  /**
   * Who connects to the pods: what a network policy must let in.
   *
   * @param scope - a construct of the route's chart
   */
  sources(scope: Construct): NetworkPeer[];

  /**
   * How long requests still reach a pod after it began to terminate, in whole seconds: what its shutdown has to wait
   * for.
   */
  readonly deregistration: Duration;

  /**
   * How long the router keeps an unused connection to a pod, in whole seconds. The server keeps it longer: if it closed
   * it first, a request that the router sends at that moment would be lost.
   *
   * @default Duration.minutes(1), and at least as long as a request or WebSocket may take
   */
  readonly idleTimeout?: Duration;

  /**
   * How many proxies of the platform add to the end of `X-Forwarded-For`: an application that asks for the visitor's
   * address (`settingsOverlay.visitorAddress`) takes what the farthest of them added.
   *
   * @default 1
   */
  readonly trustedProxies?: number;

  /**
   * Whether the router's health check names a host of the route. One that cannot names the address of the pod, which
   * Django answers at its health endpoints alone.
   *
   * @default true
   */
  readonly healthCheckNamesHost?: boolean;

  /**
   * Whether a host can have only one route, regardless of the paths.
   *
   * @default false
   */
  readonly oneRoutePerHost?: boolean;

  /**
   * What to do so that several routes have one address, as a sentence without its full stop. A host has one address:
   * where each route gets an address of its own, a PublicRoute refuses a host that another one has.
   *
   * @default - nothing: the routes of a cluster share an address
   */
  readonly sharedAddressRemedy?: string;

  /**
   * Labels that the namespace of the pods must have.
   *
   * @default - none
   */
  readonly namespaceLabels?: { [label: string]: string };
}
