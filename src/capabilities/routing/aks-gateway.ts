import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  GatewaySpecListenersTls,
  GatewaySpecListenersTlsMode as Mode,
} from '../../../imports/gateway.networking.k8s.io';
import * as k8s from '../../kubernetes/api';
import { InvalidInputError } from '../../kubernetes/errors';
import { namespaceLabels } from '../../kubernetes/labels';
import { namespaceOf } from '../../kubernetes/namespaces';
import { NetworkPeer } from '../../kubernetes/peers';
import { Resource } from '../../kubernetes/resource';
import { DEREGISTRATION, ENVOY_IDLE_TIMEOUT } from './draining';
import { checkGatewayService, checkNames, gatewayNamespaceOf } from './facts';
import { gatewayRoute, secretReference, sharedGatewayRoute } from './gateway';
import {
  certificateReader,
  checkKeyVaultCertificate,
  KeyVaultCertificate,
  keyVaultTls,
} from './key-vault-certificate';
import { RouteFeature, RouteRequest, RoutingProps } from '../../platform/routing';
import { oneGateway, Router } from './router';
import { secretGrant } from './secret-grant';
import { checkSharedGateway, SharedGateway } from './shared-gateway';
import { resourcesOfCluster } from '../../platform/binding';

/** What an AKS cluster with managed Gateway API and application routing has. */
export interface AksGatewayRoutingProps extends RoutingProps {
  /**
   * The GatewayClass.
   *
   * @default approuting-istio
   */
  readonly gatewayClassName?: string;

  /**
   * URI of the Key Vault certificate, without a version.
   *
   * @default - none: each PublicRoute names its Secret
   * @see https://learn.microsoft.com/azure/aks/app-routing-gateway-api-dns-tls
   */
  readonly keyVaultCertificateUri?: string;

  /**
   * Client ID of the managed identity that may read the certificate.
   *
   * @default - none; needed with `keyVaultCertificateUri`
   */
  readonly certificateClientId?: string;

  /**
   * A Gateway that exists already, to attach the routes to.
   *
   * @default - each PublicRoute makes its own, in a namespace of its own
   */
  readonly gateway?: SharedGateway;
}

/**
 * Gateway and HTTPRoutes of AKS's application routing.
 *
 * The proxies run in the namespace of the Gateway, and Istio's do not set a seccomp profile, which Pod Security
 * `restricted` asks for: the Gateway gets a namespace of its own, which enforces `baseline`. The first route of a
 * namespace makes it for all of them, also for those in other charts. The certificate comes
 * from Key Vault by a ServiceAccount, whose commands are in `identity.txt`, or from a Secret that a ReferenceGrant
 * opens to the Gateway. During maintenance without `maintenanceUrl` there is a Service without pods too, for which the
 * Gateway API has routers answer with 503.
 *
 * Throws when:
 *
 * - the chart has no namespace;
 * - there is no certificate, or one that cannot exist;
 * - there is a certificate in addition to those of a shared `gateway`;
 * - the names of namespace or Service that are made of others would be too long;
 * - `sessionAffinity` is asked for: application routing takes no resource of Istio for it.
 *
 * @see https://learn.microsoft.com/azure/aks/app-routing-gateway-api
 *
 * @example
 * Distribution.aks({
 *   keyVaultCertificateUri: 'https://acme.vault.azure.net/certificates/polls',
 *   certificateClientId: '00000000-0000-0000-0000-000000000000',
 * });
 */
export class AksGatewayRouting extends Router {
  constructor(private readonly props: AksGatewayRoutingProps) {
    super(props, {
      sharedAddressRemedy: oneGateway(props.gateway, 'Distribution.aks'),
      deregistration: DEREGISTRATION.inside,
      idleTimeout: ENVOY_IDLE_TIMEOUT,
      missing: {
        [RouteFeature.SESSION_AFFINITY]: {
          reason:
            'is not in the standard channel of the Gateway API, which is all that application routing has',
          remedy:
            'Leave it out, or use a routing that has it: Distribution.aks({ routing: new AksApplicationGatewayRouting({ … }) })',
        },
      },
    });
  }

