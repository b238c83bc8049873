import { CloudCommands, AccessFacts, CloudIdentity, SubjectPower } from './structs';
import { accountsIn, Grant, grantsIn, rulesIn } from './grants';
import { Network } from './network';
import { groupedBy, sortedBy, uniqueSorted } from '../kubernetes/collections';
import { EmittedPods, flattened, namespaceOfObject, ofKind, podsIn } from './objects';
import { powerOf, PowerName, POWERS } from './powers';
import { secretAccess } from './secrets';

/** Annotations of ServiceAccounts that name an account of a cloud. */
const ACCOUNTS = [
  'iam.gke.io/gcp-service-account',
  'eks.amazonaws.com/role-arn',
  'azure.workload.identity/client-id',
];

/** What the objects do not say about policies with names. */
const NAMES_UNKNOWN =
  'Which addresses a name has: name servers say that, and policies that have names believe them.';

/** What no set of objects can tell. */
const NEVER_KNOWN = [
  'Roles, bindings, network policies and pods that other programs, operators or people made, and cluster-wide rights such as those of administrators.',
  'Pods of other programs that have the same labels in the same namespace: a network policy takes them for these.',
  'What admission changes in the pods, and whether the network plugin of the cluster enforces policies.',
  'Whether a range of addresses in a policy has addresses of pods. A cluster need not filter connections between a pod and its own node, at which an API server may be.',
  'Those who control a node or the storage of the API server: they read all that is on it.',
  'What programs write into their logs, files and databases.',
];

/**
 * What objects allow.
 *
 * @param manifests - all objects of a program
 * @param commands - those that give rights outside the cluster
 */
export function accessFacts(manifests: any[], commands: CloudCommands[]): AccessFacts {
  const objects = flattened(manifests);
  const pods = podsIn(objects);
  const { grants, unknown } = grantsIn(objects);
  const network = new Network(objects, pods);
  const outgoing = network.outer('Egress');
  const ofNames = outgoing.some(({ selector }) => selector.names) ? [NAMES_UNKNOWN] : [];
  return {
    version: 1,
    secrets: secretAccess(objects, pods, grants, accountsIn(objects, pods, grants)),
    powers: powersOf(grants),
    rules: grants.map(({ subject, namespace, role, rules }) => ({ subject, namespace, role, rules })),
    pods: network.identities(),
    connections: network.connections(),
    incoming: network.outer('Ingress'),
    outgoing,
    identities: cloudIdentities(objects, pods),
    commands,
    unknown: [
      ...uniqueSorted([...unknown, ...network.unknown, ...ofNames, ...refusals(objects)]),
      ...NEVER_KNOWN,
    ],
  };
}

function refusals(objects: any[]): string[] {
  return ofKind(objects, 'admissionregistration.k8s.io', 'ValidatingAdmissionPolicy').map(
    ({ kind, metadata }) => `${kind} ${metadata.name} refuses some of what rules allow.`,
  );
}

/** What each subject can do itself, where it has rules. */
function powersOf(grants: Grant[]): SubjectPower[] {
  const places = new Map(
    grants.map(({ subject, namespace }) => [`${subject}/${namespace}`, { subject, namespace }]),
  );
  const bySubject = groupedBy(grants, ({ subject }) => subject);
  return [...places.values()].flatMap(({ subject, namespace }) => {
    const rules = rulesIn(namespace, bySubject.get(subject)!);
    return (Object.keys(POWERS) as PowerName[]).flatMap((power): SubjectPower[] => {
      const { requests, targets } = powerOf(rules, power);
      if (!requests.length) return [];
      return [{ subject, namespace, power, requests, objects: targets.all ? ['*'] : targets.names }];
    });
  });
}

function cloudIdentities(objects: any[], pods: EmittedPods[]): CloudIdentity[] {
  const podsOf = groupedBy(pods, ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`);
  const identities = ofKind(objects, '', 'ServiceAccount').map((account): CloudIdentity => {
    const namespace = namespaceOfObject(account);
    const { name, annotations = {} } = account.metadata;
    return {
      namespace,
      serviceAccount: name,
      accounts: ACCOUNTS.filter((one) => annotations[one]).map((one) => `${one}=${annotations[one]}`),
      pods: (podsOf.get(`${namespace}/${name}`) ?? []).map((pod) => pod.name),
    };
  });
  return sortedBy(
    identities.filter(({ accounts }) => accounts.length > 0),
    ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`,
  );
}
