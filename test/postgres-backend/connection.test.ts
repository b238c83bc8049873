import { Distribution, IDistribution, PostgresBackend } from 'cdk8s-django';
import { AzurePostgres, CloudNativePostgres, CloudSqlPostgres, RdsPostgres } from 'cdk8s-django/postgres';
import { chartOn, find, postgres, synth } from '../support/synth';

const PASSWORD = { secretName: 'polls-database', key: 'password' };
const SERVERS = { 'polls-db': { host: 'polls.database.example.com', port: 5433 } };
const certificatePath = '/etc/ssl/ca.pem';
const cloudSql = (iamUser?: string) =>
  Distribution.gke({
    projectId: 'acme',
    postgres: new CloudSqlPostgres({
      instances: { 'polls-db': { connectionName: 'acme:europe-west1:polls', iamUser } },
    }),
  });

describe('extensions [F11]', () => {
  it('are made by the superuser of CloudNativePG, in the database of the application', () => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    const manifests = synth((chart) => postgres(chart, { extensions: ['postgis', 'citext'] }), distribution);
    expect(find(manifests, 'Cluster', 'polls-db').spec.bootstrap.initdb.postInitApplicationSQL).toEqual([
      'CREATE EXTENSION IF NOT EXISTS "postgis" CASCADE',
      'CREATE EXTENSION IF NOT EXISTS "citext" CASCADE',
    ]);
  });
});

describe('the connection of a database', () => {
  const server = {
    host: 'polls.database.example.com',
    port: 5433,
    database: 'django',
    user: 'django',
    password: PASSWORD,
    sslMode: 'verify-full',
    certificatePath,
  };

  it.each<[string, IDistribution, any]>([
    ['RDS', Distribution.eks({ postgres: new RdsPostgres({ servers: SERVERS, certificatePath }) }), server],
    [
      'Azure',
      Distribution.aks({ postgres: new AzurePostgres({ servers: SERVERS, certificatePath }) }),
      server,
    ],
    [
      'Cloud SQL',
      cloudSql(),
      {
        host: '127.0.0.1',
        port: 5432,
        database: 'django',
        user: 'django',
        password: PASSWORD,
        sslMode: 'disable',
      },
    ],
    [
      'Cloud SQL with an IAM user',
      cloudSql('polls@acme.iam'),
      { host: '127.0.0.1', port: 5432, database: 'django', user: 'polls@acme.iam', sslMode: 'disable' },
    ],
  ])('is known in parts: %s', (_what, distribution, expected) => {
    const { connection } = postgres(chartOn(distribution), { password: PASSWORD });
    expect(connection).toEqual(expected);
  });

  it('is that of the Service and the Secret of a server in the cluster', () => {
    expect(postgres(chartOn(), { user: 'polls', database: 'votes' }).connection).toEqual({
      host: 'polls-db',
      port: 5432,
      database: 'votes',
      user: 'polls',
      password: { secretName: 'polls-db', key: 'password' },
      sslMode: 'disable',
    });
  });

  it('is that of the Service and the Secret of CloudNativePG', () => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    expect(postgres(chartOn(distribution)).connection).toEqual({
      host: 'polls-db-rw',
      port: 5432,
      database: 'django',
      user: 'django',
      password: { secretName: 'polls-db-app', key: 'password' },
      sslMode: 'verify-full',
      certificatePath: '/etc/cdk8s-django/polls-db/ca.crt',
    });
  });

  it('is what fromHost was given, and nothing else of its props', () => {
    const { connection } = PostgresBackend.fromHost(chartOn(), 'Database', {
      host: 'polls.database.example.com',
      database: 'polls',
      user: 'polls',
      password: PASSWORD,
      poolSize: 4,
      maxConnections: 100,
    });
    expect(connection).toEqual({
      host: 'polls.database.example.com',
      port: 5432,
      database: 'polls',
      user: 'polls',
      password: PASSWORD,
      sslMode: 'require',
    });
  });

  it('is not known of a URL, which is in a Secret', () => {
    const url = { secretName: 'polls-database', key: 'url' };
    expect(PostgresBackend.fromUrl(chartOn(), 'Database', { url }).connection).toBeUndefined();
  });
});

describe('the variables of a connection', () => {
  it.each<[string, IDistribution]>([
    ['in the cluster', Distribution.upstream()],
    ['of RDS', Distribution.eks({ postgres: new RdsPostgres({ servers: SERVERS, certificatePath }) })],
    ['of an IAM user', cloudSql('polls@acme.iam')],
  ])('are those that the database gives applications: one %s', (_what, distribution) => {
    const { connection, environment } = postgres(chartOn(distribution), { password: PASSWORD });
    expect(PostgresBackend.variablesOf(connection!)).toEqual(environment);
  });

  it('tell of a pooler and of the server behind it', () => {
    const pooler = { host: 'pooler', port: 6432, database: 'polls', user: 'polls', transactionPooler: true };
    const values = (connection: object) =>
      Object.fromEntries(
        PostgresBackend.variablesOf({ ...pooler, ...connection }).map(({ name, value }) => [name, value]),
      );
    expect(values({ directHost: 'server' })).toEqual({
      DATABASE_HOST: 'pooler',
      DATABASE_PORT: '6432',
      DATABASE_NAME: 'polls',
      DATABASE_USER: 'polls',
      DATABASE_URL: 'postgres://polls@$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)',
      DATABASE_DIRECT_HOST: 'server',
      DATABASE_DIRECT_PORT: '5432',
      DATABASE_TRANSACTION_POOLER: 'true',
    });
    expect(values({ directHost: 'server', directPort: 5433 }).DATABASE_DIRECT_PORT).toBe('5433');
  });
});
