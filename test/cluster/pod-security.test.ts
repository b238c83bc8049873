import { apply, tryApply } from './support/kubectl';
import { distManifests, movedTo } from './support/manifests';
import { Namespace } from './support/namespaces';
import { DATABASE_POD, Polls, vote } from './support/polls';
import { routed } from './support/routed';

/** A user of a namespace's range, as OpenShift assigns them. */
const OPENSHIFT_USER = 1000700000;

describe('with users of OpenShift, in a namespace that enforces Pod Security "restricted"', () => {
  const polls = new Polls(new Namespace('polls-openshift'));
  const manifests = movedTo('polls-openshift', distManifests('openshift'));

  beforeAll(async () => {
    await polls.namespace.clear();
    await apply([...manifests.map(asAdmitted), nameServerPolicy(polls.namespace.name)]);
    await polls.converged();
  });
  afterAll(() => polls.namespace.remove());

  test('the manifests leave users and groups to the platform', () => {
    const identities = /runAsUser|runAsGroup|fsGroup|supplementalGroups/;
    expect(identities.exec(JSON.stringify(manifests))).toBeNull();
  });

  test.each(['deployment/polls', DATABASE_POD])(
    '%s runs as a user that its image does not know',
    async (pod) => {
      const [user, group] = (await polls.namespace.exec(pod, 'sh', '-c', 'id -u; id -g')).split('\n');
      expect([user, group]).toEqual([String(OPENSHIFT_USER), '0']);
    },
  );

  test('the namespace refuses a pod that asks for more', async () => {
    const { code, stderr } = await tryApply([privilegedPod(polls.namespace.name)]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('violates PodSecurity "restricted');
  });

  test('the namespace has refused no pod of ours', async () => {
    const events = await polls.namespace.list('events');
    expect(events.filter(({ message }) => /PodSecurity/.test(message))).toEqual([]);
  });

  routed('openshift')('a vote comes through the Route', async () => {
    await polls.createSamplePolls();
    const results = await vote(await polls.visitor());
    expect(results.body).toContain('1 vote in all');
  });
});

/** What OpenShift's admission makes of pods under "restricted-v2": the namespace's user and volume group. */
function asAdmitted(written: any): any {
  const manifest = structuredClone(written);
  const template = manifest.spec?.template;
  if (!template) return manifest;
  const containers = [...template.spec.containers, ...(template.spec.initContainers ?? [])];
  for (const container of containers) container.securityContext.runAsUser = OPENSHIFT_USER;
  template.spec.securityContext.fsGroup = OPENSHIFT_USER;
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
