import { Construct } from 'constructs';
import {
  GatewaySpecListenersTls,
  GatewaySpecListenersTlsMode as Mode,
} from '../../../imports/gateway.networking.k8s.io';
import * as k8s from '../../kubernetes/api';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { checkClientId, federatedCredential } from '../identity/azure-identity';
import { RouteRequest } from '../../platform/routing';
import { addIdentityCommands } from '../../platform/identity-commands';

/** A certificate in Key Vault, and who may read it. */
export interface KeyVaultCertificate {
  /** Its URI, without a version. */
  readonly uri: string;
  /** Client ID of the managed identity that may read it. */
  readonly clientId: string;
}

/** In whichever cloud of Azure: `vault.azure.net`, `vault.azure.cn`. */
const CERTIFICATE_URI =
  /^https:\/\/([A-Za-z][-A-Za-z0-9]{2,23})\.vault(\.[a-z]+)+\/certificates\/[-A-Za-z0-9]{1,127}$/;

/** Throws when the platform's operator could not find the certificate. */
export function checkKeyVaultCertificate(
  scope: Construct,
  { uri, clientId }: KeyVaultCertificate,
): KeyVaultCertificate {
  if (!CERTIFICATE_URI.test(uri)) {
    Problems.report(scope, {
      property: 'keyVaultCertificateUri',
      value: uri,
      reason: 'is not the URI of a Key Vault certificate without a version',
      remedy: 'Give it as "https://acme.vault.azure.net/certificates/polls"',
    });
  }
  checkClientId(scope, 'certificateClientId', clientId);
  return { uri, clientId };
}

/** What a listener says about the certificate: the operator adds the reference to the Secret that it makes. */
export function keyVaultTls(request: RouteRequest, { uri }: KeyVaultCertificate): GatewaySpecListenersTls {
  return {
    mode: Mode.TERMINATE,
    options: {
      'kubernetes.azure.com/tls-cert-keyvault-uri': uri,
      'kubernetes.azure.com/tls-cert-service-account': readerName(request),
    },
  };
}

/**
 * The ServiceAccount with which the platform's operator fetches the certificate, in the namespace of the Gateway, with
 * the commands that let it.
 *
 * @see https://learn.microsoft.com/azure/aks/app-routing-gateway-api-dns-tls
 */
export function certificateReader(
  scope: Construct,
  request: RouteRequest,
  namespace: string,
  { uri, clientId }: KeyVaultCertificate,
): Resource {
  const name = readerName(request);
  const [, vault] = CERTIFICATE_URI.exec(uri)!;
  addIdentityCommands(scope, `ServiceAccount "${name}" of namespace "${namespace}" reads the certificate`, [
    ...federatedCredential(clientId, namespace, name),
    'az role assignment create --role "Key Vault Secrets User" --assignee "$PRINCIPAL" \\',
    `  --scope "$(az keyvault show --name ${vault} --query id --output tsv)"`,
  ]);
  return new Resource(
    scope,
    'CertificateReader',
    k8s.manifest('ServiceAccount', {
      metadata: {
        name,
        namespace,
        annotations: { 'azure.workload.identity/client-id': clientId },
        labels: { ...request.labels, 'azure.workload.identity/use': 'true' },
      },
      automountServiceAccountToken: false,
    }),
  );
}

function readerName({ name }: RouteRequest): string {
  return `${name}-certificate`;
}
