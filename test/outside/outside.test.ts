import { readFileSync } from 'node:fs';
import { Chart } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  IDatabase,
  LeastPrivilegeAccess,
  PostgresBackend,
  ValkeyBackend,
} from 'cdk8s-django';
import { CloudNativePostgres, CloudSqlPostgres } from 'cdk8s-django/postgres';
import { SAMPLES } from '../support/distributions';
import { containersOf, podsIn, selects, selectorsIn } from '../support/manifests';
import {
  chartOn,
  configOf,
  django,
  find,
  IMAGE,
  postgres,
  startingWith,
  synth,
  webContainer,
} from '../support/synth';
import { ErrorTracker } from './error-tracker';
import { PgBouncer } from './pgbouncer';

const DSN = { secretName: 'sentry', key: 'dsn' };
const POOLER_IMAGE = 'registry.example.com/pgbouncer:1.24.1';
const POOLER = { 'app.kubernetes.io/name': 'pgbouncer', 'app.kubernetes.io/instance': 'polls-pooler' };

/** An application with all kinds of pods, whose errors are tracked and whose connections are pooled. */
function tracked(chart: Chart): DjangoApp {
  const pooler = new PgBouncer(chart, 'Pooler', {
    name: 'polls-pooler',
    database: postgres(chart),
    image: POOLER_IMAGE,
  });
  const queue = new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', storage: '1Gi' });
  const app = django(chart, { database: pooler, celery: { broker: queue.database(0) } });
  new LeastPrivilegeAccess(chart, 'Access', { app });
  new ErrorTracker(chart, 'Errors', {
    app,
    dsn: DSN,
    serverCidr: '203.0.113.0/24',
    relayImage: 'registry.example.com/relay:1.0.0',
  });
  app.addCeleryWorker({ name: 'default' });
  app.addCeleryBeat();
  app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  app.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '0 6 * * *' });
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  return app;
}

describe('the constructs of this folder', () => {
  it.each(['error-tracker.ts', 'pgbouncer.ts'])('import public names alone: %s', (file) => {
    const text = readFileSync(`${__dirname}/${file}`, 'utf8');
    const modules = [...text.matchAll(/from '([^']+)'/g)].map(([, module]) => module);
    expect(modules.length).toBeGreaterThan(1);
    expect(modules.filter((module) => !/^(cdk8s|cdk8s-django(\/\w+)?|constructs)$/.test(module))).toEqual([]);
  });
});

