import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { GrafanaDashboard, toJson_GrafanaDashboardSpec } from '../../../imports/grafana.integreatly.org';
import * as k8s from '../../kubernetes/api';
import { checkLabels } from '../../kubernetes/names';
import { Resource } from '../../kubernetes/resource';
import { addDashboardOutside, Dashboard, DashboardRequest, IDashboards } from '../../platform/dashboards';
import { googleJson } from './google-cloud';
import { consoleJson } from './openshift-console';

/** Options of SidecarDashboards. */
export interface SidecarDashboardsProps {
  /**
   * The labels by which Grafana's sidecar finds ConfigMaps.
   *
   * @default - `grafana_dashboard: "1"`, as in the charts of Grafana and kube-prometheus-stack
   */
  readonly labels?: { [label: string]: string };
}

/**
 * A ConfigMap in the namespace of the application, which the sidecar of Grafana finds by a label: that of the charts
 * `grafana` and `kube-prometheus-stack`. The sidecar must look into all namespaces, as the latter lets it.
 */
export class SidecarDashboards implements IDashboards {
  constructor(private readonly props: SidecarDashboardsProps = {}) {}

  dashboard(scope: Construct, { name, namespace, labels, source }: DashboardRequest): Resource | undefined {
    const { labels: own = { grafana_dashboard: '1' } } = this.props;
    checkLabels(scope, 'dashboards.labels', own);
    // The sidecar writes those of all namespaces into one folder.
    const file = `${namespace}.${name}.json`;
    return configMap(scope, { name: `${name}-dashboard`, labels: { ...labels, ...own } }, file, () =>
      grafana(source.dashboard()),
    );
  }
}

/** Options of GrafanaOperatorDashboards. */
export interface GrafanaOperatorDashboardsProps {
  /**
   * The labels of the Grafana resources that show the dashboards.
   *
   * @default - `dashboards: grafana`, as in the examples of the operator
   */
  readonly grafanaLabels?: { [label: string]: string };

  /**
   * The folder of Grafana.
   *
   * @default - the operator's: one of the namespace's name
   */
  readonly folder?: string;
}

/** A GrafanaDashboard of the Grafana operator, version 5, for each Grafana with a label, in any namespace. */
export class GrafanaOperatorDashboards implements IDashboards {
  constructor(private readonly props: GrafanaOperatorDashboardsProps = {}) {}

  dashboard(scope: Construct, { name, labels, source }: DashboardRequest): Resource | undefined {
    const { grafanaLabels = { dashboards: 'grafana' }, folder } = this.props;
    checkLabels(scope, 'dashboards.grafanaLabels', grafanaLabels);
    const spec = () => ({
      instanceSelector: { matchLabels: grafanaLabels },
      allowCrossNamespaceImport: true,
      folder,
      json: grafana(source.dashboard()),
    });
    return new Resource(scope, 'Dashboard', {
      ...GrafanaDashboard.manifest({ metadata: { name, labels }, spec: { instanceSelector: {} } }),
      spec: Lazy.any({ produce: () => toJson_GrafanaDashboardSpec(spec()) }),
    });
  }
}

/** Where the console of OpenShift looks for dashboards. */
const CONSOLE_NAMESPACE = 'openshift-config-managed';

/**
 * A ConfigMap in `openshift-config-managed`, which the console of OpenShift shows at Observe > Dashboards. Those who
 * apply it need the right to write ConfigMaps there.
 *
 * @see https://github.com/openshift/monitoring-plugin
 */
export class OpenShiftConsoleDashboards implements IDashboards {
  dashboard(scope: Construct, { name, namespace, labels, source }: DashboardRequest): Resource | undefined {
    const metadata = {
      name: `dashboard-${namespace}.${name}`,
      namespace: CONSOLE_NAMESPACE,
      labels: {
        ...labels,
        'console.openshift.io/dashboard': 'true',
        'console.openshift.io/odc-dashboard': 'true',
      },
    };
    return configMap(scope, metadata, `${name}.json`, () => consoleJson(source.dashboard()));
  }
}

/**
 * A dashboard of Google Cloud Monitoring. It is kept outside the cluster: `synthesize` writes
 * `dashboard-<namespace>.<name>.txt`, for `gcloud monitoring dashboards create --config-from-file`.
 */
export class GoogleCloudDashboards implements IDashboards {
  dashboard(scope: Construct, { name, namespace, source }: DashboardRequest): Resource | undefined {
    addDashboardOutside(scope, () => ({
      name: `${namespace}.${name}`,
      text: googleJson(source.dashboard()),
    }));
    return undefined;
  }
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Record<string, string>;
}

function configMap(scope: Construct, metadata: Metadata, file: string, produce: () => string): Resource {
  return new Resource(scope, 'Dashboard', {
    ...k8s.typeOf('ConfigMap'),
    metadata,
    data: Lazy.any({ produce: () => ({ [file]: produce() }) }),
  });
}

/** Grafana's SDK takes some 0.3 seconds to load, and only some programs have dashboards. */
function grafana(dashboard: Dashboard): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { grafanaJson }: typeof import('./grafana') = require('./grafana');
  return grafanaJson(dashboard);
}
