import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { WorkloadIdentity } from '../platform/identity';
import { GeneratedSecret } from '../secrets/generated-secret';
import { MediaBucket } from '../platform/object-storage';
import { checkSeconds } from '../kubernetes/durations';
import { addProblems } from '../kubernetes/problems';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkPublicHost } from '../kubernetes/hosts';
import { checkPath } from '../kubernetes/paths';
import { NetworkPeer } from '../kubernetes/peers';
import { IResource, Resource } from '../kubernetes/resource';
import {
  DnsConfigurationProps,
  HostAliasProps,
  SidecarProps,
  TolerationProps,
  VolumeProps,
} from './addition-props';
import { AppPods } from './app-pods';
import { HostOptions, IDjangoApp } from './application';
import { Callers } from './application-pods';
import { EgressTarget } from './egress-target';
import { beginMetrics, scrapedPorts } from './metrics';
import { beginTelemetry, Telemetry } from './telemetry';
import { redisServersOf } from './cache';
import { visibilityTimeoutOf } from './celery';
import { checkProps } from './checks';
import { CommandProps, ScheduledCommandProps, SESSION_CLEARING, SuperuserProps } from './commands';
import { ConnectionPart } from './connection-parts';
import { ConnectionVariables } from './connection-variables';
import { DatabaseConnections, IDatabase } from './database';
import { brokerOf } from './brokers';
import { DjangoAppProps } from './django-app-props';
import { Jobs } from './jobs';
import { ownResources } from './own-resources';
import { backendTraffic } from './platform';
import { addProcess, BackgroundProcess } from './background-processes';
import { PodKind, PodSelection } from './pod-kinds';
import { checkProbes, Probes } from './probes';
import { ProcessProps } from './process-props';
import { allowReadingRelease, restrictJobs } from './release';
import { scaleReplicas } from './scaling';
import { generateSecretKey, refuseRotation } from './secret-key';
import { deploymentOf, HTTP_PORT, serviceOf } from './web';
import { TaskWorkerProps } from './task-props';
import { addTaskWorker, TaskWorker } from './task-workers';
import { CeleryWorker, Workers } from './workers';
import { Traffic } from '../kubernetes/traffic';
import { SecretValue } from '../kubernetes/secret-values';
import { allowPull } from '../workloads/image-pulls';
import { IRedisServer, RedisDatabase } from './cache-props';
import { CeleryBeatProps, CeleryWorkerProps } from './celery-props';
import { distributionOf } from '../platform/binding';
import { Architecture } from '../platform/scheduling';

/**
 * A Django application: its replicas behind a Service, its configuration, and a migration of its database for each
 * release, which new replicas wait for.
 *
 * On every distribution it makes:
 *
 * - a Deployment, a Service, and a ServiceAccount without rights;
 * - a ConfigMap of variables, and those of the library's Python, which all of a namespace share;
 * - a Job that migrates when there is a database;
 * - an autoscaler with `scaling`: a ScaledObject of KEDA on AKS Automatic, a HorizontalPodAutoscaler elsewhere;
 * - a VerticalPodAutoscaler with `recommendResources`, and a PersistentVolumeClaim with `media`;
 * - what a GeneratedSecret makes, unless `secretKey` is given.
 *
 * With `platformIdentity` the ServiceAccount is annotated on GKE (with a Google service account), EKS (with a role)
 * and AKS, where the pods are labelled too. On OpenShift an image of another namespace's ImageStream comes with a
 * RoleBinding there. Each Celery worker is a Deployment, with an autoscaler and a PodDisruptionBudget when there may
 * be several; a beat is a Deployment.
 *
 * Throws when:
 *
 * - a name, image, module, variable, quantity, number or path is not valid;
 * - a variable has a secret in it, such as a URL with a password, which synth also finds in patches;
 * - `replicas` and `scaling` are both given, or `wsgiModule` and `asgiModule`;
 * - several replicas would share a volume that one node alone can mount;
 * - the distribution lacks the identity, bucket, volume, nodes, metric or autoscaler that is asked for;
 * - replicas are scaled by requests without metrics, or by percentages of a request that a container lacks;
 * - no distribution is bound;
 * - a shutdown takes longer than a spot node has, which synth finds.
 *
 * @example
 * const database = new PostgresBackend(this, 'Database', { name: 'polls-db', storage: '20Gi' });
 * new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 *   database,
 *   scaling: { minReplicas: 2, maxReplicas: 10 },
 * });
 */
