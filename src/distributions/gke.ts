import { GoogleIdentity, GoogleIdentityProps } from '../capabilities/identity/google-identity';
import { IIdentity } from '../capabilities/identity/identity';
import { CloudLogging, CloudLoggingProps, ILogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { PodMonitoringMonitoring } from '../capabilities/monitoring/pod-monitoring';
import { ClusterNetwork, INetwork } from '../capabilities/network/network';
import { IPostgres } from '../capabilities/postgres/postgres';
import { GkeGatewayProps, GkeGatewayRouting } from '../capabilities/routing/gke-gateway';
import { IRouting } from '../capabilities/routing/routing';
import { GoogleSecretManager } from '../capabilities/secrets/google-secret-manager';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity, RestrictedSecurity } from '../capabilities/security/security';
import { GoogleCloudStorage } from '../capabilities/storage/google-cloud-storage';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { IStorage, StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { IDistribution } from './distribution';
import { distributionName, DistributionProps, targetVersion } from './props';

/** The facts of a GKE cluster. */
export interface GkeProps extends DistributionProps, GkeGatewayProps, CloudLoggingProps, GoogleIdentityProps {
  /**
   * ID of the cluster's Google Cloud project: for traces in the log, identities and Secret Manager.
   *
   * @default - lines carry no full trace name, and there is no secret store
   */
  readonly projectId?: string;
}

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
  readonly identity?: IIdentity;
  readonly secrets?: ISecrets;
  readonly objectStorage?: IObjectStorage;
  readonly postgres?: IPostgres;

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
    this.identity = props.identity ?? new GoogleIdentity(props);
    this.postgres = props.postgres;
    this.objectStorage = props.objectStorage ?? new GoogleCloudStorage();
    const { projectId } = props;
    this.secrets = props.secrets ?? (projectId ? new GoogleSecretManager({ projectId }) : undefined);
  }
}
