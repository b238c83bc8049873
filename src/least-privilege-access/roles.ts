import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { ONE_LINE } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';

const LOOK = ['get', 'list', 'watch'];

/**
 * What those who look after an application without changing it may do: see what the library makes of it, on any
 * platform. A rule for a kind that a cluster does not have does nothing. Secrets are not among what they read.
 */
export const VIEWER_RULES: k8s.PolicyRule[] = [
  {
    apiGroups: [''],
    resources: ['pods', 'pods/log', 'services', 'events', 'configmaps', 'persistentvolumeclaims'],
    verbs: LOOK,
  },
  {
    apiGroups: ['apps'],
    resources: ['deployments', 'replicasets', 'statefulsets'],
    verbs: LOOK,
  },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: LOOK },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: LOOK },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: LOOK },
  {
    apiGroups: ['networking.k8s.io'],
    resources: ['ingresses', 'networkpolicies'],
    verbs: LOOK,
  },
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['gateways', 'httproutes'], verbs: LOOK },
  {
    apiGroups: ['networking.gke.io'],
    resources: ['gcpbackendpolicies', 'healthcheckpolicies'],
    verbs: LOOK,
  },
  { apiGroups: ['route.openshift.io'], resources: ['routes'], verbs: LOOK },
  { apiGroups: ['autoscaling.k8s.io'], resources: ['verticalpodautoscalers'], verbs: LOOK },
  { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: LOOK },
  { apiGroups: ['monitoring.googleapis.com'], resources: ['podmonitorings'], verbs: LOOK },
  {
    apiGroups: ['monitoring.coreos.com', 'azmonitoring.coreos.com'],
    resources: ['podmonitors', 'servicemonitors'],
    verbs: LOOK,
  },
];

/**
 * What those who operate an application may do beside looking: restart it, scale it, end a pod, run a failed Job again.
 * They are bound to the viewers' Role too, so that what a person reviews has those rules once.
 * They can neither read Secrets nor enter a container, which has the Secrets' values in its environment. But RBAC does
 * not know parts of a Deployment. Those who may restart it do so by patching its template. They may also have it run
 * something else, which prints the Secrets that its pods read.
 *
 * @see https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation
 */
export const OPERATOR_RULES: k8s.PolicyRule[] = [
  { apiGroups: ['apps'], resources: ['deployments', 'deployments/scale'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['delete'] },
];

/** Groups of the cluster's users, as a binding names them. */
export function groupSubjects(groups: string[]): k8s.Subject[] {
  return groups.map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name }));
}

/** A Role and its binding. */
export function boundRole(
  scope: Construct,
  id: string,
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> },
  rules: k8s.PolicyRule[],
  subjects: k8s.Subject[],
): { role: Resource; roleBinding: Resource } {
  return {
    role: new Resource(scope, `${id}Role`, k8s.manifest('Role', { metadata, rules })),
    roleBinding: new Resource(
      scope,
      `${id}RoleBinding`,
      k8s.manifest('RoleBinding', {
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
        subjects,
      }),
    ),
  };
}

/** Groups that everybody is in, whom no Role of an application should be bound to. */
const EVERYBODY = ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts'];

/** Checks the names of groups. */
export function checkGroups(scope: Construct, property: string, groups: string[]): void {
  for (const group of groups) {
    if (typeof group !== 'string' || !ONE_LINE.test(group) || EVERYBODY.includes(group)) {
      Problems.report(scope, {
        property,
        value: group,
        reason: EVERYBODY.includes(group) ? 'means everybody' : 'is not the name of a group',
        remedy: "Give the name of a group as the cluster's identity provider reports it",
      });
    }
  }
}