export class DjangoApp extends Construct implements IDjangoApp {
  /** Name of the application, and of its Service. */
  readonly name: string;

  /** The image. */
  readonly image: string;

  /** Names of the Secrets with which the image is pulled. */
  readonly imagePullSecrets: string[];

  /** Numeric user that the processes run as, where the platform does not choose one. */
  readonly runAsUser: number;

  /** Architecture of the nodes that all pods run on, if one was given. */
  readonly architecture?: Architecture;

  /** The database, if one was given. */
  readonly database?: IDatabase;

  /** Port of the Service and of its pods. */
  readonly port: number;

  /** Name of that port. */
  readonly portName = HTTP_PORT;

  /** Path below which it is, if it does not have whole hosts. */
  readonly pathPrefix?: string;

  /** The labels of the application's replicas. */
  readonly selector: Selector;

  /** The Deployment of the replicas. */
  readonly deployment: IResource;

  /** The Service in front of them. */
  readonly service: IResource;

  /** The ServiceAccount of all pods of the application. */
  readonly serviceAccount: Resource;

  /** The ConfigMap of variables. */
  readonly configMap: Resource;

  /** The ConfigMaps of the Python modules that replicas mount. All of the namespace share them, and their patches. */
  readonly runtimeConfigMaps: Resource[];

  /** The Job that migrates the database, if the application migrates. */
  readonly migration?: Resource;

  /** The autoscaler, with `scaling`. */
  readonly autoscaler?: Resource;

  /** What recommends CPU and memory for the replicas, with `recommendResources`. */
  readonly recommender?: Resource;

  /** The claim of the media volume, with `media`. */
  readonly mediaClaim?: IResource;

  /** The cache, if one was given. */
  readonly cache?: RedisDatabase;

  /** The broker of Celery, if one was given that is a database of Redis or Valkey. */
  readonly broker?: RedisDatabase;

  /** Where the broker of Celery is, of any kind, without user and password; after `#` is what its keys begin with. */
  readonly brokerUrl?: string;

  /** The layer of Channels, if one was given. */
  readonly channelLayer?: RedisDatabase;

  /** The bucket of uploaded files, if one was given. */
  readonly mediaBucket?: MediaBucket;

  /** Where SECRET_KEY is: for another release of the application, which must have the same. */
  readonly secretKey: SecretValue;

  /** What lets the cluster pull the image from the platform's own registry, as far as it is in manifests. */
  readonly imagePullResources: IResource[];

  /** The identity of the pods, if they use the platform. */
  readonly identity?: WorkloadIdentity;

  /** The generated SECRET_KEY, unless one was given. */
  readonly generatedSecretKey?: GeneratedSecret;

  /** The pods of other applications that connect to the replicas by `allowEgressTo`. */
  readonly callers: Callers = new Callers(this);

  private readonly pods: AppPods;
  private readonly jobs: Jobs;
  private readonly workers: Workers;
  private readonly connectionVariables: ConnectionVariables;

  constructor(scope: Construct, id: string, props: DjangoAppProps) {
    super(scope, id);
    distributionOf(this); // A clear error before any other.
    checkProps(this, props);
    ({ name: this.name, image: this.image, imagePullSecrets: this.imagePullSecrets = [] } = props);
    this.imagePullResources = allowPull(this, [this.image, props.pythonImage], this.imagePullSecrets);
    const pods = (this.pods = new AppPods(this, props));
    this.architecture = props.scheduling?.architecture;
    this.runAsUser = pods.user.id;
    ({ port: this.port, selector: this.selector } = pods);
    ({ database: this.database, cache: this.cache, channelLayer: this.channelLayer } = props);
    ({ pathPrefix: this.pathPrefix, mediaBucket: this.mediaBucket } = props);
    this.broker = props.celery?.broker;
    this.brokerUrl = props.celery && brokerOf(props.celery).url;
    this.database?.addClient(this);
    for (const server of this.redisServers) server.addClient(this);
    this.identity = pods.platform.identity;
    this.secretKey = pods.secretKey;

    this.generatedSecretKey = props.secretKey ? undefined : generateSecretKey(this, props.pythonImage);
    const own = ownResources(this, pods);
    ({ serviceAccount: this.serviceAccount, configMap: this.configMap, mediaClaim: this.mediaClaim } = own);
    this.runtimeConfigMaps = pods.runtime('server');
    pods.writeTo(own.configMap);
    this.jobs = new Jobs(this, pods);
    this.workers = new Workers(this, pods);
    if (this.migrates) {
      this.migration = this.jobs.migration();
      pods.surroundings.migrationName = () => this.migration!.toJson().metadata.name;
      allowReadingRelease(this, pods);
    }
    this.connectionVariables = new ConnectionVariables(this, pods);
    const metadata = { name: this.name, labels: resourceLabels(this.selector) };
    this.deployment = new Resource(this, 'Deployment', deploymentOf(this, pods, metadata));
    this.service = new Resource(this, 'Service', serviceOf(pods, metadata));
    const replicas = { ...metadata, target: this.deployment };
    ({ autoscaler: this.autoscaler, recommender: this.recommender } = scaleReplicas(this, replicas, props));
    addProblems(this, () => pods.problems);
  }

