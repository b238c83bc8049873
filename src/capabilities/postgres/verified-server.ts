import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { checkFilePath, checkHost, checkPlatformName } from '../../kubernetes/names';
import { checkRemotePort } from '../../kubernetes/numbers';
import { checkPeers, NetworkPeer } from '../../kubernetes/peers';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { StoredValue } from '../../platform/secrets';
import {
  DatabaseIdentity,
  DatabaseRequest,
  ManagedDatabase,
  POSTGRES_PORT,
  SslMode,
} from '../../platform/postgres';
import { factOf, passwordOf } from './facts';

/** A server of the platform. The database and the role of the PostgresBackend exist on it. */
export interface PostgresServer {
  /** Its host: a DNS name. */
  readonly host: string;

  /**
   * Port that it listens on.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Host of its replicas, at the same port, for `readReplicas` of the backend. `peers` name them too.
   *
   * @default - it has no replicas to read from
   */
  readonly replicaHost?: string;

  /**
   * What the platform's secret store has as the role's password.
   *
   * @default - the password of the PostgresBackend, or none with `identityUser`
   */
  readonly password?: StoredValue;

  /**
   * The role that the identity of the pods logs in as, without a password: on RDS one that has `rds_iam`, on Azure the
   * name of the managed identity. No Secret is made. The settings overlay gives each new connection a token.
   *
   * @default - the role of the PostgresBackend, with its password
   */
  readonly identityUser?: string;

  /**
   * Where the server is, as network policies see it: the address range of its subnet.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];
}

/** Servers of the platform, and the certificates that theirs are checked against. Give one of the two. */
export interface PostgresServersProps {
  /** The servers, by the name of the PostgresBackend. */
  readonly servers: { [backend: string]: PostgresServer };

  /**
   * The certificates of the authorities, in PEM format, at most 200,000 bytes: they go into a ConfigMap, which pods
   * mount.
   *
   * @default - `certificatePath`
   */
  readonly certificates?: string;

  /**
   * Path, in the image of the applications, of a file with the certificates.
   *
   * @default - `certificates`
   */
  readonly certificatePath?: string;

  /**
   * libpq's `sslmode`: `verify-full`, or `verify-ca` where the server is reached by another name than its
   * certificate's.
   *
   * @default SslMode.VERIFY_FULL
   */
  readonly sslMode?: SslMode;
}

const CERTIFICATE_KEY = 'ca.pem';
/** kubectl keeps a copy in an annotation, and all annotations together have 256 KiB. */
const LONGEST_CERTIFICATES = 200_000;

/** How the identity of the pods logs in to a server of a cloud. */
export interface IdentityLogin {
  readonly identity: DatabaseIdentity;

  /** Commands, and lines of explanation, that let `$PRINCIPAL` log in. */
  readonly grants: string[];
}

/** A server by which its identity is known: the role that logs in, and what errors call the server. */
export interface IdentityServer {
  readonly host: string;
  readonly replicaHost?: string;
  readonly user: string;
  readonly property: string;
}

/** A database on a server of the platform, whose certificate is checked. */
export function verifiedServer(
  scope: Construct,
  request: DatabaseRequest,
  props: PostgresServersProps,
  loginOf: (server: IdentityServer) => IdentityLogin,
): ManagedDatabase {
  const server = factOf(scope, request, props.servers, 'servers');
  const { host, replicaHost, peers, port = POSTGRES_PORT } = server;
  const property = `postgres.servers.${request.name}`;
  checkHost(scope, `${property}.host`, host);
  if (replicaHost !== undefined) checkHost(scope, `${property}.replicaHost`, replicaHost);
  checkRemotePort(scope, `${property}.port`, port);
  checkPeers(scope, `${property}.peers`, peers);
  const login = identityLogin(scope, property, server, loginOf);
  const database = {
    host,
    replicaHost,
    port,
    user: server.identityUser ?? request.user,
    ...(login ? { identity: login.identity } : { password: passwordOf(scope, request, server.password) }),
    sslMode: checkSslMode(scope, props.sslMode ?? SslMode.VERIFY_FULL),
    peers,
  };
  checkCertificates(scope, props);
  const identity = login && { usesIdentity: true, grants: login.grants };
  if (props.certificatePath) {
    return { ...database, certificatePath: props.certificatePath, connector: identity, resources: [] };
  }
  const name = `${request.name}-ca`;
  const mountPath = certificateFolder(request);
  return {
    ...database,
    certificatePath: `${mountPath}/${CERTIFICATE_KEY}`,
    connector: {
      ...identity,
      volumes: [{ name: 'database-ca', configMap: { name } }],
      volumeMounts: [{ name: 'database-ca', mountPath, readOnly: true }],
    },
    resources: [
      new Resource(
        scope,
        'Certificates',
        k8s.manifest('ConfigMap', {
          metadata: { name, labels: request.labels },
          data: { [CERTIFICATE_KEY]: props.certificates! },
        }),
      ),
    ],
  };
}

function identityLogin(
  scope: Construct,
  property: string,
  { host, replicaHost, identityUser: user, password }: PostgresServer,
  loginOf: (server: IdentityServer) => IdentityLogin,
): IdentityLogin | undefined {
  if (user === undefined) return undefined;
  checkPlatformName(scope, `${property}.identityUser`, user);
  if (password) {
    Problems.report(scope, {
      property: `${property}.password`,
      value: password.secret,
      reason: 'is given together with identityUser, which logs in without one',
      remedy: 'Give one of them',
    });
  }
  return loginOf({ host, replicaHost, user, property });
}

/** Where pods mount the certificates of a database. */
export function certificateFolder({ name }: DatabaseRequest): string {
  return `/etc/cdk8s-django/${name}`;
}

function checkSslMode(scope: Construct, mode: SslMode): SslMode {
  if (![SslMode.VERIFY_FULL, SslMode.VERIFY_CA].includes(mode)) {
    Problems.report(scope, {
      property: 'postgres.sslMode',
      value: mode,
      reason: "does not check the server's certificate",
      remedy: 'Use "verify-full", or "verify-ca" where its name cannot be checked',
    });
  }
  return mode;
}

function checkCertificates(scope: Construct, { certificates, certificatePath }: PostgresServersProps): void {
  if ((certificates === undefined) === (certificatePath === undefined)) {
    Problems.report(scope, {
      property: 'postgres.certificatePath',
      value: certificatePath,
      reason: certificatePath
        ? 'is given together with certificates'
        : "is needed, or certificates, to check the server's certificate",
      remedy: 'Give one of them',
    });
  }
  if (certificatePath !== undefined) checkFilePath(scope, 'postgres.certificatePath', certificatePath);
  const fault = certificates === undefined ? undefined : faultOf(certificates);
  if (fault) {
    Problems.report(scope, {
      property: 'postgres.certificates',
      value: `${certificates!.slice(0, 30)}…`,
      ...fault,
    });
  }
}

function faultOf(certificates: string): { reason: string; remedy: string } | undefined {
  if (!certificates.includes('-----BEGIN CERTIFICATE-----')) {
    return { reason: 'has no certificate in PEM format', remedy: 'Give the text of the file, not its name' };
  }
  if (Buffer.byteLength(certificates) > LONGEST_CERTIFICATES) {
    return {
      reason: `has over ${LONGEST_CERTIFICATES} bytes, which kubectl could not apply`,
      remedy: 'Give the certificates of one region, or put them into the image and give certificatePath',
    };
  }
  return undefined;
}
