import { Chart, Duration } from 'cdk8s';
import fc from 'fast-check';
import {
  AsgiServer,
  Distribution,
  DjangoAppProps,
  IDatabase,
  PostgresBackend,
  VolumeAccessMode,
} from 'cdk8s-django';
import { CloudNativePostgres, RdsPostgres } from 'cdk8s-django/postgres';
import { connectionsOf, podsDuringRollout } from '../../src/django-app/connections';
import { django, errorOf, find, postgres, synth } from '../support/synth';

const SERVER = {
  host: 'polls.postgres.example.com',
  database: 'polls',
  user: 'polls',
  password: { secretName: 'polls-database', key: 'password' },
};

/** 2 processes of 4 threads: 2 × 5 a replica, of which a release has one more, and 7 that have not ended after 35 s; 2 for the migration. */
const TEN_INSTANCES = { scaling: { minReplicas: 2, maxReplicas: 10 }, processes: 2, threads: 4 };
const NEEDED = 18 * 2 * 5 + 2;
const TERMS = '180 (polls: 18 replicas at once × 2 processes × 5) + 2 (polls: migration)';

const existing = (chart: Chart, changes: object) =>
  PostgresBackend.fromHost(chart, 'Database', { ...SERVER, ...changes });

/** A program whose applications use a database. */
const program =
  (database: (chart: Chart) => IDatabase, changes: Partial<DjangoAppProps> = TEN_INSTANCES) =>
  (chart: Chart) => {
    django(chart, { database: database(chart), ...changes });
  };

const refusal = (maxConnections: number, available: number, sum: number, terms: string) =>
  `maxConnections ${maxConnections} leaves ${available} connections, fewer than the ${sum} that may be open at once: ` +
  `${terms}. Raise it, or lower replicas, processes or threads, or set poolSize or use a pooler.`;

