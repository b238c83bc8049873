import { Accounts, EVERYWHERE, Grant, GrantsBySubject, grantsOf, RBAC, rulesIn } from './grants';
import { hasAny, includes, Rule, Targets, targetsOf } from './rules';

/*
 * What rules amount to beyond their letter: who runs a pod reads every Secret of its namespace and is each of its
 * ServiceAccounts.
 */

/** A way to something. */
export interface Power {
  /** The requests that rules allow for it: `create pods`, `patch deployments`. */
  readonly requests: string[];
  /** The objects that they are for. */
  readonly targets: Targets;
}

interface Request {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

function requests(group: string, resources: string[], verbs: string[]): Request[] {
  return resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })));
}

/** Requests whose answer has what a Secret holds: the changed one for `patch`, all deleted ones for `deletecollection`. */
const READ = ['get', 'list', 'watch', 'patch', 'deletecollection'];

const WRITE = ['create', 'update', 'patch'];
/** By SPDY a connection is `create`, by WebSocket `get`. */
const CONNECT = ['create', 'get'];

/** What somebody can do that matters, by the requests of which each one is enough. */
export const POWERS = {
  'runs pods': [
    // The containers of a pod, and what a Job runs, can never be changed.
    ...requests('', ['pods'], ['create']),
    ...requests('', ['replicationcontrollers'], WRITE),
    ...requests('apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets'], WRITE),
    ...requests('batch', ['jobs'], ['create']),
    ...requests('batch', ['cronjobs'], WRITE),
  ],
  'enters pods': [
    ...requests('', ['pods/exec', 'pods/attach', 'nodes/proxy'], CONNECT),
    ...requests('', ['pods/ephemeralcontainers'], ['update', 'patch']),
    // Another image of a container that has Secrets already.
    ...requests('', ['pods'], ['update', 'patch']),
  ],
  'reads logs': requests('', ['pods/log'], ['get']),
  'connects past the network policies': requests(
    '',
    ['pods/portforward', 'pods/proxy', 'services/proxy'],
    CONNECT,
  ),
  'acts as ServiceAccounts': [
    ...requests('', ['serviceaccounts/token'], ['create']),
    ...requests('', ['serviceaccounts'], ['impersonate']),
  ],
  'acts as people': requests('', ['users', 'groups'], ['impersonate']),
  'gives rights that it does not have': requests(RBAC, ['roles', 'clusterroles'], ['escalate', 'bind']),
  'gives rights that it has': requests(RBAC, ['rolebindings', 'clusterrolebindings'], WRITE),
  'changes network policies': requests('networking.k8s.io', ['networkpolicies'], [...WRITE, 'delete']),
  'changes namespaces': requests('', ['namespaces'], ['update', 'patch', 'delete']),
} as const;

export type PowerName = keyof typeof POWERS;

/** What rules allow of it. */
export function powerOf(rules: Rule[], power: PowerName): Power {
  const allowed: { request: string; targets: Targets }[] = [];
  const verbs = new Set(rules.flatMap((rule) => rule.verbs));
  for (const { verb, group, resource } of POWERS[power]) {
    if (!verbs.has(verb) && !verbs.has('*')) continue;
    const targets = targetsOf(rules, verb, group, resource);
    if (hasAny(targets)) allowed.push({ request: `${verb} ${resource}`, targets });
  }
  const all = allowed.some(({ targets }) => targets.all);
  const names = all ? [] : [...new Set(allowed.flatMap(({ targets }) => targets.names))].sort();
  return { requests: allowed.map(({ request }) => request), targets: { all, names } };
}

/** What grants allow in each namespace: it is asked for each Secret and each ServiceAccount. */
class Rights {
  /** Namespaces that a grant is for. */
  readonly namespaces: Set<string>;
  private readonly known = new Map<string, RightsIn>();

  constructor(private readonly grants: Grant[]) {
    this.namespaces = new Set(grants.map(({ namespace }) => namespace));
  }

  in(namespace: string): RightsIn {
    if (!this.namespaces.has(namespace) && !this.namespaces.has(EVERYWHERE)) return NONE;
    const known = this.known.get(namespace);
    if (known) return known;
    const rules = rulesIn(namespace, this.grants);
    const rights = {
      readsSecrets: READ.map((verb) => ({ verb, targets: targetsOf(rules, verb, '', 'secrets') })),
      runsPods: hasAny(powerOf(rules, 'runs pods').targets),
      entersPods: hasAny(powerOf(rules, 'enters pods').targets),
      accounts: powerOf(rules, 'acts as ServiceAccounts').targets,
    };
    this.known.set(namespace, rights);
    return rights;
  }
}

/** What they allow in one namespace. */
export interface RightsIn {
  /** The Secrets whose content each request gives. */
  readonly readsSecrets: { readonly verb: string; readonly targets: Targets }[];
  readonly runsPods: boolean;
  readonly entersPods: boolean;
  /** The ServiceAccounts that it can act as. */
  readonly accounts: Targets;
}

/** The rights in a namespace that no grant is for. Most subjects have rights in one of many. */
const NONE: RightsIn = {
  readsSecrets: [],
  runsPods: false,
  entersPods: false,
  accounts: { all: false, names: [] },
};

/** Rights that somebody can come by. */
export interface Reach {
  /** The ServiceAccount whose they are; empty for the subject's own. */
  readonly as: string;
  readonly rights: Rights;
}

/** Its own rights, and those of each ServiceAccount that it can act as, by its own rights or by theirs. */
export function reachOf(subject: string, grants: GrantsBySubject, accounts: Accounts): Reach[] {
  const found: Reach[] = [{ as: '', rights: new Rights(grantsOf(subject, grants)) }];
  const seen = new Set([subject]);
  // The list grows meanwhile.
  for (const { rights } of found) {
    for (const account of actsAs(rights, accounts).filter((one) => !seen.has(one))) {
      seen.add(account);
      found.push({ as: account, rights: new Rights(grantsOf(account, grants)) });
    }
  }
  return found;
}

/** The ServiceAccounts that rights are enough to act as. */
function actsAs(rights: Rights, accounts: Accounts): string[] {
  const namespaces = rights.namespaces.has(EVERYWHERE) ? accounts.keys() : rights.namespaces;
  return [...namespaces].sort().flatMap((namespace) => {
    const { accounts: named, runsPods } = rights.in(namespace);
    const there = accounts.get(namespace) ?? [];
    return there.filter(({ name }) => runsPods || includes(named, name)).map(({ subject }) => subject);
  });
}
