import { Construct } from 'constructs';
import { DatabaseConnection, SslMode } from '../platform/postgres';
import { DatabaseConnector } from '../platform/database-connector';
import { IPythonImage } from '../platform/python-image';
import { ArchiveOptions, RestoredTime, restoredTime, ServerArchive } from './archive';
import { ServerCertificate, serverCertificate } from './certificate';
import { HBA_FILE } from './hba';
import { refuseParametersOf } from './parameters';
import { PostgresBackendProps } from './postgres-backend-props';
import { SCRIPT_FOLDER } from './scripts';

/** What a server that the library makes may also have. */
export interface OwnParts {
  readonly certificate?: ServerCertificate;
  readonly archive?: ServerArchive;
  readonly restoredTime?: RestoredTime;
  /** The parameters that follow from it. */
  readonly ownParameters: Record<string, string>;
  /** How clients connect. */
  readonly security: Pick<DatabaseConnection, 'sslMode' | 'certificatePath'>;
  readonly connector?: DatabaseConnector;
}

/** Makes the certificate and the archive of a server, as its program asks for them. */
export function ownParts(
  scope: Construct,
  props: PostgresBackendProps,
  server: Omit<ArchiveOptions, 'certificate' | 'clients'>,
  clients: IPythonImage[],
  parameters: { [name: string]: string },
): OwnParts {
  const { certificateSecretName, restore, restoreFrom, upgradeFrom, pythonImage } = props;
  const certificate = serverCertificate(scope, server.name, certificateSecretName);
  const archive =
    props.archive &&
    new ServerArchive(scope, { ...server, certificate, clients, pythonImage }, props.archive);
  refuseParametersOf(scope, 'certificateSecretName', certificate?.parameters, parameters);
  refuseParametersOf(scope, 'archive', archive?.parameters, parameters);
  return {
    certificate,
    archive,
    restoredTime: restoredTime(scope, server.name, restore, { restoreFrom, upgradeFrom }),
    ownParameters: {
      ...((certificate ?? archive) && { hba_file: `${SCRIPT_FOLDER}/${HBA_FILE}` }),
      ...certificate?.parameters,
      ...archive?.parameters,
    },
    // Without a certificate, applications that ask for one are told so.
    security: certificate?.connection ?? { sslMode: SslMode.DISABLE },
    connector: certificate?.connector,
  };
}
