import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { podsDuringRollout } from '../django-app/connections';
import { DatabaseConnections, databaseTraffic, IDatabase, IDatabaseClient } from '../django-app/database';
import { Shutdown } from '../django-app/shutdown';
import { disruptionBudget } from '../kubernetes/disruption-budgets';
import { checkSeconds } from '../kubernetes/durations';
import { EnvironmentVariable } from '../kubernetes/environment';
import { checkImage } from '../kubernetes/images';
import { Selector } from '../kubernetes/labels';
import { checkName, checkPullSecrets, checkResourceName } from '../kubernetes/names';
import { checkSameNamespace } from '../kubernetes/namespaces';
import { checkInteger } from '../kubernetes/numbers';
import { NetworkPeer } from '../kubernetes/peers';
import { IResource, Resource } from '../kubernetes/resource';
import { completeResources } from '../kubernetes/resources';
import { podsOf } from '../kubernetes/traffic';
import { DatabaseConnector } from '../platform/database-connector';
import { IMeasuredServer } from '../platform/measured-server';
import { DatabaseConnection, SslMode } from '../platform/postgres';
import { Architecture } from '../platform/scheduling';
import { budgetConnections, checkMaxConnections } from '../postgres-backend/budget';
import { connectionVariables } from '../postgres-backend/connection';
import { allowPull } from '../workloads/image-pulls';
import { Exporter, exporterOf, scraperTraffic } from '../workloads/exporter';
import { dnsTraffic, networkPolicy } from '../workloads/network-policies';
import { firstServer } from '../workloads/first-priority';
import { serverPlacement } from '../workloads/server-placement';
import { POOLER_PORT } from './configuration';
import { pooler, POOLER_EXPORTER_PORT } from './deployment';
import { PgBouncerProps } from './pg-bouncer-props';
import { pooledServer } from './server';

const DEFAULT_EXPORTER = 'quay.io/prometheuscommunity/pgbouncer-exporter:v0.10.2';
const DEFAULT_RESOURCES = { cpuRequest: '100m', memoryRequest: '128Mi', memoryLimit: '256Mi' };
/** Time until every node has noticed that a pod of the Service ends: new connections still come to it. */
const DEREGISTRATION = Duration.seconds(10);
const MARGIN_SECONDS = 5;
/** Where applications find the authority of the pooler's certificate. */
const AUTHORITY_FOLDER = '/etc/cdk8s-django/pooler';
/** The exporter keeps one connection, to the console. */
const EXPORTER_CONNECTION = { description: 'exporter of its metrics', count: 1 };
/** How long applications keep an unused connection, and how long their requests take, unless the program says so. */
const DEFAULT_AGE = Duration.seconds(60);
const DEFAULT_REQUEST = Duration.seconds(60);

/**
 * PgBouncer in transaction mode in front of a database: many connections of applications share few of the server. Give
 * it to applications in place of the database.
 *
 * It makes a Deployment, a Service, a ConfigMap, a ServiceAccount without rights and, for several pods, a
 * PodDisruptionBudget. Migrations and the workers of Django's Tasks connect past it to the server, because they hold
 * locks of a session. The server counts the connections of the pool in place of those of applications.
 *
 * Throws when:
 *
 * - a name, image, number, time or quantity is not valid;
 * - host, role or password of the database is not known, or it is reached by a sidecar or a socket;
 * - the database is itself behind a pooler;
 * - the name of the database is the one of PgBouncer's own console;
 * - the database is in another namespace;
 * - applications could open more connections than the pooler takes, or the pooler more than the server takes, which
 *   synth finds.
 *
 * @example
 * const database = new PostgresBackend(this, 'Database', { name: 'polls-db', storage: '20Gi' });
 * const pooler = new PgBouncer(this, 'Pooler', {
 *   name: 'polls-pooler',
 *   database,
 *   image: 'registry.example.com/pgbouncer:1.24.1',
 * });
 * new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 *   database: pooler,
 * });
 */
export class PgBouncer extends Construct implements IDatabase, IDatabaseClient, IMeasuredServer {
  /** The labels of its pods. */
  readonly selector: Selector;

  /** How applications connect to it: always there, and optional as it is in `IDatabase`. */
  readonly connection?: DatabaseConnection;

  /** The variables that tell applications of it, and of the server behind it. */
  readonly environment: EnvironmentVariable[];

