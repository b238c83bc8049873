import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { resourceLabels } from '../kubernetes/labels';
import { Resource } from '../kubernetes/resource';
import { apiServerTraffic, networkPolicy } from '../workloads/network-policies';
import { AppPods } from './app-pods';

/** The label by which a pod knows its Job. */
const JOB_LABEL = 'batch.kubernetes.io/job-name';

const POLICY_ID = 'MigrationApiPolicy';
const ROLE_ID = 'MigrationRole';

/** The variables by which a Job that runs once finds out whether its release is the present one. */
export function releaseVariables({ containers }: AppPods): k8s.EnvVar[] {
  return [
    { name: 'CDK8S_DJANGO_CONFIG_MAP', value: containers.configMapName },
    { name: 'CDK8S_DJANGO_JOB', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${JOB_LABEL}']` } } },
  ];
}

/**
 * Lets Jobs that run once read the application's ConfigMap, and nothing else. Only their pods have a token to do it.
 */
export function allowReadingRelease(
  scope: Construct,
  { props, containers, migrationSelector }: AppPods,
): void {
  if (scope.node.tryFindChild(ROLE_ID)) return;
  const metadata = { name: `${props.name}-migrate`, labels: resourceLabels(migrationSelector) };
  const rule = {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: [containers.configMapName],
    verbs: ['get'],
  };
  new Resource(scope, ROLE_ID, k8s.manifest('Role', { metadata, rules: [rule] }));
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

/** Notes that network policies let Jobs connect to what they need alone. */
export function restrictJobs(scope: Construct, pods: AppPods): void {
  pods.surroundings.isRestricted = true;
  allowReachingApiServer(scope, pods);
}

/** Lets Jobs that run once connect to the API server, beside what all Jobs connect to. */
function allowReachingApiServer(scope: Construct, pods: AppPods): void {
  const { props, migrationSelector, commandSelector, surroundings } = pods;
  const asks = pods.migrates || surroundings.commandNames.length > 0;
  if (!asks || !surroundings.isRestricted || scope.node.tryFindChild(POLICY_ID)) return;
  networkPolicy(scope, POLICY_ID, {
    name: `${props.name}-migrate`,
    selector: migrationSelector,
    otherComponents: () => (surroundings.commandNames.length > 0 ? [commandSelector.component] : []),
    allowed: () => ({ ingress: [], egress: apiServerTraffic(scope) }),
  });
}

/** Has the application's ConfigMap name a Job that runs a command once: it does not in another release. */
export function nameCommand(scope: Construct, pods: AppPods, job: Resource): Resource {
  pods.surroundings.commandNames.push(() => job.toJson().metadata.name);
  allowReadingRelease(scope, pods);
  allowReachingApiServer(scope, pods);
  return job;
}
