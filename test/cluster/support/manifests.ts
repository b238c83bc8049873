import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Chart, Duration } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  DjangoAppProps,
  HealthMonitoring,
  IDatabase,
  IDistribution,
  LeastPrivilegeAccess,
  LeastPrivilegeAccessProps,
  Metrics,
  PostgresBackend,
  PostgresBackendProps,
  PublicRoute,
  PublicRouteProps,
  ServiceLevel,
  ValkeyBackend,
  ValkeyBackendProps,
} from 'cdk8s-django';
import { UpstreamDistributionProps } from 'cdk8s-django/distributions';
import { SyntheticCheck, Telemetry } from 'cdk8s-django/monitoring';
import { manifestsFor } from 'cdk8s-django/testing';
import { ValkeySentinel, ValkeySentinelProps } from 'cdk8s-django/valkey';
import { parseAllDocuments } from 'yaml';
import { IMAGE } from './image';
import { NamespaceName } from './namespaces';

/** Of the database: one that the nodes have. The public default may be newer. */
export const POSTGRES_IMAGE = process.env.POSTGRES_IMAGE ?? 'docker.io/library/postgres:15-bookworm';
export const REDIS_IMAGE = process.env.REDIS_IMAGE ?? 'docker.io/library/redis:7-bookworm';

/** The groups that the example gives permissions to. */
export const VIEWERS = 'polls-developers';
export const OPERATORS = 'polls-operators';

/** So little that two applications fit on a node of two cores, with the pods that a rollout adds. */
const CPU = '100m';

/** A broker of three servers. */
const THREE = { name: 'polls-queue', storage: '1Gi', image: REDIS_IMAGE, resources: { cpuRequest: '50m' } };

/** The label of the namespace that the cluster's router runs in. */
export const ROUTER = { 'network.openshift.io/policy-group': 'ingress' };

/** What a test may have otherwise than the example has it. */
export interface Variant extends Partial<DjangoAppProps> {
  /** @default - upstream Kubernetes, as dist/upstream has it */
  readonly distribution?: IDistribution;

  /** @default - no Celery */
  readonly visibilityTimeout?: Duration;

  /**
   * Name of the server of its database.
   *
   * @default polls-db
   */
  readonly server?: string;

  /** @default POSTGRES_IMAGE */
  readonly serverImage?: string;

  /** What that server has besides. */
  readonly postgres?: Partial<PostgresBackendProps>;

  /** What its Redis has besides. */
  readonly redis?: Partial<ValkeyBackendProps>;

  /** Of its broker with Sentinels, in place of the one without. Together with `visibilityTimeout`. */
  readonly sentinel?: Partial<ValkeySentinelProps>;

  /** Whether it has a cache in a Redis with a volume. Not together with Celery. */
  readonly caches?: boolean;

  /** Whether replicas tell one another of votes by a Redis. Not together with Celery. */
  readonly tellsOthers?: boolean;

  /**
   * What stands between the application and its database, such as a pooler.
   *
   * @default - nothing
   */
  readonly before?: (database: PostgresBackend) => IDatabase;

  /** Adds to the application: commands, workers, the rotation of its key. */
  readonly extend?: (app: DjangoApp) => void;

  /**
   * What is scraped, or nothing.
   *
   * @default - the application's own page
   */
  readonly metrics?: Metrics | false;

  /**
   * What it promises.
   *
   * @default - no alerts
   */
  readonly slo?: ServiceLevel;

  /**
   * The page that is asked for.
   *
   * @default - none
   */
  readonly syntheticCheck?: SyntheticCheck;

  /**
   * Where its traces go.
   *
   * @default - no traces
   */
  readonly telemetry?: Telemetry;

  /**
   * Whether it has a dashboard.
   *
   * @default false
   */
  readonly dashboard?: boolean;

  /** Who has Roles besides. */
  readonly people?: Partial<LeastPrivilegeAccessProps>;

  /** What the route has besides. */
  readonly route?: (app: DjangoApp) => Partial<PublicRouteProps>;
}

/** The host of the application in a namespace. */
export function hostIn(namespace: NamespaceName): string {
  return `${namespace}.example.com`;
}

/** Upstream Kubernetes as the example's program describes it. */
export function upstream(changes: Partial<UpstreamDistributionProps> = {}): IDistribution {
  return Distribution.upstream({
    gatewayClassName: 'contour',
    clusterIssuer: 'letsencrypt',
    routerNamespaceLabels: ROUTER,
    ...changes,
  });
}

