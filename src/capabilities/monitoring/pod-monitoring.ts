import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import {
  PodMonitoring,
  PodMonitoringSpecEndpointsPort as Port,
  Rules,
  toJson_RulesSpec,
} from '../../../imports/monitoring.googleapis.com';
import { Resource } from '../../kubernetes/resource';
import { IMonitoring, ScrapeRequest } from '../../platform/monitoring';
import { RulesRequest } from '../../platform/rules';
import { groupsOf } from './rules';

/**
 * A PodMonitoring and Rules of Google Cloud Managed Service for Prometheus.
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

  rules(scope: Construct, { name, labels, source }: RulesRequest): Resource | undefined {
    const groups = () => groupsOf(source.ruleGroups(), (expression) => expression);
    return new Resource(scope, 'Rules', {
      ...Rules.manifest({ metadata: { name, labels }, spec: { groups: [] } }),
      spec: Lazy.any({ produce: () => toJson_RulesSpec({ groups: groups() }) }),
    });
  }
}
