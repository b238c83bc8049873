import { Construct } from 'constructs';
import {
  DatabaseConnection,
  DEFAULT_MAX_CONNECTIONS,
  ManagedDatabase,
  POSTGRES_PORT,
} from '../platform/postgres';
import { firstServer } from '../workloads/first-priority';
import { serverPlacement } from '../workloads/server-placement';
import { clientImage, serverPassword } from '../secrets/client-image';
import { GeneratedSecret } from '../secrets/generated-secret';
import { IDatabase, IDatabaseClient } from '../django-app/database';
import { EnvironmentVariable } from '../kubernetes/environment';
import { checkImage } from '../kubernetes/images';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkName, checkPullSecrets, checkResourceName } from '../kubernetes/names';
import { checkSameNamespace } from '../kubernetes/namespaces';
import { networkPolicy } from '../workloads/network-policies';
import { Exporter, exporterOf, scraperTraffic } from '../workloads/exporter';
import { NetworkPeer } from '../kubernetes/peers';
import { size } from '../kubernetes/quantities';
import { IResource, Resource } from '../kubernetes/resource';
import { completeResources } from '../kubernetes/resources';
import { ServerArchive } from './archive';
import { archiveEgress, archivingImages } from './archive-bucket';
import { generatedKeys, loginsOf, roleOfApplications } from './application-role';
import { ownParts } from './own-parts';
import { budgetConnections, checkMaxConnections, connectionsFor } from './budget';
import {
  ApplicationConnection,
  checkConnection,
  checkReadReplicas,
  connectionOf,
  connectionVariables,
} from './connection';
import { postgresFromHost, PostgresHostProps, postgresFromUrl, PostgresUrlProps } from './existing';
import { checkExtensions, checkNewNames, checkRole } from './names';
import { checkParameters, LOST_CLIENT_PARAMETERS, memoryParameters, preloadParameters } from './parameters';
import { PostgresBackendProps } from './postgres-backend-props';
import { refuseUnknown, replicasOf } from './managed';
import { ServerReplica } from './replica';
import { replicaServer } from './replica-server';
import { fetchingImages, RestoreSource, restoreSource } from './restore';
import { upgradeSource } from './upgrade';
import { numberedLogins } from './logins';
import { POSTGRES_EXPORTER_PORT, postgresServer, PostgresServerOptions } from './stateful-set';
import { podsOf, Traffic } from '../kubernetes/traffic';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';
import { IBackedUpDatabase } from '../platform/backup';
import { IMeasuredServer } from '../platform/measured-server';
import { IPythonImage } from '../platform/python-image';
import { allowPull } from '../workloads/image-pulls';
import { volumeClass } from '../workloads/volume-class';
import { DatabaseConnector } from '../platform/database-connector';
import { distributionOf } from '../platform/binding';

const DEFAULT_IMAGE = 'docker.io/library/postgres:18-trixie';
const DEFAULT_EXPORTER = 'quay.io/prometheuscommunity/postgres-exporter:v0.17.1';
const DEFAULT_RESOURCES = { cpuRequest: '250m', memoryRequest: '512Mi', memoryLimit: '1Gi' };

/** The exporter keeps one connection, and makes another one at each scrape. */
const EXPORTER_CONNECTIONS = { description: 'exporter of its metrics', count: 2 };

/** What is known of a server before its password. */
type ServerOptions = Omit<PostgresServerOptions, 'password' | 'parameters'> &
  RestoreSource & { password?: SecretValue };

