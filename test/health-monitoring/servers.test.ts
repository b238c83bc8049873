import { Chart } from 'cdk8s';
import fc from 'fast-check';
import {
  Distribution,
  HealthMonitoring,
  HealthMonitoringProps,
  LeastPrivilegeAccess,
  PostgresBackend,
  ValkeyBackend,
} from 'cdk8s-django';
import { ClusterNetwork } from 'cdk8s-django/network';
import { PgBouncer } from 'cdk8s-django/postgres';
import { sample } from '../support/distributions';
import { grafanaPanels } from '../support/dashboards';
import { namesOf } from '../support/manifests';
import { django, errorOf, find, postgres, synth } from '../support/synth';

const PASSWORD = { secretName: 'own', key: 'password' };
const ALL = { metrics: {}, slo: {}, dashboard: true };

/** An application with a server of each kind, and two of one. */
function servers(chart: Chart) {
  const database = postgres(chart, { password: PASSWORD, metrics: {} });
  const image = 'registry.example.com/pgbouncer:1.24.1';
  const pooler = new PgBouncer(chart, 'Pooler', { name: 'polls-pooler', database, image, metrics: {} });
  const [queue, cache] = ['queue', 'cache'].map(
    (name) =>
      new ValkeyBackend(chart, name, {
        name: `polls-${name}`,
        storage: name === 'queue' ? '1Gi' : undefined,
        password: PASSWORD,
        metrics: {},
      }),
  );
  return { database: pooler, cache: cache.database(0), celery: { broker: queue.database(0) } };
}

function watched(chart: Chart, props: Partial<HealthMonitoringProps> = ALL): HealthMonitoring {
  const app = django(chart, servers(chart));
  new LeastPrivilegeAccess(chart, 'Access', { app });
  return new HealthMonitoring(chart, 'Health', { app, ...props });
}

const SERVERS = ['polls-cache', 'polls-db', 'polls-pooler', 'polls-queue'];
const MONITORS: Record<string, string> = {
  gke: 'PodMonitoring',
  eks: 'PodMonitor',
  aks: 'PodMonitor',
  openshift: 'PodMonitor',
  upstream: 'PodMonitor',
};

describe.each(Object.keys(MONITORS))('servers with exporters on %s', (name) => {
  const manifests = synth((chart) => watched(chart), sample(name as any));

  it('are each scraped at a port of their pods, as a job of their name', () => {
    for (const server of SERVERS) {
      const { metadata, spec } = find(manifests, MONITORS[name], server);
      const [endpoint] = spec.endpoints ?? spec.podMetricsEndpoints;
      expect(endpoint).toEqual({ port: 'metrics', path: '/metrics', interval: '30s' });
      expect(spec.selector.matchLabels).toEqual({
        'app.kubernetes.io/name': metadata.labels['app.kubernetes.io/name'],
        'app.kubernetes.io/instance': server,
        'app.kubernetes.io/component': metadata.labels['app.kubernetes.io/component'],
      });
    }
  });

  it('have their port in no Service, and let in what scrapes and nobody else', () => {
    const services = manifests.filter(({ kind }) => kind === 'Service');
    const ports = services.flatMap(({ spec }) => spec.ports.map(({ port }: any) => port));
    const sources = find(manifests, 'NetworkPolicy', 'polls').spec.ingress.find((rule: any) =>
      rule.ports.some(({ port }: any) => port === 8098),
    ).from;
    for (const [server, port] of [
      ['polls-db', 9187],
      ['polls-pooler', 9127],
      ['polls-cache', 9121],
    ] as const) {
      expect(ports).not.toContain(port);
      const { ingress } = find(manifests, 'NetworkPolicy', server).spec;
      const rules = ingress.filter((rule: any) => rule.ports.some((one: any) => one.port === port));
      expect(rules).toEqual([{ from: sources, ports: [{ port, protocol: 'TCP' }] }]);
    }
  });

  it('run their exporters as restricted as themselves', () => {
    const workloads = manifests.filter(
      ({ metadata: { name }, spec }) => SERVERS.includes(name) && spec?.template,
    );
    expect(workloads).toHaveLength(4);
    for (const { spec } of workloads) {
      const [server, exporter] = spec.template.spec.containers;
      expect(exporter.securityContext).toEqual(server.securityContext);
      expect(exporter.securityContext.readOnlyRootFilesystem).toBe(true);
      expect((exporter.volumeMounts ?? []).filter(({ readOnly }: any) => !readOnly)).toEqual([]);
      expect(exporter.resources).toEqual({
        requests: { cpu: '10m', memory: '32Mi' },
        limits: { memory: '64Mi' },
      });
    }
  });
});

