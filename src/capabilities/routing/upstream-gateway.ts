import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { GatewaySpecListenersTlsMode as Mode } from '../../../imports/gateway.networking.k8s.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { namespaceLabels } from '../../kubernetes/labels';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import { gatewayRoute, secretReference } from './gateway';
import { IRouting, RouteRequest } from './routing';

/** What a cluster with a Gateway API controller has. */
export interface UpstreamGatewayProps {
  /**
   * The GatewayClass that serves the routes.
   *
   * @default contour
   */
  readonly gatewayClassName?: string;

  /**
   * Labels of the namespace that the controller's proxies run in: the network policy lets them in.
   *
   * @default - the namespace `projectcontour` for the class `contour`; otherwise none is known, and
   * LeastPrivilegeAccess asks for it
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
}

/** Gateway and HTTPRoutes of a GatewayClass, with a certificate by cert-manager or from a Secret. */
export class UpstreamGatewayRouting implements IRouting {
  readonly deregistration = Duration.seconds(5);

  constructor(private readonly props: UpstreamGatewayProps) {}

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { clusterIssuer } = this.props;
    if (!clusterIssuer && !request.tlsSecretName) {
      throw new InvalidInputError(scope, {
        property: 'tlsSecretName',
        value: request.tlsSecretName,
        reason: 'is needed where no issuer makes certificates',
        remedy: 'Give it, or name the ClusterIssuer: Distribution.upstream({ clusterIssuer: "letsencrypt" })',
      });
    }
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
    const { routerNamespaceLabels } = this.props;
    if (routerNamespaceLabels) return [{ namespaceLabels: routerNamespaceLabels }];
    // Where Contour's own manifests put Envoy: examples/contour/03-envoy.yaml of projectcontour/contour.
    if (this.gatewayClassName === 'contour') return [{ namespaceLabels: namespaceLabels('projectcontour') }];
    throw new InvalidInputError(scope, {
      property: 'routerNamespaceLabels',
      value: routerNamespaceLabels,
      reason: `is needed to let the proxies of GatewayClass "${this.gatewayClassName}" in`,
      remedy:
        'Give the labels of their namespace: Distribution.upstream({ routerNamespaceLabels: ' +
        '{ "kubernetes.io/metadata.name": "…" } })',
    });
  }

  private get gatewayClassName(): string {
    return this.props.gatewayClassName ?? 'contour';
  }
}
