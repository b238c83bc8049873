import { OpenShiftAdmission } from '../capabilities/admission/platforms';
import { HorizontalPodAutoscalers } from '../capabilities/autoscaling/horizontal-pod-autoscalers';
import { VolumeSnapshotBackups } from '../capabilities/backup/volume-snapshot-backups';
import { OpenShiftBuilds } from '../capabilities/builds/openshift-builds';
import { OpenShiftConsoleDashboards } from '../capabilities/dashboards/dashboards';
import { OpenShiftRegistry } from '../capabilities/images/openshift-registry';
import { JsonLogging } from '../capabilities/logging/logging';
import { PrometheusOperator } from '../capabilities/monitoring/service-monitor';
import { ClusterAddressesProps } from '../capabilities/network/network';
import { OpenShiftNetwork } from '../capabilities/network/platforms';
import { OpenShiftRouteRouting } from '../capabilities/routing/openshift-route';
import { RoutingProps } from '../platform/routing';
import { NamespaceRangeSecurity } from '../capabilities/security/security';
import { StorageClasses } from '../capabilities/storage/storage';
import { DistributionProps, IDistribution } from '../platform/distribution';
import { customized } from './customized';

/** The facts of an OpenShift cluster. */
export interface OpenShiftDistributionProps extends DistributionProps, ClusterAddressesProps, RoutingProps {}

export function openshift(props: OpenShiftDistributionProps): IDistribution {
  return customized(
    {
      name: 'openshift',
      kubernetesVersion: '1.32',
      routing: new OpenShiftRouteRouting(props),
      security: new NamespaceRangeSecurity(),
      network: new OpenShiftNetwork(props),
      // The cluster's default class differs with what OpenShift runs on.
      storage: new StorageClasses({}),
      monitoring: new PrometheusOperator(),
      dashboards: new OpenShiftConsoleDashboards(),
      logging: new JsonLogging(),
      autoscaling: new HorizontalPodAutoscalers(),
      builds: new OpenShiftBuilds(),
      // Its operators make a default class for the driver of the platform that it runs on.
      backup: new VolumeSnapshotBackups(),
      admission: new OpenShiftAdmission(),
      images: new OpenShiftRegistry(),
    },
    props,
  );
}
