import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import { Distribution, LeastPrivilegeAccess, PostgresBackend, PublicRoute } from 'cdk8s-django';
import {
  ArgoCdDelivery,
  ArgoCdDeliveryProps,
  ArgoCdForm,
  FluxDelivery,
  FluxDeliveryProps,
} from 'cdk8s-django/delivery';
import { Fleet, FleetProps, IFleetDelivery } from 'cdk8s-django/fleet';
import { parseAllDocuments } from 'yaml';
import { SAMPLES, sample } from '../support/distributions';
import { application, configMap, contents, django, failureOf, small } from './support';
import { outputDirectory } from '../support/output-directory';

const folder = outputDirectory();
beforeEach(() => void jest.spyOn(process.stderr, 'write').mockImplementation(() => true));
afterEach(() => void jest.restoreAllMocks());

const REPOSITORY = 'https://git.example.com/platform/shops.git';
const argoCd = (props: Partial<ArgoCdDeliveryProps> = {}) =>
  new ArgoCdDelivery({ repository: REPOSITORY, ...props });
const flux = (props: Partial<FluxDeliveryProps> = {}) => new FluxDelivery({ url: REPOSITORY, ...props });

/** An application with all that a release goes through. */
const shop = (name: string, namespace: string) =>
  application(name, namespace, (chart) => {
    const database = new PostgresBackend(chart, 'Database', { name: `${name}-db`, storage: '1Gi' });
    const app = django(chart, name, undefined, { database });
    new PublicRoute(chart, 'Route', { app, hosts: [`${name}.example.com`] });
    new LeastPrivilegeAccess(chart, 'Access', { app });
  });

const run = (delivery: IFleetDelivery, props: Partial<FleetProps> = {}) =>
  new Fleet({
    distributions: [sample('upstream')],
    applications: [shop('shop', 'sales'), small('desk', 'support')],
    delivery,
    ...props,
  }).synthesize();

function manifestsOf(...path: string[]): any[] {
  const text = readFileSync(join(folder(), ...path), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS());
}

const named = (manifests: any[], kind: string) =>
  Object.fromEntries(
    manifests.filter((one) => one.kind === kind).map((one) => [one.metadata.name, one.spec]),
  );

