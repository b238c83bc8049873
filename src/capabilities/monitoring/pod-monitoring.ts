import { Construct } from 'constructs';
import {
  PodMonitoring,
  PodMonitoringSpecEndpointsPort as Port,
} from '../../../imports/monitoring.googleapis.com';
import { Resource } from '../../kubernetes/resource';
import { IMonitoring, ScrapeRequest } from '../../platform/monitoring';

/**
 * A PodMonitoring of Google Cloud Managed Service for Prometheus.
 *
 * @see https://github.com/GoogleCloudPlatform/prometheus-engine/blob/main/doc/api.md
 */
export class GoogleManagedPrometheus implements IMonitoring {
  scrape(
    scope: Construct,
    { name, labels, selectorLabels, portName, path, interval }: ScrapeRequest,
  ): Resource {
    return new Resource(
      scope,
      'PodMonitoring',
      PodMonitoring.manifest({
        metadata: { name, labels },
        spec: {
          selector: { matchLabels: selectorLabels },
          endpoints: [{ port: Port.fromString(portName), path, interval: `${interval.toSeconds()}s` }],
        },
      }),
    );
  }
}
