import { quantity } from './quantities';

/** What a quota and a range name of pods. */
export const AMOUNTS = [
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
] as const;

export type Amount = (typeof AMOUNTS)[number];

/**
 * What a pod sets aside, in cores or bytes, as the scheduler and a quota count. It is what runs together, or what runs
 * before it, if that is more. Sidecars that have begun by then count with it.
 *
 * @param missing - what a container counts that does not say it; without it, nobody can say what the pod counts
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podAmount(spec: any, amount: Amount, missing: number): number;
export function podAmount(spec: any, amount: Amount): number | undefined;
export function podAmount(spec: any, amount: Amount, missing?: number): number | undefined {
  const ofPod = amountOf(spec.resources, amount);
  if (ofPod !== undefined) return ofPod + overheadOf(spec, amount);
  let sidecars = 0;
  let most = 0;
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const own = amountOf(resources, amount) ?? missing;
    if (own === undefined) return undefined;
    most = Math.max(most, sidecars + own);
    if (restartPolicy === 'Always') sidecars += own;
  }
  let running = sidecars;
  for (const { resources } of spec.containers) {
    const own = amountOf(resources, amount) ?? missing;
    if (own === undefined) return undefined;
    running += own;
  }
  return Math.max(most, running) + overheadOf(spec, amount);
}

/** What a container or a pod says; a limit without a request is both. */
export function amountOf(resources: any, amount: Amount): number | undefined {
  const [kind, resource] = amount.split('.');
  const given =
    resources?.[kind]?.[resource] ?? (kind === 'requests' ? resources?.limits?.[resource] : undefined);
  return given === undefined ? undefined : quantity(given);
}

function overheadOf(spec: any, amount: Amount): number {
  const [, resource] = amount.split('.');
  return quantity(spec.overhead?.[resource]) ?? 0;
}
