import { Duration } from 'cdk8s';
import { IDistribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { django, HOST, synth } from './synth';

export const ROUTE_LABELS = {
  'app.kubernetes.io/name': 'polls',
  'app.kubernetes.io/instance': 'polls',
  'app.kubernetes.io/component': 'route',
  'app.kubernetes.io/managed-by': 'cdk8s-django',
};

/** The manifests of an application with a route of a minute's timeout. */
export function routed(distribution: IDistribution, changes: Partial<PublicRouteProps> = {}): any[] {
  return synth((chart) => {
    const app = django(chart);
    new PublicRoute(chart, 'Route', { app, hosts: [HOST], timeout: Duration.seconds(60), ...changes });
  }, distribution);
}

/** The listeners of HOST, whose names are written out: another one would have platforms make its certificate anew. */
export const LISTENER = 'https-4ucgk';
export const HTTP_LISTENER = 'http-4ucgk';

const every = [{ path: { type: 'PathPrefix', value: '/' } }];

/** The spec of the route for a host, as the Gateway API has it. */
export function httpRoute(parent: object, timeouts?: object): object {
  return {
    parentRefs: [
      {
        group: 'gateway.networking.k8s.io',
        kind: 'Gateway',
        name: 'polls',
        ...parent,
        sectionName: LISTENER,
      },
    ],
    hostnames: [HOST],
    rules: [
      {
        matches: every,
        backendRefs: [{ group: '', kind: 'Service', name: 'polls', port: 8000, weight: 1 }],
        ...timeouts,
      },
    ],
  };
}

/** The spec of the route that sends plain HTTP to HTTPS, as the Gateway API has it. */
export function redirectRoute(parent: object): object {
  return {
    parentRefs: [
      {
        group: 'gateway.networking.k8s.io',
        kind: 'Gateway',
        name: 'polls',
        ...parent,
        sectionName: HTTP_LISTENER,
      },
    ],
    hostnames: [HOST],
    rules: [
      {
        matches: every,
        filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }],
      },
    ],
  };
}
