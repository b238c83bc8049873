import { Chart, Duration } from 'cdk8s';
import { DjangoApp, PublicRoute, PublicRouteProps } from 'cdk8s-django';

type Options = Omit<PublicRouteProps, 'app'>;

/** Every option of a route, one at a time, for platforms refuse some. The compiler refuses it when one is missing. */
const ROUTES: Record<keyof Options, { [part: string]: Partial<Options> }> = {
  hosts: { 'route of two hosts': { hosts: ['polls.example.com', 'www.polls.example.com'] } },
  timeout: { 'route with a timeout': { timeout: Duration.seconds(77) } },
  paths: { 'route of two paths': { paths: ['/polls', '/admin'] } },
  websocketTimeout: { 'route with WebSockets': { websocketTimeout: Duration.minutes(50) } },
  tlsSecretName: { 'route with a Secret': { tlsSecretName: 'polls-tls' } },
  sessionAffinity: {
    'route with sticky sessions': { sessionAffinity: true },
    'route without sticky sessions': { sessionAffinity: false },
  },
  maintenance: { 'route in maintenance': { maintenance: true } },
  maintenanceUrl: {
    'route that leads elsewhere': {
      maintenance: true,
      maintenanceUrl: 'https://status.example.com:8443/polls',
    },
  },
  name: { 'route with a name': { name: 'second' } },
};

/** A part for each: the route, and the application whose Service it may annotate. */
export function routeParts(): Record<string, (chart: Chart) => void> {
  const variants: { [part: string]: Partial<Options> } = Object.assign({}, ...Object.values(ROUTES));
  return Object.fromEntries(
    Object.entries(variants).map(([part, options]) => [part, (chart: Chart) => route(chart, options)]),
  );
}

function route(chart: Chart, options: Partial<Options>): void {
  const app = new DjangoApp(chart, 'Polls', {
    name: 'polls',
    image: 'registry.example.com/polls:1.4.2',
    settingsModule: 'mysite.settings',
  });
  new PublicRoute(chart, 'Route', { app, hosts: ['polls.example.com'], ...options });
}
