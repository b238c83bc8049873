/*
 * Objects that break one rule each. test/audits has kube-score and checkov find the same.
 */

/** A container that keeps all rules. */
export const CONTAINER = {
  name: 'agent',
  image: 'registry.example.com/agent:1.2.3',
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '1', memory: '16Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsGroup: 10001,
    runAsNonRoot: true,
    runAsUser: 10001,
    seccompProfile: { type: 'RuntimeDefault' },
  },
};
export const SPEC = { automountServiceAccountToken: false, containers: [CONTAINER] };
export const POLICY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed', namespace: 'agents' },
  spec: { podSelector: { matchLabels: { app: 'agent' } }, policyTypes: ['Ingress', 'Egress'] },
};

export function daemonSet(spec: object, metadata: object = {}): any {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'agents', ...metadata },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: { metadata: { labels: { app: 'agent' } }, spec: { ...SPEC, ...spec } },
    },
  };
}

function withSecurity(settings: object): any {
  const securityContext = { ...CONTAINER.securityContext, ...settings };
  return daemonSet({ containers: [{ ...CONTAINER, securityContext }] });
}

function withContainer(fields: object): any {
  return daemonSet({ containers: [{ ...CONTAINER, ...fields }] });
}

/** Objects that break one rule, and where. The path is below `spec.template.spec` for pods. */
export const BREACHES: [rule: string, objects: any[], location: string][] = [
  ['privileged', [withSecurity({ privileged: true })], 'containers[0].securityContext.privileged'],
  [
    'privilege-escalation',
    [withSecurity({ allowPrivilegeEscalation: undefined })],
    'containers[0].securityContext.allowPrivilegeEscalation',
  ],
  [
    'run-as-root',
    [withSecurity({ runAsNonRoot: undefined, runAsUser: undefined })],
    'containers[0].securityContext.runAsNonRoot',
  ],
  ['run-as-root', [withSecurity({ runAsUser: 0 })], 'containers[0].securityContext.runAsUser'],
  [
    'writable-root-filesystem',
    [withSecurity({ readOnlyRootFilesystem: false })],
    'containers[0].securityContext.readOnlyRootFilesystem',
  ],
  ['capabilities', [withSecurity({ capabilities: {} })], 'containers[0].securityContext.capabilities.drop'],
  [
    'capabilities',
    [withSecurity({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'SYS_TIME'] } })],
    'containers[0].securityContext.capabilities.add',
  ],
  [
    'seccomp',
    [withSecurity({ seccompProfile: { type: 'Unconfined' } })],
    'containers[0].securityContext.seccompProfile',
  ],
  ['seccomp', [withSecurity({ seccompProfile: undefined })], 'containers[0].securityContext.seccompProfile'],
  ['host-namespaces', [daemonSet({ hostPID: true })], 'hostPID'],
  [
    'host-path',
    [daemonSet({ volumes: [{ emptyDir: {} }, { hostPath: { path: '/var/log' } }] })],
    'volumes[1].hostPath',
  ],
  [
    'resources',
    [withContainer({ resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1' } } })],
    'containers[0].resources.limits.memory',
  ],
  ['image-tag', [withContainer({ image: 'registry.example.com/agent' })], 'containers[0].image'],
  [
    'service-account-token',
    [daemonSet({ automountServiceAccountToken: undefined })],
    'automountServiceAccountToken',
  ],
];
export const ROLE = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'all' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', '*'] }],
};
