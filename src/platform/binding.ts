import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { addProblems, Problems } from '../kubernetes/problems';
import { plainSecretsIn } from '../kubernetes/plain-secrets';
import { indexedResources, indexResource, ResourceKey } from '../kubernetes/resource-index';
import { oncePerPass } from '../kubernetes/synthesis-pass';
import { checkUniqueResources } from '../kubernetes/unique-resources';
import { checkPriorityClassName } from '../kubernetes/priority-classes';
import { checkVersion } from '../kubernetes/versions';
import { checkAdmission } from './admission';
import { IDistribution } from './distribution';
import { checkSecurity } from './security';

const DISTRIBUTION = Symbol.for('cdk8s-django.Distribution');

/** Makes everything below a scope for a distribution. */
export function bindDistribution(scope: IConstruct, distribution: IDistribution): void {
  if (DISTRIBUTION in scope) {
    Problems.report(scope, {
      property: 'distribution',
      value: (scope as any)[DISTRIBUTION].name,
      reason: 'is bound here already',
      remedy: 'Bind one distribution to a scope',
    });
  }
  const { name, kubernetesVersion, firstPriorityClassName, security } = distribution;
  const who = `Distribution "${name}"`;
  checkVersion(kubernetesVersion, who);
  checkSecurity(security, kubernetesVersion, who);
  checkPriorityClassName(firstPriorityClassName, who);
  Object.defineProperty(scope, DISTRIBUTION, { value: distribution });
  addProblems(scope, () => checkUniqueResources(scope));
  addProblems(scope, () => plainSecretsIn(constructsFor(scope)));
  const { admission } = distribution;
  if (admission) addProblems(scope, () => checkAdmission(admission, constructsFor(scope)));
}

/** The distribution that a construct is made for: the one bound to the nearest scope around it. */
export function distributionOf(scope: IConstruct): IDistribution {
  const bound = boundScopeOf(scope);
  if (DISTRIBUTION in bound) return (bound as any)[DISTRIBUTION];
  throw new InvalidInputError(scope, {
    property: 'distribution',
    value: undefined,
    reason: 'is needed: none is bound to this or to a scope around it',
    remedy:
      'Call Distribution.bind(app, Distribution.upstream()) before making constructs, or use synthesize([…], …)',
  });
}

/** The nearest scope around a construct that a distribution is bound to, or else the root. */
export function boundScopeOf(scope: IConstruct): IConstruct {
  return scope.node.scopes.reverse().find((ancestor) => DISTRIBUTION in ancestor) ?? scope.node.root;
}

/** A scope and what is below it, without what another distribution is bound to. */
function constructsFor(scope: IConstruct): IConstruct[] {
  const others = scope.node.children.filter((child) => !(DISTRIBUTION in child));
  return [scope, ...others.flatMap(constructsFor)];
}

/** The resources of this library in the whole program that are made for the same cluster, found without a search. */
export function resourcesOfCluster(scope: IConstruct, key: ResourceKey): ApiObject[] {
  const distribution = distributionOf(scope);
  return indexedResources(scope, key).filter((resource) => {
    const bound = boundScopeOf(resource);
    return !(DISTRIBUTION in bound) || (bound as any)[DISTRIBUTION] === distribution;
  });
}

/**
 * Whether the program has a resource without a namespace for the same cluster, of this library or of somebody else.
 * Make it where it is missing: each time that it is missing, the program is searched.
 */
export function hasClusterResource(scope: IConstruct, kind: string, name: string): boolean {
  if (resourcesOfCluster(scope, { kind, name }).length) return true;
  const other = constructsOfCluster(scope).find(
    (one): one is ApiObject => ApiObject.isApiObject(one) && one.kind === kind && one.name === name,
  );
  if (other) indexResource(other, { kind, name });
  return other !== undefined;
}

/**
 * The constructs of the whole program that are made for the same cluster, without those of another distribution. Ask
 * for them once a program, not once for each construct.
 */
export function constructsOfCluster(scope: IConstruct): IConstruct[] {
  const distribution = distributionOf(scope);
  const search = (one: IConstruct, around?: IDistribution): IConstruct[] => {
    const bound = DISTRIBUTION in one ? (one as any)[DISTRIBUTION] : around;
    const below = one.node.children.flatMap((child) => search(child, bound));
    // What no distribution is bound to may be for any cluster.
    return bound && bound !== distribution ? below : [one, ...below];
  };
  return search(scope.node.root);
}

/** What `make` returns; within one pass it is called once for a key and a cluster. */
export function oncePerCluster<T>(scope: IConstruct, key: object, make: () => T): T {
  const clusters = oncePerPass(scope, key, () => new Map<IDistribution, T>());
  const distribution = distributionOf(scope);
  if (!clusters.has(distribution)) clusters.set(distribution, make());
  return clusters.get(distribution)!;
}
