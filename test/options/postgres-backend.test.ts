import { Duration } from 'cdk8s';
import { PostgresBackendProps } from 'cdk8s-django';
import { exporterRows, refused, row as plainRow, testOptions } from '../support/options';
import { serverScheduling } from '../support/scheduling';
import { django, find, postgres, startingWith, webContainer } from '../support/synth';

const row: typeof plainRow<PostgresBackendProps> = plainRow;

const server = (manifests: any[]) => find(manifests, 'StatefulSet', 'polls-db').spec;
const pod = (manifests: any[]) => server(manifests).template.spec;
const claim = (manifests: any[]) => server(manifests).volumeClaimTemplates[0].spec;
const variable = (name: string) => (manifests: any[]) =>
  webContainer(manifests).env.find((one: any) => one.name === name)?.value;

testOptions<PostgresBackendProps>((chart, changes) => django(chart, { database: postgres(chart, changes) }), {
  name: [
    row({ name: 'votes' }, (manifests) => find(manifests, 'StatefulSet', 'votes').spec.serviceName, 'votes'),
  ],
  storage: [row({ storage: '50Gi' }, (manifests) => claim(manifests).resources.requests.storage, '50Gi')],
  storageClassName: [
    row({ storageClassName: 'fast' }, (manifests) => claim(manifests).storageClassName, 'fast'),
  ],
  image: [
    row(
      { image: 'example.com/postgres:16' },
      (manifests) => pod(manifests).containers[0].image,
      'example.com/postgres:16',
    ),
  ],
  imagePullSecrets: [
    row({ imagePullSecrets: ['registry'] }, (manifests) => pod(manifests).imagePullSecrets, [
      { name: 'registry' },
    ]),
  ],
  database: [row({ database: 'votes' }, variable('DATABASE_NAME'), 'votes')],
  user: [row({ user: 'voter' }, variable('DATABASE_USER'), 'voter')],
  password: [
    row(
      { password: { secretName: 'own', key: 'value' } },
      (manifests) =>
        webContainer(manifests).env.find(({ name }: any) => name === 'DATABASE_PASSWORD').valueFrom
          .secretKeyRef,
      { name: 'own', key: 'value' },
    ),
  ],
  passwords: [
    row({ passwords: { accepted: [1, 2], used: 2 } }, variable('DATABASE_USER'), 'django_alternate'),
    row(
      { passwords: { accepted: [2], used: 2 } },
      (manifests) =>
        webContainer(manifests).env.find(({ name }: any) => name === 'DATABASE_PASSWORD').valueFrom
          .secretKeyRef,
      { name: 'polls-db', key: 'password-2' },
    ),
    row(
      { passwords: { accepted: [2, 3], used: 3 } },
      (manifests) => find(manifests, 'ConfigMap', 'polls-db-passwords').data,
      { accepted: '2 3\n' },
    ),
  ],
  applicationRole: [
    row({ applicationRole: {} }, variable('DATABASE_USER'), 'django_application'),
    row(
      { applicationRole: { password: { secretName: 'own', key: 'app' } } },
      (manifests) =>
        webContainer(manifests).env.find(({ name }: any) => name === 'DATABASE_PASSWORD').valueFrom
          .secretKeyRef,
      { name: 'own', key: 'app' },
    ),
  ],
  pythonImage: [
    row(
      { pythonImage: 'example.com/python:3.13' },
      (manifests) => startingWith(manifests, 'Job', 'polls-db-secret').spec.template.spec.containers[0].image,
      'example.com/python:3.13',
    ),
  ],
  resources: [
    row(
      {
        resources: {
          cpuRequest: '2',
          cpuLimit: '4',
          memoryRequest: '2Gi',
          memoryLimit: '4Gi',
          ephemeralStorage: '1Gi',
        },
      },
      (manifests) => pod(manifests).containers[0].resources,
      {
        requests: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '1Gi' },
        limits: { cpu: '4', memory: '4Gi', 'ephemeral-storage': '1Gi' },
      },
    ),
  ],
  scheduling: serverScheduling('polls/Database', pod, 'web'),
  connectionMaxAge: [row({ connectionMaxAge: Duration.seconds(9) }, variable('DATABASE_CONN_MAX_AGE'), '9')],
  engine: [
    row(
      { engine: 'django.contrib.gis.db.backends.postgis' },
      variable('DATABASE_URL'),
      'postgis://$(DATABASE_USER):$(DATABASE_PASSWORD)@$(DATABASE_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)' +
        '?sslmode=disable',
    ),
  ],
  extensions: [
    row(
      { extensions: ['postgis'] },
      (manifests) => find(manifests, 'ConfigMap', 'polls-db').data['started.sh'].match(/CREATE EX.*/)[0],
      'CREATE EXTENSION IF NOT EXISTS "postgis" CASCADE;',
    ),
  ],
  readReplicas: [
    row({ readReplicas: {} }, variable('DATABASE_REPLICA_HOST'), 'polls-db-ro'),
    row(
      { readReplicas: { stickiness: Duration.seconds(0), maxLag: Duration.minutes(1) } },
      variable('CDK8S_DJANGO_REPLICA_MAX_LAG'),
      '60',
    ),
  ],
  parameters: [
    row(
      { parameters: { work_mem: '8MB' } },
      (manifests) => pod(manifests).containers[0].args.filter((arg: string) => !arg.startsWith('--tcp_')),
      [
        'postgres',
        '--max_connections=250',
        '--effective_cache_size=768MB',
        '--shared_buffers=256MB',
        '--work_mem=8MB',
      ],
    ),
  ],
  poolSize: [row({ poolSize: 5 }, variable('DATABASE_POOL_MAX_SIZE'), '5')],
  maxConnections: [
    row(
      { maxConnections: 300 },
      (manifests) => pod(manifests).containers[0].args[1],
      '--max_connections=300',
    ),
    row(
      { maxConnections: 10 },
      server,
      refused(
        'Validation failed with the following errors:\n' +
          '  [polls/Database] maxConnections 10 leaves 7 connections, fewer than the 42 that may be open at once: ' +
          '40 (polls: 4 replicas at once × 2 processes × 5) + 2 (polls: migration). Raise it, or lower replicas, ' +
          'processes or threads, or set poolSize or use a pooler.',
      ),
    ),
  ],
  metrics: exporterRows(pod, 'quay.io/prometheuscommunity/postgres-exporter:v0.17.1', 9187),
  certificateSecretName: [
    row({ certificateSecretName: 'polls-db-tls' }, variable('DATABASE_SSL_MODE'), 'verify-full'),
    row(
      { certificateSecretName: 'polls-db-tls' },
      variable('DATABASE_SSL_ROOT_CERT'),
      '/etc/cdk8s-django/polls-db/ca.crt',
    ),
  ],
  archive: [
    row(
      { archive: {} },
      (manifests) => pod(manifests).containers[0].args.filter((arg: string) => arg.includes('archive')),
      [
        "--archive_command=sh /etc/cdk8s-django/archive.sh '%p' %f",
        '--archive_mode=on',
        '--archive_timeout=60s',
      ],
    ),
    row(
      { archive: { storage: '50Gi', storageClassName: 'nfs' } },
      (manifests) => find(manifests, 'PersistentVolumeClaim', 'polls-db-archive').spec,
      {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'nfs',
        resources: { requests: { storage: '50Gi' } },
      },
    ),
    row(
      { archive: { claimName: 'archives' } },
      (manifests) => pod(manifests).volumes.find(({ name }: any) => name === 'archive').persistentVolumeClaim,
      { claimName: 'archives' },
    ),
    row(
      { archive: { schedule: '30 1 * * *' } },
      (manifests) => find(manifests, 'CronJob', 'polls-db-base-backup').spec.schedule,
      '30 1 * * *',
    ),
    row(
      { archive: { retention: Duration.days(2) } },
      (manifests) => find(manifests, 'ConfigMap', 'polls-db').data['archive.sh'].match(/- \d+ \* 3600/)[0],
      '- 48 * 3600',
    ),
  ],
  restore: [
    row(
      { restore: { at: '2026-11-20T10:00:00Z', from: 'live-db' } },
      (manifests) => pod(manifests).initContainers[0].command,
      ['sh', '/etc/cdk8s-django/restore-to.sh', 'live-db', '2026-11-20T10:00:00Z'],
    ),
    row(
      { restore: { from: 'live-db' } },
      (manifests) =>
        pod(manifests).volumes.find(({ name }: any) => name === 'restored').persistentVolumeClaim,
      { claimName: 'live-db-archive' },
    ),
    row(
      { restore: { claimName: 'archives' } },
      (manifests) =>
        pod(manifests).volumes.find(({ name }: any) => name === 'restored').persistentVolumeClaim,
      { claimName: 'archives' },
    ),
  ],
  restoreFrom: [
    row({ restoreFrom: 'polls-db-20261124-030000' }, (manifests) => claim(manifests).dataSource, {
      apiGroup: 'snapshot.storage.k8s.io',
      kind: 'VolumeSnapshot',
      name: 'polls-db-20261124-030000',
    }),
  ],
  upgradeFrom: [
    row(
      { upgradeFrom: 'docker.io/library/postgres:15-bookworm' },
      (manifests) => pod(manifests).initContainers.map(({ name, image }: any) => [name, image]),
      [
        ['upgrade-dump', 'docker.io/library/postgres:15-bookworm'],
        ['upgrade-restore', 'docker.io/library/postgres:18-trixie'],
      ],
    ),
  ],
});
