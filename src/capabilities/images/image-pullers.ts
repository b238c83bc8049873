import { IConstruct } from 'constructs';
import { Resource } from '../../kubernetes/resource';
import { Members } from '../../platform/members';

/** The RoleBindings that let the ServiceAccounts of a namespace pull images of another one. */
const IMAGE_PULLERS = new Members<Resource>('image-pullers');

/** The group of a namespace's ServiceAccounts. */
export const serviceAccountsOf = (namespace: string) => `system:serviceaccounts:${namespace}`;

/** Makes a RoleBinding known that lets groups pull the images of a namespace. */
export function addImagePullers(binding: Resource, namespace: string, groups: string[]): void {
  const keys = groups.map((group) => keyOf(namespace, group));
  IMAGE_PULLERS.add(binding, keys);
}

/** Whether a RoleBinding of the library, for the same cluster, lets a group pull images of a namespace. */
export function mayPull(scope: IConstruct, namespace: string, group: string): boolean {
  return IMAGE_PULLERS.of(scope, [keyOf(namespace, group)]).length > 0;
}

const keyOf = (namespace: string, group: string) => `${namespace}/${group}`;
