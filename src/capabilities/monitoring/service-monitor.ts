import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as azure from '../../../imports/azmonitoring.coreos.com';
import * as operator from '../../../imports/monitoring.coreos.com';
import { checkLabels } from '../../kubernetes/names';
import { Resource } from '../../kubernetes/resource';
import { IMonitoring, ScrapeRequest } from '../../platform/monitoring';
import { addRulesOutside, RulesRequest } from '../../platform/rules';
import { ISyntheticChecks } from '../../platform/synthetic-checks';
import { operatorProbes } from './operator-probes';
import { groupsOf } from './rules';

/** Options of a Prometheus operator. */
export interface PrometheusOperatorProps {
  /**
   * Labels that the operator selects its monitors and rules by, such as `release: prometheus`.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: string };
}

/**
 * A ServiceMonitor of the Prometheus operator, or a PodMonitor for a port that no Service has; a PrometheusRule; and a
 * Probe.
 */
export class PrometheusOperator implements IMonitoring {
  /** Probes. */
  readonly syntheticChecks?: ISyntheticChecks;

  constructor(private readonly props: PrometheusOperatorProps = {}) {
    this.syntheticChecks = operatorProbes(props.labels);
  }

  scrape(scope: Construct, request: ScrapeRequest): Resource {
    checkLabels(scope, 'monitoring.labels', this.props.labels ?? {});
    return monitor(scope, operator, { ...request, labels: { ...request.labels, ...this.props.labels } });
  }

  rules(scope: Construct, { name, labels, source }: RulesRequest): Resource | undefined {
    const metadata = { name, labels: { ...labels, ...this.props.labels } };
    const groups = () => groupsOf(source.ruleGroups(), operator.PrometheusRuleSpecGroupsRulesExpr.fromString);
    return new Resource(scope, 'PrometheusRule', {
      ...operator.PrometheusRule.manifest({ metadata, spec: {} }),
      spec: Lazy.any({ produce: () => operator.toJson_PrometheusRuleSpec({ groups: groups() }) }),
    });
  }
}

/** Without limits of its own Azure drops series; the numbers are those of its example. */
const AZURE_LIMITS = { labelLimit: 63, labelNameLengthLimit: 511, labelValueLengthLimit: 1023 };

/**
 * A ServiceMonitor or PodMonitor of Azure Monitor managed Prometheus: the operator's schema in Azure's group. Azure
 * evaluates rules outside the cluster: `synthesize` writes them to `azure-rules.txt`, a template of Azure Resource Manager.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/prometheus-metrics-scrape-crd
 */
export class AzureManagedPrometheus implements IMonitoring {
  scrape(scope: Construct, request: ScrapeRequest): Resource {
    return monitor(scope, azure, request, AZURE_LIMITS);
  }

  rules(scope: Construct, { source }: RulesRequest): Resource | undefined {
    addRulesOutside(scope, source);
    return undefined;
  }
}

/** A monitor of either group: of a port of the pods alone, or of their Service. */
function monitor(
  scope: Construct,
  { PodMonitor, ServiceMonitor }: Pick<typeof operator, 'PodMonitor' | 'ServiceMonitor'>,
  request: ScrapeRequest,
  limits: Partial<typeof AZURE_LIMITS> = {},
): Resource {
  const metadata = { name: request.name, labels: request.labels };
  if (request.podPort) {
    const spec = { ...podMonitorSpec(request), ...limits };
    return new Resource(scope, 'PodMonitor', PodMonitor.manifest({ metadata, spec }));
  }
  const spec = { ...serviceMonitorSpec(request), ...limits };
  return new Resource(scope, 'ServiceMonitor', ServiceMonitor.manifest({ metadata, spec }));
}

/** The job is named as that of a Service or a PodMonitoring is: as the application. */
function podMonitorSpec({ selectorLabels, portName, path, interval }: ScrapeRequest) {
  return {
    jobLabel: 'app.kubernetes.io/instance',
    selector: { matchLabels: selectorLabels },
    podMetricsEndpoints: [{ port: portName, path, interval: `${interval.toSeconds()}s` }],
  };
}

function serviceMonitorSpec({ selectorLabels, portName, path, interval }: ScrapeRequest) {
  return {
    selector: { matchLabels: selectorLabels },
    endpoints: [{ port: portName, path, interval: `${interval.toSeconds()}s` }],
  };
}
