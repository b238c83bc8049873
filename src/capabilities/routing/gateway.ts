import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Gateway,
  GatewaySpecAddresses,
  GatewaySpecInfrastructureParametersRef,
  GatewaySpecListeners,
  GatewaySpecListenersAllowedRoutesNamespacesFrom as From,
  GatewaySpecListenersTls,
  GatewaySpecListenersTlsCertificateRefs,
  HttpRoute,
  HttpRouteSpecParentRefs,
  HttpRouteSpecRules,
  HttpRouteSpecRulesFilters,
  HttpRouteSpecRulesFiltersRequestRedirectPathType as RedirectPathType,
  HttpRouteSpecRulesFiltersRequestRedirectScheme as Scheme,
  HttpRouteSpecRulesFiltersRequestRedirectStatusCode as StatusCode,
  HttpRouteSpecRulesFiltersType as FilterType,
  HttpRouteSpecRulesMatches,
  HttpRouteSpecRulesMatchesPathType as PathType,
} from '../../../imports/gateway.networking.k8s.io';
import { tinyHash } from '../../kubernetes/hash';
import { namespaceLabels } from '../../kubernetes/labels';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { Backend, backendsOf } from './canary';
import { emptyService, isUnavailable } from './maintenance';
import { longestTimeout, RedirectTarget, RouteRequest, UrlScheme } from '../../platform/routing';
import { SharedGateway } from './shared-gateway';

/** How the HTTPRoutes of a platform differ from those of another. */
export interface HttpRouteOptions {
  /** Whether the routes carry the timeout: not every implementation takes it from there. */
  readonly routeTimeouts: boolean;
  /** What is added to the rule that leads to the application. */
  readonly filters?: HttpRouteSpecRulesFilters[];
  /** What answers with 503 during maintenance, where it is not a Service without pods. */
  readonly unavailable?: HttpRouteSpecRulesFilters;
}

/** How a platform's Gateway differs from that of another. */
export interface GatewayOptions extends HttpRouteOptions {
  readonly gatewayClassName: string;
  /** Name of the Gateway, where it is not that of the route. */
  readonly gatewayName?: string;
  readonly annotations?: { [name: string]: string };
  /** The namespace of the Gateway, where it is not that of the app, with the app's namespace. */
  readonly namespaces?: { readonly gateway: string; readonly app: string };
  readonly addresses?: GatewaySpecAddresses[];
  readonly parametersRef?: GatewaySpecInfrastructureParametersRef;
  /** The `tls` of the HTTPS listener; none when the certificate is attached to the Gateway by other means. */
  readonly tls?: GatewaySpecListenersTls;
}

const PORTS = { HTTP: 80, HTTPS: 443 };
type Protocol = keyof typeof PORTS;

const GATEWAY_API = 'gateway.networking.k8s.io';

/** What an HTTPRoute takes, by its definition. */
const MOST_HOSTS = 16;
const MOST_PATHS = 64;

/**
 * A Gateway with a listener for HTTP and one for HTTPS for each host, a route for the hosts, and a route that sends
 * plain HTTP to HTTPS. Defaults within lists are written out: GitOps engines would see them as a difference.
 *
 * Listeners for HTTP name their hosts too: Contour gives a route of a listener without a hostname no host that
 * another listener names, on any port.
 *
 * @see https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/
 * @see https://github.com/projectcontour/contour/blob/v1.33.8/internal/dag/gatewayapi_processor.go
 */
export function gatewayRoute(scope: Construct, request: RouteRequest, options: GatewayOptions): Resource[] {
  const { hosts, labels } = request;
  const { annotations, addresses, parametersRef, gatewayClassName, namespaces } = options;
  const name = options.gatewayName ?? request.name;
  checkListeners(scope, hosts);
  const gateway = new Resource(
    scope,
    'Gateway',
    Gateway.manifest({
      metadata: { name, labels, annotations, namespace: namespaces?.gateway },
      spec: {
        gatewayClassName,
        infrastructure: parametersRef && { parametersRef },
        addresses,
        listeners: listeners(hosts, options),
      },
    }),
  );
  const listenersOf = (protocol: Protocol) =>
    hosts.map((host) => parentRef({ name, namespace: namespaces?.gateway }, listenerName(protocol, host)));
  const parents = { https: listenersOf('HTTPS'), http: listenersOf('HTTP') };
  return [gateway, ...httpRoutes(scope, request, parents, options)];
}

/** The same routes, attached to a Gateway that exists. */
export function sharedGatewayRoute(
  scope: Construct,
  request: RouteRequest,
  gateway: SharedGateway,
  options: HttpRouteOptions,
): Resource[] {
  const parents = {
    https: [parentRef(gateway, gateway.httpsListener ?? 'https')],
    http: [parentRef(gateway, gateway.httpListener ?? 'http')],
  };
  return httpRoutes(scope, request, parents, options);
}

/** The reference of a listener to a Secret with its certificate. */
export function secretReference(name: string, namespace?: string): GatewaySpecListenersTlsCertificateRefs {
  return { group: '', kind: 'Secret', name, namespace };
}

/**
 * The listener of a host: no other host's coming or going changes its name. On AKS it ends the label
 * `kv-gw-cert-<Gateway>-<listener>`, which may have 63 characters: 11 are left beside a Gateway's name of 40.
 *
 * @see https://github.com/Azure/aks-app-routing-operator/blob/main/pkg/controller/keyvault/placeholder_pod.go
 */