describe('a fleet that Argo CD delivers', () => {
  it('takes kinds without a namespace for such also where somebody else made the resource', async () => {
    const kinds = ['Namespace', 'StorageClass', 'ClusterIssuer'];
    const own = application('own', 'sales', (chart) => {
      for (const kind of kinds)
        new ApiObject(chart, kind, { apiVersion: 'v1', kind, metadata: { name: 'own' } });
    });
    await run(argoCd(), { applications: [own] });
    const project = named(manifestsOf('upstream-argo-cd.k8s.yaml'), 'AppProject')['upstream.sales'];
    const allowed = project.clusterResourceWhitelist.filter(({ name }: any) => name === 'own');
    expect(allowed.map(({ kind }: any) => kind).sort()).toEqual([...kinds].sort());
    expect(project.namespaceResourceWhitelist).toEqual([]);
  });

  it('has an ApplicationSet with the list of its namespaces', async () => {
    await run(argoCd({ clusters: { upstream: 'west' } }));
    const { upstream } = named(manifestsOf('upstream-argo-cd.k8s.yaml'), 'ApplicationSet');
    expect(upstream.generators).toEqual([
      {
        list: {
          elements: [
            { name: 'upstream.sales', namespace: 'sales', path: 'dist/upstream/sales' },
            { name: 'upstream.support', namespace: 'support', path: 'dist/upstream/support' },
          ],
        },
      },
    ]);
    expect(upstream.template.spec).toMatchObject({
      project: '{{.name}}',
      source: { repoURL: REPOSITORY, path: '{{.path}}', targetRevision: 'HEAD' },
      destination: { name: 'west', namespace: '{{.namespace}}' },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    });
  });

  it('has an ApplicationSet that finds its folders', async () => {
    await run(argoCd({ form: ArgoCdForm.GIT_DIRECTORIES, path: './manifests/', revision: 'main' }));
    const { upstream } = named(manifestsOf('upstream-argo-cd.k8s.yaml'), 'ApplicationSet');
    const directories = [{ path: 'manifests/upstream/*' }];
    expect(upstream.generators).toEqual([{ git: { repoURL: REPOSITORY, revision: 'main', directories } }]);
    expect(upstream.template.metadata.name).toBe('upstream.{{.path.basename}}');
    expect(upstream.template.spec.project).toBe('upstream.{{.path.basename}}');
  });

  it('has an Application for each namespace, with its folder', async () => {
    await run(argoCd({ form: ArgoCdForm.APPLICATIONS }));
    const applications = named(manifestsOf('upstream-argo-cd.k8s.yaml'), 'Application');
    expect(Object.keys(applications)).toEqual(['upstream.sales', 'upstream.support']);
    expect(applications['upstream.sales']).toMatchObject({
      project: 'upstream.sales',
      source: { path: 'dist/upstream/sales' },
      destination: { name: 'in-cluster', namespace: 'sales' },
    });
  });

  it.each(SAMPLES)(
    'lets a project apply on $name what its manifests have, and no more',
    async ({ name, make }) => {
      await run(argoCd(), { distributions: [make()] });
      const projects = named(manifestsOf(`${name}-argo-cd.k8s.yaml`), 'AppProject');
      for (const namespace of ['sales', 'support']) {
        const files = Object.keys(contents(join(folder(), name, namespace))).filter((file) =>
          /yaml$/.test(file),
        );
        const manifests = files.flatMap((file) => manifestsOf(name, namespace, file));
        const inside = manifests.filter(({ metadata }) => metadata.namespace);
        const outside = manifests.filter(({ metadata }) => !metadata.namespace);
        const group = ({ apiVersion }: any) => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '');
        const unique = (values: any[]) => [...new Set(values.map((value) => JSON.stringify(value)))].sort();
        const project = projects[`${name}.${namespace}`];
        expect(project.sourceRepos).toEqual([REPOSITORY]);
        expect(unique(project.destinations.map((one: any) => one.namespace))).toEqual(
          unique([namespace, ...inside.map(({ metadata }) => metadata.namespace)]),
        );
        expect(unique(project.namespaceResourceWhitelist)).toEqual(
          unique(inside.map((one) => ({ group: group(one), kind: one.kind }))),
        );
        expect(unique(project.clusterResourceWhitelist)).toEqual(
          unique([
            { group: '', kind: 'Namespace', name: namespace },
            ...outside.map((one) => ({ group: group(one), kind: one.kind, name: one.metadata.name })),
          ]),
        );
      }
    },
  );

  it('names a kind of the cluster to which cdk8s gave a namespace as one of the cluster', async () => {
    const one = application('desk', 'support', (chart) => {
      configMap(chart, 'other', 'text', 'reports');
      const metadata = { name: 'reader' };
      new ApiObject(chart, 'R', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata,
      });
    });
    await run(argoCd(), { applications: [one] });
    const project = named(manifestsOf('upstream-argo-cd.k8s.yaml'), 'AppProject')['upstream.support'];
    expect(project.destinations.map((each: any) => each.namespace)).toEqual(['reports', 'support']);
    expect(project.clusterResourceWhitelist).toEqual([
      { group: '', kind: 'Namespace', name: 'support' },
      { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
    ]);
  });

  it('allows the one Namespace that CreateNamespace has Argo CD make where the manifests do not have it', async () => {
    const one = application('desk', 'support', (chart) => configMap(chart, 'own', 'text', 'support'));
    await run(argoCd(), { applications: [one] });
    const manifests = manifestsOf('upstream-argo-cd.k8s.yaml');
    expect(named(manifests, 'ApplicationSet').upstream.template.spec.syncPolicy.syncOptions).toEqual([
      'CreateNamespace=true',
    ]);
    expect(named(manifests, 'AppProject')['upstream.support'].clusterResourceWhitelist).toEqual([
      { group: '', kind: 'Namespace', name: 'support' },
    ]);
  });

  it('has the waves of a release', async () => {
    await run(argoCd());
    const waves = manifestsOf('upstream', 'sales', 'shop.k8s.yaml').map(({ kind, metadata }) => [
      kind,
      metadata.annotations?.['argocd.argoproj.io/sync-wave'],
    ]);
    expect(waves).toContainEqual(['Namespace', '0']);
    expect(waves).toContainEqual(['StatefulSet', '2']);
    expect(waves).toContainEqual(['Deployment', '4']);
    expect(waves.filter(([, wave]) => wave === undefined)).toEqual([]);
  });
});