/**
 * A PostgreSQL database: on a server in the cluster, on one that the distribution runs, or on one that somebody else
 * runs.
 *
 * In the cluster it makes, on every distribution, a StatefulSet of one pod with a volume, a Service and a
 * ServiceAccount without rights. It also makes a ConfigMap with the script that makes the role and the database. Unless
 * `password` is given, it makes what a GeneratedSecret makes too. With `archive` it makes a CronJob, a claim, unless that
 * is given, and what a GeneratedSecret makes; with `archiveBucket` of the distribution, too, a container in the pod copies
 * the archive to it. With `readReplicas` it makes all that for a replica, too: a StatefulSet of
 * one pod with a volume, a Service, a ServiceAccount, a ConfigMap, and what a GeneratedSecret makes. With the
 * distribution's `postgres` it makes instead, for
 *
 * - CloudSqlPostgres (GKE): nothing, and a native sidecar in the applications' pods,
 * - RdsPostgres (EKS) and AzurePostgres (AKS): a ConfigMap of certificates, unless the image has them,
 * - CloudNativePostgres (OpenShift, upstream, any other): a Cluster,
 *
 * and an ExternalSecret for a password that is in the platform's store. `fromHost` and `fromUrl` make nothing.
 *
 * Throws when:
 * - a name, image or quantity is not valid;
 * - parameters say otherwise than a certificate needs;
 * - a name is one of PostgreSQL's own;
 * - a role of applications has the password of the owner, none beside a given one, or is asked for beside `passwords`;
 * - spot nodes or unknown nodes are asked for;
 * - no distribution is bound;
 * - the bucket of archives is not a folder of a bucket, or is of another cloud than the identity of the pod, or that has none;
 * - the distribution does not know a server of the name;
 * - a server that the distribution runs is to be restored or upgraded, or to have an exporter, an archive or a
 *   certificate;
 * - new data is to begin with two things, or with a time that is not one in UTC;
 * - data is to be taken to a major version that is not newer;
 * - at synth, the password is to be generated and there is no image to do it with;
 * - at synth, its applications could open more connections than the server takes.
 *
 * @example
 * const database = new PostgresBackend(this, 'Database', { name: 'polls-db', storage: '20Gi' });
 * new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 *   database,
 * });
 */
export class PostgresBackend extends Construct implements IDatabase, IBackedUpDatabase, IMeasuredServer {
  /**
   * A database that somebody else runs, by its host.
   *
   * @example
   * const secret = new ExistingSecret(this, 'Secret', { name: 'polls-database', keys: ['password'] });
   * PostgresBackend.fromHost(this, 'Database', {
   *   host: 'polls.postgres.example.com',
   *   database: 'polls',
   *   user: 'polls',
   *   password: secret.value('password'),
   * });
   */
  static fromHost(scope: Construct, id: string, props: PostgresHostProps): IDatabase {
    return postgresFromHost(scope, id, props);
  }

  /**
   * A database that somebody else runs, by its URL.
   *
   * @example
   * const secret = new ExistingSecret(this, 'Secret', { name: 'polls-database', keys: ['url'] });
   * PostgresBackend.fromUrl(this, 'Database', { url: secret.value('url') });
   */
  static fromUrl(scope: Construct, id: string, props: PostgresUrlProps): IDatabase {
    return postgresFromUrl(scope, id, props);
  }

  /**
   * The variables that tell applications of a connection: what an `IDatabase` of your own, such as a pooler, has as its
   * `environment`.
   *
   * @param connection - how applications connect
   * @example
   * const variables = PostgresBackend.variablesOf({
   *   ...database.connection!,
   *   host: 'polls-pooler',
   *   port: 6432,
   *   transactionPooler: true,
   * });
   */
  static variablesOf(connection: ApplicationConnection): EnvironmentVariable[] {
    return connectionVariables(connection);
  }

  /** The labels of the server's pod. */
  readonly selector: Selector;

  /** How it is connected to: always there, and optional as it is in `IDatabase`, because jsii allows no other. */
  readonly connection?: DatabaseConnection;

  /** The variables that tell an application of the database. */
  readonly environment: EnvironmentVariable[];

  /** Port that applications connect to. */
  readonly port: number;

  /** The server, as network policies name it. */
  readonly peers?: NetworkPeer[];

  /** Most connections of a process of an application, by a pool. */
  readonly poolSize?: number;

  /** What pods need to connect to a server with a certificate, or to a database that the distribution runs. */
  readonly connector?: DatabaseConnector;

  /** What the distribution has made of a database that it runs. */
  readonly managedResources: IResource[];

  /** What lets the cluster pull images from the platform's own registry, as far as it is in manifests. */
  readonly imagePullResources: IResource[] = [];

  /** The StatefulSet of the server that the library makes. */
  readonly statefulSet?: IResource;

  /** The Service in front of it. */
  readonly service?: Resource;

