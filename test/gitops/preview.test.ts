import * as fc from 'fast-check';
import { ApiObject, App, Chart } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  IDistribution,
  LeastPrivilegeAccess,
  PostgresBackendProps,
  Problems,
  PublicRoute,
  synthesize,
} from 'cdk8s-django';
import { CloudNativePostgresBackups, PreviewCopies } from 'cdk8s-django/backup';
import {
  ArgoCdPreviews,
  GithubPullRequests,
  GitlabMergeRequests,
  Preview,
  PreviewProps,
} from 'cdk8s-django/delivery';
import { ArgoCdAnnotations, FluxAnnotations } from 'cdk8s-django/gitops';
import { UpstreamDistributionProps } from 'cdk8s-django/distributions';
import {
  AckPostgres,
  AzureServiceOperatorPostgres,
  CloudNativePostgres,
  ConfigConnectorPostgres,
  ManagedPostgres,
} from 'cdk8s-django/postgres';
import { NamespaceLimits } from 'cdk8s-django/security';
import { manifestsFor } from 'cdk8s-django/testing';
import { SAMPLES } from '../support/distributions';
import { ACK_SERVER, AZURE_SERVER, CONNECTOR_SERVER } from '../support/managed-servers';
import { django, find, postgres } from '../support/synth';

const preview = (props: Partial<PreviewProps> = {}) =>
  new Preview({ name: 'polls', branch: 'fix/login', parentHost: 'preview.example.com', ...props });

const upstream = () => Distribution.upstream({ clusterIssuer: 'letsencrypt', firstPriorityClassName: '' });

const KEY = { secretName: 'copies', key: 'key' };
const COPIES = new PreviewCopies({
  namespace: 'polls',
  bucket: {
    destination: 's3://copies',
    endpoint: 'https://s3.example.com',
    keys: { accessKeyId: KEY, secretAccessKey: KEY },
  },
});

/** The chart of production, in a namespace and at a host that it is told. */
function define(app: App, { namespace, host }: { namespace: string; host: string }, access = true): void {
  const chart = new Chart(app, 'polls', { namespace });
  const polls = django(chart, {
    database: postgres(chart, { storage: '200Gi' }),
    scaling: { minReplicas: 2, maxReplicas: 3 },
    resources: { cpuRequest: '1', memoryRequest: '1Gi', memoryLimit: '1Gi' },
  });
  new PublicRoute(chart, 'Route', { app: polls, hosts: [host] });
  if (access) new LeastPrivilegeAccess(chart, 'Access', { app: polls });
}

const made = (one: Preview, distribution: IDistribution = upstream(), access = true) =>
  manifestsFor(distribution, (app: App) => {
    define(app, one, access);
    app.with(one);
  });

describe('the names of a preview', () => {
  test('say the branch', () => {
    expect(preview({ branch: 'login' })).toMatchObject({
      namespace: 'polls-preview-login',
      host: 'login.preview.example.com',
    });
    expect(preview().namespace).toMatch(/^polls-preview-fix-login-[a-z0-9]{5}$/);
  });

  test('are valid for each branch, and others for each other branch', () => {
    const branch = fc.stringMatching(/^[!-~]{1,80}$/);
    const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, branch, branch, (application, one, other) => {
        const [first, second] = [one, other].map((each) => preview({ name: application, branch: each }));
        expect(first.namespace).toMatch(/^[a-z]([-a-z0-9]{0,53}[a-z0-9])?$/);
        expect(first.host.split('.')[0]).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
        if (one !== other) expect(first.namespace).not.toBe(second.namespace);
      }),
    );
  });
});

