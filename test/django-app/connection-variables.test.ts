import {
  ConnectionPart,
  Distribution,
  DjangoApp,
  DjangoAppProps,
  LeastPrivilegeAccess,
  PodKind,
  PostgresBackend,
  ValkeyBackend,
} from 'cdk8s-django';
import { Chart } from 'cdk8s';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { configOf, django, errorOf, find, postgres, synth, webContainer } from '../support/synth';

const PASSWORD = { secretName: 'other', key: 'password' };

function variables(add: (app: DjangoApp, chart: Chart) => void, props: Partial<DjangoAppProps> = {}): any {
  const manifests = synth((chart) => add(django(chart, { database: postgres(chart), ...props }), chart));
  const env: any[] = webContainer(manifests).env;
  return {
    manifests,
    of: (name: string) => env.find((one) => one.name === name),
    names: env.map(({ name }) => name),
  };
}

const valkey = (chart: Chart) => new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', storage: '1Gi' });

describe('variables of databases under the application’s own names [F43]', () => {
  it('are the parts of its database', () => {
    const { of } = variables((app) => {
      app.addDatabaseEnvironment('DB_HOST', app.database!, ConnectionPart.HOST);
      app.addDatabaseEnvironment('DB_PORT', app.database!, ConnectionPart.PORT);
      app.addDatabaseEnvironment('DB_NAME', app.database!, ConnectionPart.DATABASE);
      app.addDatabaseEnvironment('DB_USER', app.database!, ConnectionPart.USER);
      app.addDatabaseEnvironment('DB_PASS', app.database!, ConnectionPart.PASSWORD);
    });
    expect(of('DB_HOST').value).toBe('polls-db');
    expect(of('DB_PORT').value).toBe('5432');
    expect(of('DB_NAME').value).toBe('django');
    expect(of('DB_USER').value).toBe('django');
    expect(of('DB_PASS').valueFrom.secretKeyRef).toEqual({ name: 'polls-db', key: 'password' });
  });

  it('are its URL, after the password that it refers to, which the runtime encodes', () => {
    const { of, names, manifests } = variables((app) =>
      app.addDatabaseEnvironment('SQLALCHEMY_URL', app.database!, ConnectionPart.URL),
    );
    expect(of('SQLALCHEMY_URL').value).toBe(
      'postgres://django:$(SQLALCHEMY_URL_PASSWORD)@polls-db:5432/django?sslmode=disable',
    );
    expect(of('SQLALCHEMY_URL_PASSWORD').valueFrom.secretKeyRef.name).toBe('polls-db');
    expect(names.indexOf('SQLALCHEMY_URL_PASSWORD')).toBeLessThan(names.indexOf('SQLALCHEMY_URL'));
    expect(configOf(manifests).CDK8S_DJANGO_URLS).toBe('SQLALCHEMY_URL');
  });

  it('are the URL of a Secret, as it is', () => {
    const database = (chart: Chart) =>
      PostgresBackend.fromUrl(chart, 'Url', { url: { secretName: 'db', key: 'url' } });
    const { of, manifests } = variables((app, chart) =>
      app.addDatabaseEnvironment('REPLICA_URL', database(chart), ConnectionPart.URL),
    );
    expect(of('REPLICA_URL').valueFrom.secretKeyRef).toEqual({ name: 'db', key: 'url' });
    expect(configOf(manifests).CDK8S_DJANGO_URLS).toBeUndefined();
  });

  it('encode names and addresses', () => {
    const { of } = variables((app, chart) => {
      const other = PostgresBackend.fromHost(chart, 'Other', {
        host: 'fd00::7',
        database: 'my votes',
        user: 'a@b',
        password: PASSWORD,
      });
      app.addDatabaseEnvironment('OTHER', other, ConnectionPart.URL);
      app.addDatabaseEnvironment('OTHER_NAME', other, ConnectionPart.DATABASE);
    });
    expect(of('OTHER').value).toBe(
      'postgres://a%40b:$(OTHER_PASSWORD)@[fd00::7]:5432/my%20votes?sslmode=require',
    );
    expect(of('OTHER_NAME').value).toBe('my votes');
  });

  it('are the parts and the URL of a database of Redis, by its number', () => {
    const { of } = variables((app, chart) => {
      const queue = valkey(chart);
      app.addRedisEnvironment('RQ_URL', queue.database(2), ConnectionPart.URL);
      app.addRedisEnvironment('LOCK_HOST', queue.database(3), ConnectionPart.HOST);
      app.addRedisEnvironment('LOCK_PORT', queue.database(3), ConnectionPart.PORT);
      app.addRedisEnvironment('LOCK_DB', queue.database(3), ConnectionPart.DATABASE);
      app.addRedisEnvironment('LOCK_PASS', queue.database(3), ConnectionPart.PASSWORD);
    });
    expect(of('RQ_URL').value).toBe('redis://:$(RQ_URL_PASSWORD)@polls-queue:6379/2');
    expect(['LOCK_HOST', 'LOCK_PORT', 'LOCK_DB'].map((name) => of(name).value)).toEqual([
      'polls-queue',
      '6379',
      '3',
    ]);
    expect(of('LOCK_PASS').valueFrom.secretKeyRef).toEqual({ name: 'polls-queue', key: 'password' });
  });

  it('have a scheme that Redis’ clients know, and check certificates', () => {
    const { of } = variables((app) => {
      app.addRedisEnvironment('A', { url: 'valkey://a/1' }, ConnectionPart.URL);
      app.addRedisEnvironment('B', { url: 'rediss://b:6380' }, ConnectionPart.URL);
    });
    expect(of('A').value).toBe('redis://a/1');
    expect(of('B').value).toBe('rediss://b:6380?ssl_cert_reqs=required');
  });

  it('reach the pods that are chosen alone', () => {
    const { names } = variables((app, chart) =>
      app.addRedisEnvironment('RQ_URL', valkey(chart).database(0), ConnectionPart.URL, {
        pods: [PodKind.JOBS],
      }),
    );
    expect(names).not.toContain('RQ_URL');
  });

  it.each([true, false])('let the pods connect, and no others, with the access first: %s', (first) => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart) });
      const restrict = () => new LeastPrivilegeAccess(chart, 'Access', { app });
      if (first) restrict();
      app.addRedisEnvironment('RQ_URL', valkey(chart).database(0), ConnectionPart.URL);
      const other = new PostgresBackend(chart, 'Second', { name: 'second-db', storage: '1Gi' });
      app.addDatabaseEnvironment('SECOND_URL', other, ConnectionPart.URL);
      app.addDatabaseEnvironment('SECOND_HOST', other, ConnectionPart.HOST);
      if (!first) restrict();
    });
    for (const [name, port] of [
      ['polls-queue', 6379],
      ['second-db', 5432],
    ] as const) {
      const [{ from, ports }] = find(manifests, 'NetworkPolicy', name).spec.ingress;
      expect(JSON.stringify(from)).toContain('"app.kubernetes.io/name":"polls"');
      expect(ports).toMatchObject([{ port }]);
      expect(JSON.stringify(find(manifests, 'NetworkPolicy', 'polls').spec.egress)).toContain(`"${name}"`);
    }
  });
});

