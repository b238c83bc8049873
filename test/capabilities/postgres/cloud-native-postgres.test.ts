import { DatabaseBackup, Distribution, HealthMonitoring, LeastPrivilegeAccess } from 'cdk8s-django';
import { CloudNativePostgresBackups } from 'cdk8s-django/backup';
import { CloudNativePostgres, CloudNativePostgresProps, CloudNativeRestore } from 'cdk8s-django/postgres';
import { PostgresBackendProps } from 'cdk8s-django';
import { Chart } from 'cdk8s';
import fc from 'fast-check';
import { django, errorOf, find, postgres, synth } from '../../support/synth';

const on = (props?: CloudNativePostgresProps) =>
  Distribution.upstream({ postgres: new CloudNativePostgres(props) });
const clusterWith = (props?: CloudNativePostgresProps, database?: Partial<PostgresBackendProps>) =>
  find(
    synth((chart) => django(chart, { database: postgres(chart, database) }), on(props)),
    'Cluster',
    'polls-db',
  );
const KEY = { secretName: 'object-store', key: 'key' };
const STORE = new CloudNativePostgresBackups({
  objectStore: { destination: 's3://backups/polls', keys: { accessKeyId: KEY, secretAccessKey: KEY } },
});
const restoredOn = (restore: CloudNativeRestore, backup?: CloudNativePostgresBackups) =>
  Distribution.upstream({
    postgres: new CloudNativePostgres({ restores: { 'polls-db': restore } }),
    backup,
  });
const restoredWith = (restore: CloudNativeRestore) =>
  find(synth(backedUp, restoredOn(restore, STORE)), 'Cluster', 'polls-db');
function backedUp(chart: Chart): void {
  const database = postgres(chart);
  django(chart, { database });
  new DatabaseBackup(chart, 'Backup', { database });
}
const errorWith = (props: CloudNativePostgresProps, database?: Partial<PostgresBackendProps>) =>
  errorOf((chart) => postgres(chart, database), on(props));

