import { App, Chart, Duration } from 'cdk8s';
import {
  Architecture,
  DatabaseBackup,
  Distribution,
  DjangoAppProps,
  HealthMonitoring,
  IDistribution,
  ImageBuild,
  LeastPrivilegeAccess,
  Metrics,
  PublicRoute,
  PublicRouteProps,
  Scheduling,
  StoredSecret,
  ValkeyBackend,
} from 'cdk8s-django';
import { IManagedPostgres, ISecrets } from 'cdk8s-django/platform';
import {
  AckPostgres,
  AzureServiceOperatorPostgres,
  ConfigConnectorPostgres,
  EntraPrincipalType,
  ManagedPostgres,
} from 'cdk8s-django/postgres';
import { AwsSecretsManagerCsi, AzureKeyVaultCsi } from 'cdk8s-django/secrets';
import { EbsStorage } from 'cdk8s-django/storage';
import { PlatformValkey } from 'cdk8s-django/valkey';
import { MODES } from '../capabilities/admission/modes';
import { ROUTINGS } from '../capabilities/routing/routings';
import { chartOn, django, find, HOST, NAMESPACE, postgres, synth } from '../support/synth';

/** The columns: title, and the key among the platforms of the tests of admission. */
const COLUMNS: Record<string, string> = {
  GKE: 'GKE Autopilot',
  EKS: 'EKS Auto Mode',
  AKS: 'AKS Automatic',
  OpenShift: 'OpenShift',
  upstream: 'upstream',
};

type Platform = (typeof MODES)[string];
const plain = ({ make }: Platform) => make(undefined, false);
const code = (text: string) => `\`${text}\``;
const list = (texts: string[]) => [...new Set(texts)].join(', ') || 'none';
const kinds = (manifests: any[]) => list(manifests.map(({ kind }) => kind));

/** The manifests of a route, and the Service that it leads to. */
function routeOn(distribution: IDistribution, changes: Partial<PublicRouteProps> = {}): any[] {
  const chart = chartOn(distribution);
  const app = django(chart);
  const route = new PublicRoute(chart, 'Route', { app, hosts: [HOST], ...changes });
  return [...route.resources, app.service].map((resource) => resource.toJson());
}

/** The same with another release of it that gets a tenth of the requests. */
function canaryOn(distribution: IDistribution): any[] {
  const chart = chartOn(distribution);
  const app = django(chart);
  const next = django(chart, { name: 'polls-canary', secretKey: app.secretKey }, 'Canary');
  const route = new PublicRoute(chart, 'Route', { app, hosts: [HOST], canary: { app: next, weight: 10 } });
  return [...route.resources, app.service].map((resource) => resource.toJson());
}

/** All manifests of an application. */
function appOn(
  distribution: IDistribution,
  changes: Partial<DjangoAppProps> = {},
  metrics: Metrics = {},
): any[] {
  const chart = chartOn(distribution);
  const app = django(chart, { migrate: false, ...changes });
  new PublicRoute(chart, 'Route', { app, hosts: [HOST] });
  new HealthMonitoring(chart, 'Health', { app, metrics });
  new LeastPrivilegeAccess(chart, 'Access', { app });
  return chart.toJson();
}

/** A value somewhere in a manifest. */
interface Field {
  readonly kind: string;
  /** Kind, name and path: what it is the same field by. */
  readonly key: string;
  readonly path: string[];
  readonly value: string;
}

/** The values in manifests; those of one list are one, in their order. */
function fieldsOf(manifests: any[]): Field[] {
  const fields = new Map<string, Field>();
  for (const { kind, metadata, ...rest } of manifests) {
    const visit = (value: any, path: string[]): void => {
      if (value !== null && typeof value === 'object') {
        for (const [key, item] of Object.entries(value))
          visit(item, Array.isArray(value) ? path : [...path, key]);
        return;
      }
      const key = [kind, metadata.name, ...path].join(' ');
      fields.set(key, { kind, key, path, value: `${fields.get(key)?.value ?? ''} ${value}`.trim() });
    };
    visit({ metadata: { annotations: metadata.annotations, labels: metadata.labels }, ...rest }, []);
  }
  return [...fields.values()];
}

/** A field as a reader would look for it: its kind, and its annotation or label or the last two parts of its path. */
function shown({ kind, path }: Field): string {
  if (kind === 'NetworkPolicy') return kind;
  const isMark = path.includes('annotations') || path.includes('labels');
  return `${kind} ${code(isMark ? path[path.length - 1] : path.slice(-2).join('.'))}`;
}

