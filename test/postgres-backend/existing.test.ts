import { Duration } from 'cdk8s';
import {
  EnvironmentVariable,
  PostgresBackend,
  PostgresHostProps,
  PostgresUrlProps,
  SslMode,
} from 'cdk8s-django';
import { chartOn, django, synth, webContainer } from '../support/synth';

const PASSWORD = { secretName: 'polls-database', key: 'password' };

const urlOf = (environment: EnvironmentVariable[]) =>
  environment.find(({ name }) => name === 'DATABASE_URL')!.value;

describe('a database that somebody else runs, by its host', () => {
  const host: PostgresHostProps = {
    host: 'polls.postgres.example.com',
    database: 'polls',
    user: 'polls',
    password: PASSWORD,
  };
  /** Replicas are in read-replicas.test.ts. */
  const all: Required<Omit<PostgresHostProps, 'replicaHost' | 'readReplicas'>> = {
    ...host,
    port: 6432,
    sslMode: SslMode.VERIFY_FULL,
    certificatePath: '/etc/ssl/rds.pem',
    directHost: 'direct.postgres.example.com',
    directPort: 5433,
    transactionPooler: true,
    connectionMaxAge: Duration.minutes(5),
    poolSize: 8,
    engine: 'django.contrib.gis.db.backends.postgis',
    maxConnections: 500,
    peers: [{ cidr: '10.20.0.0/16' }],
  };

  it('makes no resource', () => {
    expect(synth((chart) => PostgresBackend.fromHost(chart, 'Database', host))).toEqual([]);
  });

  it('gives the application its parts and an encrypted connection', () => {
    const { environment, port } = PostgresBackend.fromHost(chartOn(), 'Database', host);
    expect(port).toBe(5432);
    expect(environment).toEqual([
      { name: 'DATABASE_HOST', value: 'polls.postgres.example.com' },
      { name: 'DATABASE_PORT', value: '5432' },
      { name: 'DATABASE_NAME', value: 'polls' },
      { name: 'DATABASE_USER', value: 'polls' },
      { name: 'DATABASE_PASSWORD', ...PASSWORD },
      { name: 'DATABASE_SSL_MODE', value: 'require' },
      {
        name: 'DATABASE_URL',
        value:
          'postgres://$(DATABASE_USER):$(DATABASE_PASSWORD)@$(DATABASE_HOST):$(DATABASE_PORT)/' +
          '$(DATABASE_NAME)?sslmode=require',
      },
    ]);
  });

  it.each([
    ['10.20.30.40', '$(DATABASE_HOST)'],
    ['fd00:10:96::7', '[$(DATABASE_HOST)]'],
    ['::1', '[$(DATABASE_HOST)]'],
    ['Polls.Postgres.Example.com', '$(DATABASE_HOST)'],
    ['db.example.com.', '$(DATABASE_HOST)'],
    ['my_db', '$(DATABASE_HOST)'],
    ['/cloudsql/acme:europe-west1:polls', '%2Fcloudsql%2Facme%3Aeurope-west1%3Apolls'],
  ])('takes the host %s, as libpq does [F12]', (address, inUrl) => {
    const { environment } = PostgresBackend.fromHost(chartOn(), 'Database', { ...host, host: address });
    expect(environment).toContainEqual({ name: 'DATABASE_HOST', value: address });
    expect(urlOf(environment)).toBe(
      `postgres://$(DATABASE_USER):$(DATABASE_PASSWORD)@${inUrl}:$(DATABASE_PORT)/$(DATABASE_NAME)?sslmode=require`,
    );
  });

  it.each([
    ['Polls', '$(DATABASE_NAME)', 'Polls'],
    ['7up', '$(DATABASE_NAME)', '7up'],
    ['my votes', 'my%20votes', 'my votes'],
    ['a/b?c', 'a%2Fb%3Fc', 'a/b?c'],
    ['über', '%C3%BCber', 'über'],
    ['pay$(X)', 'pay%24(X)', 'pay$$(X)'],
  ])('takes the name %s for a database and a role that exist [F12]', (name, inUrl, value) => {
    const props = { ...host, database: name, user: name };
    const { environment } = PostgresBackend.fromHost(chartOn(), 'Database', props);
    expect(environment).toContainEqual({ name: 'DATABASE_NAME', value });
    expect(environment).toContainEqual({ name: 'DATABASE_USER', value });
    expect(urlOf(environment)).toBe(
      `postgres://${inUrl.replace('NAME', 'USER')}:$(DATABASE_PASSWORD)@$(DATABASE_HOST):$(DATABASE_PORT)/` +
        `${inUrl}?sslmode=require`,
    );
  });

  it.each([
    ['django.contrib.gis.db.backends.postgis', 'postgis'],
    ['django_prometheus.db.backends.postgis', 'postgis'],
    ['django_tenants.postgresql_backend', 'postgres'],
  ])('tells applications the engine %s, in their URL too [F11]', (engine, scheme) => {
    const { environment } = PostgresBackend.fromHost(chartOn(), 'Database', { ...host, engine });
    expect(environment).toContainEqual({ name: 'CDK8S_DJANGO_DATABASE_ENGINE', value: engine });
    expect(urlOf(environment)).toMatch(new RegExp(`^${scheme}://`));
  });

  it('takes all props', () => {
    const database = PostgresBackend.fromHost(chartOn(), 'Database', all);
    expect(database.port).toBe(6432);
    expect(database.directPort).toBe(5433);
    expect(database.peers).toEqual([{ cidr: '10.20.0.0/16' }]);
    expect(database.environment).toEqual(
      expect.arrayContaining([
        { name: 'DATABASE_PORT', value: '6432' },
        { name: 'DATABASE_SSL_MODE', value: 'verify-full' },
        { name: 'DATABASE_SSL_ROOT_CERT', value: '/etc/ssl/rds.pem' },
        { name: 'DATABASE_DIRECT_HOST', value: 'direct.postgres.example.com' },
        { name: 'DATABASE_DIRECT_PORT', value: '5433' },
        { name: 'DATABASE_TRANSACTION_POOLER', value: 'true' },
        { name: 'DATABASE_CONN_MAX_AGE', value: '300' },
        { name: 'DATABASE_POOL_MAX_SIZE', value: '8' },
      ]),
    );
  });

  it('is at the usual port past its pooler when none is given', () => {
    const props = { ...host, port: 6432, directHost: 'direct.postgres.example.com' };
    const { directPort, environment } = PostgresBackend.fromHost(chartOn(), 'Database', props);
    expect(directPort).toBe(5432);
    expect(environment).toContainEqual({ name: 'DATABASE_DIRECT_PORT', value: '5432' });
  });

  it.each(Object.values(SslMode))('takes the sslMode %s', (sslMode) => {
    const props = { ...host, sslMode, certificatePath: '/etc/ssl/certs/ca.pem' };
    const { environment } = PostgresBackend.fromHost(chartOn(), 'Database', props);
    expect(environment).toContainEqual({ name: 'DATABASE_SSL_MODE', value: sslMode });
  });

  it('may be checked by the certificates of the operating system', () => {
    const props = { ...host, sslMode: SslMode.VERIFY_FULL, certificatePath: 'system' };
    const { environment } = PostgresBackend.fromHost(chartOn(), 'Database', props);
    expect(environment).toContainEqual({ name: 'DATABASE_SSL_ROOT_CERT', value: 'system' });
  });

  it('reaches the containers of the application', () => {
    const manifests = synth((chart) => {
      django(chart, { database: PostgresBackend.fromHost(chart, 'Database', host) });
    });
    expect(webContainer(manifests).env).toContainEqual({
      name: 'DATABASE_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'polls-database', key: 'password' } },
    });
  });
});

