import { kubectl } from './kubectl';

/** Definitions that their vendors do not publish, or not where the tests get theirs: fields are read from their documentation alone. */
export const WITHOUT_DEFINITION = [
  'alb.networking.azure.io/v1 HealthCheckPolicy',
  'alb.networking.azure.io/v1 RoutePolicy',
  'autoscaling.k8s.io/v1 VerticalPodAutoscaler',
  'barmancloud.cnpg.io/v1 ObjectStore',
  'cilium.io/v2 CiliumNetworkPolicy',
  'cloud.google.com/v1 BackendConfig',
  'dbforpostgresql.azure.com/v20250801 FlexibleServer',
  'dbforpostgresql.azure.com/v20250801 FlexibleServersAdministrator',
  'dbforpostgresql.azure.com/v20250801 FlexibleServersConfiguration',
  'dbforpostgresql.azure.com/v20250801 FlexibleServersDatabase',
  'eks.amazonaws.com/v1 IngressClassParams',
  'gateway.k8s.aws/v1beta1 ListenerRuleConfiguration',
  'grafana.integreatly.org/v1beta1 GrafanaDashboard',
  'monitoring.coreos.com/v1 Probe',
  'networking.gke.io/v1 ManagedCertificate',
  'networking.gke.io/v1alpha1 FQDNNetworkPolicy',
  'networking.gke.io/v1beta1 FrontendConfig',
  'networking.k8s.aws/v1alpha1 ApplicationNetworkPolicy',
  'policies.kyverno.io/v1 NamespacedImageValidatingPolicy',
  'postgresql.cnpg.io/v1 Database',
  'rds.services.k8s.aws/v1alpha1 DBInstance',
  'rds.services.k8s.aws/v1alpha1 DBSubnetGroup',
  'secrets-store.csi.x-k8s.io/v1 SecretProviderClass',
  'sql.cnrm.cloud.google.com/v1beta1 SQLDatabase',
  'sql.cnrm.cloud.google.com/v1beta1 SQLInstance',
  'sql.cnrm.cloud.google.com/v1beta1 SQLUser',
];

/** What a manifest is, as definitions are looked up: `v1 Service`. */
export function definitionOf({ apiVersion, kind }: any): string {
  return `${apiVersion} ${kind}`;
}

/** The definitions that the cluster has, in every version that it serves. */
export async function knownDefinitions(): Promise<Set<string>> {
  const lines = (await kubectl('api-resources', '--no-headers')).trim().split('\n');
  const preferred = lines.map((line) => {
    const [kind, , apiVersion] = line.trim().split(/\s+/).reverse();
    return definitionOf({ apiVersion, kind });
  });
  const { items } = JSON.parse(await kubectl('get', 'customresourcedefinitions', '--output=json'));
  const custom = items.flatMap(({ spec: { group, names, versions } }: any) =>
    versions
      .filter(({ served }: any) => served)
      .map(({ name }: any) => definitionOf({ apiVersion: `${group}/${name}`, kind: names.kind })),
  );
  return new Set([...preferred, ...custom]);
}
