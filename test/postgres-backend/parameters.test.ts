import fc from 'fast-check';
import { Distribution, PostgresBackendProps } from 'cdk8s-django';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { connectionsWithin, memoryParameters } from '../../src/postgres-backend/parameters';
import { django, errorOf, find, postgres, synth } from '../support/synth';

const PASSWORD = { secretName: 'polls-db-password', key: 'password' };

/** The parameters that the server of an application is started with. */
function started(changes: Partial<PostgresBackendProps>, replicas = 2): Record<string, string> {
  const manifests = synth((chart) =>
    django(chart, { database: postgres(chart, { password: PASSWORD, ...changes }), replicas }),
  );
  const [, ...args] = find(manifests, 'StatefulSet', 'polls-db').spec.template.spec.containers[0].args;
  const parameters = args.map((arg: string) => /^--([^=]+)=(.*)$/.exec(arg)!.slice(1));
  return Object.fromEntries(parameters.filter(([name]: string[]) => !name.startsWith('tcp_')));
}

const megabytes = (value = '0MB') => Number(/^(\d+)MB$/.exec(value)![1]);

describe('the memory of PostgreSQL', () => {
  it('follows from the limit', () => {
    expect(started({ resources: { memoryLimit: '16Gi' } })).toEqual({
      max_connections: '250',
      effective_cache_size: '12288MB',
      maintenance_work_mem: '1024MB',
      shared_buffers: '4096MB',
      work_mem: '24MB',
    });
  });

  it('is what it is without options where the limit is the default, and its own defaults are left out', () => {
    expect(started({})).toEqual({
      max_connections: '250',
      effective_cache_size: '768MB',
      shared_buffers: '256MB',
    });
  });

  it('is each what a program says', () => {
    const parameters = { shared_buffers: '300MB', effective_cache_size: '1GB', maintenance_work_mem: '1MB' };
    expect(started({ parameters: { ...parameters, work_mem: '64kB' } })).toEqual({
      max_connections: '250',
      ...parameters,
      work_mem: '64kB',
    });
  });

  it.each([
    [{ memoryLimit: '4Gi' }, '512MB'],
    [{ memoryRequest: '256Mi', memoryLimit: '2Gi' }, '256MB'],
    [{ memoryRequest: '4Gi', memoryLimit: '4Gi' }, '1024MB'],
  ])('shared by CloudNativePG is at most its request: %j', (resources, expected) => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    const manifests = synth((chart) => postgres(chart, { resources }), distribution);
    const { parameters } = find(manifests, 'Cluster', 'polls-db').spec.postgresql;
    expect(parameters.shared_buffers).toBe(expected);
  });

  it('is shared by the processes of a query: as much as the limit, and not the 64Mi that a container has', () => {
    const spec = (changes: Partial<PostgresBackendProps>) =>
      find(
        synth((chart) => postgres(chart, { password: PASSWORD, ...changes })),
        'StatefulSet',
        'polls-db',
      ).spec.template.spec;
    const { volumes, containers } = spec({ resources: { memoryLimit: '16Gi' } });
    expect(volumes).toContainEqual({ name: 'shared', emptyDir: { medium: 'Memory', sizeLimit: '16Gi' } });
    expect(containers[0].volumeMounts).toContainEqual({ name: 'shared', mountPath: '/dev/shm' });
    // Three joins at once, of 4 MB in each of their processes, do not find room in those 64Mi.
    expect(spec({}).volumes).toContainEqual({
      name: 'shared',
      emptyDir: { medium: 'Memory', sizeLimit: '1Gi' },
    });
  });

  it('fits into the limit: what is shared, and what half of the connections sort at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 1_000_000 }),
        fc.integer({ min: 10, max: 5000 }),
        (mebibytes, maxConnections) => {
          const parameters = memoryParameters(`${mebibytes}Mi`, maxConnections);
          const shared = megabytes(parameters.shared_buffers);
          expect(shared).toBe(Math.floor(mebibytes / 4));
          expect(megabytes(parameters.effective_cache_size)).toBeGreaterThanOrEqual(shared);
          expect(megabytes(parameters.maintenance_work_mem)).toBeLessThanOrEqual(1024);
          // Where it is not what PostgreSQL has by itself.
          if (parameters.work_mem) {
            const sorting = megabytes(parameters.work_mem) * maxConnections;
            expect(shared + sorting).toBeLessThanOrEqual(mebibytes);
          }
        },
      ),
    );
  });
});

