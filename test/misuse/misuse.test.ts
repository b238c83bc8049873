import { Chart, Duration } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  DjangoAppProps,
  ExistingSecret,
  HealthMonitoring,
  ImagePolicy,
  LeastPrivilegeAccess,
  PodKind,
  PostgresBackend,
  PublicRoute,
  ValkeyBackend,
  VolumeSource,
} from 'cdk8s-django';
import { Fleet } from 'cdk8s-django/fleet';
import { EgressTarget } from 'cdk8s-django/network';
import { PgBouncer } from 'cdk8s-django/postgres';
import { snapshotOf } from 'cdk8s-django/testing';
import { parseAllDocuments } from 'yaml';
import { podsOf } from '../../src/policy/manifests';
import { RULES } from '../../src/policy/rules';
import { outputDirectory } from '../support/output-directory';
import { configOf, django, errorOf, findAll, postgres, synth, webContainer } from '../support/synth';

/*
 * Ways to misuse the constructs, or to reach past them: each is refused at synth, found by the policy of cdk8s-cli, or
 * harmless. Those that need a cluster are in test/cluster: spoofed headers, large bodies, pods of other teams.
 */

type Define = (chart: Chart) => void;

const app =
  (changes: Partial<DjangoAppProps>): Define =>
  (chart) =>
    void django(chart, changes);
const server =
  (changes: object): Define =>
  (chart) =>
    void django(chart, { database: postgres(chart, changes) });
const added =
  (add: (application: DjangoApp, chart: Chart) => void): Define =>
  (chart) =>
    add(django(chart), chart);
const route = (changes: object) =>
  added((one, chart) => new PublicRoute(chart, 'Route', { app: one, hosts: ['a.example.com'], ...changes }));
const access = (changes: object) =>
  added((one, chart) => new LeastPrivilegeAccess(chart, 'Access', { app: one, ...changes }));
const volume = (source: VolumeSource, mountPath = '/srv/files', name = 'files') =>
  added((one) => one.addVolume({ name, source, mountPath }));
const host = (name: string) =>
  ((chart) =>
    django(chart, {
      database: PostgresBackend.fromHost(chart, 'Server', {
        host: name,
        database: 'polls',
        user: 'polls',
        password: { secretName: 'server', key: 'password' },
      }),
    })) as Define;

const EMPTY = VolumeSource.emptyDirectory();

