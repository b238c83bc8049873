import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';

/** Refuses a claim for copies of data that is the claim of the data. */
export function checkDataClaim(
  scope: Construct,
  property: string,
  claimName: string | undefined,
  server: string,
): void {
  if (claimName !== `data-${server}-0` && claimName !== `data-${server}-ro-0`) return;
  Problems.report(scope, {
    property,
    value: claimName,
    reason: `is the volume of the server "${server}" itself, and would be lost with it`,
    remedy: 'Give another claim, or leave it out to have one made',
  });
}
