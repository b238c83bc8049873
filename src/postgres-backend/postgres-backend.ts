import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { GeneratedSecret, IPythonImage } from '../capabilities/secrets/generated-secret';
import { checkSecretValue, SecretValue } from '../capabilities/secrets/secret';
import { Distribution } from '../distributions/distribution';
import { IDatabase, IDatabaseClient } from '../django-app/database';
import { EnvironmentVariable } from '../kubernetes/environment';
import { describe } from '../kubernetes/errors';
import { checkImage } from '../kubernetes/images';
import { resourceLabels, Selector, selectorLabels } from '../kubernetes/labels';
import { checkName } from '../kubernetes/names';
import { networkPolicy } from '../kubernetes/network-policies';
import { NetworkPeer } from '../kubernetes/peers';
import { bytes } from '../kubernetes/quantities';
import { Resource } from '../kubernetes/resource';
import { completeResources, ContainerResources } from '../kubernetes/resources';
import { checkConnection, ConnectionOptions, connectionVariables } from './connection';
import { postgresFromHost, PostgresHostProps, postgresFromUrl, PostgresUrlProps } from './existing';
import { checkRole, POSTGRES_PORT } from './names';
import { initScript, PostgresServerOptions, statefulSetSpec } from './stateful-set';

const DEFAULT_IMAGE = 'docker.io/library/postgres:15-bookworm';
const DEFAULT_RESOURCES = { cpuRequest: '250m', memoryRequest: '512Mi', memoryLimit: '1Gi' };

/** A PostgreSQL server in the cluster, with a database for one or more applications. */
export interface PostgresBackendProps extends ConnectionOptions {
  /** Name of the server: a DNS label of at most 40 characters. All its resources are named after it. */
  readonly name: string;

  /** Size of its volume, in bytes with a unit. */
  readonly storage: string;

  /**
   * The StorageClass of its volume.
   *
   * @default - the distribution's
   */
  readonly storageClassName?: string;

  /**
   * The official image, by tag or digest. A server cannot read the data of another major version.
   *
   * @default docker.io/library/postgres:15-bookworm
   */
  readonly image?: string;

  /**
   * Names of the Secrets with which the image is pulled.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string[];

  /**
   * Name of the database.
   *
   * @default django
   */
  readonly database?: string;

  /**
   * The role that owns the database. It is no superuser.
   *
   * @default django
   */
  readonly user?: string;

  /**
   * Its password.
   *
   * @default - made once, inside the cluster, in a Secret of the server's name
   */
  readonly password?: SecretValue;

  /**
   * An image that has `python`, which makes the password.
   *
   * @default - the image of the first application that uses the database
   */
  readonly pythonImage?: string;

  /**
   * CPU and memory of the server.
   *
   * @default - 250m CPU, 512Mi memory set aside and 1Gi as the limit
   */
  readonly resources?: ContainerResources;
}

