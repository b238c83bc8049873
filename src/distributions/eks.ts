import { EksAutoModeAdmission } from '../capabilities/admission/platforms';
import { HorizontalPodAutoscalers } from '../capabilities/autoscaling/horizontal-pod-autoscalers';
import { VolumeSnapshotBackups } from '../capabilities/backup/volume-snapshot-backups';
import { SidecarDashboards } from '../capabilities/dashboards/dashboards';
import { AwsIdentity, AwsIdentityProps } from '../capabilities/identity/aws-identity';
import { ElasticContainerRegistry } from '../capabilities/images/cloud-registries';
import { JsonLogging } from '../capabilities/logging/logging';
import { PrometheusOperator } from '../capabilities/monitoring/service-monitor';
import { ClusterAddressesProps } from '../capabilities/network/network';
import { EksNetwork } from '../capabilities/network/platforms';
import { AlbIngressRouting, AlbIngressRoutingProps } from '../capabilities/routing/alb-ingress';
import { EksAutoModeRouting } from '../capabilities/routing/eks-auto-mode';
import { EksScheduling, KarpenterScheduling } from '../capabilities/scheduling/platforms';
import { AwsSecretsManager } from '../capabilities/secrets/aws-secrets-manager';
import { RestrictedSecurity } from '../capabilities/security/security';
import { ebsDriver } from '../capabilities/storage/ebs-drivers';
import { EbsStorage } from '../capabilities/storage/ebs-storage';
import { S3Storage } from '../capabilities/storage/s3-storage';
import { StorageClasses } from '../capabilities/storage/storage';
import { DistributionProps, IDistribution } from '../platform/distribution';
import { customized } from './customized';

/** The facts of an EKS cluster. */
export interface EksDistributionProps
  extends DistributionProps, ClusterAddressesProps, AlbIngressRoutingProps, AwsIdentityProps {
  /**
   * The region, such as `eu-west-1`: of Secrets Manager and of the buckets.
   *
   * @default - there is no secret store, and buckets are in the region of the pods' environment
   */
  readonly region?: string;

  /**
   * Whether the cluster runs in Auto Mode, which has load balancers and a volume driver of its own. Its routes are
   * those of EksAutoModeRouting (`ingressClassName` is then a class that exists). Its volumes are those of EbsStorage.
   * Synth checks what it needs. It was not tried on a cluster.
   *
   * @default false
   */
  readonly autoMode?: boolean;
}

export function eks(props: EksDistributionProps): IDistribution {
  const { region, autoMode } = props;
  return customized(
    {
      name: 'eks',
      kubernetesVersion: '1.34',
      routing: autoMode ? new EksAutoModeRouting(props) : new AlbIngressRouting(props),
      security: new RestrictedSecurity(),
      network: new EksNetwork(props),
      // The one class that a cluster has from its start. It has not been the default class since 1.30, so it is named.
      storage: autoMode ? new EbsStorage({ autoMode }) : new StorageClasses({ storageClassName: 'gp2' }),
      monitoring: new PrometheusOperator(),
      dashboards: new SidecarDashboards(),
      logging: new JsonLogging(),
      autoscaling: new HorizontalPodAutoscalers({
        requestsMetric: 'django_http_responses',
      }),
      identity: new AwsIdentity(props),
      secrets: region ? new AwsSecretsManager({ region }) : undefined,
      objectStorage: new S3Storage({ region: props.region }),
      backup: new VolumeSnapshotBackups({
        driver: ebsDriver(autoMode),
        // Its provisioner is kubernetes.io/aws-ebs: such volumes work by migration, but cannot be snapshotted.
        inTreeStorageClasses: ['gp2'],
      }),
      admission: autoMode ? new EksAutoModeAdmission() : undefined,
      scheduling: autoMode ? new KarpenterScheduling() : new EksScheduling(),
      images: new ElasticContainerRegistry(),
    },
    props,
  );
}
