import { Construct } from 'constructs';
import { Certificate } from '../../../imports/cert-manager.io';
import {
  HttpProxy,
  HttpProxySpecRoutes,
  HttpProxySpecRoutesConditions,
  HttpProxySpecRoutesRequestRedirectPolicy as RedirectPolicy,
  HttpProxySpecRoutesRequestRedirectPolicyScheme as Scheme,
  HttpProxySpecRoutesRequestRedirectPolicyStatusCode as StatusCode,
} from '../../../imports/projectcontour.io';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { backendsOf, notSticky } from './canary';
import { DEREGISTRATION, ENVOY_IDLE_TIMEOUT } from './draining';
import { assumeContour, checkNames, routerPeers } from './facts';
import { MAINTENANCE_TEXT } from './maintenance';
import { placeNames } from './place-names';
import {
  longestTimeout,
  RedirectTarget,
  RouteFeature,
  RouteRequest,
  RoutingProps,
  UrlScheme,
} from '../../platform/routing';
import { Router } from './router';

/** What a cluster with Contour has. */
export interface ContourRoutingProps extends RoutingProps {
  /**
   * The class of the Contour that serves the routes, where there are several.
   *
   * @default - none: every Contour without a class serves them
   */
  readonly ingressClassName?: string;

  /**
   * The cert-manager ClusterIssuer that makes the certificates.
   *
   * @default - none: each PublicRoute names its Secret
   */
  readonly clusterIssuer?: string;

  /**
   * Labels of the namespace that Envoy runs in: the network policy lets it in.
   *
   * @default - the namespace `projectcontour`, where Contour's own manifests put it
   */
  readonly routerNamespaceLabels?: { [label: string]: string };
}

/**
 * Contour's HTTPProxy, one for each host, and with `clusterIssuer` a Certificate of cert-manager. Contour sends plain
 * HTTP to HTTPS by itself, and answers or redirects by itself during maintenance.
 *
 * The HTTPProxy of the first host has the name of the route. The names of the others also have a hash of their host.
 * When another host comes first, the former HTTPProxies have to be pruned: Contour serves neither of two that claim one
 * host.
 *
 * Throws when:
 * - there is neither an issuer nor a Secret;
 * - there is `sessionAffinity` with a canary;
 * - a host has a second route: the HTTPProxies of both would be invalid.
 *
 * @see https://projectcontour.io/docs/1.33/config/fundamentals/
 * @see https://projectcontour.io/docs/1.33/config/api/
 * @see https://projectcontour.io/docs/1.33/config/request-routing/
 * @see https://github.com/envoyproxy/envoy/issues/24741
 *
 * @example
 * Distribution.upstream({ routing: new ContourRouting({ clusterIssuer: 'letsencrypt' }) });
 */
export class ContourRouting extends Router {
  /**
   * Two HTTPProxies of one host are both invalid.
   *
   * @see https://github.com/projectcontour/contour/blob/main/internal/dag/httpproxy_processor.go
   */
  readonly oneRoutePerHost?: boolean = true;

  constructor(private readonly props: ContourRoutingProps) {
    super(props, {
      deregistration: DEREGISTRATION.inside,
      idleTimeout: ENVOY_IDLE_TIMEOUT,
      missing: {
        [RouteFeature.STICKY_CANARY]: notSticky(
          'Envoy keeps a visitor to a replica of one Service, not to one Service',
        ),
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { clusterIssuer, ingressClassName } = this.props;
    checkNames(scope, { clusterIssuer, ingressClassName });
    if (!clusterIssuer && !request.tlsSecretName) {
      Problems.report(scope, {
        property: 'tlsSecretName',
        value: request.tlsSecretName,
        reason: 'is needed where no issuer makes certificates',
        remedy: 'Give it, or name the ClusterIssuer: new ContourRouting({ clusterIssuer: "letsencrypt" })',
      });
    }
    const secretName = request.tlsSecretName ?? `${request.name}-tls`;
    const names = placeNames(scope, { id: 'HttpProxy', name: request.name }, request.hosts);
    const proxies = request.hosts.map((fqdn, index) =>
      this.proxy(scope, request, { ...names[index], fqdn, secretName }),
    );
    if (request.tlsSecretName) return proxies;
    // cert-manager reads Ingress and Gateway, but no HTTPProxy.
    return [...proxies, certificate(scope, request, clusterIssuer!, secretName)];
  }

  sources(scope: Construct): NetworkPeer[] {
    const { routerNamespaceLabels } = this.props;
    if (routerNamespaceLabels) return routerPeers(scope, routerNamespaceLabels);
    return assumeContour(
      scope,
      'Give the labels of its namespace, also when they are those: new ContourRouting({ routerNamespaceLabels: ' +
        '{ "kubernetes.io/metadata.name": "…" } })',
    );
  }

  /** An HTTPProxy has one host. */
  private proxy(
    scope: Construct,
    request: RouteRequest,
    { id, name, fqdn, secretName }: { id: string; name: string; fqdn: string; secretName: string },
  ): Resource {
    return new Resource(
      scope,
      id,
      HttpProxy.manifest({
        metadata: { name, labels: request.labels },
        spec: {
          ingressClassName: this.props.ingressClassName,
          virtualhost: { fqdn, tls: { secretName } },
          routes: request.paths.flatMap((path) =>
            conditions(path).map((condition) => ({ conditions: [condition], ...answer(request, fqdn) })),
          ),
        },
      }),
    );
  }
}

/** A prefix is one of characters, not of a path's parts: `/polls` alone would mean `/pollsters` too. */
function conditions(path: string): HttpProxySpecRoutesConditions[] {
  return path === '/' ? [{ prefix: '/' }] : [{ exact: path }, { prefix: `${path}/` }];
}

function answer(request: RouteRequest, host: string): HttpProxySpecRoutes {
  const { maintenance, healthPath, sessionAffinity } = request;
  if (maintenance?.redirect) return { requestRedirectPolicy: redirectPolicy(maintenance.redirect) };
  if (maintenance) return { directResponsePolicy: { statusCode: 503, body: MAINTENANCE_TEXT } };
  const limit = `${longestTimeout(request).toSeconds()}s`;
  return {
    services: backendsOf(request).map(({ serviceName, servicePort, weight }) => ({
      name: serviceName,
      port: servicePort,
      weight,
    })),
    enableWebsockets: true,
    timeoutPolicy: { response: limit, idle: limit },
    healthCheckPolicy: { path: healthPath, host, intervalSeconds: 5, timeoutSeconds: 5 },
    loadBalancerPolicy: sessionAffinity ? { strategy: 'Cookie' } : undefined,
  };
}

function redirectPolicy({ scheme, host, port, path }: RedirectTarget): RedirectPolicy {
  return {
    scheme: scheme === UrlScheme.HTTPS ? Scheme.HTTPS : Scheme.HTTP,
    hostname: host,
    port,
    path,
    statusCode: StatusCode.VALUE_302,
  };
}

function certificate(scope: Construct, request: RouteRequest, issuer: string, secretName: string): Resource {
  const { name, labels, hosts } = request;
  return new Resource(
    scope,
    'Certificate',
    Certificate.manifest({
      metadata: { name, labels },
      spec: {
        secretName,
        dnsNames: hosts,
        issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: issuer },
      },
    }),
  );
}
