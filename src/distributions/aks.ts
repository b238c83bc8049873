import { AzureIdentity, AzureIdentityProps } from '../capabilities/identity/azure-identity';
import { IIdentity } from '../capabilities/identity/identity';
import { ILogging, JsonLogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { AzureServiceMonitorMonitoring } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork, INetwork } from '../capabilities/network/network';
import { AksGatewayProps, AksGatewayRouting } from '../capabilities/routing/aks-gateway';
import { IRouting } from '../capabilities/routing/routing';
import { AzureKeyVault } from '../capabilities/secrets/azure-key-vault';
import { IPostgres } from '../capabilities/postgres/postgres';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity, RestrictedSecurity } from '../capabilities/security/security';
import { AzureBlobStorage } from '../capabilities/storage/azure-blob-storage';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { IStorage, StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { IDistribution } from './distribution';
import { distributionName, DistributionProps, targetVersion } from './props';

/** The facts of an AKS cluster. */
export interface AksProps extends DistributionProps, AksGatewayProps, AzureIdentityProps {
  /**
   * URL of the Key Vault with the secrets: `https://acme.vault.azure.net`.
   *
   * @default - there is no secret store
   */
  readonly keyVaultUrl?: string;

  /**
   * ID of the tenant that the Key Vault belongs to.
   *
   * @default - there is no secret store
   */
  readonly tenantId?: string;

  /**
   * Name of the storage account with the containers for uploaded files.
   *
   * @default - none: `mediaBucket` throws
   */
  readonly storageAccount?: string;
}

/** Azure Kubernetes Service: managed Gateway API, managed disks, Azure Monitor managed Prometheus. */
export class AksDistribution implements IDistribution {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly routing: IRouting;
  readonly security: ISecurity;
  readonly network: INetwork;
  readonly storage: IStorage;
  readonly monitoring: IMonitoring;
  readonly logging: ILogging;
  readonly identity?: IIdentity;
  readonly secrets?: ISecrets;
  readonly objectStorage?: IObjectStorage;
  readonly postgres?: IPostgres;

  constructor(props: AksProps) {
    this.name = distributionName(props.name, 'aks');
    this.kubernetesVersion = targetVersion(props.kubernetesVersion, '1.34', 'aks');
    this.routing = props.routing ?? new AksGatewayRouting(props);
    this.security = props.security ?? new RestrictedSecurity();
    this.network =
      props.network ?? new ClusterNetwork({ monitoringNamespaceLabels: namespaceLabels('kube-system') });
    this.storage =
      props.storage ??
      new StorageClasses({ storageClassName: 'managed-csi', sharedStorageClassName: 'azurefile-csi' });
    this.monitoring = props.monitoring ?? new AzureServiceMonitorMonitoring();
    this.logging = props.logging ?? new JsonLogging();
    this.identity = props.identity ?? new AzureIdentity(props);
    this.secrets = props.secrets ?? keyVault(props);
    this.objectStorage = props.objectStorage ?? blobStorage(props);
    this.postgres = props.postgres;
  }
}

function keyVault({ keyVaultUrl: vaultUrl, tenantId }: AksProps): ISecrets | undefined {
  return vaultUrl && tenantId ? new AzureKeyVault({ vaultUrl, tenantId }) : undefined;
}

function blobStorage({ storageAccount }: AksProps): IObjectStorage | undefined {
  return storageAccount ? new AzureBlobStorage({ storageAccount }) : undefined;
}