  /** The ServiceAccount of its pod. */
  readonly serviceAccount?: Resource;

  /** The ConfigMap with the script that makes the role and the database. */
  readonly configMap?: Resource;

  /** The ConfigMap that says which passwords the server takes, where they have numbers. */
  readonly passwordsConfigMap?: Resource;

  /** The generated password, unless one was given. */
  readonly generatedPassword?: GeneratedSecret;

  /** The policy that keeps all pods away except those of the applications, once the network was restricted. */
  networkPolicy?: Resource;

  private readonly exporter?: Exporter;
  private readonly archive?: ServerArchive;
  private readonly replica?: ServerReplica;
  private readonly managed?: ManagedDatabase;
  private readonly clients: IDatabaseClient[] = [];
  private readonly backupPeers: NetworkPeer[] = [];
  private readonly backupEgress: Traffic[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PostgresBackendProps,
  ) {
    super(scope, id);
    const name = checkName(this, 'name', props.name);
    this.selector = { name: 'postgresql', instance: name, component: 'database' };
    const options = this.serverOptions(name, props);
    checkConnection(this, props);
    checkMaxConnections(this, props.maxConnections);
    checkReadReplicas(this, props.readReplicas);
    this.poolSize = props.poolSize;
    const own = checkParameters(this, props.parameters, options.extensions);
    const memoryLimit = options.resources.memoryLimit!;
    this.managed = distributionOf(this).postgres?.database(this, {
      ...options,
      labels: resourceLabels(this.selector),
      maxConnections: props.maxConnections,
      parameters: {
        ...memoryParameters(
          memoryLimit,
          props.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
          options.resources.memoryRequest,
        ),
        ...own,
      },
    });
    if (this.managed) {
      refuseUnknown(this, this.managed, props, options.database);
      this.port = this.managed.port;
      this.peers = this.managed.peers;
      this.connector = this.managed.connector;
      this.managedResources = this.managed.resources;
      this.connection = connectionOf({ ...options, ...this.managed });
      const replicas = replicasOf(props, this.managed);
      this.environment = connectionVariables({ ...props, ...this.connection, ...replicas });
      const maxConnections = this.managed.maxConnections ?? props.maxConnections;
      budgetConnections(this, { maxConnections }, this.clients);
      return;
    }
    checkNewNames(this, options);
    this.exporter = options.exporter;
    this.port = POSTGRES_PORT;
    this.managedResources = [];
    const parts = ownParts(this, props, options, this.clients, own);
    this.connector = parts.connector;
    this.archive = parts.archive;
    this.replica = parts.replica;
    this.peers = parts.peers;
    const { passwords, ...logins } = numberedLogins(this, props, options.user);
    const applicationRole = roleOfApplications(this, props, options.user);
    this.generatedPassword = props.password
      ? undefined
      : serverPassword(
          this,
          this.selector,
          'database',
          this.clients,
          props,
          generatedKeys(passwords, applicationRole),
        );
    const password = props.password ?? this.generatedPassword!.value;
    this.connection = connectionOf({
      ...options,
      password,
      ...logins,
      ...loginsOf(applicationRole, { user: options.user, password }),
      host: name,
      port: this.port,
      ...parts.security,
    });
    this.passwordsConfigMap = passwords?.configMap;
    const { replicaHost } = parts;
    this.environment = connectionVariables({ ...props, ...this.connection, replicaHost });
    const storageClassName = volumeClass(this, props.storageClassName);
    const exporters = this.exporter ? [EXPORTER_CONNECTIONS] : [];
    const connections = () => props.maxConnections ?? connectionsFor(this.clients, exporters, memoryLimit);
    const maxConnections = props.maxConnections ?? connections;
    budgetConnections(this, { maxConnections, own: exporters }, this.clients);
    const images = [options.image, options.upgradeFrom, props.pythonImage, this.exporter?.image];
    this.imagePullResources = allowPull(
      this,
      [...images, ...fetchingImages(options), ...archivingImages(parts.archiveBucket)],
      options.imagePullSecrets,
    );
    const parameters = () => ({
      max_connections: `${connections()}`,
      ...memoryParameters(memoryLimit, connections()),
      ...preloadParameters(options.extensions),
      ...LOST_CLIENT_PARAMETERS,
      ...parts.ownParameters,
      ...own,
    });
    const placement = firstServer(this, options.placement);
    const made = { ...options, storageClassName, password, passwords, parameters, ...parts };
    const server = postgresServer(this, { ...made, placement, applicationRole });
    replicaServer(made);
    this.addBackupEgress([...options.egress, ...archiveEgress(parts.archiveBucket)]);
    this.serviceAccount = server.serviceAccount;
    this.configMap = server.configMap;
    this.statefulSet = server.statefulSet;
    this.service = server.service;
  }

