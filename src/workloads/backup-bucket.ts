import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { resourceRequirements } from '../kubernetes/resources';
import { Traffic } from '../kubernetes/traffic';
import { bucketGrants, CheckedBucket, checkCloud, WITHOUT_CHECKSUMS } from '../platform/backup-bucket';
import { identityOf } from '../platform/identities';
import { addIdentityCommands } from '../platform/identity-commands';
import { WorkloadIdentity } from '../platform/identity';

/**
 * rclone holds two parts of a file in memory. Stores take 10,000 parts of a file, so parts are of 5 MiB up to 48 GiB,
 * and of 105 MiB for a TiB.
 */
const RESOURCES = { cpuRequest: '50m', memoryRequest: '128Mi', memoryLimit: '512Mi' };

/** How pods get to a bucket. */
export interface BucketAccess {
  /** None when they have keys. */
  readonly identity?: WorkloadIdentity;
  readonly egress: Traffic[];
}

/** Who gets to a bucket, and what for. */
export interface BucketUser {
  readonly serviceAccountName: string;
  /** The first line of the commands that let it. */
  readonly title: string;
  /** Whether it only reads. */
  readonly readOnly?: boolean;
}

/** How the pods of a ServiceAccount get to a bucket. Throws where they have neither keys nor an identity for it. */
export function bucketAccess(
  scope: Construct,
  property: string,
  bucket: CheckedBucket,
  { serviceAccountName, title, readOnly }: BucketUser,
): BucketAccess {
  const egress: Traffic[] = [{ ports: [{ port: bucket.port }] }];
  if (bucket.keys) return { egress };
  const needed =
    bucket.kind === 's3'
      ? { property: `${property}.keys`, value: undefined, instead: 'Give them' }
      : { property: 'identity', value: undefined };
  const identity = identityOf(scope, serviceAccountName, needed);
  checkCloud(scope, property, bucket, identity);
  addIdentityCommands(scope, title, [...identity.setup, ...bucketGrants(bucket, identity, readOnly)]);
  return { identity, egress: [...egress, ...identity.egress] };
}

/** A container that does something with a bucket. */
export interface BucketJob {
  readonly name: string;
  /** The path of its script. */
  readonly script: string;
  /** What its script gets after the place in the bucket. */
  readonly args: string[];
  readonly environment?: k8s.EnvVar[];
  readonly volumeMounts: k8s.VolumeMount[];
}

/** The container, in the image of rclone. */
export function bucketContainer(
  bucket: CheckedBucket,
  folder: string,
  { name, script, args, environment = [], volumeMounts }: BucketJob,
): k8s.Container {
  const remote = bucket.encryptionPassword ? `encrypted:${folder}` : `bucket:${bucket.path}/${folder}`;
  return {
    name,
    image: bucket.image,
    command: ['sh', script, remote, ...args],
    env: [...environment, ...rcloneVariables(bucket)],
    resources: resourceRequirements(RESOURCES),
    volumeMounts,
  };
}

/** How rclone knows its remotes without a file: https://rclone.org/docs/#config-file */
function rcloneVariables(bucket: CheckedBucket): k8s.EnvVar[] {
  const { keys, encryptionPassword, path } = bucket;
  const encrypted = {
    RCLONE_CONFIG_ENCRYPTED_TYPE: 'crypt',
    RCLONE_CONFIG_ENCRYPTED_REMOTE: `bucket:${path}`,
    RCLONE_CONFIG_ENCRYPTED_FILENAME_ENCRYPTION: 'off',
    RCLONE_CONFIG_ENCRYPTED_DIRECTORY_NAME_ENCRYPTION: 'false',
  };
  const plain = {
    // The user that runs may have no home, and the file is read-only.
    HOME: '/tmp',
    RCLONE_CONFIG: '/dev/null',
    // One after the other: what is in memory does not grow with their number.
    RCLONE_TRANSFERS: '1',
    RCLONE_CONFIG_BUCKET_ENV_AUTH: 'true',
    ...storeVariables(bucket),
    ...(encryptionPassword ? encrypted : {}),
  };
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    ...(keys
      ? [
          envVar({ name: 'AWS_ACCESS_KEY_ID', ...keys.accessKeyId }),
          envVar({ name: 'AWS_SECRET_ACCESS_KEY', ...keys.secretAccessKey }),
        ]
      : []),
    ...(encryptionPassword ? [envVar({ name: 'ENCRYPTION_PASSWORD', ...encryptionPassword })] : []),
  ];
}

/** The right to make buckets is not needed. */
function storeVariables({ kind, account, endpoint, region }: CheckedBucket): Record<string, string> {
  if (kind === 'gs') {
    return {
      RCLONE_CONFIG_BUCKET_TYPE: 'google cloud storage',
      RCLONE_CONFIG_BUCKET_BUCKET_POLICY_ONLY: 'true',
      RCLONE_CONFIG_BUCKET_NO_CHECK_BUCKET: 'true',
    };
  }
  if (kind === 'azure') {
    return {
      RCLONE_CONFIG_BUCKET_TYPE: 'azureblob',
      RCLONE_CONFIG_BUCKET_ACCOUNT: account!,
      RCLONE_CONFIG_BUCKET_NO_CHECK_CONTAINER: 'true',
      RCLONE_CONFIG_BUCKET_UPLOAD_CONCURRENCY: '2',
    };
  }
  return {
    RCLONE_CONFIG_BUCKET_TYPE: 's3',
    RCLONE_CONFIG_BUCKET_PROVIDER: endpoint === undefined ? 'AWS' : 'Other',
    RCLONE_CONFIG_BUCKET_NO_CHECK_BUCKET: 'true',
    RCLONE_CONFIG_BUCKET_UPLOAD_CONCURRENCY: '2',
    ...(endpoint !== undefined && {
      RCLONE_CONFIG_BUCKET_ENDPOINT: endpoint,
      ...WITHOUT_CHECKSUMS,
    }),
    ...(region !== undefined && { RCLONE_CONFIG_BUCKET_REGION: region }),
  };
}
