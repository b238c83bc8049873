import { Construct } from 'constructs';
import { Placement } from '../platform/scheduling';
import { firstServer } from '../workloads/first-priority';
import { serverPlacement } from '../workloads/server-placement';
import { serverPassword } from '../secrets/client-image';
import {
  numberedPasswords,
  PasswordTurns,
  refusePasswords,
  ServerPasswords,
} from '../secrets/server-passwords';
import { GeneratedSecret } from '../secrets/generated-secret';
import { IMeasuredServer } from '../platform/measured-server';
import { ManagedValkeyServer } from '../platform/valkey';
import { IDatabaseClient } from '../django-app/database';
import { checkImage } from '../kubernetes/images';
import { Selector } from '../kubernetes/labels';
import { checkName, checkPullSecrets, checkResourceName } from '../kubernetes/names';
import { Exporter, exporterOf, refuseExporter, scraperTraffic, ServerMetrics } from '../workloads/exporter';
import { networkPolicy } from '../workloads/network-policies';
import { checkInteger } from '../kubernetes/numbers';
import { checkSource } from '../kubernetes/peers';
import { size } from '../kubernetes/quantities';
import { IResource, Resource } from '../kubernetes/resource';
import { completeResources, ContainerResources } from '../kubernetes/resources';
import { checkSameNamespace } from '../kubernetes/namespaces';
import { Problems } from '../kubernetes/problems';
import { ServerVolume } from '../workloads/single-server';
import { VALKEY_EXPORTER_PORT, VALKEY_PORT, valkeyServer } from './stateful-set';
import { podsOf } from '../kubernetes/traffic';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';
import { allowPull } from '../workloads/image-pulls';
import { volumeClass } from '../workloads/volume-class';
import { IRedisServer, RedisDatabase } from '../django-app/cache-props';
import { distributionOf } from '../platform/binding';

export const DEFAULT_IMAGE = 'docker.io/valkey/valkey:8.1';
const DEFAULT_EXPORTER = 'docker.io/oliver006/redis_exporter:v1.69.0';
export const DEFAULT_RESOURCES = { cpuRequest: '100m', memoryRequest: '128Mi', memoryLimit: '256Mi' };
/** Databases of a server, unless its configuration says otherwise. */
export const LAST_DATABASE = 15;

/**
 * A Valkey or Redis server for one or more applications. Where the distribution runs it, its own facts count: the
 * image, the volume, the resources and the nodes are for a server that the library makes.
 */
export interface ValkeyBackendProps {
  /** Name of the server: a DNS label of at most 40 characters. All its resources are named after it. */
  readonly name: string;

  /**
   * Size of its volume, in bytes with a unit. A broker needs one: each write is on the volume before it is
   * acknowledged, and a full memory refuses writes. A StatefulSet refuses another size: the guide, chapter 7, says how
   * a volume is made larger.
   *
   * @default - none: it is a cache, which forgets all with its pod, and what was used least when its memory is full
   */
  readonly storage?: string;

  /**
   * The StorageClass of its volume.
   *
   * @default - the distribution's
   */
  readonly storageClassName?: string;

  /**
   * The official image of Valkey, or that of Redis, by tag or digest.
   *
   * @default docker.io/valkey/valkey:8.1
   */
  readonly image?: string;

  /**
   * Names of the Secrets with which the image is pulled.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string[];

  /**
   * Its password.
   *
   * @default - made once, inside the cluster, in a Secret of the server's name, or the one of the distribution
   */
  readonly password?: SecretValue;

  /**
   * Its passwords by numbers, of which two are taken while one takes the place of the other: the guide, chapter 9, has
   * the steps. The password with the number 1 is `password`; the key of another one in the same Secret ends in its
   * number: `password-2`. The container of the server sees all keys of that Secret. The first time that they are given,
   * the server is restarted. They throw for a server that the distribution runs.
   *
   * @default - one password, which no step changes
   */
  readonly passwords?: PasswordTurns;

