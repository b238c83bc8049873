import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { Selector } from '../kubernetes/labels';
import { TMP_MOUNT, TMP_VOLUME } from '../workloads/pods';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { ServerVolume, singleServer, SingleServerResources } from '../workloads/single-server';
import { SecretValue } from '../kubernetes/secret-values';
import { POSTGRES_PORT } from '../platform/postgres';

/** User and group `postgres` of the official image. */
const POSTGRES_USER_ID = 999;
const DATA_PATH = '/var/lib/postgresql/data';
const SUPERUSER = 'postgres';

/** What the server of a database is made of. */
export interface PostgresServerOptions extends ServerVolume {
  readonly name: string;
  readonly selector: Selector;
  readonly image: string;
  readonly imagePullSecrets: string[];
  readonly database: string;
  readonly user: string;
  readonly password: SecretValue;
  readonly resources: ContainerResources;
  readonly maxConnections: number;
  /** The fields of the pod's spec that say which nodes it runs on. */
  readonly placement: any;
}

/**
 * The script with which a new server makes the application's role and database, run once by the image's entrypoint.
 *
 * The role owns its database and is not a superuser. The superuser is left without a password: it can log in within
 * the pod alone, through the socket.
 */
function initScript(): string {
  return [
    'psql --username="$POSTGRES_USER" --dbname=postgres --set=ON_ERROR_STOP=1 \\',
    '  --set=role="$APPLICATION_USER" --set=database="$APPLICATION_DATABASE" --set=password="$POSTGRES_PASSWORD" <<\'SQL\'',
    `CREATE ROLE :"role" LOGIN PASSWORD :'password';`,
    'CREATE DATABASE :"database" OWNER :"role";',
    `ALTER ROLE ${SUPERUSER} PASSWORD NULL;`,
    'SQL',
    '',
  ].join('\n');
}

/** Makes the resources of a server, on the official image. */
export function postgresServer(scope: Construct, options: PostgresServerOptions): SingleServerResources {
  return singleServer(scope, {
    ...options,
    port: POSTGRES_PORT,
    portName: 'postgres',
    files: { '10-application.sh': initScript() },
    volume: options,
    pod: {
      user: { id: POSTGRES_USER_ID, ownsVolumes: true },
      spec: {
        ...options.placement,
        // Time to write what is in memory: a fast shutdown, by the image's stop signal.
        terminationGracePeriodSeconds: 60,
        containers: [postgresContainer(options)],
        volumes: [
          TMP_VOLUME,
          { name: 'run', emptyDir: {} },
          { name: 'init', configMap: { name: options.name } },
        ],
      },
    },
  });
}

function postgresContainer(options: PostgresServerOptions): k8s.Container {
  return {
    name: 'postgres',
    image: options.image,
    // To the image's entrypoint.
    args: ['postgres', '-c', `max_connections=${options.maxConnections}`],
    ports: [{ name: 'postgres', containerPort: POSTGRES_PORT }],
    env: [
      { name: 'APPLICATION_DATABASE', value: options.database },
      { name: 'APPLICATION_USER', value: options.user },
      // A folder of the volume: the volume's own holds lost+found, and the group may write to it.
      { name: 'PGDATA', value: `${DATA_PATH}/pgdata` },
      { name: 'POSTGRES_INITDB_ARGS', value: '--auth-host=scram-sha-256' },
      envVar({ name: 'POSTGRES_PASSWORD', ...options.password }),
      { name: 'POSTGRES_USER', value: SUPERUSER },
    ],
    resources: resourceRequirements(options.resources),
    volumeMounts: [
      { name: 'data', mountPath: DATA_PATH },
      { name: 'init', mountPath: '/docker-entrypoint-initdb.d', readOnly: true },
      { name: 'run', mountPath: '/var/run/postgresql' },
      TMP_MOUNT,
    ],
    startupProbe: { ...isReady(options), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 150 },
    readinessProbe: { ...isReady(options), periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 6 },
    // No program: to start one takes many seconds on a node that is busy, and the server would be ended for it.
    livenessProbe: {
      tcpSocket: { port: 'postgres' },
      periodSeconds: 10,
      timeoutSeconds: 10,
      failureThreshold: 6,
    },
  };
}

/**
 * Over TCP, which the server does not listen on while its entrypoint prepares it. The user that runs may have no name.
 */
function isReady({ user, database }: PostgresServerOptions): k8s.Probe {
  const command = ['pg_isready', '--host=127.0.0.1', `--username=${user}`, `--dbname=${database}`, '--quiet'];
  return { exec: { command } };
}
