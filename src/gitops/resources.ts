import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Resource } from '../kubernetes/resource';
import { existingRuntimeChart } from '../workloads/runtime-config-maps';

/** The resources of a chart, without those of charts within it. */
export function resourcesOf(chart: Chart): ApiObject[] {
  const isOwn = (construct: IConstruct): construct is ApiObject =>
    ApiObject.isApiObject(construct) && Chart.of(construct) === chart;
  return chart.node.findAll().filter(isOwn);
}

/** The runtime that pods of a chart mount, in a chart beside it, to which a mixin may not be applied. */
export function runtimeOf(chart: Chart): ApiObject[] {
  const runtime = existingRuntimeChart(chart);
  return runtime ? resourcesOf(runtime) : [];
}

/**
 * Keeps a Job after its end. What applies the manifests again and again would make a Job again that went by itself, and
 * it prunes those of earlier releases.
 */
export function keepJob(resource: ApiObject): void {
  // A Job that a program makes itself is not a Resource, and has what the program says.
  if (resource.kind !== 'Job' || !(resource instanceof Resource)) return;
  resource.override({ spec: { ttlSecondsAfterFinished: null } });
}

/** Sets an annotation that the resource does not have. */
export function annotate(resource: ApiObject, name: string, value: string): void {
  if (!hasAnnotation(resource, name)) resource.metadata.addAnnotation(name, value);
}

/** Whether a resource has an annotation. */
export function hasAnnotation(resource: ApiObject, name: string): boolean {
  return resource.metadata.toJson()?.annotations?.[name] !== undefined;
}

/**
 * Kinds that hold data. The volumes of a Cluster of CloudNativePG go with it. While its ObjectStore is missing, no
 * replica of it takes over.
 */
const WITH_DATA = [
  'core/Namespace',
  'core/PersistentVolumeClaim',
  'postgresql.cnpg.io/Cluster',
  'barmancloud.cnpg.io/ObjectStore',
];

/**
 * Whether with a resource something is lost that is not in the manifests and cannot be made again. It may be uploaded
 * files, a database, a Secret that is filled inside the cluster, or the namespace that has them.
 */
export function holdsData(resource: ApiObject): boolean {
  if (WITH_DATA.includes(`${resource.apiGroup}/${resource.kind}`)) return true;
  if (resource.kind !== 'Secret') return false;
  const { data, stringData } = resource.toJson();
  return data === undefined && stringData === undefined;
}

/** What is not in a namespace and may be in the manifests of several: pruned with those of one, others lack it. */
const SHARED = ['IngressClass', 'IngressClassParams', 'StorageClass', 'VolumeSnapshotClass'];

/** Whether others may have the same resource in their manifests. */
export function isShared(resource: ApiObject): boolean {
  return SHARED.includes(resource.kind);
}

/**
 * Whether an engine has to leave a resource that the manifests do not have any more: what holds data, and what others
 * may have in their manifests. The PriorityClass of a namespace belongs to all programs there: without it, no pod that
 * names it can be made again.
 */
export function isKept(resource: ApiObject): boolean {
  return holdsData(resource) || isShared(resource) || resource.kind === 'PriorityClass';
}

/**
 * What an engine has to leave that deletes before the new release runs, as Flux and Helm do: pods of the old one may
 * still have to mount its runtime.
 */
export function keptAtRelease(chart: Chart): ApiObject[] {
  return [...resourcesOf(chart).filter(isKept), ...runtimeOf(chart)];
}
