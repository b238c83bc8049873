import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Chart, Duration } from 'cdk8s';
import { PgBouncer } from 'cdk8s-django/postgres';
import { parseAllDocuments } from 'yaml';
import { provideImage } from '../cluster/applications/images';
import { servedCertificate } from '../cluster/support/certificates';
import { eventually } from '../cluster/support/eventually';
import { apply, kubectl } from '../cluster/support/kubectl';
import { duringLoad, figures } from '../cluster/support/load';
import { upstream } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { DATABASE_POD, Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { needsOperator, page } from './operator';

const GUIDE = 'docs/guide/9-security.md';
const OPERATOR = 'cert-manager';
const POOLERS = 'app.kubernetes.io/component=pooler';
const LEAVES = ['polls-db', 'polls-pooler'];
/** The certificates of both servers: they are renewed after three minutes, and end after seven. */
const SHORT = { duration: '7m', renewBefore: '4m' };

const polls = new Polls(new Namespace('polls-cert-manager'));
const { namespace } = polls;

const certManager = (kind: string, name: string, spec: object) => ({
  apiVersion: 'cert-manager.io/v1',
  kind,
  metadata: { name, namespace: namespace.name },
  spec,
});

/** What the guide has one make, in the namespace of the test. */
function documented(): any[] {
  const blocks = [...readFileSync(GUIDE, 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text);
  const documents = blocks
    .filter((text) => text.includes('cert-manager.io/v1'))
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => document.toJS());
  for (const { metadata } of documents)
    if (metadata.namespace === 'polls') metadata.namespace = namespace.name;
  return documents;
}

/** Those of the guide for the server, and for the pooler an authority in its namespace that the cluster's has signed. */
function certificates(): any[] {
  const all = documented();
  const ofServer = all.find(({ metadata }) => metadata.name === 'polls-db');
  Object.assign(ofServer.spec, SHORT);
  return [
    ...all,
    certManager('Certificate', 'polls-authority', {
      isCA: true,
      commonName: 'polls-authority',
      secretName: 'polls-authority',
      issuerRef: { kind: 'ClusterIssuer', name: 'cluster-authority' },
    }),
    certManager('Issuer', 'polls-authority', { ca: { secretName: 'polls-authority' } }),
    certManager('Certificate', 'polls-pooler', {
      secretName: 'polls-pooler-tls',
      dnsNames: ['polls-pooler'],
      issuerRef: { kind: 'Issuer', name: 'polls-authority' },
      ...SHORT,
    }),
  ];
}

/** A Secret that cert-manager has made, with its certificate. */
async function made(name: string, where: string = namespace.name) {
  const { data } = JSON.parse(await kubectl('--namespace', where, 'get', 'secret', name, '--output=json'));
  const [certificate, key, authority] = ['tls.crt', 'tls.key', 'ca.crt'].map((file) =>
    Buffer.from(data[file], 'base64').toString(),
  );
  return { certificate: new X509Certificate(certificate), key, authority };
}

/** What `cmctl renew` does. */
async function renew(name: string, where: string = namespace.name): Promise<void> {
  const secret = name.replace(/^polls-(db|pooler)$/, '$&-tls');
  const { serialNumber } = (await made(secret, where)).certificate;
  const value = { type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message: 'by the test' };
  const patch = JSON.stringify([{ op: 'add', path: '/status/conditions/-', value }]);
  const certificate = ['certificates.cert-manager.io', name, '--subresource=status'];
  await kubectl('--namespace', where, 'patch', ...certificate, '--type=json', `--patch=${patch}`);
  await eventually(`${name} is renewed`, async () =>
    expect((await made(secret, where)).certificate.serialNumber).not.toBe(serialNumber),
  );
}

/** What the server and each pod of the pooler show to new connections. */
async function shown(): Promise<X509Certificate[]> {
  const database = await namespace.get('pod', DATABASE_POD);
  const poolers = await namespace.list('pods', POOLERS);
  return Promise.all([
    servedCertificate(database.status.podIP).then((pem) => new X509Certificate(pem)),
    ...poolers.map(async ({ status }) => new X509Certificate(await servedCertificate(status.podIP, 6432))),
  ]);
}

/** Each pod, and how often its containers were restarted. */
async function instances(): Promise<string[]> {
  const pods = (await namespace.list('pods')).filter(({ status }) => status.phase === 'Running');
  return pods
    .map(({ metadata, status }) => {
      const restarts = status.containerStatuses.map(({ restartCount }: any) => restartCount);
      return `${metadata.name} ${metadata.uid} ${restarts.join(' ')}`;
    })
    .sort();
}

/** Ends the connections of the pooler to the server, so that it makes new ones. */
const cutPool = () =>
  polls.sql(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'django' AND client_addr IS NOT NULL",
  );

async function answersAnew(): Promise<void> {
  await cutPool();
  const visitor = await polls.visitor();
  for (let requests = 0; requests < 20; requests++) expect((await visitor.get('/')).status).toBe(200);
}

beforeAll(async () => {
  await needsOperator('cert-manager', OPERATOR, 'cert-manager');
  const image = await provideImage({ name: 'docker.io/example/pgbouncer:1.24', folder: 'pgbouncer' });
  await namespace.create();
  const manifests = polls.manifests({
    distribution: upstream({ clusterIssuer: 'cluster-authority' }),
    replicas: 2,
    postgres: { certificateSecretName: 'polls-db-tls' },
    before: (database) =>
      new PgBouncer(Chart.of(database), 'Pooler', {
        name: 'polls-pooler',
        ...{ database, image, certificateSecretName: 'polls-pooler-tls' },
        // Each request connects anew, and checks the certificate.
        connectionMaxAge: Duration.seconds(0),
        requestTimeout: Duration.seconds(5),
      }),
  });
  expect(manifests.filter(({ kind }) => kind === 'NetworkPolicy').length).toBeGreaterThan(2);
  await apply(manifests);
  await apply(certificates());
  await polls.converged(300);
  await polls.createSamplePolls();
  await polls.answers();
}, 600_000);
afterAll(async () => {
  await namespace.remove();
  const issuers = documented().filter(({ kind }) => kind === 'ClusterIssuer');
  const names = issuers.map(({ metadata }) => `clusterissuer/${metadata.name}`);
  await kubectl('delete', ...names, '--ignore-not-found');
  const authority = ['certificate/cluster-authority', 'secret/cluster-authority', '--ignore-not-found'];
  await kubectl('--namespace', OPERATOR, 'delete', ...authority);
});

test('certificates of a ClusterIssuer and of an Issuer are checked by all that connects', async () => {
  const variables = await namespace.exec('deployment/polls', 'env');
  expect(variables).toContain('DATABASE_SSL_MODE=verify-full');
  expect(
    await polls.sql(
      'SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL',
    ),
  ).toBe('t');
  const root = new X509Certificate((await made('cluster-authority', OPERATOR)).certificate.raw);
  const [server, ...poolers] = await shown();
  expect(server.verify(root.publicKey)).toBe(true);
  const between = (await made('polls-authority')).certificate;
  expect(between.verify(root.publicKey)).toBe(true);
  expect(poolers.map((one) => one.verify(between.publicKey))).toEqual([true, true]);
});

test('the Gateway has its certificate, and the alert has its metrics', async () => {
  const [gateway] = await namespace.list('gateways.gateway.networking.k8s.io');
  const [{ name: secret }] = gateway.spec.listeners.flatMap(({ tls }: any) => tls?.certificateRefs ?? []);
  expect((await made(secret)).certificate.checkHost(polls.host)).toBe(polls.host);
  const [pod] = JSON.parse(await kubectl('--namespace', OPERATOR, 'get', 'pods', '--output=json')).items;
  const metrics = await page(`http://${pod.status.podIP}:9402/metrics`);
  for (const kind of ['renewal', 'expiration']) {
    const labels = `name="polls-db",namespace="${namespace.name}"`;
    expect(metrics).toMatch(
      new RegExp(`^certmanager_certificate_${kind}_timestamp_seconds\\{.*${labels}\\} \\d`, 'm'),
    );
  }
});

test('renewals cost no request and no restart, and the former certificates end', async () => {
  const before = await instances();
  const first = await shown();
  const root = await made('cluster-authority', OPERATOR);
  const between = await made('polls-authority');
  const ends = Math.max(...first.map(({ validTo }) => Date.parse(validTo)));
  const load = await duringLoad(await polls.visitor(), { rate: 5 }, async () => {
    // The authority keeps its key, and the one that it has signed gets another.
    await renew('cluster-authority', OPERATOR);
    await renew('polls-authority');
    expect((await made('cluster-authority', OPERATOR)).key).toBe(root.key);
    expect((await made('polls-authority')).key).not.toBe(between.key);
    await eventually(
      'both servers show renewed certificates',
      async () => {
        const serials = new Set(first.map(({ serialNumber }) => serialNumber));
        expect((await shown()).filter(({ serialNumber }) => serials.has(serialNumber))).toEqual([]);
      },
      { namespace: namespace.name, seconds: 420 },
    );
    print(`the former certificates end ${((ends - Date.now()) / 1000).toFixed(0)} s after all show new ones`);
    while (Date.now() < ends + 10_000) await pause(1000);
  });
  print(figures('certificates and their authorities renewed', load));
  expect(load.failures).toEqual([]);
  expect(await instances()).toEqual(before);
  expect((await made('polls-db-tls')).authority).not.toBe(root.certificate.toString());
  await answersAnew();
}, 900_000);

test('an authority with another key stops new connections until all have it, and needs no restart', async () => {
  const before = await instances();
  const another = '--patch={"spec":{"privateKey":{"rotationPolicy":"Always"}}}';
  await kubectl(
    '--namespace',
    OPERATOR,
    'patch',
    'certificate',
    'cluster-authority',
    '--type=merge',
    another,
  );
  const load = await duringLoad(await polls.visitor(), { rate: 5 }, async () => {
    await renew('cluster-authority', OPERATOR);
    await renew('polls-authority');
    for (const name of LEAVES) await renew(name);
    const { publicKey } = (await made('polls-authority')).certificate;
    await eventually(
      'the pooler shows certificates of the new authority',
      async () => {
        const [, ...poolers] = await shown();
        expect(poolers.map((one) => one.verify(publicKey))).toEqual([true, true]);
      },
      { namespace: namespace.name, seconds: 240 },
    );
    await eventually('all connect', answersAnew, { namespace: namespace.name, seconds: 180 });
  });
  const at = load.failures.map((one) => Date.parse(one.split(' ')[0]));
  print(figures('an authority with another key', load));
  if (at.length > 0) print(`failures within ${((at.at(-1)! - at[0]) / 1000).toFixed(0)} s`);
  expect(await instances()).toEqual(before);
}, 600_000);
