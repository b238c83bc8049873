import { Duration } from 'cdk8s';
import { IResource } from '../kubernetes/resource';
import { SecretValue } from '../kubernetes/secret-values';
import { Telemetry } from './telemetry-props';
import { Traffic } from '../kubernetes/traffic';
import { MediaBucket } from '../platform/object-storage';
import {
  DnsConfigurationProps,
  HostAliasProps,
  SidecarProps,
  TolerationProps,
  VolumeProps,
} from './addition-props';
import { IApplicationPods } from './application-pods';
import { IRedisServer, RedisDatabase } from './cache-props';
import { IDatabase, IDatabaseClient } from './database';
import { EgressTarget } from './egress-target';
import { PodKind, PodSelection } from './pod-kinds';
import { Probes } from './probes';

/** What is true of a public host. */
export interface HostOptions {
  /**
   * Whether the router has visitors of the host sign in.
   *
   * @default false
   */
  readonly signIn?: boolean;
}

/** A Django application, as the constructs around it see it: what they read from it, and what they add to it. */
export interface IDjangoApp extends IApplicationPods, IDatabaseClient {
  /** Name of the application, and of its Service. */
  readonly name: string;

  /** Name of that port. */
  readonly portName: string;

  /**
   * Path below which it is.
   *
   * @default - it has whole hosts
   */
  readonly pathPrefix?: string;

  /** The Deployment of the replicas. */
  readonly deployment: IResource;

  /** The Service in front of them. */
  readonly service: IResource;

  /**
   * The claim of the media volume.
   *
   * @default - it has none
   */
  readonly mediaClaim?: IResource;

  /** Where SECRET_KEY is. */
  readonly secretKey: SecretValue;

  /**
   * The database.
   *
   * @default - it has none
   */
  readonly database?: IDatabase;

  /**
   * The cache.
   *
   * @default - it has none
   */
  readonly cache?: RedisDatabase;

  /**
   * The broker of Celery, if it is a database of Redis or Valkey.
   *
   * @default - it has none
   */
  readonly broker?: RedisDatabase;

  /**
   * Where the broker of Celery is, of any kind, without user and password; after `#` is what its keys begin with. Two
   * releases of an application have the same.
   *
   * @default - it has none
   */
  readonly brokerUrl?: string;

  /**
   * The layer of Channels.
   *
   * @default - it has none
   */
  readonly channelLayer?: RedisDatabase;

  /** The servers of its cache, its broker and its channel layer that the program describes. */
  readonly redisServers: IRedisServer[];

  /**
   * The bucket of uploaded files.
   *
   * @default - it has none
   */
  readonly mediaBucket?: MediaBucket;

  /** Whether releases of the application migrate its database. */
  readonly migrates: boolean;

  /**
   * How long after a worker got a task another one gets it, in whole seconds: known at synth.
   *
   * @default - it has no Celery
   */
  readonly visibilityTimeout?: Duration;

  /** What its pods connect to: its database, its Redis servers and the platform's services. */
  readonly backendTraffic: Traffic[];

  /** What its Jobs connect to in addition to `backendTraffic`. */
  readonly migrationTraffic: Traffic[];

  /** Whether a route leads to the application. */
  readonly isPublic: boolean;

  /** Whether it may serve WebSockets: it is served by ASGI, or has a channel layer. */
  readonly servesWebSockets: boolean;

  /** Whether its metrics are scraped. */
  readonly hasMetrics: boolean;

  /** The ports at which its pods are scraped. Its workers and its beat do not have that of the application. */
  readonly metricsPorts: number[];

  /** The most replicas that are meant to run. */
  readonly maxReplicas: number;

  /** Path that answers 200 when a replica can serve. */
  readonly healthPath: string;

  /** The host that probes and health checks name: one that the application answers to. */
  readonly probeHost: string;

  /** Whether that path is for health checks. */
  readonly hasHealthPath: boolean;

  /** Lets requests name a public host, over HTTPS. */
  addHost(host: string, options?: HostOptions): void;

  /** Makes a path answer to the cluster alone. */
  addInternalPath(path: string): void;

  /** Has its pods count what they do, and show it at a port of their own. */
  addMetrics(): void;

  /** Has its pods send traces of what they do. */
  addTelemetry(telemetry: Telemetry): void;

  /** Says at which path the application shows its metrics. */
  addMetricsPath(path: string): void;

  /** Lets requests take this long, in whole seconds. */
  allowRequestTime(timeout: Duration): void;

  /** Keeps unused connections for longer than a router does, in whole seconds. */
  keepConnections(idleTimeout: Duration): void;

  /** Changes the probes. */
  changeProbes(probes: Probes): void;

  /** Adds an environment variable to pods. */
  addEnvironment(name: string, value: string, selection?: PodSelection): void;

  /** Adds an environment variable that comes from a Secret to pods. */
  addSecretEnvironment(name: string, value: SecretValue, selection?: PodSelection): void;

  /** Adds a volume to pods. */
  addVolume(props: VolumeProps): void;

  /** Adds a native sidecar to pods. */
  addSidecar(props: SidecarProps): void;

  /** Lets pods connect to something. */
  allowEgressTo(target: EgressTarget, selection?: PodSelection): void;

  /** Adds a label to pods. */
  addPodLabel(name: string, value: string, selection?: PodSelection): void;

  /** Adds an annotation to pods. */
  addPodAnnotation(name: string, value: string, selection?: PodSelection): void;

  /** Lets pods run on nodes with a label alone. */
  addNodeSelector(name: string, value: string, selection?: PodSelection): void;

  /** Lets pods run on nodes with a taint. */
  addToleration(props: TolerationProps): void;

  /** Lets pods find names at an address. */
  addHostAlias(props: HostAliasProps): void;

  /** Adds to how pods look up names. */
  addDnsConfiguration(props: DnsConfigurationProps): void;

  /** What `allowEgressTo` lets all pods of these kinds connect to, except names. */
  allowedEgress(kinds: PodKind[]): Traffic[];

  /** Has the application allow names, and what `allowEgressTo` says about its workers or its Jobs alone. */
  restrictNetwork(): void;
}
