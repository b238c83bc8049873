import { ApiObject, App, Chart, Duration } from 'cdk8s';
import { Distribution, LeastPrivilegeAccess, LeastPrivilegeAccessProps, PostgresBackend } from 'cdk8s-django';
import * as fc from 'fast-check';
import { noticesOf } from '../../src/kubernetes/notices';
import { SAMPLES, sample } from '../support/distributions';
import { chartOn, django, everything, find, NAMESPACE, postgres, synth } from '../support/synth';

const RBAC = 'rbac.authorization.k8s.io';

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** Whether rules allow a request, asked of each one by one. */
function isAllowed(rules: Rule[], verb: string, apiGroup: string, resource: string, name = ''): boolean {
  return rules.some(
    (rule) =>
      rule.verbs.includes(verb) &&
      rule.apiGroups.includes(apiGroup) &&
      rule.resources.includes(resource) &&
      (!rule.resourceNames || rule.resourceNames.includes(name)),
  );
}

const groupOf = (apiVersion: string) => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '');

function resourceOf(kind: string): string {
  const name = kind.toLowerCase();
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return name.endsWith('s') ? `${name}es` : `${name}s`;
}

const PEOPLE: Partial<LeastPrivilegeAccessProps> = {
  viewers: ['developers'],
  operators: ['operators'],
  deployers: ['pipeline'],
  breakGlass: { groups: ['on-call'] },
};

/** Everything, with all Roles, and what a test adds. */
function manifestsOn(name: string, add: (chart: Chart) => void = () => undefined): any[] {
  return synth((chart) => {
    const { app } = everything(chart, PEOPLE);
    add(chart);
    return app;
  }, sample(name));
}

const isOfCluster = ({ metadata }: any) => metadata.namespace === undefined;
const rulesOf = (manifests: any[], kind: string, name: string): Rule[] => find(manifests, kind, name).rules;