describe('a server that takes fewer connections than applications may open is refused, with the sum', () => {
  it('in the cluster', () => {
    expect(errorOf(program((chart) => postgres(chart, { maxConnections: NEEDED + 2 })))).toContain(
      `[polls/Database] ${refusal(NEEDED + 2, NEEDED - 1, NEEDED, TERMS)}`,
    );
    expect(() => synth(program((chart) => postgres(chart, { maxConnections: NEEDED + 3 })))).not.toThrow();
  });

  it('elsewhere', () => {
    expect(errorOf(program((chart) => existing(chart, { maxConnections: NEEDED + 2 })))).toContain(
      refusal(NEEDED + 2, NEEDED - 1, NEEDED, TERMS),
    );
    expect(() => synth(program((chart) => existing(chart, { maxConnections: NEEDED + 3 })))).not.toThrow();
  });

  it('behind a pooler, which keeps none back for superusers', () => {
    const pooler = { transactionPooler: true, directHost: 'direct.example.com' };
    const with_ = (maxConnections: number) =>
      program((chart) => existing(chart, { ...pooler, maxConnections }));
    // The migration goes past it.
    const [terms] = TERMS.split(' + ');
    expect(errorOf(with_(NEEDED - 3))).toContain(refusal(NEEDED - 3, NEEDED - 3, NEEDED - 2, terms));
    expect(() => synth(with_(NEEDED - 2))).not.toThrow();
  });

  it('of an operator', () => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    const with_ = (maxConnections: number) => program((chart) => postgres(chart, { maxConnections }));
    expect(errorOf(with_(50), distribution)).toContain(refusal(50, 47, NEEDED, TERMS));
    expect(() => synth(with_(NEEDED + 3), distribution)).not.toThrow();
  });

  it('of the platform, when its number is given', () => {
    const host = 'polls-db.abc.eu-west-1.rds.amazonaws.com';
    const password = { secret: 'polls-database' };
    const distribution = Distribution.eks({
      region: 'eu-west-1',
      postgres: new RdsPostgres({
        servers: { 'polls-db': { host, password } },
        certificatePath: '/etc/ssl/rds.pem',
      }),
    });
    const with_ = (changes: object) => program((chart) => postgres(chart, changes));
    // On EKS the router takes 10 seconds more: the last of the old ones ends after the last of the new ones came.
    const terms = '200 (polls: 20 replicas at once × 2 processes × 5) + 2 (polls: migration)';
    expect(errorOf(with_({ maxConnections: 50 }), distribution)).toContain(refusal(50, 47, 202, terms));
    expect(() => synth(with_({}), distribution)).not.toThrow();
  });

  it('by the sum of all applications', () => {
    const two = (maxConnections: number) => (chart: Chart) => {
      const database = postgres(chart, { maxConnections });
      for (const name of ['polls', 'shop']) {
        django(
          chart,
          { name, database, replicas: 1, processes: 1, threads: 1, migrate: name === 'polls' },
          name,
        );
      }
    };
    const terms =
      '4 (polls: 2 replicas at once × 1 processes × 2) + 2 (polls: migration) + ' +
      '4 (shop: 2 replicas at once × 1 processes × 2)';
    expect(errorOf(two(12))).toContain(refusal(12, 9, 10, terms));
    expect(() => synth(two(13))).not.toThrow();
  });

  it.each([
    [Duration.seconds(1), 13],
    [Duration.minutes(10), 20],
  ])('with what replicas have that end, when a request may take %j', (requestTimeout, instances) => {
    const define = program((chart) => postgres(chart, { maxConnections: 10 }), {
      ...TEN_INSTANCES,
      requestTimeout,
    });
    expect(errorOf(define)).toContain(`polls: ${instances} replicas at once`);
  });

  it('with one process of daphne, whatever its resources', () => {
    const define = program((chart) => postgres(chart, { maxConnections: 10, poolSize: 5 }), {
      asgiModule: 'mysite.asgi',
      asgiServer: AsgiServer.DAPHNE,
      replicas: 1,
      resources: { cpuRequest: '4', memoryLimit: '4Gi' },
    });
    expect(errorOf(define)).toContain('12 (polls: 2 replicas at once × 1 processes × 6)');
  });

  it('with the commands', () => {
    const define = (chart: Chart) => {
      const database = postgres(chart, { maxConnections: 10 });
      const app = django(chart, { database, replicas: 1, processes: 1, threads: 1 });
      app.addSessionClearing();
      app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
    };
    const terms =
      '4 (polls: 2 replicas at once × 1 processes × 2) + 2 (polls: migration) + 2 (polls: 2 commands)';
    expect(errorOf(define)).toContain(refusal(10, 7, 8, terms));
  });
});

describe('the pods that run at once during a rollout', () => {
  it('are those of both releases, when ending takes long', () => {
    expect(podsDuringRollout(1, 40)).toBe(2);
    expect(podsDuringRollout(6, 1820)).toBe(12);
  });

  it('are one more and those that have not ended, when there are many', () => {
    expect(podsDuringRollout(50, 40)).toBe(50 + 1 + 8);
  });

  it('are at least as many as a rollout has, whatever the times are', () => {
    const replicas = fc.integer({ min: 1, max: 60 });
    const seconds = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(replicas, seconds, seconds, (count, ending, ready) => {
        // A pod is ready after 5 seconds or more, and the one that it replaces ends for as long as it may.
        const step = Math.max(5, ready);
        const seen = Array.from({ length: count }, (_, index) => {
          const now = index * step;
          const ends = Array.from({ length: index }, (_none, one) => (one + 1) * step + ending);
          return count + 1 + ends.filter((end) => end > now).length;
        });
        expect(podsDuringRollout(count, ending)).toBeGreaterThanOrEqual(
          Math.min(2 * count, Math.max(...seen)),
        );
      }),
    );
  });

  it('are not more than meant to, where a volume keeps two from running at once', () => {
    const media = { mountPath: '/app/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE };
    const define = (chart: Chart) => {
      const database = postgres(chart, { maxConnections: 10 });
      django(chart, { database, media, processes: 1, threads: 8 });
    };
    expect(errorOf(define)).toContain('9 (polls: 1 replicas at once × 1 processes × 9)');
  });
});

