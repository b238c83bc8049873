import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { distributionOf } from '../platform/binding';

/** Ids above it do not exist in the user namespace of a pod. */
const GREATEST_ID = 65_535;

/**
 * The field of a pod's spec that gives it a user namespace of its own, where the distribution has them. Reports a user
 * that there is not in one.
 *
 * @param context - the security context of the pod
 * @see https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
 */
export function hostUsers(scope: Construct, { runAsUser }: any): { hostUsers?: boolean } {
  if (!distributionOf(scope).security.userNamespaces) return {};
  if (runAsUser > GREATEST_ID) {
    Problems.report(scope, {
      property: 'runAsUser',
      value: runAsUser,
      reason: `is above ${GREATEST_ID}, the greatest in the user namespace of a pod`,
      remedy: 'Choose a lower one, or leave userNamespaces of the security of the distribution out',
    });
  }
  return { hostUsers: false };
}
