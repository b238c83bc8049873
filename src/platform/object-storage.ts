import { Construct } from 'constructs';
import { EnvironmentVariable } from '../kubernetes/environment';
import { Problems } from '../kubernetes/problems';
import { WorkloadIdentity } from './identity';
import { Traffic } from '../kubernetes/traffic';

/** A bucket (Cloud Storage, S3) or container (Azure Blob) for uploaded files, which exists already. */
export interface MediaBucket {
  /** Its name. */
  readonly name: string;

  /**
   * Folder within it, without slashes at its ends.
   *
   * @default - none
   */
  readonly folder?: string;

  /**
   * Whether everybody may read the files, as the bucket itself must allow. Otherwise their URLs are signed and end
   * after an hour, on Cloud Storage after a day.
   *
   * @default false
   */
  readonly publicRead?: boolean;
}

/** How an application keeps files in a bucket. */
export interface MediaBackend {
  /** Dotted name of the storage backend of django-storages, which the image must have. */
  readonly backend: string;

  /** Its OPTIONS. */
  readonly options: { [option: string]: any };

  /**
   * Variables of the containers: keys, where the platform gives no identity.
   *
   * @default - none
   */
  readonly environment?: EnvironmentVariable[];

  /** What the pods connect to. */
  readonly egress: Traffic[];

  /** Commands to be run once, outside the cluster, that let `$PRINCIPAL` use the bucket, a line each. */
  readonly grants: string[];
}

/** The object storage of a distribution. */
export interface IObjectStorage {
  /** Whether pods use it with an identity of the platform. */
  readonly usesIdentity: boolean;

  /**
   * How an application keeps files in a bucket. Throws if it cannot.
   *
   * @param identity - the identity of the application's pods, if it has one
   */
  media(scope: Construct, bucket: MediaBucket, identity?: WorkloadIdentity): MediaBackend;
}

/** Throws when a bucket's name is not one that the store takes. */
export function checkBucketName(
  scope: Construct,
  { name }: MediaBucket,
  { pattern, remedy }: { pattern: RegExp; remedy: string },
): void {
  if (!pattern.test(name)) {
    Problems.report(scope, {
      property: 'mediaBucket.name',
      value: name,
      reason: 'is not the name of a bucket',
      remedy,
    });
  }
}
