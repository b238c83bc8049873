import { Construct } from 'constructs';
import { DatabaseConnection, SslMode } from '../platform/postgres';
import { NetworkPeer } from '../kubernetes/peers';
import { podsOf } from '../kubernetes/traffic';
import { DatabaseConnector } from '../platform/database-connector';
import { IPythonImage } from '../platform/python-image';
import { ArchiveBucket, archiveBucket } from './archive-bucket';
import { ArchiveOptions, RestoredTime, restoredTime, ServerArchive } from './archive';
import { ServerCertificate, serverCertificate } from './certificate';
import { HBA_FILE } from './hba';
import { checkOwnParts } from './own-checks';
import { refuseParametersOf } from './parameters';
import { PostgresBackendProps } from './postgres-backend-props';
import { ServerReplica } from './replica';
import { SCRIPT_FOLDER } from './scripts';

/** What a server that the library makes may also have. */
export interface OwnParts {
  readonly certificate?: ServerCertificate;
  readonly archive?: ServerArchive;
  /** None when there is no archive, or archives are on their volumes alone. */
  readonly archiveBucket?: ArchiveBucket;
  readonly replica?: ServerReplica;
  readonly restoredTime?: RestoredTime;
  /** The parameters that follow from it. */
  readonly ownParameters: Record<string, string>;
  /** How clients connect. */
  readonly security: Pick<DatabaseConnection, 'sslMode' | 'certificatePath'>;
  readonly connector?: DatabaseConnector;
  /** Where clients connect to. */
  readonly peers: NetworkPeer[];
  readonly replicaHost?: string;
}

/** Makes the certificate, the archive and the replica of a server, as its program asks for them. */
export function ownParts(
  scope: Construct,
  props: PostgresBackendProps,
  server: Omit<ArchiveOptions, 'certificate' | 'clients' | 'bucket'>,
  clients: IPythonImage[],
  parameters: { [name: string]: string },
): OwnParts {
  const { certificateSecretName, restore, restoreFrom, upgradeFrom, pythonImage, readReplicas } = props;
  checkOwnParts(scope, server.name, props);
  const certificate = serverCertificate(scope, server.name, certificateSecretName);
  const bucket = archiveBucket(scope, server.name, props);
  const archive =
    props.archive &&
    new ServerArchive(scope, { ...server, certificate, clients, pythonImage, bucket }, props.archive);
  refuseParametersOf(scope, 'certificateSecretName', certificate?.parameters, parameters);
  const replica = readReplicas && new ServerReplica(scope, { ...server, clients, pythonImage });
  refuseParametersOf(scope, 'archive', archive?.parameters, parameters);
  refuseParametersOf(scope, 'readReplicas', replica?.kept, parameters);
  return {
    certificate,
    archive,
    archiveBucket: bucket,
    replica,
    restoredTime: restoredTime(scope, server.name, restore, { restoreFrom, upgradeFrom }),
    ownParameters: parametersOf([certificate, archive, replica]),
    peers: [server, replica].flatMap((one) => (one ? [podsOf(one.selector)] : [])),
    replicaHost: replica?.name,
    // Without a certificate, applications that ask for one are told so.
    security: certificate?.connection ?? { sslMode: SslMode.DISABLE },
    connector: certificate?.connector,
  };
}

/** The parameters of all parts, and the file of who may connect, which each of them has something in. */
function parametersOf(parts: ({ parameters: Record<string, string> } | undefined)[]): Record<string, string> {
  const own = parts.flatMap((part) => (part ? [part.parameters] : []));
  return Object.assign(own.length > 0 ? { hba_file: `${SCRIPT_FOLDER}/${HBA_FILE}` } : {}, ...own);
}
