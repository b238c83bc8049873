import { Construct } from 'constructs';
import { GatewaySpecListenersTlsMode as Mode } from '../../../imports/gateway.networking.k8s.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { namespaceLabels } from '../../kubernetes/labels';
import { namespaceOf } from '../../kubernetes/namespaces';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { DEREGISTRATION, ENVOY_IDLE_TIMEOUT } from './draining';
import { checkGatewayService, checkNames } from './facts';
import { gatewayRoute, secretReference, sharedGatewayRoute } from './gateway';
import { checkOpenShift419 } from './openshift-version';
import { RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneGateway, Router } from './router';
import { secretGrant } from './secret-grant';
import { checkSharedGateway, SharedGateway } from './shared-gateway';

/** What an OpenShift cluster (4.19 and newer) with Gateway API has. */
export interface OpenShiftGatewayRoutingProps extends RoutingProps {
  /**
   * A GatewayClass of the controller `openshift.io/gateway-controller/v1`, which an administrator of the cluster makes.
   *
   * @default openshift-default
   */
  readonly gatewayClassName?: string;

  /**
   * Name of a Secret of type `kubernetes.io/tls` in the namespace `openshift-ingress`, with the hosts' certificate.
   *
   * @default - none: each PublicRoute names a Secret of its namespace
   */
  readonly certificateSecretName?: string;

  /**
   * A Gateway that exists already, to attach the routes to. Its namespace is `openshift-ingress`, whether it is given
   * or not.
   *
   * @default - each PublicRoute makes its own, which takes the right to make one in `openshift-ingress`
   */
  readonly gateway?: SharedGateway;
}

/** Where every Gateway of OpenShift's own controller is, and where its proxies run. */
const NAMESPACE = 'openshift-ingress';

/**
 * Gateway and HTTPRoutes of OpenShift's own Gateway API. The Gateway, named after namespace and route, is in the
 * namespace `openshift-ingress`; a ReferenceGrant opens the route's Secret to it. During maintenance without
 * `maintenanceUrl` there is a Service without pods too, for which the Gateway API has routers answer with 503. The
 * fields are the documentation's; not tried on a cluster.
 *
 * Throws when:
 *
 * - OpenShift is older than 4.19;
 * - the chart has no namespace;
 * - there is no certificate, or one in addition to those of a shared `gateway`;
 * - the shared `gateway` is in another namespace;
 * - the Service's name, made of namespace, route and class, would be too long;
 * - `sessionAffinity` is asked for, which is not in the Gateway API's standard channel.
 *
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/ingress_and_load_balancing/ingress-gateway-api
 *
 * @example
 * Distribution.openshift({
 *   routing: new OpenShiftGatewayRouting({ certificateSecretName: 'wildcard-tls' }),
 * });
 */
export class OpenShiftGatewayRouting extends Router {
  constructor(private readonly props: OpenShiftGatewayRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneGateway(props.gateway, 'new OpenShiftGatewayRouting'),
      deregistration: DEREGISTRATION.inside,
      idleTimeout: ENVOY_IDLE_TIMEOUT,
      missing: {
        [RouteFeature.SESSION_AFFINITY]: {
          reason: 'is not in the standard channel of the Gateway API',
          remedy: 'Leave it out, or use a routing that has it: Distribution.openshift(), whose Routes do',
        },
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { gateway, gatewayClassName, certificateSecretName } = this.props;
    checkOpenShift419(scope, {
      property: 'routing',
      value: 'OpenShiftGatewayRouting',
      feature: 'the Gateway API is there',
      remedy: 'Use the Routes of Distribution.openshift()',
    });
    checkNames(scope, { gatewayClassName, certificateSecretName });
    return gateway ? this.attached(scope, request, gateway) : this.ownGateway(scope, request);
  }

  sources(_scope: Construct): NetworkPeer[] {
    return [{ namespaceLabels: namespaceLabels(NAMESPACE) }];
  }

  private attached(scope: Construct, request: RouteRequest, gateway: SharedGateway): Resource[] {
    const { certificateSecretName } = this.props;
    checkSharedGateway(scope, gateway, { tlsSecretName: request.tlsSecretName, certificateSecretName });
    if ((gateway.namespace ?? NAMESPACE) !== NAMESPACE) {
      Problems.report(scope, {
        property: 'gateway.namespace',
        value: gateway.namespace,
        reason: 'has no Gateway: those of OpenShift are in "openshift-ingress"',
        remedy: 'Leave it out',
      });
    }
    return sharedGatewayRoute(scope, request, { ...gateway, namespace: NAMESPACE }, { routeTimeouts: true });
  }

  private ownGateway(scope: Construct, request: RouteRequest): Resource[] {
    const { tlsSecretName } = request;
    const app = namespaceOf(
      scope,
      'of the chart is needed, because the Gateway lets in the routes of that namespace',
    );
    const gatewayClassName = this.props.gatewayClassName ?? 'openshift-default';
    const gatewayName = `${app}-${request.name}`;
    checkGatewayService(
      scope,
      { name: request.name, gateway: gatewayName, gatewayClassName },
      'Use a shorter one or a shorter namespace, or a Gateway that exists: new OpenShiftGatewayRouting({ gateway: { … } })',
    );
    const routes = gatewayRoute(scope, request, {
      gatewayClassName,
      gatewayName,
      namespaces: { gateway: NAMESPACE, app },
      tls: {
        mode: Mode.TERMINATE,
        certificateRefs: [
          tlsSecretName ? secretReference(tlsSecretName, app) : secretReference(this.certificate(scope)),
        ],
      },
      routeTimeouts: true,
    });
    return tlsSecretName ? [...routes, secretGrant(scope, request, NAMESPACE)] : routes;
  }

  private certificate(scope: Construct): string {
    const { certificateSecretName } = this.props;
    if (certificateSecretName) return certificateSecretName;
    throw new InvalidInputError(scope, {
      property: 'tlsSecretName',
      value: undefined,
      reason: 'is needed where no certificate is in "openshift-ingress"',
      remedy:
        'Give it, or name the Secret there: new OpenShiftGatewayRouting({ certificateSecretName: "wildcard-tls" })',
    });
  }
}
