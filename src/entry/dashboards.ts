export {
  GoogleCloudDashboards,
  GrafanaOperatorDashboards,
  type GrafanaOperatorDashboardsProps,
  OpenShiftConsoleDashboards,
  SidecarDashboards,
  type SidecarDashboardsProps,
} from '../capabilities/dashboards/dashboards';
