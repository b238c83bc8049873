import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { GatewaySpecListenersTlsMode as Mode } from '../../../imports/gateway.networking.k8s.io';
import { checkResourceName } from '../../kubernetes/names';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { Backend, backendsOf, notSticky } from './canary';
import { DEREGISTRATION, drainingSeconds } from './draining';
import { checkNames, rangePeers } from './facts';
import { gatewayRoute, secretReference, sharedGatewayRoute } from './gateway';
import { GOOGLE_FRONT_ENDS } from './google-front-ends';
import { noResponse } from './maintenance';
import { longestTimeout, RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneGateway, Router } from './router';
import { ServicePolicy } from './service-policy';
import { SESSION_SECONDS } from './session-affinity';
import { checkSharedGateway, SharedGateway } from './shared-gateway';

/** The OAuth client by which Identity-Aware Proxy has visitors sign in. */
export interface IdentityAwareProxyClient {
  /** Its ID, as Google Cloud shows it: `123-abc.apps.googleusercontent.com`. */
  readonly clientId: string;

  /** Name of the Secret with the client's secret under the key `key`, in the namespace of the route. */
  readonly clientSecretName: string;
}

/** What a GKE cluster's load balancers have. */
export interface GkeGatewayRoutingProps extends RoutingProps {
  /**
   * The GatewayClass: by it is known from where the load balancer connects.
   *
   * @default gke-l7-global-external-managed; that of a shared `gateway` has to be given for LeastPrivilegeAccess
   */
  readonly gatewayClassName?: string;

  /**
   * The Certificate Manager certificate map that holds the hosts' certificates. The load balancers of the regional and
   * internal classes take none.
   *
   * @default - none: each PublicRoute names its Secret
   * @see https://cloud.google.com/kubernetes-engine/docs/how-to/secure-gateway
   * @see https://cloud.google.com/certificate-manager/docs/how-it-works
   */
  readonly certificateMap?: string;

  /**
   * Address range of the proxy-only subnet, from which the load balancers of the regional classes connect.
   *
   * @default - none, which is right for the global classes
   */
  readonly proxyOnlySubnetCidr?: string;

  /**
   * Name of a reserved IP address: a global one for the global classes, one of the region for the others. Only one
   * Gateway can have it, so several PublicRoutes need a shared `gateway`. We read about this, but did not try it.
   *
   * @default - an address of Google's choice, which can change when the Gateway is made anew
   * @see https://cloud.google.com/kubernetes-engine/docs/how-to/deploying-gateways#gateway_ip_addressing
   */
  readonly addressName?: string;

  /**
   * A Gateway that exists already, to attach the routes to.
   *
   * @default - each PublicRoute makes its own
   */
  readonly gateway?: SharedGateway;

  /**
   * The OAuth client by which Identity-Aware Proxy has visitors of routes with `signIn` sign in. A GCPBackendPolicy
   * takes no client that Google manages.
   *
   * @default - none: `signIn` of a PublicRoute is an error
   * @see https://docs.cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources#configure_iap
   * @see https://github.com/GoogleCloudPlatform/gke-gateway-api/issues/57
   */
  readonly signIn?: IdentityAwareProxyClient;
}

/** The classes whose proxies are in the cluster's network: `rilb` is the regional internal load balancer. */
const REGIONAL = /regional|rilb/;

const CLIENT_ID = /^[-\w]+\.apps\.googleusercontent\.com$/;

/**
 * Gateway and HTTPRoutes of GKE with a HealthCheckPolicy and a GCPBackendPolicy for the Service, and for that of a
 * canary. With `signIn` Identity-Aware Proxy stands before the Service: it lets in who has the role IAP-secured Web App
 * User. It was not tried on GKE.
 *
 * Throws when:
 * - there is no certificate;
 * - there is a certificate or address in addition to those of a shared `gateway`;
 * - there is a certificate map with a regional or internal class;
 * - an application has two routes, whose policies would contradict one another;
 * - there is `maintenance` without `maintenanceUrl`: it is not documented which status GKE's load balancers answer with
 *   for a Service without pods;
 * - there is `sessionAffinity` with a canary, whose weights take precedence.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/deploying-gateways
 * @see https://cloud.google.com/java/docs/reference/google-cloud-compute/latest/com.google.cloud.compute.v1.WeightedBackendService
 *
 * @example
 * Distribution.gke({ certificateMap: 'polls' });
 *
 * @example
 * Distribution.gke({
 *   gateway: { name: 'edge', namespace: 'infra' },
 *   gatewayClassName: 'gke-l7-regional-external-managed',
 *   proxyOnlySubnetCidr: '10.129.0.0/23',
 * });
 */