describe.each(SAMPLES)('deployers on $name', ({ name }) => {
  const manifests = manifestsOn(name);
  const rules = rulesOf(manifests, 'Role', 'polls-deployer');
  const clusterRules = rulesOf(manifests, 'ClusterRole', 'polls-polls-deployer');

  it('may get, create and patch each object that is emitted into the namespace', () => {
    const own = manifests.filter(({ metadata }) => metadata.namespace === NAMESPACE);
    const missing = own.flatMap(({ apiVersion, kind, metadata }) =>
      ['get', 'create', 'patch']
        .filter(
          (verb) =>
            !isAllowed(
              rules,
              verb,
              groupOf(apiVersion),
              resourceOf(kind),
              verb === 'create' ? '' : metadata.name,
            ),
        )
        .map((verb) => `${verb} ${kind} ${metadata.name}`),
    );
    expect(own.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  it('may change no kind that is not emitted, or that operators do not change', () => {
    const emitted = manifests
      .filter((one) => !isOfCluster(one))
      .map(({ apiVersion, kind }) => `${groupOf(apiVersion)}/${resourceOf(kind)}`);
    const changed = rules
      .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
      .flatMap(({ apiGroups, resources }) =>
        apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`)),
      );
    const more = [...new Set(changed)].filter((one) => !emitted.includes(one)).sort();
    const host = name === 'openshift' ? ['route.openshift.io/routes/custom-host'] : [];
    // What operators may do, so that deployers can give it to them.
    expect(more).toEqual(['/pods', '/pods/eviction', 'apps/deployments/scale', ...host].sort());
  });

  it('only look at what has no namespace, by its name', () => {
    expect(clusterRules.map(({ verbs }) => verbs)).toEqual(clusterRules.map(() => ['get']));
    for (const { apiVersion, kind, metadata } of manifests.filter(isOfCluster)) {
      expect([
        kind,
        isAllowed(clusterRules, 'get', groupOf(apiVersion), resourceOf(kind), metadata.name),
      ]).toEqual([kind, true]);
    }
    expect(clusterRules.every(({ resourceNames }) => resourceNames!.length > 0)).toBe(true);
  });

  it('have no wildcard, no way to more rights, and no way into a pod', () => {
    const text = JSON.stringify([rules, clusterRules]);
    expect(text).not.toMatch(/\*|escalate|"bind"|impersonate|exec|attach|portforward|proxy|token/);
  });

  it('neither list Secrets nor get one that is not emitted, nor delete one', () => {
    for (const verb of ['list', 'watch', 'delete', 'deletecollection', 'update']) {
      expect([verb, isAllowed(rules, verb, '', 'secrets', 'polls')]).toEqual([verb, false]);
    }
    expect(isAllowed(rules, 'get', '', 'secrets', 'polls')).toBe(true);
    expect(isAllowed(rules, 'get', '', 'secrets', 'another')).toBe(false);
  });

  it('have all that they give to viewers and operators', () => {
    for (const role of [
      'polls-viewer',
      'polls-operator',
      'polls-secret',
      'polls-db-secret',
      'polls-migrate',
    ]) {
      for (const rule of rulesOf(manifests, 'Role', role)) {
        for (const group of rule.apiGroups) {
          for (const resource of rule.resources) {
            for (const verb of rule.verbs) {
              for (const object of rule.resourceNames ?? [undefined]) {
                expect([role, verb, resource, isAllowed(rules, verb, group, resource, object)]).toEqual([
                  role,
                  verb,
                  resource,
                  true,
                ]);
              }
            }
          }
        }
      }
    }
  });

  it('can select what they change by the label of its name', () => {
    const named = manifests.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name']);
    expect(named.filter(isOfCluster).map(({ kind }) => kind)).toEqual([]);
    const others = manifests.filter((one) => !named.includes(one) && !isOfCluster(one));
    // Break-glass access is an administrator's.
    expect(
      others.map(({ metadata }) => metadata.name).filter((one) => !one.startsWith('polls-break-glass')),
    ).toEqual([]);
  });
});

describe('deployers', () => {
  const roleWith = (add: (chart: Chart) => void) =>
    rulesOf(manifestsOn('upstream', add), 'Role', 'polls-deployer');
  const own = (chart: Chart, kind: string, id: string, fields: object = {}) =>
    new ApiObject(chart, id, {
      apiVersion: 'example.com/v1',
      kind,
      metadata: { name: id.toLowerCase() },
      ...fields,
    });

  it('may apply kinds of others that a program emits, by the plural that kubectl guesses', () => {
    const rules = roleWith((chart) =>
      // A Cluster of another group than CloudNativePG's has no data.
      ['Gateway', 'Policy', 'Class', 'Cluster'].forEach((kind) => own(chart, kind, kind)),
    );
    expect(rules).toContainEqual({
      apiGroups: ['example.com'],
      resources: ['classes', 'clusters', 'gateways', 'policies'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
    });
  });

  it('may not delete volume claims', () => {
    const rules = roleWith((chart) => {
      new ApiObject(chart, 'Claim', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'claim' },
      });
    });
    expect(isAllowed(rules, 'create', '', 'persistentvolumeclaims')).toBe(true);
    expect(isAllowed(rules, 'delete', '', 'persistentvolumeclaims')).toBe(false);
  });

  const role = (rules: object[]) => (chart: Chart) => {
    new ApiObject(chart, 'Role', {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata: { name: 'own' },
      ...{ rules },
    });
  };

  it.each([
    ['a wildcard', { apiGroups: ['*'], resources: ['configmaps'], verbs: ['*'] }],
    ['more rights', { apiGroups: [RBAC], resources: ['roles'], verbs: ['escalate'] }],
    ['bindings', { apiGroups: [RBAC], resources: ['roles'], verbs: ['bind'] }],
    ['a shell', { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }],
    ['tokens', { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] }],
  ])('do not have %s only because a Role of the program gives it', (_, rule) => {
    expect(roleWith(role([rule]))).toEqual(roleWith(role([])));
  });

  it('are told which Roles and which objects elsewhere an administrator applies', () => {
    const notices = (name: string, add: (chart: Chart) => void) => {
      const chart = chartOn(sample(name));
      everything(chart, { deployers: ['pipeline'] });
      add(chart);
      chart.toJson();
      return noticesOf(chart.node.root)
        .map(({ message }) => message)
        .filter((one) => one.startsWith('deployers'));
    };
    expect(notices('upstream', () => undefined)).toEqual([]);
    expect(notices('upstream', role([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]))).toEqual([
      'deployers ["own"] are Roles with rights that deployers do not have, and so cannot give. ' +
        'An administrator applies these and each change of them.',
    ]);
    expect(notices('aks', () => undefined)).toEqual([
      'deployers ["Gateway polls-gateway/polls","ServiceAccount polls-gateway/polls-certificate"] are outside the ' +
        'namespace "polls", and the Role of deployers is for what is in it. ' +
        'An administrator applies these, or gives a Role for them.',
    ]);
  });

  it('of two applications of a namespace have the same rights, so that each can apply the Roles of both', () => {
    const manifests = synth((chart) => {
      const database = postgres(chart);
      for (const name of ['one', 'two']) {
        const app = django(chart, { name, database }, name);
        new LeastPrivilegeAccess(chart, `${name}-access`, { app, viewers: ['v'], deployers: ['pipeline'] });
      }
    });
    expect(rulesOf(manifests, 'Role', 'one-deployer')).toEqual(rulesOf(manifests, 'Role', 'two-deployer'));
  });

  it('of a namespace have nothing of another one', () => {
    const app = new App();
    Distribution.bind(app, sample('upstream'));
    for (const namespace of ['one', 'two']) {
      const chart = new Chart(app, namespace, { namespace });
      const database = new PostgresBackend(chart, 'Database', { name: `${namespace}-db`, storage: '1Gi' });
      new LeastPrivilegeAccess(chart, 'Access', {
        app: django(chart, { name: namespace, database }),
        deployers: [`pipeline-${namespace}`],
      });
    }
    const rules = rulesOf(app.charts.find(({ node }) => node.id === 'one')!.toJson(), 'Role', 'one-deployer');
    expect(JSON.stringify(rules)).toContain('one-db');
    expect(JSON.stringify(rules)).not.toContain('two-db');
  });

  it('have whatever Roles give that they may hold, and nothing beside it', () => {
    const rule = fc.record(
      {
        apiGroups: fc.uniqueArray(fc.constantFrom('', 'apps', 'example.com'), { minLength: 1 }),
        resources: fc.uniqueArray(fc.constantFrom('configmaps', 'secrets', 'things', 'pods'), {
          minLength: 1,
        }),
        verbs: fc.uniqueArray(fc.constantFrom('get', 'update', 'deletecollection'), { minLength: 1 }),
      },
      { noNullPrototype: true },
    );
    const all = ['', 'apps', 'example.com'].flatMap((group) =>
      ['configmaps', 'secrets', 'things', 'pods'].flatMap((resource) =>
        ['get', 'update', 'deletecollection'].map((verb) => [verb, group, resource] as const),
      ),
    );
    const allowed = (rules: Rule[]) =>
      all.filter(([verb, group, resource]) => isAllowed(rules, verb, group, resource, 'x'));
    const before = allowed(roleWith(() => undefined));
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), (given) => {
        const expected = all.filter((one) => before.includes(one) || allowed(given as Rule[]).includes(one));
        expect(allowed(roleWith(role(given)))).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });
});

describe.each(SAMPLES)('break-glass access on $name', ({ name }) => {
  const manifests = manifestsOn(name);

  it('is a token of a ServiceAccount, which the group may take and nothing else', () => {
    expect(find(manifests, 'RoleBinding', 'polls-break-glass-token').subjects).toEqual([
      { apiGroup: RBAC, kind: 'Group', name: 'on-call' },
    ]);
    expect(rulesOf(manifests, 'Role', 'polls-break-glass-token')).toEqual([
      {
        apiGroups: [''],
        resources: ['serviceaccounts/token'],
        resourceNames: ['polls-break-glass'],
        verbs: ['create'],
      },
    ]);
    expect(find(manifests, 'RoleBinding', 'polls-break-glass').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'polls-break-glass' },
    ]);
    expect(isAllowed(rulesOf(manifests, 'Role', 'polls-break-glass'), 'create', '', 'pods/exec')).toBe(true);
  });

  it('never reads Secrets by the API, and changes nothing', () => {
    const rules = rulesOf(manifests, 'Role', 'polls-break-glass');
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
    const changing = rules.filter(({ verbs }) =>
      verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)),
    );
    expect(changing.map(({ resources }) => resources)).toEqual([['pods/exec']]);
  });

  it('ends, because the API server refuses what would outlast it', () => {
    const { spec } = find(manifests, 'ValidatingAdmissionPolicy', 'polls-polls-break-glass');
    expect(spec.failurePolicy).toBe('Fail');
    expect(spec.validations.map(({ message }: any) => message)).toEqual([
      expect.stringContaining('has no lasting token'),
      expect.stringContaining('No pod acts as'),
      expect.stringContaining('at most 3600 seconds'),
    ]);
    const binding = find(manifests, 'ValidatingAdmissionPolicyBinding', 'polls-polls-break-glass').spec;
    expect(binding).toEqual({
      policyName: 'polls-polls-break-glass',
      validationActions: ['Deny', 'Audit'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'polls' } } },
    });
  });
});

describe('break-glass access', () => {
  it('is announced at synth, and in what it is made of', () => {
    const chart = chartOn();
    const access = new LeastPrivilegeAccess(chart, 'Access', {
      app: django(chart),
      breakGlass: { groups: ['on-call', 'sre'], duration: Duration.minutes(15) },
    });
    expect(noticesOf(chart.node.root).map(({ message }) => message)).toContain(
      'breakGlass.groups ["on-call","sre"] may enter the pods of the namespace for 900 seconds at a time, and read ' +
        'their Secrets there. Watch the audit log for tokens of the ServiceAccount polls-break-glass.',
    );
    expect(access.breakGlassServiceAccount!.toJson().metadata.annotations).toEqual({
      'kubernetes.io/description':
        'Members of on-call, sre take tokens for 900 seconds to enter pods in an emergency.',
    });
  });
});