describe.each(SAMPLES)('a preview on $name', ({ make }) => {
  const distribution = (): IDistribution =>
    Object.assign(Object.create(make()), { firstPriorityClassName: '' });
  const manifests = made(preview({ until: '2027-02-14' }), distribution());
  const of = (kind: string) => manifests.filter((one) => one.kind === kind);

  it('has nothing outside namespaces that have its label, but what is shared', () => {
    const own = of('Namespace').map(({ metadata }) => metadata.name);
    expect(own).toContain(preview().namespace);
    for (const { metadata } of of('Namespace')) {
      expect(metadata.labels['preview.cdk8s-django/namespace']).toBe(preview().namespace);
    }
    const outside = manifests.filter(({ metadata }) => !own.includes(metadata.namespace ?? metadata.name));
    expect(outside.filter(({ kind }) => !/^(Ingress|Storage)Class/.test(kind))).toEqual([]);
  });

  it('has one replica of each process, small requests and small volumes', () => {
    const [{ spec: deployment }] = of('Deployment');
    expect(deployment.replicas).toBe(1);
    for (const { resources } of deployment.template.spec.containers)
      expect(resources.requests.cpu).toBe('100m');
    expect(deployment.template.spec.containers[0].resources.requests.memory).toBe('1Gi');
    const [{ spec: autoscaler }] = of('HorizontalPodAutoscaler');
    expect([autoscaler.minReplicas, autoscaler.maxReplicas]).toEqual([1, 1]);
    for (const { spec } of of('StatefulSet')) {
      expect(spec.volumeClaimTemplates[0].spec.resources.requests.storage).toBe('10Gi');
    }
  });

  it('has a namespace that says what it is', () => {
    const { metadata } = of('Namespace').find((one) => one.metadata.name === preview().namespace);
    expect(metadata.labels).toMatchObject({ 'preview.cdk8s-django/application': 'polls' });
    expect(metadata.annotations).toMatchObject({
      'preview.cdk8s-django/branch': 'fix/login',
      'preview.cdk8s-django/until': '2027-02-14',
    });
  });

  it('deletes its namespaces on the day of its end, its own last, and may do nothing else', () => {
    const end = (kind: string) => of(kind).filter(({ metadata }) => metadata.name === 'preview-end');
    const [{ spec }] = end('CronJob');
    expect(spec).toMatchObject({ schedule: '0 0 14 2 *', timeZone: 'Etc/UTC' });
    const [, , , ...names] = spec.jobTemplate.spec.template.spec.containers[0].command;
    expect([...names].sort()).toEqual(
      of('Namespace')
        .map(({ metadata }) => metadata.name)
        .sort(),
    );
    expect(names.at(-1)).toBe(preview().namespace);
    expect(
      end('Role')
        .map(({ metadata, rules }) => [metadata.namespace, rules])
        .sort(),
    ).toEqual(
      [...names]
        .sort()
        .map((name) => [
          name,
          [{ apiGroups: [''], resources: ['namespaces'], resourceNames: [name], verbs: ['delete'] }],
        ]),
    );
  });
});