describe('a database that somebody else runs, by its URL', () => {
  const all: Required<PostgresUrlProps> = {
    engine: 'django.contrib.gis.db.backends.postgis',
    url: { secretName: 'polls-database', key: 'url' },
    maxConnections: 500,
    directUrl: { secretName: 'polls-database', key: 'direct-url' },
    directPort: 5433,
    transactionPooler: true,
    connectionMaxAge: Duration.seconds(0),
    poolSize: 4,
    port: 6432,
    peers: [{ podLabels: { app: 'pgbouncer' } }],
  };

  it('gives the application nothing but the URL, from its Secret', () => {
    const { environment } = PostgresBackend.fromUrl(chartOn(), 'Database', { url: all.url });
    expect(environment).toEqual([{ name: 'DATABASE_URL', secretName: 'polls-database', key: 'url' }]);
  });

  it('takes all props', () => {
    const database = PostgresBackend.fromUrl(chartOn(), 'Database', all);
    expect(database.environment).toEqual([
      { name: 'DATABASE_URL', secretName: 'polls-database', key: 'url' },
      { name: 'DATABASE_DIRECT_URL', secretName: 'polls-database', key: 'direct-url' },
      { name: 'CDK8S_DJANGO_DATABASE_ENGINE', value: 'django.contrib.gis.db.backends.postgis' },
      { name: 'DATABASE_CONN_MAX_AGE', value: '0' },
      { name: 'DATABASE_POOL_MAX_SIZE', value: '4' },
      { name: 'DATABASE_TRANSACTION_POOLER', value: 'true' },
    ]);
    expect(database.port).toBe(6432);
    expect(database.directPort).toBe(5433);
    expect(database.peers).toEqual([{ podLabels: { app: 'pgbouncer' } }]);
  });

  it('is at the usual port when none is given', () => {
    const { url } = all;
    expect(PostgresBackend.fromUrl(chartOn(), 'Database', { url }).port).toBe(5432);
  });
});
