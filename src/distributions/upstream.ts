import { HorizontalPodAutoscalers } from '../capabilities/autoscaling/horizontal-pod-autoscalers';
import { VeleroBackups } from '../capabilities/backup/velero-backups';
import { JsonLogging } from '../capabilities/logging/logging';
import { PrometheusOperator } from '../capabilities/monitoring/service-monitor';
import { ClusterNetwork } from '../capabilities/network/network';
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
export interface UpstreamDistributionProps extends DistributionProps, UpstreamGatewayRoutingProps {}

export function upstream(props: UpstreamDistributionProps): IDistribution {
  return customized(
    {
      name: 'upstream',
      kubernetesVersion: '1.34',
      routing: new UpstreamGatewayRouting(props),
      security: new RestrictedSecurity(),
      network: new ClusterNetwork({ monitoringNamespaceLabels: namespaceLabels('monitoring') }),
      storage: new StorageClasses({}),
      monitoring: new PrometheusOperator(),
      logging: new JsonLogging(),
      autoscaling: new HorizontalPodAutoscalers({
        requestsMetric: 'django_http_requests_before_middlewares',
      }),
      backup: new VeleroBackups(),
    },
    props,
  );
}
