import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { DEREGISTRATION, drainingSeconds } from './draining';
import { checkNames } from './facts';
import { GOOGLE_FRONT_ENDS } from './google-front-ends';
import { ingressRules, serviceBackend } from './ingress-rules';
import { longestTimeout, RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { Router } from './router';
import { ServicePolicy } from './service-policy';
import { SESSION_SECONDS } from './session-affinity';

/** What a GKE cluster's Ingress has. */
export interface GkeIngressRoutingProps extends RoutingProps {
  /**
   * Name of a global static IP address. A managed certificate is issued once the hosts lead to the address of the
   * Ingress, which is easier when it is known beforehand.
   *
   * @default - an address of Google's choice, which can change when the Ingress is made anew
   */
  readonly staticIpName?: string;
}

/** The part of `cloud.google.com/v1` BackendConfig that we set (kubernetes/ingress-gce, pkg/apis/backendconfig/v1). */
interface BackendConfigSpec {
  readonly timeoutSec: number;
  readonly connectionDraining: { readonly drainingTimeoutSec: number };
  readonly healthCheck: {
    readonly type: 'HTTP';
    readonly requestPath: string;
    readonly checkIntervalSec: number;
    readonly timeoutSec: number;
  };
  readonly sessionAffinity?: {
    readonly affinityType: 'GENERATED_COOKIE';
    readonly affinityCookieTtlSec: number;
  };
  readonly iap?: { readonly enabled: true };
}

/**
 * The part of `networking.gke.io/v1beta1` FrontendConfig that we set (kubernetes/ingress-gce, pkg/apis/frontendconfig).
 */
interface FrontendConfigSpec {
  readonly redirectToHttps: {
    readonly enabled: boolean;
    readonly responseCodeName: 'MOVED_PERMANENTLY_DEFAULT';
  };
}

/** The part of `networking.gke.io/v1` ManagedCertificate that we set. */
interface ManagedCertificateSpec {
  readonly domains: string[];
}

const USE_GATEWAY_TO_REDIRECT =
  'Use the Gateway, with a maintenanceUrl: Distribution.gke({ certificateMap: "polls" })';

/**
 * The global external load balancer of GKE by an Ingress. A FrontendConfig sends plain HTTP to HTTPS. A BackendConfig
 * has health check, timeout and draining. A ManagedCertificate or the route's Secret has the certificate. The Service
 * of the application gets the annotations that name the BackendConfig and have the load balancer reach pods directly.
 * With `signIn` Identity-Aware Proxy stands before the Service, with the OAuth client that Google manages.
 *
 * The health check names the address of a pod as its host, and cannot name another. Its path must answer all the same,
 * as the health endpoints of the settings overlay do. PublicRoute checks that there is such a path. The fields are
 * those of the documentation; no schema is public, and they were not tried on a cluster.
 *
 * Throws when:
 * - `maintenance` or `canary` is asked for, because the load balancer has nothing for them;
 * - a ManagedCertificate does not take a host;
 * - an application has two routes, because their BackendConfigs would contradict one another.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/managed-certs
 *
 * @example
 * Distribution.gke({ routing: new GkeIngressRouting({ staticIpName: 'polls' }) });
 */
export class GkeIngressRouting extends Router {
  /** A BackendConfig has a path to check, and no host. */
  readonly healthCheckNamesHost?: boolean = false;

  constructor(private readonly props: GkeIngressRoutingProps) {
    super(props, {
      sharedAddressRemedy:
        'Attach both to one Gateway with a listener for the host, which an Ingress of GKE cannot: ' +
        'Distribution.gke({ gateway: { name: "…", namespace: "…" } })',
      deregistration: DEREGISTRATION.outside,
      // Fixed by the load balancer: https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries
      idleTimeout: Duration.minutes(10),
      // The visitor and the load balancer: https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header
      trustedProxies: 2,
      missing: {
        // https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration#enable_with_google_managed_oauth_client
        [RouteFeature.SIGN_IN]: undefined,
        // https://cloud.google.com/kubernetes-engine/docs/how-to/managed-certs#limitations
        [RouteFeature.WILDCARD_HOST]: {
          reason: 'cannot be in a certificate that GKE makes for an Ingress',
          remedy: 'Name the hosts, or use the Gateway: Distribution.gke({ certificateMap: "…" })',
        },
        [RouteFeature.MAINTENANCE_RESPONSE]: {
          reason: 'is not supported: the Ingress of GKE cannot answer by itself',
          remedy: USE_GATEWAY_TO_REDIRECT,
        },
        [RouteFeature.MAINTENANCE_REDIRECT]: {
          reason: 'cannot be redirected to: the Ingress of GKE redirects to HTTPS alone',
          remedy: USE_GATEWAY_TO_REDIRECT,
        },
        [RouteFeature.CANARY]: {
          reason:
            'cannot get a share of the requests: GkeIngressRouting makes an Ingress, which has one Service for a path',
          remedy: 'Use the Gateway: Distribution.gke({ certificateMap: "polls" })',
        },
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    checkNames(scope, { staticIpName: this.props.staticIpName });
    const { name, labels, serviceName, service } = request;
    service.metadata.addAnnotation('cloud.google.com/neg', '{"ingress": true}');
    service.metadata.addAnnotation('cloud.google.com/backend-config', `{"default": "${name}"}`);
    const ingress = new Resource(
      scope,
      'Ingress',
      k8s.manifest('Ingress', {
        metadata: { name, labels, annotations: this.annotations(request) },
        spec: {
          tls: request.tlsSecretName ? [{ secretName: request.tlsSecretName }] : undefined,
          rules: ingressRules(request, serviceBackend(serviceName, request)),
        },
      }),
    );
    const certificate = request.tlsSecretName ? [] : [managedCertificate(scope, request)];
    const backend = backendConfig(scope, request, this.deregistration);
    return [ingress, frontendConfig(scope, request), backend, ...certificate];
  }

  sources(_scope: Construct): NetworkPeer[] {
    return GOOGLE_FRONT_ENDS.map((cidr) => ({ cidr }));
  }

  private annotations({ name, tlsSecretName }: RouteRequest): Record<string, string> {
    const { staticIpName } = this.props;
    return {
      // GKE does not read spec.ingressClassName.
      'kubernetes.io/ingress.class': 'gce',
      'networking.gke.io/v1beta1.FrontendConfig': name,
      ...(!tlsSecretName && { 'networking.gke.io/managed-certificates': name }),
      ...(staticIpName && { 'kubernetes.io/ingress.global-static-ip-name': staticIpName }),
    };
  }
}

function frontendConfig(scope: Construct, { name, labels }: RouteRequest): Resource {
  const spec: FrontendConfigSpec = {
    redirectToHttps: { enabled: true, responseCodeName: 'MOVED_PERMANENTLY_DEFAULT' },
  };
  return new Resource(scope, 'FrontendConfig', {
    apiVersion: 'networking.gke.io/v1beta1',
    kind: 'FrontendConfig',
    metadata: { name, labels },
    spec,
  });
}

function backendConfig(scope: Construct, request: RouteRequest, deregistration: Duration): Resource {
  const { name, labels, healthPath, sessionAffinity, signIn } = request;
  const spec: BackendConfigSpec = {
    // It ends WebSockets too, also those in use.
    timeoutSec: longestTimeout(request).toSeconds(),
    connectionDraining: { drainingTimeoutSec: drainingSeconds(deregistration, request) },
    healthCheck: { type: 'HTTP', requestPath: healthPath, checkIntervalSec: 5, timeoutSec: 5 },
    ...(sessionAffinity && {
      sessionAffinity: { affinityType: 'GENERATED_COOKIE', affinityCookieTtlSec: SESSION_SECONDS },
    }),
    ...(signIn && { iap: { enabled: true } }),
  };
  return new ServicePolicy(scope, 'BackendConfig', request.serviceName, {
    apiVersion: 'cloud.google.com/v1',
    kind: 'BackendConfig',
    metadata: { name, labels },
    spec,
  });
}

function managedCertificate(scope: Construct, { name, labels, hosts }: RouteRequest): Resource {
  checkDomains(scope, hosts);
  const spec: ManagedCertificateSpec = { domains: hosts };
  return new Resource(scope, 'ManagedCertificate', {
    apiVersion: 'networking.gke.io/v1',
    kind: 'ManagedCertificate',
    metadata: { name, labels },
    spec,
  });
}

/** A ManagedCertificate's domains, by its definition. */
const MOST_DOMAINS = 100;
const LONGEST_DOMAIN = 63;

/** @see https://github.com/GoogleCloudPlatform/gke-managed-certs/blob/master/deploy/managedcertificates-crd.yaml */
function checkDomains(scope: Construct, hosts: string[]): void {
  const long = hosts.find(({ length }) => length > LONGEST_DOMAIN);
  if (long === undefined && hosts.length <= MOST_DOMAINS) return;
  Problems.report(scope, {
    property: 'hosts',
    value: long ?? hosts.length,
    reason:
      long === undefined
        ? `are more than the ${MOST_DOMAINS} that a ManagedCertificate takes`
        : `has ${long.length} characters, and a ManagedCertificate takes hosts of ${LONGEST_DOMAIN}`,
    remedy: 'Give a certificate of your own: tlsSecretName',
  });
}