  /** Whether releases of the application migrate its database. */
  get migrates(): boolean {
    return this.pods.migrates;
  }

  /** The labels of the pods that migrate. */
  get migrationSelector(): Selector {
    return this.pods.migrationSelector;
  }

  /** The labels of the pods that run management commands. */
  get commandSelector(): Selector {
    return this.pods.commandSelector;
  }

  /** The labels of the pods of its workers, of its beat, and of its processes in pods of their own. */
  get workerSelectors(): Selector[] {
    return this.pods.workerSelectors;
  }

  /**
   * How long after a worker got a task another one gets it, with `celery`: known at synth, when all workers are there.
   */
  get visibilityTimeout(): Duration | undefined {
    const { props, surroundings } = this.pods;
    return props.celery && visibilityTimeoutOf(props.celery, surroundings.workerGracePeriod);
  }

  /** The servers of its cache, its broker and its channel layer that the program describes. */
  get redisServers(): IRedisServer[] {
    return redisServersOf(this.pods.props);
  }

  /** The pods that connect to the database, as network policies name them. */
  get databasePeers(): NetworkPeer[] {
    return this.pods.databasePeers;
  }

  /** Those of these pods that connect past a pooler, as network policies name them. */
  get directDatabasePeers(): NetworkPeer[] | undefined {
    return this.pods.directDatabasePeers;
  }

  /** The most connections to the database that the application may have open at once, as far as they have a bound. */
  get databaseConnections(): DatabaseConnections[] {
    return this.pods.databaseConnections;
  }

  /** What the application's pods connect to: its database, its Redis servers and the platform's services. */
  get backendTraffic(): Traffic[] {
    return backendTraffic(this.pods.props, this.pods.platform);
  }

  /** What else its Jobs connect to: the database's server behind a pooler, which migrations go past. */
  get migrationTraffic(): Traffic[] {
    return this.pods.directTraffic;
  }

  /** Whether a route leads to the application. */
  get isPublic(): boolean {
    return this.pods.surroundings.hosts.length > 0;
  }

  /** Whether the application may serve WebSockets: it is served by ASGI, or has a channel layer. */
  get servesWebSockets(): boolean {
    return this.pods.props.asgiModule !== undefined || this.channelLayer !== undefined;
  }

  /** Whether the application's metrics are scraped. */
  get hasMetrics(): boolean {
    return this.metricsPorts.length > 0;
  }

  /** The ports at which its replicas are scraped: its own, that of the library's metrics, or both. */
  get metricsPorts(): number[] {
    return scrapedPorts(this.pods);
  }

  /** The most replicas that are meant to run. */
  get maxReplicas(): number {
    return this.pods.replicas.most;
  }

  /** Path that answers 200 when a replica can serve. */
  get healthPath(): string {
    return this.pods.surroundings.healthPath ?? '/';
  }

  /** The host that probes and health checks name: one that the application answers to. */
  get probeHost(): string {
    return this.pods.probeHost;
  }

  /** Whether that path is for health checks: of the settings overlay, or as HealthMonitoring was told. */
  get hasHealthPath(): boolean {
    return this.pods.surroundings.healthPath !== undefined;
  }

  /**
   * Lets requests name a public host, over HTTPS. PublicRoute does it for its hosts.
   *
   * @param host - a DNS name, or all names below a domain, such as `*.shop.example.com`
   * @param options - whether the router has visitors sign in
   */
  addHost(host: string, options: HostOptions = {}): void {
    this.pods.surroundings.addHost(checkPublicHost(this, 'host', host), options);
  }

