import { Chart } from 'cdk8s';
import { LeastPrivilegeAccess, LeastPrivilegeAccessProps, NetworkProtocol } from 'cdk8s-django';
import { EgressTarget } from 'cdk8s-django/network';
import { SAMPLES, sample } from '../support/distributions';
import { chartOn, django, everything, find, postgres, synth } from '../support/synth';

const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/audit': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
};

describe.each(SAMPLES)('the Namespace on $name', ({ name, make }) => {
  it('enforces Pod Security restricted, and has what the router asks for', () => {
    const { metadata } = find(
      synth((chart) => everything(chart), make()),
      'Namespace',
      'polls',
    );
    const gate = name === 'eks' ? { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } : ({} as object);
    expect(metadata.labels).toEqual({ ...RESTRICTED, ...gate });
    expect(metadata).not.toHaveProperty('namespace');
  });

  it('comes before everything that is in it', () => {
    const manifests = synth((chart) => everything(chart), make());
    const first = manifests.findIndex(({ metadata }) => metadata.namespace === 'polls');
    const namespace = manifests.findIndex(
      ({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'polls',
    );
    expect(namespace).toBeGreaterThanOrEqual(0);
    expect(first).toBeGreaterThan(namespace);
  });
});

describe('the Namespace', () => {
  it('comes first although it is made last, and before what is made after it', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
      new LeastPrivilegeAccess(chart, 'Other', { app: django(chart, { name: 'other' }, 'B') });
    });
    expect(manifests[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'polls' } });
  });

  it('is one for two applications of a chart', () => {
    let same = false;
    const manifests = synth((chart) => {
      const one = new LeastPrivilegeAccess(chart, 'One', { app: django(chart) });
      const two = new LeastPrivilegeAccess(chart, 'Two', { app: django(chart, { name: 'other' }, 'B') });
      same = one.namespace === two.namespace;
    });
    expect(same).toBe(true);
    expect(manifests.filter(({ kind }) => kind === 'Namespace')).toHaveLength(1);
  });
});

/** The resource of a kind, as rules name it. */
function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return name.endsWith('s') ? `${name}es` : `${name}s`;
}

/** All that viewers look at. */
const VIEWED = [
  ...['pods', 'pods/log', 'services', 'events', 'configmaps', 'persistentvolumeclaims'].map(
    (one) => `/${one}`,
  ),
  ...['deployments', 'replicasets', 'statefulsets'].map((one) => `apps/${one}`),
  ...['batch/jobs', 'batch/cronjobs', 'policy/poddisruptionbudgets'],
  ...['networking.k8s.io/ingresses', 'networking.k8s.io/networkpolicies'],
  ...['gateway.networking.k8s.io/gateways', 'gateway.networking.k8s.io/httproutes'],
  ...['networking.gke.io/gcpbackendpolicies', 'networking.gke.io/healthcheckpolicies'],
  'route.openshift.io/routes',
  ...['autoscaling/horizontalpodautoscalers', 'autoscaling.k8s.io/verticalpodautoscalers'],
  'keda.sh/scaledobjects',
  'monitoring.googleapis.com/podmonitorings',
  ...['monitoring.coreos.com/podmonitors', 'azmonitoring.coreos.com/podmonitors'],
  ...['monitoring.coreos.com/servicemonitors', 'azmonitoring.coreos.com/servicemonitors'],
];

