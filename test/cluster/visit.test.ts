import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Distribution } from 'cdk8s-django';
import { ClusterNetwork } from 'cdk8s-django/network';
import { Browser, send } from './support/browser';
import { eventually } from './support/eventually';
import { ROUTER } from './support/manifests';
import { hostileRequests, say, statuses, whileSilent } from './support/hostile';
import { Namespace } from './support/namespaces';
import { openBallot, Polls, vote } from './support/polls';
import { connection, fetchFrom, startProbePod } from './support/probe-pod';

const MONITORING = new Namespace('polls-visit-monitoring');

const polls = new Polls(new Namespace('polls-visit'));
let visitor: Browser;

beforeAll(async () => {
  await polls.deploy({
    replicas: 2,
    distribution: Distribution.upstream({
      gatewayClassName: 'contour',
      clusterIssuer: 'letsencrypt',
      routerNamespaceLabels: ROUTER,
      network: new ClusterNetwork({
        monitoringNamespaceLabels: { 'kubernetes.io/metadata.name': MONITORING.name },
      }),
    }),
  });
  await polls.createSamplePolls();
});
afterAll(() => Promise.all([polls.namespace.remove(), MONITORING.remove()]));
beforeEach(async () => {
  visitor = await polls.visitor();
});

describe('a vote over HTTPS through the public host', () => {
  test('is counted, shown and stored in PostgreSQL', async () => {
    const before = await polls.storedVotes();
    const results = await vote(visitor);
    expect(results.status).toBe(200);
    expect(results.body).toContain('Thank you, your vote was counted.');
    expect(results.body).toContain(`${before + 1} vote`);
    expect(await polls.storedVotes()).toBe(before + 1);
  });

  test('without its CSRF token is refused', async () => {
    const before = await polls.storedVotes();
    const { path, choices } = await openBallot(visitor);
    expect((await visitor.post(path, { choice: choices[0] })).status).toBe(403);
    expect(await polls.storedVotes()).toBe(before);
  });

  test('from the page of another site is refused', async () => {
    const before = await polls.storedVotes();
    const { path, token, choices } = await openBallot(visitor);
    const form = { csrfmiddlewaretoken: token, choice: choices[0] };
    expect((await visitor.post(path, form, { Origin: 'https://evil.example.net' })).status).toBe(403);
    expect(await polls.storedVotes()).toBe(before);
  });

  test('sets its cookie for HTTPS alone', async () => {
    const { path } = await openBallot(visitor);
    const page = await (await polls.visitor()).get(path.replace('vote/', ''));
    expect(page.headers['set-cookie']?.join()).toMatch(/^csrftoken=.*; Secure/);
  });
});

describe('the public host', () => {
  test('serves the static files that the pages name', async () => {
    const { body } = await visitor.get('/');
    const [, stylesheet] = /href="(\/static\/[^"]+\.css)"/.exec(body) ?? [];
    const answer = await visitor.get(stylesheet);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/css');
  });

  test('redirects plain HTTP to HTTPS, page by page', async () => {
    const { status, headers } = await visitor.getPlain('/1/results/');
    expect(status).toBe(301);
    // A router may write the standard port, which changes nothing.
    expect(headers.location?.replace(':443/', '/')).toBe(`https://${polls.host}/1/results/`);
  });

  test('does not show the metrics', async () => {
    expect((await visitor.get('/metrics')).status).toBe(404);
  });
});

test('`check --deploy` finds in a pod what the guide names, and nothing else', async () => {
  const [{ metadata }] = await polls.webPods();
  const found = await polls.namespace.exec(metadata.name, 'sh', '-c', 'python manage.py check --deploy 2>&1');
  const guide = readFileSync(join(__dirname, '../../docs/guide/12-settings.md'), 'utf8');
  const ids = [...found.matchAll(/\((\w+\.[WE]\d+)\)/g)].map(([, id]) => id);
  expect(ids.sort()).toEqual(['security.W004', 'security.W008']);
  ids.forEach((id) => expect(guide).toContain(`| \`${id}\` `));
});

describe('a visitor who means harm', () => {
  test.each(Object.keys(hostileRequests(polls)))('is refused or harmless: %s', async (title) => {
    const before = await polls.storedVotes();
    const found = statuses(await say(visitor.address, polls.host, hostileRequests(polls)[title]));
    // No second answer: what stands in a body is no request.
    expect(found.length).toBeLessThanOrEqual(1);
    found.forEach((status) => expect([title, status >= 400 && status < 500]).toEqual([title, true]));
    expect((await visitor.get('/')).status).toBe(200);
    expect(await polls.storedVotes()).toBe(before);
  });

  const GET = `GET / HTTP/1.1\r\nHost: ${polls.host}\r\n`;
  test.each([
    ['a header', `${GET}X-Slow: `],
    ['a form', `POST /1/vote/ HTTP/1.1\r\nHost: ${polls.host}\r\nContent-Length: 90\r\n\r\nchoice`],
  ])('who stops in the middle of %s leaves room for others', async (_, text) => {
    const { address } = visitor;
    const answered = await whileSilent({ address, host: polls.host, visitors: 20, text }, async () => {
      const begin = Date.now();
      const { status } = await visitor.get('/');
      return { status, isSoon: Date.now() - begin < 10_000 };
    });
    expect(answered).toEqual({ status: 200, isSoon: true });
  });

  test.each([
    ['X-Forwarded-Host', 'evil.example.net'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Goog-Authenticated-User-Email', 'accounts.google.com:admin@example.com'],
    ['X-Amzn-Oidc-Identity', 'admin'],
    ['X-Forwarded-User', 'admin'],
    ['Remote-User', 'admin'],
  ])('is nobody else by %s', async (name, value) => {
    const { address, host } = visitor;
    const answer = await send({ address, host, path: '/admin/', headers: { [name]: value } });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toMatch(/^(https:\/\/[^/]*)?\/admin\/login\//);
    expect(JSON.stringify(answer.headers)).not.toContain('evil');
  });
});

describe('a pod, asked at its own address', () => {
  let address: string;

  beforeAll(async () => {
    await MONITORING.create();
    await startProbePod(MONITORING, 'scraper');
    address = (await polls.webPods())[0].status.podIP;
    // A policy reaches a new pod within moments.
    await eventually('the monitoring is let in', async () =>
      expect(await connection(MONITORING, 'scraper', address, 8000)).toBe('open'),
    );
  });

  // Each pod that comes or goes has the policies written anew, and a connection may fall into that moment.
  const fetch = (path: string, headers: Record<string, string> = {}) =>
    eventually(`${path} is answered`, () => fetchFrom(MONITORING, 'scraper', address, 8000, path, headers));

  test('shows its metrics to the monitoring, which knows no host', async () => {
    const { status, body } = await fetch('/metrics');
    expect(status).toBe(200);
    expect(body).toContain('django_http_requests_total');
  });

  test.each(['/livez', '/readyz', '/startupz'])(
    'answers the probe %s of the host that it names',
    async (path) => {
      const headers = { Host: polls.host, 'X-Forwarded-Proto': 'https' };
      expect(await fetch(path, headers)).toMatchObject({ status: 200 });
    },
  );

  test('refuses its pages to a host that it does not know', async () => {
    expect((await fetch('/', { Host: 'evil.example.net', 'X-Forwarded-Proto': 'https' })).status).toBe(400);
  });
});
