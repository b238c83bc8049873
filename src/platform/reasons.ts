import { ALL_PODS, FieldReason } from '../kubernetes/field-reason';

const ZONES =
  'nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.matchExpressions.{key,operator,values}';

/** Reasons for the nodes that pods run on. */
export const PLATFORM_REASONS: FieldReason[] = [
  {
    fields: [
      `{${ALL_PODS}.spec,Cluster.spec.affinity}.nodeSelector.*`,
      `{${ALL_PODS}.spec,Cluster.spec.affinity}.tolerations.{key,operator,value,effect}`,
      `{Deployment.spec.template.spec,StatefulSet.spec.template.spec,Cluster.spec}.affinity.${ZONES}`,
    ],
    why: 'You asked for such nodes: an architecture, zones, a node pool or spot nodes. The labels and taints are those of the platform.',
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/',
  },
];