export class GkeGatewayRouting extends Router {
  constructor(private readonly props: GkeGatewayRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneGateway(props.gateway, 'Distribution.gke'),
      deregistration: DEREGISTRATION.outside,
      // Fixed by the load balancer: https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries
      idleTimeout: Duration.minutes(10),
      // The visitor and the load balancer: https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header
      trustedProxies: 2,
      missing: {
        [RouteFeature.MAINTENANCE_RESPONSE]: noResponse('GKE documents no status for a Service without pods'),
        [RouteFeature.SIGN_IN]: props.signIn
          ? undefined
          : {
              reason: 'needs the OAuth client by which Identity-Aware Proxy has visitors sign in',
              remedy:
                'Name it: Distribution.gke({ signIn: { clientId: "…", clientSecretName: "…" } }), or use GkeIngressRouting',
            },
        [RouteFeature.STICKY_CANARY]: notSticky('the weights of Google’s load balancers take precedence'),
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { gatewayClassName, certificateMap, addressName } = this.props;
    checkNames(scope, { gatewayClassName, certificateMap, addressName });
    const client = this.clientOf(scope, request);
    return [
      ...this.gatewayAndRoutes(scope, request),
      ...backendsOf(request).flatMap((backend) => [
        healthCheckPolicy(scope, request, backend),
        backendPolicy(scope, request, backend, { deregistration: this.deregistration, client }),
      ]),
    ];
  }

  sources(scope: Construct): NetworkPeer[] {
    const { gateway, gatewayClassName, proxyOnlySubnetCidr } = this.props;
    if (gateway && !gatewayClassName && !proxyOnlySubnetCidr) {
      Problems.report(scope, {
        property: 'gatewayClassName',
        value: gatewayClassName,
        reason: `is needed to know from where the load balancer of the Gateway "${gateway.name}" connects`,
        remedy:
          'Give that of the Gateway: Distribution.gke({ gatewayClassName: "gke-l7-…", gateway: { … } })',
      });
    }
    if (REGIONAL.test(this.gatewayClassName) && !proxyOnlySubnetCidr) {
      Problems.report(scope, {
        property: 'proxyOnlySubnetCidr',
        value: proxyOnlySubnetCidr,
        reason: `is needed to let the proxies of GatewayClass "${this.gatewayClassName}" in`,
        remedy: 'Give the range of the subnet: Distribution.gke({ proxyOnlySubnetCidr: "10.129.0.0/23" })',
      });
    }
    const ranges = proxyOnlySubnetCidr ? [...GOOGLE_FRONT_ENDS, proxyOnlySubnetCidr] : GOOGLE_FRONT_ENDS;
    return rangePeers(scope, 'proxyOnlySubnetCidr', ranges);
  }

  private gatewayAndRoutes(scope: Construct, request: RouteRequest): Resource[] {
    const { certificateMap, gateway, addressName } = this.props;
    const { tlsSecretName } = request;
    if (gateway) {
      checkSharedGateway(scope, gateway, { tlsSecretName, certificateMap });
      this.refuseAddress(scope, gateway);
      return sharedGatewayRoute(scope, request, gateway, { routeTimeouts: false });
    }
    this.checkCertificateMap(scope);
    if (!certificateMap && !tlsSecretName) {
      Problems.report(scope, {
        property: 'tlsSecretName',
        value: tlsSecretName,
        reason: 'is needed where there is no certificate map',
        remedy: 'Give it, or name the map: Distribution.gke({ certificateMap: "polls" })',
      });
    }
    // GKE refuses a Gateway that has both a certificate map and references to Secrets.
    const tls = tlsSecretName
      ? { mode: Mode.TERMINATE, certificateRefs: [secretReference(tlsSecretName)] }
      : undefined;
    return gatewayRoute(scope, request, {
      gatewayClassName: this.gatewayClassName,
      annotations: tls ? undefined : { 'networking.gke.io/certmap': certificateMap! },
      addresses: addressName ? [{ type: 'NamedAddress', value: addressName }] : undefined,
      tls,
      routeTimeouts: false,
    });
  }

  /** The client of a route that asks for a sign-in, checked. */
  private clientOf(scope: Construct, { signIn }: RouteRequest): IdentityAwareProxyClient | undefined {
    const client = this.props.signIn;
    if (!signIn || !client) return undefined;
    if (!CLIENT_ID.test(client.clientId)) {
      Problems.report(scope, {
        property: 'signIn.clientId',
        value: client.clientId,
        reason: 'is not the ID of an OAuth client of Google',
        remedy: 'Give it as Google Cloud shows it: "123-abc.apps.googleusercontent.com"',
      });
    }
    checkResourceName(scope, 'signIn.clientSecretName', client.clientSecretName);
    return client;
  }

  private refuseAddress(scope: Construct, { name }: SharedGateway): void {
    const { addressName } = this.props;
    if (addressName === undefined) return;
    Problems.report(scope, {
      property: 'addressName',
      value: addressName,
      reason: `is of no use with the Gateway "${name}", which has an address`,
      remedy: 'Leave it out, and have the address at the Gateway',
    });
  }

  private checkCertificateMap(scope: Construct): void {
    const { certificateMap } = this.props;
    if (!certificateMap || !REGIONAL.test(this.gatewayClassName)) return;
    Problems.report(scope, {
      property: 'certificateMap',
      value: certificateMap,
      reason: `cannot be used with GatewayClass "${this.gatewayClassName}": certificate maps are of global load balancers`,
      remedy: 'Leave it out, and give the PublicRoute a tlsSecretName',
    });
  }

  private get gatewayClassName(): string {
    return this.props.gatewayClassName ?? 'gke-l7-global-external-managed';
  }
}

/**
 * The part of `networking.gke.io/v1` HealthCheckPolicy that we set (GoogleCloudPlatform/gke-gateway-api, config/crd).
 */
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
    readonly sessionAffinity?: { readonly type: 'GENERATED_COOKIE'; readonly cookieTtlSec: number };
    readonly iap?: {
      readonly enabled: true;
      readonly clientID: string;
      readonly oauth2ClientSecret: { readonly name: string };
    };
  };
}

