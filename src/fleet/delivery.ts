import { ApiObject, App, Chart } from 'cdk8s';
import { isClusterScoped } from '../kubernetes/cluster-scoped';
import { uniqueSorted } from '../kubernetes/collections';

/** A kind of resource among a namespace's manifests. */
export interface DeliveredKind {
  /** Group of its API: `apps`; empty for that of Kubernetes' core. */
  readonly group: string;

  /** The kind: `Deployment`. */
  readonly kind: string;

  /**
   * The namespace that the resources of this entry are in.
   *
   * @default - none: the kind is one without namespaces
   */
  readonly namespace?: string;

  /**
   * Name of the resource, if it has no namespace.
   *
   * @default - of any name
   */
  readonly name?: string;
}

/** What a fleet has for one namespace on one distribution: one folder, which one owner's engine applies. */
export interface DeliveredNamespace {
  /** The namespace. */
  readonly namespace: string;

  /** Name of the distribution. */
  readonly distribution: string;

  /** Path of its folder below the fleet's output directory: `gke/sales`. */
  readonly folder: string;

  /** The kinds of the manifests in the folder, each once. */
  readonly kinds: DeliveredKind[];
}

/** How what a fleet wrote comes into clusters: makes the resources that an engine is told by. */
export interface IFleetDelivery {
  /** Name of the engine, with which the names of the files end: `argo-cd`. */
  readonly name: string;

  /**
   * Changes the manifests of a namespace for the engine, when all its applications are made.
   *
   * @param app - has the charts of the applications
   */
  prepare(app: App): void;

  /**
   * Makes the engine's resources for one distribution.
   *
   * @param chart - a chart of their own
   * @param namespaces - what the fleet has for the distribution
   */
  define(chart: Chart, namespaces: DeliveredNamespace[]): void;
}

/** The kinds of all manifests below an App, each once, sorted. */
export function deliveredKinds(app: App): DeliveredKind[] {
  const resources = app.node.findAll().filter((one) => ApiObject.isApiObject(one));
  const kinds = resources.map((resource): DeliveredKind => {
    const { apiGroup, kind } = resource;
    const namespace = writtenNamespace(resource);
    const group = apiGroup === 'core' ? '' : apiGroup;
    if (namespace !== undefined) return { group, kind, namespace };
    return { group, kind, name: resource.toJson().metadata.name };
  });
  const texts = kinds.map((kind) => JSON.stringify(kind));
  return uniqueSorted(texts).map((text) => JSON.parse(text));
}

/** The namespace of a resource as a cluster takes it; undefined for a kind without namespaces. */
export function writtenNamespace(resource: ApiObject): string | undefined {
  return isClusterScoped(resource.kind) ? undefined : resource.toJson().metadata.namespace;
}
