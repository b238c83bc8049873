import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { GatewaySpecListenersTlsMode as Mode } from '../../../imports/gateway.networking.k8s.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkNamespace } from '../../kubernetes/names';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { Backend, backendsOf, notSticky } from './canary';
import { DEREGISTRATION } from './draining';
import { checkNames, rangePeers } from './facts';
import { gatewayRoute, secretReference, sharedGatewayRoute } from './gateway';
import { noResponse } from './maintenance';
import { longestTimeout, RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneGateway, Router } from './router';
import { ServicePolicy } from './service-policy';
import { checkSharedGateway, SharedGateway } from './shared-gateway';

/** An Application Gateway for Containers that the ALB Controller manages: its ApplicationLoadBalancer resource. */
export interface ApplicationLoadBalancerReference {
  /** Name of the ApplicationLoadBalancer. */
  readonly name: string;

  /** Namespace of the ApplicationLoadBalancer. */
  readonly namespace: string;
}

/** An Application Gateway for Containers that was made outside the cluster. */
export interface ApplicationGatewayFrontend {
  /** Azure's resource ID of the Application Gateway for Containers. */
  readonly albId: string;

  /** Name of its frontend. A Gateway has a frontend of its own. */
  readonly frontend: string;
}

/** What an AKS cluster with Application Gateway for Containers has. */
export interface AksApplicationGatewayRoutingProps extends RoutingProps {
  /**
   * The Application Gateway for Containers, where the ALB Controller manages it.
   *
   * @default - none: `frontend` or `gateway` is given
   */
  readonly loadBalancer?: ApplicationLoadBalancerReference;

  /**
   * The frontend, where the Application Gateway for Containers was made outside the cluster.
   *
   * @default - none: `loadBalancer` or `gateway` is given
   */
  readonly frontend?: ApplicationGatewayFrontend;

  /**
   * A Gateway that exists already, to attach the routes to.
   *
   * @default - each PublicRoute makes its own
   */
  readonly gateway?: SharedGateway;

  /**
   * The GatewayClass.
   *
   * @default azure-alb-external
   */
  readonly gatewayClassName?: string;

  /**
   * The cert-manager ClusterIssuer that makes the certificates.
   *
   * @default - none: each PublicRoute names its Secret
   * @see https://learn.microsoft.com/azure/application-gateway/for-containers/how-to-cert-manager-lets-encrypt-gateway-api
   */
  readonly clusterIssuer?: string;

  /**
   * Address range of the subnet that the Application Gateway for Containers is associated with, from which it
   * connects: the network policy lets it in.
   *
   * @default - none is known, and LeastPrivilegeAccess asks for it
   */
  readonly subnetCidr?: string;
}

/** The part of `alb.networking.azure.io/v1` HealthCheckPolicy that we set. Its schema is not public. */
interface HealthCheckPolicySpec {
  readonly targetRef: { readonly group: ''; readonly kind: 'Service'; readonly name: string };
  readonly default: {
    readonly interval: string;
    readonly timeout: string;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
    readonly port: number;
    readonly http: {
      readonly host: string;
      readonly path: string;
      readonly match: { readonly statusCodes: { readonly start: number; readonly end: number }[] };
    };
  };
}

/** The part of `alb.networking.azure.io/v1` RoutePolicy that we set. Its schema is not public. */
interface RoutePolicySpec {
  /** The documentation has an empty group for the HTTPRoute, too. */
  readonly targetRef: { readonly group: ''; readonly kind: 'HTTPRoute'; readonly name: string };
  readonly default: {
    readonly timeouts: { readonly routeTimeout: string };
    readonly sessionAffinity?: { readonly affinityType: 'managed-cookie' };
  };
}

/**
 * Gateway and HTTPRoutes of Azure's Application Gateway for Containers, with a HealthCheckPolicy for the Service, and
 * for that of a canary, and a RoutePolicy for timeout and sticky sessions. The fields are the documentation's; not
 * tried on a cluster.
 *
 * Throws when:
 * - no load balancer is named, or more than one;
 * - there is no certificate, or there is one in addition to those of a shared `gateway`;
 * - an application has two routes: their policies would contradict one another;
 * - there is `maintenance` without `maintenanceUrl`: no status is documented for a Service without pods;
 * - there is `sessionAffinity` with a canary.
 *
 * @see https://learn.microsoft.com/azure/application-gateway/for-containers/how-to-ssl-offloading-gateway-api
 * @see https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe
 * @see https://learn.microsoft.com/azure/application-gateway/for-containers/session-affinity
 * @see https://learn.microsoft.com/azure/application-gateway/for-containers/how-to-traffic-splitting-gateway-api
 * @see https://learn.microsoft.com/azure/application-gateway/for-containers/api-specification-kubernetes
 *
 * @example
 * Distribution.aks({
 *   routing: new AksApplicationGatewayRouting({
 *     loadBalancer: { name: 'alb', namespace: 'infra' },
 *     clusterIssuer: 'letsencrypt',
 *     subnetCidr: '10.225.0.0/24',
 *   }),
 * });
 */
