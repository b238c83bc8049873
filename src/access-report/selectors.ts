import { NAME_LABEL } from '../kubernetes/labels';

/*
 * Selectors of labels, and peers of network policies in words.
 */

/** Whether a selector selects labels. An empty one selects all. */
export function matches(
  { matchLabels = {}, matchExpressions = [] }: any,
  labels: Record<string, string>,
): boolean {
  return (
    Object.entries(matchLabels).every(([label, value]) => labels[label] === value) &&
    matchExpressions.every((expression: any) => holds(expression, labels))
  );
}

function holds({ key, operator, values = [] }: any, labels: Record<string, string>): boolean {
  const isThere = Object.hasOwn(labels, key);
  switch (operator) {
    case 'Exists':
      return isThere;
    case 'DoesNotExist':
      return !isThere;
    case 'In':
      return isThere && values.includes(labels[key]);
    default:
      return !isThere || !values.includes(labels[key]);
  }
}

/** Whether a selector selects a namespace. Where the objects do not make it, its name alone is known. */
export function namespaceMatches(selector: any, name: string, labels: Record<string, string> = {}): boolean {
  return matches(selector, { ...labels, ...(name && { [NAME_LABEL]: name }) });
}

/** A peer of a policy, in words. */
export function shownPeer({ ipBlock, names, namespaceSelector, podSelector }: any): string {
  if (names) return `the names ${names.join(', ')}`;
  if (ipBlock) return [ipBlock.cidr, ...(ipBlock.except ?? []).map((one: string) => `not ${one}`)].join(', ');
  if (!namespaceSelector && !podSelector) return 'anything';
  const pods = podSelector ? shownSelector('pods', podSelector) : 'all pods';
  return namespaceSelector ? `${pods} of ${shownSelector('namespaces', namespaceSelector)}` : pods;
}

function shownSelector(what: string, { matchLabels = {}, matchExpressions = [] }: any): string {
  const labels = Object.entries(matchLabels).map(([label, value]) => `${label}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values }: any) =>
    [key, operator, ...(values ? [`(${values.join(', ')})`] : [])].join(' '),
  );
  const all = [...labels, ...expressions];
  return all.length ? `${what} with ${all.join(', ')}` : `all ${what}`;
}
