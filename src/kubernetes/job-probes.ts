/** What a probe of a Job's container runs. */
const COMMAND = ['true'];

/**
 * The probes of a container of a Job, where the platform's admission demands some of all containers. They are to say
 * nothing: a Job has failed when its program has, and takes no traffic.
 *
 * A process of `true` is the cheapest that there is: Python would take some ten milliseconds of the Job's CPU each
 * time. It is in the images of Python, whether Debian's or Alpine's. It runs once a minute, and a Job that has no CPU
 * left for it goes on for ten.
 */
export function jobProbes(): { readinessProbe: any; livenessProbe: any } {
  const probe = { exec: { command: COMMAND }, periodSeconds: 60, timeoutSeconds: 30, failureThreshold: 10 };
  return { readinessProbe: probe, livenessProbe: probe };
}

/** Whether a part of a manifest is such a probe. */
export function isJobProbe(value: any): boolean {
  return JSON.stringify(value?.exec?.command) === JSON.stringify(COMMAND);
}