  /**
   * Makes a path answer to the cluster alone, also by a pod's address: metrics, or a health view of the
   * application's own. It needs the settings overlay.
   *
   * @param path - path of a URL
   */
  addInternalPath(path: string): void {
    this.pods.surroundings.addInternalPath(checkPath(this, 'path', path));
  }

  /**
   * Has replicas, workers and beat count what they do, without anything of the application's, and show it to scrapers at
   * a port of their own, which no Service has. HealthMonitoring does it. It needs the settings overlay.
   *
   * Throws when:
   *
   * - the settings overlay is off;
   * - the application or a sidecar has the port, which synth finds.
   */
  addMetrics(): void {
    this.runtimeConfigMaps.push(...beginMetrics(this, this.pods));
  }

  /**
   * Has replicas, workers and beat send traces of requests, queries and tasks, by the packages of OpenTelemetry that the
   * image has. HealthMonitoring does it. It needs the settings overlay.
   *
   * Throws when:
   *
   * - the settings overlay is off, or traces are sent already;
   * - the endpoint, the headers or the ratio is not valid;
   * - the network is restricted, and policies cannot be made of the endpoint, which synth finds.
   *
   * @param telemetry - where they are sent, and how many
   */
  addTelemetry(telemetry: Telemetry): void {
    this.runtimeConfigMaps.push(...beginTelemetry(this, this.pods, telemetry));
  }

  /**
   * Names the path at which the application shows its metrics. HealthMonitoring does it.
   *
   * @param path - path of a URL
   */
  addMetricsPath(path: string): void {
    this.addInternalPath(path);
    this.pods.surroundings.hasMetrics = true;
  }

  /**
   * Lets requests take this long, and gives replicas that long to finish them when they are told to stop. The
   * longest time counts. PublicRoute does it for its timeout.
   *
   * @param timeout - how long a request may take, in whole seconds
   */
  allowRequestTime(timeout: Duration): void {
    this.pods.surroundings.allowRequestTime(checkSeconds(this, 'timeout', timeout));
  }

  /**
   * Keeps unused connections for longer than a router does, which may send a request over them at any moment. The
   * longest time counts. PublicRoute does it for its router.
   *
   * @param idleTimeout - how long the router keeps an unused connection, in whole seconds
   */
  keepConnections(idleTimeout: Duration): void {
    this.pods.surroundings.keepConnections(checkSeconds(this, 'idleTimeout', idleTimeout));
  }

  /**
   * Changes the probes. HealthMonitoring does it.
   *
   * @param probes - what is to differ; the rest stays as it is
   */
  changeProbes(probes: Probes): void {
    checkProbes(this, probes);
    this.pods.surroundings.changeProbes(probes);
  }

  /**
   * Adds an environment variable to pods: what the prop `environment` does, later and for some of them.
   *
   * A variable of all pods is in the application's ConfigMap; one of some pods is in their containers.
   *
   * Throws when:
   *
   * - the name is not valid, is the library's own or is there already;
   * - the value is too long, or has a secret in it.
   *
   * @param name - name of the variable
   * @param value - its value, as it is: no other variable is looked up in it
   * @param selection - the pods; all of them by default
   * @example
   * app.addEnvironment('SENTRY_SAMPLE_RATE', '0.1', { pods: [PodKind.WEB] });
   */
  addEnvironment(name: string, value: string, selection: PodSelection = {}): void {
    this.pods.additions.addEnvironment(name, value, selection);
  }

  /**
   * Adds an environment variable that comes from a Secret to pods: what the prop `secretEnvironment` does, later and
   * for some of them.
   *
   * Throws when:
   *
   * - the name is not valid, is the library's own or is there already;
   * - the Secret's name or key is not valid.
   *
   * @param name - name of the variable
   * @param value - the Secret and its key
   * @param selection - the pods; all of them by default
   * @example
   * app.addSecretEnvironment('SENTRY_DSN', { secretName: 'sentry', key: 'dsn' });
   */
  addSecretEnvironment(name: string, value: SecretValue, selection: PodSelection = {}): void {
    this.pods.additions.addSecretEnvironment(name, value, selection);
  }