describe('the sum of connections', () => {
  const countOf = (changes: object) =>
    connectionsOf({
      app: 'polls',
      server: {
        program: 'gunicorn',
        application: 'mysite.wsgi:application',
        processes: 3,
        threads: 4,
        workerClass: 'gthread',
        port: 8000,
        ...changes,
      },
      replicas: 2,
      migrates: false,
      commands: 0,
      ...changes,
    }).reduce((sum, { count }) => sum + count, 0);

  const UVICORN = { program: 'uvicorn', workerClass: undefined, threads: undefined };

  it('counts the threads of granian', () => {
    expect(countOf({ program: 'granian', workerClass: undefined, threads: 2 })).toBe(2 * 3 * 3);
  });

  it('has one connection for each thread, and one for the readiness of each process', () => {
    expect(countOf({})).toBe(2 * 3 * 5);
  });

  it('has one request at once for a synchronous worker, whatever its threads', () => {
    expect(countOf({ workerClass: 'sync' })).toBe(2 * 3 * 2);
  });

  it('has what a pool has at most, for any server', () => {
    expect(countOf({ poolSize: 2 })).toBe(2 * 3 * 3);
    expect(countOf({ poolSize: 2, ...UVICORN })).toBe(2 * 3 * 3);
  });

  it('leaves out what has no bound without a pool', () => {
    expect(countOf(UVICORN)).toBe(0);
    expect(countOf({ workerClass: 'gevent' })).toBe(0);
  });

  it('is what its description says', () => {
    const some = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(some, some, some, (replicas, processes, threads) => {
        const server = {
          program: 'gunicorn',
          application: 'a',
          processes,
          threads,
          workerClass: 'gthread',
          port: 1,
        };
        const [{ description, count }] = connectionsOf({
          ...{ app: 'polls', server, replicas, migrates: false, commands: 0 },
        });
        const factors = description.match(/\d+/g)!.map(Number);
        expect(factors).toEqual([replicas, processes, threads + 1]);
        expect(factors.reduce((product, factor) => product * factor)).toBe(count);
      }),
    );
  });
});

describe('the number of connections that a server takes', () => {
  it('is told to a server in the cluster', () => {
    const argsWith = (changes: object) =>
      find(
        synth((chart) => postgres(chart, { pythonImage: 'docker.io/library/python:3.11', ...changes })),
        'StatefulSet',
        'polls-db',
      ).spec.template.spec.containers[0].args;
    expect(argsWith({}).slice(0, 2)).toEqual(['postgres', '--max_connections=250']);
    expect(argsWith({ maxConnections: 500 }).slice(0, 2)).toEqual(['postgres', '--max_connections=500']);
  });

  it('is told to an operator', () => {
    const parametersWith = (changes: object) =>
      find(
        synth(
          (chart) => postgres(chart, changes),
          Distribution.upstream({ postgres: new CloudNativePostgres() }),
        ),
        'Cluster',
        'polls-db',
      ).spec.postgresql.parameters;
    expect(parametersWith({}).max_connections).toBe('250');
    expect(parametersWith({ maxConnections: 500 }).max_connections).toBe('500');
  });

  it.each([0, 9, 1.5, 262001])('is not %d', (maxConnections) => {
    const message =
      `polls/Database: maxConnections ${maxConnections} is not a whole number from 10 to 262000. ` +
      'Give a whole number from 10 to 262000.';
    expect(errorOf((chart) => postgres(chart, { maxConnections }))).toBe(message);
    expect(errorOf((chart) => existing(chart, { maxConnections }))).toMatch(
      /: maxConnections .* is not a whole/,
    );
  });
});
