import { Duration } from 'cdk8s';
import { IDatabase, PostgresBackend } from 'cdk8s-django';
import { PgBouncer, PgBouncerProps } from 'cdk8s-django/postgres';
import { exporterRows, resourcesRow, row as plainRow, testOptions } from '../support/options';
import { serverScheduling } from '../support/scheduling';
import { django, find, postgres, webContainer } from '../support/synth';

const row: typeof plainRow<PgBouncerProps> = plainRow;

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls-pooler').spec;
const pod = (manifests: any[]) => deployment(manifests).template.spec;
const line = (name: string) => (manifests: any[]) =>
  find(manifests, 'ConfigMap', 'polls-pooler')
    .data['pgbouncer.ini'].split('\n')
    .find((one: string) => one.startsWith(`${name} `));
const variable = (name: string) => (manifests: any[]) =>
  webContainer(manifests).env.find((one: any) => one.name === name)?.value;

testOptions<PgBouncerProps>(
  (chart, changes) => {
    const database: IDatabase = changes.database ?? postgres(chart);
    const image = 'registry.example.com/pgbouncer:1.24.1';
    const pooler = new PgBouncer(chart, 'Pooler', { name: 'polls-pooler', image, ...changes, database });
    django(chart, { database: pooler });
  },
  {
    name: [
      row({ name: 'votes' }, (manifests) => find(manifests, 'Deployment', 'votes').kind, 'Deployment'),
      row({ name: 'votes' }, variable('DATABASE_HOST'), 'votes'),
    ],
    database: [
      row(
        (chart) => ({
          database: PostgresBackend.fromHost(chart, 'Elsewhere', {
            host: 'db.example.com',
            database: 'polls',
            user: 'polls',
            password: { secretName: 'db', key: 'password' },
          }),
        }),
        line('polls'),
        "polls = host='db.example.com' port=5432 dbname='polls'",
      ),
    ],
    image: [
      row(
        { image: 'registry.example.com/pgbouncer:1.26.1' },
        (manifests) => pod(manifests).containers[0].image,
        'registry.example.com/pgbouncer:1.26.1',
      ),
    ],
    imagePullSecrets: [
      row({ imagePullSecrets: ['registry'] }, (manifests) => pod(manifests).imagePullSecrets, [
        { name: 'registry' },
      ]),
    ],
    metrics: exporterRows(pod, 'quay.io/prometheuscommunity/pgbouncer-exporter:v0.10.2', 9127),
    replicas: [row({ replicas: 3 }, (manifests) => deployment(manifests).replicas, 3)],
    poolSize: [row({ poolSize: 7 }, line('default_pool_size'), 'default_pool_size = 7')],
    maxConnections: [row({ maxConnections: 500 }, line('max_client_conn'), 'max_client_conn = 500')],
    connectionMaxAge: [
      row({ connectionMaxAge: Duration.seconds(30) }, variable('DATABASE_CONN_MAX_AGE'), '30'),
      row(
        { connectionMaxAge: Duration.seconds(30) },
        (manifests) => pod(manifests).terminationGracePeriodSeconds,
        105,
      ),
    ],
    requestTimeout: [
      row(
        { requestTimeout: Duration.seconds(20) },
        (manifests) => pod(manifests).terminationGracePeriodSeconds,
        95,
      ),
    ],
    certificateSecretName: [
      row(
        { certificateSecretName: 'pooler-tls' },
        line('client_tls_sslmode'),
        'client_tls_sslmode = require',
      ),
      row({ certificateSecretName: 'pooler-tls' }, variable('DATABASE_SSL_MODE'), 'verify-full'),
    ],
    resources: [resourcesRow((manifests) => pod(manifests).containers[0])],
    scheduling: serverScheduling('polls/Pooler', pod, 'data'),
  },
);
