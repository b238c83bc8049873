import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkResourceName } from '../kubernetes/names';
import { InvalidInputError } from '../kubernetes/errors';
import { Problems } from '../kubernetes/problems';
import { size, wholeSize } from '../kubernetes/quantities';
import { Resource } from '../kubernetes/resource';
import { SECRETS_FOLDER } from '../workloads/secret-volumes';
import { RUNTIME_PATH } from '../runtime/runtime';
import { sharedVolumeClass, volumeClass } from '../workloads/volume-class';
import { DatabaseConnector } from '../platform/database-connector';
import { distributionOf } from '../platform/binding';

/** How many nodes can mount a volume at a time. */
export enum VolumeAccessMode {
  /** Many nodes. */
  READ_WRITE_MANY = 'ReadWriteMany',

  /** One node, and so one replica of an application. */
  READ_WRITE_ONCE = 'ReadWriteOnce',
}

/** A volume for uploaded files. The settings overlay makes it MEDIA_ROOT. */
export interface MediaVolume {
  /** Where it is mounted: an absolute path, neither in nor around a folder that the library mounts, such as `/tmp`. */
  readonly mountPath: string;

  /** Size, in bytes with a unit. */
  readonly size: string;

  /**
   * `ReadWriteMany`, or `ReadWriteOnce` for an application of one replica.
   *
   * @default VolumeAccessMode.READ_WRITE_MANY
   */
  readonly accessMode?: VolumeAccessMode;

  /**
   * The StorageClass.
   *
   * @default - the distribution's for the access mode
   */
  readonly storageClassName?: string;

  /**
   * Whether the settings overlay serves the files under MEDIA_URL, to everybody who knows their path: no login or
   * permission of a view is asked. Paths that the application's URLconf routes stay the application's. Leave it out
   * if a view of the application decides who may see a file.
   *
   * @default false
   */
  readonly serve?: boolean;
}

/** Whether only one node can mount the volume. */
export function isSingleNode(media: MediaVolume | undefined): boolean {
  return media?.accessMode === VolumeAccessMode.READ_WRITE_ONCE;
}

/** Where containers have something else: files of the runtime, of Secrets and of Linux. */
const TAKEN = ['/tmp', RUNTIME_PATH, SECRETS_FOLDER, '/dev', '/proc', '/sys'];

/** Checks what can be said about the volume alone, and next to the other volumes of its pods. */
export function checkMedia(scope: Construct, media: MediaVolume, connector?: DatabaseConnector): void {
  size(scope, 'media.size', media.size);
  checkMountPath(scope, 'media.mountPath', media.mountPath, takenPaths(connector));
  if (media.storageClassName !== undefined) {
    checkResourceName(scope, 'media.storageClassName', media.storageClassName);
  }
  if (!Object.values(VolumeAccessMode).includes(media.accessMode ?? VolumeAccessMode.READ_WRITE_MANY)) {
    Problems.report(scope, {
      property: 'media.accessMode',
      value: media.accessMode,
      reason: 'is not an access mode for uploaded files',
      remedy: 'Use "ReadWriteMany", or "ReadWriteOnce" with one replica',
    });
  }
}

/** The paths at which the pods of an application have something else than media. */
export function takenPaths(connector?: DatabaseConnector): string[] {
  return [...TAKEN, ...(connector?.volumeMounts ?? []).map(({ mountPath }) => mountPath)];
}

/** Checks a path at which a volume is to be mounted. */
export function checkMountPath(scope: Construct, property: string, value: string, taken: string[]): void {
  const isPath = typeof value === 'string' && /^(\/[^/:\s]+)+$/.test(value) && !/\/\.\.?(\/|$)/.test(value);
  const other = isPath ? taken.find((path) => contains(path, value) || contains(value, path)) : undefined;
  if (isPath && other === undefined) return;
  throw new InvalidInputError(scope, {
    property,
    value,
    reason: isPath
      ? `overlaps "${other}", where the pods have something else`
      : 'is not an absolute path that a volume can be mounted at',
    remedy: 'Give a path such as "/app/media"',
  });
}

function contains(folder: string, path: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}

/** Throws when several replicas would want a volume that one node alone can mount. */
export function checkMediaReplicas(
  scope: Construct,
  media: MediaVolume,
  property: string,
  replicas: number,
): void {
  if (isSingleNode(media) && replicas > 1) {
    Problems.report(scope, {
      property,
      value: replicas,
      reason: 'does not go with a media volume of access mode "ReadWriteOnce", which only one node can mount',
      remedy: 'Use media.accessMode "ReadWriteMany", or one replica',
    });
  }
}

/** The claim of the volume. */
export function mediaClaim(
  scope: Construct,
  media: MediaVolume,
  metadata: { name: string; labels: Record<string, string> },
): Resource {
  const storageClassName = isSingleNode(media)
    ? volumeClass(scope, media.storageClassName)
    : sharedVolumeClass(scope, media.storageClassName);
  if (!storageClassName && !isSingleNode(media)) {
    Problems.report(scope, {
      property: 'media.storageClassName',
      value: undefined,
      reason: `is needed: no class for "ReadWriteMany" is known on ${distributionOf(scope).name}`,
      remedy:
        'Use mediaBucket, or name a StorageClass that many nodes can mount, such as one of Filestore (GKE), EFS (EKS) or ' +
        'CephFS; with one replica, accessMode "ReadWriteOnce" will do',
    });
  }
  return new Resource(
    scope,
    'Media',
    k8s.manifest('PersistentVolumeClaim', {
      metadata,
      spec: {
        accessModes: [media.accessMode ?? VolumeAccessMode.READ_WRITE_MANY],
        storageClassName,
        resources: { requests: { storage: wholeSize(media.size) } },
      },
    }),
  );
}
