/*
 * What rules of Roles allow, as the API server decides it.
 */

/** A rule of a Role. */
export interface Rule {
  readonly apiGroups?: string[];
  readonly resources?: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

/** Objects of a kind: all of them, or those of some names. */
export interface Targets {
  readonly all: boolean;
  readonly names: string[];
}

/** Requests that carry no name when they are decided upon: a rule for names never allows them. */
const NAMELESS = ['create', 'deletecollection'];

/** Requests of a subresource do carry the name of the object, `create` too. */
const isNameless = (verb: string, resource: string) => NAMELESS.includes(verb) && !resource.includes('/');

/**
 * The objects for which rules allow a verb.
 *
 * @param resource - in plural, with its subresource: `pods/exec`
 */
export function targetsOf(rules: Rule[], verb: string, group: string, resource: string): Targets {
  // This is asked more often than anything else: most often the answer is no.
  const found = new Set<string>();
  for (const { verbs, apiGroups = [], resources = [], resourceNames = [] } of rules) {
    if (!has(verbs, verb) || !has(apiGroups, group) || !hasResource(resources, resource)) continue;
    if (!resourceNames.length) return { all: true, names: [] };
    for (const name of resourceNames) found.add(name);
  }
  if (!found.size || isNameless(verb, resource)) return NOTHING;
  return { all: false, names: [...found].sort() };
}

const NOTHING: Targets = { all: false, names: [] };

/** Whether there is one. */
export function hasAny({ all, names }: Targets): boolean {
  return all || names.length > 0;
}

/** Whether an object of a name is among them. */
export function includes({ all, names }: Targets, name: string): boolean {
  return all || names.includes(name);
}

function has(allowed: string[], value: string): boolean {
  return allowed.includes('*') || allowed.includes(value);
}

/** `*` means subresources too, and `*` before a subresource that one of every kind. */
function hasResource(resources: string[], resource: string): boolean {
  if (has(resources, resource)) return true;
  const [, subresource] = resource.split('/');
  return subresource !== undefined && resources.includes(`*/${subresource}`);
}
