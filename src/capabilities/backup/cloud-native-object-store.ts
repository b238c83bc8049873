import { Construct } from 'constructs';
import {
  ObjectStore,
  ObjectStoreSpecConfiguration as Configuration,
  ObjectStoreSpecConfigurationDataCompression as DataCompression,
  ObjectStoreSpecConfigurationWalCompression as WalCompression,
  ObjectStoreSpecInstanceSidecarConfiguration as Sidecar,
  ObjectStoreSpecInstanceSidecarConfigurationResourcesLimits as Limit,
  ObjectStoreSpecInstanceSidecarConfigurationResourcesRequests as Request,
} from '../../../imports/barmancloud.cnpg.io';
import { InvalidInputError } from '../../kubernetes/errors';
import { Problems } from '../../kubernetes/problems';
import { IResource, Resource } from '../../kubernetes/resource';
import { checkSecretValue, SecretValue } from '../../kubernetes/secret-values';
import { BackupRequest } from '../../platform/backup';
import { identityOf } from '../../platform/identities';
import { WorkloadIdentity } from '../../platform/identity';
import { addIdentityCommands } from '../../platform/identity-commands';
import { BARMAN_PLUGIN } from '../postgres/cloud-native-cluster';

/** Keys of a store with S3's API. */
export interface ObjectStoreKeys {
  /** The ID of the key. */
  readonly accessKeyId: SecretValue;

  /** The key itself. */
  readonly secretAccessKey: SecretValue;
}

/** Where backups are kept: a folder of a bucket that exists already. */
export interface CloudNativeObjectStore {
  /**
   * The folder: `s3://bucket/folder`, `gs://bucket/folder`, or
   * `https://account.blob.core.windows.net/container/folder` for Azure. Each database has a folder of its name in it.
   */
  readonly destination: string;

  /**
   * URL of a store with S3's API that is not Amazon's, such as `https://minio.example.com:9000`.
   *
   * @default - Amazon's
   */
  readonly endpoint?: string;

  /**
   * Keys of a store with S3's API.
   *
   * @default - the identity that the platform gives to the servers: of a ServiceAccount with the name of the database
   */
  readonly keys?: ObjectStoreKeys;
}

const DESTINATIONS: [RegExp, Store][] = [
  [/^s3:\/\/(?<bucket>[a-z0-9][-.a-z0-9]{1,61}[a-z0-9])(?:\/[\w.-]+)*\/?$/, 's3'],
  [/^gs:\/\/(?<bucket>[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9])(?:\/[\w.-]+)*\/?$/, 'gs'],
  [
    /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.windows\.net\/(?<bucket>[a-z0-9][-a-z0-9]{1,61}[a-z0-9])(?:\/[\w.-]+)*\/?$/,
    'azure',
  ],
];
const CHECKSUMS = ['AWS_REQUEST_CHECKSUM_CALCULATION', 'AWS_RESPONSE_CHECKSUM_VALIDATION'];
const ENDPOINT = /^(?<scheme>https?):\/\/[a-z0-9][-.a-z0-9]*(?::(?<port>\d{1,5}))?$/;

type Store = 's3' | 'gs' | 'azure';

interface ObjectStoreOptions {
  readonly request: BackupRequest;
  readonly store: CloudNativeObjectStore;
  readonly cluster: IResource;
  /** In days. */
  readonly retention: number;
}

const INSTEAD_OF_KEYS = { property: 'backup.objectStore.keys', value: undefined, instead: 'Give them' };

/** Makes the ObjectStore of a database, has its Cluster archive there, and lets its servers get there. */
export function objectStore(scope: Construct, options: ObjectStoreOptions): Resource {
  const { request, store, cluster, retention } = options;
  const { name, labels, database } = request;
  const { kind, bucket } = destinationOf(scope, store.destination);
  const port = portOf(scope, kind, store);
  const identity = store.keys ? undefined : identityOf(scope, name, INSTEAD_OF_KEYS);
  cluster.override({
    spec: {
      plugins: [{ name: BARMAN_PLUGIN, isWALArchiver: true, parameters: { barmanObjectName: name } }],
      // A backup of a replica is complete before the log that it needs is archived, and cannot be restored until then.
      backup: { target: 'primary' },
      ...(identity?.serviceAccountAnnotations && {
        serviceAccountTemplate: { metadata: { annotations: identity.serviceAccountAnnotations } },
      }),
      ...(identity?.podLabels && { inheritedMetadata: { labels: identity.podLabels } }),
    },
  });
  database.addBackupEgress([{ ports: [{ port }] }, ...(identity?.egress ?? [])]);
  if (identity) {
    const commands = [...identity.setup, ...grantsOf(kind, bucket, identity)];
    if (commands.length > 0)
      addIdentityCommands(scope, `Backups of ${name} in ${store.destination}`, commands);
  }
  return new Resource(
    scope,
    'ObjectStore',
    ObjectStore.manifest({
      metadata: { name, labels },
      spec: {
        retentionPolicy: `${retention}d`,
        configuration: {
          destinationPath: store.destination,
          endpointUrl: store.endpoint,
          ...credentialsOf(scope, kind, store.keys),
          data: { compression: DataCompression.GZIP },
          wal: { compression: WalCompression.GZIP },
        },
        instanceSidecarConfiguration: sidecarOf(store),
      },
    }),
  );
}

