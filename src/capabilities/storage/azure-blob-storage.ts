import { Construct } from 'constructs';
import { WorkloadIdentity } from '../../platform/identity';
import { checkBucketName, IObjectStorage, MediaBackend, MediaBucket } from '../../platform/object-storage';

/** URLs are not signed at all unless it is said for how long. */
const SIGNED_URL_SECONDS = 3600;

/** Where Azure Blob Storage is. */
export interface AzureBlobStorageProps {
  /** Name of the storage account. */
  readonly storageAccount: string;
}

/**
 * Azure Blob Storage, which the image needs `django-storages[azure]` and `azure-identity` for. A credential is an
 * object of Python, which no variable can hold: the settings overlay makes a DefaultAzureCredential, unless the
 * application's settings module has a credential of its own, such as AZURE_TOKEN_CREDENTIAL. Not tried on Azure.
 *
 * @see https://django-storages.readthedocs.io/en/latest/backends/azure.html
 * @see https://learn.microsoft.com/python/api/azure-identity/azure.identity.defaultazurecredential
 */
export class AzureBlobStorage implements IObjectStorage {
  readonly usesIdentity = true;

  constructor(private readonly props: AzureBlobStorageProps) {}

  media(scope: Construct, bucket: MediaBucket, _identity?: WorkloadIdentity): MediaBackend {
    checkBucketName(scope, bucket, {
      pattern: /^[a-z0-9](?:-?[a-z0-9]){2,62}$/,
      remedy: 'Use lower-case letters, digits and single "-", from 3 to 63',
    });
    return {
      backend: 'storages.backends.azure_storage.AzureStorage',
      options: {
        account_name: this.props.storageAccount,
        azure_container: bucket.name,
        ...(bucket.folder && { location: bucket.folder }),
        overwrite_files: false,
        ...(bucket.publicRead ? {} : { expiration_secs: SIGNED_URL_SECONDS }),
      },
      egress: [{ ports: [{ port: 443 }] }],
      grants: [
        'az role assignment create --role "Storage Blob Data Contributor" --assignee "$PRINCIPAL" \\',
        `  --scope "\${STORAGE_ACCOUNT_ID:?}/blobServices/default/containers/${bucket.name}"`,
        ...(bucket.publicRead ? [] : SIGNING),
      ],
    };
  }
}

/** The key with which URLs are signed is that of the whole account. */
const SIGNING = [
  'az role assignment create --role "Storage Blob Delegator" --assignee "$PRINCIPAL" --scope "${STORAGE_ACCOUNT_ID:?}"',
];
