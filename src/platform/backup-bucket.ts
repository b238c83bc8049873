import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { checkImage } from '../kubernetes/images';
import { checkPlatformName } from '../kubernetes/names';
import { namespaceOf } from '../kubernetes/namespaces';
import { Problems } from '../kubernetes/problems';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';
import { partition } from './aws-partition';
import { IdentityCloud, WorkloadIdentity } from './identity';

/** Keys of a store with S3's API. */
export interface ObjectStoreKeys {
  /** The ID of the key. */
  readonly accessKeyId: SecretValue;

  /** The key itself. */
  readonly secretAccessKey: SecretValue;
}

/**
 * A folder of a bucket that exists already, which backups are copied to by rclone, beside their volume.
 *
 * @see https://rclone.org/docs/
 */
export interface BackupBucket {
  /**
   * The folder: `s3://bucket/folder`, `gs://bucket/folder`, or
   * `https://account.blob.core.windows.net/container/folder` for Azure. In it each namespace has
   * a folder, and each database one in that. Each cluster needs another folder, and so does another password.
   */
  readonly destination: string;

  /**
   * URL of a store with S3's API that is not Amazon's, such as `https://minio.example.com:9000`. It needs `keys`. Network
   * policies let pods out to its port: for a Service of the cluster, give the port that its pods have.
   *
   * @default - Amazon's
   */
  readonly endpoint?: string;

  /**
   * The region of a bucket with S3's API, such as `eu-west-1`.
   *
   * @default - that of the pods' environment, which EKS sets with an identity; rclone's elsewhere, which is `us-east-1`
   */
  readonly region?: string;

  /**
   * Keys of a store with S3's API.
   *
   * @default - the identity that the platform gives to the ServiceAccount of the pods
   */
  readonly keys?: ObjectStoreKeys;

  /**
   * A password that encrypts what is in the bucket, by rclone's `crypt`. Nobody reads the bucket without it, so keep it
   * outside the cluster, too: that is why none is generated. The names of the files stay as they are. With another
   * password, without one or with one for the first time, give another folder: rclone does not see the files of before.
   *
   * @default - the store encrypts by its own keys, as it is set up
   * @see https://rclone.org/crypt/
   */
  readonly encryptionPassword?: SecretValue;

  /**
   * An image with rclone 1.68 or newer and a shell, by tag or digest. It is pulled with the server's
   * `imagePullSecrets`.
   *
   * @default docker.io/rclone/rclone:1.71.2
   */
  readonly image?: string;
}

const DEFAULT_IMAGE = 'docker.io/rclone/rclone:1.71.2';

const DESTINATIONS: [RegExp, BucketKind][] = [
  [/^s3:\/\/(?<bucket>[a-z0-9][-.a-z0-9]{1,61}[a-z0-9])(?<folder>(?:\/\w[\w.-]*)*)\/?$/, 's3'],
  [/^gs:\/\/(?<bucket>[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9])(?<folder>(?:\/\w[\w.-]*)*)\/?$/, 'gs'],
  [
    /^https:\/\/(?<account>[a-z0-9]{3,24})\.blob\.core\.windows\.net\/(?<bucket>[a-z0-9][-a-z0-9]{1,61}[a-z0-9])(?<folder>(?:\/\w[\w.-]*)*)\/?$/,
    'azure',
  ],
];
const ENDPOINT = /^(?<scheme>https?):\/\/(?<host>[a-z0-9][-.a-z0-9]*)(?::(?<port>\d{1,5}))?$/;
/** Amazon's own endpoints, such as that of a VPC. */
const AMAZON = /\.amazonaws\.com(\.cn)?$/;

/**
 * Variables for a store that is not Amazon's: AWS' SDKs leave out checksums of their own. Other stores may refuse these,
 * and without TLS rclone cannot send them (findings/rclone-environment-keys-without-tls.sh). It compares what the store
 * has with what it sent all the same.
 */
export const WITHOUT_CHECKSUMS = {
  AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
  AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
};

/** Who has a bucket. */
export type BucketKind = 's3' | 'gs' | 'azure';

