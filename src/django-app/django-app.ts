import { Duration, Lazy } from 'cdk8s';
import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { WorkloadIdentity } from '../capabilities/identity/identity';
import { GeneratedSecret } from '../capabilities/secrets/generated-secret';
import { allowPull } from '../capabilities/images/images';
import { SecretValue } from '../capabilities/secrets/secret';
import { MediaBucket } from '../capabilities/storage/object-storage';
import { Distribution } from '../distributions/distribution';
import { contentHash } from '../kubernetes/hash';
import { checkSeconds } from '../kubernetes/durations';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkHost } from '../kubernetes/names';
import { checkInteger, checkPort } from '../kubernetes/numbers';
import { podsOf, Traffic } from '../kubernetes/network-policies';
import { checkPath } from '../kubernetes/paths';
import { NetworkPeer } from '../kubernetes/peers';
import { Resource } from '../kubernetes/resource';
import { completeResources, ContainerResources } from '../kubernetes/resources';
import { runtimeFiles } from '../runtime/runtime';
import { configuration, ownConfiguration } from './configuration';
import { Cache, cachesOf, ICacheServer } from './cache';
import { BeatProps, visibilityTimeoutOf, WorkerProps } from './celery';
import { checkProps } from './checks';
import { CommandProps, ScheduledCommandProps, SESSION_CLEARING, SuperuserProps } from './commands';
import { connectionsOf, instancesAtOnce } from './connections';
import { DatabaseConnections, directTraffic, IDatabase, IDatabaseClient } from './database';
import { Jobs } from './jobs';
import { DjangoAppProps } from './django-app-props';
import { isSingleNode, mediaClaim } from './media';
import { backendTraffic, Platform, platformOf, platformVariables } from './platform';
import { ownResources } from './own-resources';
import { Placements, placementsOf } from './placements';
import { appContainers, AppPodOptions, DEFAULT_RESOURCES, DjangoContainers } from './pods';
import { checkProbes, Probes } from './probes';
import { Replicas, replicasOf } from './replicas';
import { scaleInstances } from './scaling';
import { checkOwnKey, generateSecretKey, refuseRotation } from './secret-key';
import { Server, serverOf } from './server';
import { Shutdown, shutdownOf } from './shutdown';
import { Surroundings } from './surroundings';
import { deploymentSpec, HTTP_PORT, serviceSpec } from './web';
import { CeleryWorker, Workers } from './workers';

const DEFAULT_USER = 1000;
const DEFAULT_PORT = 8000;

