import { HealthMonitoring, LeastPrivilegeAccess, PostgresBackendProps } from 'cdk8s-django';
import { PgBouncer } from 'cdk8s-django/postgres';
import { sample, SAMPLES } from '../support/distributions';
import { django, errorOf, find, findAll, postgres, synth, webContainer } from '../support/synth';

const NAME = 'polls-db-ro';
const labels = (instance: string) => ({
  'app.kubernetes.io/name': 'postgresql',
  'app.kubernetes.io/instance': instance,
  'app.kubernetes.io/component': 'database',
});

function made(changes: Partial<PostgresBackendProps> = {}, distribution = sample('upstream')): any[] {
  return synth((chart) => {
    const app = django(chart, { database: postgres(chart, { readReplicas: {}, ...changes }) });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  }, distribution);
}

const podOf = (manifests: any[], name = NAME) => find(manifests, 'StatefulSet', name).spec.template.spec;
const server = (manifests: any[], name = NAME) => podOf(manifests, name).containers[0];
const parameters = (container: any): string[] =>
  container.args.filter((one: string) =>
    /=.*max_|max_conn|hot_|wal_|archive_|hba_|ssl|--work_mem|primary_/.test(one),
  );
const file = (manifests: any[], name: string, key: string) => find(manifests, 'ConfigMap', name).data[key];

describe('the replica of a server of the library', () => {
  it('is told to the application by its host', () => {
    const { env } = webContainer(made());
    expect(env).toContainEqual({ name: 'DATABASE_REPLICA_HOST', value: NAME });
    expect(env).toContainEqual({ name: 'DATABASE_HOST', value: 'polls-db' });
  });

  it('is not made unless the program asks for it', () => {
    const manifests = made({ readReplicas: undefined });
    expect(findAll(manifests, 'StatefulSet').map(({ metadata }) => metadata.name)).toEqual(['polls-db']);
    const own = [podOf(manifests, 'polls-db'), find(manifests, 'ConfigMap', 'polls-db').data];
    expect(JSON.stringify(own)).not.toMatch(/-ro\b|wal_keep_size|cdk8s_django_replica/);
  });

  it.each(SAMPLES)('has a pod, a volume, a Service and an account of its own on $name', ({ name }) => {
    const manifests = made({}, sample(name));
    const { spec } = find(manifests, 'StatefulSet', NAME);
    expect(spec.replicas).toBe(1);
    expect(spec.selector.matchLabels).toEqual(labels(NAME));
    expect(find(manifests, 'Service', NAME).spec.selector).toEqual(labels(NAME));
    expect(podOf(manifests).serviceAccountName).toBe(NAME);
    expect(find(manifests, 'ServiceAccount', NAME)).toBeDefined();
    const claims = ['polls-db', NAME].map(
      (one) => find(manifests, 'StatefulSet', one).spec.volumeClaimTemplates[0].spec,
    );
    expect(claims[1]).toEqual(claims[0]);
    expect(podOf(manifests).securityContext).toEqual(podOf(manifests, 'polls-db').securityContext);
    expect(server(manifests).securityContext).toEqual(server(manifests, 'polls-db').securityContext);
  });

  it('never answers for the primary', () => {
    expect(find(made(), 'Service', 'polls-db').spec.selector).toEqual(labels('polls-db'));
  });

  it('has the parameters and the resources of the primary', () => {
    const resources = { cpuRequest: '2', memoryRequest: '2Gi', memoryLimit: '2Gi' };
    const manifests = made({ resources, maxConnections: 300, parameters: { work_mem: '8MB' } });
    expect(server(manifests).resources).toEqual(server(manifests, 'polls-db').resources);
    expect(parameters(server(manifests))).toEqual([
      '--hot_standby_feedback=on',
      '--max_connections=300',
      '--hba_file=/etc/cdk8s-django/pg_hba.conf',
      '--work_mem=8MB',
    ]);
  });

  it('is not placed before applications, as its primary is', () => {
    const manifests = made();
    expect(podOf(manifests, 'polls-db').priorityClassName).toBe('polls-first');
    expect(podOf(manifests).priorityClassName).toBeUndefined();
  });

  it('runs on another node if it can, and where the primary may', () => {
    const manifests = made({ scheduling: { zones: ['a'] } });
    const spec = podOf(manifests);
    expect(spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution).toEqual([
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchLabels: labels('polls-db') },
          topologyKey: 'kubernetes.io/hostname',
        },
      },
    ]);
    expect(spec.affinity.nodeAffinity).toBeDefined();
    expect(spec.affinity.nodeAffinity).toEqual(podOf(manifests, 'polls-db').affinity.nodeAffinity);
  });

  it('is ready while it follows, and may copy for a day', () => {
    const { startupProbe, readinessProbe, livenessProbe } = server(made());
    expect(readinessProbe.exec.command).toEqual(['sh', '/etc/cdk8s-django/follows.sh']);
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(86_400);
    // Its own role would be refused, and so would its own password, with an error in the log each time.
    for (const script of ['started.sh', 'follows.sh']) {
      const [first, second] = file(made(), NAME, script).split('\n');
      expect(first).toBe('unset PGPASSWORD');
      expect(second).toContain('pg_isready --host=127.0.0.1 --username=django --dbname=django');
    }
    expect(livenessProbe.tcpSocket).toEqual({ port: 'postgres' });
  });

  it('has a password of its own, which applications do not see', () => {
    const manifests = made();
    const reference = { secretKeyRef: { name: NAME, key: 'password' } };
    expect(server(manifests).env).toEqual([
      { name: 'PGDATA', value: '/var/lib/cdk8s-django/postgresql/pgdata' },
      { name: 'PGPASSWORD', valueFrom: reference },
    ]);
    expect(JSON.stringify(server(manifests, 'polls-db'))).not.toContain(JSON.stringify(reference));
    expect(JSON.stringify(webContainer(manifests))).not.toContain(JSON.stringify(reference));
  });

  it('logs in to copy, and to nothing else', () => {
    const rules = file(made(), 'polls-db', 'pg_hba.conf').split('\n');
    expect(rules.filter((line: string) => line.includes('cdk8s_django_replica'))).toEqual([
      'host replication cdk8s_django_replica all scram-sha-256',
      'host all cdk8s_django_replica all reject',
    ]);
  });
});

