import { Chart, Duration } from 'cdk8s';
import { Distribution, DjangoApp, IDistribution, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { OpenShiftRouteRouting } from 'cdk8s-django/routing';
import { ROUTINGS } from '../capabilities/routing/routings';
import { django, synth } from '../support/synth';
import { Browser } from './support/browser';
import { eventually } from './support/eventually';
import { NEXT_IMAGE } from './support/image';
import { apply, tryApply } from './support/kubectl';
import { duringLoad, figures } from './support/load';
import { ROUTER, upstream, Variant } from './support/manifests';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';
import { print } from './support/print';
import { routed } from './support/routed';

/** What a release says of itself: its Strict-Transport-Security, in seconds. */
const RELEASE = { polls: 1001, 'polls-canary': 1002 };
const ADMINISTRATOR = { username: 'admin', password: 'correct-horse-battery' };

const polls = new Polls(new Namespace('polls-canary'));

beforeAll(async () => {
  await polls.deploy(releases(20));
  const create = `
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("${ADMINISTRATOR.username}", "", "${ADMINISTRATOR.password}")`;
  await polls.namespace.exec('deployment/polls', 'python', 'manage.py', 'shell', '-c', create);
});
afterAll(() => polls.namespace.remove());

/** The application and a second release of it, which gets a share of the requests. */
function releases(weight: number, distribution: IDistribution = upstream()): Variant {
  return {
    distribution,
    settingsOverlay: { strictTransportSecurity: Duration.seconds(RELEASE.polls) },
    route: (app) => {
      const next = new DjangoApp(Chart.of(app), 'Canary', {
        name: 'polls-canary',
        image: NEXT_IMAGE,
        settingsModule: 'mysite.settings',
        database: app.database,
        secretKey: app.secretKey,
        replicas: 1,
        settingsOverlay: { strictTransportSecurity: Duration.seconds(RELEASE['polls-canary']) },
      });
      const ingress = [{ peers: [{ namespaceLabels: ROUTER }], ports: [{ port: 8000 }] }];
      new LeastPrivilegeAccess(Chart.of(app), 'CanaryAccess', { app: next, ingress });
      // A cookie of the router would keep a visitor to one of them.
      return { canary: { app: next, weight }, sessionAffinity: false };
    },
  };
}

/** The part of so many requests that the canary answered; all of them have to be answered well. */
async function share(requests: number): Promise<number> {
  const visitor = await polls.visitor();
  let ofCanary = 0;
  for (let sent = 0; sent < requests; sent += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => visitor.get('/')));
    for (const { status, headers } of answers) {
      expect(status).toBe(200);
      const release = headers['strict-transport-security'];
      expect(Object.values(RELEASE).map((seconds) => `max-age=${seconds}`)).toContain(release);
      if (release === `max-age=${RELEASE['polls-canary']}`) ofCanary += 1;
    }
  }
  return ofCanary / requests;
}

/** Applies a weight, and waits until the router has it: until some of the requests tell. */
async function shift(weight: number, distribution?: IDistribution): Promise<string[]> {
  const said = await apply(polls.manifests(releases(weight, distribution)));
  await eventually(`the router gives the canary ${weight} percent`, async () => {
    expect(Math.abs((await share(40)) - weight / 100)).toBeLessThan(weight % 100 ? 0.25 : 0.001);
  });
  return said;
}

/** Five standard deviations of what chance would give: a failure in a million runs. */
function expectShare(measured: number, weight: number, requests: number): void {
  const expected = weight / 100;
  const deviation = Math.sqrt((expected * (1 - expected)) / requests);
  expect(Math.abs(measured - expected)).toBeLessThanOrEqual(5 * deviation);
}

test('a fifth of the requests reach the canary, none with a weight of 0 and all with 100', async () => {
  await shift(20);
  expectShare(await share(400), 20, 400);
  await shift(0);
  expect(await share(100)).toBe(0);
  await shift(100);
  expect(await share(100)).toBe(1);
});

test('another weight changes the route alone, and interrupts nobody', async () => {
  await shift(0);
  const said: string[] = [];

  const load = await duringLoad(await polls.visitor(), { rate: 10 }, async () => {
    for (const weight of [10, 50, 100]) said.push(...(await shift(weight)));
  });

  const changed = said.filter((line) => !line.endsWith(' unchanged'));
  expect(changed).toEqual(Array(3).fill('httproute.gateway.networking.k8s.io/polls configured'));
  print(figures('three changes of the weight', load));
  expect(load.requests).toBeGreaterThan(20);
  // A router may exchange its servers for some milliseconds, as HAProxy does by its socket: one visit of ten a second
  // can meet them, not two.
  expect(load.failures.length).toBeLessThanOrEqual(3);
});

test('a session and a form of one release hold in the other', async () => {
  await shift(0);
  const administrator = await polls.visitor();
  expectRelease((await logIn(administrator)).headers, 'polls');

  await shift(100);
  const page = await administrator.get('/admin/');
  expectRelease(page.headers, 'polls-canary');
  expect(page.status).toBe(200);
  expect(page.body).toContain(ADMINISTRATOR.username);

  const form = tokenOf(page.body);
  await shift(0);
  const answer = await administrator.post('/admin/logout/', { csrfmiddlewaretoken: form });
  expectRelease(answer.headers, 'polls');
  expect(answer.status).toBe(200);
  expect((await administrator.get('/admin/')).status).toBe(302);
});

routed('openshift')('the weights of a Route are those of its backends', async () => {
  const { namespace } = polls;
  await namespace.kubectl(
    'delete',
    'httproutes.gateway.networking.k8s.io,gateways.gateway.networking.k8s.io',
    '--all',
  );
  const routes = Distribution.upstream({ routing: new OpenShiftRouteRouting() });
  await shift(20, routes);
  expectShare(await share(400), 20, 400);
  await shift(100, routes);
  expect(await share(100)).toBe(1);
});

test.each(['GKE Gateway', 'EKS Ingress', 'EKS Gateway', 'OpenShift Route', 'Contour'])(
  'the API server takes the route to both of %s',
  async (routing) => {
    let route: PublicRoute;
    synth(
      (chart) => {
        const app = django(chart);
        const next = django(chart, { name: 'polls-canary', secretKey: app.secretKey }, 'Canary');
        route = new PublicRoute(chart, 'Route', {
          app,
          hosts: [polls.host],
          canary: { app: next, weight: 20 },
        });
      },
      ROUTINGS[routing](),
      { namespace: polls.namespace.name },
    );
    const routes = route!.resources.map((resource) => resource.toJson());

    const { code, stdout, stderr } = await tryApply(routes, '--dry-run=server', '--validate=strict');

    expect([code, stderr.replace(/^Warning: .* is deprecated.*\n/gm, '')]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(routes.length);
  },
);

/** Logs into the admin, and returns the answer to the form. */
async function logIn(administrator: Browser) {
  const path = '/admin/login/?next=/admin/';
  const csrfmiddlewaretoken = tokenOf((await administrator.get(path)).body);
  const answer = await administrator.post(path, { csrfmiddlewaretoken, ...ADMINISTRATOR });
  expect([answer.status, answer.headers.location]).toEqual([302, '/admin/']);
  return answer;
}

function tokenOf(page: string): string {
  const [, token] = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page) ?? [];
  expect(token).toBeDefined();
  return token;
}

function expectRelease(headers: Record<string, unknown>, release: keyof typeof RELEASE): void {
  expect(headers['strict-transport-security']).toBe(`max-age=${RELEASE[release]}`);
}