/**
 * The plugin's container beside each server and in the Job of a restore. Without resources, a namespace with a quota
 * refuses the pods.
 *
 * @see https://cloudnative-pg.io/plugin-barman-cloud/docs/object_stores/#s3-compatible-storage-providers
 */
function sidecarOf({ endpoint }: CloudNativeObjectStore): Sidecar {
  return {
    resources: {
      requests: { cpu: Request.fromString('50m'), memory: Request.fromString('128Mi') },
      limits: { memory: Limit.fromString('512Mi') },
    },
    // Other stores than Amazon's may refuse the checksums that boto3 adds to each request.
    env: endpoint === undefined ? undefined : CHECKSUMS.map((name) => ({ name, value: 'when_required' })),
  };
}

function destinationOf(scope: Construct, destination: string): { kind: Store; bucket: string } {
  for (const [pattern, kind] of DESTINATIONS) {
    const { bucket } = pattern.exec(destination)?.groups ?? {};
    if (bucket !== undefined) return { kind, bucket };
  }
  throw new InvalidInputError(scope, {
    property: 'backup.objectStore.destination',
    value: destination,
    reason: 'is not a folder of an object store',
    remedy:
      'Give "s3://bucket/folder", "gs://bucket/folder" or ' +
      '"https://account.blob.core.windows.net/container/folder"',
  });
}

/** The port of the store; other things than S3 have no other place and no keys. */
function portOf(scope: Construct, kind: Store, { endpoint, keys }: CloudNativeObjectStore): number {
  for (const [property, value] of Object.entries({ endpoint, keys: keys?.accessKeyId })) {
    if (kind === 's3' || value === undefined) continue;
    Problems.report(scope, {
      property: `backup.objectStore.${property}`,
      value,
      reason: 'is for a store with the API of S3',
      remedy: 'Leave it out, or give a destination that begins with "s3://"',
    });
  }
  if (endpoint === undefined) return 443;
  const { scheme, port } = ENDPOINT.exec(endpoint)?.groups ?? {};
  if (scheme === undefined) {
    Problems.report(scope, {
      property: 'backup.objectStore.endpoint',
      value: endpoint,
      reason: 'is not the URL of a server',
      remedy: 'Give scheme, host and port, such as "https://s3.example.com"',
    });
  }
  return Number(port ?? (scheme === 'http' ? 80 : 443));
}

/** https://cloudnative-pg.io/plugin-barman-cloud/docs/object_stores/ */
function credentialsOf(scope: Construct, kind: Store, keys?: ObjectStoreKeys): Partial<Configuration> {
  if (keys) {
    const { accessKeyId, secretAccessKey } = keys;
    return {
      s3Credentials: {
        accessKeyId: selected(checkSecretValue(scope, 'backup.objectStore.keys.accessKeyId', accessKeyId)),
        secretAccessKey: selected(
          checkSecretValue(scope, 'backup.objectStore.keys.secretAccessKey', secretAccessKey),
        ),
      },
    };
  }
  if (kind === 's3') return { s3Credentials: { inheritFromIamRole: true } };
  if (kind === 'gs') return { googleCredentials: { gkeEnvironment: true } };
  return { azureCredentials: { inheritFromAzureAd: true } };
}

const selected = ({ secretName: name, key }: SecretValue) => ({ name, key });

/** Commands that let `$PRINCIPAL` use the bucket, where the identity leaves one. */
function grantsOf(kind: Store, bucket: string, { setup }: WorkloadIdentity): string[] {
  if (setup.length === 0) return [];
  if (kind === 's3') {
    return [
      `aws iam put-role-policy --role-name "$PRINCIPAL" --policy-name backups --policy-document '${policy(bucket)}'`,
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

/** In the partition of most regions: China and GovCloud have others. */
function policy(bucket: string): string {
  const arn = `arn:aws:s3:::${bucket}`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: arn },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
        Resource: `${arn}/*`,
      },
    ],
  });
}
