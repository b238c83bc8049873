import { GkeAutopilotAdmission } from '../capabilities/admission/platforms';
import { HorizontalPodAutoscalers } from '../capabilities/autoscaling/horizontal-pod-autoscalers';
import { VolumeSnapshotBackups } from '../capabilities/backup/volume-snapshot-backups';
import { GoogleCloudDashboards } from '../capabilities/dashboards/dashboards';
import { GoogleIdentity, GoogleIdentityProps } from '../capabilities/identity/google-identity';
import { ArtifactRegistry } from '../capabilities/images/cloud-registries';
import { CloudLogging, CloudLoggingProps } from '../capabilities/logging/logging';
import { GoogleManagedPrometheus } from '../capabilities/monitoring/pod-monitoring';
import { ClusterAddressesProps } from '../capabilities/network/network';
import { GkeNetwork } from '../capabilities/network/platforms';
import { GkeGatewayRouting, GkeGatewayRoutingProps } from '../capabilities/routing/gke-gateway';
import { GkeScheduling } from '../capabilities/scheduling/platforms';
import { GoogleSecretManager } from '../capabilities/secrets/google-secret-manager';
import { RestrictedSecurity } from '../capabilities/security/security';
import { GoogleCloudStorage } from '../capabilities/storage/google-cloud-storage';
import { StorageClasses } from '../capabilities/storage/storage';
import { DistributionProps, IDistribution } from '../platform/distribution';
import { customized } from './customized';

/**
 * The facts of a GKE cluster. `projectId` is for traces in the log, for identities and for Secret Manager: without it
 * there is no secret store.
 */
export interface GkeDistributionProps
  extends
    DistributionProps,
    ClusterAddressesProps,
    GkeGatewayRoutingProps,
    CloudLoggingProps,
    GoogleIdentityProps {
  /**
   * Whether the cluster is an Autopilot cluster: what it demands is checked at synth.
   *
   * @default false
   */
  readonly autopilot?: boolean;
}

export function gke(props: GkeDistributionProps): IDistribution {
  const { projectId } = props;
  return customized(
    {
      name: 'gke',
      kubernetesVersion: '1.34',
      routing: new GkeGatewayRouting(props),
      security: new RestrictedSecurity(),
      network: new GkeNetwork(props),
      storage: new StorageClasses({ storageClassName: 'standard-rwo' }),
      monitoring: new GoogleManagedPrometheus(),
      dashboards: new GoogleCloudDashboards(),
      logging: new CloudLogging(props),
      autoscaling: new HorizontalPodAutoscalers({
        requestsMetric: 'prometheus.googleapis.com|django_http_responses_total|counter',
        verticalPodAutoscaler: props.autopilot,
      }),
      identity: new GoogleIdentity(props),
      secrets: projectId ? new GoogleSecretManager({ projectId }) : undefined,
      objectStorage: new GoogleCloudStorage(),
      // https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/volume-snapshots
      backup: new VolumeSnapshotBackups({ driver: 'pd.csi.storage.gke.io' }),
      admission: props.autopilot ? new GkeAutopilotAdmission() : undefined,
      // In Autopilot the annotation asks for a Pod of extended duration: a node and larger requests, without Spot.
      // https://cloud.google.com/kubernetes-engine/docs/how-to/extended-duration-pods
      scheduling: new GkeScheduling(props.autopilot ? { doNotDisruptAnnotations: {} } : {}),
      images: new ArtifactRegistry(),
    },
    props,
  );
}
