import { ApiObject, Chart, Lazy } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { RBAC } from '../access-report/grants';
import { groupOf } from '../access-report/objects';
import { includes, Rule, targetsOf } from '../access-report/rules';
import * as k8s from '../kubernetes/api';
import { isClusterScoped } from '../kubernetes/cluster-scoped';
import { groupedBy, sortedBy, uniqueSorted } from '../kubernetes/collections';
import { ADMINISTRATORS_LABELS } from '../kubernetes/labels';
import { giveNotice } from '../kubernetes/notices';
import { Resource } from '../kubernetes/resource';
import { constructsOfCluster, oncePerCluster } from '../platform/binding';
import { groupSubjects } from './roles';

/*
 * Roles of those who apply the manifests: for the kinds that the program emits and no others. They have no wildcard, and
 * neither `escalate` nor `bind`. What they give to others in Roles they have themselves.
 */

const APPLY = ['create', 'delete', 'get', 'list', 'patch', 'watch'];

/** A volume is not deleted because a manifest is missing. Those of a Cluster of CloudNativePG go with it. */
const KEPT = ['/PersistentVolumeClaim', 'postgresql.cnpg.io/Cluster'];

/** Verbs and resources that nobody has only to pass them on: an administrator applies a Role with one. */
const NOT_HELD =
  /\*|escalate|bind$|impersonate|pods\/(exec|attach|portforward|proxy|ephemeralcontainers)|token|proxy/;

/** A Role of deployers, of which another one of the namespace does not take its rules. */
class DeployerRole extends Resource {}

/** What deployers have. */
export interface DeployerResources {
  readonly role: Resource;
  readonly roleBinding: Resource;
  readonly clusterRole: Resource;
  readonly clusterRoleBinding: Resource;
}

/** Makes the Roles and their bindings. */
export function deployerRoles(
  scope: Construct,
  metadata: { name: string; labels: Record<string, string> },
  groups: string[],
): DeployerResources {
  const namespace = Chart.of(scope).namespace!;
  const clusterMetadata = { name: `${namespace}-${metadata.name}`, labels: ADMINISTRATORS_LABELS };
  const subjects = groupSubjects(groups);
  const clusterRole = new DeployerRole(scope, 'DeployerClusterRole', {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: clusterMetadata,
    ...{ rules: Lazy.any({ produce: () => clusterRules(clusterObjects(scope)) }) },
  });
  const clusterRoleBinding = new Resource(scope, 'DeployerClusterRoleBinding', {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: clusterMetadata,
    ...{ roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: clusterMetadata.name }, subjects },
  });
  return {
    role: new DeployerRole(scope, 'DeployerRole', {
      ...k8s.typeOf('Role'),
      metadata,
      ...{ rules: Lazy.any({ produce: () => namespaceRules(scope, namespace) }) },
    }),
    roleBinding: new Resource(
      scope,
      'DeployerRoleBinding',
      k8s.manifest('RoleBinding', {
        metadata,
        roleRef: { apiGroup: RBAC, kind: 'Role', name: metadata.name },
        subjects,
      }),
    ),
    clusterRole,
    clusterRoleBinding,
  };
}

/** An object that the program emits. */
interface Emitted {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  readonly name: string;
  readonly namespace?: string;
  readonly chart: Chart;
  readonly rules: Rule[];
}

/** All that the program emits for the cluster, by the namespaces of the objects and by those of their charts. */
interface Emissions {
  readonly byNamespace: Map<string, Emitted[]>;
  readonly byNamespaceOfChart: Map<string, Emitted[]>;
}

/** What is searched for once a synthesis. */
const EMISSIONS = {};

function emissionsOf(scope: Construct): Emissions {
  return oncePerCluster(scope, EMISSIONS, () => {
    const all = emitted(constructsOfCluster(scope));
    return {
      byNamespace: groupedBy(all, ({ namespace = '' }) => namespace),
      byNamespaceOfChart: groupedBy(all, ({ chart }) => chart.namespace ?? ''),
    };
  });
}

/** The Roles of deployers are made of all other objects. */
function emitted(constructs: IConstruct[]): Emitted[] {
  const objects = constructs.filter((one): one is ApiObject => ApiObject.isApiObject(one));
  return objects.map((object) => {
    const { kind, apiVersion } = object;
    const isDeployers = object instanceof DeployerRole;
    const manifest = isDeployers ? { metadata: object.metadata.toJson() } : object.toJson();
    const isOfCluster = isClusterScoped(kind);
    return {
      group: groupOf(apiVersion),
      kind,
      resource: resourceOf(kind),
      name: manifest.metadata.name,
      namespace: isOfCluster ? undefined : manifest.metadata.namespace,
      chart: Chart.of(object),
      rules: kind === 'Role' ? (manifest.rules ?? []) : [],
    };
  });
}

/** What has no namespace, of the charts of the deployers' namespace: what is of others is not theirs to see. */
function clusterObjects(scope: Construct): Emitted[] {
  const { namespace } = Chart.of(scope);
  const ofCharts = emissionsOf(scope).byNamespaceOfChart.get(namespace!)!;
  return ofCharts.filter(({ kind }) => isClusterScoped(kind));
}

