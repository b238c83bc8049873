import { Chart } from 'cdk8s';
import { Distribution, IDistribution, LeastPrivilegeAccess, MediaBucket } from 'cdk8s-django';
import { S3Storage } from 'cdk8s-django/storage';
import { namesOf, podsIn } from '../../support/manifests';
import { chartOn, configOf, django, errorOf, find, synth, webContainer } from '../../support/synth';

const GSA = 'polls@acme.iam.gserviceaccount.com';
const gke = () => Distribution.gke({ projectId: 'acme', googleServiceAccounts: { polls: GSA } });
const eks = () => Distribution.eks({ region: 'eu-west-1' });
const CLIENT_ID = '11111111-2222-3333-4444-555555555555';
const aks = () => Distribution.aks({ storageAccount: 'acme', clientIds: { polls: CLIENT_ID } });
const KEYS = {
  accessKeyId: { secretName: 'bucket', key: 'AWS_ACCESS_KEY_ID' },
  secretAccessKey: { secretName: 'bucket', key: 'AWS_SECRET_ACCESS_KEY' },
};
const server = (endpoint = 'https://s3.example.com:9000') =>
  Distribution.openshift({ objectStorage: new S3Storage({ region: 'here', endpoint, keys: KEYS }) });

const BUCKET: Required<MediaBucket> = { name: 'polls-media', folder: 'uploads', publicRead: false };
const PUBLIC = { ...BUCKET, publicRead: true };

function define(chart: Chart, mediaBucket: MediaBucket) {
  const app = django(chart, { mediaBucket, replicas: 3 });
  new LeastPrivilegeAccess(chart, 'Access', { app });
}
const made = (distribution: IDistribution, bucket: MediaBucket = BUCKET) =>
  synth((chart) => define(chart, bucket), distribution);
const storage = (distribution: IDistribution, bucket: MediaBucket = BUCKET) => {
  const data = configOf(made(distribution, bucket));
  return [data.CDK8S_DJANGO_MEDIA_STORAGE, JSON.parse(data.CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS)];
};
const commands = (distribution: IDistribution, bucket: MediaBucket = BUCKET) => {
  const chart = chartOn(distribution);
  define(chart, bucket);
  return Distribution.identityCommands(chart);
};

describe('uploaded files in a bucket', () => {
  it('are in Cloud Storage on GKE, their URLs signed by the Google service account', () => {
    const common = { bucket_name: 'polls-media', location: 'uploads', file_overwrite: false };
    const backend = 'storages.backends.gcloud.GoogleCloudStorage';
    expect(storage(gke())).toEqual([backend, { ...common, iam_sign_blob: true, sa_email: GSA }]);
    expect(storage(Distribution.gke(), PUBLIC)).toEqual([backend, { ...common, querystring_auth: false }]);
  });

  it('are in S3 on EKS', () => {
    const common = {
      bucket_name: 'polls-media',
      location: 'uploads',
      file_overwrite: false,
      region_name: 'eu-west-1',
      signature_version: 's3v4',
    };
    expect(storage(eks())).toEqual(['storages.backends.s3.S3Storage', common]);
    expect(storage(eks(), PUBLIC)[1]).toEqual({ ...common, querystring_auth: false });
  });

  it('are in Azure Blob Storage on AKS', () => {
    const common = {
      account_name: 'acme',
      azure_container: 'polls-media',
      location: 'uploads',
      overwrite_files: false,
    };
    const backend = 'storages.backends.azure_storage.AzureStorage';
    expect(storage(aks())).toEqual([backend, { ...common, expiration_secs: 3600 }]);
    expect(storage(aks(), PUBLIC)).toEqual([backend, common]);
  });

  it('are in a server of the cluster’s owners elsewhere, with keys from a Secret', () => {
    const manifests = made(server());
    expect(storage(server())[1]).toMatchObject({ endpoint_url: 'https://s3.example.com:9000' });
    expect(webContainer(manifests).env).toEqual(
      expect.arrayContaining(
        Object.values(KEYS).map(({ secretName, key }) => ({
          name: key,
          valueFrom: { secretKeyRef: { name: secretName, key } },
        })),
      ),
    );
    const { egress } = find(manifests, 'NetworkPolicy', 'polls').spec;
    expect(egress).toContainEqual({ ports: [{ port: 9000, protocol: 'TCP' }] });
    expect(commands(server())).toBeUndefined();
  });

  it('are used with the identity of the pods, on a path that the policies leave open', () => {
    const manifests = made(aks());
    expect(find(manifests, 'ServiceAccount', 'polls').metadata.annotations).toEqual({
      'azure.workload.identity/client-id': CLIENT_ID,
    });
    const { egress } = find(manifests, 'NetworkPolicy', 'polls').spec;
    expect(egress.filter(({ to }: any) => !to)).toContainEqual({ ports: [{ port: 443, protocol: 'TCP' }] });
    expect(new Set(egress.map((rule: any) => JSON.stringify(rule))).size).toBe(egress.length);
  });

  it('need no volume', () => {
    const manifests = made(eks());
    expect(namesOf(manifests).join()).not.toContain('PersistentVolumeClaim');
    expect(podsIn(manifests)[0].spec.volumes.map(({ name }: any) => name)).not.toContain('media');
    expect(configOf(manifests)).not.toHaveProperty('CDK8S_DJANGO_MEDIA_ROOT');
  });

  it('come with the commands that let the identity use the bucket', () => {
    expect(commands(gke())).toContain(
      'add-iam-policy-binding gs://polls-media --role=roles/storage.objectUser',
    );
    expect(commands(gke())).toContain('--role=roles/iam.serviceAccountTokenCreator');
    expect(commands(Distribution.gke(), PUBLIC)).not.toContain('TokenCreator');
    expect(commands(eks())).toContain('"arn:aws:s3:::polls-media/*"');
    for (const [region, partition] of [
      ['cn-north-1', 'aws-cn'],
      ['us-gov-west-1', 'aws-us-gov'],
    ]) {
      expect(commands(Distribution.eks({ region }))).toContain(`"arn:${partition}:s3:::polls-media/*"`);
    }
    expect(commands(aks())).toContain('blobServices/default/containers/polls-media');
    expect(commands(aks())).toContain('Storage Blob Delegator');
    expect(commands(aks(), PUBLIC)).not.toContain('Delegator');
  });
});

