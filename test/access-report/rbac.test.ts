import * as fc from 'fast-check';
import { deployment, metadata, reportOf } from './support';

/*
 * Rights, against an evaluator that is written otherwise: it asks each question of each rule, one by one.
 */

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const RBAC = 'rbac.authorization.k8s.io';
const role = (name: string, rules: Rule[]) => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'Role',
  metadata: metadata(name),
  rules,
});
const binding = (name: string, subject: object) => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: metadata(name),
  roleRef: { apiGroup: RBAC, kind: 'Role', name },
  subjects: [subject],
});
const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: metadata(name) });
const group = (name: string) => ({ apiGroup: RBAC, kind: 'Group', name });
const account = (name: string) => ({ kind: 'ServiceAccount', name });
/** A pod with a Secret in its environment. */
const holder = (name: string, key: string) =>
  deployment(name, {
    serviceAccountName: name,
    containers: [{ name: 'web', env: [{ name: 'X', valueFrom: { secretKeyRef: { name: key, key: 'k' } } }] }],
  });

/** Subjects and ways, by the name of the Secret. */
function readersOf(objects: any[], name: string): Record<string, string[]> {
  const { readers } = reportOf(objects).facts.secrets.find((one) => one.name === name)!;
  return Object.fromEntries(readers.map(({ subject, ways }) => [subject, ways]));
}

