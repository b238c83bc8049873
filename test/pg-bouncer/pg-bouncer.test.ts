import { Chart, Duration } from 'cdk8s';
import {
  ConnectionPart,
  Distribution,
  DjangoAppProps,
  IDatabase,
  LeastPrivilegeAccess,
  PostgresBackend,
  SslMode,
} from 'cdk8s-django';
import { CloudNativePostgres, PgBouncer, PgBouncerProps, RdsPostgres } from 'cdk8s-django/postgres';
import { SAMPLES } from '../support/distributions';
import { django, errorOf, find, postgres, startingWith, synth, webContainer } from '../support/synth';

const IMAGE = 'registry.example.com/pgbouncer:1.24.1';
const HOST = {
  host: 'db.example.com',
  database: 'polls',
  user: 'polls',
  password: { secretName: 'db', key: 'password' },
};

const pooler = (chart: Chart, database: IDatabase, changes: Partial<PgBouncerProps> = {}) =>
  new PgBouncer(chart, 'Pooler', { name: 'polls-pooler', database, image: IMAGE, ...changes });

interface Program {
  readonly database?: (chart: Chart) => IDatabase;
  readonly pooler?: Partial<PgBouncerProps>;
  readonly app?: Partial<DjangoAppProps>;
}

const program =
  ({ database = postgres, pooler: changes, app: props }: Program = {}) =>
  (chart: Chart) => {
    const app = django(chart, { database: pooler(chart, database(chart), changes), ...props });
    new LeastPrivilegeAccess(chart, 'Access', { app });
    app.addTaskWorker({ name: 'default' });
    app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
  };

const existing = (changes: object) => (chart: Chart) =>
  PostgresBackend.fromHost(chart, 'Database', { ...HOST, ...changes });

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls-pooler').spec;
const pod = (manifests: any[]) => deployment(manifests).template.spec;
const lines = (manifests: any[]): string[] =>
  find(manifests, 'ConfigMap', 'polls-pooler').data['pgbouncer.ini'].split('\n');
const variables = (container: any): any =>
  Object.fromEntries(
    container.env
      .filter(({ name }: any) => name.startsWith('DATABASE_'))
      .map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom.secretKeyRef]),
  );
const components = (rule: any, end: 'from' | 'to'): string[] =>
  rule[end].map(({ podSelector }: any) => podSelector.matchLabels['app.kubernetes.io/component']);

