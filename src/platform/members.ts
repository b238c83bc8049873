import { IConstruct } from 'constructs';
import { IDistribution } from './distribution';
import { distributionOf } from './binding';

interface Member<T> {
  readonly construct: T;
  readonly distribution: IDistribution;
}

/**
 * The constructs of one sort, which each look for the others while they are made. To search the tree each time would
 * take a time that grows with the square of the applications.
 */
export class Members<T extends IConstruct> {
  private readonly key: symbol;

  /** @param sort - what they are: copies of this library in one program know one another by it */
  constructor(sort: string) {
    this.key = Symbol.for(`cdk8s-django.members.${sort}`);
  }

  /** Makes a construct known to those that come later. */
  add(construct: T): void {
    const { root } = construct.node;
    if (!(this.key in root)) Object.defineProperty(root, this.key, { value: [] });
    this.all(root).push({ construct, distribution: distributionOf(construct) });
  }

  /** Those of the program that are made for the same cluster, in the order in which they were made. */
  of(scope: IConstruct): T[] {
    const distribution = distributionOf(scope);
    return this.all(scope.node.root)
      .filter((member) => member.distribution === distribution && isInTree(member.construct))
      .map(({ construct }) => construct);
  }

  private all(root: IConstruct): Member<T>[] {
    return (root as any)[this.key] ?? [];
  }
}

/** Whether nobody has taken it out, or what it is in. */
function isInTree({ node }: IConstruct): boolean {
  const { scope } = node;
  return !scope || (scope.node.tryFindChild(node.id)?.node === node && isInTree(scope));
}
