/**
 * Why fields have the values that the library gives them. Reasons are in a file `reasons.ts` beside the code that sets
 * the fields. No other code of the library loads them.
 */
export interface FieldReason {
  /**
   * The fields, as `kubectl explain` writes them. Braces hold alternatives: `{Role,ClusterRole}.rules.verbs`. A star at
   * the begin is any kind, and one at the end is any rest, such as the key of a label.
   */
  readonly fields: string[];

  /** The reason, in one to three sentences. */
  readonly why: string;

  /** Where it is written: an address, or a page of `docs/`. */
  readonly source: string;

  /**
   * The values that each of the fields can have.
   *
   * @default - they depend on what a program gives, or on the platform
   */
  readonly values?: (string | number | boolean)[];
}

type PodOwner = 'Deployment' | 'StatefulSet' | 'Job' | 'CronJob';

/** The pod templates of workloads. */
export function podsOf(...kinds: PodOwner[]): string {
  const templates = kinds.map((kind) =>
    kind === 'CronJob' ? 'CronJob.spec.jobTemplate.spec.template' : `${kind}.spec.template`,
  );
  return `{${templates.join(',')}}`;
}

/** The pods of all workloads. */
export const ALL_PODS = podsOf('Deployment', 'StatefulSet', 'Job', 'CronJob');

/** The pods that run an application's image, and those of the library's own Python. */
export const APPLICATION_PODS = podsOf('Deployment', 'Job', 'CronJob');

/** The pods that go on until they are told to end. */
export const LASTING_PODS = podsOf('Deployment', 'StatefulSet');

/** The pods that end by themselves. */
export const ENDING_PODS = podsOf('Job', 'CronJob');

/** The containers of all pods. */
export const ALL_CONTAINERS = `${ALL_PODS}.spec.{containers,initContainers}`;

/** The containers of an application's pods. */
export const APPLICATION_CONTAINERS = `${APPLICATION_PODS}.spec.{containers,initContainers}`;
