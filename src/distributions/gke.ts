import { CloudLogging, CloudLoggingProps, ILogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { PodMonitoringMonitoring } from '../capabilities/monitoring/pod-monitoring';
import { ClusterNetwork, INetwork } from '../capabilities/network/network';
import { GkeGatewayProps, GkeGatewayRouting } from '../capabilities/routing/gke-gateway';
import { IRouting } from '../capabilities/routing/routing';
import { ISecurity, RestrictedSecurity } from '../capabilities/security/security';
import { IStorage, StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { IDistribution } from './distribution';
import { distributionName, DistributionProps, targetVersion } from './props';

/** The facts of a GKE cluster. */
export interface GkeProps extends DistributionProps, GkeGatewayProps, CloudLoggingProps {}

/** Google Kubernetes Engine: GKE Gateway, persistent disks, Managed Service for Prometheus. */
export class GkeDistribution implements IDistribution {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly routing: IRouting;
  readonly security: ISecurity;
  readonly network: INetwork;
  readonly storage: IStorage;
  readonly monitoring: IMonitoring;
  readonly logging: ILogging;

  constructor(props: GkeProps) {
    this.name = distributionName(props.name, 'gke');
    this.kubernetesVersion = targetVersion(props.kubernetesVersion, '1.34', 'gke');
    this.routing = props.routing ?? new GkeGatewayRouting(props);
    this.security = props.security ?? new RestrictedSecurity();
    this.network =
      props.network ?? new ClusterNetwork({ monitoringNamespaceLabels: namespaceLabels('gmp-system') });
    this.storage = props.storage ?? new StorageClasses({ storageClassName: 'standard-rwo' });
    this.monitoring = props.monitoring ?? new PodMonitoringMonitoring();
    this.logging = props.logging ?? new CloudLogging(props);
  }
}