  /** The server itself and its replica, with `metrics`. */
  get measuredServers(): IMeasuredServer[] | undefined {
    if (!this.exporter) return this.managed && this.props.metrics ? [this] : [];
    return this.replica ? [this, this.replica] : [this];
  }

  /** What the metrics are of that the server of an operator shows. */
  get metricsOf(): string | undefined {
    return this.managed?.metricsOf;
  }

  addClient(client: IDatabaseClient): void {
    if (Construct.isConstruct(client)) checkSameNamespace(client, 'database', this);
    this.clients.push(client);
  }

  /** Lets pods that back it up connect to it, beside its applications. */
  addBackupPeers(peers: NetworkPeer[]): void {
    this.backupPeers.push(...peers);
  }

  /** Lets the servers of an operator connect to what they keep backups in. */
  addBackupEgress(traffic: Traffic[]): void {
    this.backupEgress.push(...traffic);
  }

  restrictNetwork(): void {
    this.generatedPassword?.restrictNetwork();
    this.archive?.restrictNetwork();
    // The database in the cluster answers; it asks for nothing.
    const traffic = this.managed ? this.managed.podTraffic : { ingress: [], egress: [] };
    if (!traffic) return;
    const readers = () => this.clients.flatMap(({ databasePeers }) => databasePeers);
    const own = [this.archive, this.replica].flatMap((one) => (one ? [podsOf(one.selector)] : []));
    const peers = () => [...readers(), ...this.backupPeers, ...own];
    const scraper = scraperTraffic(this, this.exporter, POSTGRES_EXPORTER_PORT);
    this.replica?.restrictNetwork(readers, scraper);
    this.networkPolicy ??= networkPolicy(this, 'NetworkPolicy', {
      name: this.selector.instance,
      selector: this.selector,
      allowed: () => ({
        ingress: [{ peers: peers(), ports: [{ port: this.port }] }, ...scraper, ...traffic.ingress],
        egress: [...traffic.egress, ...this.backupEgress],
      }),
    });
  }

  /**
   * An image that has Python, which a backup runs its program with: it can be read once all applications are known. It
   * is an error at synth when there is none by then.
   */
  backupPython(): IPythonImage {
    return clientImage(this, this.clients, this.props, {
      purpose: 'to take snapshots',
      server: 'database',
      remedy: 'Give it, or give the database to a DjangoApp',
    });
  }

  private serverOptions(name: string, props: PostgresBackendProps): ServerOptions {
    size(this, 'storage', props.storage);
    if (props.storageClassName !== undefined) {
      checkResourceName(this, 'storageClassName', props.storageClassName);
    }
    const image = checkImage(this, 'image', props.image ?? DEFAULT_IMAGE);
    return {
      name,
      selector: this.selector,
      image,
      upgradeFrom: upgradeSource(this, props, image),
      imagePullSecrets: checkPullSecrets(this, props.imagePullSecrets),
      database: checkRole(this, 'database', props.database ?? 'django'),
      user: checkRole(this, 'user', props.user ?? 'django'),
      password: props.password && checkSecretValue(this, 'password', props.password),
      extensions: checkExtensions(this, props.extensions),
      resources: completeResources(this, props.resources, DEFAULT_RESOURCES),
      storage: props.storage,
      placement: serverPlacement(this, props.scheduling),
      exporter: exporterOf(this, props.metrics, DEFAULT_EXPORTER),
      storageClassName: props.storageClassName,
      ...restoreSource(this, name, props.restoreFrom),
    };
  }
}