/** Where a bucket is. */
export interface BucketPlace {
  readonly kind: BucketKind;
  readonly bucket: string;
  /** The bucket and the folder in it, without a slash at its end. A bucket that was checked has that of its namespace. */
  readonly path: string;
  /** The account of Azure. */
  readonly account?: string;
  readonly port: number;
}

/** Where a bucket is that a program names. Throws when it names none. */
export function bucketPlace(
  scope: Construct,
  property: string,
  store: Pick<BackupBucket, 'destination' | 'endpoint' | 'region' | 'keys'>,
): BucketPlace {
  for (const [pattern, kind] of DESTINATIONS) {
    const groups = pattern.exec(store.destination)?.groups;
    if (!groups) continue;
    const { bucket, folder, account } = groups;
    return { kind, bucket, path: `${bucket}${folder}`, account, port: portOf(scope, property, kind, store) };
  }
  throw new InvalidInputError(scope, {
    property: `${property}.destination`,
    value: store.destination,
    reason: 'is not a folder of an object store',
    remedy:
      'Give "s3://bucket/folder", "gs://bucket/folder" or ' +
      '"https://account.blob.core.windows.net/container/folder"',
  });
}

/** The port of the store; other things than S3 have no other place and no keys. */
function portOf(
  scope: Construct,
  property: string,
  kind: BucketKind,
  { endpoint, region, keys }: Pick<BackupBucket, 'endpoint' | 'region' | 'keys'>,
): number {
  for (const [name, value] of Object.entries({ endpoint, region, keys: keys?.accessKeyId })) {
    if (kind === 's3' || value === undefined) continue;
    Problems.report(scope, {
      property: `${property}.${name}`,
      value,
      reason: 'is for a store with the API of S3',
      remedy: 'Leave it out, or give a destination that begins with "s3://"',
    });
  }
  if (endpoint === undefined) return 443;
  const { host, port } = endpointOf(scope, property, endpoint);
  if (!keys && !AMAZON.test(host)) {
    Problems.report(scope, {
      property: `${property}.keys`,
      value: undefined,
      reason: `is needed: ${endpoint} does not know the identities of a platform`,
      remedy: 'Give the keys that this store has for you',
    });
  }
  return port;
}

function endpointOf(scope: Construct, property: string, endpoint: string): { host: string; port: number } {
  const { scheme, host, port } = ENDPOINT.exec(endpoint)?.groups ?? {};
  const found = Number(port ?? (scheme === 'http' ? 80 : 443));
  if (scheme === undefined || found < 1 || found > 65535) {
    throw new InvalidInputError(scope, {
      property: `${property}.endpoint`,
      value: endpoint,
      reason: 'is not the URL of a server',
      remedy: 'Give scheme, host and port, such as "https://s3.example.com"',
    });
  }
  return { host, port: found };
}

/** Checks keys, if there are any. */
export function checkKeys(scope: Construct, property: string, keys?: ObjectStoreKeys): void {
  if (!keys) return;
  checkSecretValue(scope, `${property}.keys.accessKeyId`, keys.accessKeyId);
  checkSecretValue(scope, `${property}.keys.secretAccessKey`, keys.secretAccessKey);
}

/** A bucket that was checked. */
export interface CheckedBucket extends BackupBucket, BucketPlace {
  readonly image: string;
}

/** Checks a bucket that backups are copied to, and says where those of a namespace are: mostly that of the scope. */
export function checkBucket(
  scope: Construct,
  property: string,
  bucket: BackupBucket,
  namespace = namespaceOf(scope, 'is needed: databases of one name have folders of it in the bucket'),
): CheckedBucket {
  const { image = DEFAULT_IMAGE, region, keys, encryptionPassword } = bucket;
  const place = bucketPlace(scope, property, bucket);
  checkKeys(scope, property, keys);
  if (region !== undefined) checkPlatformName(scope, `${property}.region`, region);
  if (encryptionPassword) checkSecretValue(scope, `${property}.encryptionPassword`, encryptionPassword);
  const path = `${place.path}/${namespace}`;
  return { ...bucket, ...place, path, image: checkImage(scope, `${property}.image`, image) };
}

