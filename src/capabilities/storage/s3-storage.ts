import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { partition } from '../../platform/aws-partition';
import { checkPlatformName } from '../../kubernetes/names';
import { WorkloadIdentity } from '../../platform/identity';
import { checkBucketName, IObjectStorage, MediaBackend, MediaBucket } from '../../platform/object-storage';
import { checkSecretValue, SecretValue } from '../../kubernetes/secret-values';

/** The keys of an account. */
export interface S3Keys {
  /** The access key ID. */
  readonly accessKeyId: SecretValue;

  /** The secret access key. */
  readonly secretAccessKey: SecretValue;
}

/** Where S3 is. */
export interface S3StorageProps {
  /**
   * The region, such as `eu-west-1`.
   *
   * @default - that of the pods' environment; the commands of `identity.txt` are for AWS' commercial regions
   */
  readonly region?: string;

  /**
   * URL of a server that speaks S3: `https://s3.example.com`.
   *
   * @default - AWS
   */
  readonly endpoint?: string;

  /**
   * Keys, in Secrets of the application's namespace.
   *
   * @default - none: the pods use the identity that the platform gives them
   */
  readonly keys?: S3Keys;
}

const URL_PATTERN = /^(?<scheme>https?):\/\/[a-z0-9][-.a-z0-9]*(?::(?<port>\d{1,5}))?$/;

/**
 * Amazon S3, or a server that speaks its protocol.
 *
 * @see https://django-storages.readthedocs.io/en/latest/backends/amazon-S3.html
 * @example
 * Distribution.openshift({
 *   objectStorage: new S3Storage({
 *     endpoint: 'https://s3.example.com',
 *     keys: {
 *       accessKeyId: { secretName: 'polls-media', key: 'AWS_ACCESS_KEY_ID' },
 *       secretAccessKey: { secretName: 'polls-media', key: 'AWS_SECRET_ACCESS_KEY' },
 *     },
 *   }),
 * });
 */
export class S3Storage implements IObjectStorage {
  readonly usesIdentity: boolean;

  constructor(private readonly props: S3StorageProps) {
    this.usesIdentity = !props.keys;
  }

  media(scope: Construct, bucket: MediaBucket, _identity?: WorkloadIdentity): MediaBackend {
    checkBucketName(scope, bucket, {
      pattern: /^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$/,
      remedy: 'Use lower-case letters, digits, "-" and ".", from 3 to 63',
    });
    const { region, endpoint, keys } = this.props;
    if (region !== undefined) checkPlatformName(scope, 'objectStorage.region', region);
    return {
      backend: 'storages.backends.s3.S3Storage',
      options: {
        bucket_name: bucket.name,
        ...(bucket.folder && { location: bucket.folder }),
        file_overwrite: false,
        ...(region && { region_name: region }),
        ...(endpoint && { endpoint_url: endpoint }),
        // The older signature is refused by newer regions.
        signature_version: 's3v4',
        ...(bucket.publicRead && { querystring_auth: false }),
      },
      environment: keys && [
        {
          name: 'AWS_ACCESS_KEY_ID',
          ...checkSecretValue(scope, 'objectStorage.keys.accessKeyId', keys.accessKeyId),
        },
        {
          name: 'AWS_SECRET_ACCESS_KEY',
          ...checkSecretValue(scope, 'objectStorage.keys.secretAccessKey', keys.secretAccessKey),
        },
      ],
      egress: [{ ports: [{ port: endpoint ? portOf(scope, endpoint) : 443 }] }],
      grants: [
        `aws iam put-role-policy --role-name "$PRINCIPAL" --policy-name media --policy-document '${policy(bucket, region)}'`,
      ],
    };
  }
}

function portOf(scope: Construct, endpoint: string): number {
  const groups = URL_PATTERN.exec(endpoint)?.groups;
  if (!groups) {
    throw new InvalidInputError(scope, {
      property: 'objectStorage.endpoint',
      value: endpoint,
      reason: 'is not the URL of a server',
      remedy: 'Give scheme, host and port, such as "https://s3.example.com"',
    });
  }
  return Number(groups.port ?? (groups.scheme === 'https' ? 443 : 80));
}

/** https://django-storages.readthedocs.io/en/latest/backends/amazon-S3.html#iam-policy */
function policy({ name }: MediaBucket, region = ''): string {
  const arn = `arn:${partition(region)}:s3:::${name}`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: arn },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        Resource: `${arn}/*`,
      },
    ],
  });
}