describe('a fleet that Flux delivers', () => {
  it('has a Kustomization for each namespace, which waits and prunes', async () => {
    await run(flux({ dependsOn: ['operators'], secretName: 'git' }));
    const manifests = manifestsOf('upstream-flux.k8s.yaml');
    expect(named(manifests, 'GitRepository').upstream).toEqual({
      url: REPOSITORY,
      interval: '1m',
      ref: { branch: 'main' },
      secretRef: { name: 'git' },
    });
    const kustomizations = named(manifests, 'Kustomization');
    expect(Object.keys(kustomizations)).toEqual(['upstream.sales', 'upstream.support']);
    expect(kustomizations['upstream.support']).toEqual({
      sourceRef: { kind: 'GitRepository', name: 'upstream' },
      path: './dist/upstream/support',
      dependsOn: [{ name: 'operators' }],
      ...{ interval: '10m', retryInterval: '2m', timeout: '15m', prune: true, wait: true },
    });
  });

  it('comes from an artifact of a registry', async () => {
    await run(flux({ url: 'oci://registry.example.com/shops', reference: '1.4.2' }));
    const manifests = manifestsOf('upstream-flux.k8s.yaml');
    expect(named(manifests, 'OCIRepository').upstream).toEqual({
      url: 'oci://registry.example.com/shops',
      interval: '1m',
      ref: { tag: '1.4.2' },
    });
    const { sourceRef, path } = named(manifests, 'Kustomization')['upstream.sales'];
    expect([sourceRef.kind, path]).toEqual(['OCIRepository', './upstream/sales']);
  });

  it('tells Flux when the routes that it has are healthy', async () => {
    await run(flux());
    const { healthCheckExprs } = named(manifestsOf('upstream-flux.k8s.yaml'), 'Kustomization')[
      'upstream.sales'
    ];
    const kinds = manifestsOf('upstream', 'sales', 'shop.k8s.yaml').map(
      ({ apiVersion, kind }) => `${apiVersion} ${kind}`,
    );
    expect(healthCheckExprs.length).toBeGreaterThan(0);
    for (const { apiVersion, kind } of healthCheckExprs) expect(kinds).toContain(`${apiVersion} ${kind}`);
  });

  it('has names within the length of a label', async () => {
    const namespace = 'a'.repeat(63);
    await run(flux(), { applications: [small('desk', namespace), small('desk', `${namespace.slice(1)}b`)] });
    const names = Object.keys(named(manifestsOf('upstream-flux.k8s.yaml'), 'Kustomization'));
    expect(names.map((name) => name.length)).toEqual([63, 63]);
    expect(new Set(names).size).toBe(2);
  });
});

describe('an application at fault', () => {
  it.each([
    ['Argo CD', argoCd],
    ['Flux', flux],
  ])('is told by its fault, and not by what %s makes of it', async (_engine, delivery) => {
    const applications = [
      application(
        'shop',
        'sales',
        (chart) => void new PostgresBackend(chart, 'Database', { name: 'db', storage: '1Gi' }),
      ),
    ];
    const distributions = [sample('upstream')];
    expect(await failureOf({ distributions, applications, delivery: delivery() })).toMatch(
      /^synthesize: errors for "upstream":\n {2}\[sales\/shop\/Database\] pythonImage \(not given\) is needed[^\n]*$/,
    );
  });
});

describe('the files of a delivery', () => {
  const distributions = [Distribution.gke(), Distribution.upstream()];

  it('are of those distributions that have applications, and go with them', async () => {
    await run(argoCd(), { distributions, applications: [small('desk', 'support', 'text', ['gke'])] });
    expect(Object.keys(contents(folder()))).toContain('gke-argo-cd.k8s.yaml');
    expect(Object.keys(contents(folder()))).not.toContain('upstream-argo-cd.k8s.yaml');
    await run(flux(), { distributions, applications: [small('desk', 'support', 'text', ['upstream'])] });
    expect(Object.keys(contents(folder())).filter((file) => !file.includes('/'))).toEqual([
      'fleet-facts.txt',
      'fleet-files.txt',
      'upstream-flux.k8s.yaml',
    ]);
  });

  it('are the same after a run of some namespaces', async () => {
    await run(argoCd());
    const before = contents(folder());
    await run(argoCd(), { namespaces: ['support'] });
    expect(contents(folder())).toEqual(before);
  });

  it('need a run of all when nothing is known of the others', async () => {
    const applications = [small('desk', 'support'), small('shop', 'sales')];
    await new Fleet({ distributions: [sample('upstream')], applications }).synthesize();
    const failure = await failureOf({
      distributions: [sample('upstream')],
      applications,
      delivery: argoCd(),
      namespaces: ['support'],
    });
    expect(failure).toBe(
      'Fleet: namespaces "sales" is not among them, and no run with a delivery has noted what it has. Make all namespaces once.',
    );
  });

  it.each<[string, () => IFleetDelivery, string]>([
    ['repository', () => argoCd({ repository: '' }), 'ArgoCdDelivery: repository "" is empty or has spaces'],
    ['revision', () => argoCd({ revision: 'a b' }), 'ArgoCdDelivery: revision "a b" is empty or has spaces'],
    [
      'path',
      () => argoCd({ path: '../dist' }),
      'ArgoCdDelivery: path "../dist" is not a folder below the source',
    ],
    ['URL', () => flux({ url: ' ' }), 'FluxDelivery: url " " is empty or has spaces'],
    ['artifact path', () => flux({ path: '/' }), 'FluxDelivery: path "/" is not a folder below the source'],
    ['dependency', () => flux({ dependsOn: [''] }), 'FluxDelivery: dependsOn "" is empty or has spaces'],
  ])('refuse a wrong %s', (_what, make, message) => {
    expect(make).toThrow(message);
  });
});
