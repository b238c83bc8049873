import { Construct } from 'constructs';
import { IRedisServer } from '../django-app/cache-props';
import { RedisSentinelProps } from '../django-app/celery-broker';
import { IDatabaseClient } from '../django-app/database';
import { disruptionBudget } from '../kubernetes/disruption-budgets';
import { checkImage } from '../kubernetes/images';
import { Selector } from '../kubernetes/labels';
import { checkName, checkPullSecrets, checkResourceName } from '../kubernetes/names';
import { checkSameNamespace } from '../kubernetes/namespaces';
import { checkInteger } from '../kubernetes/numbers';
import { checkSource } from '../kubernetes/peers';
import { Problems } from '../kubernetes/problems';
import { size } from '../kubernetes/quantities';
import { IResource, Resource } from '../kubernetes/resource';
import { completeResources, ContainerResources } from '../kubernetes/resources';
import { checkSecretValue, SecretValue } from '../kubernetes/secret-values';
import { AllowedTraffic, podsOf } from '../kubernetes/traffic';
import { distributionOf } from '../platform/binding';
import { Placement } from '../platform/scheduling';
import { serverPassword } from '../secrets/client-image';
import { GeneratedSecret } from '../secrets/generated-secret';
import { VALKEY_PORT } from '../valkey-backend/stateful-set';
import { DEFAULT_IMAGE, DEFAULT_RESOURCES, LAST_DATABASE } from '../valkey-backend/valkey-backend';
import { firstServer } from '../workloads/first-priority';
import { allowPull } from '../workloads/image-pulls';
import { dnsTraffic, networkPolicy } from '../workloads/network-policies';
import { serverPlacement } from '../workloads/server-placement';
import { volumeClass } from '../workloads/volume-class';
import { members } from './members';
import { MEMBERS, SENTINEL_PORT } from './scripts';

/** Three Valkey or Redis servers, of which Sentinels make one the primary. */
export interface ValkeySentinelProps {
  /**
   * Name of the servers: a DNS label of at most 40 characters. All resources are named after it, and the Sentinels know
   * the primary by it.
   */
  readonly name: string;

  /** Size of the volume of each server, in bytes with a unit. A StatefulSet refuses another size. */
  readonly storage: string;

  /**
   * The StorageClass of the volumes.
   *
   * @default - the distribution's
   */
  readonly storageClassName?: string;

  /**
   * The official image of Valkey, or that of Redis 7 or newer, by tag or digest.
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
   * The password of the servers and of the Sentinels. Pods that run go on with the one that they were started with.
   *
   * @default - made once, inside the cluster, in a Secret of the servers' name
   */
  readonly password?: SecretValue;

  /**
   * An image that has `python`, which makes the password.
   *
   * @default - the image of the first application that uses the servers
   */
  readonly pythonImage?: string;

  /**
   * CPU and memory of each server, which holds as much as 60% of its memory limit. A Sentinel has 100m CPU and 128Mi
   * memory beside it.
   *
   * @default - 100m CPU, 128Mi memory set aside and 256Mi as the limit
   */
  readonly resources?: ContainerResources;

  /**
   * The nodes that the servers run on.
   *
   * @default - any node; different nodes and zones where there are such
   */
  readonly scheduling?: Placement;
}

/**
 * A broker of Celery that outlives a node: three Valkey or Redis servers, each with a volume and with a Sentinel beside
 * it. When the primary is lost, the Sentinels make a replica the primary within seconds. Replication is not synchronous:
 * what was acknowledged in the last moments before a node is lost may be lost with it. A ValkeyBackend with `storage`
 * loses nothing, and is away until its volume is mounted again. The guide, chapter 10, compares the two.
 *
 * It makes, on every distribution, a StatefulSet of three pods, a headless Service, a PodDisruptionBudget, a
 * ServiceAccount without rights and a ConfigMap, and what a GeneratedSecret makes, unless `password` is given.
 *
 * Throws when:
 *
 * - a name, image or quantity is not valid;
 * - no distribution is bound, or it runs Valkey itself;
 * - the nodes that are asked for are spot nodes;
 * - the password is to be generated and there is no image to do it with, which synth finds.
 *
 * @example
 * const queue = new ValkeySentinel(this, 'Queue', { name: 'polls-queue', storage: '1Gi' });
 * const polls = new DjangoApp(this, 'Polls', {
 *   name: 'polls',
 *   image: 'registry.example.com/polls:1.4.2',
 *   settingsModule: 'mysite.settings',
 *   celery: { redisSentinel: queue.broker(0) },
 * });
 * polls.addCeleryWorker({ name: 'default' });
 */
export class ValkeySentinel extends Construct implements IRedisServer {
  /** The labels of the pods. */
  readonly selector: Selector;

