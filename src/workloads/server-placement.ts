import { Construct } from 'constructs';
import { Problems } from '../kubernetes/problems';
import { Placement, Scheduling } from '../platform/scheduling';
import { placementFields } from './placement';

/** The fields of a server's pod that say which nodes it runs on. TypeScript takes a Scheduling for a Placement. */
export function serverPlacement(scope: Construct, scheduling?: Placement): any {
  const { spot }: Scheduling = scheduling ?? {};
  if (spot) {
    Problems.report(scope, {
      property: 'scheduling.spot',
      value: spot,
      reason: 'would end the server whenever the platform takes the node away',
      remedy: 'Leave it out: it is for the replicas and workers of an application',
    });
  }
  return placementFields(scope, scheduling);
}
