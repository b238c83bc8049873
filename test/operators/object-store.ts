import { BackupBucket } from 'cdk8s-django/backup';
import { apply, kubectl } from '../cluster/support/kubectl';
import { Namespace } from '../cluster/support/namespaces';
import { needsOperator } from './operator';

const STORE = 'rclone';

/** Each printable character of ASCII. */
const PASSWORD = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));

/** A value of the Secret that `prepare` makes. */
export const secret = (key: string) => ({ secretName: 'given', key });

/** A folder of a bucket of the store that answers as S3, which `up rclone` has started. */
export const bucketOf = (name: string): BackupBucket => ({
  destination: `s3://${name}/polls`,
  endpoint: 'http://object-store.rclone.svc:5000',
  keys: { accessKeyId: secret('id'), secretAccessKey: secret('key') },
  encryptionPassword: secret('encryption'),
  image: 'docker.io/example/rclone:1',
});

/** Makes a bucket, and an empty namespace with the Secret that knows it. */
export async function prepare(namespace: Namespace, bucket: string): Promise<void> {
  await needsOperator('The store of backups', STORE, 'object-store');
  await namespace.clear();
  await askStore(bucket, 's3.create_bucket(Bucket=B)');
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace.name, labels } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'given', namespace: namespace.name },
      stringData: { id: 'test', key: 'test', database: 'database', encryption: PASSWORD },
    },
  ]);
}

/** What a program of Python says that knows the store as `s3`, and its bucket as `B`. */
export async function askStore(bucket: string, program: string): Promise<string> {
  const known = `import boto3; s3 = boto3.client('s3', endpoint_url='http://localhost:5000'); B = '${bucket}'\n`;
  const python = ['python', '-c', known + program];
  const command = ['--namespace', STORE, 'exec', 'deployment/object-store', '--quiet', '--', ...python];
  return (await kubectl(...command)).trim();
}
