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
import { IResource, Resource } from '../../kubernetes/resource';
import { SecretValue } from '../../kubernetes/secret-values';
import { BackupRequest } from '../../platform/backup';
import {
  bucketGrants,
  BucketKind,
  bucketPlace,
  checkCloud,
  checkKeys,
  ObjectStoreKeys,
  WITHOUT_CHECKSUMS,
} from '../../platform/backup-bucket';
import { identityOf } from '../../platform/identities';
import { addIdentityCommands } from '../../platform/identity-commands';
import { BARMAN_PLUGIN } from '../postgres/cloud-native-cluster';

/** Where backups are kept: a folder of a bucket that exists already. */
export interface CloudNativeObjectStore {
  /**
   * The folder: `s3://bucket/folder`, `gs://bucket/folder`, or
   * `https://account.blob.core.windows.net/container/folder` for Azure. Each database has a folder of its name in it:
   * each namespace and each cluster needs another one.
   */
  readonly destination: string;

  /**
   * URL of a store with S3's API that is not Amazon's, such as `https://minio.example.com:9000`. It needs `keys`.
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

interface ObjectStoreOptions {
  readonly request: BackupRequest;
  readonly store: CloudNativeObjectStore;
  readonly cluster: IResource;
  /** In days. */
  readonly retention: number;
}

const PROPERTY = 'backup.objectStore';
const INSTEAD_OF_KEYS = { property: `${PROPERTY}.keys`, value: undefined, instead: 'Give them' };

/** Makes the ObjectStore of a database, has its Cluster archive there, and lets its servers get there. */
export function objectStore(scope: Construct, options: ObjectStoreOptions): Resource {
  const { request, store, cluster, retention } = options;
  const { name, labels, database } = request;
  const place = bucketPlace(scope, PROPERTY, store);
  checkKeys(scope, PROPERTY, store.keys);
  const identity = store.keys ? undefined : identityOf(scope, name, INSTEAD_OF_KEYS);
  if (identity) checkCloud(scope, PROPERTY, { ...store, ...place }, identity);
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
  database.addBackupEgress([{ ports: [{ port: place.port }] }, ...(identity?.egress ?? [])]);
  if (identity) {
    const commands = [...identity.setup, ...bucketGrants(place, identity)];
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
          ...credentialsOf(place.kind, store.keys),
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
    env:
      endpoint === undefined
        ? undefined
        : Object.entries(WITHOUT_CHECKSUMS).map(([name, value]) => ({ name, value })),
  };
}

/** https://cloudnative-pg.io/plugin-barman-cloud/docs/object_stores/ */
function credentialsOf(kind: BucketKind, keys?: ObjectStoreKeys): Partial<Configuration> {
  if (keys) {
    return {
      s3Credentials: {
        accessKeyId: selected(keys.accessKeyId),
        secretAccessKey: selected(keys.secretAccessKey),
      },
    };
  }
  if (kind === 's3') return { s3Credentials: { inheritFromIamRole: true } };
  if (kind === 'gs') return { googleCredentials: { gkeEnvironment: true } };
  return { azureCredentials: { inheritFromAzureAd: true } };
}

const selected = ({ secretName: name, key }: SecretValue) => ({ name, key });