/**
 * A PostgreSQL server in the cluster with a database, or one that somebody else runs.
 *
 * In the cluster it makes, on every distribution, a StatefulSet of one pod with a volume, a Service, a ServiceAccount
 * without rights, a ConfigMap with the script that makes the role and the database, and what a GeneratedSecret makes,
 * unless `password` is given. `fromHost` and `fromUrl` make nothing.
 *
 * Throws when a name, image or quantity is not a valid one, when no distribution is bound, and at synth when the
 * password is to be generated and there is no image to do it with.
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
export class PostgresBackend extends Construct implements IDatabase {
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

  /** The labels of the server's pod. */
  readonly selector: Selector;

  /** The variables that tell an application of the database. */
  readonly environment: EnvironmentVariable[];

  /** Port of the Service and of the pod. */
  readonly port = POSTGRES_PORT;

  /** The server's pod, as network policies name it. */
  readonly peers: NetworkPeer[];

  /** The StatefulSet of the server. */
  readonly statefulSet: Resource;

  /** The Service in front of it. */
  readonly service: Resource;

  /** The ServiceAccount of its pod. */
  readonly serviceAccount: Resource;

  /** The ConfigMap with the script that makes the role and the database. */
  readonly configMap: Resource;

  /** The generated password, unless one was given. */
  readonly generatedPassword?: GeneratedSecret;

  /** The policy that keeps all but the admitted pods away, once pods were admitted. */
  networkPolicy?: Resource;

  private readonly clients: IDatabaseClient[] = [];
  private readonly admitted: IDatabaseClient[] = [];

  constructor(scope: Construct, id: string, props: PostgresBackendProps) {
    super(scope, id);
    const name = checkName(this, 'name', props.name);
    this.selector = { name: 'postgresql', instance: name, component: 'database' };
    this.peers = [{ podLabels: selectorLabels(this.selector) }];
    const metadata = { name, labels: resourceLabels(this.selector) };
    this.generatedPassword = props.password ? undefined : this.generatePassword(name, props);
    const password = props.password
      ? checkSecretValue(this, 'password', props.password)
      : this.generatedPassword!.value;
    const options = this.serverOptions(name, props, password);
    checkConnection(this, props);
    this.environment = connectionVariables({ ...props, ...options, host: name, port: this.port });

    this.serviceAccount = new Resource(
      this,
      'ServiceAccount',
      k8s.KubeServiceAccount.manifest({ metadata, automountServiceAccountToken: false }),
    );
    this.configMap = new Resource(
      this,
      'ConfigMap',
      k8s.KubeConfigMap.manifest({ metadata, data: { '10-application.sh': initScript() } }),
    );
    this.statefulSet = new Resource(this, 'StatefulSet', {
      ...k8s.KubeStatefulSet.GVK,
      metadata,
      spec: statefulSetSpec(this, options),
    });
    this.service = new Resource(
      this,
      'Service',
      k8s.KubeService.manifest({
        metadata,
        spec: {
          selector: selectorLabels(this.selector),
          ports: [{ name: 'postgres', port: this.port, targetPort: k8s.IntOrString.fromString('postgres') }],
        },
      }),
    );
  }

  addClient(client: IDatabaseClient): void {
    this.clients.push(client);
  }

  admit(client: IDatabaseClient): void {
    this.admitted.push(client);
    this.generatedPassword?.restrictNetwork();
    const peers = () => this.admitted.flatMap(({ databasePeers }) => databasePeers);
    this.networkPolicy ??= networkPolicy(this, 'NetworkPolicy', {
      name: this.selector.instance,
      selector: this.selector,
      // The database answers; it asks for nothing.
      allowed: () => ({ ingress: [{ peers: peers(), ports: [{ port: this.port }] }], egress: [] }),
    });
  }

  private generatePassword(name: string, props: PostgresBackendProps): GeneratedSecret {
    if (props.pythonImage !== undefined) checkImage(this, 'pythonImage', props.pythonImage);
    this.node.addValidation({ validate: () => this.checkPython(props) });
    return new GeneratedSecret(this, 'Password', {
      name,
      instance: this.selector,
      key: 'password',
      kind: 'password',
      python: this.python(props),
    });
  }

  private checkPython(props: PostgresBackendProps): string[] {
    if (props.pythonImage || this.clients.length) return [];
    const reason = 'is needed to make the password, as no application uses the database';
    const remedy = 'Give it, give the password, or give the database to a DjangoApp';
    return [describe({ property: 'pythonImage', value: undefined, reason, remedy })];
  }

  private serverOptions(
    name: string,
    props: PostgresBackendProps,
    password: SecretValue,
  ): PostgresServerOptions {
    bytes(this, 'storage', props.storage);
    return {
      name,
      selector: this.selector,
      image: checkImage(this, 'image', props.image ?? DEFAULT_IMAGE),
      imagePullSecrets: props.imagePullSecrets ?? [],
      database: checkRole(this, 'database', props.database ?? 'django'),
      user: checkRole(this, 'user', props.user ?? 'django'),
      password,
      resources: completeResources(this, props.resources, DEFAULT_RESOURCES),
      storage: props.storage,
      storageClassName: props.storageClassName ?? Distribution.of(this).storage.storageClassName,
    };
  }

  /** The image that makes the password, once all applications are known. */
  private python(props: PostgresBackendProps): IPythonImage {
    const { clients } = this;
    return {
      get image() {
        return props.pythonImage ?? clients[0].image;
      },
      get imagePullSecrets() {
        return props.pythonImage ? (props.imagePullSecrets ?? []) : clients[0].imagePullSecrets;
      },
      get runAsUser() {
        return clients[0]?.runAsUser ?? 1000;
      },
    };
  }
}