function listenerName(protocol: Protocol, host: string): string {
  return `${protocol.toLowerCase()}-${tinyHash(host)}`;
}

/** Two hosts of a route rarely have the same listener name. When they do, synth says so. */
function checkListeners(scope: Construct, hosts: string[]): void {
  const names = hosts.map((host) => listenerName('HTTPS', host));
  const index = names.findIndex((name, place) => names.indexOf(name) !== place);
  if (index === -1) return;
  Problems.report(scope, {
    property: 'hosts',
    value: hosts[index],
    reason: `and "${hosts[names.indexOf(names[index])]}" would have listeners of the same name, "${names[index]}"`,
    remedy: 'Give one of them a PublicRoute of its own, with a name',
  });
}

function listeners(hosts: string[], { namespaces, tls }: GatewayOptions): GatewaySpecListeners[] {
  const allowedRoutes = {
    namespaces: namespaces
      ? { from: From.SELECTOR, selector: { matchLabels: namespaceLabels(namespaces.app) } }
      : { from: From.SAME },
  };
  const listener = (protocol: Protocol, hostname: string) => ({
    name: listenerName(protocol, hostname),
    hostname,
    port: PORTS[protocol],
    protocol,
    tls: protocol === 'HTTPS' ? tls : undefined,
    allowedRoutes,
  });
  return [...hosts.map((host) => listener('HTTP', host)), ...hosts.map((host) => listener('HTTPS', host))];
}

function parentRef(
  { name, namespace }: { name: string; namespace?: string },
  sectionName: string,
): HttpRouteSpecParentRefs {
  return { group: GATEWAY_API, kind: 'Gateway', name, namespace, sectionName };
}

function httpRoutes(
  scope: Construct,
  request: RouteRequest,
  parents: { https: HttpRouteSpecParentRefs[]; http: HttpRouteSpecParentRefs[] },
  options: HttpRouteOptions,
): Resource[] {
  checkNumber(scope, 'hosts', request.hosts, MOST_HOSTS);
  checkNumber(scope, 'paths', request.paths, MOST_PATHS);
  const { name, labels, hosts: hostnames } = request;
  const empty = isUnavailable(request) && !options.unavailable ? [emptyService(scope, request)] : [];
  const backends = empty.length
    ? [{ serviceName: empty[0].name, servicePort: request.servicePort }]
    : backendsOf(request);
  const route = new Resource(
    scope,
    'HttpRoute',
    HttpRoute.manifest({
      metadata: { name, labels },
      spec: { parentRefs: parents.https, hostnames, rules: [rule(request, backends, options)] },
    }),
  );
  const redirect = new Resource(
    scope,
    'Redirect',
    HttpRoute.manifest({
      metadata: { name: `${name}-redirect`, labels },
      spec: {
        parentRefs: parents.http,
        hostnames,
        rules: [{ matches: matches(request), filters: [HTTPS_REDIRECT] }],
      },
    }),
  );
  return [route, redirect, ...empty];
}

function rule(
  request: RouteRequest,
  backends: Pick<Backend, 'serviceName' | 'servicePort' | 'weight'>[],
  options: HttpRouteOptions,
): HttpRouteSpecRules {
  const redirect = request.maintenance?.redirect;
  if (redirect) return { matches: matches(request), filters: [redirectFilter(redirect)] };
  return {
    matches: matches(request),
    filters: isUnavailable(request) && options.unavailable ? [options.unavailable] : options.filters,
    backendRefs: backends.map(({ serviceName, servicePort, weight }) => ({
      group: '',
      kind: 'Service',
      name: serviceName,
      port: servicePort,
      weight: weight ?? 1,
    })),
    timeouts: options.routeTimeouts ? { request: gatewayDuration(longestTimeout(request)) } : undefined,
  };
}

function matches({ paths }: RouteRequest): HttpRouteSpecRulesMatches[] {
  return paths.map((value) => ({ path: { type: PathType.PATH_PREFIX, value } }));
}

const HTTPS_REDIRECT: HttpRouteSpecRulesFilters = {
  type: FilterType.REQUEST_REDIRECT,
  requestRedirect: { scheme: Scheme.HTTPS, statusCode: StatusCode.VALUE_301 },
};

function redirectFilter({ scheme, host, port, path }: RedirectTarget): HttpRouteSpecRulesFilters {
  return {
    type: FilterType.REQUEST_REDIRECT,
    requestRedirect: {
      scheme: scheme === UrlScheme.HTTPS ? Scheme.HTTPS : Scheme.HTTP,
      hostname: host,
      port,
      path: { type: RedirectPathType.REPLACE_FULL_PATH, replaceFullPath: path },
      statusCode: StatusCode.VALUE_302,
    },
  };
}

function checkNumber(scope: Construct, property: string, values: string[], most: number): void {
  if (values.length <= most) return;
  Problems.report(scope, {
    property,
    value: values.length,
    reason: `are more than the ${most} that an HTTPRoute takes`,
    remedy: 'Make a second PublicRoute, with a name, for the others',
  });
}

function gatewayDuration(duration: Duration): string {
  return `${duration.toSeconds()}s`;
}