  /**
   * An image that has `python`, which makes the password.
   *
   * @default - the image of the first application that uses the server
   */
  readonly pythonImage?: string;

  /**
   * CPU and memory of the server. It holds as much as 60% of its memory limit, and 80% as a cache.
   *
   * @default - 100m CPU, 128Mi memory set aside and 256Mi as the limit
   */
  readonly resources?: ContainerResources;

  /**
   * Has redis_exporter beside the server show what the server counts: `{}`. `HealthMonitoring` with `metrics` has it
   * scraped. The pod is ready only while the exporter runs, too. It throws for a server that the distribution runs: that
   * shows its metrics where the platform has them.
   *
   * @default - the server shows no metrics
   */
  readonly metrics?: ServerMetrics;

  /**
   * The nodes that the server runs on.
   *
   * @default - any node
   */
  readonly scheduling?: Placement;
}

/**
 * A Valkey or Redis server: a cache, the broker of Celery or the layer of Channels. In the cluster it makes, on every
 * distribution, a StatefulSet of one pod, with a volume by `storage`. It makes a Service, a ServiceAccount without
 * rights and a ConfigMap with its configuration too, and what a GeneratedSecret makes, unless `password` is given.
 * With the distribution's `valkey` it makes an ExternalSecret alone, for a stored password.
 *
 * Throws when:
 *
 * - a name, image or quantity is not valid;
 * - no distribution is bound, or it does not know a server of the name;
 * - a server that the distribution runs is to have an exporter;
 * - it lacks the nodes that are asked for, or they are spot nodes;
 * - the password is to be generated and there is no image to do it with, which synth finds.
 *
 * @example
 * const queue = new ValkeyBackend(this, 'Queue', { name: 'polls-queue', storage: '1Gi' });
 * const cache = new ValkeyBackend(this, 'Cache', { name: 'polls-cache' });
 * const polls = new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 *   celery: { broker: queue.database(0) },
 *   cache: cache.database(0),
 *   channelLayer: cache.database(1),
 * });
 * polls.addCeleryWorker({ name: 'default' });
 */
export class ValkeyBackend extends Construct implements IRedisServer, IMeasuredServer {
  /** The labels of the server's pod. */
  readonly selector: Selector;

  /** Whether what it holds outlives its pod. What the distribution runs is taken to do so. */
  readonly durable: boolean;

  /** What lets the cluster pull the image from the platform's own registry, as far as it is in manifests. */
  readonly imagePullResources: IResource[] = [];

  /** The StatefulSet of the server that the library makes. */
  readonly statefulSet?: Resource;

  /** The Service in front of it. */
  readonly service?: Resource;

  /** The ServiceAccount of its pod. */
  readonly serviceAccount?: Resource;

  /** The ConfigMap with its configuration. */
  readonly configMap?: Resource;

  /** The ConfigMap that says which passwords the server takes, where they have numbers. */
  readonly passwordsConfigMap?: Resource;

  /** The generated password, unless one was given. */
  readonly generatedPassword?: GeneratedSecret;

  /** The policy that lets only the applications' pods in, once the network was restricted. */
  networkPolicy?: Resource;

  private readonly exporter?: Exporter;
  private readonly place: ManagedValkeyServer;
  private readonly clients: IDatabaseClient[] = [];

