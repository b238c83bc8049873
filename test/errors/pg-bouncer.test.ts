import { Chart, Duration } from 'cdk8s';
import { Distribution, IDatabase, PostgresBackend } from 'cdk8s-django';
import { CloudSqlPostgres, PgBouncer, PgBouncerProps } from 'cdk8s-django/postgres';
import { django, IMAGE, postgres } from '../support/synth';
import { BadInput, eachGivesItsMessage } from './support';

const HOST = {
  host: 'db.example.com',
  database: 'polls',
  user: 'polls',
  password: { secretName: 'db', key: 'password' },
};
const KNOWN = 'Give a database with host, role and password, such as PostgresBackend.fromHost.';
const BESIDE = 'Give the address of the server by PostgresBackend.fromHost, or leave the pooler out.';

describe('a PgBouncer', () => {
  const pooler = (
    what: string,
    changes: { [prop in keyof PgBouncerProps]?: any },
    message: string,
    database: (chart: Chart) => IDatabase | undefined = (chart) => postgres(chart, { pythonImage: IMAGE }),
  ): BadInput => ({
    what,
    define: (chart) =>
      new PgBouncer(chart, 'Pooler', {
        name: 'polls-pooler',
        database: database(chart)!,
        image: 'registry.example.com/pgbouncer:1.24.1',
        ...changes,
      }),
    message: `polls/Pooler: ${message}`,
  });
  const host =
    (changes: object) =>
    (chart: Chart): IDatabase =>
      PostgresBackend.fromHost(chart, 'Database', { ...HOST, ...changes });
  eachGivesItsMessage([
    pooler(
      'an image that changes',
      { image: 'registry.example.com/pgbouncer' },
      'image "registry.example.com/pgbouncer" has no tag, which means "latest". ' +
        'Give an image with a version tag or a digest, such as "registry.example.com/polls:1.4.2".',
    ),
    pooler(
      'no pod',
      { replicas: 0 },
      'replicas 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    pooler(
      'no connection',
      { poolSize: 0 },
      'poolSize 0 is not a whole number of at least 1. Give a whole number of at least 1.',
    ),
    pooler(
      'a part of a second',
      { connectionMaxAge: Duration.millis(1500) },
      'connectionMaxAge 1.5 is not a whole number of seconds from 0 on. Give a whole number of seconds from 0 on.',
    ),
    pooler(
      'no time for requests',
      { requestTimeout: Duration.seconds(0) },
      'requestTimeout 0 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    ),
    pooler(
      'a Secret that there cannot be',
      { certificateSecretName: 'Bad Name' },
      'certificateSecretName "Bad Name" is not a name that Kubernetes takes. ' +
        'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    ),
    pooler('no database', {}, `database (not given) is needed. ${KNOWN}`, () => undefined),
    pooler('a database by its URL', {}, `database (not given) is known by its URL alone. ${KNOWN}`, (chart) =>
      PostgresBackend.fromUrl(chart, 'Database', { url: { secretName: 'db', key: 'url' } }),
    ),
    pooler(
      'a pooler behind a pooler',
      {},
      'database "db.example.com" is behind a pooler already. Give the server itself.',
      host({ transactionPooler: true, directHost: 'direct.example.com' }),
    ),
    ...['/cloudsql/project:region:polls', 'localhost', '127.0.0.1', '::1'].map((address) =>
      pooler(
        `the host ${address}`,
        {},
        `database "${address}" is reached through a sidecar or a socket of the pod. ${BESIDE}`,
        host({ host: address }),
      ),
    ),
    {
      ...pooler(
        'a sidecar',
        {},
        `database "127.0.0.1" is reached through a sidecar or a socket of the pod. ${BESIDE}`,
        (chart) => postgres(chart, { password: HOST.password }),
      ),
      distribution: Distribution.gke({
        postgres: new CloudSqlPostgres({
          instances: { 'polls-db': { connectionName: 'acme:europe-west1:polls' } },
        }),
      }),
    },
    pooler(
      'no password',
      {},
      'database "db.example.com" is reached without a password. ' +
        'Give a role with a password by PostgresBackend.fromHost, or leave the pooler out.',
      (chart) => {
        const database = host({})(chart);
        return {
          environment: [],
          port: 5432,
          connection: { ...database.connection!, password: undefined },
          addClient: () => undefined,
          restrictNetwork: () => undefined,
        };
      },
    ),
    pooler(
      "PgBouncer's own database",
      {},
      'database "pgbouncer" is the name of PgBouncer\'s own console. Give the database another name.',
      host({ database: 'pgbouncer' }),
    ),
    {
      ...pooler('an application of another namespace', {}, ''),
      define: (chart) => {
        const database = new PgBouncer(chart, 'Pooler', {
          name: 'polls-pooler',
          database: postgres(chart, { pythonImage: IMAGE }),
          image: IMAGE,
        });
        django(new Chart(chart.node.scope as Chart, 'other', { namespace: 'other' }), { database });
      },
      message:
        'other/Polls: database "polls/Pooler" is in namespace "polls", and this is in "other". ' +
        'Make both in charts of one namespace.',
    },
  ]);
});