describe('the primary of a replica', () => {
  it.each([
    ['1Gi', '102MB'],
    ['20Gi', '2048MB'],
  ])('with a volume of %s keeps a tenth of it for a replica that was away', (storage, kept) => {
    const manifests = made({ storage });
    expect(server(manifests, 'polls-db').args).toContain(`--wal_keep_size=${kept}`);
    expect(server(manifests).args.join()).not.toContain('wal_keep_size');
  });

  it('keeps what the program says', () => {
    const { args } = server(made({ parameters: { wal_keep_size: '5GB' } }), 'polls-db');
    expect(args.filter((one: string) => one.includes('wal_keep'))).toEqual(['--wal_keep_size=5GB']);
  });

  it('makes the role each time that it starts, with the password of the Secret', () => {
    expect(file(made(), 'polls-db', 'roles.sh')).toContain(
      `ALTER ROLE cdk8s_django_replica LOGIN REPLICATION PASSWORD :'password';`,
    );
  });
});

describe('the network of a replica', () => {
  const peersOf = (policy: any, direction: 'ingress' | 'egress') =>
    (policy.spec[direction] ?? [])
      .filter(({ ports }: any) => ports?.[0].port === 5432)
      .flatMap((rule: any) => rule[direction === 'ingress' ? 'from' : 'to'])
      .map(({ podSelector }: any) => podSelector.matchLabels?.['app.kubernetes.io/instance']);

  it('lets applications in, and the replica to its primary', () => {
    const manifests = made();
    const replica = find(manifests, 'NetworkPolicy', NAME);
    expect(new Set(peersOf(replica, 'ingress'))).toEqual(new Set(['polls']));
    expect(peersOf(replica, 'egress')).toEqual(['polls-db']);
    expect(peersOf(find(manifests, 'NetworkPolicy', 'polls-db'), 'ingress')).toContain(NAME);
    expect(peersOf(find(manifests, 'NetworkPolicy', 'polls'), 'egress')).toEqual(['polls-db', NAME]);
  });
});

