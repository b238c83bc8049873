import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar } from '../kubernetes/environment';
import { Selector } from '../kubernetes/labels';
import { TMP_MOUNT, TMP_VOLUME } from '../workloads/disk';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { ServerVolume, singleServer, SingleServerResources } from '../workloads/single-server';
import { SecretValue } from '../kubernetes/secret-values';
import { POSTGRES_PORT } from '../platform/postgres';

/** User and group `postgres` of the official image. */
const POSTGRES_USER_ID = 999;
/**
 * Where the volume is mounted: in no folder that an image has. The official ones keep their data in
 * /var/lib/postgresql/data, and from 18 on in a folder of their version, with other links between the two.
 */
export const VOLUME_PATH = '/var/lib/cdk8s-django/postgresql';
const SCRIPT_FOLDER = '/etc/cdk8s-django';
const INIT_SCRIPT = '10-application.sh';
const START_SCRIPT = 'start.sh';
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
  /** What the superuser makes in a new database. */
  readonly extensions: string[];
  /** The fields of the pod's spec that say which nodes it runs on. */
  readonly placement: any;
}

/**
 * The script with which a new server makes the application's role, run once by the image's entrypoint among the image's
 * own scripts. The entrypoint has made the database, so that those act on it too.
 *
 * The role owns its database and is not a superuser. The superuser is left without a password: it can log in within
 * the pod alone, through the socket.
 */
function initScript(extensions: string[]): string {
  return [
    'psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=ON_ERROR_STOP=1 \\',
    '  --set=role="$APPLICATION_USER" --set=database="$POSTGRES_DB" --set=password="$POSTGRES_PASSWORD" <<\'SQL\'',
    `CREATE ROLE :"role" LOGIN PASSWORD :'password';`,
    'ALTER DATABASE :"database" OWNER TO :"role";',
    ...extensions.map((name) => `CREATE EXTENSION IF NOT EXISTS "${name}" CASCADE;`),
    `ALTER ROLE ${SUPERUSER} PASSWORD NULL;`,
    'SQL',
    '',
  ].join('\n');
}

/**
 * The script that starts the server. PostgreSQL itself refuses data of another major version, and says neither what to
 * do nor that the data is safe. The pod's status has the line too.
 */
function startScript(name: string): string {
  return [
    'found=$(cat "$PGDATA/PG_VERSION" 2>/dev/null)',
    'if [ -n "$found" ] && [ -n "$PG_MAJOR" ] && [ "$found" != "$PG_MAJOR" ]; then',
    `  echo "error: the volume of the PostgresBackend '${name}' has data of PostgreSQL $found, and its image is` +
      ' PostgreSQL $PG_MAJOR, which cannot read it. Nothing was changed. Give the PostgresBackend an image of' +
      ' PostgreSQL $found, such as docker.io/library/postgres:$found-bookworm; the guide, chapter 7, says how to' +
      ' change the major version." >&2',
    '  exit 1',
    'fi',
    'exec docker-entrypoint.sh "$@"',
    '',
  ].join('\n');
}

/** Makes the resources of a server, on the official image. */
export function postgresServer(scope: Construct, options: PostgresServerOptions): SingleServerResources {
  return singleServer(scope, {
    ...options,
    port: POSTGRES_PORT,
    portName: 'postgres',
    files: { [INIT_SCRIPT]: initScript(options.extensions), [START_SCRIPT]: startScript(options.name) },
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
          // Its socket and a lock.
          { name: 'run', emptyDir: { sizeLimit: '16Mi' } },
          { name: 'scripts', configMap: { name: options.name } },
        ],
      },
    },
  });
}

function postgresContainer(options: PostgresServerOptions): k8s.Container {
  return {
    name: 'postgres',
    image: options.image,
    command: ['sh', `${SCRIPT_FOLDER}/${START_SCRIPT}`],
    // To the image's entrypoint.
    args: ['postgres', '-c', `max_connections=${options.maxConnections}`],
    ports: [{ name: 'postgres', containerPort: POSTGRES_PORT }],
    env: [
      { name: 'APPLICATION_USER', value: options.user },
      // A folder of the volume: the volume's own holds lost+found, and the group may write to it.
      { name: 'PGDATA', value: `${VOLUME_PATH}/pgdata` },
      { name: 'POSTGRES_DB', value: options.database },
      { name: 'POSTGRES_INITDB_ARGS', value: '--auth-host=scram-sha-256' },
      envVar({ name: 'POSTGRES_PASSWORD', ...options.password }),
      { name: 'POSTGRES_USER', value: SUPERUSER },
    ],
    resources: resourceRequirements(options.resources),
    volumeMounts: [
      { name: 'data', mountPath: VOLUME_PATH },
      { name: 'scripts', mountPath: SCRIPT_FOLDER, readOnly: true },
      // A file alone: the image may have scripts of its own there, such as those of PostGIS.
      {
        name: 'scripts',
        mountPath: `/docker-entrypoint-initdb.d/${INIT_SCRIPT}`,
        subPath: INIT_SCRIPT,
        readOnly: true,
      },
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
