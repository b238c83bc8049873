import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { Traffic } from '../kubernetes/traffic';
import { CheckedBucket, checkBucket } from '../platform/backup-bucket';
import { distributionOf } from '../platform/binding';
import { BucketAccess, bucketAccess, bucketContainer } from '../workloads/backup-bucket';
import { TMP_MOUNT } from '../workloads/disk';
import { dnsTraffic } from '../workloads/network-policies';
import { UPLOAD_ARCHIVE_SCRIPT } from './archive-bucket-scripts';
import { FETCH_ARCHIVE_SCRIPT, MAJOR_FILE } from './archive-fetch-script';
import { ARCHIVE_PATH, COPIED_PATH, FETCHED_FOLDER, RESTORED_PATH } from './archive-scripts';
import { PostgresBackendProps } from './postgres-backend-props';
import { SCRIPT_FOLDER } from './scripts';

const PROPERTY = 'archiveBucket';
const SCRIPTS_MOUNT: k8s.VolumeMount = { name: 'scripts', mountPath: SCRIPT_FOLDER, readOnly: true };

/**
 * `/tmp` of the container that copies. That of the server may have its socket, by which the container would be a superuser.
 * It has lists of files: room for a million of them.
 */
export const COPIED_VOLUME: k8s.Volume = { name: 'copied', emptyDir: { sizeLimit: '256Mi' } };
/** The server looks there when all was last copied. */
export const COPIED_MOUNT: k8s.VolumeMount = { name: 'copied', mountPath: COPIED_PATH, readOnly: true };

/** The bucket of archives, and how the pod of a server gets there. */
export interface ArchiveBucket {
  readonly place: CheckedBucket;
  readonly access: BucketAccess;
  /** What the pod connects to for it. */
  readonly egress: Traffic[];
}

/** The bucket of archives that the distribution has, for a server that has an archive or is restored from one. */
export function archiveBucket(
  scope: Construct,
  server: string,
  { archive, restore }: Pick<PostgresBackendProps, 'archive' | 'restore'>,
): ArchiveBucket | undefined {
  const { archiveBucket: bucket } = distributionOf(scope);
  if (!bucket || !(archive ?? restore)) return undefined;
  const place = checkBucket(scope, PROPERTY, bucket);
  const title = `Archive of ${server} in ${bucket.destination}`;
  // Without an archive of its own it only restores.
  const user = { serviceAccountName: server, title, readOnly: !archive };
  const access = bucketAccess(scope, PROPERTY, place, user);
  return { place, access, egress: [...dnsTraffic(scope), ...access.egress] };
}

/** The image that copies and fetches archives, if one does. */
export const archivingImages = (bucket?: ArchiveBucket): string[] => (bucket ? [bucket.place.image] : []);

/** What the pod of a server connects to for its archive. */
export const archiveEgress = (bucket?: ArchiveBucket): Traffic[] => bucket?.egress ?? [];

/** Copies the archive of a server to the bucket, as long as the server runs. It has no password of the database. */
export function uploadingContainer({ place }: ArchiveBucket, server: string, hours: number): k8s.Container {
  return bucketContainer(place, server, {
    name: 'upload',
    script: `${SCRIPT_FOLDER}/${UPLOAD_ARCHIVE_SCRIPT}`,
    args: [server, `${hours}`],
    volumeMounts: [
      { name: 'archive', mountPath: ARCHIVE_PATH, readOnly: true },
      SCRIPTS_MOUNT,
      { name: 'copied', mountPath: '/tmp' },
    ],
  });
}

/** Where an archive is fetched to, and for what. */
export interface Fetch {
  /** The server whose archive it is. */
  readonly from: string;
  /** A time in UTC, or nothing for the end of the archive. */
  readonly at: string;
  /** Whether it is the archive of the server itself, which then has all of it again. */
  readonly isOwn: boolean;
  /** The name of the volume of the archive, in the pod. */
  readonly volumeName: string;
  /** Where the volume of the data is mounted. */
  readonly dataPath: string;
}

/**
 * Fetches what the volume of an archive does not have, before data is made from it: into that volume, or into that of
 * the data where it belongs to another server. The image of rclone does not know the version of the server, so a first
 * container says it.
 */
export function fetchingContainers(
  { place }: ArchiveBucket,
  { from, at, isOwn, volumeName, dataPath }: Fetch,
  { image, env, resources, volumeMounts }: k8s.Container,
): k8s.Container[] {
  const data = volumeMounts!.find(({ name }) => name === 'data')!;
  return [
    {
      name: 'version',
      image,
      command: ['sh', '-c', `printf %s "$PG_MAJOR" >${MAJOR_FILE}`],
      resources,
      volumeMounts: [TMP_MOUNT],
    },
    bucketContainer(place, from, {
      name: 'fetch-archive',
      script: `${SCRIPT_FOLDER}/${FETCH_ARCHIVE_SCRIPT}`,
      args: [from, digits(at), isOwn ? RESTORED_PATH : `${dataPath}/${FETCHED_FOLDER}`],
      environment: env!.filter(({ name }) => name === 'PGDATA'),
      volumeMounts: [
        { ...data, ...(isOwn && { readOnly: true }) },
        { name: volumeName, mountPath: RESTORED_PATH, ...(!isOwn && { readOnly: true }) },
        SCRIPTS_MOUNT,
        TMP_MOUNT,
      ],
    }),
  ];
}

/** The year, month, day, hour, minute and second of a time in UTC. */
const digits = (time: string) => time.replace(/\D/g, '').slice(0, 14);
