import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { Problems } from '../kubernetes/problems';
import { mebibytes } from '../kubernetes/quantities';
import { LOG_MEBIBYTES } from '../kubernetes/resources';

/*
 * How much of the node's disk a pod may fill. Each emptyDir has a size, above which the node ends the pod. The disk is
 * requested only where a program says how much: a node that does not report its disk takes no pod that requests some.
 */

/** What `/tmp` may hold unless a program says otherwise: what GKE Autopilot gives a container that requests no disk. */
const TMP_SIZE = '1Gi';
/** With less, nothing works that writes a file. */
const LEAST_TMP_MEBIBYTES = 64;

/** Names of the volume that pods write temporary files to. */
export const TMP_VOLUME: k8s.Volume = { name: 'tmp', emptyDir: { sizeLimit: TMP_SIZE } };
export const TMP_MOUNT: k8s.VolumeMount = { name: 'tmp', mountPath: '/tmp' };

const RESOURCE = 'ephemeral-storage';

/** Its disk as a container requests it. */
const requestedBy = ({ resources }: k8s.Container): string | undefined =>
  resources?.requests?.[RESOURCE] as string | undefined;

/**
 * A pod whose containers all request disk if one does. The limit of a pod is the sum of those of its containers: one
 * without a limit would fill what the others have. The first container has the emptyDirs: `/tmp` is what is left of its
 * disk beside its log and the other ones.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage
 */
export function withDisk(scope: Construct, spec: k8s.PodSpec): k8s.PodSpec {
  const { containers, initContainers = [], volumes = [] } = spec;
  if (![...containers, ...initContainers].some(requestedBy)) return spec;
  const [first, ...beside] = containers;
  const others = volumes.filter(isOnDisk).reduce((sum, volume) => sum + sizeOf(volume), 0);
  const given = requestedBy(first);
  const disk = given ? mebibytes(given) : mebibytes(TMP_SIZE) + others + LOG_MEBIBYTES;
  const tmp = Math.floor(disk - others - LOG_MEBIBYTES);
  if (tmp < LEAST_TMP_MEBIBYTES) {
    Problems.report(scope, {
      property: 'resources.ephemeralStorage',
      value: given,
      reason:
        `of container "${first.name}" leaves no ${LEAST_TMP_MEBIBYTES}Mi for /tmp, beside ${LOG_MEBIBYTES}Mi for its` +
        ` log and ${Math.ceil(others)}Mi for other empty directories`,
      remedy: `Give at least "${Math.ceil(LEAST_TMP_MEBIBYTES + others) + LOG_MEBIBYTES}Mi"`,
    });
  }
  const logging = (container: k8s.Container) => requesting(container, LOG_MEBIBYTES);
  return {
    ...spec,
    ...(spec.initContainers && { initContainers: initContainers.map(logging) }),
    containers: [requesting(first, disk), ...beside.map(logging)],
    volumes: volumes.map((volume) =>
      volume.name === TMP_VOLUME.name ? { ...volume, emptyDir: { sizeLimit: `${tmp}Mi` } } : volume,
    ),
  };
}

/** Those beside `/tmp`. What is in memory counts as memory. */
function isOnDisk({ name, emptyDir }: k8s.Volume): boolean {
  return emptyDir !== undefined && emptyDir.medium !== 'Memory' && name !== TMP_VOLUME.name;
}

/** One that somebody else added may have no size: it counts as much as `/tmp` has by itself. */
const sizeOf = ({ emptyDir }: k8s.Volume) => mebibytes((emptyDir!.sizeLimit as string) ?? TMP_SIZE);

/** A container with a request and a limit, if it has none of its own. */
function requesting(container: k8s.Container, disk: number): k8s.Container {
  if (requestedBy(container)) return container;
  const { requests, limits } = container.resources ?? {};
  const own = { [RESOURCE]: `${Math.ceil(disk)}Mi` };
  return {
    ...container,
    resources: { ...container.resources, requests: { ...requests, ...own }, limits: { ...limits, ...own } },
  };
}