it('are scraped once, however many applications share them', () => {
  const manifests = synth((chart) => {
    const database = postgres(chart, { password: PASSWORD, metrics: {} });
    for (const name of ['polls', 'shop']) {
      const app = django(chart, { name, database, migrate: name === 'polls' }, name);
      const { serverScrapes } = new HealthMonitoring(chart, `${name}-health`, { app, metrics: {} });
      expect(serverScrapes.map(({ name }) => name)).toEqual(['polls-db']);
    }
  });
  expect(namesOf(manifests).filter((one) => one.startsWith('PodMonitor'))).toEqual([
    'PodMonitor polls',
    'PodMonitor polls-db',
    'PodMonitor shop',
  ]);
});

it('are not scraped without metrics, and servers without exporters never are', () => {
  const monitors = (manifests: any[]) => namesOf(manifests).filter((one) => one.startsWith('PodMonitor'));
  expect(monitors(synth((chart) => watched(chart, {})))).toEqual([]);
  const without = synth((chart) => {
    const app = django(chart, { database: postgres(chart) });
    new HealthMonitoring(chart, 'Health', { app, ...ALL });
  });
  expect(monitors(without)).toEqual(['PodMonitor polls']);
  const text = JSON.stringify(without);
  expect(['pg_up', 'cdk8s_django_metrics', '9187'].filter((word) => text.includes(word))).toEqual([]);
});

it('alert by one rule for all servers of a kind', () => {
  const { groups } = find(
    synth((chart) => watched(chart)),
    'PrometheusRule',
    'polls',
  ).spec;
  const { rules } = groups.find(({ name }: any) => name === 'polls-polls-servers');
  expect(rules.map(({ alert }: any) => alert)).toEqual([
    'DjangoPgBouncerClientsWait',
    'DjangoPostgresConnectionsExhausted',
    'DjangoPostgresLocksWait',
    'DjangoPostgresTransactionIdle',
    'DjangoPostgresArchiveFails',
    'DjangoValkeyMemoryFull',
    'DjangoValkeyForgets',
    'DjangoServerUnseen',
  ]);
  expect(rules[6].expr).toContain('{namespace="polls",job=~"polls-cache|polls-queue"}');
  expect(rules[7].expr.match(/absent\(/g)).toHaveLength(4);
});

it('alert by one more rule for a replica, which names both servers', () => {
  const manifests = synth((chart) => {
    const app = django(chart, { database: postgres(chart, { metrics: {}, readReplicas: {} }) });
    new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {} });
  });
  const { groups } = find(manifests, 'PrometheusRule', 'polls').spec;
  const { rules } = groups.find(({ name }: any) => name === 'polls-polls-servers');
  const [rule, ...others] = rules.filter(({ alert }: any) => alert === 'DjangoPostgresReplicaLate');
  expect(others).toEqual([]);
  expect(rule.expr).toBe(
    [
      'max by (namespace, job) (pg_replication_lag_seconds{namespace="polls",job="polls-db-ro"}) > 60',
      'or',
      '(max by (namespace, job) (pg_up{namespace="polls",job="polls-db-ro"}) == 1 unless on (namespace) ' +
        'pg_stat_replication_pg_wal_lsn_diff{namespace="polls",job="polls-db",application_name="polls-db-ro",state="streaming"})',
      'and on (namespace) pg_up{namespace="polls",job="polls-db"} == 1',
    ].join('\n'),
  );
});

