import { listed, podOf } from '../kubernetes/pod-manifests';
import { quantity } from '../kubernetes/quantities';

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

/** What each pod needs. Otherwise nobody could say how much the pods of a namespace set aside. */
export const NEEDED: Amount[] = ['requests.cpu', 'requests.memory'];

/**
 * What a pod counts in a quota, in cores or bytes; none when one of its containers does not say it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podAmount(manifest: any, amount: Amount): number | undefined {
  const { spec } = podOf(manifest).value;
  const ofPod = amountOf(spec.resources, amount);
  if (ofPod !== undefined) return ofPod + overheadOf(spec, amount);
  let sidecars = 0;
  let most = 0;
  for (const { value } of listed(manifest, 'initContainers')) {
    const own = amountOf(value.resources, amount);
    if (own === undefined) return undefined;
    most = Math.max(most, sidecars + own);
    if (value.restartPolicy === 'Always') sidecars += own;
  }
  let running = sidecars;
  for (const { value } of listed(manifest, 'containers')) {
    const own = amountOf(value.resources, amount);
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