describe('a bucket that cannot be', () => {
  const error = (changes: object, distribution: IDistribution) =>
    errorOf((chart) => django(chart, { mediaBucket: BUCKET, ...changes }), distribution);

  it.each([
    ['aks', Distribution.aks()],
    ['openshift', Distribution.openshift()],
    ['upstream', Distribution.upstream()],
  ])('for want of a store on %s', (name, distribution) => {
    expect(error({}, distribution)).toBe(
      `polls/Polls: mediaBucket.name "polls-media" cannot be found: no object storage is known on ${name}. ` +
        'Give the distribution storageAccount (AKS) or objectStorage: new S3Storage({ … }).',
    );
  });

  it('for want of somebody who signs', () => {
    expect(error({}, Distribution.gke())).toBe(
      'polls/Polls: mediaBucket.publicRead false means signed URLs, which need a Google service account. ' +
        'Give Distribution.gke({ googleServiceAccounts: { … } }) that of the application, or make the bucket public.',
    );
  });

  it('beside a volume', () => {
    const media = { mountPath: '/media', size: '1Gi', storageClassName: 'nfs' };
    expect(error({ media }, eks())).toBe(
      'polls/Polls: mediaBucket.name "polls-media" is given together with media. Give one of them.',
    );
  });

  it('without the overlay, which tells Django of it', () => {
    expect(error({ settingsOverlay: { enabled: false } }, eks())).toBe(
      'polls/Polls: mediaBucket.name "polls-media" needs the settings overlay. ' +
        'Leave settingsOverlay.enabled out, or name the storage in the settings.',
    );
  });

  it('for its folder', () => {
    expect(error({ mediaBucket: { ...BUCKET, folder: '/uploads' } }, eks())).toBe(
      'polls/Polls: mediaBucket.folder "/uploads" is not a folder of a bucket. ' +
        'Give its path without slashes at the ends, such as "uploads".',
    );
  });

  it.each([
    ['gke', gke(), 'Use lower-case letters, digits, "-", "_" and ".".'],
    ['eks', eks(), 'Use lower-case letters, digits, "-" and ".", from 3 to 63.'],
    ['aks', aks(), 'Use lower-case letters, digits and single "-", from 3 to 63.'],
  ])('for its name on %s', (_name, distribution, remedy) => {
    expect(error({ mediaBucket: { name: 'Polls' } }, distribution)).toBe(
      `polls/Polls: mediaBucket.name "Polls" is not the name of a bucket. ${remedy}`,
    );
  });

  it('for the URL of its server', () => {
    expect(error({}, server('s3.example.com'))).toBe(
      'polls/Polls: objectStorage.endpoint "s3.example.com" is not the URL of a server. ' +
        'Give scheme, host and port, such as "https://s3.example.com".',
    );
  });
});
