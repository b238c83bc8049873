import { App, Chart } from 'cdk8s';
import { Distribution, DjangoApp, IDistribution, PublicRoute } from 'cdk8s-django';
import { IngressRouting } from 'cdk8s-django/routing';
import { ROUTINGS } from '../capabilities/routing/routings';
import { Browser } from './support/browser';
import { definitionOf, knownDefinitions } from './support/definitions';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { logIn, openBallot, Polls, vote } from './support/polls';
import { NOT_SERVED, routed } from './support/routed';

const ADMINISTRATOR = { username: 'admin', password: 'Tree%20:of/#life?' };

/** An Ingress of whatever class redirects when its controller is told so, by an annotation of the controller's. */
const redirecting = () =>
  Distribution.upstream({
    routing: new IngressRouting({ annotations: { 'nginx.ingress.kubernetes.io/ssl-redirect': 'true' } }),
  });

const SERVED = Object.entries({ ...ROUTINGS, Ingress: redirecting }).filter(
  ([title]) => !NOT_SERVED.includes(title),
);

const nameOf = (title: string) => title.toLowerCase().replaceAll(' ', '-');
const hostOf = (title: string) => `${nameOf(title)}.polls-routes.example.com`;

const polls = new Polls(new Namespace('polls-routes'));
const gateways = new Namespace('polls-routes-gateway');

beforeAll(async () => {
  await gateways.clear();
  // One worker process, because the channel layer of the example is in memory.
  await polls.deploy({
    asgiModule: 'mysite.asgi',
    processes: 1,
    extend: (app) => SERVED.forEach(([title]) => app.addHost(hostOf(title))),
  });
  await polls.createSamplePolls();
  await polls.createSuperuser(ADMINISTRATOR);
  const known = await knownDefinitions();
  const routes = SERVED.flatMap(([title, make]) => routeTo(title, make()));
  // What the cluster does not know is what only the routers of the clouds read (distributions.test.ts names it).
  await apply(routes.filter((manifest) => known.has(definitionOf(manifest))));
});
afterAll(() => Promise.all([polls.namespace, gateways].map((namespace) => namespace.remove())));

describe.each(SERVED)('the route of %s', (title, make) => {
  const test = routed(title === 'Ingress' ? 'ingress' : make().name);

  test('carries a login to the admin over HTTPS', async () => {
    const visitor = await visitorOf(title);
    expect((await logIn(visitor, ADMINISTRATOR)).body).toContain('Site administration');
  });

  test('carries a vote, and the WebSocket that tells of it', async () => {
    const visitor = await visitorOf(title);
    const before = await polls.storedVotes();
    const { path } = await openBallot(visitor);
    const live = await visitor.webSocket(path.replace('vote/', 'results/live/'));
    const { total_votes: total } = await live.next();
    live.say('again');
    expect(await live.next()).toMatchObject({ total_votes: total });

    expect((await vote(visitor)).body).toContain('Thank you, your vote was counted.');
    expect(await live.next()).toMatchObject({ total_votes: total + 1 });
    expect(await polls.storedVotes()).toBe(before + 1);
    expect(await live.close()).toBe(1000);
  });

  test('refuses the WebSocket to the page of another site', async () => {
    const visitor = await visitorOf(title);
    await expect(visitor.webSocket('/1/results/live/', 'https://evil.example.net')).rejects.toThrow('403');
  });

  test('redirects plain HTTP to HTTPS, page by page', async () => {
    const visitor = await visitorOf(title);
    const { status, headers } = await visitor.getPlain('/1/results/');
    expect([301, 302, 308]).toContain(status);
    expect(headers.location?.replace(':443/', '/')).toBe(`https://${visitor.host}/1/results/`);
  });
});

/** Somebody who visits a route that the router has learnt of. */
async function visitorOf(title: string): Promise<Browser> {
  const visitor = await polls.visitor(hostOf(title));
  await eventually(`https://${visitor.host}/ is routed`, async () =>
    expect((await visitor.get('/')).status).toBe(200),
  );
  return visitor;
}

/** The resources of a route, and no more, to the application that runs already. */
function routeTo(title: string, distribution: IDistribution): any[] {
  const app = new App();
  Distribution.bind(app, distribution);
  const chart = new Chart(app, 'polls', { namespace: polls.namespace.name });
  const django = new DjangoApp(chart, 'Polls', {
    name: 'polls',
    image: IMAGE,
    settingsModule: 'mysite.settings',
  });
  const route = new PublicRoute(chart, 'Route', { app: django, hosts: [hostOf(title)], name: nameOf(title) });
  // A Gateway of OpenShift is in the namespace of its router, which is not ours to make.
  const moved = (_key: string, value: any) => (value === 'openshift-ingress' ? gateways.name : value);
  return route.resources.map((resource) => JSON.parse(JSON.stringify(resource.toJson(), moved)));
}