const matching = (manifests: any[], pattern: RegExp) =>
  list(
    fieldsOf(manifests)
      .filter(({ key, value }) => pattern.test(`${key}=${value}`))
      .map(shown),
  );

const REFUSED = 'refused at synth';

/** What is emitted, unless that is refused. */
function emitted(cell: () => string): string {
  try {
    return cell();
  } catch (error) {
    if (!/^polls\//.test((error as Error).message)) throw error;
    return REFUSED;
  }
}

/** What an option changes: fields that differ or are new, kinds that come or go; or that it is refused. */
function changed(before: () => any[], after: () => any[]): string {
  return emitted(() => {
    const [old, now] = [before(), after()];
    const had = new Map(fieldsOf(old).map(({ key, value }) => [key, value]));
    const names = new Set(old.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const added = now.filter(({ kind, metadata }) => !names.has(`${kind} ${metadata.name}`));
    const differing = fieldsOf(now.filter((one) => !added.includes(one))).filter(
      ({ key, value }) => had.get(key) !== value && !key.includes('checksum'),
    );
    return list([...added.map(({ kind }) => kind), ...differing.map(shown)]);
  });
}

const option = (changes: Partial<PublicRouteProps>) => (platform: Platform) =>
  changed(
    () => routeOn(plain(platform)),
    () => routeOn(plain(platform), changes),
  );

/** Peers of a network policy, each as the selector or range that it is. */
function peers(rules: any[] = []): string {
  const all = rules.flatMap((rule) => rule.from ?? rule.to ?? [{}]);
  return list(
    all.map(({ ipBlock, namespaceSelector, podSelector }) => {
      const labels = { ...namespaceSelector?.matchLabels, ...podSelector?.matchLabels };
      return ipBlock
        ? code(ipBlock.cidr)
        : Object.entries(labels)
            .map(([k, v]) => code(`${k}=${v}`))
            .join(' ') || 'anything';
    }),
  );
}

const policyOf = (platform: Platform) => find(appOn(plain(platform)), 'NetworkPolicy', 'polls').spec;
const asksNames = ({ ports }: any) => !ports || ports.some(({ protocol }: any) => protocol === 'UDP');
const dnsPeers = (platform: Platform) => peers(policyOf(platform).egress.filter(asksNames));
const apiServerPeers = (platform: Platform) =>
  peers([find(appOn(plain(platform)), 'NetworkPolicy', 'polls-secret').spec.egress.at(-1)]);

function claimOf(platform: Platform): any {
  const chart = chartOn(plain(platform));
  return postgres(chart, { password: { secretName: 'a', key: 'b' } }).statefulSet!.toJson().spec
    .volumeClaimTemplates[0].spec;
}

function managedOn({ make, managed }: Platform): string {
  const chart = chartOn(make(managed, false));
  const database = postgres(chart);
  const all = database.managedResources.map(({ kind }) => kind);
  const sidecars = database.connector?.sidecars?.map(({ name }: any) => `sidecar ${code(name)}`) ?? [];
  return `${code(managed.constructor.name)}: ${list([...all, ...sidecars])}`;
}

/** The operators that make servers of a cloud, by the distribution, with the facts of one server. */
const ID = '00000000-0000-0000-0000-000000000000';
const GROUP = `/subscriptions/${ID}/resourceGroups/acme`;
const CLAIMS: Record<string, IManagedPostgres> = {
  gke: new ConfigConnectorPostgres({
    servers: {
      polls: {
        ...{ projectId: 'acme', region: 'europe-west1', tier: 'db-custom-2-7680', iamUser: 'polls@acme.iam' },
        network: 'projects/acme/global/networks/production',
      },
    },
  }),
  eks: new AckPostgres({
    servers: {
      polls: {
        instanceClass: 'db.m7g.large',
        subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-18f6e5d4c3b2a1900'],
        securityGroupIds: ['sg-0123456789abcdef0'],
      },
    },
  }),
  aks: new AzureServiceOperatorPostgres({
    servers: {
      polls: {
        ...{ resourceGroupId: GROUP, location: 'westeurope', sku: 'Standard_D2ds_v5', tenantId: ID },
        subnetId: `${GROUP}/providers/Microsoft.Network/virtualNetworks/production/subnets/postgres`,
        privateDnsZoneId: `${GROUP}/providers/Microsoft.Network/privateDnsZones/acme.postgres.database.azure.com`,
        administrator: { objectId: ID, name: 'administrators', type: EntraPrincipalType.GROUP },
      },
    },
  }),
};

/** The claims of a server that an operator makes. */
function claims(platform: Platform): string {
  const managedPostgres = CLAIMS[plain(platform).name];
  const chart = chartOn({ ...plain(platform), managedPostgres });
  const made = emitted(() => {
    new ManagedPostgres(chart, 'Server', { name: 'polls', version: 17, storage: '128Gi' });
    return kinds(chart.toJson());
  });
  return managedPostgres ? `${code(managedPostgres.constructor.name)}: ${made}` : made;
}

/** What a broker is made of: by the library, and where the platform runs it. */
function valkey(platform: Platform): string {
  const on = (distribution: IDistribution) => {
    const chart = chartOn(distribution);
    const queue = new ValkeyBackend(chart, 'Queue', {
      name: 'polls-queue',
      storage: '1Gi',
      pythonImage: 'python:3.13',
    });
    const made = chart.toJson().filter(({ metadata }) => metadata.name === 'polls-queue');
    return `${code(queue.database(0).url)} ${kinds(made)}`;
  };
  const host = 'queue.example.com';
  const servers = { 'polls-queue': { host, password: { secret: 'polls-queue' } } };
  const managed = on({ ...plain(platform), valkey: new PlatformValkey({ servers }) });
  return `${on(plain(platform))}; with PlatformValkey: ${managed}`;
}

/** What workers and a beat are made of, the workers scaled by the CPU. */
function workers(platform: Platform): string {
  const chart = chartOn(plain(platform));
  const app = django(chart, { celery: { broker: { url: 'redis://queue:6379/0' } } });
  const before = new Set(chart.toJson().map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  app.addCeleryWorker({ name: 'default', scaling: SCALING });
  app.addCeleryBeat();
  return kinds(chart.toJson().filter(({ kind, metadata }) => !before.has(`${kind} ${metadata.name}`)));
}

/** The secret stores that the Secrets Store CSI driver reads, by the distribution. */
const CSI: Record<string, ISecrets> = {
  aks: new AzureKeyVaultCsi({ keyVaultName: 'acme', tenantId: '11111111-1111-1111-1111-111111111111' }),
  eks: new AwsSecretsManagerCsi({ region: 'eu-west-1' }),
};

/** What a stored Secret makes, and where an application that reads it names the driver. */
function csiSecret(platform: Platform): string {
  const { name } = plain(platform);
  if (!CSI[name]) return 'none';
  const chart = chartOn({ ...plain(platform), secrets: CSI[name] });
  const stripe = new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { key: { secret: 'stripe' } } });
  django(chart, { migrate: false, secretEnvironment: { STRIPE: stripe.value('key') } });
  const driver = matching(chart.toJson(), /=secrets-store\.csi\.k8s\.io$/);
  return `${kinds(stripe.resources.map((resource) => resource.toJson()))}, ${driver}`;
}

function build(platform: Platform): string {
  const chart = chartOn(plain(platform));
  const source = { url: 'https://git.example.com/polls.git', revision: 'v1.4.2' };
  return emitted(() => {
    new ImageBuild(chart, 'Image', { name: 'polls', version: '1.4.2', source });
    return kinds(chart.toJson());
  });
}

function backup(platform: Platform): string {
  const on = (distribution: IDistribution) =>
    emitted(() => {
      const chart = chartOn(distribution);
      const database = postgres(chart, {
        password: { secretName: 'a', key: 'b' },
        pythonImage: 'python:3.13',
      });
      const { resources } = new DatabaseBackup(chart, 'Backup', { database });
      const shared = chart.toJson().filter(({ kind }) => kind === 'VolumeSnapshotClass');
      return kinds([...resources, ...shared]);
    });
  const usual = on(plain(platform));
  if (usual !== REFUSED) return usual;
  return `${usual}; with EbsStorage: ${on({ ...plain(platform), storage: new EbsStorage() })}`;
}

function storedSecret(platform: Platform): string {
  const chart = chartOn(plain(platform));
  new StoredSecret(chart, 'Stripe', { name: 'stripe', keys: { key: { secret: 'stripe' } } });
  const made = chart.toJson();
  const stores = made
    .filter(({ kind }) => kind === 'SecretStore')
    .map(({ spec }) => Object.keys(spec.provider)[0]);
  return [kinds(made), ...stores.map(code)].join(' ');
}

function identity(platform: Platform): string {
  const on = (platformIdentity?: boolean) => () => appOn(plain(platform), { platformIdentity });
  const app = new App();
  Distribution.bind(app, plain(platform));
  const cell = changed(on(), on(true));
  if (cell === REFUSED) return cell;
  django(new Chart(app, 'polls', { namespace: NAMESPACE }), { platformIdentity: true });
  return cell + (Distribution.identityCommands(app) ? ', commands in `identity.txt`' : '');
}

/** The labels by which the nodes are found that replicas ask for. */
const nodes = (scheduling: Scheduling) => (platform: Platform) =>
  emitted(() => {
    const { deployment } = django(chartOn(plain(platform)), { scheduling });
    const { nodeSelector, affinity, tolerations } = deployment.toJson().spec.template.spec;
    const zones = [...JSON.stringify(affinity ?? {}).matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key);
    const labels = list([...Object.keys(nodeSelector ?? {}), ...zones].map(code));
    return tolerations ? `${labels}, also as a taint` : labels;
  });

const spotNotice = (platform: Platform) => {
  const { spotNotice: notice } = plain(platform).scheduling ?? {};
  return notice ? `${notice.toSeconds()} s` : 'to be told';
};

/** What an image of the platform's own registry takes to be pulled without a Secret. */
function pullIdentity(platform: Platform): string {
  const app = new App();
  Distribution.bind(app, plain(platform));
  const chart = new Chart(app, 'polls', { namespace: NAMESPACE });
  django(chart, { image: platform.image });
  if (Distribution.identityCommands(app)) return 'commands in `identity.txt`';
  const bindings = chart.toJson().filter(({ roleRef }) => roleRef?.kind === 'ClusterRole');
  return bindings.length ? `${kinds(bindings)} ${code(bindings[0].roleRef.name)}` : 'none';
}

const media = (platform: Platform) =>
  code(
    /storages\.backends\.\w+\.\w+/.exec(
      JSON.stringify(
        appOn(plain(platform), { platformIdentity: undefined, mediaBucket: { name: 'acme-media' } }),
      ),
    )![0],
  );

function podUser(platform: Platform): string {
  const { runAsUser } = find(appOn(plain(platform)), 'Deployment', 'polls').spec.template.spec
    .securityContext;
  return runAsUser === undefined ? "of the namespace's range" : `${runAsUser}`;
}

const MONITORS = ['PodMonitoring', 'ServiceMonitor', 'PodMonitor'];
const scrape = (metrics: Metrics) => (platform: Platform) =>
  list(
    appOn(plain(platform), {}, metrics)
      .filter(({ kind }) => MONITORS.includes(kind))
      .map(({ apiVersion, kind }) => `${kind} ${code(apiVersion)}`),
  );

/** What a dashboard is made of; the rest are files beside the manifests. */
function dashboards(platform: Platform): string {
  const made = synth(
    (chart) => new HealthMonitoring(chart, 'Health', { app: django(chart), metrics: {}, dashboard: true }),
    plain(platform),
  );
  const found = made.filter(({ metadata }) => metadata.name.includes('dashboard'));
  if (!found.length) return 'a file';
  return list(found.map(({ kind, metadata }) => `${kind} in ${code(metadata.namespace)}`));
}

function admission({ make }: Platform): string {
  const [usual, strict] = [make(undefined, false).admission, make().admission];
  const rules = list((strict?.rules ?? []).map(({ name }) => code(name)));
  if (!strict) return 'none';
  return usual ? rules : `${strict.platform}: ${rules}`;
}

const alternatives = (platform: Platform) =>
  Object.entries(ROUTINGS)
    .map(([title, make]) => ({ title, distribution: make() }))
    .filter(({ distribution: { name, routing } }) => {
      const own = plain(platform);
      return name === own.name && routing.constructor !== own.routing.constructor;
    })
    .map(({ title, distribution }) => `${title}: ${kinds(routeOn(distribution).slice(0, -1))}`)
    .join('; ') || 'none';

const SCALING = { minReplicas: 2, maxReplicas: 9 };
const AUTOSCALERS = ['HorizontalPodAutoscaler', 'ScaledObject', 'VerticalPodAutoscaler'];
const autoscalers = (changes: Partial<DjangoAppProps>, distribution: IDistribution) =>
  appOn(distribution, { scaling: SCALING, ...changes }).filter(({ kind }) => AUTOSCALERS.includes(kind));

/** What an option of scaling changes; or that it is refused, unless the mode that demands most has more. */
const scaledBy = (changes: Partial<DjangoAppProps>) => (platform: Platform) => {
  const cell = (strict: boolean) =>
    changed(
      () => autoscalers({}, platform.make(undefined, strict)),
      () => autoscalers(changes, platform.make(undefined, strict)),
    );
  const [usual, strict] = [cell(false), cell(true)];
  return usual === strict ? usual : `${usual}; ${platform.make().admission!.platform}: ${strict}`;
};

function autoscaling({ make }: Platform): string {
  const [usual, strict] = [false, true].map((mode) => kinds(autoscalers({}, make(undefined, mode))));
  return usual === strict ? usual : `${usual}; ${make().admission!.platform}: ${strict}`;
}

const requestsMetric = (platform: Platform) => {
  const cell = scaledBy({ scaling: { ...SCALING, targetRequestsPerSecond: 20 } })(platform);
  const names = JSON.stringify(
    cell === 'refused at synth'
      ? []
      : autoscalers({ scaling: { ...SCALING, targetRequestsPerSecond: 20 } }, plain(platform)),
  ).match(/[\w.|]*django_http_responses[\w|]*/g);
  return names ? code(names[0].replaceAll('|', '\\|')) : cell;
};
const SCHEDULE = { start: '0 8 * * 1-5', end: '0 18 * * 1-5', timeZone: 'Europe/Vienna', replicas: 5 };

/** The rows: a concern, and what is emitted for it. */
const ROWS: Record<string, (platform: Platform) => string> = {
  route: (platform) => kinds(routeOn(plain(platform)).slice(0, -1)),
  certificate: (platform) =>
    matching(
      routeOn(plain(platform)),
      /certmap|certificate-arn|cluster-issuer|certificateRefs name|tls-cert-keyvault|termination=/,
    ),
  redirect: (platform) =>
    matching(routeOn(plain(platform)), /statusCode=30|ssl-redirect|insecureEdgeTerminationPolicy/),
  'health check of the load balancer': (platform) =>
    matching(routeOn(plain(platform)), /healthcheck-path|[Hh]ealthCheck.*[pP]ath=/).replace(
      /^none$/,
      "the pods' readiness",
    ),
  'request timeout': option({ timeout: Duration.seconds(77) }),
  WebSockets: option({ websocketTimeout: Duration.minutes(50) }),
  'sticky sessions': option({ sessionAffinity: true }),
  'maintenance (503)': option({ maintenance: true }),
  'maintenance (redirect)': option({ maintenance: true, maintenanceUrl: 'https://status.example.com/' }),
  canary: (platform) =>
    changed(
      () => routeOn(plain(platform)),
      () => canaryOn(plain(platform)),
    ),
  'other routings': alternatives,
  'wait for the router (deregistration delay)': (platform) =>
    `${plain(platform).routing.deregistration.toSeconds()} s`,
  identity,
  'spot nodes': nodes({ spot: true }),
  'notice of a spot node': spotNotice,
  'node pool': nodes({ nodePool: 'web' }),
  'architecture arm64': nodes({ architecture: Architecture.ARM64 }),
  zones: nodes({ zones: ['zone-a'] }),
  "image of the platform's registry": pullIdentity,
  'media bucket': media,
  'volume class (one node)': (platform) =>
    claimOf(platform).storageClassName ? code(claimOf(platform).storageClassName) : "the cluster's default",
  'volume class (many nodes)': (platform) => {
    const { sharedStorageClassName } = plain(platform).storage;
    return sharedStorageClassName ? code(sharedStorageClassName) : 'to be named';
  },
  'stored secrets': storedSecret,
  'stored secrets without an operator': csiSecret,
  'managed PostgreSQL': managedOn,
  'managed PostgreSQL, made by an operator': claims,
  'Valkey (cache, broker, channel layer)': valkey,
  'Celery workers and beat': workers,
  backup,
  builds: build,
  'user of the pods': podUser,
  'network policy: the router is': (platform) => peers([policyOf(platform).ingress[0]]),
  'network policy: the scraper is': (platform) => peers([policyOf(platform).ingress[1]]),
  'network policy: the name servers are': dnsPeers,
  'network policy: the API server is': apiServerPeers,
  'metrics of the library': scrape({}),
  'metrics of the application': scrape({ path: '/metrics' }),
  dashboard: dashboards,
  autoscaling,
  'autoscaling by requests': requestsMetric,
  'autoscaling by schedules and queues': scaledBy({ scaling: { ...SCALING, schedules: [SCHEDULE] } }),
  'recommended resources': scaledBy({ recommendResources: true }),
  'format of log lines': (platform) => code(plain(platform).logging.variables.CDK8S_DJANGO_LOG_FORMAT),
  'admission, checked at synth': admission,
};

/** The table of what is emitted, in Markdown without padding. */
export function matrix(): string[] {
  const titles = Object.keys(COLUMNS);
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rows = Object.entries(ROWS).map(([concern, cell]) =>
    line([concern, ...titles.map((title) => cell(MODES[COLUMNS[title]]))]),
  );
  return [line(['', ...titles]), line(['---', ...titles.map(() => '---')]), ...rows];
}
