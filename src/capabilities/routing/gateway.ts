import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Gateway,
  GatewaySpecListeners,
  GatewaySpecListenersAllowedRoutesNamespacesFrom as From,
  GatewaySpecListenersTls,
  GatewaySpecListenersTlsCertificateRefs,
  HttpRoute,
  HttpRouteSpecParentRefs,
  HttpRouteSpecRulesFiltersRequestRedirectScheme as Scheme,
  HttpRouteSpecRulesFiltersRequestRedirectStatusCode as StatusCode,
  HttpRouteSpecRulesFiltersType as FilterType,
  HttpRouteSpecRulesMatchesPathType as PathType,
} from '../../../imports/gateway.networking.k8s.io';
import { namespaceLabels } from '../../kubernetes/labels';
import { Resource } from '../../kubernetes/resource';
import { longestTimeout, RouteRequest } from './routing';

/** How a platform's Gateway differs from that of another. */
export interface GatewayOptions {
  readonly gatewayClassName: string;
  readonly annotations?: { [name: string]: string };
  /** The namespace of the Gateway, where it is not that of the app, with the app's namespace. */
  readonly namespaces?: { readonly gateway: string; readonly app: string };
  /** The `tls` of the HTTPS listener; none when the certificate is attached to the Gateway by other means. */
  readonly tls?: GatewaySpecListenersTls;
  /** Whether the routes carry the timeout: not every implementation takes it from there. */
  readonly routeTimeouts: boolean;
}

const GATEWAY_API = 'gateway.networking.k8s.io';

/**
 * A Gateway with a listener for HTTP and one for HTTPS for each host, a route for the hosts, and a route that sends
 * plain HTTP to HTTPS. Defaults within lists are written out: GitOps engines would see them as a difference.
 *
 * @see https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/
 */
export function gatewayRoute(scope: Construct, request: RouteRequest, options: GatewayOptions): Resource[] {
  const { name, labels, hosts } = request;
  const gateway = new Resource(
    scope,
    'Gateway',
    Gateway.manifest({
      metadata: { name, labels, annotations: options.annotations, namespace: options.namespaces?.gateway },
      spec: { gatewayClassName: options.gatewayClassName, listeners: listeners(hosts, options) },
    }),
  );
  const parent = (sectionName: string): HttpRouteSpecParentRefs => ({
    group: GATEWAY_API,
    kind: 'Gateway',
    name,
    namespace: options.namespaces?.gateway,
    sectionName,
  });
  const route = new Resource(
    scope,
    'HttpRoute',
    HttpRoute.manifest({
      metadata: { name, labels },
      spec: {
        parentRefs: hosts.map((host) => parent(httpsListener(host))),
        hostnames: hosts,
        rules: [
          {
            matches: EVERY_PATH,
            backendRefs: [
              { group: '', kind: 'Service', name: request.serviceName, port: request.servicePort, weight: 1 },
            ],
            timeouts: options.routeTimeouts
              ? { request: gatewayDuration(longestTimeout(request)) }
              : undefined,
          },
        ],
      },
    }),
  );
  const redirect = new Resource(
    scope,
    'Redirect',
    HttpRoute.manifest({
      metadata: { name: `${name}-redirect`, labels },
      spec: {
        parentRefs: [parent('http')],
        hostnames: hosts,
        rules: [
          {
            matches: EVERY_PATH,
            filters: [
              {
                type: FilterType.REQUEST_REDIRECT,
                requestRedirect: { scheme: Scheme.HTTPS, statusCode: StatusCode.VALUE_301 },
              },
            ],
          },
        ],
      },
    }),
  );
  return [gateway, route, redirect];
}

const EVERY_PATH = [{ path: { type: PathType.PATH_PREFIX, value: '/' } }];

/** The reference of a listener to a Secret with its certificate. */
export function secretReference(name: string, namespace?: string): GatewaySpecListenersTlsCertificateRefs {
  return { group: '', kind: 'Secret', name, namespace };
}

/** A listener's name may be as long as a host name: each host has its own, which no other host's coming or going changes. */
function httpsListener(host: string): string {
  return `https.${host}`;
}

function listeners(hosts: string[], { namespaces, tls }: GatewayOptions): GatewaySpecListeners[] {
  const allowedRoutes = {
    namespaces: namespaces
      ? { from: From.SELECTOR, selector: { matchLabels: namespaceLabels(namespaces.app) } }
      : { from: From.SAME },
  };
  return [
    { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes },
    ...hosts.map((hostname) => ({
      name: httpsListener(hostname),
      hostname,
      port: 443,
      protocol: 'HTTPS',
      tls,
      allowedRoutes,
    })),
  ];
}

function gatewayDuration(duration: Duration): string {
  return `${duration.toSeconds()}s`;
}