describe('a Cluster of CloudNativePG', () => {
  it('of three servers confirms what a replica has, and fails over to one that has it all', () => {
    const { metadata, spec } = clusterWith();
    expect(spec.postgresql.synchronous).toEqual({ method: 'any', number: 1, dataDurability: 'required' });
    expect(metadata.annotations).toEqual({ 'alpha.cnpg.io/failoverQuorum': 'true' });
  });

  it.each([
    [{ instances: 1 }, undefined],
    [{ instances: 2 }, undefined],
    [{ instances: 3, synchronousReplicas: 0 }, undefined],
    [{ instances: 2, synchronousReplicas: 1 }, 1],
    [{ instances: 5, synchronousReplicas: 2 }, 2],
  ])('with %j waits for so many replicas: %s', (props, number) => {
    const { metadata, spec } = clusterWith(props);
    expect(spec.postgresql.synchronous?.number).toBe(number);
    expect(metadata.annotations?.['alpha.cnpg.io/failoverQuorum']).toBe(number ? 'true' : undefined);
  });

  it('never waits for more replicas than there are, with any number of servers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (instances) => {
        const { number = 0 } = clusterWith({ instances }).spec.postgresql.synchronous ?? {};
        expect(number).toBeLessThan(instances);
      }),
      { numRuns: 9 },
    );
  });

  it.each([
    [{ name: 'postgresql', major: 18 }, 'ClusterImageCatalog'],
    [{ name: 'postgresql', major: 18, clusterWide: false }, 'ImageCatalog'],
  ])('takes its image from a catalog: %j', (imageCatalog, kind) => {
    const { spec } = clusterWith({ imageCatalog });
    expect(spec.imageName).toBeUndefined();
    const apiGroup = 'postgresql.cnpg.io';
    expect(spec.imageCatalogRef).toEqual({ apiGroup, kind, name: 'postgresql', major: 18 });
  });

  it('is restored to a time from the archive of another one', () => {
    const { spec } = restoredWith({ from: 'old-db', at: '2026-11-20T10:00:00Z' });
    expect(spec.bootstrap).toEqual({
      recovery: {
        source: 'old-db',
        database: 'django',
        owner: 'django',
        recoveryTarget: { targetTime: '2026-11-20T10:00:00Z' },
      },
    });
    expect(spec.externalClusters).toEqual([
      {
        name: 'old-db',
        plugin: {
          name: 'barman-cloud.cloudnative-pg.io',
          parameters: { barmanObjectName: 'polls-db', serverName: 'old-db' },
        },
      },
    ]);
  });

  it.each(['2028-02-29T23:59:59Z', '2026-11-20T10:00:00.123456+01:00', '2000-02-29T00:00:00-12:30'])(
    'is restored to %s',
    (at) => {
      const { spec } = restoredWith({ from: 'old-db', at });
      expect(spec.bootstrap.recovery.recoveryTarget).toEqual({ targetTime: at });
    },
  );

  it('is restored as far as the archive goes without a time', () => {
    const { spec } = restoredWith({ from: 'old-db' });
    expect(spec.bootstrap.recovery).toEqual({ source: 'old-db', database: 'django', owner: 'django' });
  });

  it('begins empty where another one is restored', () => {
    const { spec } = clusterWith({ restores: { 'other-db': { from: 'old-db' } } });
    expect(spec.bootstrap).toEqual({ initdb: { database: 'django', owner: 'django' } });
    expect(spec.externalClusters).toBeUndefined();
  });

  it('gets extensions in a database that is there, too', () => {
    const manifests = synth(
      (chart) => django(chart, { database: postgres(chart, { extensions: ['citext', 'pg_trgm'] }) }),
      on(),
    );
    expect(find(manifests, 'Database', 'polls-db').spec).toEqual({
      name: 'django',
      owner: 'django',
      cluster: { name: 'polls-db' },
      extensions: [
        { name: 'citext', ensure: 'present' },
        { name: 'pg_trgm', ensure: 'present' },
      ],
    });
    expect(find(manifests, 'Cluster', 'polls-db').spec.bootstrap.initdb.postInitApplicationSQL).toHaveLength(
      2,
    );
  });

  it('has its metrics scraped, with alerts and panels by their names', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart, { metrics: {} }) });
      new HealthMonitoring(chart, 'Health', { app, metrics: {}, slo: {}, dashboard: true });
    }, on());
    const monitor = find(manifests, 'PodMonitor', 'polls-db');
    expect(monitor.spec.podMetricsEndpoints[0]).toMatchObject({ port: 'metrics', path: '/metrics' });
    const rules = JSON.stringify(manifests.filter(({ kind }) => kind === 'PrometheusRule'));
    for (const name of [
      'cnpg_collector_up',
      'cnpg_backends_total',
      'cnpg_pg_replication_lag',
      'DjangoPostgresArchiveFails',
      'DjangoPostgresReplicaLate',
    ]) {
      expect(rules).toContain(name);
    }
    expect(rules).not.toContain('pg_stat_activity_count');
    expect(JSON.stringify(manifests)).toContain('CloudNativePG (polls-db)');
  });
});

const FIXED = 'is refused by CloudNativePG, which sets it. Leave it out.';
const SIZE =
  'is not a size that CloudNativePG reads. Give a whole number with kB, MB, GB or TB, such as "512MB".';
const IMAGE_REMEDY =
  'Give an image such as "ghcr.io/cloudnative-pg/postgresql:18.4-system-trixie", with or without a digest.';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const TIME_REMEDY = 'Give it as RFC 3339 writes it, such as "2026-11-20T10:00:00Z".';

