import { Construct } from 'constructs';
import { PodUser } from '../platform/security';
import { Problem } from '../kubernetes/errors';
import { namedHost } from '../kubernetes/hosts';
import { contentHash } from '../kubernetes/hash';
import { Selector } from '../kubernetes/labels';
import { checkInteger, checkPort } from '../kubernetes/numbers';
import { NetworkPeer } from '../kubernetes/peers';
import { DEFAULT_USER } from '../workloads/pods';
import { completeResources, ContainerResources } from '../kubernetes/resources';
import { HashedConfigMap, IResource, writtenHash } from '../kubernetes/resource';
import { RuntimePart } from '../runtime/runtime';
import { runtimeConfigMaps } from '../workloads/runtime-config-maps';
import { AllowedEgress } from './allowed-egress';
import { Additions } from './additions';
import { configuration, containerVariables, ownConfiguration } from './configuration';
import { connectionsOf, replicasAtOnce } from './connections';
import { DatabaseConnections, directTraffic } from './database';
import { DjangoAppProps } from './django-app-props';
import { Placements, placementsOf } from './placements';
import { Platform, platformOf, platformVariables } from './platform';
import { signInHeaderProblems, signInProblems } from './overlay-checks';
import { PodKind } from './pod-kinds';
import { Replicas, replicasOf } from './replicas';
import { secretKeyOf } from './secret-key';
import { Server, serverOf } from './server';
import { Shutdown, shutdownOf } from './shutdown';
import { sidecarContainer } from './sidecars';
import { COMMANDS_VARIABLE, MIGRATION_VARIABLE, Surroundings } from './surroundings';
import { podsOf, Traffic } from '../kubernetes/traffic';
import { SecretValue } from '../kubernetes/secret-values';
import { appContainers, DEFAULT_RESOURCES, DjangoContainers, KindContainers } from './containers';
import { distributionOf } from '../platform/binding';

const DEFAULT_PORT = 8000;

/**
 * The pods of an application: what its replicas, its Jobs and its workers are made of, by its props and by what its
 * surroundings tell. What is a getter depends on surroundings, and is asked for at synth.
 */
export class AppPods {
  readonly surroundings: Surroundings;

  /** The labels of the replicas, of the pods that migrate, and of those that run management commands. */
  readonly selector: Selector;
  readonly migrationSelector: Selector;
  readonly commandSelector: Selector;

  /** Whether releases migrate the database, and pods wait for that. */
  readonly migrates: boolean;

  readonly user: PodUser;
  readonly port: number;

  /** CPU and memory of a replica. */
  readonly resources: ContainerResources;

  readonly server: Server;
  readonly replicas: Replicas;
  readonly placements: Placements;
  readonly platform: Platform;
  readonly secretKey: SecretValue;
  readonly containers: DjangoContainers;

  /** What other constructs add to the pods, and let them connect to. */
  readonly additions: Additions;
  readonly egress: AllowedEgress;

  private configMap?: IResource;

  constructor(
    private readonly scope: Construct,
    readonly props: DjangoAppProps,
  ) {
    const { name, media, database } = props;
    this.surroundings = new Surroundings(props);
    this.selector = { name, instance: name, component: 'web' };
    this.migrationSelector = { ...this.selector, component: 'migration' };
    this.commandSelector = { ...this.selector, component: 'command' };
    this.migrates = props.migrate ?? database !== undefined;
    const id = checkInteger(scope, 'runAsUser', props.runAsUser ?? DEFAULT_USER, { atLeast: 1 });
    this.user = { id, ownsVolumes: media !== undefined };
    this.port = checkPort(scope, 'port', props.port ?? DEFAULT_PORT);
    this.resources = completeResources(scope, props.resources, DEFAULT_RESOURCES);
    this.server = serverOf(scope, props, this.resources, this.port);
    this.replicas = replicasOf(props);
    this.placements = placementsOf(scope, props, this.selector, () => this.shutdown);
    this.platform = platformOf(scope, props, this.port);
    this.secretKey = secretKeyOf(props);
    this.containers = appContainers(props, this.resources);
    this.additions = new Additions(scope, this);
    this.egress = new AllowedEgress(scope, this);
  }

  /** The labels of the pods that run workers, a beat or processes. */
  get workerSelectors(): Selector[] {
    return this.surroundings.workerComponents.map((component) => ({ ...this.selector, component }));
  }

  /** The pods that connect to the database. */
  get databasePeers(): NetworkPeer[] {
    const { queueClients = [] } = distributionOf(this.scope).autoscaling;
    const selectors = [
      this.selector,
      ...(this.migrates ? [this.migrationSelector] : []),
      // Commands that are run once by `cdk8s-django run` are not in the program.
      this.commandSelector,
      ...this.workerSelectors,
    ];
    return [...selectors.map(podsOf), ...(this.surroundings.queriesDatabase ? queueClients : [])];
  }

  /** Those of them that connect past a pooler: a migration and task workers have a lock of a session of theirs. */
  get directDatabasePeers(): NetworkPeer[] {
    return [
      ...(this.migrates ? [this.migrationSelector] : []),
      ...(this.surroundings.hasTaskWorkers ? this.workerSelectors : []),
    ].map(podsOf);
  }

