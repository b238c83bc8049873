import { Duration } from 'cdk8s';
import { Distribution, IDistribution, LeastPrivilegeAccess, PostgresBackend } from 'cdk8s-django';
import {
  AzurePostgres,
  CloudNativePostgres,
  PgBouncer,
  PostgresServersProps,
  RdsPostgres,
  ReadReplicas,
} from 'cdk8s-django/postgres';
import { django, errorOf, find, postgres, synth, webContainer } from '../support/synth';

const PASSWORD = { secretName: 'polls-db', key: 'password' };
const servers = (replicaHost?: string): PostgresServersProps => ({
  servers: { 'polls-db': { host: 'polls.example.com', replicaHost } },
  certificatePath: '/etc/ssl/root.pem',
});
const PLATFORMS: Record<string, [IDistribution, string]> = {
  CloudNativePG: [Distribution.upstream({ postgres: new CloudNativePostgres() }), 'polls-db-ro'],
  RDS: [Distribution.eks({ postgres: new RdsPostgres(servers('ro.example.com')) }), 'ro.example.com'],
  Azure: [Distribution.aks({ postgres: new AzurePostgres(servers('ro.example.com')) }), 'ro.example.com'],
};
const password = (platform: string) => (platform === 'CloudNativePG' ? undefined : PASSWORD);
const variables = (manifests: any[]) =>
  Object.fromEntries(webContainer(manifests).env.map(({ name, value }: any) => [name, value]));

describe.each(Object.entries(PLATFORMS))('read replicas of %s', (platform, [distribution, host]) => {
  const made = (readReplicas?: ReadReplicas) =>
    synth((chart) => {
      const app = django(chart, {
        database: postgres(chart, { readReplicas, password: password(platform) }),
      });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    }, distribution);

  it('are told to the application by their host', () => {
    const found = variables(made({}));
    expect(found.DATABASE_REPLICA_HOST).toBe(host);
    expect(found.CDK8S_DJANGO_REPLICA_STICKINESS).toBeUndefined();
    expect(found.CDK8S_DJANGO_REPLICA_MAX_LAG).toBeUndefined();
  });

  it('have times of their own', () => {
    const found = variables(made({ stickiness: Duration.seconds(0), maxLag: Duration.minutes(1) }));
    expect(found).toMatchObject({
      CDK8S_DJANGO_REPLICA_STICKINESS: '0',
      CDK8S_DJANGO_REPLICA_MAX_LAG: '60',
    });
  });

  it('are not read from unless the program says so', () => {
    expect(variables(made()).DATABASE_REPLICA_HOST).toBeUndefined();
  });
});

it('replicas of CloudNativePG are reached where the primary is', () => {
  const manifests = synth((chart) => {
    const app = django(chart, { database: postgres(chart, { readReplicas: {} }) });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  }, PLATFORMS.CloudNativePG[0]);
  const own = { 'app.kubernetes.io/instance': 'polls-db', 'app.kubernetes.io/name': 'postgresql' };
  const { egress } = find(manifests, 'NetworkPolicy', 'polls').spec;
  const [{ podSelector }] = egress.find(({ ports }: any) => ports?.[0].port === 5432).to;
  expect(podSelector.matchLabels).toMatchObject(own);
});

describe('replicas of a server that somebody else runs', () => {
  const HOST = { host: 'db.example.com', database: 'polls', user: 'polls', password: PASSWORD };

  it('are read from once their host is given', () => {
    const manifests = synth((chart) =>
      django(chart, {
        database: PostgresBackend.fromHost(chart, 'Database', { ...HOST, replicaHost: 'ro.example.com' }),
      }),
    );
    expect(variables(manifests).DATABASE_REPLICA_HOST).toBe('ro.example.com');
  });

  it.each([
    [
      { replicaHost: 'https://ro.example.com' },
      'replicaHost "https://ro.example.com" is not a host that PostgreSQL is found by. Give a DNS name, an IPv4 or ' +
        'IPv6 address without brackets, or the folder of a socket, without scheme, port or path; several servers are ' +
        'for fromUrl.',
    ],
    [
      { readReplicas: {} },
      'readReplicas {} are for a server that has replicas, and none are known of this one. Leave them out, or use ' +
        'CloudNativePostgres with two instances or more, replicaHost of a server of RdsPostgres or AzurePostgres, or ' +
        'replicaHost of PostgresBackend.fromHost.',
    ],
  ])('with %j are refused', (changes, message) => {
    expect(errorOf((chart) => PostgresBackend.fromHost(chart, 'Database', { ...HOST, ...changes }))).toBe(
      `polls/Database: ${message}`,
    );
  });
});

const NONE =
  'are for a server that has replicas, and none are known of this one. Leave them out, or use CloudNativePostgres with ' +
  'two instances or more, replicaHost of a server of RdsPostgres or AzurePostgres, or replicaHost of ' +
  'PostgresBackend.fromHost.';

describe('read replicas that there cannot be', () => {
  it.each<[string, IDistribution]>([
    ['a single server', Distribution.upstream({ postgres: new CloudNativePostgres({ instances: 1 }) })],
    ['a server of a platform', Distribution.eks({ postgres: new RdsPostgres(servers()) })],
  ])('of %s are refused', (what, distribution) => {
    const given = what === 'a single server' ? undefined : PASSWORD;
    const message = errorOf((chart) => postgres(chart, { readReplicas: {}, password: given }), distribution);
    expect(message).toBe(`polls/Database: readReplicas {} ${NONE}`);
  });

  it('by a host that is none are refused', () => {
    const distribution = Distribution.eks({ postgres: new RdsPostgres(servers('ro.example.com:5432')) });
    expect(errorOf((chart) => postgres(chart, { password: PASSWORD }), distribution)).toContain(
      'polls/Database: postgres.servers.polls-db.replicaHost "ro.example.com:5432" is not',
    );
  });

  it('for no time are refused', () => {
    const readReplicas = { maxLag: Duration.seconds(0) };
    expect(errorOf((chart) => postgres(chart, { readReplicas }), PLATFORMS.CloudNativePG[0])).toContain(
      'polls/Database: readReplicas.maxLag',
    );
  });

  it('behind a pooler are refused', () => {
    const message = errorOf((chart) => {
      const database = postgres(chart, { readReplicas: {} });
      new PgBouncer(chart, 'Pooler', {
        name: 'pooler',
        database,
        image: 'registry.example.com/pgbouncer:1.24.1',
      });
    }, PLATFORMS.CloudNativePG[0]);
    expect(message).toBe(
      'polls/Pooler: database "polls-db-rw" has readReplicas, which applications would read from past the pooler. ' +
        'Leave readReplicas out, or the pooler.',
    );
  });
});