/** Whether two places are in one bucket, however its store is written. */
export function isSameBucket(one: CheckedBucket, other: CheckedBucket): boolean {
  return nameOf(one) === nameOf(other);
}

/** Names of buckets are unique in all of Amazon, and in an account of Azure. */
function nameOf({ kind, account, endpoint = '', port, bucket }: CheckedBucket): string {
  const { host = '' } = ENDPOINT.exec(endpoint)?.groups ?? {};
  const server = host === '' || AMAZON.test(host) ? '' : `${host}:${port}`;
  return JSON.stringify([kind, account, server, bucket]);
}

const CLOUDS: Record<BucketKind, IdentityCloud> = {
  s3: IdentityCloud.AWS,
  gs: IdentityCloud.GOOGLE,
  azure: IdentityCloud.AZURE,
};

/** Checks that an identity is of the cloud that has the bucket. */
export function checkCloud(
  scope: Construct,
  property: string,
  { kind, destination }: BucketPlace & Pick<BackupBucket, 'destination'>,
  { cloud }: WorkloadIdentity,
): void {
  if (cloud === undefined || cloud === CLOUDS[kind]) return;
  Problems.report(scope, {
    property: `${property}.destination`,
    value: destination,
    reason: `is of another cloud than the identity that pods have, which is of "${cloud}"`,
    remedy: 'Give a bucket of that cloud, or one with the API of S3 and its keys',
  });
}

/** Commands that let `$PRINCIPAL` use the bucket, or only read it, where the identity leaves one. */
export function bucketGrants(
  { kind, bucket, region }: BucketPlace & Pick<BackupBucket, 'region'>,
  { setup }: WorkloadIdentity,
  readOnly = false,
): string[] {
  if (setup.length === 0) return [];
  if (readOnly) return readingGrants(kind, bucket, region);
  if (kind === 's3') {
    return [
      `aws iam put-role-policy --role-name "$PRINCIPAL" --policy-name backups-${bucket} --policy-document '${policy(bucket, region)}'`,
    ];
  }
  if (kind === 'gs') {
    return [
      `gcloud storage buckets add-iam-policy-binding gs://${bucket} --role=roles/storage.objectAdmin \\`,
      '  --member="$PRINCIPAL"',
      // barman-cloud looks whether there is the bucket.
      `gcloud storage buckets add-iam-policy-binding gs://${bucket} --role=roles/storage.legacyBucketReader \\`,
      '  --member="$PRINCIPAL"',
    ];
  }
  return [
    'az role assignment create --role "Storage Blob Data Contributor" --assignee "$PRINCIPAL" \\',
    `  --scope "\${STORAGE_ACCOUNT_ID:?}/blobServices/default/containers/${bucket}"`,
  ];
}

/** The policy has another name than that of who writes: both may be of one role. */
function readingGrants(kind: BucketKind, bucket: string, region?: string): string[] {
  if (kind === 's3') {
    const document = policy(bucket, region, ['s3:GetObject']);
    return [
      `aws iam put-role-policy --role-name "$PRINCIPAL" --policy-name read-backups-${bucket} --policy-document '${document}'`,
    ];
  }
  if (kind === 'gs') {
    return [
      `gcloud storage buckets add-iam-policy-binding gs://${bucket} --role=roles/storage.objectViewer \\`,
      '  --member="$PRINCIPAL"',
    ];
  }
  return [
    'az role assignment create --role "Storage Blob Data Reader" --assignee "$PRINCIPAL" \\',
    `  --scope "\${STORAGE_ACCOUNT_ID:?}/blobServices/default/containers/${bucket}"`,
  ];
}

const USED = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];

function policy(bucket: string, region = '', actions = USED): string {
  const arn = `arn:${partition(region)}:s3:::${bucket}`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: arn },
      {
        Effect: 'Allow',
        Action: actions,
        Resource: `${arn}/*`,
      },
    ],
  });
}