  /** What these connect to. */
  get directTraffic(): Traffic[] {
    const { database } = this.props;
    return database && this.directDatabasePeers.length > 0 ? directTraffic(database) : [];
  }

  /** The most connections to the database that they have open at once, as far as these have a bound. */
  get databaseConnections(): DatabaseConnections[] {
    const { props, surroundings } = this;
    const replicas = replicasAtOnce(this.replicas.most, this.shutdown, props.media);
    return [
      ...connectionsOf({
        app: props.name,
        server: this.server,
        replicas,
        poolSize: props.database?.poolSize,
        migrates: this.migrates,
        commands: surroundings.commands,
      }),
      ...surroundings.workerConnections,
      ...surroundings.webProcesses.map(({ name, connections }) => ({
        description: `${props.name}: ${replicas} replicas at once × ${connections} of process ${name}`,
        count: replicas * connections,
      })),
    ];
  }

  /** The times of a shutdown. */
  get shutdown(): Shutdown {
    return shutdownOf(distributionOf(this.scope).routing.deregistration, this.surroundings.requestTimeout);
  }

  /**
   * The host that probes and health checks name: of several that Django answers to, the first of the first route, else
   * the first of `allowedHosts`, else the name of the Service.
   */
  get probeHost(): string {
    return namedHost(this.surroundings.hosts[0] ?? this.props.allowedHosts?.[0] ?? this.props.name);
  }

  /** What the containers of one kind of pods share. */
  containersOf(kind: PodKind): KindContainers {
    const { props, additions, containers, platform } = this;
    const volumes = additions.volumesOf(kind);
    const added = additions.sidecarsOf(kind).map((sidecar) => sidecarContainer(this.scope, sidecar, volumes));
    return {
      ...containers,
      variables: [
        ...containerVariables(props, this.secretKey, additions.secretEnvironment(kind)),
        ...(platform.media?.environment ?? []),
        ...additions.connectionVariables(kind),
        ...additions.ownVariables(kind),
      ],
      volumes,
      sidecars: [...(containers.connector?.sidecars ?? []), ...added],
    };
  }

  /** What is wrong with what was added to the pods. */
  get problems(): Problem[] {
    const { additions, placements, surroundings } = this;
    const kinds = {
      [PodKind.WEB]: [placements.replicas],
      [PodKind.WORKERS]: [placements.workers, ...surroundings.workerPlacements],
      [PodKind.JOBS]: [placements.jobs],
    };
    return [
      ...additions.problems(kinds),
      ...signInProblems(this.props, surroundings),
      ...signInHeaderProblems(this.props, surroundings),
    ];
  }

  private get addedEnvironment(): Record<string, string> {
    return { ...this.surroundings.taskVariables, ...this.additions.environment };
  }

  /** What a migration runs with: it does not depend on the application's surroundings. */
  get ownConfiguration(): Record<string, string> {
    return ownConfiguration(this.props, this.addedEnvironment);
  }

  /** The variables that are not in Secrets. */
  get configuration(): Record<string, string> {
    return {
      ...configuration(this.scope, this.props, this.surroundings, this.addedEnvironment),
      ...platformVariables(this.platform),
    };
  }

  /** The names of the variables that programs and other constructs give to the replicas. */
  get variableNames(): string[] {
    const { props, additions } = this;
    return [
      ...Object.keys({ ...props.environment, ...props.secretEnvironment, ...additions.environment }),
      ...additions.ownVariables(PodKind.WEB).map(({ name }) => name),
      ...Object.keys(additions.secretEnvironment(PodKind.WEB)),
    ];
  }

  /** The ConfigMaps of the Python modules that pods mount, with those of what they run. It makes those that are missing. */
  runtime(...parts: RuntimePart[]): HashedConfigMap[] {
    const waiting: RuntimePart[] = this.migrates ? ['migration'] : [];
    const broker: RuntimePart[] = this.props.celery?.redisSentinel ? ['sentinels'] : [];
    return runtimeConfigMaps(this.scope, ['base', 'django', ...broker, ...waiting, ...parts]);
  }

  /** Notes the ConfigMap, which is made of what the pods say. */
  writeTo(configMap: IResource): void {
    this.configMap = configMap;
  }

  /**
   * Another one means other pods: it is of what they read at their start, as it is written. The Jobs that it names
   * concern none of them.
   */
  get checksum(): string {
    return writtenHash([this.configMap!], [COMMANDS_VARIABLE, MIGRATION_VARIABLE]);
  }

  /** Another one means other Jobs: it is of what they depend on, and of what patches make of it. */
  get ownChecksum(): string {
    const own = this.surroundings.withoutJobNames(() => {
      const { configuration, ownConfiguration } = this;
      const { data = {} } = this.configMap!.toJson();
      const told = Object.keys(configuration).filter(
        (variable) => !Object.hasOwn(ownConfiguration, variable),
      );
      return Object.entries(data).filter(([variable]) => !told.includes(variable));
    });
    return contentHash(Object.fromEntries(own));
  }
}
