import { HorizontalPodAutoscalers } from '../capabilities/autoscaling/horizontal-pod-autoscalers';
import { VeleroBackups } from '../capabilities/backup/velero-backups';
import { JsonLogging } from '../capabilities/logging/logging';
import { ServiceMonitorMonitoring } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork } from '../capabilities/network/network';
import { UpstreamGatewayProps, UpstreamGatewayRouting } from '../capabilities/routing/upstream-gateway';
import { RestrictedSecurity } from '../capabilities/security/security';
import { StorageClasses } from '../capabilities/storage/storage';
import { namespaceLabels } from '../kubernetes/labels';
import { CapabilityTable } from './capability-table';
import { DistributionProps } from './props';

/** The facts of a cluster of upstream Kubernetes. */
export interface UpstreamProps extends DistributionProps, UpstreamGatewayProps {}

/** Upstream Kubernetes: Gateway API, the cluster's default StorageClass, the Prometheus operator. */
export class UpstreamDistribution extends CapabilityTable {
  constructor(props: UpstreamProps) {
    super(
      {
        name: 'upstream',
        kubernetesVersion: '1.34',
        routing: new UpstreamGatewayRouting(props),
        security: new RestrictedSecurity(),
        network: new ClusterNetwork({ monitoringNamespaceLabels: namespaceLabels('monitoring') }),
        storage: new StorageClasses({}),
        monitoring: new ServiceMonitorMonitoring(),
        logging: new JsonLogging(),
        autoscaling: new HorizontalPodAutoscalers({
          requestsMetric: 'django_http_requests_before_middlewares',
        }),
        backup: new VeleroBackups(),
      },
      props,
    );
  }
}