/**
 * A Django application: its instances behind a Service, its configuration, and a migration of its database for each
 * release, which new instances wait for.
 *
 * On every distribution it makes a Deployment, a Service, a ServiceAccount without rights, a ConfigMap of variables
 * and one of the Python modules that its pods mount; a Job that migrates when there is a database; an autoscaler with
 * `scaling`, which is a ScaledObject of KEDA on AKS Automatic and a HorizontalPodAutoscaler elsewhere; a
 * VerticalPodAutoscaler with `recommendResources`; a PersistentVolumeClaim with `media`; and what a GeneratedSecret
 * makes, unless `secretKey` is given. With `platformIdentity` the ServiceAccount is annotated on GKE (with a Google
 * service account), EKS (with a role) and AKS, where the pods are labelled too. On OpenShift an image of another
 * namespace's ImageStream comes with a RoleBinding there. Each worker of Celery's is a Deployment, with an autoscaler
 * and a PodDisruptionBudget when there may be several; a beat is a Deployment.
 *
 * Throws when a name, image, module, variable, quantity, number or path is not a valid one, when `replicas` and
 * `scaling` or `wsgiModule` and `asgiModule` are both given, when several instances would share a volume that one
 * node alone can mount, when the distribution lacks the identity, bucket, volume, nodes, metric or autoscaler that is
 * asked for, when instances are scaled by requests without metrics or by percentages of a request that a container
 * lacks, when no distribution is bound, and at synth when a shutdown takes longer than a spot node has.
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
export class DjangoApp extends Construct implements IDatabaseClient {
  /** Name of the application, and of its Service. */
  readonly name: string;

  /** The image. */
  readonly image: string;

  /** Names of the Secrets with which the image is pulled. */
  readonly imagePullSecrets: string[];

  /** Numeric user that the processes run as, where the platform does not choose one. */
  readonly runAsUser: number;

  /** Architecture of the nodes that all pods run on, if one was given. */
  readonly architecture?: string;

  /** The database, if one was given. */
  readonly database?: IDatabase;

  /** Port of the Service and of its pods. */
  readonly port: number;

  /** Name of that port. */
  readonly portName = HTTP_PORT;

  /** The labels of the application's instances. */
  readonly selector: Selector;

  /** The Deployment of the instances. */
  readonly deployment: Resource;

  /** The Service in front of them. */
  readonly service: Resource;

  /** The ServiceAccount of all pods of the application. */
  readonly serviceAccount: Resource;

  /** The ConfigMap of variables. */
  readonly configMap: Resource;

  /** The ConfigMap of the Python modules that the pods mount. */
  readonly runtimeConfigMap: Resource;

  /** The Job that migrates the database, if the application migrates. */
  readonly migration?: Resource;

  /** The autoscaler, with `scaling`. */
  readonly autoscaler?: Resource;

  /** What recommends CPU and memory for the instances, with `recommendResources`. */
  readonly recommender?: Resource;

  /** The claim of the media volume, with `media`. */
  readonly mediaClaim?: Resource;

  /** The cache, if one was given. */
  readonly cache?: Cache;

  /** The broker of Celery, if one was given. */
  readonly broker?: Cache;

  /** The layer of Channels, if one was given. */
  readonly channelLayer?: Cache;

  /** The bucket of uploaded files, if one was given. */
  readonly mediaBucket?: MediaBucket;

  /** Where SECRET_KEY is: for another release of the application, which must have the same. */
  readonly secretKey: SecretValue;

  /** What lets the cluster pull the image from the platform's own registry, as far as it is in manifests. */
  readonly imagePullResources: Resource[];

  /** The identity of the pods, if they use the platform. */
  readonly identity?: WorkloadIdentity;

  /** The generated SECRET_KEY, unless one was given. */
  readonly generatedSecretKey?: GeneratedSecret;

  private readonly props: DjangoAppProps;
  private readonly platform: Platform;
  private readonly placements: Placements;
  private readonly surroundings: Surroundings;
  private readonly replicas: Replicas;
  private readonly server: Server;
  private readonly containers: DjangoContainers;
  private readonly jobs: Jobs;
  private readonly workers: Workers;
  private readonly runtime = runtimeFiles();

  constructor(scope: Construct, id: string, props: DjangoAppProps) {
    super(scope, id);
    Distribution.of(this); // A clear error before any other.
    checkProps(this, props);
    this.props = props;
    this.surroundings = new Surroundings(props);
    ({ name: this.name, image: this.image, imagePullSecrets: this.imagePullSecrets = [] } = props);
    this.architecture = props.scheduling?.architecture;
    this.imagePullResources = allowPull(this, [this.image], this.imagePullSecrets);
    this.runAsUser = checkInteger(this, 'runAsUser', props.runAsUser ?? DEFAULT_USER, { atLeast: 1 });
    this.port = checkPort(this, 'port', props.port ?? DEFAULT_PORT);
    this.replicas = replicasOf(props);
    const resources = completeResources(this, props.resources, DEFAULT_RESOURCES);
    this.server = serverOf(this, props, resources, this.port);
    this.selector = { name: this.name, instance: this.name, component: 'web' };
    this.placements = placementsOf(this, props, this.selector, () => this.shutdown);
    ({ database: this.database, cache: this.cache, channelLayer: this.channelLayer } = props);
    this.mediaBucket = props.mediaBucket;
    this.broker = props.celery?.broker;
    this.database?.addClient(this);
    for (const server of this.cacheServers) server.addClient(this);
    this.platform = platformOf(this, props, this.port);
    this.identity = this.platform.identity;

    const labels = resourceLabels(this.selector);
    const metadata = { name: this.name, labels };
    this.generatedSecretKey = props.secretKey ? undefined : generateSecretKey(this);
    this.secretKey = props.secretKey ? checkOwnKey(this, props.secretKey) : this.generatedSecretKey!.value;
    this.containers = appContainers(props, this.platform, resources, this.secretKey);

    const own = ownResources(this, {
      labels,
      identity: this.identity,
      configuration: () => this.configuration(),
      runtimeConfigMapName: this.containers.runtimeConfigMapName,
      runtime: this.runtime,
    });
    this.serviceAccount = own.serviceAccount;
    this.configMap = own.configMap;
    this.runtimeConfigMap = own.runtimeConfigMap;
    if (props.media) {
      this.mediaClaim = mediaClaim(this, props.media, { name: this.containers.mediaClaimName, labels });
    }
    this.jobs = new Jobs(this, {
      app: this.name,
      migrationSelector: this.migrationSelector,
      commandSelector: this.commandSelector,
      migrates: this.migrates,
      pod: this.podOptions,
      configuration: ownConfiguration(this.props),
      surroundings: this.surroundings,
    });
    this.workers = this.makeWorkers(resources);
    if (this.migrates) this.migration = this.jobs.migration();
    this.deployment = new Resource(this, 'Deployment', {
      ...k8s.KubeDeployment.GVK,
      metadata,
      spec: Lazy.any({ produce: () => this.deploymentSpec() }),
    });
    this.service = new Resource(
      this,
      'Service',
      k8s.KubeService.manifest({ metadata, spec: serviceSpec(this.selector, this.port) }),
    );
    const instances = { name: this.name, labels, target: this.deployment };
    ({ autoscaler: this.autoscaler, recommender: this.recommender } = scaleInstances(this, instances, props));
  }

  /** Whether releases of the application migrate its database. */
  get migrates(): boolean {
    return this.props.migrate ?? this.database !== undefined;
  }

  /** The labels of the pods that migrate. */
  get migrationSelector(): Selector {
    return { ...this.selector, component: 'migration' };
  }

  /** The labels of the pods that run management commands. */
  get commandSelector(): Selector {
    return { ...this.selector, component: 'command' };
  }

  /** The labels of the pods that run Celery: its workers and its beat. */
  get workerSelectors(): Selector[] {
    return this.surroundings.workerComponents.map((component) => ({ ...this.selector, component }));
  }

  /** How long after a worker got a task another one gets it, with `celery`: known at synth, when all workers are there. */
  get visibilityTimeout(): Duration | undefined {
    return this.props.celery && visibilityTimeoutOf(this.props.celery, this.surroundings.taskSeconds);
  }

  /** The servers of its cache, its broker and its channel layer that the program describes. */
  get cacheServers(): ICacheServer[] {
    const servers = cachesOf(this.props).flatMap(({ server }) => server ?? []);
    return [...new Set(servers)];
  }

  /** The pods that connect to the database, as network policies name them. */
  get databasePeers(): NetworkPeer[] {
    const selectors = [
      this.selector,
      ...(this.migrates ? [this.migrationSelector] : []),
      ...(this.surroundings.commands ? [this.commandSelector] : []),
      ...this.workerSelectors,
    ];
    return selectors.map(podsOf);
  }

  /** The most connections to the database that the application may have open at once, as far as they have a bound. */
  get databaseConnections(): DatabaseConnections[] {
    return [
      ...connectionsOf({
        app: this.name,
        server: this.server,
        instances: instancesAtOnce(this.replicas.most, this.shutdown, this.props.media),
        poolSize: this.database?.poolSize,
        migrates: this.migrates,
        commands: this.surroundings.commands,
      }),
      ...this.surroundings.workerConnections,
    ];
  }

  /** What the application's pods connect to: its database, its Redis servers and the platform's services. */
  get backendTraffic(): Traffic[] {
    return backendTraffic(this.props, this.platform);
  }

  /** What its Jobs connect to besides: the database's server behind a pooler, which migrations go past. */
  get migrationTraffic(): Traffic[] {
    return this.database && this.migrates ? directTraffic(this.database) : [];
  }

  /** Whether a route leads to the application. */
  get isPublic(): boolean {
    return this.surroundings.hosts.length > 0;
  }

  /** Whether the application's metrics are scraped. */
  get hasMetrics(): boolean {
    return this.surroundings.hasMetrics;
  }

  /** The most instances that are meant to run. */
  get maxReplicas(): number {
    return this.replicas.most;
  }

  /** Path that answers 200 when an instance can serve. */
  get healthPath(): string {
    return this.surroundings.healthPath ?? '/';
  }

  /** Whether that path is for health checks: of the settings overlay, or as HealthMonitoring was told. */
  get hasHealthPath(): boolean {
    return this.surroundings.healthPath !== undefined;
  }

  /**
   * Lets requests name a public host, over HTTPS. PublicRoute does it for its hosts.
   *
   * @param host - a DNS name
   */
  addHost(host: string): void {
    this.surroundings.addHost(checkHost(this, 'host', host));
  }

  /**
   * Makes a path answer to the cluster alone, also by a pod's address: metrics, or a health view of the
   * application's own. It needs the settings overlay.
   *
   * @param path - path of a URL
   */
  addInternalPath(path: string): void {
    this.surroundings.addInternalPath(checkPath(this, 'path', path));
  }

  /**
   * Tells of the path at which the application shows its metrics. HealthMonitoring does it.
   *
   * @param path - path of a URL
   */
  addMetricsPath(path: string): void {
    this.addInternalPath(path);
    this.surroundings.hasMetrics = true;
  }

  /**
   * Lets requests take this long, and gives instances that long to finish them when they are told to stop. The
   * longest time counts. PublicRoute does it for its timeout.
   *
   * @param timeout - how long a request may take, in whole seconds
   */
  allowRequestTime(timeout: Duration): void {
    this.surroundings.allowRequestTime(checkSeconds(this, 'timeout', timeout));
  }

  /**
   * Keeps unused connections for longer than a router does, which may send a request over them at any moment. The
   * longest time counts. PublicRoute does it for its router.
   *
   * @param idleTimeout - how long the router keeps an unused connection, in whole seconds
   */
  keepConnections(idleTimeout: Duration): void {
    this.surroundings.keepConnections(checkSeconds(this, 'idleTimeout', idleTimeout));
  }

  /**
   * Changes the probes. HealthMonitoring does it.
   *
   * @param probes - what is to differ; the rest stays as it is
   */
  changeProbes(probes: Probes): void {
    checkProbes(this, probes);
    this.surroundings.changeProbes(probes);
  }

  /**
   * Runs a management command once: a Job, whose container is `command`. Another command, or the same in another image,
   * runs again.
   *
   * Throws when the name, command, deadline or a quantity is not a valid one, and for a second command of the name.
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
   * Throws as `addCommand` does, and when the schedule, the time zone, the policy or the starting deadline is not one
   * that a CronJob takes.
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
   * It makes a Deployment, a PodDisruptionBudget when there may be several workers, and an autoscaler with
   * `scaling`: a ScaledObject of KEDA where the distribution has it (AKS Automatic), a HorizontalPodAutoscaler elsewhere.
   *
   * Throws when the application has no `celery`, for a second worker of the name, when a queue, number, time or quantity
   * is not a valid one, when `replicas` and `scaling` are both given, when `taskTimeLimit` and the time that it takes to
   * end a task are above `celery.visibilityTimeout`, and when the autoscaler does not know the measure that is asked for.
   *
   * @example
   * app.addWorker({ name: 'mail', queues: ['mail'], taskTimeLimit: Duration.seconds(30) });
   */
  addWorker(props: WorkerProps): CeleryWorker {
    return this.workers.worker(props);
  }

  /**
   * Adds the beat of Celery, which sends tasks on the schedule of the settings: one pod, and a rollout ends it before
   * it starts the next. The schedule file is in /tmp: what was due while no beat ran is not made up for.
   *
   * Throws when the application has no `celery`, and when it has a beat already.
   *
   * @example
   * app.addBeat();
   */
  addBeat(props: BeatProps = {}): Resource {
    return this.workers.beat(props);
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
   * Throws when the name, the mail address or the reference to the password is not a valid one, and when it was called
   * before.
   *
   * @example
   * const admin = new ExistingSecret(this, 'Admin', { name: 'polls-admin', keys: ['password'] });
   * app.addSuperuser({ username: 'admin', password: admin.value('password') });
   */
  addSuperuser(props: SuperuserProps): Resource {
    return this.jobs.superuser(props);
  }

  private configuration(): Record<string, string> {
    return { ...configuration(this, this.props, this.surroundings), ...platformVariables(this.platform) };
  }

  /** The times of a shutdown, once all routes are known. */
  private get shutdown(): Shutdown {
    return shutdownOf(Distribution.of(this).routing.deregistration, this.surroundings.requestTimeout);
  }

  /** What all pods of the application have in common. */
  private get podOptions(): AppPodOptions {
    return {
      user: { id: this.runAsUser, ownsVolumes: this.props.media !== undefined },
      containers: this.containers,
      serviceAccountName: this.name,
      imagePullSecrets: this.imagePullSecrets,
      placement: this.placements.jobs,
      labels: this.identity?.podLabels,
    };
  }

  private makeWorkers(resources: ContainerResources): Workers {
    return new Workers(this, {
      props: this.props,
      selector: this.selector,
      waitsForSchema: this.migrates,
      surroundings: this.surroundings,
      pod: () => this.podOptions,
      checksum: () => this.checksum,
      resources,
      placement: this.placements.workers,
    });
  }

  /** Another one means other pods: it is of what they read at their start. */
  private get checksum(): string {
    return contentHash([this.configuration(), this.runtime]);
  }

  private deploymentSpec(): any {
    const { hosts, idleTimeout, probes, healthEndpoints } = this.surroundings;
    return deploymentSpec(this, {
      ...this.podOptions,
      placement: this.placements.instances,
      selector: this.selector,
      server: this.server,
      shutdown: this.shutdown,
      routerIdleTimeout: idleTimeout,
      probes,
      probeHost: hosts[0] ?? this.props.allowedHosts?.[0] ?? this.name,
      healthEndpoints,
      waitsForSchema: this.migrates,
      replicas: this.replicas.fixed,
      singleNode: isSingleNode(this.props.media),
      checksum: this.checksum,
      migrationDeadline: this.props.migrationDeadline,
    });
  }
}
