import { accessFacts } from '../../access-report/facts';
import { AccessFacts, SubjectRules } from '../../access-report/structs';
import { uniqueSorted } from '../../kubernetes/collections';
import { COMPONENT_LABEL } from '../../kubernetes/labels';
import { podOf } from '../../kubernetes/pod-manifests';
import { LASTING_KINDS } from '../requests';
import { Change, differences } from './changes';

const MOST_PATHS = 5;
/** A sum of other objects: what it sums up is named itself. */
const CHECKSUM = /^metadata\.annotations\.checksum\//;

/** What restarts, and by which fields. */
export function restarts(changes: Change[]): string[] {
  return changes.flatMap(({ name, before, after }) => {
    if (!before || !after || !LASTING_KINDS.includes(after.kind)) return [];
    const paths = differences(podOf(before).value, podOf(after).value);
    if (!paths.length) return [];
    const own = paths.filter((path) => !CHECKSUM.test(path));
    return [`${name}: ${own.length ? shown(own) : 'what its pods read has changed'}`];
  });
}

/** Fields, and how many more there are. */
export function shown(paths: string[]): string {
  const more = paths.length - MOST_PATHS;
  return `${paths.slice(0, MOST_PATHS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Jobs that run because they are new: another release has another name. */
export function runs(changes: Change[]): { migrations: string[]; others: string[] } {
  const jobs = changes.filter(
    ({ before, after }) => after?.kind === 'Job' && before?.metadata.name !== after.metadata.name,
  );
  const isMigration = ({ after }: Change) => after.metadata.labels?.[COMPONENT_LABEL] === 'migration';
  const text = ({ name, after }: Change) => `${name}, as ${after.metadata.name}`;
  return {
    migrations: jobs.filter(isMigration).map(text),
    others: jobs.filter((job) => !isMigration(job)).map(text),
  };
}

/** What apply refuses, and what it leaves. */
export function warnings(changes: Change[]): string[] {
  return changes.flatMap(({ name, before, after, paths }) => {
    if (!after) return [`${name} is not deleted by \`kubectl apply\`; an engine that prunes deletes it`];
    const fixed = paths.filter((path) => isFixed(after.kind, path));
    return before && fixed.length && before.metadata.name === after.metadata.name
      ? [`${name}: the API server refuses another ${shown(fixed)}`]
      : [];
  });
}

function isFixed(kind: string, path: string): boolean {
  if (kind === 'Job') return path.startsWith('spec.template') || path.startsWith('spec.selector');
  if (kind === 'StatefulSet') return /^spec\.(volumeClaimTemplates|selector|serviceName)/.test(path);
  return (kind === 'Deployment' && path.startsWith('spec.selector')) || path.startsWith('roleRef');
}

/** Who gains and who loses which access. */
export function accessChanges(before: any[], after: any[]): { gained: string[]; lost: string[] } {
  const [one, other] = [before, after].map((objects) => accessFacts(objects, []));
  return { gained: newIn(other, one), lost: newIn(one, other) };
}

function newIn(facts: AccessFacts, others: AccessFacts): string[] {
  const known = new Set([...accessLines(others), ...ruleLines(others, others)]);
  return uniqueSorted(
    [...accessLines(facts), ...ruleLines(facts, others)].filter((line) => !known.has(line)),
  );
}

/** The rules of Roles that a subject has in both. What it has by a whole Role more is one line. */
function ruleLines({ rules }: AccessFacts, others: AccessFacts): string[] {
  const known = new Set(others.rules.map(roleLine));
  return rules
    .filter((grant) => known.has(roleLine(grant)))
    .flatMap(({ subject, namespace, rules: own }) =>
      own.map((one) => `${subject} may in ${namespace}: ${ruleText(one)}`),
    );
}

function roleLine({ subject, namespace, role }: SubjectRules): string {
  return `${subject} has ${role} in ${namespace}`;
}

function ruleText({ verbs = [], resources = [], resourceNames = [], nonResourceURLs = [] }: any): string {
  const parts = [verbs, [...resources, ...nonResourceURLs], resourceNames];
  return parts
    .filter((part) => part.length)
    .map((part) => part.join(', '))
    .join(' ');
}

function accessLines({
  secrets,
  powers,
  rules,
  pods,
  connections,
  incoming,
  outgoing,
}: AccessFacts): string[] {
  return [
    ...secrets.flatMap(({ namespace, name, readers, containers }) => [
      ...readers.map(({ subject }) => `${subject} can read Secret ${namespace}/${name}`),
      ...containers.flatMap(({ pod, container, keys }) =>
        keys.map((key) => `${pod}, container ${container}, is given ${key} of Secret ${namespace}/${name}`),
      ),
    ]),
    ...powers.flatMap(({ subject, namespace, power, objects }) =>
      objects.map((name) => `${subject} ${power} in ${namespace}: ${name}`),
    ),
    ...rules.map(roleLine),
    ...pods.flatMap(({ namespace, pod, hasToken, ingressIsLimited, egressIsLimited }) => [
      ...(hasToken ? [`${namespace}/${pod} has a token of the API server`] : []),
      ...(ingressIsLimited ? [] : [`anything can connect to ${namespace}/${pod}`]),
      ...(egressIsLimited ? [] : [`${namespace}/${pod} can connect to anything`]),
    ]),
    ...connections.map(
      ({ fromNamespace, from, toNamespace, to, ports }) =>
        `${fromNamespace}/${from} can connect to ${toNamespace}/${to}: ${ports.join(', ')}`,
    ),
    ...incoming.map(
      ({ namespace, pod, peer, ports }) => `${peer} can connect to ${namespace}/${pod}: ${ports.join(', ')}`,
    ),
    ...outgoing.map(
      ({ namespace, pod, peer, ports }) => `${namespace}/${pod} can connect to ${peer}: ${ports.join(', ')}`,
    ),
  ];
}
