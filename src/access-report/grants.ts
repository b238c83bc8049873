import { groupedBy, sortedBy, uniqueSorted } from '../kubernetes/collections';
import { EmittedPods, namespaceOfObject, ofKind } from './objects';
import { Rule } from './rules';

/*
 * Who has which rules: bindings and the Roles that they name.
 */

export const RBAC = 'rbac.authorization.k8s.io';

/** The place of rules that hold in every namespace. */
export const EVERYWHERE = '*';

/** Rules that somebody has. */
export interface Grant {
  /** `Group developers`, `ServiceAccount polls/polls-secret`, `User jane`. */
  readonly subject: string;
  /** Where they hold: a namespace or EVERYWHERE. */
  readonly namespace: string;
  /** Kind and name of the Role: `Role polls-viewer`. */
  readonly role: string;
  readonly rules: Rule[];
}

/** The grants of objects, and what cannot be known of them. */
export interface Grants {
  readonly grants: Grant[];
  readonly unknown: string[];
}

/** Reads the bindings of objects. */
export function grantsIn(objects: any[]): Grants {
  const roles = groupedBy(ofKind(objects, RBAC, 'Role', 'ClusterRole'), ({ metadata }) => metadata.name);
  const unknown: string[] = [];
  const grants = ofKind(objects, RBAC, 'RoleBinding', 'ClusterRoleBinding').flatMap((binding): Grant[] => {
    const { kind, roleRef, subjects = [] } = binding;
    const namespace = namespaceOfObject(binding);
    const role = (roles.get(roleRef.name) ?? []).find(
      (one) =>
        one.kind === roleRef.kind && (one.kind === 'ClusterRole' || namespaceOfObject(one) === namespace),
    );
    const name = `${roleRef.kind} ${roleRef.name}`;
    if (!role || role.aggregationRule) {
      const reason = role ? 'gathers the rules of others' : 'is not among these objects';
      unknown.push(
        `${kind} ${binding.metadata.name} gives ${name} to ${subjects.map(subjectName(namespace)).join(', ')}. ` +
          `That ${roleRef.kind} ${reason}, so what it allows is not in this report.`,
      );
    }
    return subjects.map((subject: any) => ({
      subject: subjectName(namespace)(subject),
      namespace: kind === 'ClusterRoleBinding' ? EVERYWHERE : namespace,
      role: name,
      rules: role?.rules ?? [],
    }));
  });
  return {
    grants: sortedBy(grants, ({ subject, namespace, role }) => `${subject}/${namespace}/${role}`),
    unknown,
  };
}

function subjectName(namespace: string) {
  return ({ kind, name, namespace: own }: any): string =>
    kind === 'ServiceAccount' ? accountName(own ?? namespace, name) : `${kind} ${name}`;
}

/** A ServiceAccount as a subject. */
export function accountName(namespace: string, name: string): string {
  return `ServiceAccount ${namespace}/${name}`;
}

/** ServiceAccounts by their namespaces. */
export type Accounts = Map<string, { readonly name: string; readonly subject: string }[]>;

/** All ServiceAccounts that are named anywhere: made, used by pods, or bound. */
export function accountsIn(objects: any[], pods: EmittedPods[], grants: Grant[]): Accounts {
  const made = ofKind(objects, '', 'ServiceAccount').map((one) =>
    accountName(namespaceOfObject(one), one.metadata.name),
  );
  const used = pods.map(({ namespace, serviceAccount }) => accountName(namespace, serviceAccount));
  const bound = grants
    .map(({ subject }) => subject)
    .filter((subject) => subject.startsWith('ServiceAccount '));
  const accounts = uniqueSorted([...made, ...used, ...bound]).map((subject) => {
    const [, namespace, name] = /^ServiceAccount ([^/]*)\/(.*)$/.exec(subject)!;
    return { namespace, name, subject };
  });
  return groupedBy(accounts, ({ namespace }) => namespace);
}

/** Grants by their subjects. */
export type GrantsBySubject = Map<string, Grant[]>;

/** The grants of a subject; those of a ServiceAccount also by the groups that the cluster puts it in. */
export function grantsOf(subject: string, grants: GrantsBySubject): Grant[] {
  const account = /^ServiceAccount ([^/]*)\//.exec(subject);
  const groups = account
    ? [
        'Group system:authenticated',
        'Group system:serviceaccounts',
        `Group system:serviceaccounts:${account[1]}`,
      ]
    : [];
  return [subject, ...groups].flatMap((one) => grants.get(one) ?? []);
}

/** The rules that hold in a namespace. */
export function rulesIn(namespace: string, grants: Grant[]): Rule[] {
  return grants
    .filter((grant) => grant.namespace === namespace || grant.namespace === EVERYWHERE)
    .flatMap(({ rules }) => rules);
}
