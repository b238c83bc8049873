import { IConstruct } from 'constructs';
import { isInTree } from '../kubernetes/resource-index';
import { IDistribution } from './distribution';
import { distributionOf } from './binding';

interface Member<T> {
  readonly construct: T;
  readonly number: number;
}

/** The constructs that were made for one cluster. */
interface ClusterMembers<T> {
  readonly all: T[];
  readonly byKey: Map<string, Member<T>[]>;
}

/**
 * The constructs of one sort, which each look for some of the others while they are made. To search the tree each
 * time would take a time that grows with the square of the applications.
 */
export class Members<T extends IConstruct> {
  private readonly symbol: symbol;

  /** @param sort - what they are: copies of this library in one program know one another by it */
  constructor(sort: string) {
    this.symbol = Symbol.for(`cdk8s-django.members.${sort}`);
  }

  /** Makes a construct known to those that come later, which look for it by any of its keys. */
  add(construct: T, keys: string[]): void {
    const { all, byKey } = this.ofCluster(construct);
    const member = { construct, number: all.push(construct) };
    for (const key of new Set(keys)) {
      const others = byKey.get(key);
      if (others) others.push(member);
      else byKey.set(key, [member]);
    }
  }

  /** Those with one of the keys that are made for the same cluster, in the order in which they were made. */
  of(scope: IConstruct, keys: string[]): T[] {
    const { byKey } = this.ofCluster(scope);
    const found = new Set([...new Set(keys)].flatMap((key) => byKey.get(key) ?? []));
    return [...found]
      .sort((one, other) => one.number - other.number)
      .map(({ construct }) => construct)
      .filter(isInTree);
  }

  /** All that are made for the same cluster, in the order in which they were made. */
  all(scope: IConstruct): T[] {
    return this.ofCluster(scope).all.filter(isInTree);
  }

  private ofCluster(scope: IConstruct): ClusterMembers<T> {
    const { root } = scope.node;
    if (!(this.symbol in root)) Object.defineProperty(root, this.symbol, { value: new Map() });
    const clusters: Map<IDistribution, ClusterMembers<T>> = (root as any)[this.symbol];
    const distribution = distributionOf(scope);
    if (!clusters.has(distribution)) clusters.set(distribution, { all: [], byKey: new Map() });
    return clusters.get(distribution)!;
  }
}
