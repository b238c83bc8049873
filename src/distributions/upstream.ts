import { IIdentity } from '../capabilities/identity/identity';
import { ILogging, JsonLogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { ServiceMonitorMonitoring } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork, INetwork } from '../capabilities/network/network';
import { IRouting } from '../capabilities/routing/routing';
import { UpstreamGatewayProps, UpstreamGatewayRouting } from '../capabilities/routing/upstream-gateway';
import { IPostgres } from '../capabilities/postgres/postgres';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity, RestrictedSecurity } from '../capabilities/security/security';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { IStorage, StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { IDistribution } from './distribution';
import { distributionName, DistributionProps, targetVersion } from './props';

/** The facts of a cluster of upstream Kubernetes. */
export interface UpstreamProps extends DistributionProps, UpstreamGatewayProps {}

/** Upstream Kubernetes: Gateway API, the cluster's default StorageClass, the Prometheus operator. */
export class UpstreamDistribution implements IDistribution {
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

  constructor(props: UpstreamProps) {
    this.name = distributionName(props.name, 'upstream');
    this.kubernetesVersion = targetVersion(props.kubernetesVersion, '1.34', 'upstream');
    this.routing = props.routing ?? new UpstreamGatewayRouting(props);
    this.security = props.security ?? new RestrictedSecurity();
    this.network =
      props.network ?? new ClusterNetwork({ monitoringNamespaceLabels: namespaceLabels('monitoring') });
    this.storage = props.storage ?? new StorageClasses({});
    this.monitoring = props.monitoring ?? new ServiceMonitorMonitoring();
    this.logging = props.logging ?? new JsonLogging();
    this.identity = props.identity;
    this.secrets = props.secrets;
    this.postgres = props.postgres;
    this.objectStorage = props.objectStorage;
  }
}
