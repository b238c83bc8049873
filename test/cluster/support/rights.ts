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
    ['pods', 'services', 'configmaps', 'persistentvolumeclaims', 'serviceaccounts', 'events', 'namespaces'],
  ],
  ['apps', ['deployments', 'statefulsets', 'daemonsets']],
  ['batch', ['jobs', 'cronjobs']],
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
