import { HorizontalPodAutoscalers } from '../capabilities/autoscaling/horizontal-pod-autoscalers';
import { VeleroBackups } from '../capabilities/backup/velero-backups';
import { SidecarDashboards } from '../capabilities/dashboards/dashboards';
import { JsonLogging } from '../capabilities/logging/logging';
import { PrometheusOperator } from '../capabilities/monitoring/service-monitor';
import { ClusterAddressesProps, ClusterNetwork } from '../capabilities/network/network';
import {
  UpstreamGatewayRouting,
  UpstreamGatewayRoutingProps,
} from '../capabilities/routing/upstream-gateway';
import { RestrictedSecurity } from '../capabilities/security/security';
import { StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { DistributionProps, IDistribution } from '../platform/distribution';
import { customized } from './customized';

/** The facts of a cluster of upstream Kubernetes. */
export interface UpstreamDistributionProps
  extends DistributionProps, ClusterAddressesProps, UpstreamGatewayRoutingProps {}

export function upstream(props: UpstreamDistributionProps): IDistribution {
  return customized(
    {
      name: 'upstream',
      kubernetesVersion: '1.34',
      routing: new UpstreamGatewayRouting(props),
      security: new RestrictedSecurity(),
      network: new ClusterNetwork({ ...props, monitoringNamespaceLabels: namespaceLabels('monitoring') }),
      storage: new StorageClasses({}),
      monitoring: new PrometheusOperator(),
      dashboards: new SidecarDashboards(),
      logging: new JsonLogging(),
      autoscaling: new HorizontalPodAutoscalers({
        requestsMetric: 'django_http_responses',
      }),
      backup: new VeleroBackups(),
    },
    props,
  );
}
