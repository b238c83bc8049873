import { setTimeout as pause } from 'node:timers/promises';
import { tryKubectl } from './kubectl';

/** How long a condition is waited for, and where to look when it does not come true. */
export interface Patience {
  /** Whose pods, events and logs the error shows. */
  readonly namespace?: string;
  /** @default 60 */
  readonly seconds?: number;
}

/** Tries again until `attempt` does not throw, and returns its result. Past the deadline it throws the last error. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T>,
  { namespace, seconds = 60 }: Patience = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) {
        const state = namespace ? await stateOf(namespace) : '';
        throw new Error(`not within ${seconds} seconds: ${what}\n${(error as Error).message}\n${state}`);
      }
    }
    await pause(500);
  }
}

/** What one would look at first when something in a namespace does not come up. */
async function stateOf(namespace: string): Promise<string> {
  const show = async (...args: string[]) => {
    const { stdout, stderr } = await tryKubectl('--namespace', namespace, ...args);
    return `--- kubectl ${args.join(' ')}\n${stdout}${stderr}`;
  };
  return [
    await show('get', 'pods,jobs,deployments,statefulsets,persistentvolumeclaims', '--output', 'wide'),
    await show('get', 'events', '--field-selector=type!=Normal', '--sort-by=.lastTimestamp'),
    await show(
      'logs',
      '--selector=app.kubernetes.io/managed-by=cdk8s-django',
      '--all-containers',
      '--prefix',
      '--tail=15',
      '--max-log-requests=30',
    ),
  ].join('\n');
}
