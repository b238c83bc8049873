import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Chart } from 'cdk8s';
import { Distribution, DjangoApp, IDistribution, PublicRoute, PublicRouteProps } from 'cdk8s-django';
import { ContourRouting } from 'cdk8s-django/routing';
import { Browser } from '../cluster/support/browser';
import { output } from '../cluster/support/command';
import { eventually } from '../cluster/support/eventually';
import { apply, kubectl } from '../cluster/support/kubectl';
import { duringLoad, figures } from '../cluster/support/load';
import { Variant } from '../cluster/support/manifests';
import { Namespace, NamespaceName } from '../cluster/support/namespaces';
import { logIn, openBallot, Polls, vote } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { needsOperator } from './operator';

const ADMINISTRATOR = { username: 'admin', password: 'Tree%20:of/#life?' };
const TLS = 'self-signed';

/** Where Envoy listens. */
let envoy: string;

beforeAll(async () => {
  await needsOperator('Contour', 'projectcontour', 'contour');
  await needsOperator('Envoy', 'projectcontour', 'envoy');
  const address = '--output=jsonpath={.spec.clusterIP}';
  envoy = await kubectl('--namespace=projectcontour', 'get', 'service', 'envoy', address);
});

/** Runs the application behind Contour, with a certificate that nobody vouches for. */
async function deploy(polls: Polls, variant: Variant): Promise<void> {
  const { namespace, host } = polls;
  await namespace.create();
  const folder = await mkdtemp(`${tmpdir()}/contour-`);
  const [key, certificate] = [`${folder}/tls.key`, `${folder}/tls.crt`];
  await output('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`],
    ...['-addext', `subjectAltName=DNS:${host},DNS:*.${host}`, '-keyout', key, '-out', certificate],
  ]);
  await namespace.kubectl('create', 'secret', 'tls', TLS, `--key=${key}`, `--cert=${certificate}`);
  await rm(folder, { recursive: true });
  await apply(polls.manifests(variant));
  await polls.converged();
  await polls.createSamplePolls();
  await polls.createSuperuser(ADMINISTRATOR);
}

/** Somebody who visits a host that Envoy has learnt of. */
async function visitorOf(host: string, status = 200): Promise<Browser> {
  const visitor = new Browser(envoy, host);
  await eventually(`https://${host}/ is routed`, async () =>
    expect((await visitor.get('/')).status).toBe(status),
  );
  return visitor;
}

const proxied = () => Distribution.upstream({ routing: new ContourRouting({}) });

/** The kinds of route that Contour reads, and the namespace of the application of each. */
const ROUTES: [string, NamespaceName, () => IDistribution][] = [
  ['HTTPProxy', 'polls-contour', proxied],
  [
    'the Gateway API',
    'polls-contour-gateway',
    () => Distribution.upstream({ gatewayClassName: 'contour', clusterIssuer: 'letsencrypt' }),
  ],
];

describe.each(ROUTES)('Contour, by %s', (kind, name, distribution) => {
  const polls = new Polls(new Namespace(name));
  const { host } = polls;
  const other = `www.${host}`;

  beforeAll(() =>
    deploy(polls, {
      distribution: distribution(),
      asgiModule: 'mysite.asgi',
      processes: 1,
      route: () => ({ tlsSecretName: TLS, hosts: [host, other] }),
    }),
  );
  afterAll(() => polls.namespace.remove());

  test('carries a login to the admin over HTTPS', async () => {
    const visitor = await visitorOf(host);
    expect((await logIn(visitor, ADMINISTRATOR)).body).toContain('Site administration');
  });

  test('carries a vote, and the WebSocket that tells of it', async () => {
    const visitor = await visitorOf(host);
    const { path } = await openBallot(visitor);
    const live = await visitor.webSocket(path.replace('vote/', 'results/live/'));
    const { total_votes: total } = await live.next();
    expect((await vote(visitor)).body).toContain('Thank you, your vote was counted.');
    expect(await live.next()).toMatchObject({ total_votes: total + 1 });
    expect(await live.close()).toBe(1000);
  });

  test('redirects plain HTTP to HTTPS, host by host and page by page', async () => {
    for (const each of [host, other]) {
      const { status, headers } = await (await visitorOf(each)).getPlain('/1/results/');
      expect([status, headers.location]).toEqual([301, `https://${each}/1/results/`]);
    }
  });

  test('loses no request of a rollout', async () => {
    const visitor = await visitorOf(host);
    const load = await duringLoad(visitor, { rate: 50, requests: 2000 }, async () => {
      await polls.namespace.kubectl('rollout', 'restart', 'deployment/polls');
      await polls.namespace.kubectl('rollout', 'status', 'deployment/polls', '--timeout=120s');
    });
    print(figures(`a rollout behind Contour, by ${kind}`, load));
    expect(load.failures).toEqual([]);
  });
});

describe('an HTTPProxy of Contour', () => {
  const polls = new Polls(new Namespace('polls-contour-options'));
  const hostOf = (name: string) => `${name}.${polls.host}`;
  const ROUTED: Record<string, Partial<PublicRouteProps>> = {
    sticky: { sessionAffinity: true },
    maintained: { maintenance: true },
    moved: { maintenance: true, maintenanceUrl: 'https://status.example.com/polls' },
    part: { paths: ['/admin'] },
  };

  /** Routes beside that of the application, each under a host of its own. */
  function others(app: DjangoApp): void {
    for (const [name, props] of Object.entries(ROUTED)) {
      const hosts = [hostOf(name)];
      app.addHost(hosts[0]);
      new PublicRoute(Chart.of(app), name, { app, hosts, name, tlsSecretName: TLS, ...props });
    }
  }

  beforeAll(() =>
    deploy(polls, {
      distribution: proxied(),
      route: () => ({ tlsSecretName: TLS }),
      extend: others,
    }),
  );
  afterAll(() => polls.namespace.remove());

  test('is valid, whatever its options are', async () => {
    await eventually('Contour has looked at all of them', async () => {
      const proxies = await polls.namespace.list('httpproxies');
      expect(proxies.map(({ metadata, status }) => [metadata.name, status?.currentStatus]).sort()).toEqual(
        ['polls', ...Object.keys(ROUTED)].sort().map((name) => [name, 'valid']),
      );
    });
  });

  test('keeps a visitor to a replica by a cookie, when it is told to', async () => {
    const cookies = async (host: string) => {
      await visitorOf(host);
      return (await new Browser(envoy, host).get('/')).headers['set-cookie'];
    };
    expect(await cookies(hostOf('sticky'))).toEqual([expect.stringMatching(/^X-Contour-Session-Affinity=/)]);
    expect(await cookies(polls.host)).toBeUndefined();
  });

  test('says that the site is being maintained', async () => {
    const visitor = await visitorOf(hostOf('maintained'), 503);
    expect((await visitor.get('/1/')).body).toBe('This site is being maintained. Please come back later.');
  });

  test('leads to another site during maintenance', async () => {
    const visitor = await visitorOf(hostOf('moved'), 302);
    expect((await visitor.get('/1/')).headers.location).toBe('https://status.example.com/polls');
  });

  test('sends the paths that are asked for to the application, and no others', async () => {
    const visitor = await visitorOf(hostOf('part'), 404);
    expect((await visitor.get('/admin/login/')).body).toContain('csrfmiddlewaretoken');
    // The application would say it with a page.
    for (const path of ['/', '/administrators', '/1/']) {
      expect(await visitor.get(path)).toMatchObject({ status: 404, body: '' });
    }
  });
});
