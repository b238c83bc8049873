import { kubectl } from '../cluster/support/kubectl';

const STORE = 'rclone';

/** The store that answers as S3, which `up rclone` has started. */
export const ENDPOINT = 'http://object-store.rclone.svc:5000';

/** What a program of Python says that knows the store as `s3`, and its bucket as `B`. */
export async function askStore(bucket: string, program: string): Promise<string> {
  const known = `import boto3; s3 = boto3.client('s3', endpoint_url='http://localhost:5000'); B = '${bucket}'\n`;
  const python = ['python', '-c', known + program];
  const command = ['--namespace', STORE, 'exec', 'deployment/object-store', '--quiet', '--', ...python];
  return (await kubectl(...command)).trim();
}
