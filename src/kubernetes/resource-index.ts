import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';

/** What a resource is looked for by. */
export interface ResourceKey {
  readonly kind: string;
  readonly name: string;
  /** Its namespace. Left out for a resource without a namespace, and where the chart has none. */
  readonly namespace?: string;
}

const RESOURCES = Symbol.for('cdk8s-django.resources');

/**
 * Makes a resource known to those that look for it while constructs are made. To search the tree each time would take
 * a time that grows with the square of the applications.
 */
export function indexResource(resource: ApiObject, key: ResourceKey): void {
  const { root } = resource.node;
  if (!(RESOURCES in root)) Object.defineProperty(root, RESOURCES, { value: new Map() });
  const all = indexOf(root);
  const text = textOf(key);
  if (!all.has(text)) all.set(text, []);
  all.get(text)!.push(resource);
}

/** The known resources of a program, on any cluster, in the order in which they were made. */
export function indexedResources(scope: IConstruct, key: ResourceKey): ApiObject[] {
  return (indexOf(scope.node.root).get(textOf(key)) ?? []).filter(isInTree);
}

/** Whether nobody has taken a construct out, or what it is in. */
export function isInTree({ node }: IConstruct): boolean {
  const { scope } = node;
  return !scope || (scope.node.tryFindChild(node.id)?.node === node && isInTree(scope));
}

function indexOf(root: IConstruct): Map<string, ApiObject[]> {
  return (root as any)[RESOURCES] ?? new Map();
}

function textOf({ kind, name, namespace = '' }: ResourceKey): string {
  return [kind, namespace, name].join('/');
}
