import { FieldReason } from '../kubernetes/field-reason';

const POLICY = 'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/';

/** Reasons for Roles, namespaces and policies. */
export const ACCESS_REASONS: FieldReason[] = [
  {
    fields: ['{Role,ClusterRole}.rules.{apiGroups,resources,verbs,resourceNames}'],
    why: 'The rules have what one program or one group needs, by name where Kubernetes can limit it so. The access report says what all of them amount to.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['Namespace.metadata.labels.pod-security.kubernetes.io/{enforce,warn,audit}'],
    why: 'The API server refuses pods that are not restricted. A namespace for the proxies of a Gateway on AKS, or for builds, has a weaker level.',
    source: 'https://kubernetes.io/docs/concepts/security/pod-security-admission/',
  },
  {
    fields: [
      '{ServiceAccount,Role,RoleBinding,ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding}.metadata.annotations.kubernetes.io/description',
    ],
    why: 'It tells those who find the account what it is for, and for how long its tokens last.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['ValidatingAdmissionPolicy.spec.failurePolicy'],
    why: 'What the policy cannot judge is refused, because an error must not open what it guards.',
    source: `${POLICY}#failure-policy`,
    values: ['Fail'],
  },
  {
    fields: ['ValidatingAdmissionPolicy.spec.matchConditions.{name,expression}'],
    why: 'The policy is about tokens of the break-glass ServiceAccount alone.',
    source: POLICY,
  },
  {
    fields: ['ValidatingAdmissionPolicy.spec.validations.{expression,message}'],
    why: 'The API server refuses images and tokens for which an expression does not hold. The message says what to do.',
    source: 'docs/architecture.md#who-can-do-what',
  },
  {
    fields: ['ValidatingAdmissionPolicy.spec.auditAnnotations.{key,valueExpression}'],
    why: 'The audit log has who took a token.',
    source: `${POLICY}#audit-annotations`,
  },
];
