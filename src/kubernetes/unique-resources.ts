import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Problem } from './errors';
import { LocatedProblem } from './problems';
import { Resource } from './resource';

/** Charts of one namespace may each carry it, so that each can be applied alone. */
const MAY_REPEAT = ['Namespace', 'PriorityClass'];

/** Kinds of ours from which a Secret of the same name is made. */
const SECRET_MAKERS = ['ExternalSecret', 'SecretProviderClass'];

/**
 * The resources below `scope` that would overwrite one another when applied, told once for two constructs of one name.
 *
 * cdk8s does not look for them: the last one applied would silently win.
 */
export function checkUniqueResources(scope: IConstruct): LocatedProblem[] {
  const owners = new Map<string, ApiObject>();
  const errors = new Map<string, LocatedProblem>();
  for (const resource of uniqueResourcesOf(scope)) {
    for (const key of keysOf(resource)) {
      const first = owners.get(key);
      owners.set(key, first ?? resource);
      if (!first) continue;
      const [one, other] = namesakes(first, resource).map(({ node }) => node.path);
      if (errors.has(`${one} ${other}`)) continue;
      errors.set(`${one} ${other}`, {
        path: other,
        ...repeatedName(resource.name, first.kind, first.node.path),
      });
    }
  }
  return [...errors.values()];
}

/** That another resource has the name. */
export function repeatedName(name: string, kind: string, path: string): Problem {
  return {
    property: 'name',
    value: name,
    reason: `is already the name of the ${kind} at ${path}`,
    remedy: 'Give one of them another name',
  };
}

/** The resources below a scope that may be there once. */
export function uniqueResourcesOf(scope: IConstruct): ApiObject[] {
  return scope.node
    .findAll()
    .filter((one): one is ApiObject => ApiObject.isApiObject(one) && !MAY_REPEAT.includes(one.kind));
}

/**
 * The key by which the cluster knows a resource, and that of the Secret that is made from it.
 *
 * @param namespace - its namespace, if it is not the one that cdk8s knows
 */
export function keysOf(resource: ApiObject, namespace = resource.metadata.namespace): string[] {
  const { apiGroup, kind, name } = resource;
  const key = [apiGroup, kind, namespace, name].join('/');
  const makesSecret = resource instanceof Resource && SECRET_MAKERS.includes(kind);
  return makesSecret ? [key, ['core', 'Secret', namespace, name].join('/')] : [key];
}

/** The two constructs that make the resources: all that one has the other has too, by the same ids. */
function namesakes(one: IConstruct, other: IConstruct): [IConstruct, IConstruct] {
  const [above, beside] = [one.node.scope, other.node.scope];
  const ends = !above || !beside || Chart.isChart(above) || Chart.isChart(beside);
  return ends || one.node.id !== other.node.id ? [one, other] : namesakes(above, beside);
}