  /**
   * Adds an environment variable that tells pods of a database of PostgreSQL, under a name of the application's own:
   * its URL or a part of it. The pods may connect to the database. A password of any characters is right in the URL,
   * as the overlay encodes it; with `settingsOverlay.enabled` false it has to be one that needs no encoding.
   *
   * Throws when:
   *
   * - the name is not valid, is the library's own or is there already;
   * - the part is not known: of a database by its URL alone, or of one without a password;
   * - another database than the application's own needs sidecars or volumes.
   *
   * @param name - name of the variable; a URL has its password from a variable of this name and `_PASSWORD`
   * @param database - the database of the application, or another one
   * @param part - what the variable says
   * @param selection - the pods; all of them by default
   * @example
   * app.addDatabaseEnvironment('DB_HOST', database, ConnectionPart.HOST);
   */
  addDatabaseEnvironment(
    name: string,
    database: IDatabase,
    part: ConnectionPart,
    selection: PodSelection = {},
  ): void {
    this.connectionVariables.addDatabase(name, database, part, selection);
  }

  /**
   * Adds an environment variable that tells pods of a database of Redis or Valkey, under a name of the application's
   * own, for anything: locks, results, queues of other programs than Celery. It is as with `addDatabaseEnvironment`.
   *
   * Throws when:
   *
   * - the name is not valid, is the library's own or is there already;
   * - the database is not valid;
   * - the part is not known: of one without a password, or the user.
   *
   * @param name - name of the variable; a URL has its password from a variable of this name and `_PASSWORD`
   * @param database - `database()` of a ValkeyBackend, or a server that somebody else runs
   * @param part - what the variable says
   * @param selection - the pods; all of them by default
   * @example
   * const queue = new ValkeyBackend(this, 'Queue', { name: 'polls-queue' });
   * app.addRedisEnvironment('RQ_REDIS_URL', queue.database(2), ConnectionPart.URL);
   */
  addRedisEnvironment(
    name: string,
    database: RedisDatabase,
    part: ConnectionPart,
    selection: PodSelection = {},
  ): void {
    this.connectionVariables.addRedis(name, database, part, selection);
  }

  /**
   * Adds a volume to pods, which the application's own containers mount at `mountPath`.
   *
   * Throws when:
   *
   * - the name or the path is not valid;
   * - the pods have the name or the path already.
   *
   * @example
   * app.addVolume({
   *   name: 'geoip',
   *   source: VolumeSource.fromPersistentVolumeClaim({ name: 'geoip' }),
   *   mountPath: '/data/geoip',
   * });
   */
  addVolume(props: VolumeProps): void {
    this.pods.additions.addVolume(props);
  }

  /**
   * Adds a native sidecar to pods: a container that starts before the application's own and ends after them. It does
   * not keep a Job from ending. It has the pods' user, and the security context of all containers.
   *
   * Throws when:
   *
   * - a name, image, port, variable or quantity is not valid;
   * - the pods have the name or the port already;
   * - it mounts a volume that the pods do not have, which synth finds.
   *
   * @example
   * app.addSidecar({
   *   name: 'collector',
   *   image: 'docker.io/otel/opentelemetry-collector:0.140.0',
   *   ports: [4317],
   *   healthCheck: { port: 13133, path: '/' },
   * });
   */
  addSidecar(props: SidecarProps): void {
    this.pods.additions.addSidecar(props);
    this.imagePullResources.push(...allowPull(this, [props.image], this.imagePullSecrets));
  }

  /**
   * Lets pods connect to something, once LeastPrivilegeAccess restricts what they connect to. Another application lets
   * these pods in.
   *
   * Throws when:
   *
   * - a port, a label, an address range or a name is not valid;
   * - a list is empty;
   * - one of two applications in two namespaces has no namespace;
   * - the network is restricted, and the platform does not let pods connect to names, or not to such a name.
   *
   * @param target - an application, pods, addresses or names, and the ports
   * @param selection - the pods; all of them by default
   * @example
   * const mail = EgressTarget.addresses(['203.0.113.25/32'], [{ port: 587 }]);
   * app.allowEgressTo(mail, { pods: [PodKind.WORKERS] });
   */
  allowEgressTo(target: EgressTarget, selection: PodSelection = {}): void {
    this.pods.egress.allow(target, selection);
    target.app?.callers.add(this, selection);
  }