const REFUSED: [string, Define, string][] = [
  ['a name with lines of YAML', app({ name: 'polls\nkind: Secret' }), 'name "polls\\nkind: Secret" is not'],
  ['a name that leaves its folder', app({ name: '../etc' }), 'name "../etc" is not a DNS label'],
  ['a name that a shell would run', app({ name: '$(id)' }), 'name "$(id)" is not a DNS label'],
  ['an image with an option', app({ image: 'polls:1 --privileged' }), 'is not an image reference'],
  ['an image with a line', app({ image: 'polls:1\nname: x' }), 'is not an image reference'],
  ['settings with code', app({ settingsModule: "a'); import os; ('" }), 'is not a Python module'],
  ['a module that is an option', app({ wsgiModule: '--reload' }), 'names neither a Python module'],
  ['a worker class with an option', app({ workerClass: 'sync --reload' }), 'is not a worker class'],
  ['a release with a line of log', app({ release: '1\n{"level":"ERROR"}' }), 'is not a name of a release'],
  ['two folders in one path', app({ pythonPath: ['/app:/tmp'] }), 'is not the path of a folder'],
  ['a variable with its value', app({ environment: { 'A=B': '1' } }), 'is not the name of an environment'],
  ['a variable of the library', app({ environment: { PYTHONPATH: '/tmp' } }), 'the library sets itself'],
  ['a password in a URL', app({ environment: { A: 'redis://:hunter2@r/0' } }), 'is a URL with a password'],
  ['a private key', app({ environment: { A: '-----BEGIN PRIVATE KEY-----\nx' } }), 'has a private key'],
  ['a NUL', app({ environment: { A: 'a\0b' } }), 'has a NUL'],
  ['a key above its Secret', app({ secretEnvironment: { A: { secretName: 's', key: '../k' } } }), '../k'],
  ['every host', app({ allowedHosts: ['*'] }), 'means several hosts'],
  ['two hosts in one', app({ allowedHosts: ['a.example.com,*'] }), 'is not a host name'],
  ['forms of every origin', app({ trustedOrigins: ['https://*'] }), 'is not an origin'],
  ['a path that goes up', app({ pathPrefix: '/a/../b' }), 'has an empty part, "." or ".."'],
  ['root', app({ runAsUser: 0 }), 'runAsUser 0 is not'],
  ['a port below 1024', app({ port: 80 }), 'port 80 is not'],
  ['a broker that is a file', app({ celery: { broker: { url: 'file:///etc/passwd' } } }), 'is not the URL'],
  ['SQL in the name of a database', server({ database: 'x"; DROP DATABASE y; --' }), 'PostgreSQL role or'],
  ['SQL in the name of a role', server({ user: "x'; ALTER ROLE" }), 'PostgreSQL role or database'],
  ['SQL in an extension', server({ extensions: ['postgis"; DROP'] }), 'is not the name of an extension'],
  [
    'a second parameter in the value of one',
    server({ parameters: { work_mem: "4MB'\nshared_preload_libraries='x" } }),
    'is not a value of a parameter',
  ],
  ['a size with a command', server({ storage: '1Gi; rm' }), 'is not a quantity of bytes'],
  ['a password in a host', host('polls:hunter2@db'), 'is not a host that PostgreSQL is found by'],
  ['TLS turned off in a host', host("db' sslmode='disable"), 'is not a host that PostgreSQL is found by'],
  ['a host of a template', route({ hosts: ['{{ .host }}'] }), 'is not a host name'],
  ['a host with a header', route({ hosts: ['a.example.com\nX-Admin: 1'] }), 'is not a host name'],
  ['a path that is a pattern', route({ paths: ['/a(.*)'] }), 'is not the path of a URL'],
  ['a Role for everybody', access({ viewers: ['system:authenticated'] }), 'means everybody'],
  [
    'a Role for those who did not log in',
    access({ operators: ['system:unauthenticated'] }),
    'means everybody',
  ],
  ['a group of two lines', access({ viewers: ['a\nb'] }), 'is not the name of a group'],
  [
    'a month to break glass',
    access({ breakGlass: { groups: ['a'], duration: Duration.days(30) } }),
    'breakGlass.duration 2592000 is not',
  ],
  [
    'a range without its length',
    added((one) => one.allowEgressTo(EgressTarget.addresses(['10.0.0.0'], [{ port: 443 }]))),
    'is not a range of addresses',
  ],
  ['a volume over everything', volume(EMPTY, '/'), 'is not an absolute path'],
  ['a volume that goes up', volume(EMPTY, '/a/../../etc'), 'is not an absolute path'],
  ['a volume over the library', volume(EMPTY, '/opt/cdk8s-django'), 'overlaps "/opt/cdk8s-django"'],
  ['a volume over the kernel', volume(EMPTY, '/proc/sys'), 'overlaps "/proc"'],
  ['a Secret of another folder', volume(VolumeSource.fromSecret({ name: '../s' })), 'source "../s" is not'],
  ['a ConfigMap of no name', volume(VolumeSource.fromConfigMap({ name: '' })), 'source "" is not'],
  [
    'a claim with a path',
    volume(VolumeSource.fromPersistentVolumeClaim({ name: 'a/b' })),
    'source "a/b" is not',
  ],
  ['a label that selects', added((one) => one.addPodLabel('app.kubernetes.io/name', 'x')), 'sets itself'],
  [
    'a container in place of the own one',
    added((one) => one.addSidecar({ name: 'web', image: 'r.example.com/x:1' })),
    'is the name of a container that the library makes',
  ],
  [
    'a key of a Secret that goes up',
    added((_, chart) => new ExistingSecret(chart, 'S', { name: 's', keys: ['../k'] })),
    '../k',
  ],
  [
    'every registry',
    added((_, chart) => new ImagePolicy(chart, 'I', { registries: ['*'] })),
    'is not a registry',
  ],
  [
    'a command in a name',
    added((_, chart) => new ValkeyBackend(chart, 'V', { name: 'v; FLUSHALL', storage: '1Gi' })),
    'DNS label',
  ],
  [
    'a header in the path of metrics',
    added((one, chart) => new HealthMonitoring(chart, 'H', { app: one, metrics: { path: '/x\r\nHost: y' } })),
    'is not the path of a URL',
  ],
];

