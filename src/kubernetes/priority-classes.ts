import { InvalidInputError } from './errors';
import { DNS_SUBDOMAIN } from './names';

/**
 * Checks the name of a PriorityClass that a distribution gives. Empty, it is the cluster's default, as in a pod.
 *
 * @param who - what the error calls the distribution
 */
export function checkPriorityClassName(name: string | undefined, who: string): void {
  if (name === undefined || name === '' || (DNS_SUBDOMAIN.test(name) && name.length <= 253)) return;
  throw new InvalidInputError(who, {
    property: 'firstPriorityClassName',
    value: name,
    reason: 'is not a name that a PriorityClass can have',
    remedy:
      'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit, or "" for the ' +
      'default of the cluster',
  });
}
