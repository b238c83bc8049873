import { Construct } from 'constructs';
import * as azure from '../../../imports/azmonitoring.coreos.com';
import * as operator from '../../../imports/monitoring.coreos.com';
import { checkLabels } from '../../kubernetes/names';
import { Resource } from '../../kubernetes/resource';
import { IMonitoring, ScrapeRequest } from '../../platform/monitoring';

/** Options of a Prometheus operator. */
export interface PrometheusOperatorProps {
  /**
   * Labels that the operator selects its ServiceMonitors by, such as `release: prometheus`.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: string };
}

/** A ServiceMonitor of the Prometheus operator. */
export class PrometheusOperator implements IMonitoring {
  constructor(private readonly props: PrometheusOperatorProps = {}) {}

  scrape(scope: Construct, request: ScrapeRequest): Resource {
    checkLabels(scope, 'monitoring.labels', this.props.labels ?? {});
    return new Resource(
      scope,
      'ServiceMonitor',
      operator.ServiceMonitor.manifest({
        metadata: { name: request.name, labels: { ...request.labels, ...this.props.labels } },
        spec: serviceMonitorSpec(request),
      }),
    );
  }
}

/**
 * A ServiceMonitor of Azure Monitor managed Prometheus: the operator's schema in Azure's group.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/prometheus-metrics-scrape-crd
 */
export class AzureManagedPrometheus implements IMonitoring {
  scrape(scope: Construct, request: ScrapeRequest): Resource {
    return new Resource(
      scope,
      'ServiceMonitor',
      azure.ServiceMonitor.manifest({
        metadata: { name: request.name, labels: request.labels },
        // Without limits of its own Azure drops series; the numbers are those of its example.
        spec: {
          ...serviceMonitorSpec(request),
          labelLimit: 63,
          labelNameLengthLimit: 511,
          labelValueLengthLimit: 1023,
        },
      }),
    );
  }
}

function serviceMonitorSpec({ selectorLabels, portName, path, interval }: ScrapeRequest) {
  return {
    selector: { matchLabels: selectorLabels },
    endpoints: [{ port: portName, path, interval: `${interval.toSeconds()}s` }],
  };
}