/** By the rule of the operator's webhooks, or of the schema of its kinds. */
describe('what the operator would refuse is refused at synth', () => {
  it.each<[string, CloudNativePostgresProps, Partial<PostgresBackendProps>, string]>([
    [
      'validateSynchronousReplicaConfiguration',
      { instances: 2, synchronousReplicas: 2 },
      {},
      'postgres.synchronousReplicas 2 is not a whole number from 0 to 1. Give a whole number from 0 to 1.',
    ],
    [
      'validateImageName: a digest alone',
      { image: `ghcr.io/cloudnative-pg/postgresql@${DIGEST}` },
      {},
      `postgres.image "ghcr.io/cloudnative-pg/postgresql@${DIGEST}" has no tag that begins with the version of ` +
        `PostgreSQL, which CloudNativePG refuses. ${IMAGE_REMEDY}`,
    ],
    [
      'validateImageName: a tag without a version',
      { image: 'registry.example.com:5000/postgresql:stable' },
      {},
      'postgres.image "registry.example.com:5000/postgresql:stable" has no tag that begins with the version of ' +
        `PostgreSQL, which CloudNativePG refuses. ${IMAGE_REMEDY}`,
    ],
    [
      'validateConfiguration: a version that is too old',
      { image: 'ghcr.io/cloudnative-pg/postgresql:12.22' },
      {},
      'postgres.image "ghcr.io/cloudnative-pg/postgresql:12.22" is of PostgreSQL 12, and CloudNativePG refuses what ' +
        `is older than 13. ${IMAGE_REMEDY}`,
    ],
    [
      'schema: an image and a catalog',
      { image: 'ghcr.io/cloudnative-pg/postgresql:18.4', imageCatalog: { name: 'postgresql', major: 18 } },
      {},
      'postgres.imageCatalog "postgresql" is given together with image. Give one of them.',
    ],
    [
      'schema: a major version of a catalog',
      { imageCatalog: { name: 'postgresql', major: 9 } },
      {},
      'postgres.imageCatalog.major 9 is not a whole number of at least 13. Give a whole number of at least 13.',
    ],
    [
      'schema: the name of a catalog',
      { imageCatalog: { name: 'Catalog', major: 18 } },
      {},
      'postgres.imageCatalog.name "Catalog" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" ' +
        'and ".", beginning and ending with a letter or digit.',
    ],
    ...[
      'archive_command',
      'ssl',
      'hot_standby',
      'logging_collector',
      'restore_command',
      'primary_conninfo',
    ].map((name): [string, CloudNativePostgresProps, Partial<PostgresBackendProps>, string] => [
      `validateConfiguration: the fixed parameter ${name}`,
      {},
      { parameters: { [name]: 'x' } },
      `parameters.${name} "x" ${FIXED}`,
    ]),
    [
      'validateConfiguration: the fixed parameter synchronous_standby_names',
      {},
      { parameters: { synchronous_standby_names: '*' } },
      'parameters.synchronous_standby_names "*" is refused by CloudNativePG, which sets it. Leave it out, and give ' +
        'synchronousReplicas of CloudNativePostgres.',
    ],
    [
      'validateConfiguration: wal_level',
      { instances: 1 },
      { parameters: { wal_level: 'minimal' } },
      'parameters.wal_level "minimal" is refused by CloudNativePG, whose servers archive and stream their WAL. Give ' +
        '"replica" or "logical", or leave it out.',
    ],
    [
      'validateConfiguration: wal_log_hints',
      {},
      { parameters: { wal_log_hints: 'OFF' } },
      'parameters.wal_log_hints "OFF" is refused by CloudNativePG where there are replicas: a former primary joins ' +
        'again by it. Leave it out.',
    ],
    ...['hot_standby_feedback', 'sync_replication_slots', 'wal_log_hints'].map(
      (name): [string, CloudNativePostgresProps, Partial<PostgresBackendProps>, string] => [
        `validateConfiguration: ${name} that is no boolean`,
        {},
        { parameters: { [name]: 'maybe' } },
        `parameters.${name} "maybe" is not a boolean that CloudNativePG reads. Give "on" or "off".`,
      ],
    ),
    [
      'validateConfiguration: shared_buffers that is no size',
      {},
      { parameters: { shared_buffers: '0.5GB' } },
      `parameters.shared_buffers "0.5GB" ${SIZE}`,
    ],
    [
      'validateResources: shared_buffers, which the webhook reads as megabytes',
      {},
      { parameters: { shared_buffers: '1024' } },
      'parameters.shared_buffers "1024" is more than the memory request of 512Mi, which CloudNativePG refuses. Raise ' +
        'resources.memoryRequest, or lower it.',
    ],
    [
      'validateWalSizeConfiguration: no size',
      {},
      { parameters: { min_wal_size: 'lots' } },
      `parameters.min_wal_size "lots" ${SIZE}`,
    ],
    [
      'validateWalSizeConfiguration: the least is above the most',
      {},
      { parameters: { min_wal_size: '1GB' } },
      'parameters.min_wal_size "1GB" leaves min_wal_size (1GB) not below max_wal_size (1GB), which CloudNativePG ' +
        'refuses. Let min_wal_size be smaller.',
    ],
    [
      'validateWalSizeConfiguration: the most is below the least',
      {},
      { parameters: { max_wal_size: '64MB' } },
      'parameters.max_wal_size "64MB" leaves min_wal_size (80MB) not below max_wal_size (64MB), which CloudNativePG ' +
        'refuses. Let min_wal_size be smaller.',
    ],
    ...[
      '2026-11-20 10:00:00',
      '2026-11-20T10:00:00',
      '2026-02-30T10:00:00Z',
      '2027-02-29T10:00:00Z',
      '2026-11-00T10:00:00Z',
      '2026-11-20T25:00:00Z',
      'now',
    ].map((at): [string, CloudNativePostgresProps, Partial<PostgresBackendProps>, string] => [
      `validateRecoveryTarget: ${at}`,
      { restores: { 'polls-db': { from: 'old-db', at } } },
      {},
      `postgres.restores.polls-db.at "${at}" is not a time with a zone, which CloudNativePG refuses or takes for ` +
        `UTC. ${TIME_REMEDY}`,
    ]),
    [
      'the archive of the database itself',
      { restores: { 'polls-db': { from: 'polls-db' } } },
      {},
      'postgres.restores.polls-db.from "polls-db" is the database itself, whose archive would then have two ' +
        'histories. Restore into a database with another name, beside the first.',
    ],
    [
      'validateResources: more than the limit',
      {},
      { resources: { memoryRequest: '2Gi' } },
      'resources.memoryRequest "2Gi" is above resources.memoryLimit "1Gi". Lower the request or raise the limit.',
    ],
    [
      'validateStorageSize',
      {},
      { storage: 'lots' },
      'storage "lots" is not a quantity of bytes. Give a number with a unit such as "512Mi" or "20Gi".',
    ],
    [
      'validateName',
      {},
      { name: '1-db' },
      'name "1-db" is not a DNS label. Use lower-case letters, digits and "-", a letter first and no "-" at the end.',
    ],
    [
      'validateExtensions of a Database',
      {},
      { extensions: ['citext', 'citext'] },
      'extensions "citext" is given twice. Remove one of them.',
    ],
    [
      'an image of an exporter, which there is none of',
      {},
      { metrics: { image: 'registry.example.com/exporter:1' } },
      'metrics.image "registry.example.com/exporter:1" is for an exporter, and the server of the operator shows its ' +
        'metrics by itself. Give metrics: {}.',
    ],
  ])('%s', (_rule, props, database, message) => {
    expect(errorWith(props, database)).toBe(`polls/Database: ${message}`);
  });

  it.each<{ [name: string]: string }>([
    { shared_buffers: '400MB', min_wal_size: '100MB', max_wal_size: '2 GB' },
    { wal_level: 'logical', hot_standby_feedback: 'on', wal_log_hints: 'on' },
    { 'auto_explain.log_min_duration': '10s', archive_timeout: '60s' },
  ])('and takes what the operator takes: %j', (parameters) => {
    expect(clusterWith({}, { parameters }).spec.postgresql.parameters).toMatchObject(parameters);
  });
});