describe('a replica beside', () => {
  it('a certificate checks it, and shows its own', () => {
    const manifests = made({ certificateSecretName: 'polls-db-tls' });
    expect(file(manifests, NAME, 'follow.sh')).toContain(
      "primary='host=polls-db port=5432 user=cdk8s_django_replica connect_timeout=10 sslmode=verify-full " +
        "sslrootcert=/etc/cdk8s-django/tls/ca.crt'",
    );
    expect(server(manifests).args).toContain('--ssl_cert_file=/etc/cdk8s-django/tls/tls.crt');
    expect(podOf(manifests).volumes).toContainEqual(
      expect.objectContaining({ secret: { secretName: 'polls-db-tls', defaultMode: 0o440 } }),
    );
    expect(file(manifests, NAME, 'follow.sh')).toContain('kill -HUP 1');
    expect(file(manifests, NAME, 'pg_hba.conf')).toContain('hostssl replication cdk8s_django_replica all');
  });

  it('an archive archives nothing', () => {
    const manifests = made({ archive: {} });
    expect(server(manifests, 'polls-db').args.join()).toContain('--archive_mode=on');
    expect(server(manifests).args.join()).not.toContain('archive');
    expect(JSON.stringify(podOf(manifests))).not.toContain('polls-db-archive');
    const rules = file(manifests, 'polls-db', 'pg_hba.conf');
    expect(rules).toContain('host replication cdk8s_django_backup all scram-sha-256');
    expect(rules).toContain('host replication cdk8s_django_replica all scram-sha-256');
  });

  it('numbered passwords has those of the primary', () => {
    const manifests = made({ passwords: { accepted: [1, 2], used: 1 } });
    expect(JSON.stringify(podOf(manifests))).not.toContain('polls-db-passwords');
    expect(JSON.stringify(podOf(manifests, 'polls-db'))).toContain('polls-db-passwords');
  });

  it.each<Partial<PostgresBackendProps>>([
    { upgradeFrom: 'docker.io/library/postgres:15-bookworm' },
    { restore: { from: 'polls-old' } },
    { restoreFrom: 'polls-db-20261124-030000' },
  ])('%j makes its data by itself', (changes) => {
    const manifests = made(changes);
    expect(podOf(manifests).initContainers).toBeUndefined();
    expect(find(manifests, 'StatefulSet', NAME).spec.volumeClaimTemplates[0].spec.dataSource).toBeUndefined();
    expect(Object.keys(find(manifests, 'ConfigMap', NAME).data)).toEqual([
      'follow.sh',
      'follows.sh',
      'pg_hba.conf',
      'started.sh',
    ]);
  });

  it('metrics shows its own', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart, { readReplicas: {}, metrics: {} }) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
      new HealthMonitoring(chart, 'Health', { app, metrics: {} });
    });
    expect(podOf(manifests).containers.map(({ name }: any) => name)).toEqual(['postgres', 'exporter']);
    const scraped = findAll(manifests, 'PodMonitor').map(
      ({ spec }) => spec.selector.matchLabels['app.kubernetes.io/instance'],
    );
    expect(scraped).toEqual(expect.arrayContaining(['polls-db', NAME]));
    const { ingress } = find(manifests, 'NetworkPolicy', NAME).spec;
    expect(ingress.map(({ ports }: any) => ports[0].port)).toContain(9187);

    // The password of the primary's exporter is in the primary's pod alone.
    const [, exporter] = podOf(manifests).containers;
    expect(exporter.env.map((one: any) => one.name)).toEqual(['DATA_SOURCE_NAME']);
    expect(file(manifests, NAME, 'pg_hba.conf')).toMatch(
      /^host all cdk8s_django_metrics 127\.0\.0\.1\/32 trust\n/,
    );
    expect(file(manifests, 'polls-db', 'pg_hba.conf')).not.toContain('cdk8s_django_metrics');
  });
});

it.each([
  ['readReplicas', '-ro', 37],
  ['archive', '-archive', 32],
])('a server with a long name has no %s', (option, suffix, longest) => {
  const named = (length: number) => (chart: any) =>
    void django(chart, { database: postgres(chart, { name: 'p'.repeat(length), [option]: {} }) });
  expect(() => synth(named(longest))).not.toThrow();
  expect(errorOf(named(longest + 1))).toBe(
    `polls/Database: name "${'p'.repeat(longest + 1)}" has ${longest + 1} characters, and ${option} makes resources ` +
      `whose names are made from it and "${suffix}". Use at most ${longest} characters, or leave ${option} out.`,
  );
});

it('a server behind a pooler has no replica', () => {
  const message = errorOf((chart) => {
    const database = postgres(chart, { readReplicas: {} });
    const image = 'registry.example.com/pgbouncer:1.24.1';
    django(chart, { database: new PgBouncer(chart, 'Pooler', { name: 'pooler', database, image }) });
  });
  expect(message).toContain(
    'polls/Pooler: database "polls-db" has readReplicas, which applications would read from past the pooler. ' +
      'Leave readReplicas out, or the pooler.',
  );
});
