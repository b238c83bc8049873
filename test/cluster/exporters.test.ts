import { Chart, Duration } from 'cdk8s';
import { ExistingSecret, ValkeyBackend } from 'cdk8s-django';
import { PgBouncer } from 'cdk8s-django/postgres';
import { grafanaPanels } from '../support/dashboards';
import { provideImage } from './applications/images';
import { eventually } from './support/eventually';
import { provideExporter } from './support/exporters';
import { apply } from './support/kubectl';
import { Namespace } from './support/namespaces';
import { Polls, vote } from './support/polls';
import { print } from './support/print';
import { startProbePod, connection } from './support/probe-pod';
import { Prometheus } from './support/prometheus';

/** Each printable character of ASCII. */
const PASSWORD = `p${Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')}`;
/** As OpenShift gives a namespace: nobody has it in /etc/passwd. */
const ANY_USER = {
  spec: { template: { spec: { securityContext: { runAsUser: 1000700000, runAsGroup: 0 } } } },
};
const PORTS = { 'polls-db': 9187, 'polls-pooler': 9127, 'polls-queue': 9121 };

/** That of the exporter's own example, for a certificate that a router made itself. */
const MODULES = {
  modules: { http_2xx: { prober: 'http', http: { tls_config: { insecure_skip_verify: true } } } },
};

const namespace = new Namespace('polls-exporters');
const polls = new Polls(namespace);
let prometheus: Prometheus;

/** Starts a blackbox exporter that finds the public host at an address. Returns its own. */
async function startBlackbox(image: string, ip: string): Promise<string> {
  const metadata = { name: 'blackbox', namespace: namespace.name };
  const data = { 'blackbox.yml': JSON.stringify(MODULES) };
  await apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        hostAliases: [{ ip, hostnames: [polls.host] }],
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'blackbox',
            image,
            args: ['--config.file=/etc/blackbox/blackbox.yml'],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            readinessProbe: { tcpSocket: { port: 9115 }, periodSeconds: 1 },
            volumeMounts: [{ name: 'modules', mountPath: '/etc/blackbox' }],
          },
        ],
        volumes: [{ name: 'modules', configMap: { name: 'blackbox' } }],
      },
    },
  ]);
  await polls.converged();
  return (await namespace.get('pod', 'blackbox')).status.podIP;
}

beforeAll(async () => {
  const pgBouncer = await provideImage({ name: 'docker.io/example/pgbouncer:1.24', folder: 'pgbouncer' });
  const ofPostgres = await provideExporter('postgres', '0.17.1');
  const ofPgBouncer = await provideExporter('pgbouncer', '0.10.2');
  const ofRedis = await provideExporter('redis', '1.69.0');
  const blackbox = await provideExporter('blackbox', '0.26.0');
  await namespace.clear();
  const secret = { secretName: 'own', key: 'password' };
  const manifests = polls.manifests({
    metrics: {},
    dashboard: true,
    slo: {},
    syntheticCheck: { prober: 'blackbox:9115' },
    postgres: { password: secret, metrics: { image: ofPostgres } },
    before: (database) => {
      database.statefulSet!.override(ANY_USER);
      const pooler = new PgBouncer(Chart.of(database), 'Pooler', {
        name: 'polls-pooler',
        database,
        image: pgBouncer,
        metrics: { image: ofPgBouncer },
      });
      pooler.deployment.override(ANY_USER);
      return pooler;
    },
    visibilityTimeout: Duration.minutes(5),
    redis: { password: secret, metrics: { image: ofRedis } },
    extend: (app) => {
      const { node } = Chart.of(app);
      new ExistingSecret(Chart.of(app), 'Own', { name: 'own', keys: ['password'] });
      (node.findChild('Redis') as ValkeyBackend).statefulSet!.override(ANY_USER);
    },
  });
  const own = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'own', namespace: namespace.name },
    stringData: { password: PASSWORD },
  };
  // Of Probes the cluster has no definition.
  const [probe] = manifests.filter(({ kind }) => kind === 'Probe');
  await apply([...manifests.filter((one) => one !== probe), own]);
  await polls.converged();
  const { address } = await polls.visitor();
  probe.spec.prober.url = `${await startBlackbox(blackbox, address)}:9115`;
  const podMonitors = await namespace.list('podmonitors.monitoring.coreos.com');
  prometheus = await Prometheus.start(namespace, podMonitors, [probe]);
  await polls.createSamplePolls();
  await polls.answers();
  const visitor = await polls.visitor();
  for (let votes = 0; votes < 5; votes++) await vote(visitor);
});
afterAll(async () => {
  prometheus?.stop();
  await namespace.remove();
});