describe('a preview', () => {
  /** A preview of a chart with a database alone, and its manifest of a kind and name. */
  function withDatabase(
    props: Partial<PostgresBackendProps>,
    platform: Partial<UpstreamDistributionProps> = {},
    replicas = 3,
  ): (kind: string, name: string) => any {
    const distribution = Distribution.upstream({ firstPriorityClassName: '', ...platform });
    const manifests = manifestsFor(distribution, (app: App) => {
      const chart = new Chart(app, 'polls', { namespace: preview().namespace });
      const database = postgres(chart, { storage: '200Gi', ...props });
      app.with(preview());
      django(chart, { database, replicas });
    });
    return (kind, name) => find(manifests, kind, name);
  }
  const argumentsOf = (manifest: any): string[] => manifest.spec.template.spec.containers[0].args;

  it('keeps as much of the log for a replica as its small volume has room for', () => {
    const of = withDatabase({ readReplicas: {} });
    const server = argumentsOf(of('StatefulSet', 'polls-db'));
    expect(server).toContain('--wal_keep_size=1024MB');
    expect(server.filter((one) => one.startsWith('--wal_keep_size='))).toHaveLength(1);
  });

  it.each<[string, Partial<PostgresBackendProps>, Partial<UpstreamDistributionProps>]>([
    ['a copy', { restoreFrom: 'polls-db-copy-latest', readReplicas: {} }, { backup: COPIES }],
    ['a snapshot', { restoreFrom: 'polls-db-20261124-023000', readReplicas: {} }, {}],
  ])('has room for %s that it begins with', (_, props, platform) => {
    const server = withDatabase(props, platform)('StatefulSet', 'polls-db');
    expect(server.spec.volumeClaimTemplates[0].spec.resources.requests.storage).toBe('200Gi');
    expect(argumentsOf(server)).toContain('--wal_keep_size=20480MB');
    expect(server.spec.template.spec.containers[0].resources.requests.cpu).toBe('100m');
  });

  it('counts the connections of what comes after it', () => {
    const later = argumentsOf(
      withDatabase({ resources: { memoryLimit: '2Gi' } }, {}, 20)('StatefulSet', 'polls-db'),
    );
    const most = later.find((one) => one.startsWith('--max_connections='))!.split('=')[1];
    expect(Number(most)).toBeGreaterThan(250);
  });

  it('has a server of CloudNativePG that waits for no other', () => {
    const { metadata, spec } = withDatabase({}, { postgres: new CloudNativePostgres() })(
      'Cluster',
      'polls-db',
    );
    expect(spec.instances).toBe(1);
    expect(Object.keys(spec.postgresql)).toEqual(['parameters']);
    // It goes with the preview: nothing else is asked for.
    expect(metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-options': 'Prune=true',
      'kustomize.toolkit.fluxcd.io/prune': 'enabled',
    });
  });

  it.each([
    ['a small one', {}, '10Gi'],
    ['room for what it is restored from', { restores: { 'polls-db': { from: 'polls' } } }, '200Gi'],
  ])('has a server of CloudNativePG with %s', (_, props, size) => {
    const keys = {
      accessKeyId: { secretName: 'keys', key: 'id' },
      secretAccessKey: { secretName: 'keys', key: 'secret' },
    };
    const objectStore = { destination: 's3://acme/polls', endpoint: 'https://minio.example.com', keys };
    const distribution = Distribution.upstream({
      firstPriorityClassName: '',
      postgres: new CloudNativePostgres(props),
      backup: new CloudNativePostgresBackups({ objectStore }),
    });
    const manifests = manifestsFor(distribution, (app: App) => {
      const chart = new Chart(app, 'polls', { namespace: preview().namespace });
      const database = postgres(chart, { storage: '200Gi' });
      new DatabaseBackup(chart, 'Backup', { database, schedule: '0 3 * * *' });
      app.with(preview());
    });
    expect(find(manifests, 'Cluster', 'polls-db').spec.storage.size).toBe(size);
  });

  it('bounds the pods that remove it, for a quota', () => {
    const one = preview({ until: '2027-02-14' });
    const manifests = manifestsFor(upstream(), (app: App) => {
      define(app, one);
      new NamespaceLimits(app.node.findChild('polls') as Chart, 'Limits');
      app.with(one);
    });
    expect(find(manifests, 'CronJob', 'preview-end').spec.concurrencyPolicy).toBe('Forbid');
    expect(find(manifests, 'ResourceQuota', `${one.namespace}-limits`).spec.hard.pods).toBeDefined();
  });

  it('makes the namespace that the chart does not', () => {
    const namespaces = made(preview(), upstream(), false).filter(({ kind }) => kind === 'Namespace');
    expect(namespaces.map(({ metadata }) => metadata.name)).toEqual([preview().namespace]);
  });

  it('has no end without a day', () => {
    expect(JSON.stringify(made(preview()))).not.toMatch(/preview-end|preview.cdk8s-django\/until/);
  });

  it('lets engines delete what they keep in production', () => {
    const manifests = manifestsFor(upstream(), (app: App) => {
      define(app, preview());
      for (const mixin of [preview(), new ArgoCdAnnotations(), new FluxAnnotations()]) app.with(mixin);
    });
    expect(JSON.stringify(manifests)).not.toMatch(/Delete=false|prune":"disabled/);
  });

  it('refuses what would stay when its namespace is removed', () => {
    const staying = () =>
      synthesize([Distribution.upstream({ clusterIssuer: 'letsencrypt' })], (app) => {
        define(app, { namespace: 'polls', host: 'polls.example.com' });
        app.with(preview());
      });
    expect(staying).toThrow(
      /Deployment "polls" is not in the namespace polls-preview-fix-login-\w+ of the preview/,
    );
    expect(staying).toThrow(/PriorityClass .*firstPriorityClassName: ""/);
  });

  it('refuses a resource of the cluster to which cdk8s gives the namespace', () => {
    const staying = () =>
      manifestsFor(upstream(), (app: App) => {
        define(app, preview());
        const apiVersion = 'rbac.authorization.k8s.io/v1';
        new ApiObject(app.charts[0], 'R', { apiVersion, kind: 'ClusterRole', metadata: { name: 'reader' } });
        app.with(preview());
      });
    expect(staying).toThrow(/ClusterRole "reader" is not in the namespace polls-preview-fix-login-\w+/);
  });

  test.each([
    [{ name: 'Polls' }, 'Preview: name "Polls" is not a DNS label of at most 40 characters'],
    [{ branch: '' }, 'Preview: branch "" is empty or has spaces'],
    [{ parentHost: 'localhost' }, 'Preview: parentHost "localhost" is not a host with a dot'],
    [{ until: '2027-02-30' }, 'Preview: until "2027-02-30" is not a day'],
    [{ until: 'tomorrow' }, 'Preview: until "tomorrow" is not a day'],
    [{ until: '2027-13-01' }, 'Preview: until "2027-13-01" is not a day'],
  ])('refuses %j', (props, message) => {
    expect(() => preview(props)).toThrow(message);
  });
});

