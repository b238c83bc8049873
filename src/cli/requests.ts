import { sum } from '../kubernetes/collections';
import { podOf } from '../kubernetes/pod-manifests';
import { podAmount } from '../kubernetes/pod-resources';
import { quantity } from '../kubernetes/quantities';

/** Kinds whose pods go on until they are told to end. */
export const LASTING_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** What pods that go on ask for, in cores and bytes. */
export interface Requests {
  readonly cpu: number;
  readonly memory: number;
  readonly storage: number;
}

/** The least and the most replicas of a workload. */
export interface Replicas {
  readonly least: number;
  readonly most: number;
}

/** The requests of all pods that go on, with the least number of replicas, and of volumes. */
export function requestsOf(objects: any[]): Requests {
  const parts = objects.map((object) => {
    const count = LASTING_KINDS.includes(object.kind) ? replicasOf(object, objects).least : 0;
    const spec = podOf(object).value?.spec;
    return {
      cpu: count && count * podAmount(spec, 'requests.cpu', 0),
      memory: count && count * podAmount(spec, 'requests.memory', 0),
      storage: storageOf(object, count),
    };
  });
  return {
    cpu: sum(parts.map(({ cpu }) => cpu)),
    memory: sum(parts.map(({ memory }) => memory)),
    storage: sum(parts.map(({ storage }) => storage)),
  };
}

/** The bytes of the volumes that an object asks for. */
export function storageOf(object: any, replicas: number): number {
  const size = (claims: any[]) =>
    sum(claims.map((claim) => quantity(claim.spec?.resources?.requests?.storage) ?? 0));
  const claims = object.kind === 'PersistentVolumeClaim' ? [object] : [];
  return size(claims) + replicas * size(object.spec?.volumeClaimTemplates ?? []);
}

/** The replicas of a workload, as its autoscaler decides where it has one. */
export function replicasOf({ kind, metadata, spec }: any, objects: any[]): Replicas {
  const scaler = objects.find(
    (one) =>
      one.kind === 'HorizontalPodAutoscaler' &&
      one.spec.scaleTargetRef.kind === kind &&
      one.spec.scaleTargetRef.name === metadata.name &&
      one.metadata.namespace === metadata.namespace,
  );
  const replicas = spec?.replicas ?? 1;
  return { least: scaler?.spec.minReplicas ?? replicas, most: scaler?.spec.maxReplicas ?? replicas };
}
