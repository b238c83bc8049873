import { FieldReason } from '../kubernetes/field-reason';

const POD = 'StatefulSet.spec.template.spec';
const GUIDE = 'docs/guide/10-background-work.md';

/** Reasons for the servers of a ValkeySentinel. */
export const SENTINEL_REASONS: FieldReason[] = [
  {
    fields: ['StatefulSet.spec.podManagementPolicy'],
    why: 'All pods are made at once. Otherwise none of the others would be made while the first is away with its node.',
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#parallel-pod-management',
    values: ['Parallel'],
  },
  {
    fields: ['Service.spec.clusterIP'],
    why: 'The Service gives each pod a name of its own, by which servers and Sentinels find one another.',
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/#headless-services',
    values: ['None'],
  },
  {
    fields: ['Service.spec.publishNotReadyAddresses'],
    why: 'A pod has its name before it is ready, because it asks the others who is the primary to become so.',
    source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
    values: [true],
  },
  {
    fields: [`${POD}.containers.env.valueFrom.fieldRef.fieldPath`],
    why: 'A server announces itself by the name of its pod and the namespace.',
    source: GUIDE,
    values: ['metadata.name', 'metadata.namespace'],
  },
  {
    fields: [`${POD}.containers.lifecycle.preStop.exec.command`],
    why: 'Before a primary ends, another server has all of its data and takes its place.',
    source: GUIDE,
  },
];