/** Whether rules allow a request, as the authorizer of the API server asks it of each rule. */
function isAllowed(rules: Rule[], verb: string, apiGroup: string, resource: string, name = ''): boolean {
  for (const rule of rules) {
    if (!rule.verbs.some((one) => one === '*' || one === verb)) continue;
    if (!rule.apiGroups.some((one) => one === '*' || one === apiGroup)) continue;
    const [, subresource] = resource.split('/');
    const fits = (one: string) =>
      one === '*' || one === resource || (subresource !== undefined && one === `*/${subresource}`);
    if (!rule.resources.some(fits)) continue;
    if (rule.resourceNames?.length && !rule.resourceNames.includes(name)) continue;
    return true;
  }
  return false;
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', '*'];
const RESOURCES = [
  'secrets',
  'pods',
  'pods/exec',
  'deployments',
  'jobs',
  'configmaps',
  '*',
  '*/exec',
  'pods/*',
];
const CONNECTED = ['pods/exec', 'pods/attach', 'nodes/proxy'];
const MAKERS = [
  ['', 'replicationcontrollers'],
  ['apps', 'deployments'],
  ['apps', 'statefulsets'],
  ['apps', 'daemonsets'],
  ['apps', 'replicasets'],
  ['batch', 'cronjobs'],
];
const rule = fc.record(
  {
    apiGroups: fc.uniqueArray(fc.constantFrom('', 'apps', 'batch', '*'), { minLength: 1 }),
    resources: fc.uniqueArray(fc.constantFrom(...RESOURCES), { minLength: 1, maxLength: 3 }),
    resourceNames: fc.uniqueArray(fc.constantFrom('one', 'two', 'web'), { maxLength: 2 }),
    verbs: fc.uniqueArray(fc.constantFrom(...VERBS), { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['apiGroups', 'resources', 'verbs'], noNullPrototype: true },
);

describe('who reads a Secret by the API', () => {
  it('is whom an evaluator of single requests finds, for any rules', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), (rules) => {
        const objects = [
          secret('one'),
          secret('two'),
          holder('web', 'two'),
          role('r', rules),
          binding('r', group('g')),
        ];
        for (const name of ['one', 'two']) {
          const verbs = ['get', 'list', 'watch', 'patch'].filter((verb) =>
            isAllowed(rules, verb, '', 'secrets', name),
          );
          // It carries no name.
          if (isAllowed(rules, 'deletecollection', '', 'secrets')) verbs.push('deletecollection');
          const may = (verb: string, apiGroup: string, resource: string) =>
            ['one', 'two', 'web'].some((one) =>
              isAllowed(
                rules,
                verb,
                apiGroup,
                resource,
                verb === 'create' && !resource.includes('/') ? '' : one,
              ),
            );
          const runs =
            may('create', '', 'pods') ||
            may('create', 'batch', 'jobs') ||
            ['create', 'update', 'patch'].some((verb) =>
              MAKERS.some(([group, kind]) => may(verb, group, kind)),
            );
          const enters =
            name === 'two' &&
            (['get', 'create'].some((verb) => CONNECTED.some((what) => may(verb, '', what))) ||
              ['update', 'patch'].some(
                (verb) => may(verb, '', 'pods') || may(verb, '', 'pods/ephemeralcontainers'),
              ));
          expect(readersOf(objects, name)['Group g'] ?? []).toEqual([
            ...(verbs.length ? [`${verbs.join(', ')} secrets`] : []),
            ...(runs ? ['runs pods that read it'] : []),
            ...(enters ? ['enters pods that have it'] : []),
          ]);
        }
      }),
      { numRuns: 300 },
    );
  });

  const onSecrets = (verbs: string[], resourceNames?: string[]): Rule[] => [
    { apiGroups: [''], resources: ['secrets'], verbs, ...(resourceNames && { resourceNames }) },
  ];
  const readsOne = (rules: Rule[]) =>
    readersOf([secret('one'), secret('two'), role('r', rules), binding('r', group('g'))], 'one')['Group g'];

  it.each<[string, Rule[], string[] | undefined]>([
    ['reads and makes it by patch of its name', onSecrets(['patch'], ['one']), ['patch secrets']],
    ['reads it by list of its name', onSecrets(['list'], ['one']), ['list secrets']],
    ['does not read it by rules for another', onSecrets(['get', 'patch'], ['two']), undefined],
    [
      'does not read it by deletecollection of its name, which is a dead rule',
      onSecrets(['deletecollection'], ['one']),
      undefined,
    ],
    ['reads all by deletecollection of all', onSecrets(['deletecollection']), ['deletecollection secrets']],
    [
      'does not read what is there by create, update or delete',
      onSecrets(['create', 'update', 'delete']),
      undefined,
    ],
    [
      'does not read it by a rule for another group',
      [{ ...onSecrets(['get'])[0], apiGroups: ['apps'] }],
      undefined,
    ],
  ])('%s', (_, rules, expected) => {
    expect(readsOne(rules)).toEqual(expected);
  });

  it('acts as a ServiceAccount whose token it takes, and as those that this one can act as', () => {
    const objects = [
      secret('one'),
      role('reader', onSecrets(['get'])),
      binding('reader', account('reader')),
      role('middle', [
        {
          apiGroups: [''],
          resources: ['serviceaccounts'],
          resourceNames: ['reader'],
          verbs: ['impersonate'],
        },
      ]),
      binding('middle', account('middle')),
      role('first', [
        {
          apiGroups: [''],
          resources: ['serviceaccounts/token'],
          resourceNames: ['middle'],
          verbs: ['create'],
        },
      ]),
      binding('first', group('g')),
      role('other', [
        {
          apiGroups: [''],
          resources: ['serviceaccounts/token'],
          resourceNames: ['nobody'],
          verbs: ['create'],
        },
      ]),
      binding('other', group('h')),
    ];
    expect(readersOf(objects, 'one')).toEqual({
      'Group g': ['acts as ServiceAccount a/reader'],
      'ServiceAccount a/middle': ['acts as ServiceAccount a/reader'],
      'ServiceAccount a/reader': ['get secrets'],
    });
  });

  it('has what the groups of ServiceAccounts have', () => {
    const objects = [
      secret('one'),
      role('all', onSecrets(['get'])),
      binding('all', group('system:serviceaccounts:a')),
      role('first', [{ apiGroups: [''], resources: ['pods'], verbs: ['create'] }]),
      binding('first', group('g')),
    ];
    expect(Object.keys(readersOf(objects, 'one'))).toEqual(['Group g', 'Group system:serviceaccounts:a']);
  });

  it('has it by a ClusterRole in the namespace of its binding, or in all', () => {
    const objects = [
      secret('one'),
      { ...secret('one'), metadata: { name: 'other', namespace: 'b' } },
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRole',
        metadata: { name: 'reader' },
        rules: onSecrets(['get']),
      },
      {
        ...binding('here', group('here')),
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'reader' },
      },
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: 'everywhere' },
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'reader' },
        subjects: [{ kind: 'User', name: 'jane' }],
      },
    ];
    expect(Object.keys(readersOf(objects, 'one'))).toEqual(['Group here', 'User jane']);
    expect(Object.keys(readersOf(objects, 'other'))).toEqual(['User jane']);
  });

  it('says of a Role that the program does not make that what it allows is not known', () => {
    const { unknown } = reportOf([
      { ...binding('x', group('g')), roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'edit' } },
    ]).facts;
    expect(unknown).toContain(
      'RoleBinding x gives ClusterRole edit to Group g. That ClusterRole is not among these objects, so what it allows ' +
        'is not in this report.',
    );
  });
});