describe('synth refuses', () => {
  test.each(REFUSED)('%s', (_, define, message) => {
    expect(errorOf(define)).toContain(message);
  });

  test('a pooler with a line of its configuration in its name', () => {
    const define: Define = (chart) =>
      void django(chart, {
        database: new PgBouncer(chart, 'Pooler', {
          name: 'p\nauth_type = trust',
          server: postgres(chart),
        } as any),
      });
    expect(errorOf(define)).toContain('name "p\\nauth_type = trust" is not a DNS label');
  });

  describe('of a fleet', () => {
    const output = outputDirectory();
    test.each([
      ['an application that leaves its folder', { name: '../../etc/x', namespace: 'a' }, '../../etc/x'],
      ['a namespace that leaves its folder', { name: 'x', namespace: '../..' }, '../..'],
    ])('%s', async (_, application, message) => {
      const fleet = () =>
        new Fleet({
          distributions: [Distribution.openshift()],
          applications: [{ ...application, define: (chart) => void django(chart) }],
        }).synthesize();
      await expect((async () => fleet())()).rejects.toThrow(message);
      expect(output()).toBeDefined();
    });
  });
});

/** Overrides are for what the library does not know, so they are not refused; the policy in `cdk8s.yaml` finds these. */
const pod = (spec: object) => added((one) => one.deployment.override({ spec: { template: { spec } } }));
const container = (fields: object) => pod({ containers: [{ name: 'web', ...fields }] });
const FOUND: [string, Define, string][] = [
  ["the node's files", pod({ volumes: [{ name: 'node', hostPath: { path: '/' } }] }), 'host-path'],
  ["the node's network", pod({ hostNetwork: true }), 'host-namespaces'],
  ["the node's processes", pod({ hostPID: true }), 'host-namespaces'],
  ['a privileged container', container({ securityContext: { privileged: true } }), 'privileged'],
  [
    'more rights than the parent',
    container({ securityContext: { allowPrivilegeEscalation: true } }),
    'privilege-escalation',
  ],
  [
    'programs that can be changed',
    container({ securityContext: { readOnlyRootFilesystem: false } }),
    'writable-root-filesystem',
  ],
  ['root by an override', container({ securityContext: { runAsUser: 0 } }), 'run-as-root'],
  ['a capability', container({ securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }), 'capabilities'],
  ['all system calls', container({ securityContext: { seccompProfile: { type: 'Unconfined' } } }), 'seccomp'],
  ['an image that changes', container({ image: 'r.example.com/polls:latest' }), 'image-tag'],
  ['memory without a limit', container({ resources: { limits: { memory: null } } }), 'resources'],
];

describe('the policy finds', () => {
  const brokenIn = (define: Define): string[] => {
    const objects = synth((chart) => {
      define(chart);
      // Pods without a NetworkPolicy would be found in each case.
      chart.node.children
        .filter((child) => child instanceof DjangoApp)
        .forEach((one) => new LeastPrivilegeAccess(chart, 'Policy', { app: one }));
    }).map((manifest) => ({ manifest, file: 'polls.k8s.yaml' }));
    return RULES.filter(({ breaches }) => breaches({ objects, pods: podsOf(objects) }).length).map(
      ({ name }) => name,
    );
  };

  test('nothing in what the library makes', () => {
    expect(brokenIn(added(() => undefined))).toEqual([]);
  });

  test.each(FOUND)('%s', (_, define, rule) => {
    expect(brokenIn(define)).toEqual([rule]);
  });
});

