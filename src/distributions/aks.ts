import { AksAutomaticAdmission } from '../capabilities/admission/platforms';
import { HorizontalPodAutoscalers } from '../capabilities/autoscaling/horizontal-pod-autoscalers';
import { KedaAutoscaling } from '../capabilities/autoscaling/keda-autoscaling';
import { VolumeSnapshotBackups } from '../capabilities/backup/volume-snapshot-backups';
import { SidecarDashboards } from '../capabilities/dashboards/dashboards';
import { AzureIdentity, AzureIdentityProps } from '../capabilities/identity/azure-identity';
import { AzureContainerRegistry } from '../capabilities/images/cloud-registries';
import { JsonLogging } from '../capabilities/logging/logging';
import { AzureManagedPrometheus } from '../capabilities/monitoring/service-monitor';
import { ClusterAddressesProps } from '../capabilities/network/network';
import { AksAutomaticNetwork, AksNetwork } from '../capabilities/network/platforms';
import { AksGatewayRouting, AksGatewayRoutingProps } from '../capabilities/routing/aks-gateway';
import { AksScheduling, AZURE_SPOT_NOTICE, KarpenterScheduling } from '../capabilities/scheduling/platforms';
import { AzureKeyVault } from '../capabilities/secrets/azure-key-vault';
import { ISecrets } from '../platform/secrets';
import { RestrictedSecurity } from '../capabilities/security/security';
import { AzureBlobStorage } from '../capabilities/storage/azure-blob-storage';
import { IObjectStorage } from '../platform/object-storage';
import { StorageClasses } from '../capabilities/storage/storage';
import { DistributionProps, IDistribution } from '../platform/distribution';
import { customized } from './customized';

/** The facts of an AKS cluster. */
export interface AksDistributionProps
  extends DistributionProps, ClusterAddressesProps, AksGatewayRoutingProps, AzureIdentityProps {
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

  /**
   * Whether the cluster is an AKS Automatic one, or enforces deployment safeguards: what they demand is checked at
   * synth.
   *
   * @default false
   */
  readonly automatic?: boolean;
}

export function aks(props: AksDistributionProps): IDistribution {
  return customized(
    {
      name: 'aks',
      kubernetesVersion: '1.34',
      routing: new AksGatewayRouting(props),
      security: new RestrictedSecurity(),
      network: props.automatic ? new AksAutomaticNetwork(props) : new AksNetwork(props),
      storage: new StorageClasses({
        storageClassName: 'managed-csi',
        sharedStorageClassName: 'azurefile-csi',
      }),
      monitoring: new AzureManagedPrometheus(),
      dashboards: new SidecarDashboards(),
      logging: new JsonLogging(),
      autoscaling: props.automatic
        ? new KedaAutoscaling({ namespace: 'kube-system', verticalPodAutoscaler: true })
        : new HorizontalPodAutoscalers(),
      identity: new AzureIdentity(props),
      secrets: keyVault(props),
      objectStorage: blobStorage(props),
      // https://learn.microsoft.com/azure/aks/azure-disk-csi#volume-snapshots
      backup: new VolumeSnapshotBackups({
        driver: 'disk.csi.azure.com',
        parameters: { incremental: 'true' },
      }),
      admission: props.automatic ? new AksAutomaticAdmission() : undefined,
      scheduling: props.automatic ? autoProvisioning() : new AksScheduling(),
      images: new AzureContainerRegistry(),
    },
    props,
  );
}

function keyVault({ keyVaultUrl, tenantId }: AksDistributionProps): ISecrets | undefined {
  return keyVaultUrl && tenantId ? new AzureKeyVault({ keyVaultUrl, tenantId }) : undefined;
}

function blobStorage({ storageAccount }: AksDistributionProps): IObjectStorage | undefined {
  return storageAccount ? new AzureBlobStorage({ storageAccount }) : undefined;
}

/** AKS Automatic has node auto-provisioning, which is Karpenter; the notice is Azure's. */
function autoProvisioning(): KarpenterScheduling {
  return new KarpenterScheduling({ spotNotice: AZURE_SPOT_NOTICE });
}
