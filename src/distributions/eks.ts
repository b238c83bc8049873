import { AwsIdentity, AwsIdentityProps } from '../capabilities/identity/aws-identity';
import { IIdentity } from '../capabilities/identity/identity';
import { ILogging, JsonLogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { ServiceMonitorMonitoring } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork, INetwork } from '../capabilities/network/network';
import { AlbIngressProps, AlbIngressRouting } from '../capabilities/routing/alb-ingress';
import { IRouting } from '../capabilities/routing/routing';
import { AwsSecretsManager } from '../capabilities/secrets/aws-secrets-manager';
import { IPostgres } from '../capabilities/postgres/postgres';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity, RestrictedSecurity } from '../capabilities/security/security';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { S3Storage } from '../capabilities/storage/s3-storage';
import { IStorage, StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { IDistribution } from './distribution';
import { distributionName, DistributionProps, targetVersion } from './props';

/** The facts of an EKS cluster. */
export interface EksProps extends DistributionProps, AlbIngressProps, AwsIdentityProps {
  /**
   * The region, such as `eu-west-1`: of Secrets Manager and of the buckets.
   *
   * @default - there is no secret store, and buckets are in the region of the pods' environment
   */
  readonly region?: string;
}

/** Amazon EKS: Application Load Balancer, EBS volumes, the Prometheus operator. */
export class EksDistribution implements IDistribution {
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

  constructor(props: EksProps) {
    this.name = distributionName(props.name, 'eks');
    this.kubernetesVersion = targetVersion(props.kubernetesVersion, '1.34', 'eks');
    this.routing = props.routing ?? new AlbIngressRouting(props);
    this.security = props.security ?? new RestrictedSecurity();
    this.network =
      props.network ?? new ClusterNetwork({ monitoringNamespaceLabels: namespaceLabels('monitoring') });
    // The one class that a cluster has from its start. It has not been the default class since 1.30, so it is named.
    this.storage = props.storage ?? new StorageClasses({ storageClassName: 'gp2' });
    this.monitoring = props.monitoring ?? new ServiceMonitorMonitoring();
    this.logging = props.logging ?? new JsonLogging();
    this.identity = props.identity ?? new AwsIdentity(props);
    this.postgres = props.postgres;
    this.objectStorage = props.objectStorage ?? new S3Storage({ region: props.region });
    const { region } = props;
    this.secrets = props.secrets ?? (region ? new AwsSecretsManager({ region }) : undefined);
  }
}
