import * as k8s from '../kubernetes/api';
import { POSTGRES_PORT, POSTGRES_USER_ID, SslMode } from '../platform/postgres';
import { singleServer, SingleServerResources } from '../workloads/single-server';
import { METRICS_USER } from '../workloads/exporter';
import { HBA_FILE } from './hba';
import { ServerReplica } from './replica';
import {
  FOLLOW_SCRIPT,
  FOLLOWS_SCRIPT,
  followScript,
  followsScript,
  STARTED_SCRIPT,
  startedScript,
} from './replica-scripts';
import { SCRIPT_FOLDER } from './scripts';
import {
  accessFile,
  postgresContainer,
  PostgresServerOptions,
  serverExporter,
  serverVolumes,
  VOLUME_PATH,
} from './stateful-set';

/** A copy of any size is made before the server starts: within a day. */
const STARTS_WITHIN = { periodSeconds: 2, timeoutSeconds: 60, failureThreshold: 43_200 };

/** Makes the resources of the replica, if there is one: those of a server of one pod. */
export function replicaServer(primary: PostgresServerOptions): SingleServerResources | undefined {
  const { replica } = primary;
  if (!replica) return undefined;
  const { name, selector } = replica;
  const { certificate, imagePullSecrets, storage, storageClassName } = primary;
  const { sslMode = SslMode.DISABLE } = certificate?.connection ?? {};
  const files = {
    [FOLLOW_SCRIPT]: followScript({
      name: primary.name,
      replica: name,
      volumePath: VOLUME_PATH,
      sslMode,
      certificatePath: certificate?.ownAuthority,
      starting: certificate?.starting,
    }),
    [STARTED_SCRIPT]: startedScript(primary),
    [FOLLOWS_SCRIPT]: followsScript(primary),
    [HBA_FILE]: replicaAccessFile(primary),
  };
  return singleServer(replica, {
    name,
    selector,
    imagePullSecrets,
    port: POSTGRES_PORT,
    portName: 'postgres',
    files,
    volume: { storage, storageClassName },
    pod: {
      user: { id: POSTGRES_USER_ID, ownsVolumes: true },
      get spec() {
        return podSpec(replica, primary);
      },
    },
  });
}

/**
 * Who may connect: as to the primary. The exporter in the pod needs no password: the one of the primary's exporter is in
 * that pod alone, and a replica takes no other.
 */
function replicaAccessFile(primary: PostgresServerOptions): string {
  const exporter = primary.exporter ? `host all ${METRICS_USER} 127.0.0.1/32 trust\n` : '';
  return exporter + accessFile(primary);
}

function podSpec(replica: ServerReplica, primary: PostgresServerOptions): any {
  // Nothing is archived from it, and nobody follows it. Passwords come to it with all other data.
  const others = { ...primary.archive?.parameters, ...replica.parameters };
  const parameters = () =>
    Object.fromEntries(Object.entries(primary.parameters()).filter(([name]) => !(name in others)));
  const options = {
    ...{ ...primary, name: replica.name, parameters },
    ...{ archive: undefined, passwords: undefined, exporter: undefined, replica: undefined },
  };
  const { exporter, database } = primary;
  return {
    ...options.placement,
    affinity: { ...options.placement.affinity, ...replica.affinity },
    terminationGracePeriodSeconds: 60,
    containers: [
      replicaContainer(replica, options),
      ...(exporter ? [serverExporter(exporter, database)] : []),
    ],
    volumes: serverVolumes(options),
  };
}

function replicaContainer(replica: ServerReplica, options: PostgresServerOptions): k8s.Container {
  // What a page reads is not taken away by the primary's vacuum.
  const container = postgresContainer(options, { hot_standby_feedback: 'on', ...options.parameters() });
  const script = (name: string) => ['sh', `${SCRIPT_FOLDER}/${name}`];
  return {
    ...container,
    command: script(FOLLOW_SCRIPT),
    env: [{ name: 'PGDATA', value: `${VOLUME_PATH}/pgdata` }, replica.ownEnvironment],
    volumeMounts: container.volumeMounts!.filter(({ subPath }) => subPath === undefined),
    startupProbe: { exec: { command: script(STARTED_SCRIPT) }, ...STARTS_WITHIN },
    readinessProbe: { ...container.readinessProbe, exec: { command: script(FOLLOWS_SCRIPT) } },
  };
}