describe('a part that is not known is refused [F43]', () => {
  const byUrl = (chart: Chart) =>
    PostgresBackend.fromUrl(chart, 'Url', { url: { secretName: 'db', key: 'url' } });

  it.each<[string, (app: DjangoApp, chart: Chart) => void, string]>([
    [
      'a host that is in a Secret',
      (app, chart) => app.addDatabaseEnvironment('A', byUrl(chart), ConnectionPart.HOST),
      'part "host" is not known of a database that is a URL in a Secret. Use ConnectionPart.URL.',
    ],
    [
      'a password that there is not',
      (app) => app.addRedisEnvironment('A', { url: 'redis://a' }, ConnectionPart.PASSWORD),
      'part "password" is not needed to connect to the server. Leave the variable out.',
    ],
    [
      'a user of Redis',
      (app) => app.addRedisEnvironment('A', { url: 'redis://a' }, ConnectionPart.USER),
      'part "user" is not known of Redis: the password alone logs in. Leave the variable out.',
    ],
    [
      'no database',
      (app) => app.addDatabaseEnvironment('A', undefined as any, ConnectionPart.URL),
      'database (not given) is needed. Give a PostgresBackend, such as that of the application.',
    ],
    [
      'no database of Redis',
      (app) => app.addRedisEnvironment('A', undefined as any, ConnectionPart.URL),
      'database (not given) is needed. Give database() of a ValkeyBackend.',
    ],
    [
      'a name of the library',
      (app) => app.addRedisEnvironment('DATABASE_URL', { url: 'redis://a' }, ConnectionPart.URL),
      'name "DATABASE_URL" is a variable that the library sets itself. Give it to the database.',
    ],
    [
      'a name twice',
      (app) => {
        app.addSecretEnvironment('A_PASSWORD', PASSWORD);
        app.addRedisEnvironment('A', { url: 'redis://a', password: PASSWORD }, ConnectionPart.URL);
      },
      'name "A_PASSWORD" is added to the same pods already. Add it once, or give the two different pods.',
    ],
  ])('%s', (_what, add, message) => {
    expect(errorOf((chart) => add(django(chart, { database: postgres(chart) }), chart))).toBe(
      `polls/Polls: ${message}`,
    );
  });

  it('another database that needs volumes of the pods', () => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    expect(
      errorOf((chart) => {
        const app = django(chart);
        app.addDatabaseEnvironment('A', postgres(chart), ConnectionPart.HOST);
      }, distribution),
    ).toBe(
      'polls/Polls: database "A" needs sidecars or volumes, which pods have for the database of the application ' +
        'alone. Give it to the application as its database, or give variables of an IDatabase without a connector.',
    );
  });
});
