import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { resourceLabels } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { apiServerTraffic, networkPolicy } from '../workloads/network-policies';
import { AppPods } from './app-pods';

/** The label by which a pod knows its Job. */
const JOB_LABEL = 'batch.kubernetes.io/job-name';

const POLICY_ID = 'MigrationApiPolicy';

/** The variables by which a migration finds out whether its release is the present one. */
export function releaseVariables({ containers }: AppPods): k8s.EnvVar[] {
  return [
    { name: 'CDK8S_DJANGO_CONFIG_MAP', value: containers.configMapName },
    { name: 'CDK8S_DJANGO_JOB', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${JOB_LABEL}']` } } },
  ];
}

/** Lets migrations read the application's ConfigMap, and nothing else. Only their pods have a token to do it. */
export function allowReadingRelease(
  scope: Construct,
  { props, containers, migrationSelector }: AppPods,
): void {
  const metadata = { name: `${props.name}-migrate`, labels: resourceLabels(migrationSelector) };
  const rule = {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: [containers.configMapName],
    verbs: ['get'],
  };
  new Resource(scope, 'MigrationRole', k8s.manifest('Role', { metadata, rules: [rule] }));
  new Resource(
    scope,
    'MigrationRoleBinding',
    k8s.manifest('RoleBinding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: props.name }],
    }),
  );
}

/** Lets migrations connect to the API server, beside what all Jobs connect to. */
export function allowReachingApiServer(scope: Construct, { props, migrationSelector }: AppPods): void {
  if (scope.node.tryFindChild(POLICY_ID)) return;
  networkPolicy(scope, POLICY_ID, {
    name: `${props.name}-migrate`,
    selector: migrationSelector,
    allowed: () => ({ ingress: [], egress: apiServerTraffic(scope) }),
  });
}