interface ServiceTarget {
  readonly group: '';
  readonly kind: 'Service';
  readonly name: string;
}

function healthCheckPolicy(scope: Construct, request: RouteRequest, backend: Backend): Resource {
  const { labels, healthPath, healthCheckHost } = request;
  const { id, name, serviceName } = backend;
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
          host: healthCheckHost,
        },
      },
    },
  };
  return new ServicePolicy(scope, `${id}HealthCheckPolicy`, serviceName, {
    apiVersion: 'networking.gke.io/v1',
    kind: 'HealthCheckPolicy',
    metadata: { name, labels },
    spec,
  });
}

function backendPolicy(
  scope: Construct,
  request: RouteRequest,
  { id, name, serviceName }: Backend,
  { deregistration, client }: { deregistration: Duration; client?: IdentityAwareProxyClient },
): Resource {
  const { labels, sessionAffinity } = request;
  const spec: GcpBackendPolicySpec = {
    targetRef: { group: '', kind: 'Service', name: serviceName },
    default: {
      // It ends WebSockets too, also those in use.
      timeoutSec: longestTimeout(request).toSeconds(),
      connectionDraining: { drainingTimeoutSec: drainingSeconds(deregistration, request) },
      ...(sessionAffinity && {
        sessionAffinity: { type: 'GENERATED_COOKIE', cookieTtlSec: SESSION_SECONDS },
      }),
      ...(client && {
        iap: {
          enabled: true,
          clientID: client.clientId,
          oauth2ClientSecret: { name: client.clientSecretName },
        },
      }),
    },
  };
  return new ServicePolicy(scope, `${id}BackendPolicy`, serviceName, {
    apiVersion: 'networking.gke.io/v1',
    kind: 'GCPBackendPolicy',
    metadata: { name, labels },
    spec,
  });
}
