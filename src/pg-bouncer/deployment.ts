import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { DatabaseConnection } from '../platform/postgres';
import { rollingUpdate, spreadConstraints } from '../django-app/pods';
import { MIN_READY_SECONDS } from '../django-app/rollout';
import { Shutdown, SHUTDOWN_ANNOTATION } from '../django-app/shutdown';
import * as k8s from '../kubernetes/api';
import { envVar, literal } from '../kubernetes/environment';
import { contentHash } from '../kubernetes/hash';
import { resourceLabels, Selector, selectorLabels } from '../kubernetes/labels';
import { merge } from '../kubernetes/overrides';
import { Resource } from '../kubernetes/resource';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { serviceAccount } from '../kubernetes/service-accounts';
import { DatabaseConnector } from '../platform/database-connector';
import { Exporter, exporterContainer, METRICS_USER } from '../workloads/exporter';
import { TMP_MOUNT, TMP_VOLUME } from '../workloads/disk';
import { DEFAULT_USER, podTemplate, pullSecrets } from '../workloads/pods';
import { serverService } from '../workloads/single-server';
import {
  CERTIFICATE_FOLDER,
  CONFIGURATION,
  FILES_FOLDER,
  POOLER_PORT,
  poolerConfiguration,
  RUN_FOLDER,
  START_SCRIPT,
  startScript,
} from './configuration';

const PORT_NAME = 'postgres';
/** The port of pgbouncer_exporter: https://github.com/prometheus/prometheus/wiki/Default-port-allocations */
export const POOLER_EXPORTER_PORT = 9127;

/** What the pods of a pooler are made of. */
export interface PoolerOptions {
  readonly name: string;
  readonly selector: Selector;
  readonly image: string;
  readonly imagePullSecrets: string[];
  readonly replicas: number;
  readonly poolSize: number;
  readonly maxConnections: number;
  readonly certificateSecretName?: string;
  readonly server: DatabaseConnection;
  /** The volumes of the server's certificates. */
  readonly connector?: DatabaseConnector;
  readonly resources: ContainerResources;
  /** None when the pooler shows no metrics. */
  readonly exporter?: Exporter;
  /** The fields of the pod's spec that say which nodes it runs on. */
  readonly placement: any;
  readonly shutdown: Shutdown;
}

/** The resources of a pooler. */
export interface PoolerResources {
  readonly serviceAccount: Resource;
  readonly configMap: Resource;
  readonly deployment: Resource;
  readonly service: Resource;
}

/** Makes the Deployment of a pooler, its Service, its ConfigMap and a ServiceAccount without rights. */
export function pooler(scope: Construct, options: PoolerOptions): PoolerResources {
  const { name, selector, certificateSecretName } = options;
  const metadata = { name, labels: resourceLabels(selector) };
  const has = {
    certificate: certificateSecretName !== undefined,
    hasExporter: options.exporter !== undefined,
  };
  const files = {
    [CONFIGURATION]: poolerConfiguration({ ...options, ...has }),
    [START_SCRIPT]: startScript(
      has.certificate,
      has.hasExporter,
      options.server.otherLogin !== undefined,
      options.connector?.volumes && options.server.certificatePath,
    ),
  };
  return {
    serviceAccount: serviceAccount(scope, metadata),
    configMap: new Resource(scope, 'ConfigMap', k8s.manifest('ConfigMap', { metadata, data: files })),
    deployment: new Resource(scope, 'Deployment', {
      ...k8s.typeOf('Deployment'),
      metadata,
      // The library makes the spec at synth: a Secret that the pooler reads may come after it.
      spec: Lazy.any({ produce: () => deploymentSpec(scope, options, contentHash(files)) }),
    }),
    service: serverService(scope, { name, selector, port: POOLER_PORT, portName: PORT_NAME }),
  };
}