describe('a preview with a server of a cloud', () => {
  const CLOUDS: Record<string, IDistribution> = {
    EKS: Distribution.eks({ managedPostgres: new AckPostgres({ servers: { polls: ACK_SERVER } }) }),
    GKE: Distribution.gke({
      managedPostgres: new ConfigConnectorPostgres({ servers: { polls: CONNECTOR_SERVER } }),
    }),
    AKS: Distribution.aks({
      managedPostgres: new AzureServiceOperatorPostgres({ servers: { polls: AZURE_SERVER } }),
    }),
  };
  const REFUSED = {
    path: 'polls/databases/Server',
    message:
      'ManagedPostgres "polls" is in a preview, where its claim could change the server of that name that production ' +
      'uses. Leave it out of previews: make it in a chart of its own, which they do not have.',
  };

  it.each(Object.keys(CLOUDS))('is refused on %s, once, before or after the mixin', (cloud) => {
    const one = preview();
    const app = new App();
    Distribution.bind(app, CLOUDS[cloud]);
    const { namespace } = one;
    const chart = new Chart(app, 'polls', { namespace });
    const databases = new Chart(chart, 'databases', { namespace });
    const claim = (id: string) =>
      new ManagedPostgres(databases, id, { name: 'polls', version: 17, storage: '128Gi' });
    claim('Server');
    app.with(one);
    const refused = () => Problems.of(app).map(({ path, message }) => ({ path, message }));
    expect(refused()).toEqual([REFUSED]);
    databases.node.tryRemoveChild('Server');
    expect(refused()).toEqual([]);
    claim('Server');
    expect(refused()).toEqual([REFUSED]);
  });
});

