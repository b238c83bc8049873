import { Construct } from 'constructs';
import * as k8s from './api';
import { namespaceLabels } from './labels';
import { Resource } from './resource';

/** What the API server refuses in a namespace. */
export interface NamespacePolicy {
  /** Name and labels of the policy and of its binding, which have no namespace. */
  readonly metadata: k8s.ObjectMeta & { readonly name: string };
  readonly namespace: string;
  readonly spec: k8s.ValidatingAdmissionPolicySpec;
  /** `Deny`, `Audit` */
  readonly actions: string[];
}

/** Makes a ValidatingAdmissionPolicy, and the binding by which it counts in one namespace. */
export function namespacePolicy(
  scope: Construct,
  id: string,
  { metadata, namespace, spec, actions }: NamespacePolicy,
): { policy: Resource; binding: Resource } {
  return {
    policy: new Resource(scope, id, k8s.manifest('ValidatingAdmissionPolicy', { metadata, spec })),
    binding: new Resource(
      scope,
      `${id}Binding`,
      k8s.manifest('ValidatingAdmissionPolicyBinding', {
        metadata,
        spec: {
          policyName: metadata.name,
          validationActions: actions,
          matchResources: { namespaceSelector: { matchLabels: namespaceLabels(namespace) } },
        },
      }),
    ),
  };
}

/**
 * Resources that a policy looks at when they are made or changed. It has the scope that the API server would add: that
 * compares lists as a whole, so that a second apply would change it.
 */
export function watchedResources(
  group: string,
  resources: string[],
  operations = ['CREATE', 'UPDATE'],
): k8s.NamedRuleWithOperations {
  return { apiGroups: [group], apiVersions: ['v1'], operations, resources, scope: '*' };
}
