import { AwsIdentity, AwsIdentityProps } from '../capabilities/identity/aws-identity';
import { JsonLogging } from '../capabilities/logging/logging';
import { ServiceMonitorMonitoring } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork } from '../capabilities/network/network';
import { AlbIngressProps, AlbIngressRouting } from '../capabilities/routing/alb-ingress';
import { AwsSecretsManager } from '../capabilities/secrets/aws-secrets-manager';
import { RestrictedSecurity } from '../capabilities/security/security';
import { S3Storage } from '../capabilities/storage/s3-storage';
import { StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { CapabilityTable } from './capability-table';
import { DistributionProps } from './props';

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
export class EksDistribution extends CapabilityTable {
  constructor(props: EksProps) {
    const { region } = props;
    super(
      {
        name: 'eks',
        kubernetesVersion: '1.34',
        routing: new AlbIngressRouting(props),
        security: new RestrictedSecurity(),
        network: new ClusterNetwork({ monitoringNamespaceLabels: namespaceLabels('monitoring') }),
        // The one class that a cluster has from its start. It has not been the default class since 1.30, so it is named.
        storage: new StorageClasses({ storageClassName: 'gp2' }),
        monitoring: new ServiceMonitorMonitoring(),
        logging: new JsonLogging(),
        identity: new AwsIdentity(props),
        secrets: region ? new AwsSecretsManager({ region }) : undefined,
        objectStorage: new S3Storage({ region: props.region }),
      },
      props,
    );
  }
}