  /** What the servers hold outlives their pods. */
  readonly durable: boolean = true;

  /** What lets the cluster pull the image from the platform's own registry, as far as it is in manifests. */
  readonly imagePullResources: IResource[];

  /** The StatefulSet. */
  readonly statefulSet: Resource;

  /** The Service by which each pod has a name. */
  readonly service: Resource;

  /** The ServiceAccount of the pods. */
  readonly serviceAccount: Resource;

  /** The ConfigMap with the configuration and the scripts. */
  readonly configMap: Resource;

  /** Lets one pod go at a time. */
  readonly disruptionBudget: Resource;

  /** The generated password, unless one was given. */
  readonly generatedPassword?: GeneratedSecret;

  /** The policy that lets only the applications' pods in, once the network was restricted. */
  networkPolicy?: Resource;

  private readonly password: SecretValue;
  private readonly clients: IDatabaseClient[] = [];

  constructor(scope: Construct, id: string, props: ValkeySentinelProps) {
    super(scope, id);
    const name = checkName(this, 'name', props.name);
    this.selector = { name: 'valkey', instance: name, component: 'broker' };
    const image = checkImage(this, 'image', props.image ?? DEFAULT_IMAGE);
    const resources = completeResources(this, props.resources, DEFAULT_RESOURCES);
    const { storage, storageClassName } = props;
    size(this, 'storage', storage);
    if (storageClassName !== undefined) checkResourceName(this, 'storageClassName', storageClassName);
    if (props.password) checkSecretValue(this, 'password', props.password);
    const imagePullSecrets = checkPullSecrets(this, props.imagePullSecrets);
    const placement = serverPlacement(this, props.scheduling);
    this.refuseManaged(name);
    this.generatedPassword = props.password
      ? undefined
      : serverPassword(this, this.selector, 'servers', this.clients, props);
    this.password = props.password ?? this.generatedPassword!.value;
    this.imagePullResources = allowPull(this, [image, props.pythonImage], imagePullSecrets);
    const made = members(this, {
      name,
      selector: this.selector,
      image,
      imagePullSecrets,
      password: this.password,
      resources,
      placement: firstServer(this, placement),
      volume: { storage, storageClassName: volumeClass(this, storageClassName) },
    });
    this.serviceAccount = made.serviceAccount;
    this.configMap = made.configMap;
    this.statefulSet = made.statefulSet;
    this.service = made.service;
    this.disruptionBudget = disruptionBudget(this, 'DisruptionBudget', name, this.selector);
  }

  /**
   * One of the databases of the servers, for `celery.redisSentinel` of an application. Each application wants one of
   * its own.
   *
   * @param index - from 0 to 15
   */
  broker(index: number): RedisSentinelProps {
    checkInteger(this, 'index', index, { atLeast: 0, atMost: LAST_DATABASE });
    const name = this.selector.instance;
    return {
      sentinels: Array.from({ length: MEMBERS }, (_, pod) => `${name}-${pod}.${name}:${SENTINEL_PORT}`),
      primaryName: name,
      database: index,
      password: this.password,
      sentinelPassword: this.password,
      port: VALKEY_PORT,
      peers: [podsOf(this.selector)],
      server: this,
    };
  }

  addClient(client: IDatabaseClient): void {
    if (Construct.isConstruct(client)) checkSameNamespace(client, 'celery.redisSentinel', this);
    this.clients.push(client);
  }

  restrictNetwork(): void {
    this.generatedPassword?.restrictNetwork();
    distributionOf(this).autoscaling.queueClients?.forEach((peer) =>
      checkSource(this, 'autoscaling.queueClients', peer),
    );
    this.networkPolicy ??= networkPolicy(this, 'NetworkPolicy', {
      name: this.selector.instance,
      selector: this.selector,
      allowed: () => this.allowed(),
    });
  }

  /** The applications, an autoscaler that asks for the length of queues, and the pods among each other. */
  private allowed(): AllowedTraffic {
    const { queueClients = [] } = distributionOf(this).autoscaling;
    const own = podsOf(this.selector);
    const ports = [VALKEY_PORT, SENTINEL_PORT].map((port) => ({ port }));
    const clients = this.clients.flatMap(({ databasePeers }) => databasePeers);
    return {
      ingress: [{ peers: [own, ...clients, ...queueClients], ports }],
      egress: [{ peers: [own], ports }, ...dnsTraffic(this)],
    };
  }

  private refuseManaged(name: string): void {
    if (!distributionOf(this).valkey) return;
    Problems.report(this, {
      property: 'name',
      value: name,
      reason: 'is of servers that the library makes, and the distribution runs Valkey itself',
      remedy: 'Use a ValkeyBackend, or give the Sentinels of that service to celery.redisSentinel',
    });
  }
}
