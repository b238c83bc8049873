import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { Selector } from '../kubernetes/labels';
import { TMP_MOUNT, TMP_VOLUME } from '../workloads/disk';
import { bytes } from '../kubernetes/quantities';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { writtenHash } from '../kubernetes/resource';
import { ServerVolume, singleServer, SingleServerResources } from '../workloads/single-server';
import {
  Exporter,
  EXPORTER_MOUNT,
  EXPORTER_PASSWORD,
  EXPORTER_VOLUME,
  exporterContainer,
  METRICS_USER,
} from '../workloads/exporter';
import { SecretValue } from '../kubernetes/secret-values';
import { ServerPasswords } from '../secrets/server-passwords';
import {
  localClient,
  PASSWORDS_SCRIPT,
  passwordsScript,
  program,
  START_SCRIPT,
  startScript,
} from './passwords';

export const VALKEY_PORT = 6379;
/** The port of redis_exporter: https://github.com/prometheus/prometheus/wiki/Default-port-allocations */
export const VALKEY_EXPORTER_PORT = 9121;

/** User and group `valkey` of the official image, and `redis` of Redis'. */
export const VALKEY_USER_ID = 999;
const DATA_PATH = '/data';
const CONFIG_FOLDER = '/etc/valkey';

/** What a server is made of. */
export interface ValkeyServerOptions {
  readonly name: string;
  readonly selector: Selector;
  readonly image: string;
  readonly imagePullSecrets: string[];
  readonly password: SecretValue;
  /** None unless they have numbers. */
  readonly passwords?: ServerPasswords;
  readonly resources: ContainerResources;
  /** The fields of the pod's spec that say which nodes it runs on. */
  readonly placement: any;
  /** None when the server shows no metrics. */
  readonly exporter?: Exporter;
  /** None for a cache. */
  readonly volume?: ServerVolume;
}

/** Makes the resources of a server. */
export function valkeyServer(scope: Construct, options: ValkeyServerOptions): SingleServerResources {
  const { name, passwords, exporter } = options;
  const configuration = valkeyConf(scope, options);
  const server: SingleServerResources = singleServer(scope, {
    ...options,
    port: VALKEY_PORT,
    portName: 'valkey',
    files: {
      'valkey.conf': configuration,
      ...(passwords && {
        [START_SCRIPT]: startScript(passwords, CONFIG_FOLDER, exporter && EXPORTER_LOGIN),
        [PASSWORDS_SCRIPT]: passwordsScript(name, passwords),
      }),
    },
    pod: {
      annotations: { 'checksum/config': Lazy.any({ produce: () => writtenHash([server.configMap]) }) },
      user: { id: VALKEY_USER_ID, ownsVolumes: true },
      spec: {
        ...options.placement,
        containers: [valkeyContainer(options), ...exporters(options)],
        volumes: [
          TMP_VOLUME,
          { name: 'config', configMap: { name } },
          ...(passwords ? [passwords.volume] : []),
          ...(ownLogin(options) ? [EXPORTER_VOLUME] : []),
        ],
      },
    },
  });
  return server;
}

/**
 * With a volume the server is fit to be a broker: each write is on the disk before it is acknowledged, and when its
 * memory is full it refuses writes and forgets nothing. Without one it is a cache: it forgets what was used least.
 *
 * `appendfsync everysec` would be faster, and lose a second of acknowledged tasks with the node. What comes in while
 * the disk is busy is written together, so many clients do not wait longer than one.
 *
 * @see https://valkey.io/topics/persistence/
 */
function valkeyConf(scope: Construct, { volume, resources }: ValkeyServerOptions): string {
  const limit = bytes(scope, 'resources.memoryLimit', resources.memoryLimit!);
  // Rewriting the file takes a copy of the process, which needs memory for what is written meanwhile.
  const share = volume ? 0.6 : 0.8;
  return [
    `port ${VALKEY_PORT}`,
    // Clients come from other pods; each needs the password.
    'protected-mode no',
    // A cache writes nothing there.
    `dir ${volume ? DATA_PATH : TMP_MOUNT.mountPath}`,
    'save ""',
    `appendonly ${volume ? 'yes' : 'no'}`,
    'appendfsync always',
    `maxmemory ${Math.floor(limit * share)}`,
    `maxmemory-policy ${volume ? 'noeviction' : 'allkeys-lru'}`,
    '',
  ].join('\n');
}

const EXPORTED = `127.0.0.1:${VALKEY_PORT}`;
/** The file by which redis_exporter finds the password of a user at a server. It is read once, as the exporter starts. */
const EXPORTER_LOGIN = `{"redis://${METRICS_USER}@${EXPORTED}":"%s"}`;

/** Whether the exporter has a user of its own: where the server's one user has passwords that change. */
function ownLogin({ exporter, passwords }: ValkeyServerOptions): boolean {
  return exporter !== undefined && passwords !== undefined;
}

/** Redis' exporter is Valkey's too. */
function exporters(options: ValkeyServerOptions): k8s.Container[] {
  const { exporter, password } = options;
  if (!exporter) return [];
  const own = ownLogin(options);
  const login = own
    ? [
        { name: 'REDIS_USER', value: METRICS_USER },
        { name: 'REDIS_PASSWORD_FILE', value: EXPORTER_PASSWORD },
      ]
    : [envVar({ name: 'REDIS_PASSWORD', ...password })];
  return [
    exporterContainer(exporter, {
      port: VALKEY_EXPORTER_PORT,
      env: [{ name: 'REDIS_ADDR', value: `redis://${EXPORTED}` }, ...login],
      volumeMounts: own ? [{ ...EXPORTER_MOUNT, readOnly: true }] : undefined,
    }),
  ];
}

// An empty password would let everybody in.
const START = `exec ${program('server')} ${CONFIG_FOLDER}/valkey.conf --requirepass "\${VALKEYCLI_AUTH:?is empty}"`;

function valkeyContainer(options: ValkeyServerOptions): k8s.Container {
  const { passwords } = options;
  const probe = isAnswering(passwords ? localClient() : program('cli'));
  return {
    name: 'valkey',
    image: options.image,
    command: passwords ? ['sh', `${CONFIG_FOLDER}/${START_SCRIPT}`] : ['sh', '-c', START],
    ports: [{ name: 'valkey', containerPort: VALKEY_PORT }],
    env: passwords
      ? undefined
      : ['REDISCLI_AUTH', 'VALKEYCLI_AUTH'].map((name) => envVar({ name, ...options.password })),
    resources: resourceRequirements(options.resources),
    volumeMounts: [
      ...(options.volume ? [{ name: 'data', mountPath: DATA_PATH }] : []),
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      ...(passwords ? [passwords.mount] : []),
      ...(ownLogin(options) ? [EXPORTER_MOUNT] : []),
      TMP_MOUNT,
    ],
    startupProbe: { ...probe, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 1800 },
    readinessProbe: { ...probe, periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 6 },
    // No program: to start one takes many seconds on a node that is busy, and the server would be ended for it.
    livenessProbe: {
      tcpSocket: { port: 'valkey' },
      periodSeconds: 10,
      timeoutSeconds: 10,
      failureThreshold: 6,
    },
  };
}

/** Asks the server, which answers otherwise while it loads its data. */
function isAnswering(client: string): k8s.Probe {
  return { exec: { command: ['sh', '-c', `[ "$(${client} ping)" = PONG ]`] } };
}