  /**
   * Adds a label to pods. The selectors of the application's resources do not change.
   *
   * Throws when:
   *
   * - the name or the value is not valid;
   * - the pods have the label already.
   *
   * @param name - key of the label
   * @param value - its value
   * @param selection - the pods; all of them by default
   */
  addPodLabel(name: string, value: string, selection: PodSelection = {}): void {
    this.pods.additions.addPodLabel(name, value, selection);
  }

  /**
   * Adds an annotation to pods.
   *
   * Throws when:
   *
   * - the name is not valid;
   * - the pods have the annotation already.
   *
   * @param name - key of the annotation
   * @param value - its value
   * @param selection - the pods; all of them by default
   */
  addPodAnnotation(name: string, value: string, selection: PodSelection = {}): void {
    this.pods.additions.addPodAnnotation(name, value, selection);
  }

  /**
   * Lets pods run on nodes with a label alone.
   *
   * Throws when:
   *
   * - the name or the value is not valid;
   * - the label was added before;
   * - `scheduling` asks for another value of it, which synth finds.
   *
   * @param name - key of the nodes' label
   * @param value - its value
   * @param selection - the pods; all of them by default
   * @example
   * app.addNodeSelector('disktype', 'ssd', { pods: [PodKind.WORKERS] });
   */
  addNodeSelector(name: string, value: string, selection: PodSelection = {}): void {
    this.pods.additions.addNodeSelector(name, value, selection);
  }

  /**
   * Lets pods run on nodes with a taint.
   *
   * Throws when the key, the value or the effect is not a valid one.
   *
   * @example
   * app.addToleration({ key: 'dedicated', value: 'django', effect: TaintEffect.NO_SCHEDULE });
   */
  addToleration(props: TolerationProps): void {
    this.pods.additions.addToleration(props);
  }

  /**
   * Lets pods find names at an address without a name server: lines of their `/etc/hosts`.
   *
   * Throws when:
   *
   * - the address or a name is not valid;
   * - the address was added before.
   *
   * @example
   * app.addHostAlias({ ip: '10.0.0.5', hostnames: ['legacy.example.com'] });
   */
  addHostAlias(props: HostAliasProps): void {
    this.pods.additions.addHostAlias(props);
  }

  /**
   * Adds to how pods look up names: name servers, search domains and options of the resolver.
   *
   * Throws when:
   *
   * - an address or a domain is not valid;
   * - there are more than Kubernetes takes;
   * - an option was added before.
   *
   * @example
   * app.addDnsConfiguration({ options: { ndots: '2' } });
   */
  addDnsConfiguration(props: DnsConfigurationProps): void {
    this.pods.additions.addDnsConfiguration(props);
  }

  /**
   * What `allowEgressTo` lets all pods of these kinds connect to, except names.
   *
   * @param kinds - the kinds of pods
   */
  allowedEgress(kinds: PodKind[]): Traffic[] {
    return this.pods.egress.of(...kinds);
  }

  /**
   * Has the application allow names, and what `allowEgressTo` says about its workers or its Jobs alone.
   * LeastPrivilegeAccess does it for what all others share.
   */
  restrictNetwork(): void {
    this.pods.egress.restrict();
    this.connectionVariables.restrict();
    this.generatedSecretKey?.restrictNetwork();
    restrictJobs(this, this.pods);
  }

  /**
   * Runs a management command once: a Job, whose container is `command`. Another command, or the same in another image
   * or with another version of the library's Python, runs again. It does not begin once another release was applied.
   *
   * Throws when:
   *
   * - the name, command, deadline or a quantity is not valid;
   * - a second command has the name.
   *
   * @example
   * app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
   */
  addCommand(props: CommandProps): Resource {
    return this.jobs.command(props);
  }

  /**
   * Runs a management command on a schedule: a CronJob, whose container is `command`.
   *
   * Throws when:
   *
   * - `addCommand` would;
   * - a CronJob does not take the schedule, the time zone, the policy or the starting deadline.
   *
   * @example
   * app.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '0 6 * * 1-5' });
   */
  addScheduledCommand(props: ScheduledCommandProps): Resource {
    return this.jobs.scheduledCommand(props);
  }

