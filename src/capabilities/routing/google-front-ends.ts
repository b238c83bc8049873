/**
 * Where Google's global load balancers and all their health checks connect from.
 *
 * @see https://cloud.google.com/load-balancing/docs/firewall-rules
 */
export const GOOGLE_FRONT_ENDS = ['35.191.0.0/16', '130.211.0.0/22'];
