import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkResourceName } from '../kubernetes/names';
import { DatabaseConnector } from '../platform/database-connector';
import { DatabaseConnection, SslMode } from '../platform/postgres';
import { reloading } from '../workloads/reloading';

/** Where the server finds its certificate. */
const FOLDER = '/etc/cdk8s-django/tls';
const [CERTIFICATE, KEY] = [`${FOLDER}/tls.crt`, `${FOLDER}/tls.key`];
const MOUNT: k8s.VolumeMount = { name: 'certificate', mountPath: FOLDER, readOnly: true };
/** PostgreSQL refuses a key that everybody may read. The group is that of the pod. */
const READ_BY_GROUP = 0o440;
/** How long a renewed certificate waits beside the time that the kubelet takes to write it. */
const RELOAD_SECONDS = 5;

/** What the certificate of a server changes in it. */
export interface ServerCertificate {
  readonly parameters: Record<string, string>;
  /** Lines of its start script. */
  readonly starting: string[];
  /** The authority, where the server itself has it. */
  readonly ownAuthority: string;
  readonly mount: k8s.VolumeMount;
  readonly volume: k8s.Volume;
  /** How clients connect. */
  readonly connection: Pick<DatabaseConnection, 'sslMode' | 'certificatePath'>;
  /** The authority that they check it by. */
  readonly connector: DatabaseConnector;
}

/** Checks the name of the Secret, and says what follows from it. */
export function serverCertificate(
  scope: Construct,
  name: string,
  secretName: string | undefined,
): ServerCertificate | undefined {
  if (secretName === undefined) return undefined;
  checkResourceName(scope, 'certificateSecretName', secretName);
  const parameters = {
    ssl: 'on',
    ssl_cert_file: CERTIFICATE,
    ssl_key_file: KEY,
  };
  const authority = { name: 'database-ca', mountPath: `/etc/cdk8s-django/${name}`, readOnly: true };
  const items = [{ key: 'ca.crt', path: 'ca.crt' }];
  return {
    parameters,
    starting: reloading([CERTIFICATE, KEY], RELOAD_SECONDS),
    ownAuthority: `${FOLDER}/ca.crt`,
    mount: MOUNT,
    volume: { name: MOUNT.name, secret: { secretName, defaultMode: READ_BY_GROUP } },
    connection: { sslMode: SslMode.VERIFY_FULL, certificatePath: `${authority.mountPath}/ca.crt` },
    connector: {
      volumes: [{ name: authority.name, secret: { secretName, items } }],
      volumeMounts: [authority],
    },
  };
}
