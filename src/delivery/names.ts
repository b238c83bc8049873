import { DeliveredNamespace } from '../fleet/delivery';
import { shortHash } from '../kubernetes/hash';

/** Where engines write the names of their resources as the values of labels. */
const LONGEST = 63;

/**
 * The name of an engine's resources for a namespace: one engine may deliver to several distributions. A namespace has
 * no dot, so that no two have the same.
 */
export function deliveryName({ distribution, namespace }: DeliveredNamespace): string {
  return `${distribution}.${namespace}`;
}

/** The same within the length of a label's value. */
export function labelledName(one: DeliveredNamespace): string {
  const name = deliveryName(one);
  if (name.length <= LONGEST) return name;
  return `${name.slice(0, LONGEST - 11).replace(/[-.]+$/, '')}-${shortHash(name)}`;
}
