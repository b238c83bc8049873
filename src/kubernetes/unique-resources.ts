import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
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
  for (const resource of scope.node.findAll()) {
    if (!ApiObject.isApiObject(resource) || MAY_REPEAT.includes(resource.kind)) continue;
    for (const key of keysOf(resource)) {
      const first = owners.get(key);
      owners.set(key, first ?? resource);
      if (!first) continue;
      const [one, other] = namesakes(first, resource).map(({ node }) => node.path);
      if (errors.has(`${one} ${other}`)) continue;
      const reason = `is already the name of the ${first.kind} at ${first.node.path}`;
      errors.set(`${one} ${other}`, {
        path: other,
        property: 'name',
        value: resource.name,
        reason,
        remedy: 'Give one of them another name',
      });
    }
  }
  return [...errors.values()];
}

/** The key by which the cluster knows a resource, and the Secret that is made from it. */
function keysOf(resource: ApiObject): string[] {
  const { apiGroup, kind, name, metadata } = resource;
  const key = [apiGroup, kind, metadata.namespace, name].join('/');
  const makesSecret = resource instanceof Resource && SECRET_MAKERS.includes(kind);
  return makesSecret ? [key, ['core', 'Secret', metadata.namespace, name].join('/')] : [key];
}

/** The two constructs that make the resources: all that one has the other has too, by the same ids. */
function namesakes(one: IConstruct, other: IConstruct): [IConstruct, IConstruct] {
  const [above, beside] = [one.node.scope, other.node.scope];
  const ends = !above || !beside || Chart.isChart(above) || Chart.isChart(beside);
  return ends || one.node.id !== other.node.id ? [one, other] : namesakes(above, beside);
}