it('have a section each on the dashboard', () => {
  const { data } = find(
    synth((chart) => watched(chart)),
    'ConfigMap',
    'polls-dashboard',
  );
  const titles = Object.keys(grafanaPanels(Object.values<string>(data)[0]));
  expect(titles.slice(-4)).toEqual([
    'PgBouncer (polls-pooler)',
    'PostgreSQL (polls-db)',
    'Valkey (polls-cache)',
    'Valkey (polls-queue)',
  ]);
});

it('of software that the library does not know are scraped, without alerts and panels', () => {
  const manifests = synth((chart) => {
    const measured = postgres(chart, { password: PASSWORD, metrics: {} });
    Object.assign(measured.selector, { name: 'cockroachdb' });
    const app = django(chart, { database: measured });
    new HealthMonitoring(chart, 'Health', { app, ...ALL });
  });
  expect(find(manifests, 'PodMonitor', 'polls-db').kind).toBe('PodMonitor');
  expect(JSON.stringify(manifests)).not.toContain('pg_up');
});

it('are refused where the policy would let everybody scrape', () => {
  const distribution = Distribution.openshift({
    network: new ClusterNetwork({ monitoringNamespaceLabels: {} }),
  });
  expect(
    errorOf((chart) => {
      const app = django(chart, { database: postgres(chart, { password: PASSWORD, metrics: {} }) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, distribution),
  ).toContain('polls/Database: network.metricsSources');
});

describe('an exporter logs in', () => {
  const manifests = synth((chart) => watched(chart));
  const exporterOf = (kind: string, name: string) =>
    find(manifests, kind, name).spec.template.spec.containers.find(({ name }: any) => name === 'exporter');
  const secret = { valueFrom: { secretKeyRef: { name: 'own', key: 'password' } } };

  it('to PostgreSQL as a role of its own, whose password is in a file of the pod alone', () => {
    expect(exporterOf('StatefulSet', 'polls-db').env).toEqual([
      {
        name: 'DATA_SOURCE_NAME',
        value: 'postgresql://cdk8s_django_metrics@127.0.0.1:5432/django?sslmode=disable',
      },
      { name: 'PGPASSFILE', value: '/run/cdk8s-django/exporter' },
    ]);
    const { volumes, containers } = find(manifests, 'StatefulSet', 'polls-db').spec.template.spec;
    expect(volumes).toContainEqual({ name: 'exporter', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
    const mounts = containers.map(({ volumeMounts }: any) =>
      volumeMounts.filter(({ name }: any) => name === 'exporter'),
    );
    const mount = { name: 'exporter', mountPath: '/run/cdk8s-django' };
    expect(mounts).toEqual([[mount], [{ ...mount, readOnly: true }]]);
    const script = find(manifests, 'ConfigMap', 'polls-db').data['started.sh'];
    expect(script).toContain("ALTER ROLE cdk8s_django_metrics LOGIN PASSWORD :'password';");
    expect(script).toContain("printf '127.0.0.1:5432:*:cdk8s_django_metrics:%s\\n'");
    expect(script).toContain('\\set password `cut -d : -f 5 /run/cdk8s-django/exporter`');
    expect(script).not.toContain('POSTGRES_PASSWORD');
    expect(script).toContain('GRANT pg_monitor TO cdk8s_django_metrics;');
    expect(script).not.toContain('SUPERUSER');
  });

  it('to PostgreSQL without ever waiting for a table that a migration changes', () => {
    expect(exporterOf('StatefulSet', 'polls-db').args).toEqual(['--no-collector.stat_user_tables']);
    const script = find(manifests, 'ConfigMap', 'polls-db').data['started.sh'];
    expect(script).toContain("ALTER ROLE cdk8s_django_metrics SET lock_timeout = '1s';");
  });

  it('to the console of PgBouncer as a user that may look', () => {
    const { args, env } = exporterOf('Deployment', 'polls-pooler');
    expect(args).toEqual([
      '--pgBouncer.connectionString=postgres://cdk8s_django_metrics@127.0.0.1:6432/pgbouncer?sslmode=disable',
    ]);
    expect(env).toEqual([{ name: 'PGPASSWORD', ...secret }]);
    const { data } = find(manifests, 'ConfigMap', 'polls-pooler');
    expect(data['pgbouncer.ini']).toContain('\nstats_users = cdk8s_django_metrics\n');
    expect(data['start.sh']).not.toMatch(/\$\{|\$\$/);
  });

  it('to PgBouncer by TLS where applications do', () => {
    const [deployment] = synth((chart) => {
      const database = postgres(chart, { password: PASSWORD });
      new PgBouncer(chart, 'Pooler', {
        name: 'polls-pooler',
        database,
        image: 'registry.example.com/pgbouncer:1.24.1',
        certificateSecretName: 'polls-pooler-tls',
        metrics: {},
      });
    }).filter(({ kind }) => kind === 'Deployment');
    expect(deployment.spec.template.spec.containers[1].args[0]).toContain('/pgbouncer?sslmode=require');
  });

  it('to Valkey with its password', () => {
    expect(exporterOf('StatefulSet', 'polls-queue').env).toEqual([
      { name: 'REDIS_ADDR', value: 'redis://127.0.0.1:6379' },
      { name: 'REDIS_PASSWORD', ...secret },
    ]);
  });

  it('to Valkey as a user of its own that sees no key, where the passwords of the server change', () => {
    const all = synth((chart) => {
      const passwords = { accepted: [1], used: 1 };
      const cache = new ValkeyBackend(chart, 'Cache', { name: 'polls-cache', passwords, metrics: {} });
      django(chart, { cache: cache.database(0) });
    });
    const { volumes, containers } = find(all, 'StatefulSet', 'polls-cache').spec.template.spec;
    expect(containers[1].env).toEqual([
      { name: 'REDIS_ADDR', value: 'redis://127.0.0.1:6379' },
      { name: 'REDIS_USER', value: 'cdk8s_django_metrics' },
      { name: 'REDIS_PASSWORD_FILE', value: '/run/cdk8s-django/exporter' },
    ]);
    const mount = { name: 'exporter', mountPath: '/run/cdk8s-django' };
    expect(containers[1].volumeMounts).toEqual([{ ...mount, readOnly: true }]);
    expect(containers[0].volumeMounts).toContainEqual(mount);
    expect(volumes).toContainEqual({ name: 'exporter', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
    const script: string = find(all, 'ConfigMap', 'polls-cache').data['start.sh'];
    const [user] = script.match(/user cdk8s_django_metrics .*(?=")/)!;
    expect(user).toBe(
      'user cdk8s_django_metrics on #$exporter -@all +client|setname +config|get +info +latency +ping ' +
        '+slowlog|get +slowlog|len',
    );
    // Its password is there before a password of the Secret is waited for.
    expect(script.indexOf('/run/cdk8s-django/exporter')).toBeLessThan(
      script.indexOf('waiting for a password'),
    );
  });
});

it('count the connections of the exporter', () => {
  const define = (maxConnections: number) => (chart: Chart) => {
    const database: PostgresBackend = postgres(chart, { maxConnections, metrics: {} });
    django(chart, { database, replicas: 1, processes: 1, threads: 1 });
  };
  expect(errorOf(define(10))).toContain('+ 2 (exporter of its metrics)');
});

it('make no more connections possible than before, but for the two of the exporter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }), (replicas, processes) => {
      const sum = (metrics: boolean) => {
        const error = errorOf((chart) => {
          const database = postgres(chart, { maxConnections: 10, ...(metrics && { metrics: {} }) });
          django(chart, { database, replicas, processes, threads: 8 });
        });
        return Number(/fewer than the (\d+) that/.exec(error)![1]);
      };
      expect(sum(true)).toBe(sum(false) + 2);
    }),
    { numRuns: 5 },
  );
});
