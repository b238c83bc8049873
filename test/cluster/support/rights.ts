import { output } from './command';
import { Namespace } from './namespaces';

/*
 * Questions to the API server about rights, many at a time.
 */

/** Options of kubectl for a member of a group. */
export const memberOf = (group: string) => ['--as=somebody', `--as-group=${group}`];

/** Options of kubectl for a ServiceAccount. */
export const serviceAccount = ({ name }: Namespace, account: string) => [
  `--as=system:serviceaccount:${name}:${account}`,
];

/** Whether a subject may make a request. */
export interface Question {
  /** As the report names it: `Group developers`, `ServiceAccount polls/polls-secret`. */
  readonly subject: string;
  readonly namespace: string;
  readonly verb: string;
  readonly group: string;
  /** With its subresource. */
  readonly resource: string;
  readonly name?: string;
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const RBAC = 'rbac.authorization.k8s.io';

const RESOURCES: [group: string, resources: string[]][] = [
  [
    '',
    [
      'pods',
      'services',
      'endpoints',
      'configmaps',
      'persistentvolumeclaims',
      'serviceaccounts',
      'events',
      'resourcequotas',
      'limitranges',
      'namespaces',
      'nodes',
      'persistentvolumes',
    ],
  ],
  ['apps', ['deployments', 'statefulsets', 'replicasets', 'daemonsets']],
  ['batch', ['jobs', 'cronjobs']],
  ['autoscaling', ['horizontalpodautoscalers']],
  ['policy', ['poddisruptionbudgets']],
  ['scheduling.k8s.io', ['priorityclasses']],
  ['storage.k8s.io', ['storageclasses']],
  ['apiextensions.k8s.io', ['customresourcedefinitions']],
  ['admissionregistration.k8s.io', ['validatingadmissionpolicies', 'validatingadmissionpolicybindings']],
  ['networking.k8s.io', ['networkpolicies', 'ingresses']],
  ['gateway.networking.k8s.io', ['gateways', 'httproutes']],
  ['keda.sh', ['scaledobjects', 'triggerauthentications']],
  [RBAC, ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']],
];

/** Requests of one verb that matter. */
const SINGLE: [verb: string, group: string, resource: string, name?: string][] = [
  ['get', '', 'pods/log'],
  ['create', '', 'pods/exec'],
  ['get', '', 'pods/exec'],
  ['create', '', 'pods/attach'],
  ['create', '', 'pods/portforward'],
  ['create', '', 'pods/proxy'],
  ['create', '', 'services/proxy'],
  ['patch', '', 'pods/status'],
  ['patch', '', 'pods/resize'],
  ['update', '', 'namespaces/finalize'],
  ['patch', 'apps', 'statefulsets/scale'],
  ['patch', '', 'pods/ephemeralcontainers'],
  ['create', '', 'pods/eviction'],
  ['patch', 'apps', 'deployments/scale'],
  ['create', '', 'serviceaccounts/token', 'polls-break-glass'],
  ['create', '', 'serviceaccounts/token', 'polls-secret'],
  ['impersonate', '', 'serviceaccounts'],
  ['escalate', RBAC, 'roles'],
  ['bind', RBAC, 'roles'],
  ['bind', RBAC, 'clusterroles'],
];

/** What nobody has, wherever it is asked for: by these one gets to everything else. */
const OF_ADMINISTRATORS: [verb: string, group: string, resource: string][] = [
  ...['users', 'groups', 'serviceaccounts'].map((resource): [string, string, string] => [
    'impersonate',
    '',
    resource,
  ]),
  ...['get', 'list', 'create', 'patch'].flatMap((verb): [string, string, string][] => [
    [verb, '', 'secrets'],
    [verb, '', 'pods'],
    [verb, '', 'configmaps'],
    [verb, '', 'serviceaccounts'],
    [verb, 'apps', 'deployments'],
    [verb, RBAC, 'roles'],
    [verb, RBAC, 'rolebindings'],
  ]),
  ['create', '', 'pods/exec'],
  ['create', '', 'serviceaccounts/token'],
  ['create', '', 'nodes/proxy'],
  ['get', '', 'nodes/proxy'],
  ['create', 'authentication.k8s.io', 'tokenreviews'],
  ['create', 'authorization.k8s.io', 'subjectaccessreviews'],
  ['create', 'certificates.k8s.io', 'certificatesigningrequests'],
  ['approve', 'certificates.k8s.io', 'signers'],
  ['create', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations'],
];

/** Those requests in other namespaces, and in all of them at once. */
export function requestsElsewhere(subjects: string[], namespaces: string[]): Question[] {
  return subjects.flatMap((subject) =>
    [...namespaces, ''].flatMap((namespace) =>
      OF_ADMINISTRATORS.map(([verb, group, resource]) => ({ subject, namespace, verb, group, resource })),
    ),
  );
}

const SECRETS = ['polls', 'polls-db', 'another'];

/** Every verb over every resource that matters, for each subject. */
export function rightsTable(subjects: string[], namespace: string): Question[] {
  const requests = [
    ...RESOURCES.flatMap(([group, resources]) =>
      resources.flatMap((resource) => VERBS.map((verb) => ({ verb, group, resource }))),
    ),
    ...[undefined, ...SECRETS].flatMap((name) =>
      VERBS.map((verb) => ({ verb, group: '', resource: 'secrets', name })),
    ),
    ...SINGLE.map(([verb, group, resource, name]) => ({ verb, group, resource, name })),
  ];
  return subjects.flatMap((subject) => requests.map((request) => ({ subject, namespace, ...request })));
}

/** So many kubectl sends before it waits between two. */
const AT_ONCE = 250;

/** The answers of the API server. */
export async function whatIsAllowed(questions: Question[]): Promise<boolean[]> {
  const answers: boolean[] = [];
  for (let first = 0; first < questions.length; first += AT_ONCE) {
    const items = questions.slice(first, first + AT_ONCE).map(review);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const allowed = ['--output=jsonpath={.status.allowed}{"\\n"}'];
    const printed = await output('kubectl', ['create', '--filename=-', ...allowed], list);
    answers.push(
      ...printed
        .trim()
        .split('\n')
        .map((answer) => answer === 'true'),
    );
  }
  return answers;
}

function review({ subject, namespace, verb, group, resource: whole, name }: Question): object {
  const [resource, subresource] = whole.split('/');
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      ...who(subject),
      resourceAttributes: { namespace, verb, group, resource, subresource, name },
    },
  };
}

/** The user and the groups by which the API server knows a subject. */
function who(subject: string): object {
  const account = /^ServiceAccount ([^/]+)\/(.+)$/.exec(subject);
  if (!account) return { user: 'somebody', groups: [subject.replace(/^Group /, ''), 'system:authenticated'] };
  const [, namespace, name] = account;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { user: `system:serviceaccount:${namespace}:${name}`, groups };
}