describe('which container sees which key', () => {
  const containers = (spec: object) => {
    return reportOf([deployment('web', spec)]).facts.secrets.flatMap(({ name, containers: all }) =>
      all.map(({ container, keys, form }) => [name, container, keys.join(), form].join(' ')),
    );
  };

  it('is by variables, files, projected files, the pull of images, and for those that start first too', () => {
    const found = containers({
      imagePullSecrets: [{ name: 'pull' }],
      initContainers: [{ name: 'first', envFrom: [{ secretRef: { name: 'all' } }] }],
      containers: [
        {
          name: 'web',
          env: [
            { name: 'A', valueFrom: { secretKeyRef: { name: 'some', key: 'b' } } },
            { name: 'B', valueFrom: { secretKeyRef: { name: 'some', key: 'a' } } },
            { name: 'C', value: 'plain' },
          ],
          volumeMounts: [{ name: 'files' }, { name: 'mixed' }],
        },
        { name: 'other', volumeMounts: [{ name: 'items' }] },
      ],
      volumes: [
        { name: 'files', secret: { secretName: 'whole' } },
        { name: 'items', secret: { secretName: 'part', items: [{ key: 'x', path: 'y' }] } },
        {
          name: 'mixed',
          projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'c' } }] },
        },
        { name: 'unused', secret: { secretName: 'unmounted' } },
      ],
    });
    expect(found).toEqual([
      'all first * variables',
      'part other x files',
      'projected web * files',
      'pull (the node) .dockerconfigjson image pulls',
      'some web a,b variables',
      'whole web * files',
    ]);
  });
});

describe('what names a Secret without a pod', () => {
  it.each<[string, object]>([
    ['Gateway', { listeners: [{ tls: { certificateRefs: [{ name: 'tls' }] } }] }],
    ['Ingress', { tls: [{ secretName: 'tls' }] }],
    ['Certificate', { secretName: 'tls' }],
    ['TriggerAuthentication', { secretTargetRef: [{ name: 'tls', key: 'x', parameter: 'y' }] }],
    ['ExternalSecret', { target: { name: 'tls' } }],
    ['Route', { tls: { externalCertificate: { name: 'tls' } } }],
    ['Store', { s3Credentials: { inheritFromIAMRole: false, accessKeyId: { name: 'tls', key: 'id' } } }],
    ['Store', { googleCredentials: { applicationCredentials: { name: 'tls', key: 'json' } } }],
  ])('is a %s', (kind, spec) => {
    const { secrets } = reportOf([{ apiVersion: 'x/v1', kind, metadata: metadata('it'), spec }]).facts;
    expect(secrets).toEqual([
      {
        namespace: 'a',
        name: 'tls',
        emitted: false,
        readers: [],
        containers: [],
        controllers: [`${kind} it`],
      },
    ]);
  });
});
