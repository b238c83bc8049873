import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkPlatformName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { AzureIdentity } from '../identity/azure-identity';
import { KEY_VAULT_NAMES, READ_KEY_VAULT } from './azure-key-vault';
import { checkStoredNames, storeIdentity } from './external-secrets';
import { fileOf, secretProviderClass } from './secret-provider-class';
import { ISecrets, SecretRequest, StoredValue } from '../../platform/secrets';

/** Where secrets are in Azure, for the Secrets Store CSI driver. */
export interface AzureKeyVaultCsiProps {
  /** Name of the vault: `acme` of `https://acme.vault.azure.net`. */
  readonly keyVaultName: string;

  /** ID of the tenant that the vault belongs to. */
  readonly tenantId: string;
}

/**
 * Azure Key Vault, read by the Secrets Store CSI driver: the add-on `azure-keyvault-secrets-provider` of AKS, and no
 * operator. It makes a SecretProviderClass for each Secret.
 *
 * The driver reads as the managed identity `clientIds: { 'secret-store': … }` of the distribution, with the token of
 * each pod's ServiceAccount: `identity.txt` has the commands that link them. It reads from the node, so that pods need
 * no connection to the vault. It does not take a property out of a JSON value. It was not tried on AKS.
 *
 * Throws when:
 * - the vault, the tenant or the name of a stored secret is not valid;
 * - that managed identity is not given;
 * - `property` or `refreshInterval` is given.
 *
 * @see https://learn.microsoft.com/azure/aks/csi-secrets-store-driver
 * @see https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/configurations/sync-with-k8s-secrets/
 * @see https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/configurations/identity-access-modes/workload-identity-mode/
 * @example
 * Distribution.aks({
 *   secrets: new AzureKeyVaultCsi({ keyVaultName: 'acme', tenantId: '11111111-1111-1111-1111-111111111111' }),
 *   clientIds: { 'secret-store': '00000000-0000-0000-0000-000000000000' },
 * });
 */
export class AzureKeyVaultCsi implements ISecrets {
  constructor(private readonly props: AzureKeyVaultCsiProps) {}

  fetch(scope: Construct, request: SecretRequest): Resource[] {
    const { keyVaultName, tenantId } = this.props;
    checkVault(scope, keyVaultName);
    checkPlatformName(scope, 'secrets.tenantId', tenantId);
    checkStoredNames(scope, request, KEY_VAULT_NAMES);
    checkNoProperties(scope, request);
    const clientId = clientIdOf(scope);
    const objects = Object.entries(request.values).map(([key, value]) => objectOf(key, value));
    return [
      secretProviderClass(scope, request, {
        provider: 'azure',
        parameters: {
          usePodIdentity: 'false',
          clientID: clientId,
          keyvaultName: keyVaultName,
          tenantId,
          // A list of texts, each an object in YAML: JSON is YAML.
          objects: [
            'array:',
            ...objects.map((object) => `  - ${JSON.stringify(JSON.stringify(object))}`),
            '',
          ].join('\n'),
        },
        commands: (account) => [
          ...new AzureIdentity({ clientIds: { [account]: clientId } }).identify(scope, account).setup,
          ...READ_KEY_VAULT,
        ],
      }),
    ];
  }
}

function objectOf(key: string, { secret, version }: StoredValue): object {
  const [, objectType = 'secret', objectName] = /^(?:(secret|key|cert)\/)?(.*)$/.exec(secret)!;
  return { objectName, objectType, objectAlias: fileOf(key), objectVersion: version };
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault */
function checkVault(scope: Construct, name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9-]{2,23}$/.test(name)) {
    Problems.report(scope, {
      property: 'secrets.keyVaultName',
      value: name,
      reason: 'is not the name of a vault',
      remedy: 'Give the first part of its host, such as "acme" of acme.vault.azure.net',
    });
  }
}

function checkNoProperties(scope: Construct, { values }: SecretRequest): void {
  for (const [key, { property }] of Object.entries(values)) {
    if (property !== undefined) {
      Problems.report(scope, {
        property: `keys.${key}.property`,
        value: property,
        reason: 'is not supported: the Secrets Store CSI driver takes only whole values from Key Vault',
        remedy: 'Store it as a secret of its own, or give the distribution secrets: new AzureKeyVault({ … })',
      });
    }
  }
}

function clientIdOf(scope: Construct): string {
  const clientId = storeIdentity(scope)?.account;
  if (!clientId) {
    throw new InvalidInputError(scope, {
      property: 'identity',
      value: undefined,
      reason: 'is needed to know the managed identity that reads the vault',
      remedy: 'Give the distribution identity: new AzureIdentity({ clientIds: { "secret-store": "…" } })',
    });
  }
  return clientId;
}
