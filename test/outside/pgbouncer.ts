import { ApiObject, Lazy } from 'cdk8s';
import {
  Architecture,
  Distribution,
  EnvironmentVariable,
  IDatabase,
  InvalidInputError,
  NetworkPeer,
  NetworkProtocol,
  PostgresBackend,
  Traffic,
} from 'cdk8s-django';
import {
  DatabaseConnection,
  DatabaseConnections,
  DatabaseConnector,
  IDatabaseClient,
} from 'cdk8s-django/platform';
import { Construct } from 'constructs';

/** A pooler in front of a database. */
export interface PgBouncerProps {
  /** Name of its Deployment, and of the Service that applications connect to. */
  readonly name: string;

  /** The database. */
  readonly database: IDatabase;

  /** The image, which has `pgbouncer` and a shell. */
  readonly image: string;

  /**
   * Connections that it keeps to the database.
   *
   * @default 20
   */
  readonly poolSize?: number;
}

const PORT = 6432;
const FOLDER = '/run/pgbouncer';
const MOST_CLIENTS = 1000;

/**
 * PgBouncer in transaction mode, in front of any database whose connection is known. Migrations go past it.
 *
 * It is written outside the library, with its public names alone: a database to applications, and an application to
 * the database.
 */
export class PgBouncer extends Construct implements IDatabase, IDatabaseClient {
  readonly connection: DatabaseConnection;
  readonly environment: EnvironmentVariable[];
  readonly port = PORT;
  /** Migrations connect to the server: what is said of it is where that is. */
  readonly directPort: number;
  readonly peers?: NetworkPeer[];
  readonly connector: DatabaseConnector;

  /** The pods of the pooler. */
  private readonly labels: { [label: string]: string };
  private readonly clients: IDatabaseClient[] = [];
  private isRestricted = false;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PgBouncerProps,
  ) {
    super(scope, id);
    const { name, database } = props;
    const server = this.server();
    // Pods connect to it without TLS, and migrations to the server as libpq can by itself.
    const { database: databaseName, user, password } = server;
    this.connection = { host: name, port: PORT, database: databaseName, user, password };
    this.environment = PostgresBackend.variablesOf({
      ...this.connection,
      directHost: server.host,
      directPort: server.port,
      transactionPooler: true,
    });
    this.labels = { 'app.kubernetes.io/name': 'pgbouncer', 'app.kubernetes.io/instance': name };
    this.directPort = server.port;
    this.peers = database.peers;
    this.connector = { egress: [{ peers: [{ podLabels: this.labels }], ports: [{ port: PORT }] }] };
    this.workload(server);
  }

  addClient(client: IDatabaseClient): void {
    if (this.clients.length === 0) this.props.database.addClient(this);
    this.clients.push(client);
  }

  restrictNetwork(): void {
    this.props.database.restrictNetwork();
    if (this.isRestricted) return;
    this.isRestricted = true;
    const { dns } = Distribution.of(this).network;
    const { peers } = this.props.database;
    new ApiObject(this, 'NetworkPolicy', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: this.props.name, labels: this.labels },
      spec: {
        podSelector: { matchLabels: this.labels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: Lazy.any({
          produce: () => [rule('from', { peers: this.applications, ports: [{ port: PORT }] })],
        }),
        egress: [
          ...dns.map((traffic) => rule('to', traffic)),
          rule('to', { peers, ports: [{ port: this.directPort }] }),
        ],
      },
    });
  }

  // What the database knows of its only client.

  /** Those that migrate connect to the database themselves. */
  get databasePeers(): NetworkPeer[] {
    return [{ podLabels: this.labels }, ...this.applications];
  }

  get databaseConnections(): DatabaseConnections[] {
    const { name, poolSize = 20 } = this.props;
    return [
      { description: `${name}: pool`, count: poolSize },
      { description: `${name}: migrations past it`, count: 2 * this.clients.length },
    ];
  }

  /** It has no Python: a password is made by the image of its first client. */
  get image(): string {
    return this.clients[0].image;
  }

  get imagePullSecrets(): string[] {
    return this.clients[0].imagePullSecrets;
  }

  get runAsUser(): number {
    return this.clients[0].runAsUser;
  }

  get architecture(): Architecture | undefined {
    return this.clients[0].architecture;
  }

  private get applications(): NetworkPeer[] {
    return this.clients.flatMap(({ databasePeers }) => databasePeers);
  }

  private server(): DatabaseConnection {
    const { connection, connector } = this.props.database;
    if (connection?.password && !connector?.sidecars) return connection;
    throw new InvalidInputError(this, {
      property: 'database',
      value: connection?.host,
      reason: connection
        ? 'is reached without a password, or through a sidecar'
        : 'is known by its URL alone',
      remedy: 'Give a database with host, role and password, such as PostgresBackend.fromHost',
    });
  }

  private workload(server: DatabaseConnection): void {
    const { name, image, poolSize = 20 } = this.props;
    const { volumes = [], volumeMounts = [] } = this.props.database.connector ?? {};
    const { security } = Distribution.of(this);
    const metadata = { name, labels: this.labels };
    new ApiObject(this, 'ConfigMap', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'pgbouncer.ini': configuration(server, poolSize) },
    });
    new ApiObject(this, 'Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: this.labels, ports: [{ port: PORT, targetPort: PORT }] },
    });
    const { secretName, key } = server.password!;
    new ApiObject(this, 'Deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: this.labels },
        template: {
          metadata: { labels: this.labels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: security.podSecurityContext({ id: 1000 }),
            containers: [
              {
                name: 'pgbouncer',
                image,
                // PgBouncer reads roles and passwords from a file.
                command: ['sh', '-c', START],
                env: [
                  { name: 'POOLED_USER', value: server.user },
                  { name: 'POOLED_PASSWORD', valueFrom: { secretKeyRef: { name: secretName, key } } },
                ],
                ports: [{ containerPort: PORT }],
                readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 5 },
                livenessProbe: { tcpSocket: { port: PORT }, periodSeconds: 10 },
                resources: {
                  requests: { cpu: '100m', memory: '64Mi' },
                  limits: { memory: '128Mi' },
                },
                securityContext: security.containerSecurityContext(),
                volumeMounts: [
                  { name: 'configuration', mountPath: '/etc/pgbouncer', readOnly: true },
                  { name: 'run', mountPath: FOLDER },
                  ...volumeMounts,
                ],
              },
            ],
            volumes: [
              { name: 'configuration', configMap: { name } },
              { name: 'run', emptyDir: { medium: 'Memory' } },
              ...volumes,
            ],
          },
        },
      },
    });
  }
}