  route(scope: Construct, request: RouteRequest): Resource[] {
    const { gateway, gatewayClassName } = this.props;
    checkNames(scope, { gatewayClassName });
    return gateway ? this.attached(scope, request, gateway) : this.ownGateway(scope, request);
  }

  sources(scope: Construct): NetworkPeer[] {
    return [{ namespaceLabels: namespaceLabels(this.gatewayNamespace(scope)) }];
  }

  private attached(scope: Construct, request: RouteRequest, gateway: SharedGateway): Resource[] {
    const { keyVaultCertificateUri, certificateClientId } = this.props;
    checkSharedGateway(scope, gateway, {
      tlsSecretName: request.tlsSecretName,
      keyVaultCertificateUri,
      certificateClientId,
    });
    return sharedGatewayRoute(scope, request, gateway, { routeTimeouts: true });
  }

  private ownGateway(scope: Construct, request: RouteRequest): Resource[] {
    const namespaces = { gateway: this.gatewayNamespace(scope), app: Chart.of(scope).namespace! };
    const gatewayClassName = this.props.gatewayClassName ?? 'approuting-istio';
    const service = { name: request.name, gateway: request.name, gatewayClassName };
    checkGatewayService(scope, service, 'Use a shorter name of the route or of the GatewayClass');
    const existing = findNamespace(scope, namespaces.gateway);
    const made = existing ? [] : [makeNamespace(scope, namespaces.gateway)];
    const certificate = request.tlsSecretName
      ? [secretGrant(scope, request, namespaces.gateway)]
      : [certificateReader(scope, request, namespaces.gateway, this.certificate(scope))];
    const resources = gatewayRoute(scope, request, {
      gatewayClassName,
      namespaces,
      tls: this.tls(scope, request, namespaces.app),
      routeTimeouts: true,
    });
    const own = [...certificate, ...resources];
    for (const namespace of existing ? [existing] : made) {
      if (Chart.of(namespace) === Chart.of(scope)) own.forEach((one) => one.addDependency(namespace));
    }
    return [...made, ...own];
  }

  private tls(scope: Construct, request: RouteRequest, appNamespace: string): GatewaySpecListenersTls {
    if (!request.tlsSecretName) return keyVaultTls(request, this.certificate(scope));
    return {
      mode: Mode.TERMINATE,
      certificateRefs: [secretReference(request.tlsSecretName, appNamespace)],
    };
  }

  private certificate(scope: Construct): KeyVaultCertificate {
    const { keyVaultCertificateUri: uri, certificateClientId: clientId } = this.props;
    if (uri && clientId) return checkKeyVaultCertificate(scope, { uri, clientId });
    throw new InvalidInputError(scope, {
      property: 'tlsSecretName',
      value: undefined,
      reason: 'is needed where no Key Vault certificate is given',
      remedy: 'Give it, or both Distribution.aks({ keyVaultCertificateUri: "…", certificateClientId: "…" })',
    });
  }

  /** The proxies run in the namespace of the Gateway. */
  private gatewayNamespace(scope: Construct): string {
    const { gateway } = this.props;
    if (gateway?.namespace) return gateway.namespace;
    const namespace = namespaceOf(scope, 'of the chart is needed to name that of the Gateway');
    return gateway ? namespace : gatewayNamespaceOf(scope, namespace);
  }
}

/** The namespace of the Gateways, if another route made it: kustomize refuses a resource that is there twice. */
function findNamespace(scope: Construct, name: string): ApiObject | undefined {
  return resourcesOfCluster(scope, { kind: 'Namespace', name })[0];
}

function makeNamespace(scope: Construct, name: string): Resource {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'baseline',
    'pod-security.kubernetes.io/audit': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  };
  return new Resource(scope, 'GatewayNamespace', k8s.manifest('Namespace', { metadata: { name, labels } }));
}
