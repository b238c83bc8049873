import { Construct } from 'constructs';
import { SecretStoreSpecProviderAzurekvAuthType as AuthType } from '../../../imports/external-secrets.io';
import { checkPlatformName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import {
  checkStoredNames,
  externalSecret,
  namespaceStore,
  STORE_NAME,
  StoredNames,
  storeIdentity,
} from './external-secrets';
import { ISecrets, SecretRequest } from '../../platform/secrets';

/** Where secrets are in Azure. */
export interface AzureKeyVaultProps {
  /** URL of the vault: `https://acme.vault.azure.net`. */
  readonly keyVaultUrl: string;

  /** ID of the tenant that the vault belongs to. */
  readonly tenantId: string;
}

/**
 * Azure Key Vault, read by the External Secrets Operator with a ServiceAccount of the namespace. There is an
 * ExternalSecret for each Secret, and once a namespace a SecretStore and that ServiceAccount, `secret-store`, whose
 * managed identity is the distribution's `clientIds: { 'secret-store': … }`.
 *
 * Throws when the URL, the tenant or the name of a stored secret is not a valid one.
 *
 * @see https://external-secrets.io/latest/provider/azure-key-vault/
 * @example
 * Distribution.aks({
 *   secrets: new AzureKeyVault({
 *     keyVaultUrl: 'https://acme.vault.azure.net',
 *     tenantId: '11111111-1111-1111-1111-111111111111',
 *   }),
 *   clientIds: { 'secret-store': '00000000-0000-0000-0000-000000000000' },
 * });
 */
export class AzureKeyVault implements ISecrets {
  constructor(private readonly props: AzureKeyVaultProps) {}

  fetch(scope: Construct, request: SecretRequest): Resource[] {
    checkStoredNames(scope, request, KEY_VAULT_NAMES);
    const { keyVaultUrl, tenantId } = this.props;
    checkPlatformName(scope, 'secrets.tenantId', tenantId);
    if (!/^https:\/\/[A-Za-z0-9][-.A-Za-z0-9]*\/?$/.test(keyVaultUrl)) {
      Problems.report(scope, {
        property: 'secrets.keyVaultUrl',
        value: keyVaultUrl,
        reason: 'is not the URL of a vault',
        remedy: 'Give it as "https://acme.vault.azure.net"',
      });
    }
    const store = namespaceStore(scope, () => ({
      provider: {
        azurekv: {
          authType: AuthType.WORKLOAD_IDENTITY,
          vaultUrl: keyVaultUrl,
          tenantId,
          serviceAccountRef: { name: STORE_NAME },
        },
      },
      identity: storeIdentity(scope) ?? { egress: [], setup: [] },
      grants: READ_KEY_VAULT,
    }));
    return [externalSecret(scope, request, store)];
  }
}

/** Which names Key Vault has, and the kind before them. */
export const KEY_VAULT_NAMES: StoredNames = {
  pattern: /^(?:(?:secret|key|cert)\/)?[A-Za-z0-9-]{1,127}$/,
  store: 'Key Vault',
  remedy: 'Use letters, digits and "-", at most 127',
};

/** What lets `$PRINCIPAL` read the vault. */
export const READ_KEY_VAULT = [
  'az role assignment create --role "Key Vault Secrets User" --assignee "$PRINCIPAL" \\',
  '  --scope "${KEY_VAULT_ID:?}"',
];
