import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { distributionOf } from './binding';
import { WorkloadIdentity } from './identity';

/** What needs an identity of the platform. */
export interface IdentityNeed {
  readonly property: string;
  readonly value: unknown;
  /** What can be given in its place. */
  readonly instead?: string;
}

/** The identity of the platform of a ServiceAccount. Throws where the platform does not have identities. */
export function identityOf(
  scope: Construct,
  serviceAccountName: string,
  { property, value, instead }: IdentityNeed,
): WorkloadIdentity {
  const { identity, name } = distributionOf(scope);
  if (!identity) {
    throw new InvalidInputError(scope, {
      property,
      value,
      reason: `is needed, and ${name} does not have identities`,
      remedy: `${instead === undefined ? 'Give' : `${instead}, or give`} the distribution identity: new AnnotatedIdentity({ … })`,
    });
  }
  return identity.identify(scope, serviceAccountName);
}
