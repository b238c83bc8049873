import { Chart, Duration, Size } from 'cdk8s';
import { Canary, DjangoApp, PublicRoute, PublicRouteProps } from 'cdk8s-django';

type Options = Omit<PublicRouteProps, 'app'>;
/** Options of a route to an application, some of which need more of the application. */
type Given = (app: DjangoApp) => Partial<Options>;
const given =
  (options: Partial<Options>): Given =>
  () =>
    options;

/** A host of as many characters as DNS has, and labels of as many. */
const LONGEST_HOST = [63, 63, 63, 61].map((length) => 'h'.repeat(length)).join('.');

/** Every option of a route, one at a time, for platforms refuse some. The compiler refuses it when one is missing. */
const ROUTES: Record<keyof Options, { [part: string]: Given }> = {
  hosts: {
    'route of two hosts': given({ hosts: ['polls.example.com', 'www.polls.example.com'] }),
    'route of the longest host': given({ hosts: [LONGEST_HOST] }),
  },
  timeout: {
    'route with a timeout': given({ timeout: Duration.seconds(77) }),
    'route with the longest timeout': given({ timeout: Duration.hours(1) }),
  },
  paths: { 'route of two paths': given({ paths: ['/polls', '/admin'] }) },
  websocketTimeout: {
    'route with WebSockets': given({ websocketTimeout: Duration.minutes(50) }),
    'route with the longest WebSockets': given({ websocketTimeout: Duration.hours(1) }),
  },
  tlsSecretName: { 'route with a Secret': given({ tlsSecretName: 'polls-tls' }) },
  sessionAffinity: {
    'route with sticky sessions': given({ sessionAffinity: true }),
    'route without sticky sessions': given({ sessionAffinity: false }),
  },
  maxRequestBodySize: { 'route with a limit to uploads': given({ maxRequestBodySize: Size.mebibytes(20) }) },
  signIn: {
    'route with a sign-in': given({ signIn: true }),
    'route with a sign-in beside another': given({ signIn: true, name: 'polls-admin' }),
  },
  maintenance: { 'route in maintenance': given({ maintenance: true }) },
  maintenanceUrl: {
    'route that leads elsewhere': given({
      maintenance: true,
      maintenanceUrl: 'https://status.example.com:8443/polls',
    }),
  },
  canary: {
    'route with a canary': (app) => ({ canary: canaryOf(app) }),
    'route with a canary and sticky sessions': (app) => ({ canary: canaryOf(app), sessionAffinity: true }),
  },
  name: {
    'route with a name': given({ name: 'second' }),
    'route with the longest name': given({ name: 'r'.repeat(40) }),
  },
};

/** A part for each: the route, and the application whose Service it may annotate. */
export function routeParts(): Record<string, (chart: Chart) => void> {
  const variants: { [part: string]: Given } = Object.assign({}, ...Object.values(ROUTES));
  return Object.fromEntries(
    Object.entries(variants).map(([part, options]) => [part, (chart: Chart) => route(chart, options)]),
  );
}

const SETTINGS = { settingsModule: 'mysite.settings' };

function route(chart: Chart, options: Given): void {
  const image = 'registry.example.com/polls:1.4.2';
  const app = new DjangoApp(chart, 'Polls', { name: 'polls', image, ...SETTINGS });
  new PublicRoute(chart, 'Route', { app, hosts: [`${chart.namespace}.example.com`], ...options(app) });
}

function canaryOf(app: DjangoApp): Required<Canary> {
  const image = 'registry.example.com/polls:1.5.0';
  const { secretKey } = app;
  return {
    app: new DjangoApp(Chart.of(app), 'Next', { name: 'polls-next', image, secretKey, ...SETTINGS }),
    weight: 20,
  };
}