/** The manifests of the polls application in a namespace and under a host of its own, with one replica. */
export function pollsManifests(namespace: NamespaceName, variant: Variant): any[] {
  const {
    distribution = upstream(),
    server = 'polls-db',
    serverImage = POSTGRES_IMAGE,
    postgres,
    before,
    extend,
    route,
    people,
    metrics = { path: '/metrics' },
    dashboard,
    slo,
    syntheticCheck,
    telemetry,
    ...others
  } = variant;
  const { visibilityTimeout, tellsOthers, caches, redis: ofRedis, sentinel, ...props } = others;
  return manifestsFor(distribution, (app) => {
    const chart = new Chart(app, 'polls', { namespace });
    const database = new PostgresBackend(chart, 'Database', {
      name: server,
      storage: '1Gi',
      image: serverImage,
      resources: { cpuRequest: CPU },
      ...postgres,
    });
    // Of Redis, whose image every registry has; the command that runs it is the same as for Valkey's.
    const redis = (name: string, storage?: string) =>
      new ValkeyBackend(chart, 'Redis', { name, storage, image: REDIS_IMAGE, ...ofRedis });
    const broker = () =>
      sentinel
        ? { redisSentinel: new ValkeySentinel(chart, 'Redis', { ...THREE, ...sentinel }).broker(0) }
        : { broker: redis('polls-queue', '1Gi').database(0) };
    const polls = new DjangoApp(chart, 'Polls', {
      name: 'polls',
      image: IMAGE,
      settingsModule: 'mysite.settings',
      database: before?.(database) ?? database,
      replicas: 1,
      resources: { cpuRequest: CPU },
      celery: visibilityTimeout && {
        ...broker(),
        visibilityTimeout,
        acksLate: true,
      },
      cache: caches ? redis('polls-cache', '1Gi').database(0) : undefined,
      channelLayer: tellsOthers ? redis('polls-channels').database(0) : undefined,
      ...props,
    });
    extend?.(polls);
    new PublicRoute(chart, 'Route', { app: polls, hosts: [hostIn(namespace)], ...route?.(polls) });
    const health = { metrics: metrics || undefined, dashboard, slo, syntheticCheck, telemetry };
    new HealthMonitoring(chart, 'Health', { app: polls, ...health });
    new LeastPrivilegeAccess(chart, 'Access', {
      app: polls,
      viewers: [VIEWERS],
      operators: [OPERATORS],
      // Where a cloud's load balancer would come from, the router of this cluster comes from.
      ingress: [{ peers: [{ namespaceLabels: ROUTER }], ports: [{ port: 8000 }] }],
      ...people,
    });
  });
}

/** A copy of the committed manifests for a distribution, with the image of the database that the tests have. */
export function distFolder(distribution: string): string {
  const folder = mkdtempSync(join(tmpdir(), `dist-${distribution}-`));
  cpSync(resolve(__dirname, '../../../dist', distribution), folder, { recursive: true });
  const file = join(folder, 'polls.k8s.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(/docker\.io\/library\/postgres:\S+/g, POSTGRES_IMAGE),
  );
  return folder;
}

/** The committed manifests for a distribution, but for that image. */
export function distManifests(distribution: string): any[] {
  const folder = distFolder(distribution);
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files
    .sort()
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map((document) => document.toJS());
}

/** The committed manifests with `polls` (and `polls-gateway`) as another namespace, and with a host of its own. */
export function movedTo(namespace: NamespaceName, manifests: any[]): any[] {
  const moved = (name: string) => name.replace(/^polls(?=$|-gateway$)/, namespace);
  const move = (key: string, value: any): any => {
    if (typeof value !== 'string') return value;
    if (key === 'namespace' || key === 'kubernetes.io/metadata.name') return moved(value);
    // Of the whole cluster, and removed with the namespace.
    if (value === 'polls-first') return `${namespace}-first`;
    return value.replaceAll('polls.example.com', hostIn(namespace));
  };
  return manifests.map((manifest) => {
    const copy = JSON.parse(JSON.stringify(manifest), move);
    if (copy.kind === 'Namespace') copy.metadata.name = moved(copy.metadata.name);
    return copy;
  });
}
