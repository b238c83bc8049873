import { namespaceLabels } from '../../kubernetes/labels';
import { NetworkPeer } from '../../kubernetes/peers';
import { ClusterNetwork } from './network';

/** Where the collectors of Managed Service for Prometheus run. Both namespaces are Google's own. */
const STANDARD = 'gmp-system';
const AUTOPILOT = 'gke-gmp-system';

/**
 * The network of GKE, whose metrics are scraped from one namespace on Standard clusters and another on Autopilot. Both
 * are let in: a cluster has but one of them.
 *
 * @see https://cloud.google.com/stackdriver/docs/managed-prometheus/setup-managed
 * @see https://github.com/GoogleCloudPlatform/prometheus-engine/issues/300
 */
export class GkeNetwork extends ClusterNetwork {
  override readonly metricsSources: NetworkPeer[] = [
    { namespaceLabels: namespaceLabels(STANDARD) },
    { namespaceLabels: namespaceLabels(AUTOPILOT) },
  ];

  constructor() {
    super({ monitoringNamespaceLabels: namespaceLabels(STANDARD) });
  }
}