describe('is harmless:', () => {
  test('a value that names another variable, or is a command of a shell or a template', () => {
    const environment = {
      A: '$(DATABASE_PASSWORD)',
      B: '`id`; $(id)',
      C: '{{ .Values.x }}',
      D: 'yes',
      E: '"\n---\nkind: Secret\n',
    };
    const manifests = synth(app({ environment }));
    // As data of a ConfigMap it is taken as it is: Kubernetes expands `$(…)` in `env` alone.
    expect(configOf(manifests)).toMatchObject(environment);
    const kinds = manifests.map(({ kind }) => kind);
    const read = parseAllDocuments(snapshotOf(manifests)).map((document) => document.toJSON().kind);
    expect(read.sort()).toEqual(kinds.sort());
  });

  test('arguments of a command, which no shell sees', () => {
    const manifests = synth((chart) =>
      django(chart).addCommand({ name: 'seed', command: ['loaddata', '; rm -rf /'] }),
    );
    const [job] = findAll(manifests, 'Job').filter(({ metadata }) => metadata.name.includes('seed'));
    const { command = [], args = [] } = job.spec.template.spec.containers[0];
    const words = [...command, ...args];
    expect(words).toContain('; rm -rf /');
    expect(words.join(' ')).not.toMatch(/\bsh -c\b/);
  });

  test('a Secret of the replicas, which workers do not see', () => {
    const manifests = synth((chart) => {
      const one = django(chart, { celery: { broker: { url: 'redis://queue:6379/0' } } });
      one.addCeleryWorker({ name: 'default' });
      one.addSecretEnvironment('STRIPE_KEY', { secretName: 'stripe', key: 'key' }, { pods: [PodKind.WEB] });
      one.addVolume({
        name: 'stripe',
        source: VolumeSource.fromSecret({ name: 'stripe' }),
        mountPath: '/etc/stripe',
        pods: [PodKind.WEB],
      });
    });
    expect(JSON.stringify(webContainer(manifests))).toContain('"stripe"');
    const workers = findAll(manifests, 'Deployment').filter(({ metadata }) => metadata.name !== 'polls');
    expect(workers).toHaveLength(1);
    expect(JSON.stringify(workers)).not.toContain('stripe');
  });

  test('a variable of a Secret that an override gives as text: the API server takes no more than one of both', () => {
    const env = [{ name: 'DATABASE_PASSWORD', value: 'x' }];
    const manifests = synth((chart) => {
      const one = django(chart, { database: postgres(chart) });
      one.deployment.override({ spec: { template: { spec: { containers: [{ name: 'web', env }] } } } });
    });
    const found = webContainer(manifests).env.filter(({ name }: any) => name === 'DATABASE_PASSWORD');
    expect(found).toEqual(env);
  });

  test('the same name in another namespace: each Role is for the Secret of its own', () => {
    for (const namespace of ['sales', 'marketing']) {
      const manifests = synth((chart) => void django(chart, { database: postgres(chart) }), undefined, {
        namespace,
      });
      const roles = findAll(manifests, 'Role').filter(({ rules }) =>
        rules.some(({ resources }: any) => resources.includes('secrets')),
      );
      expect(roles.length).toBeGreaterThan(0);
      for (const { metadata, rules } of roles) {
        expect(metadata.namespace).toBe(namespace);
        rules.forEach(({ resourceNames }: any) => expect(resourceNames).toHaveLength(1));
      }
      findAll(manifests, 'Secret').forEach((secret) => {
        expect([secret.data, secret.stringData]).toEqual([undefined, undefined]);
      });
    }
  });
});
