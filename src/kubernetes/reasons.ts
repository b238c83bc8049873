import { FieldReason } from './field-reason';

const LABELS = 'https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/';
const OBJECTS = 'https://kubernetes.io/docs/concepts/overview/working-with-objects/';
const DISRUPTIONS = 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/';
const SELECTED =
  '{Deployment,StatefulSet,PodDisruptionBudget,ServiceMonitor,PodMonitor,PodMonitoring}.spec.selector.matchLabels';
const RBAC = 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/';
const POLICY = 'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/';

/** Reasons for what objects of many kinds have in common. */
export const KUBERNETES_REASONS: FieldReason[] = [
  {
    fields: ['*.apiVersion', '*.kind'],
    why: 'Both name the schema of the object. The versions are those that Kubernetes 1.30 and newer, or the operator of the kind, serve.',
    source: OBJECTS,
  },
  {
    fields: ['*.metadata.name'],
    why: 'It comes from the name that you gave the construct, so it is the same on every platform. Some names end in a hash of the content, so that another content is another object.',
    source: 'docs/architecture.md#resources',
  },
  {
    fields: ['*.metadata.namespace'],
    why: 'It is the namespace that you gave the chart, or the one in which the platform looks for this object.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['*.metadata.labels.*'],
    why: 'The recommended labels say what the object belongs to. Labels that you gave the chart are added.',
    source: LABELS,
  },
  {
    fields: [
      `${SELECTED}.*`,
      'Service.spec.selector.*',
      '{NetworkPolicy,FQDNNetworkPolicy,ApplicationNetworkPolicy}.spec.podSelector.matchLabels.*',
      'CiliumNetworkPolicy.spec.endpointSelector.matchLabels.*',
      '{Deployment,StatefulSet}.spec.template.spec.topologySpreadConstraints.labelSelector.matchLabels.*',
    ],
    why: 'A selector has only the labels for name, instance and component, because a Deployment can never change its selector. Labels of charts are not part of it.',
    source: 'docs/architecture.md#resources',
  },
  {
    fields: ['ConfigMap.immutable'],
    why: 'The name ends in a hash of the content. Pods of the release before keep the content that they started with, and the kubelet does not watch it.',
    source: 'https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable',
    values: [true],
  },
  {
    fields: ['PodDisruptionBudget.spec.maxUnavailable'],
    why: 'A drain of a node takes one pod at a time. A budget that does not allow any would stop every drain.',
    source: DISRUPTIONS,
    values: [1],
  },
  {
    fields: ['PodDisruptionBudget.spec.unhealthyPodEvictionPolicy'],
    why: 'A pod that is not healthy serves nobody. It must not keep a node from being drained.',
    source: DISRUPTIONS,
    values: ['AlwaysAllow'],
  },
  {
    fields: ['{RoleBinding,ClusterRoleBinding}.roleRef.{apiGroup,kind,name}'],
    why: 'The binding gives the rights of this role. It can never be changed, so another role needs another binding.',
    source: RBAC,
  },
  {
    fields: [
      '{RoleBinding,ClusterRoleBinding}.subjects.{apiGroup,kind,name}',
      'RoleBinding.subjects.namespace',
    ],
    why: 'The ServiceAccount of a program that asks the API server has its rights, or a group that you named.',
    source: 'docs/guide/9-security.md',
  },
  {
    fields: ['ServiceAccount.automountServiceAccountToken'],
    why: 'No pod gets a token of the API server because of its ServiceAccount. Pods that need one say so themselves.',
    source:
      'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting',
    values: [false],
  },
  {
    fields: [
      'ValidatingAdmissionPolicy.spec.matchConstraints.resourceRules.{apiGroups,apiVersions,operations,resources}',
    ],
    why: 'The policy looks at these objects only, when they are made or changed.',
    source: POLICY,
  },
  {
    fields: ['ValidatingAdmissionPolicy.spec.matchConstraints.resourceRules.scope'],
    why: 'It is the default of the API server. It is written out, so that applying again changes nothing.',
    source: POLICY,
    values: ['*'],
  },
  {
    fields: ['ValidatingAdmissionPolicyBinding.spec.matchResources.namespaceSelector.matchLabels.*'],
    why: 'The policy has no namespace, and its binding limits it to that of the chart.',
    source: POLICY,
  },
  {
    fields: ['ValidatingAdmissionPolicyBinding.spec.policyName'],
    why: 'It names the policy beside it, after which the binding is called.',
    source: POLICY,
  },
  {
    fields: ['ValidatingAdmissionPolicyBinding.spec.validationActions'],
    why: 'The API server refuses what breaks the policy. For tokens of break-glass access the audit log also has an entry.',
    source: POLICY,
    values: ['Deny', 'Audit'],
  },
  {
    fields: [
      'NetworkPolicy.spec.ingress.from.{ipBlock.cidr,namespaceSelector.matchLabels.*,podSelector.matchLabels.*}',
      'NetworkPolicy.spec.egress.to.{ipBlock.cidr,namespaceSelector.matchLabels.*,podSelector.matchLabels.*}',
    ],
    why: 'It is one end that the pods need: the router, what scrapes metrics, name servers, the database or the broker, the API server, and what you allowed.',
    source: 'docs/guide/9-security.md',
  },
];