describe('the previews of Argo CD', () => {
  const manifests = (
    pullRequests = new GithubPullRequests({ owner: 'example', repository: 'polls' }) as any,
  ) => {
    const chart = new Chart(new App(), 'previews');
    const repository = 'https://github.com/example/polls.git';
    new ArgoCdPreviews(chart, 'Previews', { name: 'polls', pullRequests, repository, path: 'dist/upstream' });
    return Object.fromEntries(chart.toJson().map((one: any) => [one.kind, one.spec]));
  };

  it('are one for each open request, from its own commit', () => {
    const { ApplicationSet } = manifests();
    expect(ApplicationSet.generators[0].pullRequest).toMatchObject({
      github: { owner: 'example', repo: 'polls' },
    });
    expect(ApplicationSet.template).toMatchObject({
      metadata: { name: 'polls-preview-{{.number}}' },
      spec: { project: 'polls-previews', source: { targetRevision: '{{.head_sha}}', path: 'dist/upstream' } },
    });
  });

  it('may be in their own namespaces alone', () => {
    const { AppProject, ApplicationSet } = manifests();
    expect(AppProject.destinations).toEqual([{ name: 'in-cluster', namespace: 'polls-preview-*' }]);
    // Argo CD refuses an Application whose own destination its project does not allow.
    expect(ApplicationSet.template.spec.destination).toEqual({
      ...{ name: 'in-cluster', namespace: 'polls-preview-{{.number}}' },
    });
    expect(AppProject.clusterResourceWhitelist).toContainEqual({
      ...{ group: '', kind: 'Namespace', name: 'polls-preview-*' },
    });
  });

  it('come of merge requests of GitLab that are open', () => {
    const requests = new GitlabMergeRequests({ project: 'example/polls', tokenSecretName: 'gitlab' });
    expect(manifests(requests).ApplicationSet.generators[0].pullRequest.gitlab).toEqual({
      project: 'example/polls',
      pullRequestState: 'opened',
      tokenRef: { secretName: 'gitlab', key: 'token' },
    });
  });

  it('come of pull requests of a GitHub of one own', () => {
    const requests = new GithubPullRequests({
      ...{ owner: 'example', repository: 'polls', url: 'https://github.example.com' },
      ...{ labels: ['preview', 'good first issue'], tokenSecretName: 'github' },
    });
    expect(manifests(requests).ApplicationSet.generators[0].pullRequest.github).toEqual({
      ...{ owner: 'example', repo: 'polls', api: 'https://github.example.com' },
      ...{ labels: ['preview', 'good first issue'], tokenRef: { secretName: 'github', key: 'token' } },
    });
  });

  it.each([
    [{ owner: '' }, 'GithubPullRequests: owner "" is empty or has spaces. Give it as one word.'],
    [{ repository: 'my polls' }, 'GithubPullRequests: repository "my polls" is empty or has spaces.'],
    [
      { url: 'github.example.com' },
      'GithubPullRequests: url "github.example.com" is not a URL of HTTP without login and query. ' +
        'Give it with its scheme, such as "https://git.example.com".',
    ],
    [
      { labels: ['preview', ''] },
      'GithubPullRequests: labels[1] "" is empty, or begins or ends with a space.',
    ],
    [
      { tokenSecretName: 'My_Token' },
      'GithubPullRequests: tokenSecretName "My_Token" is not a name that a Secret',
    ],
  ])('refuse requests of GitHub with %j', (props, message) => {
    expect(() => new GithubPullRequests({ owner: 'example', repository: 'polls', ...props })).toThrow(
      message,
    );
  });

  it.each([
    [{ project: '' }, 'GitlabMergeRequests: project "" is empty or has spaces.'],
    [{ url: 'https://user:secret@gitlab.example.com' }, 'is not a URL of HTTP without login and query.'],
    [{ url: 'https://gitlab.example.com?private_token=x' }, 'is not a URL of HTTP without login and query.'],
    [{ labels: [' preview'] }, 'GitlabMergeRequests: labels[0] " preview" is empty, or begins or ends'],
    [
      { tokenSecretName: '' },
      'GitlabMergeRequests: tokenSecretName "" is not a name that a Secret can have.',
    ],
  ])('refuse merge requests of GitLab with %j', (props, message) => {
    expect(() => new GitlabMergeRequests({ project: 'example/polls', ...props })).toThrow(message);
  });
});