  constructor(scope: Construct, id: string, props: ValkeyBackendProps) {
    super(scope, id);
    const name = checkName(this, 'name', props.name);
    this.selector = { name: 'valkey', instance: name, component: 'cache' };
    const image = checkImage(this, 'image', props.image ?? DEFAULT_IMAGE);
    const resources = completeResources(this, props.resources, DEFAULT_RESOURCES);
    if (props.storage !== undefined) size(this, 'storage', props.storage);
    if (props.password) checkSecretValue(this, 'password', props.password);
    this.checkStorageClass(props);
    const imagePullSecrets = checkPullSecrets(this, props.imagePullSecrets);
    const placement = serverPlacement(this, props.scheduling);
    const exporter = exporterOf(this, props.metrics, DEFAULT_EXPORTER);
    const { valkey } = distributionOf(this);
    this.durable = valkey !== undefined || props.storage !== undefined;
    if (valkey) {
      this.refuseOurs(props);
      this.place = valkey.server(this, { name, password: props.password });
      return;
    }
    const passwords = numberedPasswords(this, props);
    this.passwordsConfigMap = passwords?.configMap;
    this.generatedPassword = this.generated(props, passwords);
    const password = passwords?.used ?? props.password ?? this.generatedPassword!.value;
    this.place = { url: `redis://${name}:${VALKEY_PORT}`, password, peers: [podsOf(this.selector)] };
    this.exporter = exporter;
    this.imagePullResources = allowPull(this, [image, props.pythonImage, exporter?.image], imagePullSecrets);
    const server = valkeyServer(this, {
      name,
      selector: this.selector,
      image,
      imagePullSecrets,
      password,
      passwords,
      resources,
      placement: firstServer(this, placement),
      exporter,
      volume: this.volumeOf(props),
    });
    this.serviceAccount = server.serviceAccount;
    this.configMap = server.configMap;
    this.statefulSet = server.statefulSet;
    this.service = server.service;
  }

  /**
   * One of the databases of the server, for `cache`, `celery.broker` or `channelLayer` of an application. Each of
   * them wants one of its own.
   *
   * @param index - from 0 to 15
   */
  database(index: number): RedisDatabase {
    checkInteger(this, 'index', index, { atLeast: 0, atMost: LAST_DATABASE });
    return { ...this.place, url: `${this.place.url}/${index}`, server: this };
  }

  /** The server itself, with `metrics`. */
  get measuredServers(): IMeasuredServer[] | undefined {
    return this.exporter ? [this] : [];
  }

  addClient(client: IDatabaseClient): void {
    if (Construct.isConstruct(client)) checkSameNamespace(client, 'cache', this);
    this.clients.push(client);
  }

  restrictNetwork(): void {
    if (!this.statefulSet) return;
    this.generatedPassword?.restrictNetwork();
    // An autoscaler asks for the length of queues.
    const { queueClients = [] } = distributionOf(this).autoscaling;
    queueClients.forEach((peer) => checkSource(this, 'autoscaling.queueClients', peer));
    const peers = () => [...this.clients.flatMap(({ databasePeers }) => databasePeers), ...queueClients];
    const scraper = scraperTraffic(this, this.exporter, VALKEY_EXPORTER_PORT);
    this.networkPolicy ??= networkPolicy(this, 'NetworkPolicy', {
      name: this.selector.instance,
      selector: this.selector,
      // It answers; it asks for nothing.
      allowed: () => ({
        ingress: [{ peers: peers(), ports: [{ port: VALKEY_PORT }] }, ...scraper],
        egress: [],
      }),
    });
  }

  /** Refuses what is for a server that the library makes. */
  private refuseOurs({ metrics, passwords }: ValkeyBackendProps): void {
    if (metrics) refuseExporter(this, metrics);
    if (passwords) refusePasswords(this, passwords);
  }

  private generated(props: ValkeyBackendProps, passwords?: ServerPasswords): GeneratedSecret | undefined {
    if (props.password) return undefined;
    return serverPassword(this, this.selector, 'server', this.clients, props, passwords?.keys);
  }

  private checkStorageClass({ storage, storageClassName }: ValkeyBackendProps): void {
    if (storageClassName === undefined) return;
    checkResourceName(this, 'storageClassName', storageClassName);
    if (storage !== undefined) return;
    Problems.report(this, {
      property: 'storageClassName',
      value: storageClassName,
      reason: 'has no meaning without storage',
      remedy: 'Give storage, or leave it out',
    });
  }

  /** The volume that makes it a broker. */
  private volumeOf({ storage, storageClassName }: ValkeyBackendProps): ServerVolume | undefined {
    return storage === undefined
      ? undefined
      : { storage, storageClassName: volumeClass(this, storageClassName) };
  }
}
