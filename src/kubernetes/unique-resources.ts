import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { describe } from './errors';

/** Charts of one namespace may each carry it, so that each can be applied alone. */
const MAY_REPEAT = ['Namespace'];

/**
 * The resources below `scope` that would overwrite one another when applied.
 *
 * cdk8s does not look for them: the last one applied would silently win.
 */
export function checkUniqueResources(scope: IConstruct): string[] {
  const paths = new Map<string, string>();
  const errors: string[] = [];
  for (const construct of scope.node.findAll()) {
    if (!ApiObject.isApiObject(construct) || MAY_REPEAT.includes(construct.kind)) continue;
    const { apiGroup, kind, name, metadata } = construct;
    const key = [apiGroup, kind, metadata.namespace, name].join('/');
    const first = paths.get(key);
    if (first) {
      const reason = `is already the name of the ${kind} at ${first}`;
      const remedy = `Give the construct at ${construct.node.path} another name`;
      errors.push(describe({ property: 'name', value: name, reason, remedy }));
    }
    paths.set(key, construct.node.path);
  }
  return errors;
}
