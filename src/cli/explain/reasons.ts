import { AUTOSCALING_REASONS } from '../../capabilities/autoscaling/reasons';
import { BACKUP_REASONS } from '../../capabilities/backup/reasons';
import { BUILD_REASONS } from '../../capabilities/builds/reasons';
import { DASHBOARD_REASONS } from '../../capabilities/dashboards/reasons';
import { IDENTITY_REASONS } from '../../capabilities/identity/reasons';
import { MANAGED_POSTGRES_REASONS } from '../../capabilities/managed-postgres/reasons';
import { MONITORING_REASONS } from '../../capabilities/monitoring/reasons';
import { NETWORK_REASONS } from '../../capabilities/network/reasons';
import { CLUSTER_REASONS } from '../../capabilities/postgres/reasons';
import { GATEWAY_REASONS } from '../../capabilities/routing/gateway-reasons';
import { LOAD_BALANCER_REASONS } from '../../capabilities/routing/load-balancer-reasons';
import { ROUTE_REASONS } from '../../capabilities/routing/reasons';
import { SCHEDULING_REASONS } from '../../capabilities/scheduling/reasons';
import { SECRET_REASONS } from '../../capabilities/secrets/reasons';
import { SECURITY_REASONS } from '../../capabilities/security/reasons';
import { STORAGE_REASONS } from '../../capabilities/storage/reasons';
import { JOB_REASONS } from '../../django-app/job-reasons';
import { DJANGO_APP_REASONS } from '../../django-app/reasons';
import { ALERT_REASONS } from '../../health-monitoring/reasons';
import { IMAGE_POLICY_REASONS } from '../../image-policy/reasons';
import { FieldReason } from '../../kubernetes/field-reason';
import { KUBERNETES_REASONS } from '../../kubernetes/reasons';
import { ACCESS_REASONS } from '../../least-privilege-access/reasons';
import { LIMIT_REASONS } from '../../namespace-limits/reasons';
import { POOLER_REASONS } from '../../pg-bouncer/reasons';
import { PLATFORM_REASONS } from '../../platform/reasons';
import { POSTGRES_REASONS } from '../../postgres-backend/reasons';
import { GENERATED_SECRET_REASONS } from '../../secrets/reasons';
import { SENTINEL_REASONS } from '../../valkey-sentinel/reasons';
import { WORKLOAD_REASONS } from '../../workloads/reasons';

/** The reasons of all fields, by the folder of the code that sets the fields. */
export const REASONS: Record<string, FieldReason[]> = {
  kubernetes: KUBERNETES_REASONS,
  platform: PLATFORM_REASONS,
  workloads: WORKLOAD_REASONS,
  secrets: GENERATED_SECRET_REASONS,
  'django-app': [...DJANGO_APP_REASONS, ...JOB_REASONS],
  'pg-bouncer': POOLER_REASONS,
  'postgres-backend': POSTGRES_REASONS,
  'valkey-sentinel': SENTINEL_REASONS,
  'health-monitoring': ALERT_REASONS,
  'image-policy': IMAGE_POLICY_REASONS,
  'namespace-limits': LIMIT_REASONS,
  'least-privilege-access': ACCESS_REASONS,
  'capabilities/autoscaling': AUTOSCALING_REASONS,
  'capabilities/backup': BACKUP_REASONS,
  'capabilities/builds': BUILD_REASONS,
  'capabilities/dashboards': DASHBOARD_REASONS,
  'capabilities/identity': IDENTITY_REASONS,
  'capabilities/managed-postgres': MANAGED_POSTGRES_REASONS,
  'capabilities/monitoring': MONITORING_REASONS,
  'capabilities/network': NETWORK_REASONS,
  'capabilities/postgres': CLUSTER_REASONS,
  'capabilities/routing': [...GATEWAY_REASONS, ...LOAD_BALANCER_REASONS, ...ROUTE_REASONS],
  'capabilities/scheduling': SCHEDULING_REASONS,
  'capabilities/secrets': SECRET_REASONS,
  'capabilities/security': SECURITY_REASONS,
  'capabilities/storage': STORAGE_REASONS,
};