/** They only look at what has no namespace, so that applying it unchanged finds it unchanged. */
function clusterRules(objects: Emitted[]): Rule[] {
  const resources = new Map(
    objects.map(({ group, resource }) => [`${group}/${resource}`, { group, resource }]),
  );
  return sortedBy(resources.values(), ({ group, resource }) => `${group}/${resource}`).map(
    ({ group, resource }) => ({
      apiGroups: [group],
      resources: [resource],
      resourceNames: uniqueSorted(
        objects.filter((one) => one.group === group && one.resource === resource).map(({ name }) => name),
      ),
      verbs: ['get'],
    }),
  );
}

function namespaceRules(scope: Construct, namespace: string): Rule[] {
  const { byNamespace, byNamespaceOfChart } = emissionsOf(scope);
  const own = byNamespace.get(namespace)!;
  tellOfOthers(scope, namespace, { own, ofCharts: byNamespaceOfChart.get(namespace)! });
  const rules = [...kindRules(own), ...secretRules(own), ...customHostRules(own)];
  for (const rule of own.flatMap((one) => one.rules))
    if (!isRefused(rule)) rules.push(...missing(rule, rules));
  return rules;
}

/** One rule for the kinds of a group that have the same verbs. */
function kindRules(objects: Emitted[]): Rule[] {
  const kinds = objects.filter(({ group, kind }) => !(group === '' && kind === 'Secret'));
  const groups = uniqueSorted(kinds.map(({ group }) => group));
  return groups.flatMap((group) =>
    [false, true].flatMap((isKept): Rule[] => {
      const ofGroup = kinds.filter(
        (one) => one.group === group && KEPT.includes(`${group}/${one.kind}`) === isKept,
      );
      if (!ofGroup.length) return [];
      const verbs = isKept ? APPLY.filter((verb) => verb !== 'delete') : APPLY;
      return [
        { apiGroups: [group], resources: uniqueSorted(ofGroup.map(({ resource }) => resource)), verbs },
      ];
    }),
  );
}

/** To list Secrets is to read them, so that these are never pruned. A rule for `create` cannot have a name. */
function secretRules(objects: Emitted[]): Rule[] {
  const resourceNames = uniqueSorted(
    objects.filter(({ group, kind }) => group === '' && kind === 'Secret').map(({ name }) => name),
  );
  if (!resourceNames.length) return [];
  const secrets = { apiGroups: [''], resources: ['secrets'] };
  return [
    { ...secrets, verbs: ['create'] },
    { ...secrets, resourceNames, verbs: ['get', 'patch'] },
  ];
}

/** OpenShift asks for a right of its own where a Route has a host. */
function customHostRules(objects: Emitted[]): Rule[] {
  const group = 'route.openshift.io';
  if (!objects.some((one) => one.group === group && one.kind === 'Route')) return [];
  return [{ apiGroups: [group], resources: ['routes/custom-host'], verbs: ['create', 'update'] }];
}

/** What rules lack of another one. */
function missing(rule: Rule, rules: Rule[]): Rule[] {
  const { apiGroups = [], resources = [], resourceNames = [], verbs } = rule;
  const isThere = (resource: string) =>
    apiGroups.every((group) =>
      verbs.every((verb) => {
        const targets = targetsOf(rules, verb, group, resource);
        return resourceNames.length ? resourceNames.every((name) => includes(targets, name)) : targets.all;
      }),
    );
  const rest = resources.filter((resource) => !isThere(resource));
  return rest.length ? [{ ...rule, resources: rest }] : [];
}

function isRefused({
  resources = [],
  verbs,
  nonResourceURLs,
}: Rule & { nonResourceURLs?: string[] }): boolean {
  return nonResourceURLs !== undefined || [...resources, ...verbs].some((one) => NOT_HELD.test(one));
}

function tellOfOthers(
  scope: Construct,
  namespace: string,
  { own, ofCharts }: { own: Emitted[]; ofCharts: Emitted[] },
): void {
  const elsewhere = uniqueSorted(
    ofCharts
      .filter((one) => !isClusterScoped(one.kind))
      .filter((one) => one.chart === Chart.of(scope) && one.namespace !== namespace)
      .map((one) => `${one.kind} ${one.namespace}/${one.name}`),
  );
  if (elsewhere.length) {
    giveNotice(scope, {
      property: 'deployers',
      value: elsewhere,
      reason: `are outside the namespace "${namespace}", and the Role of deployers is for what is in it`,
      remedy: 'An administrator applies these, or gives a Role for them',
    });
  }
  const refused = own.filter((one) => one.rules.some(isRefused));
  if (refused.length) {
    giveNotice(scope, {
      property: 'deployers',
      value: refused.map(({ name }) => name),
      reason: 'are Roles with rights that deployers do not have, and so cannot give',
      remedy: 'An administrator applies these and each change of them',
    });
  }
}

/** The resource of a kind, as rules name it: its plural, as kubectl guesses it. */
function resourceOf(kind: string): string {
  const name = kind.toLowerCase();
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return name.endsWith('s') ? `${name}es` : `${name}s`;
}