  /** Port that it listens on. */
  readonly port: number;

  /** Port of the server behind it. */
  readonly directPort?: number;

  /** Its pods. */
  readonly peers?: NetworkPeer[];

  /** Where the server behind it is. */
  readonly directPeers?: NetworkPeer[];

  /** The certificates that applications check the server and the pooler by. */
  readonly connector?: DatabaseConnector;

  /** Most connections of a process of an application, by a pool of its own, as the database says. */
  readonly poolSize?: number;

  /** What lets the cluster pull the image from the platform's own registry, as far as it is in manifests. */
  readonly imagePullResources: IResource[];

  /** The Deployment. */
  readonly deployment: IResource;

  /** The Service that applications connect to. */
  readonly service: IResource;

  /** The ServiceAccount of its pods. */
  readonly serviceAccount: IResource;

  /** The ConfigMap with its configuration. */
  readonly configMap: IResource;

  /** The budget that a drain of nodes keeps to, for several pods. */
  readonly disruptionBudget?: IResource;

  /** The policy that lets only the applications' pods in, once the network was restricted. */
  networkPolicy?: Resource;

  private readonly exporter?: Exporter;
  private readonly database: IDatabase;
  private readonly pool: DatabaseConnections;
  private readonly clients: IDatabaseClient[] = [];

  constructor(scope: Construct, id: string, props: PgBouncerProps) {
    super(scope, id);
    const name = checkName(this, 'name', props.name);
    const { replicas = 2, poolSize = 10, maxConnections = 1000, certificateSecretName } = props;
    this.database = props.database;
    this.selector = { name: 'pgbouncer', instance: name, component: 'pooler' };
    const image = checkImage(this, 'image', props.image);
    const imagePullSecrets = checkPullSecrets(this, props.imagePullSecrets);
    checkInteger(this, 'replicas', replicas, { atLeast: 1 });
    checkInteger(this, 'poolSize', poolSize, { atLeast: 1 });
    checkMaxConnections(this, maxConnections);
    if (certificateSecretName !== undefined) {
      checkResourceName(this, 'certificateSecretName', certificateSecretName);
    }
    const resources = completeResources(this, props.resources, DEFAULT_RESOURCES);
    const placement = firstServer(this, serverPlacement(this, props.scheduling));
    this.exporter = exporterOf(this, props.metrics, DEFAULT_EXPORTER);
    const shutdown = this.shutdown(props);
    const server = pooledServer(this, this.database);
    const pods = podsDuringRollout(replicas, shutdown.gracePeriod.toSeconds());
    // PgBouncer has a pool for each login.
    const logins = server.otherLogin ? 2 : 1;
    this.pool = {
      description: `${name}: ${pods} pods at once × ${poolSize}${logins > 1 ? ' × 2 logins' : ''}`,
      count: pods * poolSize * logins,
    };
    this.port = POOLER_PORT;
    this.directPort = server.port;
    this.peers = [podsOf(this.selector)];
    this.directPeers = this.database.peers;
    this.poolSize = this.database.poolSize;
    this.connector = this.certificates(certificateSecretName);
    const { database, user, password, migrationLogin } = server;
    this.connection = {
      ...{ host: name, port: POOLER_PORT, database, user, password, migrationLogin },
      ...(certificateSecretName
        ? { sslMode: SslMode.VERIFY_FULL, certificatePath: `${AUTHORITY_FOLDER}/ca.crt` }
        : { sslMode: server.sslMode && SslMode.DISABLE }),
    };
    this.environment = this.variables(server, props);
    const own = this.exporter ? [EXPORTER_CONNECTION] : [];
    budgetConnections(this, { maxConnections, pooler: true, own }, this.clients);
    this.imagePullResources = allowPull(this, [image, this.exporter?.image], imagePullSecrets);
    const made = pooler(this, {
      ...{ name, selector: this.selector, image, imagePullSecrets, replicas, poolSize, maxConnections },
      ...{ certificateSecretName, server, connector: this.database.connector },
      ...{ resources, placement, shutdown, exporter: this.exporter },
    });
    ({ deployment: this.deployment, service: this.service } = made);
    ({ serviceAccount: this.serviceAccount, configMap: this.configMap } = made);
    if (replicas > 1) {
      this.disruptionBudget = disruptionBudget(this, 'DisruptionBudget', name, this.selector);
    }
  }

