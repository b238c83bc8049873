import { Chart } from 'cdk8s';
import {
  ConnectionPart,
  DatabaseBackup,
  Distribution,
  DjangoAppProps,
  IDatabase,
  PostgresBackend,
  PostgresBackendProps,
  SslMode,
} from 'cdk8s-django';
import { DumpBackups } from 'cdk8s-django/backup';
import { PgBouncer } from 'cdk8s-django/postgres';
import { sample, SAMPLES } from '../support/distributions';
import { django, errorOf, find, findAll, postgres, startingWith, synth } from '../support/synth';

const OWNER = { name: 'polls-db', key: 'password' };
const APPLICATION = { name: 'polls-db', key: 'application-password' };

/** An application of all kinds of pods, with a database whose tables it may not change. */
function manifests(
  {
    server = {},
    app = {},
    before = (database) => database,
  }: {
    server?: Partial<PostgresBackendProps>;
    app?: Partial<DjangoAppProps>;
    before?: (database: PostgresBackend) => IDatabase;
  } = {},
  distribution = sample('upstream'),
): any[] {
  return synth((chart) => {
    const options = { name: 'polls-db', storage: '1Gi', applicationRole: {}, ...server };
    const database = new PostgresBackend(chart, 'Database', options);
    const polls = django(chart, { database: before(database), ...app });
    polls.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
    polls.addScheduledCommand({ name: 'close', command: ['close_polls'], schedule: '@daily' });
    polls.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
    polls.addTaskWorker({ name: 'tasks' });
    polls.addProcess({ name: 'bot', command: ['python', 'manage.py', 'bot'] });
  }, distribution);
}

const podOf = ({ spec }: any) => (spec.jobTemplate ? spec.jobTemplate.spec : spec).template.spec;
const variables = (container: any) =>
  Object.fromEntries(
    (container.env ?? []).map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom?.secretKeyRef]),
  );
const WITH_PODS = ['Deployment', 'StatefulSet', 'Job', 'CronJob'];

/** The containers by their pods whose manifests name a key of the Secret. */
function readersOf(all: any[], { name, key }: { name: string; key: string }): string[] {
  return all
    .filter(({ kind }) => WITH_PODS.includes(kind))
    .flatMap((workload) =>
      [...(podOf(workload).initContainers ?? []), ...podOf(workload).containers]
        .filter(({ env = [] }) =>
          env.some(
            ({ valueFrom }: any) =>
              valueFrom?.secretKeyRef?.name === name && valueFrom.secretKeyRef.key === key,
          ),
        )
        .map((container) => `${workload.metadata.name.replace(/-[0-9a-f]{8,}$/, '')}: ${container.name}`),
    )
    .sort();
}

