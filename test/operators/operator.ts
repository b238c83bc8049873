import { get } from 'node:http';
import { tryKubectl } from '../cluster/support/kubectl';

/** Throws unless the Deployment of an operator runs in the cluster. */
export async function needsOperator(title: string, namespace: string, deployment: string): Promise<void> {
  const ready = '--output=jsonpath={.status.readyReplicas}';
  const { stdout } = await tryKubectl('--namespace', namespace, 'get', 'deployment', deployment, ready);
  if (Number(stdout) > 0) return;
  throw new Error(
    `${title} does not run in this cluster: its Deployment ${namespace}/${deployment} is missing or not ready ` +
      '(test/operators/README.md).',
  );
}

/** What a server answers to a request, whatever its status. */
export function page(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve(Buffer.concat(parts).toString()));
    }).on('error', reject);
  });
}
