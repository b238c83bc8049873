import { Construct } from 'constructs';
import * as k8s from './api';
import { Resource } from './resource';

/** A ServiceAccount and what it may do in its namespace. */
export interface GrantedServiceAccount {
  readonly serviceAccount: Resource;
  readonly role: Resource;
  readonly roleBinding: Resource;
}

/** Makes a ServiceAccount without rights. Pods that talk to the API server mount the token themselves. */
export function serviceAccount(
  scope: Construct,
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> },
  id = 'ServiceAccount',
): Resource {
  return new Resource(
    scope,
    id,
    k8s.manifest('ServiceAccount', { metadata, automountServiceAccountToken: false }),
  );
}

/** Makes a ServiceAccount, and a Role of the same name that is bound to it. */
export function serviceAccountWith(
  scope: Construct,
  metadata: { name: string; labels: Record<string, string> },
  rules: k8s.PolicyRule[],
): GrantedServiceAccount {
  const { name } = metadata;
  return {
    serviceAccount: serviceAccount(scope, metadata),
    role: new Resource(scope, 'Role', k8s.manifest('Role', { metadata, rules })),
    roleBinding: new Resource(
      scope,
      'RoleBinding',
      k8s.manifest('RoleBinding', {
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name }],
      }),
    ),
  };
}
