import { ALL_CONTAINERS, ALL_PODS, FieldReason } from '../../kubernetes/field-reason';

const RESTRICTED = 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted';
const CONTEXT = 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/';

/** Reasons for security contexts. */
export const SECURITY_REASONS: FieldReason[] = [
  {
    fields: [`${ALL_PODS}.spec.securityContext.runAsNonRoot`],
    why: 'Pod Security `restricted` asks for it: the kubelet does not start a container whose user is root.',
    source: RESTRICTED,
    values: [true],
  },
  {
    fields: [`${ALL_CONTAINERS}.securityContext.runAsNonRoot`],
    why: 'The pod says it too. Rules of admission that look at containers alone would refuse the pod without it.',
    source: RESTRICTED,
    values: [true],
  },
  {
    fields: [`${ALL_PODS}.spec.securityContext.{runAsUser,runAsGroup}`],
    why: 'The kubelet can check that a numeric user is not root, regardless of the image. OpenShift gives each namespace users of its own, and the field is left out there.',
    source: CONTEXT,
  },
  {
    fields: [`${ALL_PODS}.spec.securityContext.seccompProfile.type`],
    why: 'Pod Security `restricted` asks for it: system calls that containers do not need are refused.',
    source: RESTRICTED,
    values: ['RuntimeDefault'],
  },
  {
    fields: [`${ALL_PODS}.spec.hostUsers`],
    why: 'You gave `userNamespaces`: a process that breaks out of its container has no rights on the node.',
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/',
    values: [false],
  },
  {
    fields: [`${ALL_PODS}.spec.securityContext.appArmorProfile.{type,localhostProfile}`],
    why: 'You gave this profile of AppArmor to the pods of the distribution.',
    source: 'https://kubernetes.io/docs/tutorials/security/apparmor/',
  },
  {
    fields: [`${ALL_PODS}.spec.securityContext.fsGroup`],
    why: 'A volume belongs to root at first. With this group the user of the pod can write to it.',
    source: CONTEXT,
  },
  {
    fields: [`${ALL_PODS}.spec.securityContext.fsGroupChangePolicy`],
    why: 'Otherwise every file of a large volume is visited at each start of a pod.',
    source: `${CONTEXT}#configure-volume-permission-and-ownership-change-policy-for-pods`,
    values: ['OnRootMismatch'],
  },
  {
    fields: [`${ALL_CONTAINERS}.securityContext.allowPrivilegeEscalation`],
    why: 'Pod Security `restricted` asks for it: no program gets more rights than the one that started it.',
    source: RESTRICTED,
    values: [false],
  },
  {
    fields: [`${ALL_CONTAINERS}.securityContext.capabilities.drop`],
    why: 'Pod Security `restricted` asks for it. Neither Django nor the servers need any capability of the kernel.',
    source: RESTRICTED,
    values: ['ALL'],
  },
  {
    fields: [`${ALL_CONTAINERS}.securityContext.readOnlyRootFilesystem`],
    why: 'Nobody can change the program or leave files in the container. Programs write to the volumes that they have, such as /tmp.',
    source: CONTEXT,
    values: [true],
  },
];
