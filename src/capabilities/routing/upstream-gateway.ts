import { Construct } from 'constructs';
import { GatewaySpecListenersTlsMode as Mode } from '../../../imports/gateway.networking.k8s.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { DEREGISTRATION, ENVOY_IDLE_TIMEOUT } from './draining';
import { assumeContour, checkGatewayService, checkNames, routerPeers } from './facts';
import { gatewayRoute, secretReference, sharedGatewayRoute } from './gateway';
import { RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneGateway, Router } from './router';
import { checkSharedGateway, SharedGateway } from './shared-gateway';

const ROUTER_LABELS =
  'Give the labels of their namespace: Distribution.upstream({ routerNamespaceLabels: ' +
  '{ "kubernetes.io/metadata.name": "…" } })';

/** What a cluster with a Gateway API controller has. */
export interface UpstreamGatewayRoutingProps extends RoutingProps {
  /**
   * The GatewayClass that serves the routes.
   *
   * @default contour
   */
  readonly gatewayClassName?: string;

  /**
   * Labels of the namespace that the controller's proxies run in: the network policy lets them in.
   *
   * `projectcontour` is where Envoy runs of a Contour whose configuration names this Gateway (`gatewayRef`). Contour's
   * Gateway provisioner and Istio run the proxies in the namespace of the Gateway: give its labels, and let
   * applications share a `gateway` in another namespace, for their own enforces Pod Security `restricted`.
   *
   * @default - the namespace `projectcontour` for the class `contour`, which has to be given with `gateway`; otherwise
   * none is known, and LeastPrivilegeAccess asks for it
   * @see https://projectcontour.io/docs/1.30/config/gateway-api/
   * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
   */
  readonly routerNamespaceLabels?: { [label: string]: string };

  /**
   * The cert-manager ClusterIssuer that makes the certificates. cert-manager must have its Gateway API support
   * switched on.
   *
   * @default - none: each PublicRoute names its Secret
   * @see https://cert-manager.io/docs/usage/gateway/
   */
  readonly clusterIssuer?: string;

  /**
   * A Gateway that exists already, to attach the routes to.
   *
   * @default - each PublicRoute makes its own
   */
  readonly gateway?: SharedGateway;
}

/**
 * Gateway and HTTPRoutes of a GatewayClass, with a certificate by cert-manager or from a Secret; during maintenance
 * without `maintenanceUrl` also a Service without pods, for which the Gateway API has routers answer with 503.
 *
 * Throws when:
 *
 * - there is no certificate, or one in addition to those of a shared `gateway`;
 * - the Service that Istio makes of the names of route and class would have too long a name;
 * - `sessionAffinity` is asked for, which is not in the Gateway API's standard channel.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 * @see https://gateway-api.sigs.k8s.io/geps/gep-1619/
 *
 * @example
 * Distribution.upstream({ clusterIssuer: 'letsencrypt' });
 *
 * @example
 * Distribution.upstream({
 *   gateway: { name: 'edge', namespace: 'infra' },
 *   gatewayClassName: 'istio',
 *   routerNamespaceLabels: { 'kubernetes.io/metadata.name': 'infra' },
 * });
 */
export class UpstreamGatewayRouting extends Router {
  constructor(private readonly props: UpstreamGatewayRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneGateway(props.gateway, 'Distribution.upstream'),
      deregistration: DEREGISTRATION.inside,
      idleTimeout: ENVOY_IDLE_TIMEOUT,
      missing: {
        [RouteFeature.SESSION_AFFINITY]: {
          reason: 'is not in the standard channel of the Gateway API',
          remedy:
            'Leave it out, or use a routing that has it: new ContourRouting({}), or new IngressRouting({ … })',
        },
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { clusterIssuer, gateway, gatewayClassName } = this.props;
    checkNames(scope, { clusterIssuer, gatewayClassName });
    if (gateway) {
      checkSharedGateway(scope, gateway, { tlsSecretName: request.tlsSecretName, clusterIssuer });
      return sharedGatewayRoute(scope, request, gateway, { routeTimeouts: true });
    }
    if (!clusterIssuer && !request.tlsSecretName) {
      Problems.report(scope, {
        property: 'tlsSecretName',
        value: request.tlsSecretName,
        reason: 'is needed where no issuer makes certificates',
        remedy: 'Give it, or name the ClusterIssuer: Distribution.upstream({ clusterIssuer: "letsencrypt" })',
      });
    }
    this.checkService(scope, request);
    const issued = !request.tlsSecretName;
    return gatewayRoute(scope, request, {
      gatewayClassName: this.gatewayClassName,
      annotations: issued ? { 'cert-manager.io/cluster-issuer': clusterIssuer! } : undefined,
      tls: {
        mode: Mode.TERMINATE,
        certificateRefs: [secretReference(request.tlsSecretName ?? `${request.name}-tls`)],
      },
      routeTimeouts: true,
    });
  }

  sources(scope: Construct): NetworkPeer[] {
    const { routerNamespaceLabels, gatewayClassName, gateway } = this.props;
    if (routerNamespaceLabels) return routerPeers(scope, routerNamespaceLabels);
    const isContour = gateway ? gatewayClassName === 'contour' : this.gatewayClassName === 'contour';
    // Where Contour's own manifests put Envoy: examples/contour/03-envoy.yaml of projectcontour/contour.
    if (isContour) return assumeContour(scope, `${ROUTER_LABELS}, also when they are those`);
    const proxies = gateway ? `the Gateway "${gateway.name}"` : `GatewayClass "${this.gatewayClassName}"`;
    throw new InvalidInputError(scope, {
      property: 'routerNamespaceLabels',
      value: routerNamespaceLabels,
      reason: `is needed to let the proxies of ${proxies} in`,
      remedy: ROUTER_LABELS,
    });
  }

  /** Any other class may be Istio's; its name does not tell. */
  private checkService(scope: Construct, { name }: RouteRequest): void {
    const { gatewayClassName } = this;
    if (gatewayClassName === 'contour') return;
    const remedy = 'Use a shorter name of the route or of the GatewayClass';
    checkGatewayService(scope, { name, gateway: name, gatewayClassName }, remedy);
  }

  private get gatewayClassName(): string {
    return this.props.gatewayClassName ?? 'contour';
  }
}