describe.each(SAMPLES)('on $name', ({ make }) => {
  const manifests = synth((chart) => void tracked(chart), make());
  const pods = podsIn(manifests).filter(
    ({ labels }) =>
      labels['app.kubernetes.io/name'] === 'polls' &&
      labels['app.kubernetes.io/component'] !== 'secret-generator',
  );
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');

  /** The policies that select pods. */
  const policiesOf = (one: (typeof pods)[number]) =>
    policies.filter(({ spec: { podSelector } }) => selects(selectorsIn({ podSelector })[0], one));

  it('every pod of the application has the variables and the sidecar', () => {
    expect(pods).toHaveLength(7);
    expect(configOf(manifests).SENTRY_RELAY).toBe('http://127.0.0.1:3000');
    for (const one of pods) {
      const sidecar = one.spec.initContainers[0];
      expect(sidecar).toMatchObject({
        name: 'error-relay',
        restartPolicy: 'Always',
        ports: [{ containerPort: 3000 }],
      });
      const own = containersOf(one).filter(({ image }) => image === IMAGE);
      for (const { env, envFrom } of own) {
        expect(env).toContainEqual({
          name: 'SENTRY_DSN',
          valueFrom: { secretKeyRef: { name: 'sentry', key: 'dsn' } },
        });
        expect(envFrom).toEqual([{ configMapRef: { name: 'polls' } }]);
      }
    }
  });

  it('every pod of the application may connect to the tracker', () => {
    const rule = { to: [{ ipBlock: { cidr: '203.0.113.0/24' } }], ports: [{ port: 443, protocol: 'TCP' }] };
    for (const one of pods) {
      const egress = policiesOf(one).flatMap(({ spec }) => spec.egress);
      expect(egress).toContainEqual(rule);
    }
  });

  it('every pod of the application connects to the pooler, and its Jobs past it to the server', () => {
    const to = (podLabels: object, port: number) => ({
      to: [{ podSelector: { matchLabels: podLabels } }],
      ports: [{ port, protocol: 'TCP' }],
    });
    const server = find(manifests, 'NetworkPolicy', 'polls-db').spec.podSelector.matchLabels;
    for (const one of pods) {
      expect(policiesOf(one).flatMap(({ spec }) => spec.egress)).toContainEqual(to(POOLER, 6432));
    }
    expect(find(manifests, 'NetworkPolicy', 'polls').spec.egress).not.toContainEqual(to(server, 5432));
    expect(find(manifests, 'NetworkPolicy', 'polls-jobs').spec.egress).toContainEqual(to(server, 5432));
    expect(find(manifests, 'NetworkPolicy', 'polls-pooler').spec.egress).toContainEqual(to(server, 5432));
  });

  it('the pooler lets in the application, and the server lets in the pooler', () => {
    const pooler = find(manifests, 'NetworkPolicy', 'polls-pooler').spec.ingress;
    expect(pooler[0].ports).toEqual([{ port: 6432, protocol: 'TCP' }]);
    for (const { labels } of pods) {
      const lets = ({ podSelector }: any) =>
        Object.entries(podSelector.matchLabels).every(([label, value]) => labels[label] === value);
      expect(pooler[0].from.some(lets)).toBe(true);
    }
    const { from } = find(manifests, 'NetworkPolicy', 'polls-db').spec.ingress[0];
    expect(from).toContainEqual({ podSelector: { matchLabels: POOLER } });
  });

  it('the application is told of the pooler, and the pooler of the server', () => {
    const { env } = webContainer(manifests);
    const values = Object.fromEntries(env.map(({ name, value }: any) => [name, value]));
    expect(values).toMatchObject({
      DATABASE_HOST: 'polls-pooler',
      DATABASE_PORT: '6432',
      DATABASE_DIRECT_HOST: 'polls-db',
      DATABASE_DIRECT_PORT: '5432',
      DATABASE_TRANSACTION_POOLER: 'true',
    });
    expect(find(manifests, 'ConfigMap', 'polls-pooler').data['pgbouncer.ini']).toContain(
      '\ndjango = host=polls-db port=5432 dbname=django\n',
    );
    // The image that makes the server's password.
    const { spec } = startingWith(manifests, 'Job', 'polls-db-secret').spec.template;
    expect(spec.containers[0].image).toBe(IMAGE);
  });
});

describe('the pooler', () => {
  const poolerOf = (chart: Chart, database: IDatabase) =>
    new PgBouncer(chart, 'Pooler', { name: 'pooler', database, image: POOLER_IMAGE });

  it("checks the server's certificate as applications would", () => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    const manifests = synth((chart) => {
      django(chart, { database: poolerOf(chart, postgres(chart)) });
    }, distribution);
    const ini = find(manifests, 'ConfigMap', 'pooler').data['pgbouncer.ini'];
    expect(ini).toContain('server_tls_sslmode = verify-full\n');
    expect(ini).toContain('server_tls_ca_file = /etc/cdk8s-django/polls-db/ca.crt\n');
    const { spec } = find(manifests, 'Deployment', 'pooler').spec.template;
    expect(spec.volumes.map(({ name }: any) => name)).toContain('database-ca');
    expect(spec.containers[0].volumeMounts.map(({ name }: any) => name)).toContain('database-ca');
  });

  it('has the server count its own connections, not those of applications', () => {
    const database = { maxConnections: 30 };
    expect(() => synth((chart) => void django(chart, { database: postgres(chart, database) }))).toThrow(
      'leaves 27 connections',
    );
    synth((chart) => void django(chart, { database: poolerOf(chart, postgres(chart, database)) }));
  });

  it('is refused before a database that is known by its URL alone, or that a sidecar leads to', () => {
    const chart = chartOn();
    const url = { secretName: 'polls-database', key: 'url' };
    const remedy = 'Give a database with host, role and password, such as PostgresBackend.fromHost.';
    const database = PostgresBackend.fromUrl(chart, 'Database', { url });
    expect(() => poolerOf(chart, database)).toThrow(
      `polls/Pooler: database (not given) is known by its URL alone. ${remedy}`,
    );
    const instances = { 'polls-db': { connectionName: 'acme:europe-west1:polls' } };
    const gke = chartOn(Distribution.gke({ postgres: new CloudSqlPostgres({ instances }) }));
    const managed = postgres(gke, { password: { secretName: 'db', key: 'password' } });
    expect(() => poolerOf(gke, managed)).toThrow(
      `polls/Pooler: database "127.0.0.1" is reached without a password, or through a sidecar. ${remedy}`,
    );
  });
});
