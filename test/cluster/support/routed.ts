/** Routings whose resources the router of the tests does not read: those of a router's own kind. */
export const NOT_SERVED = ['Contour'];

const ROUTED = ['gke', 'eks', 'aks', 'openshift', 'upstream', 'ingress'];

/**
 * `test`, where the router of the cluster serves the routes of a distribution, or an `ingress` of whatever class,
 * otherwise `test.skip`:
 * ROUTED_DISTRIBUTIONS names those whose routes it serves, all of them unless it is set.
 */
export function routed(distribution: string): jest.It {
  const served = process.env.ROUTED_DISTRIBUTIONS?.split(/[ ,]+/) ?? ROUTED;
  return served.includes(distribution) ? test : (test.skip as jest.It);
}
