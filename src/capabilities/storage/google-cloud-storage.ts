import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { WorkloadIdentity } from '../../platform/identity';
import { checkBucketName, IObjectStorage, MediaBackend, MediaBucket } from '../../platform/object-storage';

/**
 * Google Cloud Storage. Signed URLs need a Google service account, in whose name they are signed.
 *
 * @see https://django-storages.readthedocs.io/en/latest/backends/gcloud.html
 */
export class GoogleCloudStorage implements IObjectStorage {
  readonly usesIdentity = true;

  media(scope: Construct, bucket: MediaBucket, identity?: WorkloadIdentity): MediaBackend {
    checkBucketName(scope, bucket, {
      pattern: /^[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9]$/,
      remedy: 'Use lower-case letters, digits, "-", "_" and "."',
    });
    const account = identity?.account;
    if (!bucket.publicRead && !account) {
      Problems.report(scope, {
        property: 'mediaBucket.publicRead',
        value: bucket.publicRead,
        reason: 'means signed URLs, which need a Google service account',
        remedy:
          'Give Distribution.gke({ googleServiceAccounts: { … } }) that of the application, or make the bucket public',
      });
    }
    return {
      backend: 'storages.backends.gcloud.GoogleCloudStorage',
      options: {
        bucket_name: bucket.name,
        ...(bucket.folder && { location: bucket.folder }),
        file_overwrite: false,
        ...(bucket.publicRead ? { querystring_auth: false } : { iam_sign_blob: true, sa_email: account }),
      },
      egress: [{ ports: [{ port: 443 }] }],
      grants: [
        `gcloud storage buckets add-iam-policy-binding gs://${bucket.name} --role=roles/storage.objectUser \\`,
        '  --member="$PRINCIPAL"',
        ...(bucket.publicRead ? [] : signing(account!)),
      ],
    };
  }
}

function signing(account: string): string[] {
  return [
    `gcloud iam service-accounts add-iam-policy-binding ${account} --role=roles/iam.serviceAccountTokenCreator \\`,
    '  --member="$PRINCIPAL"',
  ];
}
