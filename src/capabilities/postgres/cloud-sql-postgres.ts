import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { checkImage } from '../../kubernetes/images';
import { checkPeers, NetworkPeer } from '../../kubernetes/peers';
import { completeResources, ContainerResources, resourceRequirements } from '../../kubernetes/resources';
import { StoredValue } from '../../platform/secrets';
import { DatabaseRequest, IPostgres, ManagedDatabase, POSTGRES_PORT, SslMode } from '../../platform/postgres';
import { factOf, passwordOf } from './facts';

/** An instance of Cloud SQL. The database and the role of the PostgresBackend exist on it. */
export interface CloudSqlInstance {
  /** Its connection name: `project:region:instance`. */
  readonly connectionName: string;

  /**
   * What Secret Manager has as the role's password.
   *
   * @default - the password of the PostgresBackend, or none with `iamUser`
   */
  readonly password?: StoredValue;

  /**
   * The IAM user that applications log in as, without a password: the e-mail address of their Google service account
   * without `.gserviceaccount.com`, which `googleServiceAccounts` of the distribution must name.
   *
   * @default - the role of the PostgresBackend, with its password
   */
  readonly iamUser?: string;

  /**
   * Whether the proxy connects to the public address of the instance.
   *
   * @default false
   */
  readonly publicIp?: boolean;

  /**
   * Where the instance is, as network policies see it.
   *
   * @default - anywhere
   */
  readonly peers?: NetworkPeer[];
}

/** Databases on Cloud SQL. */
export interface CloudSqlPostgresProps {
  /** The instances, by the name of the PostgresBackend. */
  readonly instances: { [backend: string]: CloudSqlInstance };

  /**
   * The image of the Auth Proxy, by tag or digest.
   *
   * @default gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.23.0
   */
  readonly image?: string;

  /**
   * CPU and memory of the proxy in each pod. Memory follows the number of connections.
   *
   * @default - 100m CPU, 128Mi memory set aside and 256Mi as the limit
   */
  readonly resources?: ContainerResources;
}

const IMAGE = 'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.23.0';
const RESOURCES = { cpuRequest: '100m', memoryRequest: '128Mi', memoryLimit: '256Mi' };
const CONNECTION_NAME = /^(?<project>(?:[a-z0-9.-]+:)?[a-z0-9-]+):[a-z0-9-]+:[a-z0-9-]+$/;
const HEALTH_PORT = 9090;
/** The port of instances that the proxy connects to, https://cloud.google.com/sql/docs/postgres/sql-proxy */
const INSTANCE_PORT = 3307;

/**
 * Cloud SQL through its Auth Proxy, which encrypts and authenticates: a native sidecar in every pod of the
 * applications, Jobs too. Their identity gets the role `roles/cloudsql.client` by the commands of `identity.txt`.
 *
 * Throws when:
 *
 * - no instance has the backend's name;
 * - the connection name, the image or a quantity is not valid;
 * - there is neither a password nor an IAM user;
 * - the application listens on a port of the sidecar;
 * - its Google service account is not the IAM user's.
 *
 * @see https://cloud.google.com/sql/docs/postgres/connect-kubernetes-engine
 * @example
 * Distribution.gke({
 *   projectId: 'acme',
 *   postgres: new CloudSqlPostgres({
 *     instances: {
 *       'polls-db': {
 *         connectionName: 'acme:europe-west1:polls',
 *         password: { secret: 'polls-db-password' },
 *       },
 *     },
 *   }),
 * });
 */
export class CloudSqlPostgres implements IPostgres {
  constructor(private readonly props: CloudSqlPostgresProps) {}

  database(scope: Construct, request: DatabaseRequest): ManagedDatabase {
    const instance = factOf(scope, request, this.props.instances, 'instances');
    const project = CONNECTION_NAME.exec(instance.connectionName)?.groups?.project;
    if (!project) {
      throw new InvalidInputError(scope, {
        property: `postgres.instances.${request.name}.connectionName`,
        value: instance.connectionName,
        reason: 'is not the connection name of a Cloud SQL instance',
        remedy: 'Give project, region and instance, such as "acme:europe-west1:polls"',
      });
    }
    const { iamUser, peers } = instance;
    checkPeers(scope, `postgres.instances.${request.name}.peers`, peers);
    return {
      host: '127.0.0.1',
      port: POSTGRES_PORT,
      user: iamUser ?? request.user,
      password: iamUser ? undefined : passwordOf(scope, request, instance.password),
      // Within the pod; the proxy encrypts what leaves it.
      sslMode: SslMode.DISABLE,
      peers,
      connector: {
        sidecars: [this.proxy(scope, instance)],
        egress: [{ peers, ports: [{ port: INSTANCE_PORT }] }],
        usesIdentity: true,
        account: iamUser && `${iamUser}.gserviceaccount.com`,
        grants: [
          ...grant(project, 'roles/cloudsql.client'),
          ...(iamUser ? grant(project, 'roles/cloudsql.instanceUser') : []),
        ],
      },
      resources: [],
    };
  }

  /** https://github.com/GoogleCloudPlatform/cloud-sql-proxy/tree/main/examples/k8s-health-check */
  private proxy(scope: Construct, instance: CloudSqlInstance): any {
    return {
      name: 'cloud-sql-proxy',
      image: checkImage(scope, 'postgres.image', this.props.image ?? IMAGE),
      args: [
        '--structured-logs',
        `--port=${POSTGRES_PORT}`,
        ...(instance.publicIp ? [] : ['--private-ip']),
        ...(instance.iamUser ? ['--auto-iam-authn'] : []),
        '--health-check',
        '--http-address=0.0.0.0',
        `--http-port=${HEALTH_PORT}`,
        // A Job whose work is done has not failed because its proxy was told to stop.
        '--exit-zero-on-sigterm',
        instance.connectionName,
      ],
      ports: [
        { name: 'postgres', containerPort: POSTGRES_PORT },
        { name: 'proxy-health', containerPort: HEALTH_PORT },
      ],
      resources: resourceRequirements(completeResources(scope, this.props.resources, RESOURCES)),
      startupProbe: { ...answers('/startup'), periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 20 },
      readinessProbe: { ...answers('/readiness'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      // Five minutes: the time before its expiry in which the proxy gets a new certificate.
      livenessProbe: { ...answers('/liveness'), periodSeconds: 60, timeoutSeconds: 30, failureThreshold: 5 },
    };
  }
}

function answers(path: string): any {
  return { httpGet: { path, port: HEALTH_PORT } };
}

function grant(project: string, role: string): string[] {
  return [`gcloud projects add-iam-policy-binding ${project} --role=${role} --member="$PRINCIPAL"`];
}