describe('a role of the application', () => {
  it.each(SAMPLES)(
    'has all pods of the application on $name, and the owner the migration alone',
    ({ make }) => {
      const all = manifests({}, make());
      expect(readersOf(all, OWNER)).toEqual(['polls-db: postgres', 'polls-migrate: migrate']);
      // Those that wait for the schema ask for it as the application.
      const readers = readersOf(all, APPLICATION).filter((one) => !one.endsWith(': wait-for-schema'));
      expect(readers).toEqual([
        'polls-close: command',
        'polls-countries: command',
        'polls-process-bot: process',
        'polls-prune-tasks: command',
        'polls-superuser: create-superuser',
        'polls-tasks-tasks: worker',
        'polls: web',
      ]);
    },
  );

  it('is what variables name, which the migration has of the owner', () => {
    const all = manifests();
    expect(variables(find(all, 'Deployment', 'polls').spec.template.spec.containers[0])).toMatchObject({
      DATABASE_USER: 'django_application',
      DATABASE_PASSWORD: APPLICATION,
      DATABASE_URL: expect.stringContaining('$(DATABASE_USER):$(DATABASE_PASSWORD)@'),
    });
    const [migration] = podOf(startingWith(all, 'Job', 'polls-migrate')).containers;
    expect(variables(migration)).toMatchObject({
      DATABASE_HOST: 'polls-db',
      DATABASE_USER: 'django',
      DATABASE_PASSWORD: OWNER,
      DATABASE_URL: 'postgres://django:$(DATABASE_PASSWORD)@polls-db:5432/django?sslmode=disable',
    });
    const names = migration.env.map(({ name }: any) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.indexOf('DATABASE_PASSWORD')).toBeLessThan(names.indexOf('DATABASE_URL'));
  });

  it('has a password that is made beside that of the owner, each once', () => {
    const job = startingWith(manifests(), 'Job', 'polls-db-secret').spec.template.spec.containers[0];
    expect(job.command.slice(-3)).toEqual(['polls-db', 'password=password', 'application-password=password']);
  });

  it('has the password that the program gives, and the owner one that is made', () => {
    const password = { secretName: 'own', key: 'app' };
    const all = manifests({ server: { applicationRole: { password } } });
    expect(readersOf(all, { name: 'own', key: 'app' })).toContain('polls: web');
    expect(readersOf(all, APPLICATION)).toEqual([]);
    const job = startingWith(all, 'Job', 'polls-db-secret').spec.template.spec.containers[0];
    expect(job.command.slice(-2)).toEqual(['polls-db', 'password=password']);
    const given = { password: { secretName: 'own', key: 'owner' }, applicationRole: { password } };
    const both = manifests({ server: given });
    expect(readersOf(both, { name: 'own', key: 'owner' })).toEqual([
      'polls-db: postgres',
      'polls-migrate: migrate',
    ]);
    expect(
      findAll(both, 'Job').filter(({ metadata }) => metadata.name.startsWith('polls-db-secret')),
    ).toEqual([]);
  });

  it('is given rights and no more by the server at each start', () => {
    const script = find(manifests({ server: { user: 'voter' } }), 'ConfigMap', 'polls-db').data['roles.sh'];
    for (const line of [
      `CREATE ROLE "voter_application"`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE "voter" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "voter_application";`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE "voter" GRANT SELECT, USAGE, UPDATE ON SEQUENCES TO "voter_application";`,
      `SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC' WHERE EXISTS`,
      'GRANT SELECT, UPDATE ON LARGE OBJECT %s TO "voter_application"',
    ]) {
      expect(script).toContain(line);
    }
    expect(script).not.toMatch(/TRUNCATE|GRANT ALL|OWNER TO|REASSIGN/);
    // Flux would take them for its own, and a process list would show a password.
    expect(script).not.toMatch(/\$\{|\$\$|set=password/);
  });

  it('leaves all as it is where nobody asks for it', () => {
    const all = manifests({ server: { applicationRole: undefined } });
    expect(readersOf(all, APPLICATION)).toEqual([]);
    expect(find(all, 'ConfigMap', 'polls-db').data).not.toHaveProperty(['roles.sh']);
    const [migration] = podOf(startingWith(all, 'Job', 'polls-migrate')).containers;
    expect(variables(migration)).toMatchObject({ DATABASE_USER: 'django', DATABASE_PASSWORD: OWNER });
  });

  it('has its file, and the migration that of the owner, where Secrets are files', () => {
    const all = manifests({ app: { secretsAsFiles: true } });
    const keys = (workload: any, name: string) => {
      const { containers, volumes } = podOf(workload);
      const mounted = containers
        .find((one: any) => one.name === name)
        .volumeMounts.map((one: any) => one.name);
      return volumes
        .filter((one: any) => mounted.includes(one.name) && one.projected)
        .flatMap(({ projected }: any) => projected.sources)
        .filter(({ secret }: any) => secret?.name === 'polls-db')
        .flatMap(({ secret }: any) => secret.items);
    };
    expect(keys(find(all, 'Deployment', 'polls'), 'web')).toEqual([
      { key: 'application-password', path: 'DATABASE_PASSWORD' },
    ]);
    expect(keys(startingWith(all, 'Job', 'polls-migrate'), 'migrate')).toEqual([
      { key: 'password', path: 'DATABASE_PASSWORD' },
    ]);
  });

  it('is the login of a PgBouncer, which knows the owner for pods of the release before', () => {
    const image = 'registry.example.com/pgbouncer:1.24.1';
    const before = (database: PostgresBackend) =>
      new PgBouncer(Chart.of(database), 'Pooler', { name: 'polls-pooler', database, image });
    const all = manifests({ before });
    expect(variables(find(all, 'Deployment', 'polls-pooler').spec.template.spec.containers[0])).toMatchObject(
      {
        PGUSER: 'django_application',
        PGPASSWORD: APPLICATION,
        OTHER_USER: 'django',
        OTHER_PASSWORD: OWNER,
      },
    );
    expect(find(all, 'ConfigMap', 'polls-pooler').data['start.sh']).toContain('"$(quoted "$OTHER_USER")"');
    const [migration] = podOf(startingWith(all, 'Job', 'polls-migrate')).containers;
    expect(variables(migration)).toMatchObject({
      DATABASE_DIRECT_HOST: 'polls-db',
      DATABASE_USER: 'django',
      DATABASE_PASSWORD: OWNER,
      // Migrations hold locks of a session, which no pooler keeps.
      DATABASE_URL: 'postgres://django:$(DATABASE_PASSWORD)@polls-db:5432/django?sslmode=disable',
    });
  });

  it('does not dump: the owner does, who sees all tables', () => {
    const distribution = Distribution.upstream({ backup: new DumpBackups({ drill: {} }) });
    const all = manifests(
      {
        before: (database) => {
          new DatabaseBackup(Chart.of(database), 'Backup', { database, schedule: '30 3 * * *' });
          return database;
        },
      },
      distribution,
    );
    for (const name of ['polls-db-dump', 'polls-db-drill']) {
      const [container] = podOf(find(all, 'CronJob', name)).containers;
      expect(container.command).toContain('django');
      expect(variables(container)).toMatchObject({ POSTGRES_PASSWORD: OWNER });
    }
    expect(readersOf(all, APPLICATION)).not.toContainEqual(expect.stringMatching(/dump|drill/));
  });

  it('is in a connection of your own, whatever the name of the owner', () => {
    const password = { secretName: 'own', key: 'password' };
    const connection = {
      ...{ host: 'db.example.com', port: 5433, database: 'polls', sslMode: SslMode.REQUIRE },
      ...{
        user: 'Polls App',
        password,
        migrationLogin: { user: 'Polls Owner', password: { ...password, key: 'owner' } },
      },
    };
    const database: IDatabase = {
      ...{ connection, port: 5433, environment: PostgresBackend.variablesOf(connection) },
      addClient: () => {},
      restrictNetwork: () => {},
    };
    const all = synth((chart) => django(chart, { database }));
    const [migration] = podOf(startingWith(all, 'Job', 'polls-migrate')).containers;
    expect(variables(migration)).toMatchObject({
      DATABASE_USER: 'Polls Owner',
      DATABASE_URL: 'postgres://Polls%20Owner:$(DATABASE_PASSWORD)@db.example.com:5433/polls?sslmode=require',
    });
  });

  it('may be named by variables of the application, without its login', () => {
    const named = (part: ConnectionPart) => (chart: Chart) => {
      const database = postgres(chart, { applicationRole: {} });
      django(chart, { database }).addDatabaseEnvironment('VOTES_DB', database, part);
    };
    expect(synth(named(ConnectionPart.HOST)).length).toBeGreaterThan(0);
    for (const part of [ConnectionPart.URL, ConnectionPart.USER, ConnectionPart.PASSWORD]) {
      expect(errorOf(named(part))).toBe(
        'polls/Polls: database "VOTES_DB" would have migrations log in as the role of the application, which may not ' +
          'change tables. Have the settings read DATABASE_URL, or DATABASE_USER and DATABASE_PASSWORD, or leave ' +
          'applicationRole of the PostgresBackend out.',
      );
    }
  });
});