function deploymentSpec(scope: Construct, options: PoolerOptions, checksum: string): any {
  const { name, selector, imagePullSecrets, replicas, placement, shutdown } = options;
  const { spec } = k8s.manifest('Deployment', {
    spec: {
      replicas,
      selector: { matchLabels: selectorLabels(selector) },
      strategy: rollingUpdate(),
      minReadySeconds: MIN_READY_SECONDS,
      revisionHistoryLimit: 3,
      template: podTemplate(scope, {
        selector,
        annotations: { 'checksum/config': checksum, [SHUTDOWN_ANNOTATION]: shutdown.sum },
        user: { id: DEFAULT_USER },
        spec: {
          ...placement,
          serviceAccountName: name,
          imagePullSecrets: pullSecrets(imagePullSecrets),
          terminationGracePeriodSeconds: shutdown.gracePeriod.toSeconds(),
          topologySpreadConstraints: spreadConstraints(selector),
          containers: [container(options), ...exporters(options)],
          volumes: volumes(options),
        },
      }),
    },
  });
  // `sleep` is newer than the API types, which would drop it.
  const lifecycle = { preStop: { sleep: { seconds: shutdown.preStop.toSeconds() } } };
  return merge(spec, { template: { spec: { containers: [{ name: 'pgbouncer', lifecycle }] } } });
}

function volumes({ name, certificateSecretName, connector }: PoolerOptions): k8s.Volume[] {
  return [
    TMP_VOLUME,
    { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
    { name: 'files', configMap: { name } },
    ...(certificateSecretName
      ? [{ name: 'certificate', secret: { secretName: certificateSecretName } }]
      : []),
    ...(connector?.volumes ?? []),
  ];
}

/** The exporter asks PgBouncer's own console. Its driver takes the password from libpq's variable. */
function exporters({ exporter, server, certificateSecretName }: PoolerOptions): k8s.Container[] {
  if (!exporter) return [];
  const sslMode = certificateSecretName === undefined ? 'disable' : 'require';
  const source = `postgres://${METRICS_USER}@127.0.0.1:${POOLER_PORT}/pgbouncer?sslmode=${sslMode}`;
  const env = [envVar({ name: 'PGPASSWORD', ...server.password! })];
  const args = [`--pgBouncer.connectionString=${source}`];
  return [exporterContainer(exporter, { port: POOLER_EXPORTER_PORT, args, env })];
}

function otherLogin({ otherLogin: login }: DatabaseConnection): k8s.EnvVar[] {
  if (!login) return [];
  return [
    { name: 'OTHER_USER', value: literal(login.user) },
    envVar({ name: 'OTHER_PASSWORD', ...login.password }),
  ];
}

function container(options: PoolerOptions): k8s.Container {
  const { image, server, resources, certificateSecretName, connector } = options;
  return {
    name: 'pgbouncer',
    image,
    command: ['sh', `${FILES_FOLDER}/${START_SCRIPT}`],
    ports: [{ name: PORT_NAME, containerPort: POOLER_PORT }],
    // By the names that psql knows: the probe runs it.
    env: [
      { name: 'PGHOST', value: RUN_FOLDER },
      { name: 'PGPORT', value: String(POOLER_PORT) },
      { name: 'PGDATABASE', value: literal(server.database) },
      { name: 'PGUSER', value: literal(server.user) },
      envVar({ name: 'PGPASSWORD', ...server.password! }),
      ...otherLogin(server),
    ],
    resources: resourceRequirements(resources),
    volumeMounts: [
      { name: 'files', mountPath: FILES_FOLDER, readOnly: true },
      { name: 'run', mountPath: RUN_FOLDER },
      ...(certificateSecretName
        ? [{ name: 'certificate', mountPath: CERTIFICATE_FOLDER, readOnly: true }]
        : []),
      ...(connector?.volumeMounts ?? []),
      TMP_MOUNT,
    ],
    // A query of the server: a rollout stops at a pod that does not reach it, or cannot log in.
    startupProbe: {
      exec: { command: ['psql', '--no-psqlrc', '--quiet', '--output=/dev/null', '--command=SELECT 1'] },
      periodSeconds: 2,
      timeoutSeconds: 5,
      failureThreshold: 150,
    },
    // By the port: a query would wait for a connection as those of applications do, and a busy pool still works.
    readinessProbe: {
      tcpSocket: { port: PORT_NAME },
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    livenessProbe: {
      tcpSocket: { port: PORT_NAME },
      periodSeconds: 10,
      timeoutSeconds: 10,
      failureThreshold: 6,
    },
  };
}