test('each exporter reaches its server, with a password of any characters and as any user', async () => {
  for (const up of ['pg_up{job="polls-db"}', 'redis_up{job="polls-queue"}']) {
    await eventually(`${up} is 1`, async () => expect(await prometheus.value(up)).toBe(1));
  }
  await eventually('those of the two poolers too', async () =>
    expect(await prometheus.value('sum(pgbouncer_up{job="polls-pooler"})')).toBe(2),
  );
  expect(await prometheus.value('pg_settings_max_connections')).toBe(250);
});

test('no password is in the log of an exporter', async () => {
  for (const workload of ['statefulset/polls-db', 'deployment/polls-pooler', 'statefulset/polls-queue']) {
    const log = await namespace.kubectl('logs', workload, '--container=exporter');
    expect(log).not.toBe('');
    expect(log).not.toContain(PASSWORD.slice(40, 60));
  }
});

test('the role of PostgreSQL is no superuser, and may read no table', async () => {
  const role = 'cdk8s_django_metrics';
  expect(await polls.sql(`SELECT rolsuper FROM pg_roles WHERE rolname = '${role}'`)).toBe('f');
  expect(await polls.sql(`SELECT has_table_privilege('${role}', 'polls_question', 'SELECT')`)).toBe('f');
});

/** The metrics of exporters in a query. */
const metricsIn = (query: string) => query.match(/\b(pg|pgbouncer|redis)_\w+(?=\{)/g) ?? [];

test('after some traffic each panel of the servers is filled, and each metric of their alerts is there', async () => {
  const { data } = await namespace.get('configmap', 'polls-dashboard');
  const sections = Object.entries(grafanaPanels(Object.values<string>(data)[0])).filter(([title]) =>
    Object.keys(PORTS).some((job) => title.endsWith(`(${job})`)),
  );
  expect(sections).toHaveLength(3);
  const queries = sections.flatMap(([, panels]) => panels.flatMap(({ queries }) => queries));
  const [{ spec }] = await namespace.list('prometheusrules.monitoring.coreos.com');
  const { rules } = spec.groups.find(({ name }: any) => name.endsWith('-servers'));
  expect(rules.length).toBeGreaterThan(5);
  const metrics = rules.flatMap(({ expr }: any) => metricsIn(expr));
  await eventually('nothing is missing', async () => {
    const missing: string[] = [];
    for (const query of new Set<string>([...queries, ...metrics])) {
      if (!(await prometheus.series(query)).length) missing.push(query);
    }
    expect(missing).toEqual([]);
  });
  // What the alert tells brokers by.
  expect(await prometheus.series('redis_instance_info{maxmemory_policy="noeviction"}')).toHaveLength(1);
});

test('a query that waits for a lock is seen', async () => {
  const lock = "relation = 'polls_question'::regclass AND mode = 'AccessExclusiveLock' AND granted";
  const held = polls.sql('BEGIN; LOCK TABLE polls_question; SELECT pg_sleep(50)').catch(() => 'ended');
  await eventually('the lock is held', async () =>
    expect(await polls.sql(`SELECT count(*) FROM pg_locks WHERE ${lock}`)).toBe('1'),
  );
  const waits = polls.sql('SELECT count(*) FROM polls_question');
  // The page that is asked for waits as well.
  await eventually('a connection waits', async () =>
    expect(
      await prometheus.value('sum(pg_stat_activity_count{wait_event_type="Lock"})'),
    ).toBeGreaterThanOrEqual(1),
  );
  await polls.sql(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${lock}`);
  await held;
  expect(Number(await waits)).toBeGreaterThan(0);
});

test('exporters are small', async () => {
  const used = await prometheus.series('process_resident_memory_bytes{job=~"polls-.*"}');
  expect(used).toHaveLength(4);
  for (const { metric, value } of used) {
    const samples = await prometheus.value(`scrape_samples_scraped{instance="${metric.instance}"}`);
    const mebibytes = Number(value[1]) / 2 ** 20;
    print(`exporter of ${metric.job}: ${mebibytes.toFixed(1)} MiB, ${samples} samples a scrape`);
    expect(mebibytes).toBeLessThan(48);
  }
});

test('the public host is asked for, and seen to be away', async () => {
  const success = 'probe_success{namespace="polls-exporters",job="polls-public"}';
  await eventually('it answers', async () => expect(await prometheus.value(success)).toBe(1));
  await namespace.kubectl('scale', 'deployment/polls', '--replicas=0');
  await eventually('it does not answer', async () => expect(await prometheus.value(success)).toBe(0));
});

test('a neighbour reaches no exporter', async () => {
  await startProbePod(namespace, 'neighbour');
  for (const [name, port] of Object.entries(PORTS)) {
    const [{ status }] = await namespace.list('pods', `app.kubernetes.io/instance=${name}`);
    expect(await connection(namespace, 'neighbour', status.podIP, port)).toBe('closed');
  }
});
