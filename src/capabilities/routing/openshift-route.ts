import { Construct } from 'constructs';
import { Route } from '../../../imports/route.openshift.io';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import { Backend, backendsOf } from './canary';
import { DEREGISTRATION } from './draining';
import { emptyService, isUnavailable, noRedirect } from './maintenance';
import { checkOpenShift419 } from './openshift-version';
import { placeNames } from './place-names';
import { RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { Router } from './router';
import { secretAccess, SecretReader } from './sign-in';

/**
 * Routes of OpenShift's router with edge termination, one for each host and path: with its own certificate, or that of
 * a Secret and then a Role and RoleBinding that let the router read it. During maintenance they lead to a Service
 * without pods, for which the router has a page with status 503. A canary is an alternate backend; visitors who have
 * the router's cookie stay with the release that they saw first, even once its weight is 0.
 *
 * The Route of the first host and path has the name of the route, the others also have a hash of host and path. When
 * another comes first, the former Routes have to be pruned: the router admits the older of two that claim one place.
 *
 * Throws when:
 *
 * - `maintenance` comes with `maintenanceUrl`, because Routes have no redirects;
 * - `tlsSecretName` is given before OpenShift 4.19.
 *
 * @see https://github.com/openshift/openshift-docs/blob/main/modules/nw-route-specific-annotations.adoc
 * @see https://github.com/openshift/openshift-docs/blob/main/modules/nw-customize-ingress-error-pages.adoc
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.15/html/building_applications/deployments
 *
 * @example
 * Distribution.openshift();
 */
export class OpenShiftRouteRouting extends Router {
  constructor(props: RoutingProps = {}) {
    super(props, {
      deregistration: DEREGISTRATION.inside,
      missing: {
        [RouteFeature.MAINTENANCE_REDIRECT]: noRedirect('Routes have no redirects'),
        [RouteFeature.WILDCARD_HOST]: {
          reason:
            'means hosts that a Route names one by one, as routers refuse other Routes unless they are told to',
          remedy:
            'Name the hosts, or use a routing that has it: ' +
            'Distribution.openshift({ routing: new OpenShiftGatewayRouting({ … }) })',
        },
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    checkSecretIsRead(scope, request);
    const empty = isUnavailable(request) ? [emptyService(scope, request)] : [];
    const backends = empty.length ? [{ serviceName: empty[0].name }] : backendsOf(request);
    const places = request.hosts.flatMap((host) => request.paths.map((path) => ({ host, path })));
    const names = placeNames(
      scope,
      { id: 'Route', name: request.name },
      places.map(({ host, path }) => host + path),
    );
    const routes = places.map((place, index) =>
      route(scope, request, { ...names[index], ...place, backends }),
    );
    const { name, labels, tlsSecretName } = request;
    const access = tlsSecretName
      ? secretAccess(scope, { id: 'Certificate', name: `${name}-certificate`, labels }, tlsSecretName, ROUTER)
      : [];
    return [...routes, ...access, ...empty];
  }

  /**
   * The label is on the namespace of the routers, and while the default IngressController has the strategy HostNetwork
   * on that of the hosts' network too.
   *
   * @see https://github.com/openshift/openshift-docs/blob/main/modules/nw-networkpolicy-multitenant-isolation.adoc
   * @see https://github.com/openshift/cluster-network-operator/blob/master/pkg/controller/ingressconfig/ingressconfig_controller.go
   */
  sources(_scope: Construct): NetworkPeer[] {
    return [{ namespaceLabels: { 'policy-group.network.openshift.io/ingress': '' } }];
  }
}

/**
 * A Route's `externalCertificate` was a technology preview, off by default, before OpenShift 4.19.
 *
 * @see https://github.com/openshift/openshift-docs/pull/93202
 */
function checkSecretIsRead(scope: Construct, { tlsSecretName }: RouteRequest): void {
  if (!tlsSecretName) return;
  checkOpenShift419(scope, {
    property: 'tlsSecretName',
    value: tlsSecretName,
    feature: 'the router reads Secrets',
    remedy: "Leave it out to use the router's certificate",
  });
}

type Target = Pick<Backend, 'serviceName' | 'weight'>;

/** A Route has one host and one path. */
function route(
  scope: Construct,
  request: RouteRequest,
  {
    id,
    name,
    host,
    path,
    backends,
  }: { id: string; name: string; host: string; path: string; backends: Target[] },
): Resource {
  const { labels, servicePortName, tlsSecretName } = request;
  const [to, ...alternateBackends] = backends.map(({ serviceName, weight }) => ({
    kind: 'Service',
    name: serviceName,
    weight: weight ?? 100,
  }));
  return new Resource(
    scope,
    id,
    Route.manifest({
      metadata: { name, labels, annotations: annotations(request) },
      spec: {
        host,
        path: path === '/' ? undefined : path,
        to,
        alternateBackends: alternateBackends.length ? alternateBackends : undefined,
        port: { targetPort: servicePortName as any },
        tls: {
          termination: 'edge',
          insecureEdgeTerminationPolicy: 'Redirect',
          externalCertificate: tlsSecretName ? { name: tlsSecretName } : undefined,
        },
        wildcardPolicy: 'None',
      },
    }),
  );
}

/** The router sets a cookie unless it is told not to. Weights are documented to need `roundrobin`. */
function annotations({
  timeout,
  websocketTimeout,
  sessionAffinity,
  canary,
}: RouteRequest): Record<string, string> {
  return {
    'haproxy.router.openshift.io/timeout': `${timeout.toSeconds()}s`,
    ...(websocketTimeout && {
      'haproxy.router.openshift.io/timeout-tunnel': `${websocketTimeout.toSeconds()}s`,
    }),
    ...(sessionAffinity !== undefined && {
      'haproxy.router.openshift.io/disable_cookies': `${!sessionAffinity}`,
    }),
    ...(canary && { 'haproxy.router.openshift.io/balance': 'roundrobin' }),
  };
}

/** The router reads the Secret itself, and may only when the app's namespace lets it. */
const ROUTER: SecretReader = {
  subject: { kind: 'ServiceAccount', name: 'router', namespace: 'openshift-ingress' },
  verbs: ['get', 'list', 'watch'],
};
