import { Duration } from 'cdk8s';

/** The times of a clean shutdown: the router stops sending, the server finishes what it has, the pod ends. */
export interface Shutdown {
  /** The container waits this long before its server is told to stop: the router still sends requests. */
  readonly preStop: Duration;
  /** The server has this long to finish its requests. */
  readonly gracefulTimeout: Duration;
  /** The pod has this long in all. */
  readonly gracePeriod: Duration;
  /** The sum in words, for those who read the manifest. */
  readonly sum: string;
}

/** The annotation of a pod that has the sum. */
export const SHUTDOWN_ANNOTATION = 'cdk8s-django/shutdown';

/** Time for the server itself to end after its last request. */
const MARGIN_SECONDS = 5;

/**
 * The one sum that all times of a shutdown come from.
 *
 * @param deregistration - how long the router goes on sending requests to a pod that terminates
 * @param requestTimeout - how long a request may take
 */
export function shutdownOf(deregistration: Duration, requestTimeout: Duration): Shutdown {
  const router = deregistration.toSeconds();
  const requests = requestTimeout.toSeconds();
  const seconds = router + requests + MARGIN_SECONDS;
  return {
    preStop: deregistration,
    gracefulTimeout: requestTimeout,
    gracePeriod: Duration.seconds(seconds),
    sum: `${router} s router + ${requests} s requests + ${MARGIN_SECONDS} s server = ${seconds} s`,
  };
}
