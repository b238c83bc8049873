import * as k8s from '../kubernetes/api';
import { Selector, selectorLabels } from '../kubernetes/labels';
import { RestoredTime, ServerArchive } from './archive';
import { ArchiveBucket, fetchingContainers } from './archive-bucket';
import { POINT_IN_TIME_SCRIPT, RESTORED_PATH } from './archive-scripts';
import { dumpsMount, dumpsVolumes, fetchingContainer, RestoredDump } from './restore';
import { SCRIPT_FOLDER } from './scripts';
import { upgradingContainers } from './upgrade';

/** The name of the script that restores a dump. */
export const RESTORE_SCRIPT = 'restore.sh';

/** What the data of a server begins with. */
export interface NewData {
  readonly selector: Selector;
  /** None when nothing is archived. */
  readonly archive?: ServerArchive;
  /** Where archives are copied to. */
  readonly archiveBucket?: ArchiveBucket;
  /** The point in time that new data is brought to. */
  readonly restoredTime?: RestoredTime;
  /** What new data is restored from. */
  readonly restored?: RestoredDump;
  /** The image of the data that is there, of an older major version. */
  readonly upgradeFrom?: string;
  /** The fields of the pod's spec that say which nodes it runs on. */
  readonly placement: any;
}

/** What runs before the server: it takes the data to another version, or makes new data. */
export function firstContainers(
  options: NewData,
  container: k8s.Container,
  dataPath: string,
): k8s.Container[] {
  const { restored, upgradeFrom, archive } = options;
  // What is begun again would be archived twice, under the same names.
  const unarchived = archive ? { ...container, args: [...container.args!, '--archive_mode=off'] } : container;
  return [
    ...(upgradeFrom === undefined
      ? []
      : upgradingContainers(container, unarchived, upgradeFrom, SCRIPT_FOLDER)),
    ...(restored ? [...fetchingContainer(restored, container), dumpContainer(unarchived, restored)] : []),
    ...bringingContainers(options, container, unarchived, dataPath),
  ];
}

/** Fetches an archive where its volume does not have it, and brings new data to a time. */
function bringingContainers(
  options: NewData,
  container: k8s.Container,
  unarchived: k8s.Container,
  dataPath: string,
): k8s.Container[] {
  const { restoredTime, archiveBucket } = options;
  if (!restoredTime) return [];
  const volume = restoredVolume(options)!;
  const fetch = { ...restoredTime, volumeName: volume.name, dataPath };
  return [
    ...(archiveBucket ? fetchingContainers(archiveBucket, fetch, container) : []),
    bringingContainer(restoredTime.isOwn ? container : unarchived, volume, restoredTime),
  ];
}

/** The volumes that new data is made from. */
export function newVolumes(options: NewData): k8s.Volume[] {
  const { archive, restored } = options;
  const source = restoredVolume(options);
  return [
    ...(restored ? dumpsVolumes(restored) : []),
    ...(source && source !== archive?.volume ? [source] : []),
  ];
}

/** The node of the server whose archive is mounted, where it runs: mostly one node alone can mount that. */
export function besideSource({ placement, selector, restoredTime }: NewData): k8s.PodSpec | object {
  if (!restoredTime || restoredTime.isOwn) return {};
  const matchLabels = selectorLabels({ ...selector, instance: restoredTime.from });
  const podAffinityTerm = { labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' };
  const podAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] };
  return { affinity: { ...placement.affinity, podAffinity } };
}

/** Restores before the server starts: no probe limits how long that takes, and nobody is let in. */
function restoringContainer(
  { image, args, env, resources, volumeMounts }: k8s.Container,
  dump: string,
): k8s.Container {
  return {
    name: 'restore',
    image,
    command: ['sh', `${SCRIPT_FOLDER}/${RESTORE_SCRIPT}`, dump],
    // Without the name of the program.
    args: args!.slice(1),
    env,
    resources,
    volumeMounts,
  };
}

/** Restores a dump, which it may only read. */
function dumpContainer(container: k8s.Container, restored: RestoredDump): k8s.Container {
  return {
    ...restoringContainer(container, restored.dump),
    volumeMounts: [...container.volumeMounts!, { ...dumpsMount(restored), readOnly: true }],
  };
}

/**
 * The volume with the archive that new data is made from. One claim as two volumes of a pod would never be mounted.
 *
 * @see https://github.com/kubernetes/kubernetes/issues/127004
 */
function restoredVolume({ archive, restoredTime }: NewData): k8s.Volume | undefined {
  if (!restoredTime) return undefined;
  const { claimName } = restoredTime;
  const own = archive?.volume.persistentVolumeClaim?.claimName === claimName;
  return own ? archive!.volume : { name: 'restored', persistentVolumeClaim: { claimName } };
}

/** Brings new data to a point in time, as a dump is restored. */
function bringingContainer(
  container: k8s.Container,
  { name }: k8s.Volume,
  { from, at }: RestoredTime,
): k8s.Container {
  return {
    ...restoringContainer(container, from),
    command: ['sh', `${SCRIPT_FOLDER}/${POINT_IN_TIME_SCRIPT}`, from, at],
    volumeMounts: [...container.volumeMounts!, { name, mountPath: RESTORED_PATH, readOnly: true }],
  };
}
