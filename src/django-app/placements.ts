import { Construct } from 'constructs';
import { placementFields, Scheduling, schedulingOf } from '../capabilities/scheduling/scheduling';
import { checkSeconds } from '../kubernetes/durations';
import { describe } from '../kubernetes/errors';
import { Shutdown } from './shutdown';

/** The fields of the specs of an application's pods that say which nodes they run on. */
export interface Placements {
  readonly instances: any;
  /** Of its Jobs: the image is the same, so the architecture is. A migration never runs on a spot node. */
  readonly jobs: any;
}

/**
 * Where the pods of an application run.
 *
 * @param shutdown - the times of a shutdown, asked for at synth: routes that are made later decide them too
 */
export function placementsOf(
  scope: Construct,
  scheduling: Scheduling = {},
  shutdown: () => Shutdown,
): Placements {
  const { architecture, spot } = scheduling;
  const { spotNotice } = schedulingOf(scope);
  if (spot && spotNotice) checkSeconds(scope, 'scheduling.spotNotice', spotNotice);
  if (spot) scope.node.addValidation({ validate: () => checkSpotNotice(scope, shutdown()) });
  return {
    instances: placementFields(scope, scheduling),
    jobs: placementFields(scope, { architecture }),
  };
}

/** What is wrong with instances on spot nodes: that they have more to do at their end than time for it. */
function checkSpotNotice(scope: Construct, shutdown: Shutdown): string[] {
  const notice = schedulingOf(scope).spotNotice?.toSeconds();
  const gracePeriod = shutdown.gracePeriod.toSeconds();
  if (notice === undefined || gracePeriod <= notice) return [];
  const longestRequest = shutdown.gracefulTimeout.toSeconds() - (gracePeriod - notice);
  const shorter =
    longestRequest > 0
      ? `Let requests take at most ${longestRequest} s, by requestTimeout and by timeout of its routes, or tell`
      : 'Tell';
  return [
    describe({
      property: 'scheduling.spot',
      value: true,
      reason:
        `leaves a pod ${notice} s, and its shutdown takes ${gracePeriod} s: ${shutdown.preStop.toSeconds()} s until ` +
        `the router has forgotten it, ${shutdown.gracefulTimeout.toSeconds()} s for its requests, and the server's end`,
      remedy: `${shorter} the distribution of a longer notice, by spotNotice of its scheduling`,
    }),
  ];
}