  /**
   * Adds workers of Celery: pods that take tasks from queues.
   *
   * It makes a Deployment, a PodDisruptionBudget when there may be several workers, and an autoscaler with `scaling`: a
   * ScaledObject of KEDA where the distribution has it (AKS Automatic), a HorizontalPodAutoscaler elsewhere.
   *
   * Throws when:
   *
   * - the application has no `celery`;
   * - a second worker has the name;
   * - a queue, number, time or quantity is not valid;
   * - `replicas` and `scaling` are both given;
   * - `taskTimeLimit` and the time that it takes to end a task are above `celery.visibilityTimeout`;
   * - the autoscaler does not know the measure that is asked for.
   *
   * @example
   * app.addCeleryWorker({ name: 'mail', queues: ['mail'], taskTimeLimit: Duration.seconds(30) });
   */
  addCeleryWorker(props: CeleryWorkerProps): CeleryWorker {
    return this.workers.worker(props);
  }

  /**
   * Adds the beat of Celery, which sends tasks on the schedule of the settings: one pod, and a rollout ends it before
   * it starts the next. The schedule file is in /tmp: what was due while no beat ran is not made up for.
   *
   * Throws when:
   *
   * - the application has no `celery`;
   * - it has a beat already.
   *
   * @example
   * app.addCeleryBeat();
   */
  addCeleryBeat(props: CeleryBeatProps = {}): Resource {
    return this.workers.beat(props);
  }

  /**
   * Adds workers of Django's own Tasks: pods that take tasks from the database. The image needs the package
   * `django-tasks-db`. The settings overlay sets `TASKS` where the settings have no other backend than the immediate
   * one, and adds the app of the package to `INSTALLED_APPS`, so that the migration makes its tables.
   *
   * A task whose worker was killed is found within a minute, and put back or marked as failed. Two workers never run
   * one task at once.
   *
   * It makes a Deployment, a CronJob that deletes old results, a PodDisruptionBudget when there may be several workers,
   * and an autoscaler with `scaling`. That is a ScaledObject of KEDA where the distribution has it (AKS Automatic), and
   * a HorizontalPodAutoscaler elsewhere.
   *
   * Throws when:
   *
   * - the application has no `database`;
   * - a second task worker has the name, or a command `prune-` with the name;
   * - a queue, number, time or quantity is not valid;
   * - `replicas` and `scaling` are both given;
   * - the autoscaler does not know the measure that is asked for, or cannot log in to the database.
   *
   * @example
   * app.addTaskWorker({ name: 'default', taskTimeLimit: Duration.minutes(2) });
   */
  addTaskWorker(props: TaskWorkerProps): TaskWorker {
    const { workers, jobs } = this;
    return addTaskWorker(this, this.pods, { workers, jobs }, props);
  }

  /**
   * Adds a process that is not a server: any command of the image, in pods of its own or in the pod of each replica.
   * It waits for the schema as replicas do, and has their variables, volumes and network policy.
   *
   * In pods of its own it is a Deployment, with a PodDisruptionBudget when there may be several pods, and an autoscaler
   * with `scaling`.
   *
   * Throws when:
   *
   * - a second process has the name;
   * - the command, the probe, a number, time or quantity is not valid;
   * - `replicas` and `scaling` are both given, or one of them in the pods of replicas.
   *
   * @example
   * app.addProcess({ name: 'queue', command: ['python', 'manage.py', 'qcluster'], stopTimeout: Duration.minutes(2) });
   */
  addProcess(props: ProcessProps): BackgroundProcess {
    return addProcess(this, this.pods, this.workers, props);
  }

  /**
   * Deletes expired sessions each night, which Django itself never does: a CronJob.
   *
   * Throws when the application has a command `clearsessions` already.
   */
  addSessionClearing(): Resource {
    return this.addScheduledCommand(SESSION_CLEARING);
  }

  /**
   * Offers the rotation of the generated SECRET_KEY, during which nobody is logged out: see GeneratedSecret.
   *
   * Throws when the key was given.
   */
  addSecretKeyRotation(): void {
    (this.generatedSecretKey ?? refuseRotation(this, this.secretKey)).addRotation();
  }

  /**
   * Makes the first superuser: a Job. One of that name who exists already stays as they are.
   *
   * Throws when:
   *
   * - the name, the mail address or the reference to the password is not valid;
   * - it was called before.
   *
   * @example
   * const admin = new ExistingSecret(this, 'Admin', { name: 'polls-admin', keys: ['password'] });
   * app.addSuperuser({ username: 'admin', password: admin.value('password') });
   */
  addSuperuser(props: SuperuserProps): Resource {
    return this.jobs.superuser(props);
  }
}
