import { output, Outcome, run } from './command';

/** What `kubectl` printed. It throws when the command fails. */
export function kubectl(...args: string[]): Promise<string> {
  return output('kubectl', args);
}

/** The same for commands that are expected to be refused. */
export function tryKubectl(...args: string[]): Promise<Outcome> {
  return run('kubectl', args);
}

/** Manifests as one document, in their order. */
export function asList(manifests: any[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
}

/** Applies manifests in their order, and returns what `kubectl` said of each. */
export async function apply(manifests: any[], ...options: string[]): Promise<string[]> {
  const printed = await output('kubectl', ['apply', ...options, '-f', '-'], asList(manifests));
  return printed.trim().split('\n');
}

/** The same for manifests that are expected to be refused. */
export function tryApply(manifests: any[], ...options: string[]): Promise<Outcome> {
  return run('kubectl', ['apply', ...options, '-f', '-'], asList(manifests));
}
