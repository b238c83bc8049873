import { ILogging, JsonLogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { AzureServiceMonitorMonitoring } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork, INetwork } from '../capabilities/network/network';
import { AksGatewayProps, AksGatewayRouting } from '../capabilities/routing/aks-gateway';
import { IRouting } from '../capabilities/routing/routing';
import { ISecurity, RestrictedSecurity } from '../capabilities/security/security';
import { IStorage, StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { IDistribution } from './distribution';
import { distributionName, DistributionProps, targetVersion } from './props';

/** The facts of an AKS cluster. */
export interface AksProps extends DistributionProps, AksGatewayProps {}

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
  }
}