describe.each(SAMPLES)('on $name', ({ make }) => {
  const manifests = synth(program(), make());

  it('applications connect to the pooler, and past it to the server', () => {
    expect(variables(webContainer(manifests))).toEqual({
      DATABASE_HOST: 'polls-pooler',
      DATABASE_PORT: '6432',
      DATABASE_NAME: 'django',
      DATABASE_USER: 'django',
      DATABASE_PASSWORD: { name: 'polls-db', key: 'password' },
      DATABASE_SSL_MODE: 'disable',
      DATABASE_URL:
        'postgres://$(DATABASE_USER):$(DATABASE_PASSWORD)@$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)?sslmode=disable',
      DATABASE_CONN_MAX_AGE: '60',
      DATABASE_DIRECT_HOST: 'polls-db',
      DATABASE_DIRECT_PORT: '5432',
      DATABASE_DIRECT_SSL_MODE: 'disable',
      DATABASE_TRANSACTION_POOLER: 'true',
    });
  });

  it('the password is in no manifest, and the pooler reads it from the Secret', () => {
    const { env } = pod(manifests).containers[0];
    expect(env.find(({ name }: any) => name === 'PGPASSWORD')).toEqual({
      name: 'PGPASSWORD',
      valueFrom: { secretKeyRef: { name: 'polls-db', key: 'password' } },
    });
    const { data } = find(manifests, 'ConfigMap', 'polls-pooler');
    expect(Object.keys(data)).toEqual(['pgbouncer.ini', 'start.sh']);
  });

  it('pods are restricted, and write to memory alone', () => {
    const { containers, securityContext, volumes, automountServiceAccountToken } = pod(manifests);
    expect(automountServiceAccountToken).toBe(false);
    expect(securityContext.runAsNonRoot).toBe(true);
    expect(containers[0].securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(volumes).toContainEqual({ name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } });
  });

  it('the pooler lets in the pods of the application, and the server those that go past it', () => {
    const [ingress] = find(manifests, 'NetworkPolicy', 'polls-pooler').spec.ingress;
    expect(ingress.ports).toEqual([{ port: 6432, protocol: 'TCP' }]);
    expect(components(ingress, 'from')).toEqual(['web', 'migration', 'command', 'tasks-default']);
    const [server] = find(manifests, 'NetworkPolicy', 'polls-db').spec.ingress;
    expect(components(server, 'from')).toEqual(['pooler', 'migration', 'tasks-default']);
  });

  it('the pooler connects to the server, replicas to the pooler, and Jobs and task workers to both', () => {
    const to = (name: string, port: number) =>
      find(manifests, 'NetworkPolicy', name)
        .spec.egress.filter(({ ports = [] }: any) => ports.some((one: any) => one.port === port))
        .flatMap((rule: any) => components(rule, 'to'));
    expect(to('polls-pooler', 5432)).toEqual(['database']);
    expect([to('polls', 6432), to('polls', 5432)]).toEqual([['pooler'], []]);
    expect([to('polls-jobs', 6432), to('polls-jobs', 5432)]).toEqual([['pooler'], ['database']]);
  });

  it('a rollout adds a pod first, and one that ends waits for its applications', () => {
    expect(deployment(manifests)).toMatchObject({
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    const { containers, terminationGracePeriodSeconds } = pod(manifests);
    expect(containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(terminationGracePeriodSeconds).toBe(10 + 60 + 60 + 5);
    expect(find(manifests, 'PodDisruptionBudget', 'polls-pooler').spec.maxUnavailable).toBe(1);
  });
});

describe('TLS', () => {
  it('the server of an existing host is checked by the pooler and by migrations, each by itself', () => {
    const tls = { sslMode: SslMode.VERIFY_FULL, certificatePath: '/certificates/root.crt' };
    const manifests = synth(program({ database: existing(tls) }));
    expect(lines(manifests)).toEqual(
      expect.arrayContaining([
        'server_tls_sslmode = verify-full',
        'server_tls_ca_file = /certificates/root.crt',
      ]),
    );
    const { containers } = startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec;
    expect(variables(containers[0])).toMatchObject({
      DATABASE_SSL_MODE: 'disable',
      DATABASE_DIRECT_SSL_MODE: 'verify-full',
      DATABASE_DIRECT_SSL_ROOT_CERT: '/certificates/root.crt',
    });
  });

  it('authorities of the system are those of the image, and libpq keeps its word for them', () => {
    const tls = { sslMode: SslMode.VERIFY_FULL, certificatePath: 'system' };
    const manifests = synth(program({ database: existing(tls) }));
    expect(lines(manifests)).toContain('server_tls_ca_file = /etc/ssl/certs/ca-certificates.crt');
    expect(variables(webContainer(manifests)).DATABASE_DIRECT_SSL_ROOT_CERT).toBe('system');
  });

  it('applications check the certificate of the pooler, and nobody else has its key', () => {
    const manifests = synth(program({ pooler: { certificateSecretName: 'polls-pooler-tls' } }));
    expect(lines(manifests)).toContain('client_tls_sslmode = require');
    expect(pod(manifests).volumes).toContainEqual({
      name: 'certificate',
      secret: { secretName: 'polls-pooler-tls' },
    });
    const { volumes, containers } = find(manifests, 'Deployment', 'polls').spec.template.spec;
    const items = [{ key: 'ca.crt', path: 'ca.crt' }];
    expect(volumes).toContainEqual({
      name: 'pooler-ca',
      secret: { secretName: 'polls-pooler-tls', items },
    });
    expect(containers[0].volumeMounts).toContainEqual(expect.objectContaining({ name: 'pooler-ca' }));
    expect(variables(containers[0])).toMatchObject({
      DATABASE_SSL_MODE: 'verify-full',
      DATABASE_SSL_ROOT_CERT: '/etc/cdk8s-django/pooler/ca.crt',
      DATABASE_DIRECT_SSL_MODE: 'disable',
    });
  });

  it('the certificate of a server in the cluster is checked by the pooler and past it, and read again', () => {
    const database = (chart: Chart) => postgres(chart, { certificateSecretName: 'polls-db-tls' });
    const manifests = synth(program({ database, pooler: { certificateSecretName: 'polls-pooler-tls' } }));
    const authority = '/etc/cdk8s-django/polls-db/ca.crt';
    expect(lines(manifests)).toContain('server_tls_sslmode = verify-full');
    expect(lines(manifests)).toContain(`server_tls_ca_file = ${authority}`);
    const script: string = find(manifests, 'ConfigMap', 'polls-pooler').data['start.sh'];
    const folder = '/etc/cdk8s-django/pgbouncer-tls';
    expect(script).toContain(`sum() { cksum ${folder}/tls.crt ${folder}/tls.key ${authority}; }`);
    const { containers } = startingWith(manifests, 'Job', 'polls-migrate').spec.template.spec;
    expect(variables(containers[0])).toMatchObject({
      DATABASE_SSL_ROOT_CERT: '/etc/cdk8s-django/pooler/ca.crt',
      DATABASE_DIRECT_SSL_MODE: 'verify-full',
      DATABASE_DIRECT_SSL_ROOT_CERT: authority,
    });
    const mounted = containers[0].volumeMounts.map(({ name }: any) => name);
    expect(mounted).toEqual(expect.arrayContaining(['pooler-ca', 'database-ca']));
  });

  it('certificates of a server of the platform are mounted by the pooler and by applications', () => {
    const postgresCapability = new RdsPostgres({
      servers: { 'polls-db': { host: 'db.example.com' } },
      certificates: '-----BEGIN CERTIFICATE-----\n',
    });
    const database = (chart: Chart) => postgres(chart, { password: HOST.password });
    const manifests = synth(program({ database }), Distribution.upstream({ postgres: postgresCapability }));
    const mount = { name: 'database-ca', mountPath: '/etc/cdk8s-django/polls-db', readOnly: true };
    for (const name of ['polls', 'polls-pooler']) {
      const { volumes, containers } = find(manifests, 'Deployment', name).spec.template.spec;
      expect(volumes).toContainEqual({ name: 'database-ca', configMap: { name: 'polls-db-ca' } });
      expect(containers[0].volumeMounts).toContainEqual(mount);
    }
  });

  it('a cluster of CloudNativePG is a server as any other', () => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    const manifests = synth(program(), distribution);
    expect(lines(manifests)[1]).toMatch(/^django = host='polls-db-rw' port=5432 dbname='django'$/);
    expect(pod(manifests).volumes).toContainEqual(expect.objectContaining({ name: 'database-ca' }));
  });
});

describe('what the database says of applications', () => {
  it('its engine and its pool of Django count behind the pooler too', () => {
    const engine = 'django.contrib.gis.db.backends.postgis';
    const manifests = synth(
      program({
        database: (chart) => postgres(chart, { engine, poolSize: 3, connectionMaxAge: Duration.seconds(7) }),
      }),
    );
    const { env } = webContainer(manifests);
    expect(env).toContainEqual({ name: 'CDK8S_DJANGO_DATABASE_ENGINE', value: engine });
    expect(variables(webContainer(manifests))).toMatchObject({
      DATABASE_URL: expect.stringMatching(/^postgis:/),
      DATABASE_POOL_MAX_SIZE: '3',
      DATABASE_CONN_MAX_AGE: '60',
    });
  });

  it('a variable of its own tells of the pooler', () => {
    const manifests = synth((chart) => {
      const database = pooler(chart, postgres(chart));
      const app = django(chart, { database });
      app.addDatabaseEnvironment('DB_HOST', database, ConnectionPart.HOST);
    });
    expect(webContainer(manifests).env).toContainEqual({ name: 'DB_HOST', value: 'polls-pooler' });
  });
});

describe('the sum of connections', () => {
  const TWO_PODS = { replicas: 2, processes: 2, threads: 4 };
  /** 4 pods at once × 10, 2 of the migration. The readiness checks and threads of the replicas are behind the pool. */
  const NEEDED = 4 * 10 + 2;
  const small =
    (maxConnections: number, changes: Partial<PgBouncerProps> = {}) =>
    (chart: Chart) => {
      django(chart, { database: pooler(chart, postgres(chart, { maxConnections }), changes), ...TWO_PODS });
    };

  it('at the server is that of the pool, and of what goes past it', () => {
    expect(errorOf(small(NEEDED + 2))).toContain(
      `[polls/Database] maxConnections ${NEEDED + 2} leaves ${NEEDED - 1} connections, fewer than the ${NEEDED} that ` +
        'may be open at once: 40 (polls-pooler: 4 pods at once × 10) + 2 (polls: migration)',
    );
    expect(() => synth(small(NEEDED + 3))).not.toThrow();
  });

  it('at the pooler is that of applications, without what goes past it', () => {
    const sum = 4 * 2 * 5;
    expect(errorOf(small(200, { maxConnections: sum - 1 }))).toContain(
      `[polls/Pooler] maxConnections ${sum - 1} leaves ${sum - 1} connections, fewer than the ${sum} that may be ` +
        `open at once: ${sum} (polls: 4 replicas at once × 2 processes × 5)`,
    );
    expect(() => synth(small(200, { maxConnections: sum }))).not.toThrow();
  });

  it('is the same for applications of any size', () => {
    const large = (chart: Chart) => {
      const database = pooler(chart, postgres(chart, { maxConnections: NEEDED + 3 }));
      django(chart, { database, replicas: 10, processes: 2, threads: 20 });
    };
    expect(() => synth(large)).not.toThrow();
  });

  it('has the workers of Tasks at the server, whose locks are of a session', () => {
    const withWorkers = (chart: Chart) => {
      const app = django(chart, { database: pooler(chart, postgres(chart, { maxConnections: NEEDED + 3 })) });
      app.addTaskWorker({ name: 'default', concurrency: 4 });
    };
    expect(errorOf(withWorkers)).toContain('20 (polls: 4 task workers default at once × 5)');
  });
});

describe('times', () => {
  it('the grace period follows those of applications', () => {
    const manifests = synth(
      program({
        pooler: { connectionMaxAge: Duration.seconds(0), requestTimeout: Duration.seconds(300) },
      }),
    );
    expect(pod(manifests).terminationGracePeriodSeconds).toBe(10 + 300 + 5);
    expect(variables(webContainer(manifests)).DATABASE_CONN_MAX_AGE).toBe('0');
  });

  it('another configuration means other pods', () => {
    const checksum = (poolSize: number) =>
      deployment(synth(program({ pooler: { poolSize } }))).template.metadata.annotations['checksum/config'];
    expect(checksum(10)).toBe(checksum(10));
    expect(checksum(10)).not.toBe(checksum(11));
  });
});

it('a single pod has no budget, which would say nothing', () => {
  const manifests = synth(program({ pooler: { replicas: 1 } }));
  expect(
    manifests.filter(
      ({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === 'polls-pooler',
    ),
  ).toEqual([]);
});

it('the startup is proven by a query of the server, and life by the port alone', () => {
  const [container] = pod(synth(program())).containers;
  expect(container.startupProbe.exec.command[0]).toBe('psql');
  for (const probe of [container.readinessProbe, container.livenessProbe]) {
    expect(probe.tcpSocket).toEqual({ port: 'postgres' });
  }
});
