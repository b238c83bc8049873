import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { Problems } from '../../kubernetes/problems';
import { IdentityCloud, IIdentity, WorkloadIdentity } from '../../platform/identity';

/** Who is who between an AKS cluster and Entra ID. */
export interface AzureIdentityProps {
  /**
   * Client IDs of the managed identities that ServiceAccounts act as, by the name of the ServiceAccount: an
   * application's is the application's name, and `secret-store` fetches secrets.
   *
   * @default - none: an application that uses the platform needs one
   */
  readonly clientIds?: { [serviceAccount: string]: string };
}

/**
 * Entra Workload ID of AKS.
 *
 * @see https://learn.microsoft.com/azure/aks/workload-identity-overview
 * @example
 * Distribution.aks({ clientIds: { polls: '00000000-0000-0000-0000-000000000000' } });
 */
export class AzureIdentity implements IIdentity {
  constructor(private readonly props: AzureIdentityProps) {}

  identify(scope: Construct, serviceAccountName: string): WorkloadIdentity {
    const namespace = Chart.of(scope).namespace ?? 'default';
    const clientId = this.props.clientIds?.[serviceAccountName];
    if (!clientId) {
      throw new InvalidInputError(scope, {
        property: `clientIds.${serviceAccountName}`,
        value: clientId,
        reason: `is needed for ServiceAccount "${serviceAccountName}" to act as a managed identity`,
        remedy: `Give Distribution.aks({ clientIds: { ${JSON.stringify(serviceAccountName)}: "…" } })`,
      });
    }
    checkClientId(scope, `clientIds.${serviceAccountName}`, clientId);
    return {
      serviceAccountAnnotations: { 'azure.workload.identity/client-id': clientId },
      // Pods without it get no token.
      podLabels: { 'azure.workload.identity/use': 'true' },
      cloud: IdentityCloud.AZURE,
      egress: [{ ports: [{ port: 443 }] }],
      account: clientId,
      setup: federatedCredential(clientId, namespace, serviceAccountName),
    };
  }
}

const CLIENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The client ID of a managed identity. */
export function checkClientId(scope: Construct, property: string, value: string): void {
  if (CLIENT_ID.test(value)) return;
  Problems.report(scope, {
    property,
    value,
    reason: 'is not the client ID of a managed identity',
    remedy: 'Give what "az identity show --query clientId" says: "00000000-0000-0000-0000-000000000000"',
  });
}

/** The commands by which a ServiceAccount may act as a managed identity, which they leave in `$PRINCIPAL`. */
export function federatedCredential(
  clientId: string,
  namespace: string,
  serviceAccountName: string,
): string[] {
  return [
    `IDENTITY=$(az identity list --query "[?clientId=='${clientId}'].name" --output tsv)`,
    `RESOURCE_GROUP=$(az identity list --query "[?clientId=='${clientId}'].resourceGroup" --output tsv)`,
    `az identity federated-credential create --name ${namespace}-${serviceAccountName} \\`,
    '  --identity-name "$IDENTITY" --resource-group "$RESOURCE_GROUP" --issuer "${OIDC_ISSUER:?}" \\',
    `  --subject system:serviceaccount:${namespace}:${serviceAccountName} --audience api://AzureADTokenExchange`,
    `PRINCIPAL="${clientId}"`,
  ];
}
