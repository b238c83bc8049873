import { IConstruct } from 'constructs';
import { checkAdmission, IAdmission } from '../capabilities/admission/admission';
import { IAutoscaling } from '../capabilities/autoscaling/autoscaling';
import { IBackup } from '../capabilities/backup/backup';
import { IBuilds } from '../capabilities/builds/builds';
import { IIdentity } from '../capabilities/identity/identity';
import { IImages } from '../capabilities/images/images';
import { ILogging } from '../capabilities/logging/logging';
import { IMonitoring } from '../capabilities/monitoring/monitoring';
import { INetwork } from '../capabilities/network/network';
import { IPostgres } from '../capabilities/postgres/postgres';
import { IRouting } from '../capabilities/routing/routing';
import { IScheduling } from '../capabilities/scheduling/scheduling';
import { ISecrets } from '../capabilities/secrets/secrets';
import { ISecurity } from '../capabilities/security/security';
import { IObjectStorage } from '../capabilities/storage/object-storage';
import { IStorage } from '../capabilities/storage/storage';
import { IValkey } from '../capabilities/valkey/valkey';
import { InvalidInputError } from '../kubernetes/errors';
import { addProblems, Problems } from '../kubernetes/problems';
import { checkUniqueResources } from '../kubernetes/unique-resources';
import { AksDistribution, AksProps } from './aks';
import { EksDistribution, EksProps } from './eks';
import { GkeDistribution, GkeProps } from './gke';
import { OpenShiftDistribution, OpenShiftProps } from './openshift';
import { checkVersion } from './props';
import { identityCommands } from './side-files';
import { UpstreamDistribution, UpstreamProps } from './upstream';

/** What a Kubernetes distribution can do, as a table of capabilities. All that differs between platforms is in it. */
export interface IDistribution {
  /** Name of the distribution: a DNS label, and the folder that its manifests go to. */
  readonly name: string;

  /**
   * The oldest Kubernetes version that the manifests are for, 1.30 or newer: `1.34`. What a newer one is needed for is
   * an error; nothing else in the manifests depends on it.
   */
  readonly kubernetesVersion: string;

  /** How the public reaches a Service. */
  readonly routing: IRouting;

  /** Which security contexts pods get. */
  readonly security: ISecurity;

  /** What network policies have to allow. */
  readonly network: INetwork;

  /** Which StorageClasses there are. */
  readonly storage: IStorage;

  /** How metrics are collected. */
  readonly monitoring: IMonitoring;

  /** What the log collector expects. */
  readonly logging: ILogging;

  /** How workloads are scaled. */
  readonly autoscaling: IAutoscaling;

  /**
   * How pods come by an identity of the platform.
   *
   * @default - they have none
   */
  readonly identity?: IIdentity;

  /**
   * The platform's secret store.
   *
   * @default - none: a StoredSecret throws
   */
  readonly secrets?: ISecrets;

  /**
   * Where uploaded files are kept that are in a bucket.
   *
   * @default - none: `mediaBucket` throws
   */
  readonly objectStorage?: IObjectStorage;

  /**
   * Who runs PostgreSQL.
   *
   * @default - PostgresBackend makes a server in the cluster
   */
  readonly postgres?: IPostgres;

  /**
   * Who runs Redis or Valkey.
   *
   * @default - ValkeyBackend makes a server in the cluster
   */
  readonly valkey?: IValkey;

  /**
   * What builds images in the cluster.
   *
   * @default - nothing: an ImageBuild throws
   */
  readonly builds?: IBuilds;

  /**
   * What makes backups of databases in the cluster.
   *
   * @default - nothing: a DatabaseBackup throws
   */
  readonly backup?: IBackup;

  /**
   * What the platform demands of manifests: checked at synth, of every resource below the scope it is bound to.
   *
   * @default - nothing
   */
  readonly admission?: IAdmission;

