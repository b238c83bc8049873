import { IConstruct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';

/** The kinds of pods that an application has. */
export enum PodKind {
  /** Its replicas, which serve requests. */
  WEB = 'web',

  /** Its workers, its beat, and its processes in pods of their own. */
  WORKERS = 'workers',

  /** Those of its Jobs and CronJobs: the migration, management commands and the first superuser. */
  JOBS = 'jobs',
}

/** The component of the pods of a beat. */
export const BEAT = 'beat';

/** Which pods of an application something is added to. */
export interface PodSelection {
  /**
   * The kinds of pods.
   *
   * @default - all pods of the application
   */
  readonly pods?: PodKind[];
}

const ALL = Object.values(PodKind);

/** The kinds that a selection names. */
export function kindsOf(scope: IConstruct, { pods = ALL }: PodSelection): PodKind[] {
  const unknown = pods.find((kind) => !ALL.includes(kind));
  if (pods.length > 0 && unknown === undefined) return ALL.filter((kind) => pods.includes(kind));
  throw new InvalidInputError(scope, {
    property: 'pods',
    value: unknown ?? pods,
    reason: unknown === undefined ? 'is empty' : 'is not a kind of pods',
    remedy: 'Use members of PodKind, or leave pods out to mean all pods',
  });
}

/** A list whose items are each for some kinds of pods. */
export class PerPods<Item> {
  private readonly entries: { item: Item; kinds: PodKind[] }[] = [];

  add(item: Item, kinds: PodKind[]): void {
    this.entries.push({ item, kinds });
  }

  /** The items for any kind. */
  get all(): Item[] {
    return this.among(ALL);
  }

  /** The items for all of these kinds. */
  of(...kinds: PodKind[]): Item[] {
    return this.filter((own) => kinds.every((kind) => own.includes(kind)));
  }

  /** The items for at least one of these kinds. */
  among(kinds: PodKind[]): Item[] {
    return this.filter((own) => kinds.some((kind) => own.includes(kind)));
  }

  /** The items for every kind. */
  get common(): Item[] {
    return this.of(...ALL);
  }

  /** The items for one kind that are not for every kind. */
  restrictedTo(kind: PodKind): Item[] {
    return this.filter((own) => own.includes(kind) && own.length < ALL.length);
  }

  /** What a function makes of each item and its kinds. */
  each<Result>(make: (item: Item, kinds: PodKind[]) => Result): Result[] {
    return this.entries.map(({ item, kinds }) => make(item, kinds));
  }

  /** The items for one kind that are not for another. */
  without(kind: PodKind, other: PodKind): Item[] {
    return this.filter((own) => own.includes(kind) && !own.includes(other));
  }

  private filter(isWanted: (kinds: PodKind[]) => boolean): Item[] {
    return this.entries.filter(({ kinds }) => isWanted(kinds)).map(({ item }) => item);
  }
}
