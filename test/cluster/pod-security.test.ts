import { Distribution, DjangoApp, PostgresBackend } from 'cdk8s-django';
import { SMALL } from './applications/application';
import { eventually } from './support/eventually';
import { apply, tryApply } from './support/kubectl';
import { distManifests, movedTo, pollsManifests } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls, vote } from './support/polls';
import { routed } from './support/routed';

/** A user of a namespace's range, as OpenShift assigns them. */
const OPENSHIFT_USER = 1000700000;

/** What runs as such a user, in a namespace that enforces Pod Security "restricted". */
interface Deployment {
  readonly polls: Polls;
  readonly manifests: any[];
  /** The groups of its processes: the first owns what they write, another one the volumes. */
  readonly groups: number[];
}

const asOpenShift: Deployment = {
  polls: new Polls(new Namespace('polls-openshift')),
  manifests: movedTo('polls-openshift', distManifests('openshift')),
  groups: [0, OPENSHIFT_USER],
};
const inGroup0: Deployment = {
  polls: new Polls(new Namespace('polls-group-0')),
  manifests: pollsManifests('polls-group-0', {
    distribution: Distribution.openshift(),
    resources: SMALL,
    extend: (app) => {
      app.addSessionClearing();
      keepDataInThePod(app);
    },
  }),
  groups: [0],
};
const DEPLOYMENTS: [string, Deployment][] = [
  ['as OpenShift has it', asOpenShift],
  ['in group 0 and no other', inGroup0],
];

// Side by side, because most of it is waiting.
beforeAll(() => Promise.all(DEPLOYMENTS.map(([, deployment]) => deploy(deployment))));
afterAll(() => Promise.all(DEPLOYMENTS.map(([, { polls }]) => polls.namespace.remove())));

describe.each(DEPLOYMENTS)('a user that no image knows, %s', (_title, { polls, manifests, groups }) => {
  test('is left to the platform by the manifests', () => {
    const identities = /runAsUser|runAsGroup|fsGroup|supplementalGroups/;
    expect(identities.exec(JSON.stringify(manifests))).toBeNull();
  });

  test.each(['deployment/polls', DATABASE_POD])('runs %s', async (pod) => {
    const [user, ...found] = (await polls.namespace.exec(pod, 'sh', '-c', 'id -u; id -G'))
      .trim()
      .split(/\s+/);
    expect(user).toBe(String(OPENSHIFT_USER));
    expect(found).toEqual(groups.map(String));
  });

  test('has no pod refused by the namespace', async () => {
    const events = await polls.namespace.list('events');
    expect(events.filter(({ message }) => /PodSecurity/.test(message))).toEqual([]);
  });

  routed('openshift')('stores a vote that comes through the Route', async () => {
    await polls.createSamplePolls();
    const results = await vote(await polls.visitor());
    expect(results.body).toContain('1 vote in all');
  });
});

test('a CronJob runs as such a user too', async () => {
  const { namespace } = inGroup0.polls;
  await namespace.kubectl('create', 'job', '--from=cronjob/polls-clearsessions', 'now');
  await eventually(
    'the Job has succeeded',
    async () => expect((await namespace.get('job', 'now')).status.succeeded).toBe(1),
    { namespace: namespace.name },
  );
  const { securityContext } = (await namespace.get('job', 'now')).spec.template.spec.containers[0];
  expect(securityContext.runAsUser).toBe(OPENSHIFT_USER);
});

test('the namespace refuses a pod that asks for more', async () => {
  const { code, stderr } = await tryApply([privilegedPod(asOpenShift.polls.namespace.name)]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('violates PodSecurity "restricted');
});

async function deploy({ polls, manifests, groups }: Deployment): Promise<void> {
  const [, volumeGroup] = groups;
  await polls.namespace.clear();
  const admitted = manifests.map((manifest) => asAdmitted(manifest, volumeGroup));
  await apply([...admitted, nameServerPolicy(polls.namespace.name)]);
  await polls.converged();
}

/** Without a volume group nobody but root could write to a new volume: the database's data goes with its pod here. */
function keepDataInThePod(app: DjangoApp): void {
  const { statefulSet } = app.node.scope!.node.findChild('Database') as PostgresBackend;
  const template = { spec: { volumes: [{ name: 'data', emptyDir: {} }] } };
  statefulSet!.override({ spec: { template, volumeClaimTemplates: null } });
}

/** What OpenShift's admission makes of pods under "restricted-v2": the namespace's user, and its volume group. */
function asAdmitted(written: any, volumeGroup?: number): any {
  const manifest = structuredClone(written);
  const template = manifest.spec?.jobTemplate?.spec.template ?? manifest.spec?.template;
  if (!template) return manifest;
  const containers = [...template.spec.containers, ...(template.spec.initContainers ?? [])];
  for (const container of containers) container.securityContext.runAsUser = OPENSHIFT_USER;
  if (volumeGroup !== undefined) template.spec.securityContext.fsGroup = volumeGroup;
  return manifest;
}

/** OpenShift has its name server in a namespace of its own, and the manifests allow for that; this cluster has not. */
function nameServerPolicy(namespace: string): any {
  const peer = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'name-server', namespace },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [peer] }] },
  };
}

function privilegedPod(namespace: string): any {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'privileged', namespace },
    spec: {
      containers: [{ name: 'shell', image: 'example.com/shell:1', securityContext: { privileged: true } }],
    },
  };
}