/** Quotes in a name or a password are doubled. */
const START = [
  `quoted() { printf '%s' "$1" | sed 's/"/""/g'; }`,
  `printf '"%s" "%s"\\n' "$(quoted "$POOLED_USER")" "$(quoted "$POOLED_PASSWORD")" >${FOLDER}/users.txt`,
  'unset POOLED_PASSWORD',
  'exec pgbouncer /etc/pgbouncer/pgbouncer.ini',
].join('\n');

function configuration(server: DatabaseConnection, poolSize: number): string {
  const { host, port, database, sslMode, certificatePath } = server;
  return [
    '[databases]',
    `${database} = host=${host} port=${port} dbname=${database}`,
    '[pgbouncer]',
    'listen_addr = *',
    `listen_port = ${PORT}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${FOLDER}/users.txt`,
    'pool_mode = transaction',
    `default_pool_size = ${poolSize}`,
    `max_client_conn = ${MOST_CLIENTS}`,
    ...(sslMode ? [`server_tls_sslmode = ${sslMode}`] : []),
    ...(certificatePath ? [`server_tls_ca_file = ${certificatePath}`] : []),
    '',
  ].join('\n');
}

/** A rule of a network policy. */
function rule(end: 'from' | 'to', { peers, ports }: Traffic): object {
  return {
    ...(peers && { [end]: peers.map(peerOf) }),
    ...(ports && { ports: ports.map(({ port, protocol = NetworkProtocol.TCP }) => ({ port, protocol })) }),
  };
}

function peerOf({ podLabels, namespaceLabels, cidr }: NetworkPeer): object {
  if (cidr) return { ipBlock: { cidr } };
  return {
    ...(podLabels && { podSelector: { matchLabels: podLabels } }),
    ...(namespaceLabels && { namespaceSelector: { matchLabels: namespaceLabels } }),
  };
}
