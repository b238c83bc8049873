import { SHORT_HASH_ENDING } from '../kubernetes/hash';
import { containersIn, Part, POD_KINDS, podOf } from '../kubernetes/pod-manifests';

/** An object of a manifest, and the file that has it. */
export interface PolicyObject {
  readonly manifest: any;
  readonly file: string;
}

/** An object that is a pod or makes pods. */
export interface PolicyPods extends PolicyObject {
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly pod: Part;
  readonly containers: Part[];
}

/** What is applied to one cluster: the objects of one folder. */
export interface PolicyFolder {
  readonly objects: PolicyObject[];
  readonly pods: PolicyPods[];
}

/** The pods of objects, with what rules ask of them. */
export function podsOf(objects: PolicyObject[]): PolicyPods[] {
  return objects
    .filter(({ manifest }) => POD_KINDS.includes(manifest.kind) && podOf(manifest).value?.spec)
    .map((object) => {
      const pod = podOf(object.manifest);
      return {
        ...object,
        namespace: object.manifest.metadata?.namespace ?? '',
        labels: pod.value.metadata?.labels ?? {},
        pod: { path: `${pod.path}spec`, value: pod.value.spec },
        containers: containersIn(object.manifest),
      };
    });
}

/** What an object is called in messages and exceptions: `Deployment polls`. A Job's name has no hash. */
export function shownName({ kind, metadata }: any): string {
  const name: string = metadata?.name ?? '';
  return `${kind} ${kind === 'Job' ? name.replace(SHORT_HASH_ENDING, '') : name}`;
}