describe('Roles', () => {
  const roles = () => synth((chart) => everything(chart)).filter(({ kind }) => kind === 'Role');
  const granted = (name: string): string[] =>
    find(
      synth((chart) => everything(chart)),
      'Role',
      name,
    ).rules.flatMap(({ resources, verbs }: any) =>
      resources.flatMap((resource: string) => verbs.map((verb: string) => `${verb} ${resource}`)),
    );

  it('are none without groups', () => {
    const manifests = synth(
      (chart) =>
        new LeastPrivilegeAccess(chart, 'Access', {
          app: django(chart, { secretKey: { secretName: 'keys', key: 'django' } }),
        }),
    );
    expect(manifests.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
    expect(manifests.length).toBeGreaterThan(5);
  });

  it('never grant Secrets, a shell or a way around the library, to people', () => {
    expect(granted('polls-viewer').length).toBeGreaterThan(10);
    for (const name of ['polls-viewer', 'polls-operator']) {
      const all = granted(name);
      expect(all.join('\n')).not.toMatch(/secret|exec|attach|portforward|proxy|\*|impersonate|escalate|bind/);
    }
  });

  it('let viewers look and do nothing else', () => {
    const verbs = granted('polls-viewer').map((grant) => grant.split(' ')[0]);
    expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']));
    expect(granted('polls-viewer')).toContain('get pods/log');
  });

  it.each(SAMPLES)('let viewers look at all kinds that an application has on $name', ({ make }) => {
    const manifests = synth((chart) => everything(chart), make());
    const { rules } = find(manifests, 'Role', 'polls-viewer');
    const seen = rules.flatMap(({ apiGroups, resources }: any) =>
      apiGroups.flatMap((group: string) => resources.map((resource: string) => `${group}/${resource}`)),
    );
    const kinds = manifests.map(({ apiVersion, kind }) => {
      const [group, version] = apiVersion.split('/');
      return `${version ? group : ''}/${pluralOf(kind)}`;
    });
    expect([...new Set(kinds)].filter((kind) => !seen.includes(kind)).sort()).toEqual([
      '/namespaces',
      '/secrets',
      '/serviceaccounts',
      'rbac.authorization.k8s.io/rolebindings',
      'rbac.authorization.k8s.io/roles',
      'scheduling.k8s.io/priorityclasses',
    ]);
  });

  it('let operators restart, scale, end pods and run a failed Job again', () => {
    expect(granted('polls-operator').sort()).toEqual([
      'create pods/eviction',
      'delete jobs',
      'delete pods',
      'patch deployments',
      'patch deployments/scale',
    ]);
  });

  it('that touch Secrets are limited to one name and to reading and patching it', () => {
    const touching = roles().filter(({ rules }) =>
      rules.some(({ resources }: any) => resources.includes('secrets')),
    );
    expect(touching.map(({ metadata }) => metadata.name).sort()).toEqual(['polls-db-secret', 'polls-secret']);
    for (const { metadata, rules } of touching) {
      expect(rules).toEqual([
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: [metadata.name.replace('-secret', '')],
          verbs: ['get', 'patch'],
        },
      ]);
    }
  });

  it('are bound to exactly the groups that were given', () => {
    const manifests = synth((chart) => everything(chart));
    const group = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name });
    for (const [name, teams] of [
      // Operators look by the Role of viewers, and do the rest by their own.
      ['polls-viewer', ['polls-developers', 'polls-operators']],
      ['polls-operator', ['polls-operators']],
    ] as const) {
      const { roleRef, subjects } = find(manifests, 'RoleBinding', name);
      expect(roleRef).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name });
      expect(subjects).toEqual(teams.map(group));
    }
  });

  it('let operators look where there are no viewers, and name a group of both once', () => {
    const subjects = (props: Partial<LeastPrivilegeAccessProps>) =>
      find(
        synth((chart) => new LeastPrivilegeAccess(chart, 'Access', { app: django(chart), ...props })),
        'RoleBinding',
        'polls-viewer',
      ).subjects.map(({ name }: any) => name);
    expect(subjects({ operators: ['a'] })).toEqual(['a']);
    expect(subjects({ viewers: ['a', 'b'], operators: ['b', 'c'] })).toEqual(['a', 'b', 'c']);
  });

  it('let viewers look at these kinds of each API and at no others', () => {
    const { rules } = find(
      synth((chart) => everything(chart)),
      'Role',
      'polls-viewer',
    );
    const seen = rules.flatMap(({ apiGroups, resources }: any) =>
      apiGroups.flatMap((group: string) => resources.map((resource: string) => `${group}/${resource}`)),
    );
    expect(seen.sort()).toEqual([...VIEWED].sort());
  });

  it('are never ClusterRoles', () => {
    const kinds = SAMPLES.flatMap(({ make }) => synth((chart) => everything(chart), make())).map(
      ({ kind }) => kind,
    );
    expect(kinds).toContain('Role');
    expect(kinds.filter((kind) => kind.startsWith('ClusterRole'))).toEqual([]);
  });
});

describe('LeastPrivilegeAccess', () => {
  /** Every prop at once, so that a new one has to be added here. */
  const allProps = (chart: Chart): Required<LeastPrivilegeAccessProps> => ({
    app: django(chart, { database: postgres(chart) }),
    viewers: ['a', 'b'],
    operators: ['c'],
    breakGlass: { groups: ['d'] },
    deployers: ['e'],
    ingress: [{ peers: [{ namespaceLabels: { team: 'a' } }] }],
    egress: [EgressTarget.addresses(['10.0.0.0/8'], [{ port: 53, protocol: NetworkProtocol.UDP }])],
  });

  it('takes all props', () => {
    const manifests = synth((chart) => new LeastPrivilegeAccess(chart, 'Access', allProps(chart)));
    const { subjects } = find(manifests, 'RoleBinding', 'polls-viewer');
    expect(subjects.map(({ name }: any) => name)).toEqual(['a', 'b', 'c']);
    const { ingress, egress } = find(manifests, 'NetworkPolicy', 'polls').spec;
    expect(ingress).toEqual([{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] }]);
    expect(egress.at(-1).ports).toEqual([{ port: 53, protocol: 'UDP' }]);
  });

  it('gives each resource as a public field', () => {
    const chart = chartOn(sample('gke'));
    const access = new LeastPrivilegeAccess(chart, 'Access', allProps(chart));
    const resources = [
      access.namespace,
      access.networkPolicy,
      access.jobNetworkPolicy,
      access.viewerRole,
      access.viewerRoleBinding,
      access.operatorRole,
      access.operatorRoleBinding,
      access.breakGlassServiceAccount,
      access.breakGlassPolicy,
      access.deployerRole,
      access.deployerClusterRole,
    ];
    expect(resources.map((resource) => resource?.kind)).toEqual([
      'Namespace',
      'NetworkPolicy',
      'NetworkPolicy',
      'Role',
      'RoleBinding',
      'Role',
      'RoleBinding',
      'ServiceAccount',
      'ValidatingAdmissionPolicy',
      'Role',
      'ClusterRole',
    ]);
  });
});
