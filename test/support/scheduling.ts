import { Architecture, Placement, Scheduling } from 'cdk8s-django';
import { refused, Row, row, rowOnEach } from './options';

/** The constructs whose server runs on nodes that can be asked for. */
interface Scheduled {
  readonly scheduling?: Placement;
}

/** A pod's nodes in these zones. */
export const zonesOf = ({ affinity }: any) =>
  affinity?.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;

/**
 * The rows of `scheduling` for a construct that runs one server: the same nodes for each of them.
 *
 * @param path - of the construct
 * @param pod - the spec of the server's pod
 * @param nodePool - a group of nodes
 */
export function serverScheduling(
  path: string,
  pod: (manifests: any[]) => any,
  nodePool: string,
): Row<Scheduled>[] {
  const unknownPool = refused(
    `${path}: scheduling.nodePool "${nodePool}" asks for nodes by a label that the distribution does not know. Leave it ` +
      'out, or give the distribution scheduling: new NodeLabelScheduling({ nodePoolLabel: "…" }).',
  );
  return [
    row({ scheduling: { architecture: Architecture.ARM64 } }, (manifests) => pod(manifests).nodeSelector, {
      'kubernetes.io/arch': 'arm64',
    }),
    row({ scheduling: { zones: ['zone-a'] } }, (manifests) => zonesOf(pod(manifests)), [
      { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-a'] }] },
    ]),
    row(
      { scheduling: { priorityClassName: 'data' } },
      (manifests) => pod(manifests).priorityClassName,
      'data',
    ),
    rowOnEach({ scheduling: { nodePool } }, (manifests) => pod(manifests).nodeSelector, {
      gke: { 'cloud.google.com/compute-class': nodePool },
      eks: { 'eks.amazonaws.com/nodegroup': nodePool },
      aks: { 'kubernetes.azure.com/agentpool': nodePool },
      openshift: unknownPool,
      upstream: unknownPool,
    }),
    row(
      { scheduling: { spot: true } as Scheduling },
      pod,
      refused(
        `${path}: scheduling.spot true would end the server whenever the platform takes the node away. ` +
          'Leave it out: it is for the replicas and workers of an application.',
      ),
    ),
  ];
}