  /**
   * By what nodes are known that pods ask for.
   *
   * @default - the labels of Kubernetes itself, for architecture and zones: `spot` and `nodePool` throw
   */
  readonly scheduling?: IScheduling;

  /**
   * What lets the cluster pull images of the platform's own registry.
   *
   * @default - nothing: images are public, or pulled with `imagePullSecrets`
   */
  readonly images?: IImages;
}

const DISTRIBUTION = Symbol.for('cdk8s-django.Distribution');

/** The distributions that come with this library, and the one that a construct is made for. */
export class Distribution {
  /** Google Kubernetes Engine, Standard and Autopilot. */
  static gke(props: GkeProps = {}): IDistribution {
    return new GkeDistribution(props);
  }

  /** Amazon Elastic Kubernetes Service with the AWS Load Balancer Controller. */
  static eks(props: EksProps = {}): IDistribution {
    return new EksDistribution(props);
  }

  /** Azure Kubernetes Service with its managed Gateway API. */
  static aks(props: AksProps = {}): IDistribution {
    return new AksDistribution(props);
  }

  /** OpenShift Container Platform 4. */
  static openshift(props: OpenShiftProps = {}): IDistribution {
    return new OpenShiftDistribution(props);
  }

  /** Upstream Kubernetes with a Gateway API controller such as Contour. */
  static upstream(props: UpstreamProps = {}): IDistribution {
    return new UpstreamDistribution(props);
  }

  /**
   * Makes everything below `scope` for a distribution.
   *
   * @param scope - an App, a Chart or any construct
   */
  static bind(scope: IConstruct, distribution: IDistribution): void {
    if (DISTRIBUTION in scope) {
      Problems.report(scope, {
        property: 'distribution',
        value: (scope as any)[DISTRIBUTION].name,
        reason: 'is bound here already',
        remedy: 'Bind one distribution to a scope',
      });
    }
    checkVersion(distribution.kubernetesVersion, `Distribution "${distribution.name}"`);
    Object.defineProperty(scope, DISTRIBUTION, { value: distribution });
    addProblems(scope, () => checkUniqueResources(scope));
    const { admission } = distribution;
    if (admission) addProblems(scope, () => checkAdmission(admission, constructsFor(scope)));
  }

  /**
   * The commands that have to be run once, outside the cluster, for what is below a scope to use the platform: what
   * `synthesize` writes to `identity.txt`.
   *
   * @param scope - an App, a Chart or any construct
   */
  static identityCommands(scope: IConstruct): string | undefined {
    return identityCommands(scope);
  }

  /** The distribution that a construct is made for: the one bound to the nearest scope around it. */
  static of(scope: IConstruct): IDistribution {
    const bound = scope.node.scopes.reverse().find((ancestor) => DISTRIBUTION in ancestor);
    if (bound) return (bound as any)[DISTRIBUTION];
    throw new InvalidInputError(scope, {
      property: 'distribution',
      value: undefined,
      reason: 'is needed: none is bound to this or to a scope around it',
      remedy:
        'Call Distribution.bind(app, Distribution.upstream()) before making constructs, or use synthesize([…], …)',
    });
  }
}

/** A scope and what is below it, without what another distribution is bound to. */
function constructsFor(scope: IConstruct): IConstruct[] {
  const others = scope.node.children.filter((child) => !(DISTRIBUTION in child));
  return [scope, ...others.flatMap(constructsFor)];
}

/** The constructs of the whole program that are made for the same cluster: all but those of another distribution. */
export function constructsOfCluster(scope: IConstruct): IConstruct[] {
  const distribution = Distribution.of(scope);
  const search = (one: IConstruct, around?: IDistribution): IConstruct[] => {
    const bound = DISTRIBUTION in one ? (one as any)[DISTRIBUTION] : around;
    const below = one.node.children.flatMap((child) => search(child, bound));
    // What no distribution is bound to may be for any cluster.
    return bound && bound !== distribution ? below : [one, ...below];
  };
  return search(scope.node.root);
}