  /** The pooler itself, with `metrics`, and the server behind it. */
  get measuredServers(): IMeasuredServer[] | undefined {
    return [...(this.exporter ? [this] : []), ...(this.database.measuredServers ?? [])];
  }

  addClient(client: IDatabaseClient): void {
    if (Construct.isConstruct(client)) checkSameNamespace(client, 'database', this);
    if (this.clients.length === 0) this.database.addClient(this);
    this.clients.push(client);
  }

  restrictNetwork(): void {
    this.database.restrictNetwork();
    const peers = () => this.clients.flatMap(({ databasePeers }) => databasePeers);
    const scraper = scraperTraffic(this, this.exporter, POOLER_EXPORTER_PORT);
    this.networkPolicy ??= networkPolicy(this, 'NetworkPolicy', {
      name: this.selector.instance,
      selector: this.selector,
      allowed: () => ({
        ingress: [{ peers: peers(), ports: [{ port: this.port }] }, ...scraper],
        egress: [...dnsTraffic(this), ...databaseTraffic(this.database)],
      }),
    });
  }

  /** The pods that the server lets in: its own, and those of applications that connect past it. */
  get databasePeers(): NetworkPeer[] {
    const direct = this.clients.flatMap((one) => one.directDatabasePeers ?? one.databasePeers);
    return [podsOf(this.selector), ...direct];
  }

  /** The most connections to the server: those of the pool, and those past it. */
  get databaseConnections(): DatabaseConnections[] {
    const past = this.clients.flatMap(({ databaseConnections }) => databaseConnections);
    return [this.pool, ...past.filter(({ direct }) => direct)];
  }

  /** The image that makes a password of the server: that of the first application. */
  get image(): string {
    return this.clients[0].image;
  }

  /** The Secrets with which that image is pulled. */
  get imagePullSecrets(): string[] {
    return this.clients[0].imagePullSecrets;
  }

  /** The user of that image. */
  get runAsUser(): number {
    return this.clients[0].runAsUser;
  }

  /** The architecture of that image. */
  get architecture(): Architecture | undefined {
    return this.clients[0].architecture;
  }

  private shutdown(props: PgBouncerProps): Shutdown {
    const { connectionMaxAge = DEFAULT_AGE, requestTimeout = DEFAULT_REQUEST } = props;
    checkSeconds(this, 'connectionMaxAge', connectionMaxAge, { atLeast: 0 });
    checkSeconds(this, 'requestTimeout', requestTimeout);
    const [service, age, request] = [DEREGISTRATION, connectionMaxAge, requestTimeout].map((one) =>
      one.toSeconds(),
    );
    const seconds = service + age + request + MARGIN_SECONDS;
    return {
      preStop: DEREGISTRATION,
      gracefulTimeout: Duration.seconds(age + request),
      gracePeriod: Duration.seconds(seconds),
      sum: `${service} s Service + ${age} s connections + ${request} s requests + ${MARGIN_SECONDS} s PgBouncer = ${seconds} s`,
    };
  }

  /** The certificates of the server, which migrations check, and the authority of the pooler's own. */
  private certificates(secretName: string | undefined): DatabaseConnector | undefined {
    const { volumes = [], volumeMounts = [] } = this.database.connector ?? {};
    if (secretName === undefined && volumes.length === 0) return undefined;
    const items = [{ key: 'ca.crt', path: 'ca.crt' }];
    const own = { name: 'pooler-ca', mountPath: AUTHORITY_FOLDER, readOnly: true };
    return {
      volumes: [...volumes, ...(secretName ? [{ name: own.name, secret: { secretName, items } }] : [])],
      volumeMounts: [...volumeMounts, ...(secretName ? [own] : [])],
    };
  }

  private variables(server: DatabaseConnection, props: PgBouncerProps): EnvironmentVariable[] {
    const { environment, connection, poolSize } = this.database;
    const engine = environment.find(({ name }) => name === 'CDK8S_DJANGO_DATABASE_ENGINE')?.value;
    return connectionVariables({
      ...this.connection!,
      directHost: server.host,
      directPort: server.port,
      directSslMode: server.sslMode,
      directCertificatePath: connection!.certificatePath,
      transactionPooler: true,
      connectionMaxAge: props.connectionMaxAge ?? DEFAULT_AGE,
      engine,
      poolSize,
    });
  }
}
