import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { GatewaySpecListenersTlsMode as Mode } from '../../../imports/gateway.networking.k8s.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import { gatewayRoute, secretReference } from './gateway';
import { IRouting, longestTimeout, RouteRequest } from './routing';

/** What a GKE cluster's load balancers have. */
export interface GkeGatewayProps {
  /**
   * The GatewayClass.
   *
   * @default gke-l7-global-external-managed
   */
  readonly gatewayClassName?: string;

  /**
   * The Certificate Manager certificate map that holds the hosts' certificates.
   *
   * @default - none: each PublicRoute names its Secret
   * @see https://cloud.google.com/kubernetes-engine/docs/how-to/secure-gateway
   */
  readonly certificateMap?: string;

  /**
   * Address range of the proxy-only subnet, from which the load balancers of the regional classes connect.
   *
   * @default - none, which is right for the global classes
   */
  readonly proxyOnlySubnetCidr?: string;
}

/**
 * Where the global load balancers and all health checks connect from.
 *
 * @see https://cloud.google.com/load-balancing/docs/firewall-rules
 */
const GOOGLE_FRONT_ENDS = ['35.191.0.0/16', '130.211.0.0/22'];

/** Gateway and HTTPRoutes of GKE with a HealthCheckPolicy and a GCPBackendPolicy for the Service. */
export class GkeGatewayRouting implements IRouting {
  /** The load balancer learns of an endpoint's end through its network endpoint group, not at once. */
  readonly deregistration = Duration.seconds(15);

  constructor(private readonly props: GkeGatewayProps) {}

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { certificateMap } = this.props;
    if (!certificateMap && !request.tlsSecretName) {
      throw new InvalidInputError(scope, {
        property: 'tlsSecretName',
        value: request.tlsSecretName,
        reason: 'is needed where there is no certificate map',
        remedy: 'Give it, or name the map: Distribution.gke({ certificateMap: "polls" })',
      });
    }
    // GKE refuses a Gateway that has both a certificate map and references to Secrets.
    const tls = request.tlsSecretName
      ? { mode: Mode.TERMINATE, certificateRefs: [secretReference(request.tlsSecretName)] }
      : undefined;
    return [
      ...gatewayRoute(scope, request, {
        gatewayClassName: this.gatewayClassName,
        annotations: tls ? undefined : { 'networking.gke.io/certmap': certificateMap! },
        tls,
        routeTimeouts: false,
      }),
      healthCheckPolicy(scope, request),
      backendPolicy(scope, request, this.deregistration),
    ];
  }

  sources(scope: Construct): NetworkPeer[] {
    const { proxyOnlySubnetCidr } = this.props;
    if (this.gatewayClassName.includes('regional') && !proxyOnlySubnetCidr) {
      throw new InvalidInputError(scope, {
        property: 'proxyOnlySubnetCidr',
        value: proxyOnlySubnetCidr,
        reason: `is needed to let the proxies of GatewayClass "${this.gatewayClassName}" in`,
        remedy: 'Give the range of the subnet: Distribution.gke({ proxyOnlySubnetCidr: "10.129.0.0/23" })',
      });
    }
    const ranges = proxyOnlySubnetCidr ? [...GOOGLE_FRONT_ENDS, proxyOnlySubnetCidr] : GOOGLE_FRONT_ENDS;
    return ranges.map((cidr) => ({ cidr }));
  }

  private get gatewayClassName(): string {
    return this.props.gatewayClassName ?? 'gke-l7-global-external-managed';
  }
}

/** The part of `networking.gke.io/v1` HealthCheckPolicy that we set (GoogleCloudPlatform/gke-gateway-api, config/crd). */
interface HealthCheckPolicySpec {
  readonly targetRef: ServiceTarget;
  readonly default: {
    readonly checkIntervalSec: number;
    readonly timeoutSec: number;
    readonly config: {
      readonly type: 'HTTP';
      readonly httpHealthCheck: {
        readonly portSpecification: 'USE_SERVING_PORT';
        readonly requestPath: string;
        readonly host: string;
      };
    };
  };
}

/** The part of `networking.gke.io/v1` GCPBackendPolicy that we set. */
interface GcpBackendPolicySpec {
  readonly targetRef: ServiceTarget;
  readonly default: {
    readonly timeoutSec: number;
    readonly connectionDraining: { readonly drainingTimeoutSec: number };
  };
}

interface ServiceTarget {
  readonly group: '';
  readonly kind: 'Service';
  readonly name: string;
}

function healthCheckPolicy(scope: Construct, { name, labels, serviceName, healthPath, hosts }: RouteRequest) {
  const spec: HealthCheckPolicySpec = {
    targetRef: { group: '', kind: 'Service', name: serviceName },
    default: {
      checkIntervalSec: 5,
      timeoutSec: 5,
      config: {
        type: 'HTTP',
        httpHealthCheck: {
          portSpecification: 'USE_SERVING_PORT',
          requestPath: healthPath,
          // Without it the check names the pod's address, which Django would refuse.
          host: hosts[0],
        },
      },
    },
  };
  return new Resource(scope, 'HealthCheckPolicy', {
    apiVersion: 'networking.gke.io/v1',
    kind: 'HealthCheckPolicy',
    metadata: { name, labels },
    spec,
  });
}

function backendPolicy(scope: Construct, request: RouteRequest, draining: Duration) {
  const { name, labels, serviceName, timeout } = request;
  const spec: GcpBackendPolicySpec = {
    targetRef: { group: '', kind: 'Service', name: serviceName },
    default: {
      // It ends WebSockets too, also those in use.
      timeoutSec: longestTimeout(request).toSeconds(),
      connectionDraining: { drainingTimeoutSec: draining.toSeconds() + timeout.toSeconds() },
    },
  };
  return new Resource(scope, 'BackendPolicy', {
    apiVersion: 'networking.gke.io/v1',
    kind: 'GCPBackendPolicy',
    metadata: { name, labels },
    spec,
  });
}