describe('the connections of a server without maxConnections', () => {
  it('are 250, or what applications may open, in fifties', () => {
    const of = (replicas: number) => started({ resources: { memoryLimit: '4Gi' } }, replicas).max_connections;
    expect(of(2)).toBe('250');
    // 28 replicas at once, each with two processes of five connections, two for the migration and three kept.
    expect(of(20)).toBe('300');
  });

  it('are no more than the memory has room for, which is an error with the remedy', () => {
    expect(connectionsWithin('1Gi')).toBe(250);
    expect(
      errorOf((chart) => django(chart, { database: postgres(chart, { password: PASSWORD }), replicas: 20 })),
    ).toContain(
      'maxConnections 250 leaves 247 connections, fewer than the 282 that may be open at once: 280 (polls: 28 ' +
        'replicas at once × 2 processes × 5) + 2 (polls: migration). Raise it or resources.memoryLimit, or lower',
    );
  });

  it('stay what a program says', () => {
    expect(started({ maxConnections: 700, resources: { memoryLimit: '4Gi' } }, 20).max_connections).toBe(
      '700',
    );
  });
});

describe('a client that is lost with its node', () => {
  const args = (changes: Partial<PostgresBackendProps> = {}): string[] =>
    find(
      synth((chart) => postgres(chart, { password: PASSWORD, ...changes })),
      'StatefulSet',
      'polls-db',
    ).spec.template.spec.containers[0].args;

  it('is noticed within a minute, and its locks are free again', () => {
    expect(args().filter((arg) => arg.startsWith('--tcp'))).toEqual([
      '--tcp_keepalives_count=3',
      '--tcp_keepalives_idle=30s',
      '--tcp_keepalives_interval=10s',
      '--tcp_user_timeout=30s',
    ]);
  });

  it('is noticed when a program says so', () => {
    const parameters = { tcp_keepalives_idle: '300' };
    expect(args({ parameters }).filter((arg) => arg.startsWith('--tcp_keepalives_idle'))).toEqual([
      '--tcp_keepalives_idle=300',
    ]);
  });
});

describe('pg_stat_statements', () => {
  const EXTENSIONS = { extensions: ['pg_stat_statements'] };

  it('is loaded when the server starts', () => {
    expect(started(EXTENSIONS).shared_preload_libraries).toBe('pg_stat_statements');
    expect(started({ extensions: ['citext'] }).shared_preload_libraries).toBeUndefined();
  });

  it('is loaded among others that a program names', () => {
    const parameters = { shared_preload_libraries: 'auto_explain, pg_stat_statements' };
    expect(started({ ...EXTENSIONS, parameters }).shared_preload_libraries).toBe(
      'auto_explain, pg_stat_statements',
    );
  });

  it('is loaded by CloudNativePG, which goes by a parameter of it', () => {
    const manifests = synth(
      (chart) => postgres(chart, { ...EXTENSIONS, parameters: { work_mem: '8MB' } }),
      Distribution.upstream({ postgres: new CloudNativePostgres() }),
    );
    expect(find(manifests, 'Cluster', 'polls-db').spec.postgresql.parameters).toEqual({
      max_connections: '250',
      'pg_stat_statements.track': 'top',
      effective_cache_size: '768MB',
      shared_buffers: '256MB',
      work_mem: '8MB',
    });
  });
});