export class AksApplicationGatewayRouting extends Router {
  constructor(private readonly props: AksApplicationGatewayRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneGateway(props.gateway, 'new AksApplicationGatewayRouting'),
      deregistration: DEREGISTRATION.outside,
      // https://learn.microsoft.com/azure/application-gateway/for-containers/application-gateway-for-containers-components
      idleTimeout: Duration.minutes(5),
      missing: {
        [RouteFeature.MAINTENANCE_RESPONSE]: noResponse(
          'Application Gateway for Containers documents no status for a Service without pods',
        ),
        [RouteFeature.STICKY_CANARY]: notSticky(
          'Application Gateway for Containers documents its cookie for the replicas of one Service',
        ),
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    this.checkFacts(scope);
    return [
      ...this.gatewayAndRoutes(scope, request),
      ...backendsOf(request).map((backend) => healthCheckPolicy(scope, request, backend)),
      routePolicy(scope, request),
    ];
  }

  sources(scope: Construct): NetworkPeer[] {
    const { subnetCidr } = this.props;
    if (!subnetCidr) {
      throw new InvalidInputError(scope, {
        property: 'subnetCidr',
        value: subnetCidr,
        reason: 'is needed to let the load balancer in',
        remedy:
          'Give the range of its subnet: new AksApplicationGatewayRouting({ subnetCidr: "10.225.0.0/24", … })',
      });
    }
    return rangePeers(scope, 'subnetCidr', [subnetCidr]);
  }

  private checkFacts(scope: Construct): void {
    const { loadBalancer, frontend, gateway, gatewayClassName, clusterIssuer } = this.props;
    checkNames(scope, { gatewayClassName, clusterIssuer, 'loadBalancer.name': loadBalancer?.name });
    if (loadBalancer) checkNamespace(scope, 'loadBalancer.namespace', loadBalancer.namespace);
    if (frontend) checkFrontend(scope, frontend);
    const given = [loadBalancer, frontend, gateway].filter((one) => one !== undefined);
    if (given.length === 1) return;
    Problems.report(scope, {
      property: 'loadBalancer',
      value: loadBalancer,
      reason: given.length
        ? 'is not the only one of loadBalancer, frontend and gateway'
        : 'is needed where neither frontend nor gateway is given',
      remedy:
        'Give one of them: new AksApplicationGatewayRouting({ loadBalancer: { name: "…", namespace: "…" } })',
    });
  }

  private gatewayAndRoutes(scope: Construct, request: RouteRequest): Resource[] {
    const { gateway, frontend, clusterIssuer } = this.props;
    const { tlsSecretName } = request;
    if (gateway) {
      checkSharedGateway(scope, gateway, { tlsSecretName, clusterIssuer });
      return sharedGatewayRoute(scope, request, gateway, { routeTimeouts: false });
    }
    if (!clusterIssuer && !tlsSecretName) {
      Problems.report(scope, {
        property: 'tlsSecretName',
        value: tlsSecretName,
        reason: 'is needed where no issuer makes certificates',
        remedy:
          'Give it, or name the ClusterIssuer: new AksApplicationGatewayRouting({ clusterIssuer: "letsencrypt", … })',
      });
    }
    return gatewayRoute(scope, request, {
      gatewayClassName: this.props.gatewayClassName ?? 'azure-alb-external',
      annotations: {
        ...this.loadBalancerAnnotations(),
        ...(!tlsSecretName && { 'cert-manager.io/cluster-issuer': clusterIssuer! }),
      },
      addresses: frontend && [{ type: 'alb.networking.azure.io/alb-frontend', value: frontend.frontend }],
      tls: {
        mode: Mode.TERMINATE,
        certificateRefs: [secretReference(tlsSecretName ?? `${request.name}-tls`)],
      },
      routeTimeouts: false,
    });
  }

  private loadBalancerAnnotations(): Record<string, string> {
    const { loadBalancer, frontend } = this.props;
    if (frontend) return { 'alb.networking.azure.io/alb-id': frontend.albId };
    return {
      'alb.networking.azure.io/alb-name': loadBalancer!.name,
      'alb.networking.azure.io/alb-namespace': loadBalancer!.namespace,
    };
  }
}

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftservicenetworking */
function checkFrontend(scope: Construct, { albId, frontend }: ApplicationGatewayFrontend): void {
  if (!/^\/subscriptions\/[^\s]+$/.test(albId)) {
    Problems.report(scope, {
      property: 'frontend.albId',
      value: albId,
      reason: 'is not the ID of a resource of Azure',
      remedy: 'Give what "az network alb show --query id" says: "/subscriptions/…"',
    });
  }
  if (!/^[A-Za-z0-9]([-\w.]{0,62}\w)?$/.test(frontend)) {
    Problems.report(scope, {
      property: 'frontend.frontend',
      value: frontend,
      reason: 'is not a name that a frontend can have',
      remedy: 'Use letters, digits, "-", "_" and ".", at most 64',
    });
  }
}

function healthCheckPolicy(scope: Construct, request: RouteRequest, backend: Backend): Resource {
  const { labels, healthPath, healthCheckHost } = request;
  const { id, name, serviceName, servicePort } = backend;
  const spec: HealthCheckPolicySpec = {
    targetRef: { group: '', kind: 'Service', name: serviceName },
    default: {
      interval: '5s',
      timeout: '5s',
      healthyThreshold: 1,
      unhealthyThreshold: 3,
      port: servicePort,
      http: { host: healthCheckHost, path: healthPath, match: { statusCodes: [{ start: 200, end: 200 }] } },
    },
  };
  return new ServicePolicy(scope, `${id}HealthCheckPolicy`, serviceName, {
    apiVersion: 'alb.networking.azure.io/v1',
    kind: 'HealthCheckPolicy',
    metadata: { name, labels },
    spec,
  });
}

function routePolicy(scope: Construct, request: RouteRequest): Resource {
  const { name, labels, sessionAffinity } = request;
  const spec: RoutePolicySpec = {
    targetRef: { group: '', kind: 'HTTPRoute', name },
    default: {
      timeouts: { routeTimeout: `${longestTimeout(request).toSeconds()}s` },
      ...(sessionAffinity && { sessionAffinity: { affinityType: 'managed-cookie' } }),
    },
  };
  return new Resource(scope, 'RoutePolicy', {
    apiVersion: 'alb.networking.azure.io/v1',
    kind: 'RoutePolicy',
    metadata: { name, labels },
    spec,
  });
}