describe('a restored database without a backup in an object store', () => {
  const RESTORE = { from: 'old-db', at: '2026-11-20T10:00:00Z' };
  const MESSAGE =
    'postgres.restores.polls-db {"from":"old-db","at":"2026-11-20T10:00:00Z"} needs a DatabaseBackup of the new ' +
    'database in an object store, which lets its servers reach the archive. Add one, and give the distribution ' +
    'backup: new CloudNativePostgresBackups({ objectStore: { … } }).';

  it.each<[string, (chart: Chart) => void, CloudNativePostgresBackups | undefined]>([
    ['no backup', (chart) => django(chart, { database: postgres(chart) }), STORE],
    ['snapshots', backedUp, new CloudNativePostgresBackups()],
  ])('%s', (_what, define, backup) => {
    expect(errorOf(define, restoredOn(RESTORE, backup))).toContain(`[polls/Database] ${MESSAGE}`);
  });
});

it('a restored database is backed up and reaches the store by its own backup', () => {
  const distribution = Distribution.gke({
    projectId: 'acme',
    postgres: new CloudNativePostgres({ restores: { 'polls-db': { from: 'old-db' } } }),
    backup: new CloudNativePostgresBackups({ objectStore: { destination: 'gs://acme-backups/polls' } }),
  });
  const manifests = synth((chart) => {
    const database = postgres(chart);
    const app = django(chart, { database });
    new DatabaseBackup(chart, 'Backup', { database });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  }, distribution);
  const { spec } = find(manifests, 'Cluster', 'polls-db');
  expect(spec.bootstrap.recovery.source).toBe('old-db');
  expect(spec.plugins[0].parameters).toEqual({ barmanObjectName: 'polls-db' });
});
