import { App, Chart } from 'cdk8s';
import { Application, ApplicationSet, ApplicationSetSpecGenerators } from '../../imports/argoproj.io';
import { DeliveredNamespace, IFleetDelivery } from '../fleet/delivery';
import { ArgoCdAnnotations } from '../gitops/argo-cd';
import { projectOf } from './argo-cd-project';
import { checkSource, checkText } from './checks';
import { deliveryName } from './names';

/** How Argo CD comes to an Application for each namespace. */
export enum ArgoCdForm {
  /** An Application for each. */
  APPLICATIONS = 'applications',

  /** An ApplicationSet that has their list. */
  LIST = 'list',

  /** An ApplicationSet that looks for the folders in the Git repository. */
  GIT_DIRECTORIES = 'git-directories',
}

/** Where Argo CD finds a fleet's manifests, and where it brings them. */
export interface ArgoCdDeliveryProps {
  /** URL of the Git repository that the output directory is committed to. */
  readonly repository: string;

  /**
   * Branch, tag or commit of the repository.
   *
   * @default HEAD
   */
  readonly revision?: string;

  /**
   * Path of the output directory in the repository.
   *
   * @default dist
   */
  readonly path?: string;

  /**
   * The names that Argo CD has for the clusters, by the names of the distributions.
   *
   * @default - the cluster that Argo CD is in, `in-cluster`
   */
  readonly clusters?: { [distribution: string]: string };

  /**
   * How it comes to its Applications.
   *
   * @default ArgoCdForm.LIST
   */
  readonly form?: ArgoCdForm;

  /**
   * Namespace of Argo CD, where its resources are.
   *
   * @default argocd
   */
  readonly namespace?: string;
}

/** As every Application is synchronized: by itself, and with a namespace that is made where the manifests have none. */
export const SYNC_POLICY = {
  automated: { prune: true, selfHeal: true },
  // As often as Argo CD does by itself, but with what mends it as soon as that is there.
  retry: { limit: 5, refresh: true },
  syncOptions: ['CreateNamespace=true'],
};

/** An error for a name that a template uses and its generator does not give. */
export const TEMPLATES = { goTemplate: true, goTemplateOptions: ['missingkey=error'] };

/**
 * Has Argo CD apply a fleet: an Application for each namespace, by an ApplicationSet or by itself, and an AppProject
 * for its owner. The project allows the fleet's repository alone, the namespaces and kinds that the manifests have, and
 * resources outside namespaces by their names.
 *
 * The manifests get the waves of ArgoCdAnnotations: a migration that fails ends the synchronization of its namespace
 * before any of its pods changes. The resources are in `<distribution>-argo-cd.k8s.yaml` of the output directory. When
 * a namespace leaves the fleet, an ApplicationSet deletes its Application with what it applied, except what holds
 * data. An Application of `ArgoCdForm.APPLICATIONS` is yours to delete, and leaves all that it applied.
 *
 * Throws when:
 * - the repository, the revision or the path is empty or has spaces;
 * - the path is not one below the repository.
 *
 * @example
 * new Fleet({
 *   distributions: [Distribution.gke(), Distribution.openshift()],
 *   folder: 'applications',
 *   delivery: new ArgoCdDelivery({
 *     repository: 'https://git.example.com/platform/shops.git',
 *     clusters: { openshift: 'west' },
 *   }),
 * }).synthesize();
 */
export class ArgoCdDelivery implements IFleetDelivery {
  /** Name of the engine. */
  readonly name = 'argo-cd';

  private readonly props: Required<ArgoCdDeliveryProps>;

  constructor(props: ArgoCdDeliveryProps) {
    this.props = {
      repository: checkText('ArgoCdDelivery', 'repository', props.repository),
      revision: checkText('ArgoCdDelivery', 'revision', props.revision ?? 'HEAD'),
      path: checkSource('ArgoCdDelivery', props.path ?? 'dist'),
      clusters: props.clusters ?? {},
      form: props.form ?? ArgoCdForm.LIST,
      namespace: checkText('ArgoCdDelivery', 'namespace', props.namespace ?? 'argocd'),
    };
  }

  /** Gives the manifests their waves. */
  prepare(app: App): void {
    app.with(new ArgoCdAnnotations());
  }

  /** Makes the AppProjects, and the Applications or the ApplicationSet. */
  define(chart: Chart, namespaces: DeliveredNamespace[]): void {
    const { repository, namespace } = this.props;
    for (const one of namespaces) {
      const [name, cluster] = [deliveryName(one), this.clusterOf(one)];
      projectOf(chart, { name, namespace, cluster, repository }, one);
    }
    if (this.props.form === ArgoCdForm.APPLICATIONS) {
      namespaces.forEach((one) => this.application(chart, one));
    } else {
      this.applicationSet(chart, namespaces);
    }
  }

  private application(chart: Chart, one: DeliveredNamespace): void {
    const name = deliveryName(one);
    new Application(chart, `Application-${name}`, {
      metadata: { name, namespace: this.props.namespace },
      spec: {
        project: name,
        source: this.source(`${this.props.path}/${one.folder}`),
        destination: { name: this.clusterOf(one), namespace: one.namespace },
        syncPolicy: SYNC_POLICY,
      },
    });
  }

  private applicationSet(chart: Chart, namespaces: DeliveredNamespace[]): void {
    const [{ distribution }] = namespaces;
    const isListed = this.props.form === ArgoCdForm.LIST;
    const [name, path, namespace] = isListed
      ? ['{{.name}}', '{{.path}}', '{{.namespace}}']
      : [`${distribution}.{{.path.basename}}`, '{{.path.path}}', '{{.path.basename}}'];
    new ApplicationSet(chart, 'ApplicationSet', {
      metadata: { name: distribution, namespace: this.props.namespace },
      spec: {
        ...TEMPLATES,
        generators: [isListed ? this.list(namespaces) : this.directories(distribution)],
        template: {
          metadata: { name },
          spec: {
            project: name,
            source: this.source(path),
            destination: { name: this.clusterOf(namespaces[0]), namespace },
            syncPolicy: SYNC_POLICY,
          },
        },
      },
    });
  }

  private list(namespaces: DeliveredNamespace[]): ApplicationSetSpecGenerators {
    const elements = namespaces.map((one) => ({
      name: deliveryName(one),
      path: `${this.props.path}/${one.folder}`,
      namespace: one.namespace,
    }));
    return { list: { elements } };
  }

  private directories(distribution: string): ApplicationSetSpecGenerators {
    const { repository, revision, path } = this.props;
    return { git: { repoUrl: repository, revision, directories: [{ path: `${path}/${distribution}/*` }] } };
  }

  private source(path: string): { repoUrl: string; targetRevision: string; path: string } {
    return { repoUrl: this.props.repository, targetRevision: this.props.revision, path };
  }

  private clusterOf({ distribution }: DeliveredNamespace): string {
    return this.props.clusters[distribution] ?? 'in-cluster';
  }
}
