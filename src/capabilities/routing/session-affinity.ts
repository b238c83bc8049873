import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { RouteRequest } from '../../platform/routing';

/** A visitor's cookie lasts for a day, where the platform wants to know. */
export const SESSION_SECONDS = 86400;

/** The error where a platform has nothing that makes sessions sticky. */
export function refuseSessionAffinity(
  scope: Construct,
  { sessionAffinity }: RouteRequest,
  problem: { reason: string; remedy: string },
): void {
  if (!sessionAffinity) return;
  throw new InvalidInputError(scope, { property: 'sessionAffinity', value: sessionAffinity, ...problem });
}
